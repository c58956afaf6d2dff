"""Django REST framework in depth: permissions, serializers, updates, statuses, CSRF, filters, throttles, renderers, routers."""

from typing import Any

from drf_process import run_rest

SETUP = """
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms import ModelForm
from django.http import JsonResponse
from django.test.utils import CaptureQueriesContext
from django.views import View
from rest_framework import authentication as auth, filters, generics, permissions as perms, routers, serializers, throttling, views, viewsets
from rest_framework.decorators import api_view
from rest_framework.response import Response
from rest_framework.settings import DEFAULTS
from rest_framework.test import APIClient, APIRequestFactory
class Name(serializers.ModelSerializer):
    class Meta:
        model, fields = Group, ["id", "name"]
class Groups(viewsets.ModelViewSet): queryset, serializer_class = Group.objects.order_by("pk"), Name
class Hello(views.APIView):
    def get(self, request): return Response("hello")
    def post(self, request): return Response("done")
client = APIClient(raise_request_exception=False)
def serializer(model, names, **more):
    Meta = type("Meta", (), {"model": model, "fields": names, **{key: more.pop(key) for key in ("depth",) if key in more}})
    return type("Made", (serializers.ModelSerializer,), {"Meta": Meta, **more})
"""


def run_drf(code: str, rest: dict[str, Any] | None = None) -> Any:
    return run_rest(SETUP + code, rest)


def test_every_permission_class_must_agree() -> None:
    """API741: One refusal is enough in either order, the bar makes an OR, and a view's list replaces the default one."""
    code = """
class Yes(perms.BasePermission): pass
class No(perms.BasePermission):
    def has_permission(self, request, view): return False
def status(*listed):
    view = type("One", (Hello,), {"permission_classes": listed} if listed else {}).as_view()
    return view(APIRequestFactory().get("/")).status_code
show(status(Yes, No), status(No, Yes), status(Yes, Yes), status(No | Yes), status(Yes & No), status(Yes), status())
"""
    assert run_drf(code, {"DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"]}) == [403, 403, 200, 200, 403, 200, 403]


def test_a_method_field_takes_no_input() -> None:
    """API742: The get_ method of the serializer gives the output; what is sent for the field, even wrong data, goes nowhere."""
    code = """
class Shout(Name):
    loud = serializers.SerializerMethodField()
    class Meta:
        model, fields = Group, ["name", "loud"]
    def get_loud(self, group): return group.name.upper()
    def set_loud(self, *value): raise AssertionError
one = Shout(data={"name": "x", "loud": [1]})
show(one.is_valid(), dict(one.validated_data), one.save() and one.data, one.fields["loud"].read_only)
"""
    assert run_drf(code) == [True, {"name": "x"}, {"name": "x", "loud": "X"}, True]


def test_the_clean_of_the_model_is_not_called() -> None:
    """API743: A ModelForm runs full_clean() and refuses; the serializer accepts and saves, and yet checks the field's own limits."""
    code = """
class Strict(Group):
    class Meta:
        proxy, app_label = True, "auth"
    def clean(self):
        if self.name == "bad": raise ValidationError("no")
form = type("Form", (ModelForm,), {"Meta": type("Meta", (), {"model": Strict, "fields": ["name"]})})
kind = serializer(Strict, ["name"])
one = kind(data={"name": "bad"})
show(form({"name": "bad"}).is_valid(), form({"name": "good"}).is_valid(), one.is_valid(), one.save().name,
    kind(data={"name": "x" * 151}).is_valid())
"""
    assert run_drf(code) == [False, True, True, "bad", False]


def test_nested_data_cost_a_query_per_row() -> None:
    """API744: Five rows cost six queries, with a nested serializer as with depth; select_related() in the queryset makes one of them."""
    code = """
from django.contrib.contenttypes.models import ContentType
nested = serializer(Permission, ["name", "content_type"], content_type=serializer(ContentType, ["model"])())
deep = serializer(Permission, ["name", "content_type"], depth=1)
plain = serializer(Permission, ["name", "content_type"])
def count(kind, rows):
    class One(generics.ListAPIView): queryset, serializer_class = rows, kind
    global urlpatterns
    urlpatterns = [path("", One.as_view())]
    django.urls.clear_url_caches()
    with CaptureQueriesContext(connection) as queries: assert len(client.get("/").data) == 5
    return len(queries)
rows = Permission.objects.filter(pk__lte=5)
show(*(count(kind, rows) for kind in (nested, deep, plain)), count(nested, rows.select_related("content_type")))
"""
    assert run_drf(code) == [6, 6, 1, 1]


def test_only_patch_may_leave_required_fields_out() -> None:
    """API745: PUT without the name gets 400 and PATCH 200; what PATCH does bring is validated, and the rest stays."""
    code = """
class Users(viewsets.ModelViewSet): queryset, serializer_class = User.objects.all(), serializer(User, ["username", "email", "first_name"])
urlpatterns = [path("<int:pk>", Users.as_view({"put": "update", "patch": "partial_update"}))]
User.objects.create(pk=1, username="ann", email="a@b.org")
def send(method, **data): return getattr(client, method)("/1", data, format="json").status_code
show(send("put", email="c@d.org"), send("put", username="ann", email="c@d.org"), send("patch", first_name="Ann"),
    send("patch", email="wrong"), list(User.objects.values_list("username", "email", "first_name"))[0])
"""
    assert run_drf(code) == [400, 200, 200, 400, ["ann", "c@d.org", "Ann"]]


def test_the_first_authentication_class_decides_401_or_403() -> None:
    """API746: Anonymous requests get 403 with the session first, as by default, and 401 with Basic or Token first."""
    code = """
auths = [None, [auth.SessionAuthentication], [auth.BasicAuthentication, auth.SessionAuthentication],
         [auth.SessionAuthentication, auth.TokenAuthentication], [auth.TokenAuthentication]]
kinds = [type("One", (Hello,), {"permission_classes": [perms.IsAuthenticated], **({"authentication_classes": a} if a else {})}) for a in auths]
urlpatterns = [path(str(number), kind.as_view()) for number, kind in enumerate(kinds)]
answers = [client.get(f"/{number}") for number in range(5)]
show([answer.status_code for answer in answers], [answer.get("WWW-Authenticate", "")[:5] for answer in answers])
"""
    assert run_drf(code) == [[403, 403, 401, 403, 401], ["", "", "Basic", "", "Token"]]


def test_csrf_is_checked_for_session_users_only() -> None:
    """API747: With checks on, anonymous and Basic requests pass and a session user's is refused; a plain Django view refuses all."""
    code = """
import base64
class Plain(View):
    def post(self, request): return JsonResponse({})
settings.MIDDLEWARE += WITH * ["django.middleware.csrf.CsrfViewMiddleware"]
urlpatterns = [path("", Hello.as_view()), path("plain", Plain.as_view())]
ann = User.objects.create_user("ann", password="right")
strict = APIClient(enforce_csrf_checks=True)
def status(where="/", **more): return strict.post(where, {}, format="json", **more).status_code
basic = "Basic " + base64.b64encode(b"ann:right").decode()
show(status(), status(HTTP_AUTHORIZATION=basic), status("/plain"), strict.force_login(ann) or status(), strict.get("/").status_code)
"""
    assert run_drf("WITH = 1\n" + code) == [200, 200, 403, 403, 200]
    assert run_drf("WITH = 0\n" + code) == [200, 200, 200, 403, 200]


def test_lists_are_not_filtered_until_a_backend_is_set() -> None:
    """API748: search_fields alone does nothing, a backend does; DRF has the two filters and no DjangoFilterBackend."""
    code = """
class Idle(Groups): search_fields, ordering_fields, filterset_fields = ["name"], ["name"], ["name"]
class Active(Idle): filter_backends = [filters.SearchFilter, filters.OrderingFilter]
urlpatterns = [path("idle", Idle.as_view({"get": "list"})), path("active", Active.as_view({"get": "list"}))]
for name in ("a1", "a2", "b"): Group.objects.create(name=name)
def names(where): return [row["name"] for row in client.get(where + "?search=a&ordering=-name&name=b").data]
show(names("/idle"), names("/active"), hasattr(filters, "DjangoFilterBackend"), DEFAULTS["DEFAULT_FILTER_BACKENDS"])
"""
    assert run_drf(code) == [["a1", "a2", "b"], ["a2", "a1"], False, []]


def test_nothing_is_throttled_until_a_class_is_set() -> None:
    """API749: Rates alone let everything pass; with a class the third request gets 429 until the cache is cleared."""
    code = """
from django.core.cache import cache
class Slow(Hello): throttle_classes = [throttling.AnonRateThrottle]
urlpatterns = [path("", Hello.as_view()), path("slow", Slow.as_view())]
def statuses(where): return [client.get(where).status_code for _ in range(3)]
with CaptureQueriesContext(connection) as queries: seen = statuses("/slow")
show(statuses("/"), seen, len(queries), cache.clear() or client.get("/slow").status_code)
"""
    assert run_drf(code, {"DEFAULT_THROTTLE_RATES": {"anon": "2/day"}}) == [[200] * 3, [200, 200, 429], 0, 200]


def test_the_browsable_api_stays_without_debug() -> None:
    """API750: With DEBUG off a browser gets the HTML page and other clients JSON; leaving the renderer out ends it."""
    code = """
urlpatterns = [path("", Hello.as_view())]
def kind(**more): return client.get("/", **more)["Content-Type"].split(";")[0]
show(settings.DEBUG, kind(), kind(HTTP_ACCEPT="*/*"), kind(HTTP_ACCEPT="text/html,*/*;q=0.8"))
"""
    html = [False, "application/json", "application/json", "text/html"]
    assert run_drf(code) == html
    assert run_drf(code, {"DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"]}) == [*html[:3], "application/json"]


def test_async_handlers_end_in_an_error() -> None:
    """API751: Such a handler in an APIView, a viewset or @api_view fails, while Django's own View awaits it."""
    code = """
import asyncio, warnings
from django.test import AsyncClient
warnings.simplefilter("ignore")
class Plain(View):
    async def get(self, request): return JsonResponse({})
class Late(views.APIView):
    async def get(self, request): return Response({})
class Set(viewsets.ViewSet):
    async def list(self, request): return Response({})
@api_view()
async def late(request): return Response({})
urlpatterns = [path("0", Plain.as_view()), path("1", Hello.as_view()), path("2", Late.as_view()),
               path("3", Set.as_view({"get": "list"})), path("4", late)]
async def ask(): return [(await AsyncClient(raise_request_exception=False).get(f"/{number}")).status_code for number in range(5)]
show(asyncio.run(ask()))
"""
    assert run_drf(code) == [[200, 200, 500, 500, 500]]


def test_relations_are_primary_keys_by_default() -> None:
    """API752: Keys, also as input; depth gives the objects and takes none; a reverse relation is not in '__all__'."""
    code = """
Permission.objects.filter(pk__gt=1).delete()
everything, deep = serializer(Group, "__all__"), serializer(Group, ["permissions"], depth=1)
one = everything(data={"name": "x", "permissions": [1]})
group = one.is_valid(raise_exception=True) and one.save()
permission = serializer(Permission, "__all__")(Permission.objects.get()).data
show(one.data["permissions"], permission["content_type"] == Permission.objects.get().content_type_id, list(one.data),
    [row["id"] for row in deep(group).data["permissions"]], deep().fields["permissions"].read_only)
"""
    assert run_drf(code) == [[1], True, ["id", "name", "permissions"], [1], True]


def test_routers_take_viewsets_only() -> None:
    """API753: A generic view fails when the URLs are built; a viewset works with a router and without; a bare ViewSet has no actions."""
    code = """
class Generic(generics.ListCreateAPIView): queryset, serializer_class = Group.objects.all(), Name
def urls(kind):
    router = routers.SimpleRouter()
    try: return router.register("x", kind, basename="x") or [str(url.pattern) for url in router.urls]
    except AttributeError as error: return "get_extra_actions" in str(error)
urlpatterns = [path("by-hand", Groups.as_view({"get": "list"})), path("generic", Generic.as_view())]
show(urls(Generic), urls(Hello), urls(viewsets.ViewSet), urls(Groups), [client.get(where).status_code for where in ("/by-hand", "/generic")])
"""
    assert run_drf(code) == [True, True, [], ["^x/$", "^x/(?P<pk>[^/.]+)/$"], [200, 200]]


def test_no_swagger_ui_comes_along() -> None:
    """API754: No file of the package is Swagger UI or ReDoc and no usual address answers, while the API root does."""
    code = """
import pathlib, rest_framework
router = routers.DefaultRouter()
router.register("groups", Groups)
urlpatterns = router.urls
files = [file.name.lower() for file in pathlib.Path(rest_framework.__file__).parent.rglob("*")]
show([name for name in files if "swagger" in name or "redoc" in name], "api.html" in files,
    [client.get(where).status_code for where in ("/", "/docs", "/docs/", "/redoc/", "/swagger/", "/openapi.json", "/schema/")])
"""
    assert run_drf(code) == [[], True, [200, 404, 404, 404, 404, 404, 404]]


def test_unknown_and_read_only_input_is_ignored() -> None:
    """API755: Both are dropped without an error, on POST and on PUT, while a missing required field is one."""
    code = """
urlpatterns = [path("", Groups.as_view({"post": "create"})), path("<int:pk>", Groups.as_view({"put": "update"}))]
made = client.post("/", {"name": "x", "id": 99, "unknown": "y"}, format="json")
put = client.put("/1", {"name": "z", "id": 99, "unknown": "y"}, format="json")
show(made.status_code, made.data, put.status_code, put.data, client.post("/", {"unknown": "y"}, format="json").status_code)
"""
    assert run_drf(code) == [201, {"id": 1, "name": "x"}, 200, {"id": 1, "name": "z"}, 400]
