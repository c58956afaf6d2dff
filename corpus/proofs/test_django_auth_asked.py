"""Django's logins, sessions, messages, admin and localisation, as interviews ask about them."""

from pathlib import Path

from django_process import run_django

CONTRIB = "django.contrib."
WEB = [f"{CONTRIB}{name}" for name in ("sessions.middleware.SessionMiddleware", "auth.middleware.AuthenticationMiddleware")]
MESSAGES = {
    "INSTALLED_APPS": [f"{CONTRIB}{name}" for name in ("contenttypes", "auth", "sessions", "messages")] + ["shop"],
    "MIDDLEWARE": [WEB[0], f"{CONTRIB}messages.middleware.MessageMiddleware"],
}
FAST = [f"{CONTRIB}auth.hashers.{name}PasswordHasher" for name in ("MD5", "Argon2")]


def test_the_ssl_redirect_leaves_cookies_alone(tmp_path: Path) -> None:
    """DJA961: With SECURE_SSL_REDIRECT neither cookie is Secure; each setting makes its own cookie so."""
    code = """
    from django.middleware.csrf import get_token
    def view(request):
        request.session["a"] = get_token(request) and 1
        return HttpResponse()
    urlpatterns.append(path("", view))
    def seen(session=settings.SESSION_COOKIE_SECURE, csrf=settings.CSRF_COOKIE_SECURE):
        settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE = session, csrf
        cookies = Client().get("/", secure=True).cookies
        return [bool(cookies[name]["secure"]) for name in ("sessionid", "csrftoken")]
    show(redirect=Client().get("/").status_code, default=seen(), session=seen(True, False), csrf=seen(False, True))
    """
    layers = ["django.middleware.security.SecurityMiddleware", WEB[0], "django.middleware.csrf.CsrfViewMiddleware"]
    seen = run_django(tmp_path, code, MIDDLEWARE=layers, SECURE_SSL_REDIRECT=True)
    assert seen == {"redirect": 301, "default": [False, False], "session": [True, False], "csrf": [False, True]}


def test_login_changes_the_session_key(tmp_path: Path) -> None:
    """DJA962: A visitor gets a new key and keeps the data; another user gets an empty session; a plain view changes nothing."""
    code = """
    from django.contrib.auth import login
    from django.contrib.auth.models import User
    def view(request, name):
        if name != "none": login(request, User.objects.get(username=name))
        request.session.setdefault("cart", name)
        request.session.save()
        return HttpResponse(json.dumps([request.session.session_key, request.session["cart"]]))
    urlpatterns.append(path("<name>/", view))
    for name in ("ann", "bob"): User.objects.create_user(name)
    client = Client()
    keys, carts = zip(*[json.loads(client.get(f"/{name}/").content) for name in ("none", "none", "ann", "ann", "bob")])
    show(changes=[old != new for old, new in zip(keys, keys[1:])], carts=carts)
    """
    seen = run_django(tmp_path, code)
    assert seen == {"changes": [False, True, False, True], "carts": ["none", "none", "none", "none", "bob"]}


def test_permission_required_redirects_logged_in_users(tmp_path: Path) -> None:
    """DJA963: A logged-in user and a visitor are both redirected to the login, and both get 403 with raise_exception."""
    code = """
    from django.contrib.auth.decorators import permission_required
    from django.contrib.auth.models import User
    def page(request): return HttpResponse()
    urlpatterns += [path("plain/", permission_required("shop.x")(page)),
                    path("strict/", permission_required("shop.x", raise_exception=True)(page))]
    ann, root, visitor = Client(), Client(), Client()
    ann.force_login(User.objects.create_user("ann"))
    root.force_login(User.objects.create_superuser("root"))
    def answers(client): return [(a.status_code, a.get("Location")) for a in (client.get("/plain/"), client.get("/strict/"))]
    show(ann=answers(ann), visitor=answers(visitor), root=answers(root))
    """
    seen, refused = run_django(tmp_path, code, LOGIN_URL="/in/"), [[302, "/in/?next=/plain/"], [403, None]]
    assert seen == {"ann": refused, "visitor": refused, "root": [[200, None]] * 2}


def test_stacked_test_mixins_do_not_add_up(tmp_path: Path) -> None:
    """DJA964: Of two mixins only the left one is asked, whatever the right one says; super() asks both, decorators do too."""
    code = """
    from django.contrib.auth.decorators import user_passes_test
    from django.contrib.auth.mixins import UserPassesTestMixin
    from django.views import View
    def mixin(answer): return type("Mixin", (UserPassesTestMixin,), {"test_func": lambda self: answer})
    class Both(UserPassesTestMixin):
        def test_func(self): return super().test_func()
    class Page(View): get = lambda self, request: HttpResponse()
    Yes, No = mixin(True), mixin(False)
    def code(*mixins): return served(type("Stacked", (*mixins, Page), {}).as_view())
    def served(view):
        urlpatterns[:] = [path("", view)]
        django.urls.clear_url_caches()
        return Client().get("/").status_code
    decorated = user_passes_test(lambda user: True)(user_passes_test(lambda user: False)(Page.as_view()))
    show(stacked=[code(Yes, No), code(No, Yes)], asked=[code(Both, No), code(Both, Yes)], decorated=served(decorated))
    """
    assert run_django(tmp_path, code) == {"stacked": [200, 302], "asked": [302, 200], "decorated": 302}


def test_a_hash_is_upgraded_at_login(tmp_path: Path) -> None:
    """DJA965: New hashers change no stored hash, nor does migrate or a wrong password; the right one does, a removed hasher locks out."""
    code = """
    from django.contrib.auth import authenticate
    from django.contrib.auth.models import User
    from django.core.management import call_command
    for name in ("ann", "bob"): User.objects.create_user(name, password="pw")
    def kinds(): return [user.password.split("$")[0] for user in User.objects.order_by("username")]
    call_command("migrate", fake=True, verbosity=0)
    seen = [kinds()]
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[::-1]
    django.core.signals.setting_changed.send(None, setting="PASSWORD_HASHERS", enter=True)
    for act in (lambda: call_command("migrate", verbosity=0), lambda: authenticate(username="ann", password="wrong"),
                lambda: authenticate(username="ann", password="pw")): seen.append([act(), kinds()][1])
    settings.PASSWORD_HASHERS = settings.PASSWORD_HASHERS[:1]
    django.core.signals.setting_changed.send(None, setting="PASSWORD_HASHERS", enter=True)
    show(seen=seen, may=[authenticate(username=name, password="pw") is not None for name in ("ann", "bob")])
    """
    seen = run_django(tmp_path, code, PASSWORD_HASHERS=FAST)
    assert seen == {"seen": [["md5", "md5"]] * 3 + [["argon2", "md5"]], "may": [True, False]}


def test_logout_deletes_all_session_data(tmp_path: Path) -> None:
    """DJA966: What a visitor stored survives the login but not the logout, which deletes the row; nobody logged in is no error."""
    code = """
    from django.contrib.auth import login, logout
    from django.contrib.auth.models import User
    from django.contrib.sessions.models import Session
    def view(request, step):
        if step == "store": request.session["cart"] = 1
        if step == "login": login(request, User.objects.get())
        if step == "logout": logout(request)
        return HttpResponse(json.dumps("cart" in request.session))
    urlpatterns.append(path("<step>/", view))
    User.objects.create_user("ann")
    client = Client()
    steps = [[json.loads(client.get(f"/{s}/").content), Session.objects.count()] for s in ("store", "login", "logout", "logout")]
    show(steps=steps)
    """
    assert run_django(tmp_path, code)["steps"] == [[True, 1], [True, 1], [False, 0], [False, 0]]


def test_there_is_no_pickle_serializer(tmp_path: Path) -> None:
    """DJA967: The module of serializers offers JSON only; naming the other in the settings fails; pickling needs one's own class."""
    code = """
    import datetime, pickle
    from django.contrib.sessions import serializers
    from django.contrib.sessions.backends.db import SessionStore
    class Own:
        def dumps(self, value): return pickle.dumps(value)
        def loads(self, data): return pickle.loads(data)
    def stored(name):
        settings.SESSION_SERIALIZER = name
        def store(): SessionStore().encode({"at": datetime.date.today()})
        return failure(store)
    old = "django.contrib.sessions.serializers.PickleSerializer"
    names = [name for name in dir(serializers) if name.endswith("Serializer") and name[:4] != "Base"]
    show(names=names, default=settings.SESSION_SERIALIZER.split(".")[-1], old=stored(old), own=stored("__main__.Own"))
    """
    assert run_django(tmp_path, code) == {"names": ["JSONSerializer"], "default": "JSONSerializer", "old": "ImportError", "own": None}


def test_bulk_deletion_in_the_admin_skips_delete(tmp_path: Path) -> None:
    """DJA968: The action sends post_delete without calling delete(); deleting one object, or a loop in delete_queryset(), calls it."""
    models = "calls = []\nclass Item(models.Model):\n    def delete(self, *args, **kwargs): calls.append('delete'); super().delete()\n"
    code = """
    from django.contrib.admin import AdminSite, ModelAdmin
    from django.contrib.admin.actions import delete_selected
    from django.contrib.auth.models import User
    from shop.models import calls
    models.signals.post_delete.connect(lambda **kwargs: calls.append("signal"), sender=Item, weak=False)
    class Plain(ModelAdmin): message_user = lambda *args, **kwargs: None
    class Loop(Plain): delete_queryset = lambda self, request, queryset: [item.delete() for item in queryset]
    request = RequestFactory().post("/", {"post": "yes"})
    request.user, site = User.objects.create_superuser("root"), AdminSite()
    site.register(Item, Plain)
    def seen(act): return [calls.clear(), Item.objects.create(), act(), *calls][3:]
    bulk = [seen(lambda: delete_selected(kind(Item, site), request, Item.objects.all())) for kind in (Plain, Loop)]
    show(bulk=bulk, one=seen(lambda: Plain(Item, site).delete_model(request, Item.objects.get())), left=Item.objects.count())
    """
    seen = run_django(tmp_path, code, models, INSTALLED_APPS=[*MESSAGES["INSTALLED_APPS"], f"{CONTRIB}admin"])
    assert seen == {"bulk": [["signal"], ["delete", "signal"]], "one": ["delete", "signal"], "left": 0}


def test_messages_live_until_iterated(tmp_path: Path) -> None:
    """DJA969: Requests and redirects that only count the messages leave them; the first loop shows all of them, the next none."""
    code = """
    from django.contrib import messages
    from django.shortcuts import redirect
    def add(request): return messages.success(request, "saved") or redirect("/count/")
    def count(request): return HttpResponse(len(messages.get_messages(request)) if messages.get_messages(request) else 0)
    def loop(request): return HttpResponse(" ".join(str(m) for m in messages.get_messages(request)))
    urlpatterns += [path("add/", add), path("count/", count), path("loop/", loop)]
    client = Client()
    show(seen=[client.get(f"/{step}/").content.decode() for step in ("add", "count", "add", "count", "loop", "count", "loop")])
    """
    assert run_django(tmp_path, code, **MESSAGES)["seen"] == ["", "1", "", "2", "saved saved", "0", ""]


def test_messages_go_to_a_cookie_first(tmp_path: Path) -> None:
    """DJA970: A short message makes a cookie and no session, which a forger cannot change; a long one goes to the session."""
    code = """
    from django.contrib import messages
    from django.contrib.sessions.models import Session
    def add(request): return messages.success(request, os.urandom(int(request.GET["size"])).hex()) or HttpResponse()
    def loop(request): return HttpResponse(str([len(str(m)) for m in messages.get_messages(request)]))
    urlpatterns += [path("add/", add), path("loop/", loop)]
    def seen(size, forge=False):
        client = Client()
        names = sorted(client.get(f"/add/?size={size}").cookies)
        if forge: client.cookies["messages"] = client.cookies["messages"].value[:-1] + "?"
        return [names, Session.objects.count(), client.get("/loop/").content.decode()]
    show(default=settings.MESSAGE_STORAGE.split(".")[-1], short=seen(9), forged=seen(9, True), long=seen(3000))
    """
    seen = run_django(tmp_path, code, **MESSAGES)
    assert (seen["default"], seen["short"], seen["forged"]) == ("FallbackStorage", [["messages"], 0, "[18]"], [["messages"], 0, "[]"])
    assert "sessionid" in seen["long"][0] and seen["long"][1:] == [1, "[6000]"]


def test_use_l10n_is_ignored(tmp_path: Path) -> None:
    """DJA971: Numbers are localized without USE_L10N and with it False; the setting has no default, startproject does not write it."""
    code = """
    from django.conf import global_settings
    from django.core.management import call_command
    from django.template import Context, Engine
    from django.utils.translation import override
    call_command("startproject", "fresh")
    def shown(tags):
        with override("de"): return Engine(libraries={"l10n": "django.templatetags.l10n"}).from_string(tags).render(Context({"x": 1.5}))
    plain = shown("{{ x }}")
    settings.USE_L10N = False
    show(plain=plain, off=shown("{{ x }}"), tag=shown("{% load l10n %}{{ x|unlocalize }}"),
         known=hasattr(global_settings, "USE_L10N"), written="USE_L10N" in (HERE / "fresh" / "fresh" / "settings.py").read_text())
    """
    given = run_django(tmp_path, code, USE_L10N=False)
    assert given == {"plain": "1,5", "off": "1,5", "tag": "1.5", "known": False, "written": False}


def test_debug_admits_local_hosts_only(tmp_path: Path) -> None:
    """DJA972: With DEBUG an empty list admits the local names and nothing else; without DEBUG nothing, with an entry that entry only."""
    code = """
    urlpatterns.append(path("", lambda request: HttpResponse(request.get_host())))
    hosts = ["localhost", "shop.localhost", "127.0.0.1", "[::1]", "192.168.0.5", "0.0.0.0", "example.com"]
    def admitted(debug, allowed):
        settings.DEBUG, settings.ALLOWED_HOSTS = debug, allowed
        return [host for host in hosts if Client(headers={"host": host}).get("/").status_code == 200]
    show(debug=admitted(True, []), off=admitted(False, []), one=admitted(True, ["example.com"]), all=len(admitted(True, ["*"])))
    """
    seen = run_django(tmp_path, code)
    assert seen["debug"] == ["localhost", "shop.localhost", "127.0.0.1", "[::1]"]
    assert (seen["off"], seen["one"], seen["all"]) == ([], ["example.com"], 7)
