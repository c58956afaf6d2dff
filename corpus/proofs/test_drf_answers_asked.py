"""Migrations and durable blocks of Django, and Django REST framework, where answers were asked."""

from pathlib import Path

from django_process import run_django, write_migration
from drf_process import run_rest

SETUP = """
from rest_framework import generics, pagination, serializers
from rest_framework.response import Response
from rest_framework.test import APIClient, APIRequestFactory
from rest_framework.views import APIView
client = APIClient(raise_request_exception=False)
class Name(serializers.ModelSerializer):
    class Meta: model, fields = Group, ["id", "name"]
class Names(generics.ListCreateAPIView): queryset, serializer_class = Group.objects.all(), Name
def failure(function, *args, **kwargs):
    try: function(*args, **kwargs)
    except Exception as error: return type(error).__name__
"""


def test_an_edited_applied_migration_goes_unnoticed(tmp_path: Path) -> None:
    """DJA989: The table has the four columns; after an edit of the applied file migrate neither complains nor runs it again."""
    write_migration(tmp_path)
    code = """
    import io
    from django.core.management import call_command
    file = HERE / "notes" / "migrations" / "0001_a.py"
    call_command("migrate", "notes", verbosity=0)
    for name in [name for name in sys.modules if name.startswith("notes.migrations")]: del sys.modules[name]
    file.write_text(file.read_text().replace("operations = [", "operations = [migrations.RunSQL('CREATE TABLE extra (a int)'), "))
    call_command("migrate", "notes", stdout=(said := io.StringIO()), stderr=said)
    tables = [row[0] for row in plain("SELECT name FROM sqlite_master WHERE type = 'table'")]
    show(said=said.getvalue(), extra="extra" in tables, columns=[row[1] for row in plain("PRAGMA table_info(django_migrations)")])
    """
    seen = run_django(tmp_path, code, INSTALLED_APPS=["notes", "shop"])
    assert seen["columns"] == ["id", "app", "name", "applied"]
    assert "No migrations to apply" in seen["said"] and not seen["extra"]


def test_a_durable_block_must_be_the_outermost(tmp_path: Path) -> None:
    """DJA988: Nested in another block it raises RuntimeError; outermost it commits, and rolls back after an exception like any other."""
    code = """
    def add(name, fail=False):
        with transaction.atomic(durable=True):
            Item.objects.create(name=name)
            if fail: raise ValueError
    def nested():
        with transaction.atomic(): add("nested")
    seen = [failure(add, "alone"), failure(nested), failure(add, "failed", True)]
    show(seen=seen, names=list(Item.objects.values_list("name", flat=True)))
    """
    seen = run_django(tmp_path, code, "class Item(models.Model): name = models.CharField(max_length=9)\n")
    assert seen == {"seen": [None, "RuntimeError", "ValueError"], "names": ["alone"]}


def test_a_validation_error_is_400() -> None:
    """API912: A generic view, is_valid(raise_exception=True) and an error raised by hand are all answered with 400."""
    code = """
class Checks(APIView):
    def post(self, request): Name(data=request.data).is_valid(raise_exception=True)
    def put(self, request): raise serializers.ValidationError("no")
urlpatterns = [path("names/", Names.as_view()), path("checks/", Checks.as_view())]
answers = [client.post("/names/", {}), client.post("/checks/", {}), client.put("/checks/", {})]
show([answer.status_code for answer in answers], serializers.ValidationError.status_code, list(answers[0].json()))
"""
    assert run_rest(SETUP + code) == [[400, 400, 400], 400, ["name"]]


def test_the_api_client_posts_multipart() -> None:
    """API913: Without a format the body is multipart, which takes neither nested data nor None; format="json" sends JSON."""
    code = """
class Echo(APIView):
    def post(self, request): return Response([request.content_type.split(";")[0], type(request.data).__name__])
urlpatterns = [path("", Echo.as_view())]
sent = [client.post("/", {"a": 1}).json(), client.post("/", {"a": 1}, format="json").json()]
made = APIRequestFactory().post("/", {"a": 1}).content_type
show(sent, made, failure(client.post, "/", {"a": {"b": 1}}), failure(client.post, "/", {"a": None}))
"""
    sent = [["multipart/form-data", "QueryDict"], ["application/json", "dict"]]
    assert run_rest(SETUP + code) == [sent, "multipart/form-data", "AssertionError", "TypeError"]
    assert run_rest(SETUP + code, {"TEST_REQUEST_DEFAULT_FORMAT": "json"})[0][0] == sent[1]


def test_one_method_reads_and_the_other_shows() -> None:
    """API915: is_valid() calls to_internal_value(), in which ValidationError makes the input invalid; the output calls to_representation()."""
    code = """
calls = []
class Color(serializers.Field):
    def to_internal_value(self, data):
        calls.append("in")
        if not data.startswith("#"): raise serializers.ValidationError("no color")
        return int(data[1:], 16)
    def to_representation(self, value):
        calls.append("out")
        return f"#{value:06x}"
class Paint(serializers.Serializer): color = Color()
good, bad = Paint(data={"color": "#0000ff"}), Paint(data={"color": "red"})
seen = [good.is_valid(), bad.is_valid(), dict(good.validated_data), calls[:]]
calls.clear()
show(*seen, Paint({"color": 255}).data, calls)
"""
    assert run_rest(SETUP + code) == [True, False, {"color": 255}, ["in", "in"], {"color": "#0000ff"}, ["out"]]


def test_cursor_pagination_has_links_alone() -> None:
    """API917: The answer has two links and the results, COUNT is not asked, and a page number in the URL changes nothing."""
    code = """
from django.db import connection
from django.test.utils import CaptureQueriesContext
class ById(pagination.CursorPagination): page_size, ordering = 2, "id"
class Pages(Names): pagination_class = ById
urlpatterns = [path("", Pages.as_view())]
Group.objects.bulk_create(Group(name=str(number)) for number in range(5))
def names(answer): return [row["name"] for row in answer["results"]]
with CaptureQueriesContext(connection) as queries: first = client.get("/").json()
second, third = client.get(first["next"]).json(), client.get("/?page=3").json()
counted = any("COUNT" in query["sql"] for query in queries)
show(sorted(first), names(first), names(second), names(client.get(second["previous"]).json()), names(third), counted)
"""
    assert run_rest(SETUP + code) == [["next", "previous", "results"], ["0", "1"], ["2", "3"], ["0", "1"], ["0", "1"], False]
