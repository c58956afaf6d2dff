"""Django on the web side: the way of a request, sessions, users, forms, templates, HTTPS, and many requests at once."""

from importlib.metadata import metadata
from pathlib import Path

from django_process import run_django
from packaging.specifiers import SpecifierSet

CONTRIB = "django.contrib."
ITEM = "class Item(models.Model):\n    name = models.CharField(max_length=9)\n    near = models.ManyToManyField('self')\n"


def templates(files: dict[str, str]) -> list[dict[str, object]]:
    """TEMPLATES with the Django template language and these files."""
    loaders = [["django.template.loaders.locmem.Loader", files]]
    return [{"BACKEND": "django.template.backends.django.DjangoTemplates", "NAME": "django", "OPTIONS": {"loaders": loaders}}]


def test_middleware_runs_before_urls_are_resolved(tmp_path: Path) -> None:
    """DJA741: On its way in the middleware finds no match yet, sees URLs that do not exist, and can answer without the URLconf."""
    code = """
    log = []
    def note(request, name): return log.append([name, request.path, request.resolver_match is None]) or HttpResponse(name)
    def middleware(get_response):
        def handle(request):
            early = note(request, "middleware")
            return early if "stop" in request.GET else get_response(request)
        return handle
    urlpatterns.append(path("here/", lambda request: note(request, "view")))
    show(codes=[Client().get(url).status_code for url in ("/here/", "/nowhere/", "/nowhere/?stop")], log=log)
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=["__main__.middleware"])
    assert seen["codes"] == [200, 404, 200]
    assert seen["log"] == [["middleware", "/here/", True], ["view", "/here/", False], *[["middleware", "/nowhere/", True]] * 2]


def test_the_first_matching_pattern_wins(tmp_path: Path) -> None:
    """DJA742: Of two patterns that match, the upper one answers, be it the general or the exact one; a 404 of its view ends the search."""
    code = """
    from django.http import Http404
    def missing(request, name): raise Http404
    exact = path("about/", lambda request: HttpResponse(status=201))
    general = path("<str:name>/", lambda request, name: HttpResponse(status=202))
    def answer(*patterns):
        urlpatterns[:] = patterns
        django.urls.clear_url_caches()
        return Client().get("/about/").status_code
    show(answers=[answer(general, exact), answer(exact, general), answer(path("<str:name>/", missing), exact)])
    """
    assert run_django(tmp_path, code) == {"answers": [202, 201, 404]}


def test_a_view_has_to_return_a_response(tmp_path: Path) -> None:
    """DJA743: A string, a dict, a list or None ends in status 500; HttpResponse, JsonResponse and a stream do not."""
    code = """
    from django.http import JsonResponse, StreamingHttpResponse
    good = {"page": HttpResponse("x"), "json": JsonResponse({"a": 1}), "stream": StreamingHttpResponse(["x"])}
    values = {"text": "hello", "dict": {"a": 1}, "list": [1], "none": None, **good}
    urlpatterns.append(path("<name>/", lambda request, name: values[name]))
    client = Client(raise_request_exception=False)
    show(**{name: client.get(f"/{name}/").status_code for name in values})
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=["django.middleware.common.CommonMiddleware"])
    assert seen == {"text": 500, "dict": 500, "list": 500, "none": 500, "page": 200, "json": 200, "stream": 200}


def test_json_is_not_in_request_post(tmp_path: Path) -> None:
    """DJA744: request.POST holds the fields of both kinds of form; a JSON body stands in request.body, and PUT leaves POST empty."""
    code = """
    from django.test.client import encode_multipart
    form, multipart = "application/x-www-form-urlencoded", "multipart/form-data; boundary=xx"
    def seen(method, body, kind):
        request = RequestFactory().generic(method, "/?q=1", body, content_type=kind)
        return [dict(request.POST.items()), dict(request.GET.items()), request.body.decode() if kind != multipart else ""]
    show(form=seen("POST", "a=1", form), multipart=seen("POST", encode_multipart("xx", {"a": "1"}), multipart),
         json=seen("POST", '{"a": 1}', "application/json"), put=seen("PUT", "a=1", form))
    """
    seen = run_django(tmp_path, code)
    assert (seen["form"], seen["multipart"][0]) == ([{"a": "1"}, {"q": "1"}, "a=1"], {"a": "1"})
    assert (seen["json"], seen["put"][0]) == ([{}, {"q": "1"}, '{"a": 1}'], {})


def test_a_change_inside_a_session_value_is_not_saved(tmp_path: Path) -> None:
    """DJA745: What is appended to a list in the session is lost; modified, a new assignment or SESSION_SAVE_EVERY_REQUEST saves it."""
    code = """
    def view(request, how):
        cart = request.session.setdefault("cart", [])
        if how != "read": cart.append(1)
        if how == "modified": request.session.modified = True
        if how == "assigned": request.session["cart"] = cart
        return HttpResponse(json.dumps(cart))
    urlpatterns.append(path("<how>/", view))
    def left(how, always=False):
        settings.SESSION_SAVE_EVERY_REQUEST, client = always, Client()
        return [json.loads(client.get(f"/{step}/").content) for step in ("read", how, "read")]
    show(seen=[left("appended"), left("modified"), left("assigned"), left("appended", True)])
    """
    assert run_django(tmp_path, code)["seen"] == [[[], [1], []], *[[[], [1], [1]]] * 3]


def test_is_authenticated_is_an_attribute(tmp_path: Path) -> None:
    """DJA746: It is a bool, True for every user and False for AnonymousUser, and calling it raises TypeError."""
    code = """
    from django.contrib.auth.models import AnonymousUser, User
    def called(user):
        try: return user.is_authenticated()
        except TypeError as error: return str(error)
    users = User(), User(is_active=False), AnonymousUser()
    show(values=[user.is_authenticated for user in users], called=[called(user) for user in users])
    """
    assert run_django(tmp_path, code) == {"values": [True, True, False], "called": ["'bool' object is not callable"] * 3}


def test_create_stores_the_password_as_it_is(tmp_path: Path) -> None:
    """DJA747: create() and an assignment leave a raw string nobody can log in with; create_user() and set_password() hash."""
    code = """
    from django.contrib.auth import authenticate
    from django.contrib.auth.models import User
    User.objects.create(username="raw", password="pw")
    User.objects.create_user("made", password="pw")
    assigned, changed = User(username="assigned", password="pw"), User(username="changed")
    changed.set_password("pw")
    User.objects.bulk_create([assigned, changed])
    show(**{u.username: [u.password == "pw", authenticate(username=u.username, password="pw") is not None] for u in User.objects.all()})
    """
    seen = run_django(tmp_path, code)
    assert seen == {"raw": [True, False], "assigned": [True, False], "made": [False, True], "changed": [False, True]}


def test_the_user_model_is_chosen_before_the_first_migrate(tmp_path: Path) -> None:
    """DJA748: With the default apps, migrate refuses a user model set after the first migrate and takes it in an empty database."""
    code = """
    from django.core.management import call_command
    call_command("makemigrations", "shop", verbosity=0)
    try: show(seen=call_command("migrate", database="other", verbosity=0))
    except Exception as error: show(seen=type(error).__name__)
    """
    apps = [f"{CONTRIB}{name}" for name in ("admin", "auth", "contenttypes", "sessions", "messages")] + ["shop"]

    def migrate(folder: str, database: str, models: str, user: str) -> object:
        (tmp_path / folder).mkdir()
        files = {"default": ":memory:", "other": str(tmp_path / database)}
        databases = {name: {"ENGINE": "django.db.backends.sqlite3", "NAME": file} for name, file in files.items()}
        return run_django(tmp_path / folder, code, models, DATABASES=databases, INSTALLED_APPS=apps, AUTH_USER_MODEL=user)["seen"]

    person = "from django.contrib.auth.models import AbstractUser\nclass Person(AbstractUser): pass\n"
    assert migrate("first", "late.db", "", "auth.User") is None
    assert migrate("second", "late.db", person, "shop.Person") == "InconsistentMigrationHistory"
    assert migrate("third", "fresh.db", person, "shop.Person") is None


def test_logins_are_not_throttled(tmp_path: Path) -> None:
    """DJA749: After fifty wrong passwords the login view still takes the right one, and the user is active as before."""
    code = """
    from django.contrib.auth.models import User
    urlpatterns.append(path("", django.urls.include("django.contrib.auth.urls")))
    User.objects.create_user("ann", password="right")
    codes = [Client().post("/login/", {"username": "ann", "password": given}).status_code for given in ["wrong"] * 50 + ["right"]]
    show(codes=codes, active=User.objects.get().is_active)
    """
    fast = [f"{CONTRIB}auth.hashers.MD5PasswordHasher"]
    seen = run_django(tmp_path, code, TEMPLATES=templates({"registration/login.html": ""}), PASSWORD_HASHERS=fast)
    assert seen == {"codes": [200] * 50 + [302], "active": True}


def test_there_is_no_view_for_signing_up(tmp_path: Path) -> None:
    """DJA750: The URLs and views of django.contrib.auth are for login, logout and passwords; for signing up there is only a form."""
    code = """
    from django.contrib.auth import forms, urls, views
    names = [name for name, value in vars(views).items() if getattr(value, "__module__", "") == views.__name__ and name.endswith("View")]
    show(urls=[pattern.name for pattern in urls.urlpatterns], views=names, form=hasattr(forms, "UserCreationForm"))
    """
    seen = run_django(tmp_path, code)
    assert {"login", "password_reset"} <= set(seen["urls"]) and "LoginView" in seen["views"] and seen["form"]
    assert all(name.lower().startswith(("login", "logout", "password")) for name in seen["urls"] + seen["views"])


def test_permissions_are_per_model(tmp_path: Path) -> None:
    """DJA751: With the permission for the model, has_perm() is True without an object and False with one; another backend decides."""
    code = """
    from django.contrib.auth.models import Permission, User
    from django.contrib.contenttypes.models import ContentType
    class OwnerBackend:
        def has_perm(self, user, perm, obj=None): return obj is not None and obj.name == user.username
    ann, root = User.objects.create_user("ann"), User.objects.create_superuser("root")
    kind = ContentType.objects.get_for_model(Item)
    ann.user_permissions.add(Permission.objects.create(codename="change_item", content_type=kind))
    own, other = Item.objects.create(name="ann"), Item.objects.create(name="bob")
    def may(name, *backends):
        settings.AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend", *backends]
        return [User.objects.get(username=name).has_perm("shop.change_item", obj) for obj in (None, own, other)]
    show(plain=may("ann"), owner=may("ann", "__main__.OwnerBackend"), root=may("root"))
    """
    assert run_django(tmp_path, code, ITEM) == {"plain": [True, False, False], "owner": [True, True, False], "root": [True] * 3}


def test_commit_false_saves_nothing(tmp_path: Path) -> None:
    """DJA752: save(commit=False) sends no SQL and gives an instance without key; save() and save_m2m() write it and its relations."""
    code = """
    from django import forms
    form = forms.modelform_factory(Item, fields=["name", "near"])({"name": "a", "near": [Item.objects.create().pk]})
    form.is_valid()
    with CaptureQueriesContext(connection) as sent:
        item = form.save(commit=False)
    seen = [len(sent), item.pk, Item.objects.count(), connection.in_atomic_block]
    item.save()
    before = item.near.count()
    form.save_m2m()
    show(seen=seen, saved=Item.objects.count(), near=[before, item.near.count()])
    """
    assert run_django(tmp_path, code, ITEM) == {"seen": [0, None, 1, False], "saved": 2, "near": [0, 1]}


def test_a_child_template_gives_only_its_blocks(tmp_path: Path) -> None:
    """DJA753: Text beside the blocks of a child and blocks the parent lacks are left out; extends below a tag is an error."""
    code = """
    from django.template import TemplateSyntaxError, engines
    head = '{% extends "base.html" %}'
    def render(text, head=head):
        try: return engines["django"].from_string(head + text).render()
        except TemplateSyntaxError as error: return type(error).__name__
    show(child=render("outside{% block body %}child{% endblock %}{% block other %}lost{% endblock %}"), bare=render("outside"),
         both=render("{% block body %}{{ block.super }}+child{% endblock %}"), late=render(head, "{% block a %}{% endblock %}"))
    """
    base = "<{% block body %}parent{% endblock %}{% block foot %}|foot{% endblock %}>"
    seen = run_django(tmp_path, code, TEMPLATES=templates({"base.html": base}))
    assert seen == {"child": "<child|foot>", "bare": "<parent|foot>", "both": "<parent+child|foot>", "late": "TemplateSyntaxError"}


def test_an_undefined_variable_is_left_empty(tmp_path: Path) -> None:
    """DJA754: A missing variable, key or attribute prints nothing, with DEBUG too; an unknown tag or filter is an error."""
    code = """
    from django.template import TemplateSyntaxError, engines
    def render(text):
        try: return engines["django"].from_string(f"[{text}]").render({"user": {"name": "Ann"}})
        except TemplateSyntaxError as error: return type(error).__name__
    empty = ["{{ x }}", "{{ user.nmae }}", "{{ x.a.b }}", "{% for a in x %}a{% endfor %}", "{% if x %}yes{% endif %}"]
    show(empty=[render(text) for text in empty], errors=[render("{% x %}"), render("{{ user|x }}")], given=render("{{ user.name }}"))
    """
    seen = run_django(tmp_path, code, TEMPLATES=templates({}), DEBUG=True)
    assert seen == {"empty": ["[]"] * 5, "errors": ["TemplateSyntaxError"] * 2, "given": "[Ann]"}


def test_https_is_not_forced_by_default(tmp_path: Path) -> None:
    """DJA755: With the settings of startproject plain HTTP is answered with the page; SECURE_SSL_REDIRECT answers it with a 301."""
    code = """
    from django.core.management import call_command
    call_command("startproject", "fresh")
    values = {}
    exec((HERE / "fresh" / "fresh" / "settings.py").read_text(), {"__file__": str(HERE / "settings.py")}, values)
    settings.MIDDLEWARE = values["MIDDLEWARE"]
    urlpatterns.append(path("", lambda request: HttpResponse(request.scheme)))
    def answer(redirect, **how):
        settings.SECURE_SSL_REDIRECT = redirect
        response = Client().get("/", **how)
        return [response.status_code, response.get("Location", response.content.decode())]
    default = values.get("SECURE_SSL_REDIRECT", settings.SECURE_SSL_REDIRECT)
    show(default=default, answers=[answer(default), answer(True), answer(True, secure=True)])
    """
    assert run_django(tmp_path, code) == {"default": False, "answers": [[200, "http"], [301, "https://testserver/"], [200, "https"]]}


def test_requests_are_served_at_the_same_time(tmp_path: Path) -> None:
    """DJA756: Five requests to one process, on Django's own threaded server, wait for each other in the view and all meet."""
    code = """
    import threading, urllib.request
    from concurrent.futures import ThreadPoolExecutor
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    meeting = threading.Barrier(5)
    urlpatterns.append(path("", lambda request: HttpResponse(str(meeting.wait(timeout=20)))))
    server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
    server.set_app(django.core.wsgi.get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with ThreadPoolExecutor(5) as pool:
        answers = pool.map(lambda number: urllib.request.urlopen(f"http://127.0.0.1:{server.server_port}/").read(), range(5))
    show(answers=sorted(map(int, answers)))
    """
    assert run_django(tmp_path, code, ALLOWED_HOSTS=["*"])["answers"] == [0, 1, 2, 3, 4]


def test_python_2_is_not_supported() -> None:
    """DJA757: The metadata of Django 5.2 ask for Python 3.10 or newer."""
    wanted = SpecifierSet(metadata("django")["Requires-Python"])
    assert [version for version in ("2.7", "3.6", "3.9", "3.10", "3.12", "3.14") if version in wanted] == ["3.10", "3.12", "3.14"]


def test_synchronous_views_run_in_a_thread_under_asgi(tmp_path: Path) -> None:
    """DJA758: In one project a def view runs in another thread than the event loop and an async def view on it."""
    code = """
    import threading
    from django.test import AsyncClient
    def here(): return HttpResponse(json.dumps([threading.get_ident() == loop, asyncio._get_running_loop() is not None]))
    async def aview(request): return here()
    urlpatterns[:] = [path("sync", lambda request: here()), path("async", aview)]
    loop = threading.get_ident()
    async def main(): return [json.loads((await AsyncClient().get(url)).content) for url in ("/sync", "/async")]
    show(seen=asyncio.run(main()))
    """
    assert run_django(tmp_path, code)["seen"] == [[False, False], [True, True]]
