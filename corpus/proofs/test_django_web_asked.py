"""Django on the web side, as interviews ask: sessions, CSRF, security settings, redirects, middleware errors and the cache."""

from pathlib import Path

from django_process import run_django

SECURITY = ["django.middleware.security.SecurityMiddleware"]
SESSIONS = ["django.contrib.sessions.middleware.SessionMiddleware"]
CSRF = ["django.middleware.csrf.CsrfViewMiddleware"]


def test_expired_sessions_stay_until_clearsessions(tmp_path: Path) -> None:
    """DJA841: Requests, another session and a start leave the expired row in the table; clearsessions deletes it and keeps the live one."""
    code = """
    from datetime import timedelta
    from django.contrib.sessions.models import Session
    from django.core.management import call_command
    from django.utils import timezone
    urlpatterns.append(path("", lambda request: HttpResponse(request.session.setdefault("name", "new"))))
    first, second = Client(), Client()
    first.get("/")
    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    dead = Session.objects.get().pk
    answers = [second.get("/").content.decode() for _ in range(3)] + [first.get("/").content.decode()]
    django.setup()
    def kept(): return [Session.objects.filter(pk=dead).exists(), Session.objects.exclude(pk=dead).count()]
    show(answers=answers, before=kept(), after=[call_command("clearsessions"), *kept()])
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=SESSIONS)
    assert seen == {"answers": ["new"] * 4, "before": [True, 2], "after": [None, False, 2]}


def test_the_csrf_secret_is_kept_in_a_cookie(tmp_path: Path) -> None:
    """DJA842: The check works without sessions, from the cookie csrftoken; with CSRF_USE_SESSIONS the session has the secret instead."""
    code = """
    from django.middleware.csrf import get_token
    urlpatterns.append(path("", lambda request: HttpResponse(get_token(request))))
    client = Client(enforce_csrf_checks=True)
    token = client.get("/").content.decode()
    cookies, good = sorted(client.cookies), client.post("/", {"csrfmiddlewaretoken": token}).status_code
    stored = "_csrftoken" in client.session if "sessionid" in cookies else None
    client.cookies.clear()
    show(seen=[cookies, good, client.post("/", {"csrfmiddlewaretoken": token}).status_code, stored])
    """
    for name, asked in (("a", {"MIDDLEWARE": CSRF}), ("b", {"MIDDLEWARE": SESSIONS + CSRF, "CSRF_USE_SESSIONS": True})):
        (tmp_path / name).mkdir()
        seen = run_django(tmp_path / name, code, **asked)["seen"]
        assert seen == ([["csrftoken"], 200, 403, None] if name == "a" else [["sessionid"], 200, 403, True])


def test_trusted_origins_need_a_scheme(tmp_path: Path) -> None:
    """DJA843: A bare name is an error of the checks and trusts nobody; with its scheme, or a wildcard behind it, the origin is trusted."""
    code = """
    from django.core.checks import run_checks
    from django.test import override_settings
    urlpatterns.append(path("", lambda request: HttpResponse(django.middleware.csrf.get_token(request))))
    def tried(origin):
        with override_settings(CSRF_TRUSTED_ORIGINS=[origin]):
            client = Client(enforce_csrf_checks=True)
            form = {"csrfmiddlewaretoken": client.get("/").content.decode()}
            status = client.post("/", form, headers={"origin": "https://app.example.com"}).status_code
            return [status, [error.id for error in run_checks() if error.id.startswith("4_0")]]
    names = "app.example.com", ".example.com", "*", "https://app.example.com", "https://*.example.com", "http://app.example.com"
    show(seen=[tried(name) for name in names])
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=CSRF)["seen"]
    assert seen == [[403, ["4_0.E001"]]] * 3 + [[200, []]] * 2 + [[403, []]]


def test_x_xss_protection_is_not_sent(tmp_path: Path) -> None:
    """DJA844: SecurityMiddleware sends X-Content-Type-Options but, with the old setting too, no X-XSS-Protection."""
    code = """
    from django.conf import global_settings
    urlpatterns.append(path("", lambda request: HttpResponse()))
    headers = {name.lower() for name in Client().get("/", secure=True).headers}
    show(sent=[f"x-{name}" in headers for name in ("content-type-options", "xss-protection")],
         known=[hasattr(global_settings, f"SECURE_{name}") for name in ("CONTENT_TYPE_NOSNIFF", "BROWSER_XSS_FILTER")])
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=SECURITY, SECURE_BROWSER_XSS_FILTER=True)
    assert seen == {"sent": [True, False], "known": [True, False]}


def test_no_hsts_by_default(tmp_path: Path) -> None:
    """DJA845: With SecurityMiddleware and any DEBUG there is no header; with SECURE_HSTS_SECONDS it goes on HTTPS responses alone."""
    code = """
    from django.test import override_settings
    urlpatterns.append(path("", lambda request: HttpResponse()))
    def header(secure, **changed):
        with override_settings(**changed):
            return Client().get("/", secure=secure).headers.get("Strict-Transport-Security")
    show(default=[header(True, DEBUG=debug) for debug in (True, False)], redirect=header(True, SECURE_SSL_REDIRECT=True),
         asked=[header(secure, SECURE_HSTS_SECONDS=60) for secure in (True, False)])
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=SECURITY)
    assert seen == {"default": [None, None], "redirect": None, "asked": ["max-age=60", None]}


def test_x_forwarded_proto_is_ignored_until_named(tmp_path: Path) -> None:
    """DJA846: is_secure() stays False with the header in a default project, in debug mode or not, and is True once the setting names it."""
    code = """
    from django.test import override_settings
    def secure(**changed):
        with override_settings(**changed):
            return RequestFactory().get("/", headers={"x-forwarded-proto": "https"}).is_secure()
    named = secure(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"))
    show(seen=[settings.SECURE_PROXY_SSL_HEADER, secure(DEBUG=True), secure(DEBUG=False), secure(USE_X_FORWARDED_HOST=True), named])
    """
    assert run_django(tmp_path, code)["seen"] == [None, False, False, False, True]


def test_an_empty_allowed_hosts_admits_nobody(tmp_path: Path) -> None:
    """DJA847: With an empty list and without DEBUG every host gets 400, localhost too; DEBUG admits localhost, and '*' any host."""
    code = """
    from django.test import override_settings
    urlpatterns.append(path("", lambda request: HttpResponse()))
    def codes(hosts, debug):
        with override_settings(ALLOWED_HOSTS=hosts, DEBUG=debug):
            return [Client().get("/", headers={"host": host}).status_code for host in ("example.com", "localhost", "127.0.0.1")]
    show(live=codes([], False), debug=codes([], True), star=codes(["*"], False))
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=["django.middleware.common.CommonMiddleware"])
    assert seen == {"live": [400] * 3, "debug": [400, 200, 200], "star": [200] * 3}


def test_cookie_sessions_are_signed_not_encrypted(tmp_path: Path) -> None:
    """DJA848: The cookie is read without the key as base64 of JSON, and a changed cookie is an empty session."""
    code = """
    from base64 import urlsafe_b64decode, urlsafe_b64encode
    urlpatterns.append(path("<name>/", lambda request, name: HttpResponse(request.session.setdefault("name", name))))
    client = Client()
    client.get("/ann/")
    payload, signature = client.cookies["sessionid"].value.split(":", 1)
    kept = client.get("/other/").content.decode()
    client.cookies["sessionid"] = urlsafe_b64encode(b'{"name":"eve"}').decode().strip("=") + ":" + signature
    show(read=json.loads(urlsafe_b64decode(payload + "==")), kept=kept, forged=client.get("/other/").content.decode())
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=SESSIONS, SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies")
    assert seen == {"read": {"name": "ann"}, "kept": "ann", "forged": "other"}


def test_redirect_is_temporary_by_default(tmp_path: Path) -> None:
    """DJA849: redirect() is a 302, with permanent=True a 301, and the two classes have the same statuses."""
    code = """
    from django.http import HttpResponsePermanentRedirect, HttpResponseRedirect
    from django.shortcuts import redirect
    made = redirect("/a/"), redirect("/a/", permanent=True), HttpResponseRedirect("/a/"), HttpResponsePermanentRedirect("/a/")
    show(codes=[response.status_code for response in made])
    """
    assert run_django(tmp_path, code)["codes"] == [302, 301, 302, 301]


def test_a_relative_location_is_sent_unchanged(tmp_path: Path) -> None:
    """DJA850: redirect() to a path leaves the whole handler with that path in Location, and a client follows it; so for an absolute URL."""
    code = """
    from django.shortcuts import redirect
    targets = {"path": "/books/", "up": "../books/", "full": "https://example.com/books/"}
    urlpatterns += [path("books/", lambda request: HttpResponse("books")), path("<name>/", lambda request, name: redirect(targets[name]))]
    show(sent={name: Client().get(f"/{name}/").headers["Location"] for name in targets} == targets,
         followed=[Client().get(f"/{name}/", follow=True).content.decode() for name in ("path", "up")])
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=["django.middleware.common.CommonMiddleware"])
    assert seen == {"sent": True, "followed": ["books", "books"]}


def test_get_forms_need_no_csrf_token(tmp_path: Path) -> None:
    """DJA851: Without a token GET, HEAD and OPTIONS pass with enforced checks, and POST, PUT, PATCH and DELETE are refused."""
    code = """
    urlpatterns.append(path("", lambda request: HttpResponse()))
    client = Client(enforce_csrf_checks=True)
    def codes(*methods): return [client.generic(method, "/?q=word").status_code for method in methods]
    show(safe=codes("GET", "HEAD", "OPTIONS"), unsafe=codes("POST", "PUT", "PATCH", "DELETE"))
    """
    assert run_django(tmp_path, code, MIDDLEWARE=CSRF) == {"safe": [200] * 3, "unsafe": [403] * 4}


def test_process_exception_sees_only_the_views_errors(tmp_path: Path) -> None:
    """DJA852: The outer hook is told of errors of the view and of its template response, not of another middleware's or an unknown URL."""
    code = """
    from django.http import Http404
    from django.template.response import TemplateResponse
    class Watch:
        def __init__(self, get_response): self.get_response = get_response
        def __call__(self, request): return self.get_response(request)
        def process_exception(self, request, error): return HttpResponse(status=299)
    def broken(get_response): return lambda request: get_response(request) if request.path != "/middleware/" else 1 / 0
    def fail(request): raise {"/error/": ValueError, "/missing/": Http404}[request.path]
    def template(request): return TemplateResponse(request, "nowhere.html")
    urlpatterns += [path("error/", fail), path("missing/", fail), path("template/", template), path("middleware/", template)]
    client = Client(raise_request_exception=False)
    show(**{name: client.get(f"/{name}/").status_code for name in ("error", "missing", "template", "middleware", "unknown")})
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=["__main__.Watch", "__main__.broken"])
    assert seen == {"error": 299, "missing": 299, "template": 299, "middleware": 500, "unknown": 404}


def test_timeout_none_never_expires_and_zero_is_not_cached(tmp_path: Path) -> None:
    """DJA853: With 0 or -1 the value is gone at once; with None it is there in thirty years, and without the argument for 300 seconds."""
    code = """
    import time
    from unittest import mock
    from django.core.cache import cache
    start = time.time()
    for name, given in {"none": [None], "zero": [0], "negative": [-1], "left_out": []}.items(): cache.set(name, "here", *given)
    def there(seconds):
        with mock.patch("time.time", return_value=start + seconds):
            return [name for name in ("none", "zero", "negative", "left_out") if cache.get(name)]
    show(seen=[there(1), there(290), there(310), there(30 * 365 * 86400)])
    """
    assert run_django(tmp_path, code)["seen"] == [["none", "left_out"], ["none", "left_out"], ["none"], ["none"]]


def test_framing_is_denied_by_default(tmp_path: Path) -> None:
    """DJA854: startproject lists the middleware and sets no other value, and the header says DENY with any DEBUG."""
    code = """
    from django.core.management import call_command
    from django.test import override_settings
    call_command("startproject", "site1", str(HERE))
    written = (HERE / "site1" / "settings.py").read_text()
    urlpatterns.append(path("", lambda request: HttpResponse()))
    def header(**changed):
        with override_settings(**changed): return Client().get("/").headers.get("X-Frame-Options")
    show(seen=[header(DEBUG=True), header(DEBUG=False), header(X_FRAME_OPTIONS="SAMEORIGIN"), header(MIDDLEWARE=[])],
         written=[name in written for name in (settings.MIDDLEWARE[0], "X_FRAME_OPTIONS")])
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=["django.middleware.clickjacking.XFrameOptionsMiddleware"])
    assert seen == {"seen": ["DENY", "DENY", "SAMEORIGIN", None], "written": [True, False]}


def test_the_session_cookie_is_httponly_but_not_secure(tmp_path: Path) -> None:
    """DJA855: Over HTTPS and without DEBUG too sessionid has HttpOnly and no Secure; SESSION_COOKIE_SECURE adds it."""
    code = """
    from django.test import override_settings
    urlpatterns.append(path("", lambda request: HttpResponse(request.session.setdefault("a", "b"))))
    def flags(**changed):
        with override_settings(**changed):
            cookie = Client().get("/", secure=True).cookies["sessionid"]
            return [bool(cookie["httponly"]), bool(cookie["secure"])]
    show(seen=[flags(DEBUG=False), flags(DEBUG=True), flags(SECURE_SSL_REDIRECT=True), flags(SESSION_COOKIE_SECURE=True)])
    """
    assert run_django(tmp_path, code, MIDDLEWARE=SECURITY + SESSIONS)["seen"] == [[True, False]] * 3 + [[True, True]]


def test_session_data_are_json(tmp_path: Path) -> None:
    """DJA856: A user, a set, a datetime, a Decimal and bytes raise TypeError when saved; a list passes, and integer keys become strings."""
    code = """
    from datetime import datetime
    from decimal import Decimal
    from django.contrib.auth.models import User
    from django.contrib.sessions import serializers
    from django.contrib.sessions.backends.db import SessionStore
    def save(value):
        store = SessionStore()
        store["value"] = value
        store.save()
        return SessionStore(store.session_key)["value"]
    show(bad=[failure(save, value) for value in (User(), {1}, datetime.now(), Decimal(1), b"x")],
         good=[save([1, None]), save({1: "a"})], pickle=hasattr(serializers, "PickleSerializer"))
    """
    assert run_django(tmp_path, code) == {"bad": ["TypeError"] * 5, "good": [[1, None], {"1": "a"}], "pickle": False}
