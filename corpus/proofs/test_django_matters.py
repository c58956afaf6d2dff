"""Django: routes, templates, keys, login, logout, sessions, and the admin."""

from pathlib import Path

import pytest
from django_process import release, run_django


def test_a_new_project_uses_the_django_template_language(tmp_path: Path) -> None:
    """DJA300: startproject configures the DTL alone; with Jinja2 configured its syntax works as well."""
    code = """
    from django.core.management import call_command
    from django.template import engines
    call_command("startproject", "fresh")
    fresh = (HERE / "fresh" / "fresh" / "settings.py").read_text()
    values = {}
    exec(fresh, {"__file__": str(HERE / "settings.py")}, values)
    def render(engine, text):
        try:
            return engines[engine].from_string(text).render({"f": lambda: "called"})
        except Exception as error:
            return type(error).__name__
    texts = ["{{ f }}", "{{ f() }}"]
    show(fresh=[engine["BACKEND"] for engine in values["TEMPLATES"]],
         django=[render("django", text) for text in texts], jinja=render("jinja2", texts[1]))
    """
    backends = ["django.template.backends.django.DjangoTemplates", "django.template.backends.jinja2.Jinja2"]
    seen = run_django(tmp_path, code, TEMPLATES=[{"BACKEND": backend} for backend in backends])
    assert seen["fresh"] == backends[:1]
    assert seen["django"] == ["called", "TemplateSyntaxError"]
    assert seen["jinja"] == "called"


def test_path_takes_converters_and_re_path_regular_expressions(tmp_path: Path) -> None:
    """DJA301: path() converts <int:pk> and takes a regular expression literally; re_path() is where it matches."""
    code = r"""
    def view(request, pk):
        return HttpResponse(repr(pk))
    urlpatterns += [path("a/<int:pk>", view), path(r"^b/(?P<pk>[0-9]+)$", view), re_path(r"^c/(?P<pk>[0-9]+)$", view), re_path("^d/<int:pk>$", view)]
    client = Client()
    show(**{name: (lambda a: [a.status_code, a.content.decode() if a.status_code == 200 else ""])(client.get(f"/{name}/5")) for name in "abcd"})
    """
    seen = run_django(tmp_path, code)
    assert seen == {"a": [200, "5"], "b": [404, ""], "c": [200, "'5'"], "d": [404, ""]}


@pytest.mark.release("django==3.2.25")
def test_url_is_gone(tmp_path: Path) -> None:
    """DJA302: url cannot be imported from django.conf.urls; path and re_path can from django.urls."""
    code = """
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            from django.conf.urls import url
            same = type(url("^a$", HttpResponse).pattern) is type(re_path("^a$", HttpResponse).pattern)
        except ImportError:
            same = None
    show(same=same, told=[warning.category.__name__ for warning in told], works=callable(path) and callable(re_path))
    """
    seen = run_django(tmp_path, code)
    assert seen["works"]
    if release() >= (4, 0):
        assert seen["same"] is None
    else:
        assert seen["same"]
        assert "RemovedInDjango40Warning" in seen["told"]


def test_secret_key_signs_and_neither_encrypts_nor_hashes(tmp_path: Path) -> None:
    """DJA303: With another key signatures and reset tokens fail, passwords still match, and rows lie readable in the database."""
    code = """
    from django.contrib.auth.models import User
    from django.contrib.auth.tokens import PasswordResetTokenGenerator
    from django.core import signing
    user = User.objects.create_user("readable-name", password="secret")
    signed, token, cookie = signing.dumps("x"), PasswordResetTokenGenerator().make_token(user), HttpResponse()
    cookie.set_signed_cookie("c", "value")
    def check():
        request = RequestFactory().get("/")
        request.COOKIES["c"] = cookie.cookies["c"].value
        try:
            good = signing.loads(signed) == "x"
        except signing.BadSignature:
            good = False
        return [good, request.get_signed_cookie("c", default=None) == "value", PasswordResetTokenGenerator().check_token(user, token),
                user.check_password("secret"), b"readable-name" in (HERE / "real.db").read_bytes()]
    before = check()
    settings.SECRET_KEY = "other" * 10
    show(before=before, after=check())
    """
    seen = run_django(tmp_path, code)
    assert seen["before"] == [True] * 5
    assert seen["after"] == [False, False, False, True, True]


def test_authenticate_checks_and_login_stores(tmp_path: Path) -> None:
    """DJA305: authenticate() gives a user or None and leaves the session empty; login() puts the user's id there."""
    code = """
    from django.contrib.auth import authenticate, login
    from django.contrib.auth.models import User
    from django.contrib.sessions.backends.db import SessionStore
    ann = User.objects.create_user("ann", password="secret")
    request = RequestFactory().get("/")
    request.session = SessionStore()
    wrong, right = authenticate(request, username="ann", password="no"), authenticate(request, username="ann", password="secret")
    before = dict(request.session.items())
    login(request, right)
    show(wrong=wrong, right=right == ann, before=before, after=request.session["_auth_user_id"] == str(ann.pk))
    """
    assert run_django(tmp_path, code) == {"wrong": None, "right": True, "before": {}, "after": True}


def test_session_cookie_lives_for_two_weeks(tmp_path: Path) -> None:
    """DJA306: The cookie has a Max-Age of two weeks; with SESSION_EXPIRE_AT_BROWSER_CLOSE it has none and ends with the browser."""
    code = """
    def view(request):
        request.session["a"] = 1
        return HttpResponse()
    urlpatterns.append(path("", view))
    default = Client().get("/").cookies["sessionid"]
    settings.SESSION_EXPIRE_AT_BROWSER_CLOSE = True
    short = Client().get("/").cookies["sessionid"]
    show(default=[default["max-age"], bool(default["expires"])], short=[short["max-age"], bool(short["expires"])])
    """
    assert run_django(tmp_path, code) == {"default": [14 * 24 * 3600, True], "short": ["", False]}


def test_the_admin_shows_registered_models(tmp_path: Path) -> None:
    """DJA309: Of two models with a table the admin's start page shows the registered one and not the other."""
    models = "class Known(models.Model): pass\nclass Forgotten(models.Model): pass\n"
    code = """
    from django.contrib import admin
    from django.contrib.auth.models import User
    admin.site.register(Known)
    urlpatterns.append(path("admin/", admin.site.urls))
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    page = client.get("/admin/").content.decode()
    show(tables=[t for t in connection.introspection.table_names() if t.startswith("shop_")],
         page=["/admin/shop/known/" in page, "forgotten" in page.lower()],
         lists=[client.get(f"/admin/shop/{name}/").status_code for name in ("known", "forgotten")])
    """
    processors = [f"django.{name}" for name in ("template.context_processors.request", "contrib.auth.context_processors.auth")]
    processors.append("django.contrib.messages.context_processors.messages")
    middleware = [
        f"django.contrib.{name}" for name in ("sessions.middleware.SessionMiddleware", "auth.middleware.AuthenticationMiddleware")
    ]
    seen = run_django(
        tmp_path,
        code,
        models,
        INSTALLED_APPS=[f"django.contrib.{name}" for name in ("admin", "auth", "contenttypes", "sessions", "messages")] + ["shop"],
        MIDDLEWARE=[*middleware, "django.contrib.messages.middleware.MessageMiddleware"],
        TEMPLATES=[
            {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {"context_processors": processors}}
        ],
    )
    assert sorted(seen["tables"]) == ["shop_forgotten", "shop_known"]
    assert (seen["page"], seen["lists"]) == ([True, False], [200, 404])


@pytest.mark.release("django==4.2.16")
@pytest.mark.release("django==4.0.10")
def test_logging_out_needs_post(tmp_path: Path) -> None:
    """DJA312: GET is refused with 405 and the user stays logged in; POST logs out, and without the CSRF token it is refused."""
    code = """
    from django.contrib.auth.models import User
    from django.contrib.auth.views import LogoutView
    urlpatterns.append(path("logout", LogoutView.as_view(next_page="/")))
    user = User.objects.create_user("ann")
    def leave(method, check=False):
        client = Client(enforce_csrf_checks=check)
        client.force_login(user)
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            status = getattr(client, method)("/logout").status_code
        return [status, "_auth_user_id" in client.session, any("LogoutView" in str(warning.message) for warning in told)]
    show(get=leave("get"), post=leave("post"), no_token=leave("post", check=True))
    """
    middleware = [
        f"django.contrib.{name}" for name in ("sessions.middleware.SessionMiddleware", "auth.middleware.AuthenticationMiddleware")
    ]
    seen = run_django(tmp_path, code, MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware", *middleware])
    assert seen["post"] == [302, False, False]
    assert seen["no_token"][:2] == [403, True]
    assert seen["get"] == ([405, True, False] if release() >= (5, 0) else [302, False, release() >= (4, 1)])
