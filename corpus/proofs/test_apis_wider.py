"""More of APIs, HTTP, TLS and tokens. Functions import the packages: one of them also runs where there is nothing but Pydantic 1."""

import socket
import sqlite3
import ssl
from contextlib import closing, nullcontext
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from drf_process import run_rest

DRF = """
from rest_framework import authentication, pagination, permissions, response, routers, serializers, views, viewsets
from rest_framework.authtoken.models import Token
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework.test import APIClient
class Name(serializers.ModelSerializer):
    class Meta:
        model, fields = Group, ["name"]
class Groups(viewsets.ModelViewSet): queryset, serializer_class = Group.objects.order_by("pk"), Name
class Whoami(views.APIView):
    def get(self, request): return response.Response(request.user.username)
class ByToken(Whoami): authentication_classes = [authentication.TokenAuthentication]
client = APIClient()
"""


def run_drf(code: str, rest: dict[str, Any] | None = None) -> Any:
    return run_rest(DRF + code, rest)


def test_session_and_basic_are_the_defaults_and_tokens_are_not() -> None:
    """API701: The login cookie and Basic credentials are recognised, a token only where listed; no JWT module comes along."""
    code = """
import base64, pathlib, rest_framework
urlpatterns = [path("", Whoami.as_view()), path("token", ByToken.as_view())]
ann = User.objects.create_user("ann", password="right")
basic = "Basic " + base64.b64encode(b"ann:right").decode()
token = "Token " + Token.objects.create(user=ann).key
def name(path, header): return client.get(path, HTTP_AUTHORIZATION=header).data
jwt = [file.name for file in pathlib.Path(rest_framework.__file__).parent.rglob("*.py") if "jwt" in file.read_text("utf-8").lower()]
show(name("/", basic), name("/", token), name("/token", token), client.force_login(ann) or client.get("/").data, jwt)
"""
    assert run_drf(code) == ["ann", "", "ann", "ann", []]


def test_tokens_are_random_rows_without_expiry() -> None:
    """API702: A key no JWT library reads, the same at each login and still good after ten years; deleting its row ends it."""
    code = """
import datetime, jwt
urlpatterns = [path("", ByToken.as_view()), path("login", obtain_auth_token)]
User.objects.create_user("ann", password="right")
key, again = (client.post("/login", {"username": "ann", "password": "right"}).data["token"] for _ in range(2))
try: is_jwt = bool(jwt.decode(key, options={"verify_signature": False}))
except jwt.DecodeError: is_jwt = False
def status(): return client.get("/", HTTP_AUTHORIZATION="Token " + key).status_code
Token.objects.update(created=Token.objects.get().created - datetime.timedelta(days=3653))
show(key == again, len(key), is_jwt, status(), bool(Token.objects.all().delete()), status())
"""
    assert run_drf(code) == [True, 40, False, 200, True, 401]


def test_lists_are_whole_until_a_pagination_class_is_set() -> None:
    """API703: All 150 rows come out, with PAGE_SIZE set as well; a pagination class makes pages of them."""
    code = """
class Paged(Groups): pagination_class = pagination.PageNumberPagination
Group.objects.bulk_create(Group(name=str(number)) for number in range(150))
urlpatterns = [path("", Groups.as_view({"get": "list"})), path("paged", Paged.as_view({"get": "list"}))]
paged = client.get("/paged").data
show(len(client.get("/?page=2").data), len(paged["results"] if "results" in paged else paged))
"""
    assert (run_drf(code), run_drf(code, {"PAGE_SIZE": 20})) == ([150, 150], [150, 20])


def test_object_permissions_are_not_asked_for_lists() -> None:
    """API704: What a permission hides is refused as a single object, and yet listed, created and shown by a plain view."""
    code = """
class NoSecrets(permissions.BasePermission):
    def has_object_permission(self, request, view, group): return not group.name.startswith("secret")
class Plain(views.APIView):
    def get(self, request): return response.Response(Group.objects.get(name="secret").name)
urlpatterns = [path("plain", Plain.as_view()), path("", Groups.as_view({"get": "list", "post": "create"})),
               path("<int:pk>", Groups.as_view({"get": "retrieve"}))]
for view in (Plain, Groups): view.permission_classes, view.authentication_classes = [NoSecrets], []
secret, public = [Group.objects.create(name=name).pk for name in ("secret", "public")]
show([row["name"] for row in client.get("/").data], client.post("/", {"name": "secret 2"}).status_code,
    [client.get(f"/{key}").status_code for key in (secret, public)], client.get("/plain").data)
"""
    assert run_drf(code) == [["secret", "public"], 201, [403, 200], "secret"]


def test_nested_data_are_not_saved_without_a_create_method() -> None:
    """API705: They are checked and then save() fails and stores nothing; with create() they are saved; read-only ones are passed over."""
    code = """
class Inner(serializers.Serializer): name = serializers.CharField(max_length=20)
class Outer(Name):
    permissions = Inner(many=True)
    Meta = type("Meta", (), {"model": Group, "fields": ["name", "permissions"]})
class Own(Outer):
    def create(self, data):
        inner, group = data.pop("permissions"), Group.objects.create(**data)
        return group.permissions.set(Permission.objects.create(codename="c", content_type_id=1, **one) for one in inner) or group
class ReadOnly(Outer): permissions = Inner(many=True, read_only=True)
def saved(kind, inner):
    one = kind(data={"name": kind.__name__, "permissions": [{"name": inner}]})
    try: return one.save().permissions.count() if one.is_valid() else list(one.errors)
    except AssertionError as error: return "nested" in str(error)
show(saved(Outer, "x" * 21), saved(Outer, "x"), saved(Own, "x"), saved(ReadOnly, "x"), [group.name for group in Group.objects.all()])
"""
    assert run_drf(code) == [["permissions"], True, 1, 0, ["Own", "ReadOnly"]]


@pytest.mark.release("pydantic==1.10.26")
def test_an_optional_field_without_a_default_is_required() -> None:
    """API706: It may be None and must not be missing, while a default lets it be left out; Pydantic 1 took a missing one for None."""
    from pydantic import BaseModel, ValidationError

    class Model(BaseModel):
        bare: str | None
        default: str | None = None

    assert Model(bare=None).default is None
    with nullcontext() if version("pydantic") < "2" else pytest.raises(ValidationError, match=r"bare\n  Field required"):
        assert Model().bare is None  # type: ignore[call-arg]


def test_the_response_model_filters_what_goes_out() -> None:
    """API707: The password is dropped by response_model and by a return annotation alike; data that do not fit give 500."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient
    from pydantic import create_model

    app, out = FastAPI(), create_model("Out", name=(str, ...))
    stored = create_model("Stored", __base__=out, password=(str, ...))(name="ann", password="x")

    def annotated() -> out:  # type: ignore[valid-type]
        return stored

    app.add_api_route("/annotated", annotated)
    app.add_api_route("/model", lambda: {"name": "ann", "password": "x"}, response_model=out)
    app.add_api_route("/nothing", lambda: {"name": "ann", "password": "x"})
    app.add_api_route("/misfit", lambda: {"password": "x"}, response_model=out)
    answers = [TestClient(app, raise_server_exceptions=False).get(path) for path in ("/annotated", "/model", "/nothing", "/misfit")]
    assert [answer.json() for answer in answers[:3]] == [{"name": "ann"}, {"name": "ann"}, {"name": "ann", "password": "x"}]
    assert answers[3].status_code == 500


def test_oauth2passwordbearer_checks_nothing() -> None:
    """API708: Rubbish after the word Bearer gets in, a missing header gives 401, and no route stands at tokenUrl."""
    from fastapi import Depends, FastAPI
    from fastapi.security import OAuth2PasswordBearer
    from fastapi.testclient import TestClient

    app = FastAPI()

    @app.get("/")
    def page(token: str = Depends(OAuth2PasswordBearer(tokenUrl="token"))) -> str:
        return token

    rubbish = TestClient(app).get("/", headers={"Authorization": "Bearer rubbish"})
    assert (rubbish.status_code, rubbish.json()) == (200, "rubbish")
    assert (TestClient(app).get("/").status_code, TestClient(app).post("/token").status_code) == (401, 404)


def test_tls_data_are_encrypted_with_symmetric_keys(tmp_path: Path) -> None:
    """HTP701: The connection works with an Ed25519 certificate, whose key can only sign; the cipher of the data is symmetric."""
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from flask import Flask
    from serving import serve

    key, name, pem = Ed25519PrivateKey.generate(), x509.Name.from_rfc4514_string("CN=localhost"), tmp_path / "server.pem"
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, datetime(2020, 1, 1), datetime(2120, 1, 1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    pem.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.sign(key, None).public_bytes(Encoding.PEM))
    outside, inside = ssl.create_default_context(cafile=str(pem)), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    inside.load_cert_chain(pem)
    with serve(Flask("app"), inside) as port, closing(outside.wrap_socket(socket.socket(), server_hostname="localhost")) as client:
        client.connect(("127.0.0.1", port))
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert (b" 404 " in client.recv(65536), hasattr(key.public_key(), "encrypt")) == (True, False)
        symmetric = {one["name"]: one["symmetric"] for one in outside.get_ciphers()}
        assert symmetric[(client.cipher() or ("",))[0]] in {"aes-256-gcm", "aes-128-gcm", "chacha20-poly1305"}


def test_a_repeated_patch_may_change_the_resource_again() -> None:
    """HTP702: Setting twice is as good as once, adding twice is not, and PUT never differs; clients retry PUT and not PATCH."""
    from flask import Flask, request
    from urllib3.util.retry import Retry

    app, account = Flask("app"), {"balance": 0}

    @app.route("/", methods=["PUT", "PATCH"])
    def page() -> dict[str, int]:
        account["balance"] = request.json.get("balance", account["balance"]) + request.json.get("add", 0)
        return account

    for method, sent, results in (("PUT", "balance", [5, 5]), ("PATCH", "balance", [5, 5]), ("PATCH", "add", [10, 15])):
        assert [app.test_client().open("/", method=method, json={sent: 5}).json["balance"] for _ in range(2)] == results
    assert {method for method in ("PUT", "DELETE", "PATCH") if method in Retry.DEFAULT_ALLOWED_METHODS} == {"PUT", "DELETE"}


def test_201_is_for_what_was_created() -> None:
    """HTP703: POST handlers of Flask and FastAPI answer 200 by themselves; a client follows the Location of a 303 and not that of a 201."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient
    from flask import Flask, request

    app, fast = Flask("app"), FastAPI()
    app.add_url_rule("/", "search", lambda: "found", methods=["POST", "GET"])
    app.add_url_rule("/new", "new", lambda: ("", int(request.args["status"]), {"Location": "/"}), methods=["POST"])
    fast.add_api_route("/", lambda: "found", methods=["POST"])
    assert (app.test_client().post("/").status_code, TestClient(fast).post("/").status_code) == (200, 200)
    assert [app.test_client().post(f"/new?status={n}", follow_redirects=True).text for n in (201, 303)] == ["", "found"]


def test_scheme_host_and_port_make_the_origin() -> None:
    """HTP704: Django's check of the Origin header refuses another port, scheme or subdomain, and no other path."""
    code = """
from django.middleware.csrf import CsrfViewMiddleware
from django.test import RequestFactory
def passes(origin, path="/"):
    request = RequestFactory().post(path, headers={"host": "a.com:3000", "origin": origin, "x-csrftoken": "a" * 32})
    request.COOKIES["csrftoken"] = "a" * 32
    check = CsrfViewMiddleware(lambda request: None)
    return check.process_request(request) or check.process_view(request, lambda: None, (), {}) is None
show([passes("http://a.com:3000"), passes("http://a.com:3000", "/other/path?x=1")],
    [passes(other) for other in ("http://a.com:8000", "http://a.com", "https://a.com:3000", "http://api.a.com:3000")])
"""
    assert run_drf(code) == [[True, True], [False, False, False, False]]


def test_a_bearer_token_may_be_a_random_string() -> None:
    """HTP706: The scheme carries a random key, which is no JWT, as well as a JWT; whoever sends the key is let in."""
    import jwt
    from fastapi import Depends, FastAPI
    from fastapi.security import HTTPBearer
    from fastapi.testclient import TestClient

    app, key, signed = FastAPI(), "9d3f" * 10, jwt.encode({"sub": "ann"}, "k" * 32, "HS256")

    @app.get("/")
    def page(sent: Any = Depends(HTTPBearer())) -> str:
        return {key: "ann", signed: "ann"}.get(sent.credentials, "nobody")

    with pytest.raises(jwt.DecodeError):
        jwt.get_unverified_header(key)
    names = [TestClient(app).get("/", headers={"Authorization": f"Bearer {one}"}).json() for one in (key, signed, "other", key)]
    assert names == ["ann", "ann", "nobody", "ann"]


def test_graphql_asks_the_database_once_per_item() -> None:
    """HTP707: Ten books and their authors cost eleven queries with a plain resolver, and one if the list fetches both."""
    import graphql

    asked, database = [], sqlite3.connect(":memory:")
    database.execute("CREATE TABLE author AS WITH RECURSIVE n(id) AS (VALUES (1) UNION SELECT id + 1 FROM n LIMIT 10) SELECT id FROM n")
    database.set_trace_callback(asked.append)

    def books(root: Any, info: Any) -> list[dict[str, Any]]:  # one by each author
        rows = database.execute("SELECT id, id FROM author" if info.context else "SELECT id, NULL FROM author")
        return [{"by": by, "author": author} for by, author in rows]

    def author(book: dict[str, Any], info: Any) -> int:
        return book["author"] or database.execute("SELECT id FROM author WHERE id = ?", [book["by"]]).fetchone()[0]

    schema: Any = graphql.build_schema("type Query { books: [Book] } type Book { author: Int }")
    schema.query_type.fields["books"].resolve, schema.type_map["Book"].fields["author"].resolve = books, author
    for at_once, queries in ((False, 11), (True, 1)):
        asked.clear()
        answer = graphql.graphql_sync(schema, "{ books { author } }", context_value=at_once)
        assert ([book["author"] for book in answer.data["books"]], len(asked)) == ([*range(1, 11)], queries)
