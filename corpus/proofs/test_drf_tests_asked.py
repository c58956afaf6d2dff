"""Django's migrations, tests, checks and several databases, and Django REST framework, where recent texts got them wrong."""

from pathlib import Path
from textwrap import dedent
from typing import Any

from django_process import run_django
from drf_process import run_rest

ITEM = "class Item(models.Model): name = models.CharField(max_length=9)\n"
HELPERS = """
import io, sqlite3, uuid
from unittest import mock
from django.core import checks
from django.core.management import call_command
from django.db import connections, migrations, router
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.test.runner import DiscoverRunner
def plain(sql, file="real.db"):
    with sqlite3.connect(HERE / file) as other: return [row[0] for row in other.execute(sql).fetchall()]
def migration(*steps): return type("Migration", (migrations.Migration,), {"operations": steps})("0009_a", "shop")
"""
SETUP = """
from rest_framework import filters, generics, pagination, permissions, routers, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.test import APIClient
client = APIClient(raise_request_exception=False)
class Name(serializers.ModelSerializer):
    class Meta:
        model, fields = Group, ["id", "name"]
class Groups(viewsets.ModelViewSet): queryset, serializer_class = Group.objects.all(), Name
def failure(function, *args, **kwargs):
    try: function(*args, **kwargs)
    except Exception as error: return type(error).__name__
"""


def run_shop(folder: Path, code: str, models: str = "", **settings: Any) -> dict[str, Any]:
    return run_django(folder, HELPERS + dedent(code), models, **settings)


def run_drf(code: str, rest: dict[str, Any] | None = None) -> Any:
    return run_rest(SETUP + code, rest)


def database(folder: Path, name: str, **more: Any) -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(folder / name), **more}


def test_run_python_without_reverse_code_has_no_way_back(tmp_path: Path) -> None:
    """DJA921: One function goes forward and fails on the way back; noop goes back and does nothing; a second function is called."""
    code = """
    ran, executor = [], MigrationExecutor(connection)
    def forward(apps, editor): ran.append("forward")
    def backward(apps, editor): ran.append("backward")
    def both_ways(*reverse):
        ran.clear()
        step = migration(migrations.RunPython(forward, *reverse))
        there = failure(executor.apply_migration, ProjectState(), step)
        back = failure(executor.unapply_migration, ProjectState(), step)
        return [there, back, *ran, failure(executor.unapply_migration, ProjectState(), step, fake=True)]
    show(none=both_ways(), noop=both_ways(migrations.RunPython.noop), second=both_ways(backward))
    """
    none, noop = [None, "IrreversibleError", "forward", None], [None, None, "forward", None]
    assert run_shop(tmp_path, code) == {"none": none, "noop": noop, "second": [None, None, "forward", "backward", None]}


def test_existing_rows_share_one_value_of_a_callable(tmp_path: Path) -> None:
    """DJA922: Three old rows hold one UUID, a unique field fails, while the default of the field itself gives a new value per object."""
    code = """
    for name in "abc": Item.objects.create(name=name)
    def add(name, **more):
        field = models.UUIDField(default=uuid.uuid4, **more)
        step = migration(migrations.AddField("item", name, field))
        return failure(MigrationExecutor(connection).apply_migration, ProjectState.from_apps(apps), step), field.get_default() != field.get_default()
    plainly, unique = add("code"), add("single", unique=True)
    show(plainly=plainly, unique=unique, values=len(set(plain("SELECT code FROM shop_item"))), rows=Item.objects.count())
    """
    seen = run_shop(tmp_path, code, ITEM)
    assert seen == {"plainly": [None, True], "unique": ["IntegrityError", True], "values": 1, "rows": 3}


def test_save_writes_where_the_object_came_from(tmp_path: Path) -> None:
    """DJA923: An object of the other database is saved and deleted there, a new one goes to default; using= and a router decide first."""
    code = """
    with connections["other"].schema_editor() as editor: editor.create_model(Item)
    def names(): return [plain("SELECT name FROM shop_item ORDER BY id", file) for file in ("default.db", "other.db")]
    seen = [Item.objects.using(alias).create(pk=1, name="old")._state.db for alias in ("default", "other")]
    item = Item.objects.using("other").get()
    item.name = "new"
    saved = item.save() or names()
    fresh = Item(pk=2, name="fresh")
    seen += [fresh._state.db, fresh.save() or fresh._state.db]
    gone = item.delete() and names()
    router.routers = [type("Router", (), {"db_for_write": lambda self, model, **hints: "other"})()]
    show(seen=seen, saved=saved, gone=gone, routed=Item(pk=3, name="r").save() or names(), using=Item(pk=4, name="u").save(using="default") or names())
    """
    seen = run_shop(tmp_path, code, ITEM, DATABASES={name: database(tmp_path, f"{name}.db") for name in ("default", "other")})
    assert (seen["seen"], seen["saved"]) == (["default", "other", None, "default"], [["old"], ["new"]])
    assert (seen["gone"], seen["routed"]) == ([["old", "fresh"], []], [["old", "fresh"], ["r"]])
    assert seen["using"] == [["old", "fresh", "u"], ["r"]]


def test_the_test_database_has_the_configured_engine(tmp_path: Path) -> None:
    """DJA924: SQLite gets a test database in memory, or a file if it is named; PostgreSQL is told to create one on its server."""
    code = """
    creation = connections["pg"].creation
    with mock.patch.object(creation, "_nodb_cursor") as opened: creation._create_test_db(verbosity=0, autoclobber=True)
    sql = opened.return_value.__enter__.return_value.execute.call_args.args[0].strip()
    names = [connections[alias].creation._get_test_db_name() for alias in ("default", "named")]
    runner = DiscoverRunner(verbosity=0)
    old = runner.setup_databases(aliases={"default"})
    show(sql=sql, pg=connections["pg"].vendor, names=names, running=[connection.vendor, connection.is_in_memory_db(), runner.teardown_databases(old)])
    """
    databases = {"default": database(tmp_path, "real.db"), "named": database(tmp_path, "b.db", TEST={"NAME": "tests.db"})}
    databases["pg"] = {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}
    seen = run_shop(tmp_path, code, DATABASES=databases)
    assert (seen["sql"], seen["pg"], seen["running"]) == ('CREATE DATABASE "test_shop"', "postgresql", ["sqlite", True, None])
    assert seen["names"] == ["file:memorydb_default?mode=memory&cache=shared", "tests.db"]


def test_deployment_checks_run_on_request_only(tmp_path: Path) -> None:
    """DJA925: Both applications run no check, the commands only the ordinary ones, and check --deploy alone reports DEBUG."""
    code = """
    from django.core.asgi import get_asgi_application
    from django.core.wsgi import get_wsgi_application
    ran = []
    checks.register(lambda app_configs, **more: ran.append("plain") or [], "mine")
    checks.register(lambda app_configs, **more: ran.append("deploy") or [], "mine", deploy=True)
    def command(*args, **more):
        out = io.StringIO()
        call_command(*args, stdout=out, stderr=out, **more)
        return "security.W018" in out.getvalue()
    def after(function, *args, **more): return [ran.clear(), function(*args, **more) is True, sorted(ran)][1:]
    def serve(): return get_wsgi_application(), get_asgi_application()
    show(servers=after(serve), check=after(command, "check"), migrate=after(command, "migrate", plan=True, skip_checks=False),
        deploy=after(command, "check", deploy=True))
    """
    seen = run_shop(tmp_path, code, DEBUG=True)
    assert (seen["servers"], seen["check"], seen["migrate"]) == ([False, []], [False, ["plain"]], [False, ["plain"]])
    assert seen["deploy"] == [True, ["deploy", "plain"]]


def test_two_backends_have_a_pool(tmp_path: Path) -> None:
    """DJA926: The backends of PostgreSQL and Oracle define a pool, those of MySQL and SQLite none; SQLite refuses the option, psycopg2 too."""
    code = """
    from django.db.backends.postgresql import base
    folder = Path(django.__file__).with_name("db") / "backends"
    pools = {name: "def pool(self)" in (folder / name / "base.py").read_text() for name in ("postgresql", "oracle", "mysql", "sqlite3")}
    new = failure(connections["pg"].get_connection_params)
    with mock.patch.object(base, "is_psycopg3", False): old = failure(connections["pg"].get_connection_params)
    show(pools=pools, sqlite=failure(connections["lite"].connect), new=new, old=old)
    """
    pooled: dict[str, Any] = {"OPTIONS": {"pool": True}}
    databases = {"default": database(tmp_path, "real.db"), "lite": database(tmp_path, "lite.db", **pooled)}
    databases["pg"] = {"ENGINE": "django.db.backends.postgresql", "NAME": "shop", **pooled}
    seen = run_shop(tmp_path, code, DATABASES=databases)
    assert seen["pools"] == {"postgresql": True, "oracle": True, "mysql": False, "sqlite3": False}
    assert (seen["sqlite"], seen["new"], seen["old"]) == ("TypeError", None, "ImproperlyConfigured")


def test_declared_fields_ignore_the_meta_options() -> None:
    """API901: Both options reach the generated fields and leave the declared ones writable and visible."""
    code = """
class One(serializers.ModelSerializer):
    email, last_name = serializers.EmailField(), serializers.CharField()
    class Meta:
        model, fields = User, ["username", "first_name", "email", "last_name"]
        read_only_fields = ["username", "email"]
        extra_kwargs = {"first_name": {"write_only": True}, "last_name": {"write_only": True}}
fields = One().fields
one = One(data={"username": "ann", "email": "a@b.org", "first_name": "A", "last_name": "B"})
show([fields[name].read_only for name in ("username", "email")], [fields[name].write_only for name in ("first_name", "last_name")],
    one.is_valid(), sorted(one.validated_data))
"""
    assert run_drf(code) == [[True, False], [True, False], True, ["email", "first_name", "last_name"]]


def test_put_on_a_missing_object_creates_nothing() -> None:
    """API902: A viewset and a generic view answer 404 and the table stays empty; an object that is there is replaced."""
    code = """
class One(generics.RetrieveUpdateAPIView): queryset, serializer_class = Group.objects.all(), Name
urlpatterns = [path("set/<int:pk>", Groups.as_view({"put": "update"})), path("one/<int:pk>", One.as_view())]
def put(where): return client.put(where, {"name": "x"}, format="json").status_code
missing = [put("/set/7"), put("/one/7"), Group.objects.count()]
Group.objects.create(pk=7, name="old")
show(missing, [put("/set/7"), put("/one/7"), Group.objects.get().name])
"""
    assert run_drf(code) == [[404, 404, 0], [200, 200, "x"]]


def test_an_action_needs_detail_and_takes_get() -> None:
    """API903: Without detail the decorator fails; without methods POST gets 405; detail decides whether the key is in the URL."""
    code = """
class Acting(Groups):
    @action(detail=True)
    def look(self, request, pk): return Response({})
    @action(detail=False, methods=["post"])
    def push(self, request): return Response({})
router = routers.SimpleRouter()
router.register("g", Acting)
urlpatterns = router.urls
def statuses(where): return [getattr(client, method)(where).status_code for method in ("get", "post", "put", "delete")]
show(failure(action), failure(action, methods=["post"]), failure(action, detail=False), statuses("/g/1/look/"), statuses("/g/push/")[:2],
    client.get("/g/look/").status_code)
"""
    assert run_drf(code) == ["AssertionError", "AssertionError", None, [200, 405, 405, 405], [405, 200], 404]


def test_the_basename_comes_from_the_queryset_attribute() -> None:
    """API904: The model gives the name and the prefix the path; get_queryset() alone is an error until basename is given."""
    code = """
class Late(viewsets.ModelViewSet):
    serializer_class = Name
    def get_queryset(self): raise NotImplementedError
class Both(Groups):
    def get_queryset(self): raise NotImplementedError
def made(kind, **more):
    router = routers.SimpleRouter()
    return failure(router.register, "people", kind, **more) or [[url.name, str(url.pattern)] for url in router.urls][0]
show(made(Groups), made(Both), made(Late), made(Late, basename="own"))
"""
    group, own = [["group-list", "^people/$"], ["own-list", "^people/$"]]
    assert run_drf(code) == [group, group, "AssertionError", own]


def test_model_permissions_ask_nothing_for_get() -> None:
    """API905: A user without permissions may GET and not POST, nobody anonymous may, and an own perms_map asks for the view permission."""
    code = """
class Plain(Groups): permission_classes = [permissions.DjangoModelPermissions]
class Own(permissions.DjangoModelPermissions):
    perms_map = {**permissions.DjangoModelPermissions.perms_map, "GET": ["%(app_label)s.view_%(model_name)s"]}
class Strict(Groups): permission_classes = [Own]
urlpatterns = [path(name, kind.as_view({"get": "list", "post": "create"})) for name, kind in {"plain": Plain, "strict": Strict}.items()]
def statuses(user):
    client.force_authenticate(user)
    return [client.get("/plain").status_code, client.post("/plain", {"name": "x"}).status_code, client.get("/strict").status_code]
ann, bob = User.objects.create(username="ann"), User.objects.create(username="bob")
bob.user_permissions.add(Permission.objects.get(codename="view_group"))
show(statuses(ann), statuses(bob), statuses(None)[0])
"""
    assert run_drf(code) == [[200, 403, 403], [200, 403, 200], 403]


def test_every_search_term_must_match() -> None:
    """API906: Two words find only the user who has both, be it in two fields; one word finds each; commas are no alternatives."""
    code = """
class Users(generics.ListAPIView):
    queryset, filter_backends, search_fields = User.objects.order_by("pk"), [filters.SearchFilter], ["first_name", "last_name"]
    serializer_class = type("S", (serializers.ModelSerializer,), {"Meta": type("Meta", (), {"model": User, "fields": ["username"]})})
urlpatterns = [path("", Users.as_view())]
for name, first, last in [("both", "red", "shoe"), ("one", "red", "hat"), ("other", "blue", "shoes"), ("same", "shoe red", "x")]:
    User.objects.create(username=name, first_name=first, last_name=last)
show(*([row["username"] for row in client.get("/", {"search": words}).data] for words in ("red", "red shoe", "red,shoe", "'shoe red'")))
"""
    assert run_drf(code) == [["both", "one", "same"], ["both", "same"], ["both", "same"], ["same"]]


def test_clients_order_by_readable_serializer_fields() -> None:
    """API907: A shown field orders, a write-only or absent one does not; a list restricts it and '__all__' opens all columns."""
    code = """
class Shown(serializers.ModelSerializer):
    class Meta:
        model, fields, extra_kwargs = User, ["username", "last_name"], {"last_name": {"write_only": True}}
class Users(generics.ListAPIView):
    queryset, filter_backends, serializer_class, ordering = User.objects.all(), [filters.OrderingFilter], Shown, "pk"
class Listed(Users): ordering_fields = ["email"]
class All(Users): ordering_fields = "__all__"
urlpatterns = [path(str(number), kind.as_view()) for number, kind in enumerate((Users, Listed, All))]
for name in "ab": User.objects.create(username=name, last_name=name, email=name)
def turned(number): return [client.get(f"/{number}?ordering=-{key}").data[0]["username"] == "b" for key in ("username", "last_name", "email", "no")]
show(*map(turned, range(3)))
"""
    assert run_drf(code) == [[True, False, False, False], [False, False, True, False], [True, True, True, False]]


def test_cursor_pagination_orders_by_created() -> None:
    """API908: Neither the key nor order_by() is used: without a field created the view fails, and an own ordering mends it."""
    code = """
from django.db.models import F
class Cursor(pagination.CursorPagination): page_size = 2
class Own(Cursor): ordering = "-name"
def view(kind, rows): return type("One", (generics.ListAPIView,), {"queryset": rows, "serializer_class": Name, "pagination_class": kind}).as_view()
rows = Group.objects.order_by("pk")
urlpatterns = [path("0", view(Cursor, rows)), path("1", view(Own, rows)), path("2", view(Cursor, rows.annotate(created=F("name"))))]
for name in "bca": Group.objects.create(name=name)
def names(where): return [row["name"] for row in client.get(where).data["results"]]
client.raise_request_exception = client.handler.raise_request_exception = True
show(Cursor.ordering, failure(client.get, "/0"), names("/1"), names("/2"))
"""
    assert run_drf(code) == ["-created", "FieldError", ["c", "b"], ["c", "b"]]
