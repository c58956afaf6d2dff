"""Flask's routing, blueprints, view classes and error handlers."""

import functools
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Blueprint, Flask, abort, current_app, redirect, url_for
from flask.views import MethodView, View
from werkzeug.exceptions import Forbidden, HTTPException
from werkzeug.routing import BuildError


def test_routes_accept_get_only_by_default() -> None:
    """FLK011: Without methods GET, HEAD and OPTIONS are answered and POST gets 405; a listed POST works."""
    app = Flask(__name__)
    app.add_url_rule("/plain", "plain", lambda: "page")

    @app.route("/default")
    def default() -> str:
        return "page"

    @app.route("/listed", methods=["GET", "POST"])
    def listed() -> str:
        return "page"

    client = app.test_client()
    assert [client.open("/default", method=name).status_code for name in ("GET", "HEAD", "OPTIONS")] == [200] * 3
    assert [client.open("/default", method=name).status_code for name in ("POST", "PUT", "PATCH", "DELETE")] == [405] * 4
    assert set(client.options("/default").allow) == {"GET", "HEAD", "OPTIONS"}
    assert client.post("/plain").status_code == 405
    assert client.post("/listed").status_code == 200


def test_url_for_takes_an_endpoint() -> None:
    """FLK017: url_for wants the endpoint, by default the function's name; a path raises BuildError."""
    app = Flask(__name__)
    auth = Blueprint("auth", __name__)

    @app.get("/users/<name>/page")
    def profile(name: str) -> str:
        return name

    app.add_url_rule("/renamed", endpoint="other", view_func=profile, defaults={"name": "x"})
    auth.add_url_rule("/login", "login", lambda: "form")
    app.register_blueprint(auth)
    with app.test_request_context():
        assert url_for("profile", name="Ann") == "/users/Ann/page"
        assert url_for("profile", name="Ann", tab="2") == "/users/Ann/page?tab=2"
        assert url_for("other") == "/renamed"
        assert url_for("auth.login") == "/login"
        for not_an_endpoint in ("/login", "/users/Ann/page", "login"):
            with pytest.raises(BuildError):
                url_for(not_an_endpoint)


def test_default_converter_stops_at_a_slash() -> None:
    """FLK203: <name> takes text without slashes only (also for %2F); <path:name> takes slashes as well."""
    app = Flask(__name__)
    app.add_url_rule("/user/<name>", "user", lambda name: name)
    app.add_url_rule("/files/<path:name>", "files", lambda name: name)
    client = app.test_client()
    assert client.get("/user/ann").text == "ann"
    assert client.get("/user/a/b").status_code == 404
    assert client.get("/user/a%2Fb").status_code == 404
    assert client.get("/files/readme.txt").text == "readme.txt"
    assert client.get("/files/a/b/c.txt").text == "a/b/c.txt"


def test_trailing_slash_matters() -> None:
    """FLK204: /projects is redirected (308) to the rule /projects/, while /about/ is 404 for the rule /about."""
    app = Flask(__name__)
    app.add_url_rule("/projects/", "projects", lambda: "projects")
    app.add_url_rule("/about", "about", lambda: "about")
    app.add_url_rule("/lenient", "lenient", lambda: "lenient", strict_slashes=False)
    client = app.test_client()
    answer = client.get("/projects")
    assert (answer.status_code, answer.location) == (308, "http://localhost/projects/")
    assert client.get("/projects/").text == "projects"
    assert client.get("/about").text == "about"
    assert client.get("/about/").status_code == 404
    assert [client.get(path).text for path in ("/lenient", "/lenient/")] == ["lenient"] * 2


def test_route_registers_what_stands_below_it() -> None:
    """FLK220: A wrapper below app.route is called for requests, one above it never is; route returns the function itself."""
    app = Flask(__name__)
    calls: list[str] = []

    def guard(view: Callable[[], str]) -> Callable[[], str]:
        @functools.wraps(view)
        def wrapper() -> str:
            calls.append(view.__name__)
            return view()

        return wrapper

    @app.route("/right")
    @guard
    def right() -> str:
        return "page"

    @guard
    @app.route("/wrong")
    def wrong() -> str:
        return "page"

    def bare() -> str:
        return "page"

    assert app.route("/bare")(bare) is bare
    client = app.test_client()
    assert [client.get(path).text for path in ("/right", "/wrong")] == ["page", "page"]
    assert calls == ["right"]


def test_a_blueprint_is_not_an_application() -> None:
    """FLK016: Its routes exist only once it is registered, its views see that app's config, and it is no WSGI app itself."""
    blueprint = Blueprint("shop", __name__)
    blueprint.add_url_rule("/name", "name", lambda: current_app.config["SHOP"])
    assert not callable(blueprint)
    for attribute in ("config", "wsgi_app", "run", "test_client"):
        assert not hasattr(blueprint, attribute)
    answers = []
    for name in ("first", "second"):
        app = Flask(__name__)
        app.config["SHOP"] = name
        unregistered = Flask(__name__)
        assert unregistered.test_client().get("/name").status_code == 404
        app.register_blueprint(blueprint)
        app.register_blueprint(Blueprint("other", __name__, url_prefix="/other"))
        answers.append(app.test_client().get("/name").text)
    assert answers == ["first", "second"]


def test_blueprint_handlers_miss_unknown_urls() -> None:
    """FLK206: A blueprint's 404 and 405 handlers see errors raised in its views, not those of routing below its prefix."""
    app = Flask(__name__)
    admin = Blueprint("admin", __name__, url_prefix="/admin")
    for code in (404, 405):
        admin.register_error_handler(code, lambda error: (f"blueprint {error.code}", error.code))
        app.register_error_handler(code, lambda error: (f"app {error.code}", error.code))
    admin.add_url_rule("/raises/<int:code>", "raises", abort)
    app.register_blueprint(admin)
    client = app.test_client()
    assert client.get("/admin/raises/404").text == "blueprint 404"
    assert client.get("/admin/raises/405").text == "blueprint 405"
    assert client.get("/admin/unknown").text == "app 404"
    assert client.post("/admin/raises/404").text == "app 405"


def test_error_handlers_take_codes_and_exception_classes() -> None:
    """FLK025: errorhandler accepts a status code and an exception class; of fitting classes the most specific one is called."""
    app = Flask(__name__)

    class ShopError(Exception):
        pass

    @app.errorhandler(404)
    def by_code(error: HTTPException) -> tuple[str, int]:
        return f"code {error.code}", 404

    @app.errorhandler(ShopError)
    def by_own_class(error: ShopError) -> tuple[str, int]:
        return f"own class {error}", 418

    @app.errorhandler(LookupError)
    def by_base_class(error: LookupError) -> tuple[str, int]:
        return "base class", 409

    @app.errorhandler(KeyError)
    def by_class(error: KeyError) -> str:
        return "class"

    app.register_error_handler(Forbidden, lambda error: ("HTTP class", 403))
    errors: dict[str, Exception] = {"own": ShopError("broken"), "key": KeyError("k"), "index": IndexError("i"), "http": Forbidden()}

    @app.get("/<name>")
    def view(name: str) -> str:
        raise errors[name]

    client = app.test_client()
    expected = {"own": ("own class broken", 418), "key": ("class", 200), "index": ("base class", 409), "http": ("HTTP class", 403)}
    for name, (text, status) in expected.items():
        answer = client.get(f"/{name}")
        assert (answer.text, answer.status_code) == (text, status)
    assert client.get("/un/known").text == "code 404"


def test_views_may_be_classes_or_functions() -> None:
    """FLK109: A View and a MethodView from flask.views answer requests beside a plain function."""
    app = Flask(__name__)

    class Page(View):
        def dispatch_request(self) -> str:
            return "a View"

    class Items(MethodView):
        def get(self) -> str:
            return "MethodView get"

        def post(self) -> str:
            return "MethodView post"

    app.add_url_rule("/page", view_func=Page.as_view("page"))
    app.add_url_rule("/items", view_func=Items.as_view("items"))
    app.add_url_rule("/function", "function", lambda: "a function")
    client = app.test_client()
    assert [client.get(path).text for path in ("/page", "/items", "/function")] == ["a View", "MethodView get", "a function"]
    assert client.post("/items").text == "MethodView post"
    assert client.delete("/items").status_code == 405


def test_redirect_is_302_unless_another_code_is_passed() -> None:
    """FLK100: redirect() answers with 302; a code that is passed replaces it."""
    app = Flask(__name__)
    app.add_url_rule("/plain", "plain", lambda: redirect("/new"))
    app.add_url_rule("/<int:code>", "code", lambda code: redirect("/new", code=code))
    client = app.test_client()
    answer = client.get("/plain")
    assert (answer.status_code, answer.location) == (302, "/new")
    assert [client.get(f"/{code}").status_code for code in (301, 303, 307, 308)] == [301, 303, 307, 308]


def test_abort_raises() -> None:
    """FLK108: abort() raises an HTTPException that ends the view, also from a helper; redirect() returns a response."""
    app = Flask(__name__)
    reached: list[str] = []

    def helper() -> None:
        abort(403)

    @app.get("/")
    def view() -> str:
        helper()
        reached.append("after abort")
        return "page"

    @app.get("/swallow")
    def swallow() -> str:
        try:
            abort(403)
        except HTTPException as error:
            return json.dumps({"caught": error.code})

    client = app.test_client()
    assert client.get("/").status_code == 403
    assert reached == []
    assert client.get("/swallow").text == '{"caught": 403}'
    with pytest.raises(Forbidden):
        abort(403)
    response: Any = redirect("/")
    assert response.status_code == 302
