"""Django: the files of a project, static files, forms, URL patterns, signals, async code and Channels, as interviews ask for them."""

from pathlib import Path

from django_process import run_django

APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django.contrib.staticfiles", "shop"]
MANIFEST = "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
ITEM = "class Item(models.Model):\n    name = models.CharField(max_length=20)\n    stock = models.IntegerField(default=0)\n"


def test_collectstatic_only_copies(tmp_path: Path) -> None:
    """DJA861: Two files with comments and blanks come out as two files with the same text, and with hashed names besides."""
    (tmp_path / "assets").mkdir()
    texts = {"a.css": "/* a comment */\nbody   {\n}\n", "b.js": "// a comment\nlet   x = 1;\n"}
    for name, text in texts.items():
        (tmp_path / "assets" / name).write_text(text)
    code = """
    from django.core.management import call_command
    call_command("collectstatic", verbosity=0, interactive=False)
    show(files={path.name: path.read_text() for path in (HERE / "out").iterdir()})
    """
    folders = {"STATICFILES_DIRS": [str(tmp_path / "assets")], "STATIC_ROOT": str(tmp_path / "out")}
    files = run_django(tmp_path, code, INSTALLED_APPS=APPS, STORAGES={"staticfiles": {"BACKEND": MANIFEST}}, **folders)["files"]
    assert files.pop("staticfiles.json")
    assert len(files) == 4 and sorted(files.values()) == sorted([*texts.values()] * 2)
    assert {name: files[name] for name in texts} == texts


def test_staticfiles_storage_is_ignored(tmp_path: Path) -> None:
    """DJA862: STATICFILES_STORAGE changes nothing and does not fail; the key staticfiles of STORAGES does choose the storage."""
    code = """
    from django.contrib.staticfiles.storage import staticfiles_storage
    staticfiles_storage.url
    show(storage=type(staticfiles_storage._wrapped).__name__)
    """
    found = []
    for number, settings in enumerate([{}, {"STATICFILES_STORAGE": MANIFEST}, {"STORAGES": {"staticfiles": {"BACKEND": MANIFEST}}}]):
        (tmp_path / str(number)).mkdir()
        found.append(run_django(tmp_path / str(number), code, INSTALLED_APPS=APPS, STATIC_ROOT=str(tmp_path), **settings)["storage"])
    assert found == ["StaticFilesStorage", "StaticFilesStorage", "ManifestStaticFilesStorage"]


def test_startproject_writes_five_files(tmp_path: Path) -> None:
    """DJA863: The inner package holds five files, asgi.py among them, and manage.py lies above it; nothing else is written."""
    code = """
    from django.core.management import call_command
    call_command("startproject", "site1")
    show(inner=sorted(os.listdir(HERE / "site1" / "site1")), outer=sorted(os.listdir(HERE / "site1")))
    """
    seen = run_django(tmp_path, code)
    assert seen["inner"] == ["__init__.py", "asgi.py", "settings.py", "urls.py", "wsgi.py"]
    assert seen["outer"] == ["manage.py", "site1"]


def test_the_outer_folder_can_be_renamed(tmp_path: Path) -> None:
    """DJA864: manage.py works in an outer folder of another name, which is no package; it fails once the inner one is renamed."""
    code = """
    import subprocess
    from django.core.management import call_command
    call_command("startproject", "site1")
    def check(folder):
        return subprocess.run([sys.executable, "manage.py", "check"], cwd=folder, capture_output=True).returncode
    outer = (HERE / "site1").rename(HERE / "other")
    first, files = check(outer), os.listdir(outer)
    (outer / "site1").rename(outer / "site2")
    show(first=first, files=files, second=check(outer))
    """
    seen = run_django(tmp_path, code)
    assert seen["first"] == 0 and seen["second"] != 0
    assert "__init__.py" not in seen["files"]


def test_only_a_model_form_has_save(tmp_path: Path) -> None:
    """DJA865: A valid plain form has no save() and stores nothing; a ModelForm with the same fields saves a row."""
    code = """
    from django import forms
    class Plain(forms.Form):
        name = forms.CharField()
    class Bound(forms.ModelForm):
        class Meta:
            model, fields = Item, ["name"]
    plain, bound = Plain({"name": "a"}), Bound({"name": "a"})
    valid, before = [plain.is_valid(), bound.is_valid()], Item.objects.count()
    bound.save()
    show(valid=valid, has=[hasattr(plain, "save"), hasattr(bound, "save")], counts=[before, Item.objects.count()])
    """
    seen = run_django(tmp_path, code, ITEM)
    assert seen == {"valid": [True, True], "has": [False, True], "counts": [0, 1]}


def test_a_model_form_must_choose_its_fields(tmp_path: Path) -> None:
    """DJA866: With the model alone the class cannot be defined; fields, exclude and '__all__' each do, and so does no model."""
    code = """
    from django import forms
    def define(**options):
        meta = type("Meta", (), options)
        return list(type(forms.ModelForm)("ItemForm", (forms.ModelForm,), {"Meta": meta}).base_fields)
    show(neither=failure(define, model=Item), fields=define(model=Item, fields=["name"]), exclude=define(model=Item, exclude=["name"]),
         everything=define(model=Item, fields="__all__"), no_model=define())
    """
    seen = run_django(tmp_path, code, ITEM)
    assert seen["neither"] == "ImproperlyConfigured"
    assert (seen["fields"], seen["exclude"]) == (["name"], ["stock"])
    assert (seen["everything"], seen["no_model"]) == (["name", "stock"], [])


def test_development_needs_no_collectstatic(tmp_path: Path) -> None:
    """DJA867: With DEBUG runserver's handler serves a file from its source folder at once, also when changed, without DEBUG not."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "a.css").write_text("old")
    code = """
    from django.contrib.staticfiles.management.commands.runserver import Command
    handler, answers = Command().get_handler(use_static_handler=True, insecure_serving=False), []
    for text in ("old", "new"):
        (HERE / "assets" / "a.css").write_text(text)
        body = handler(RequestFactory().get("/static/a.css").environ, lambda status, headers: answers.append(status))
        answers.append(b"".join(body).decode()[:3])
    show(answers=answers, root=settings.STATIC_ROOT)
    """
    folders = {"STATICFILES_DIRS": [str(tmp_path / "assets")], "INSTALLED_APPS": APPS}
    seen = run_django(tmp_path, code, DEBUG=True, **folders)
    assert seen == {"answers": ["200 OK", "old", "200 OK", "new"], "root": None}
    (tmp_path / "live").mkdir()
    code = code.replace('HERE / "assets"', 'HERE.parent / "assets"')
    assert run_django(tmp_path / "live", code, DEBUG=False, **folders)["answers"][::2] == ["404 Not Found"] * 2


def test_async_views_work_under_wsgi(tmp_path: Path) -> None:
    """DJA868: The WSGI handler answers from an async view that awaits, and every request has another event loop."""
    code = """
    from django.core.handlers.wsgi import WSGIHandler
    loops, answers = [], []
    async def view(request):
        await asyncio.gather(asyncio.sleep(0.01), asyncio.sleep(0.01))
        loops.append(asyncio.get_running_loop())
        return HttpResponse("done")
    urlpatterns.append(path("", view))
    handler = WSGIHandler()
    for _ in range(2):
        body = handler(RequestFactory().get("/").environ, lambda status, headers: answers.append(status))
        answers.append(b"".join(body).decode())
    show(answers=answers, same=loops[0] is loops[1], closed=[loop.is_closed() for loop in loops])
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=[])
    assert seen == {"answers": ["200 OK", "done"] * 2, "same": False, "closed": [True, True]}


def test_sync_to_async_shares_one_thread(tmp_path: Path) -> None:
    """DJA869: Three gathered calls share a thread and never overlap by default; with thread_sensitive=False they do."""
    code = """
    import threading, time
    from asgiref.sync import sync_to_async
    async def calls(**options):
        running, most = set(), []
        def work(number):
            running.add(number)
            time.sleep(0.1)
            most.append(len(running))
            running.discard(number)
            return threading.get_ident()
        threads = await asyncio.gather(*[sync_to_async(work, **options)(number) for number in range(3)])
        return [len(set(threads)), max(most)]
    show(default=asyncio.run(calls()), parallel=asyncio.run(calls(thread_sensitive=False)))
    """
    seen = run_django(tmp_path, code)
    assert seen["default"] == [1, 1]
    assert seen["parallel"][0] > 1 and seen["parallel"][1] > 1


def test_a_channel_layer_may_lose_messages(tmp_path: Path) -> None:
    """DJA870: A message to a full member of a group, one from before joining and an expired one never arrive; others do."""
    code = """
    from channels.layers import InMemoryChannelLayer
    async def received(sends, joined=0, pause=0, **options):
        layer, got = InMemoryChannelLayer(**options), []
        for number in range(sends):
            if number == joined:
                await layer.group_add("news", "reader")
            await layer.group_send("news", {"type": "news", "number": number})
        await asyncio.sleep(pause)
        while len(got) < sends:
            try:
                got.append((await asyncio.wait_for(layer.receive("reader"), 0.2))["number"])
            except TimeoutError:
                break
        return got
    show(found=[asyncio.run(received(3, **options)) for options in ({}, {"capacity": 2}, {"joined": 1}, {"pause": 0.3, "expiry": 0.1})])
    """
    assert run_django(tmp_path, code)["found"] == [[0, 1, 2], [0, 1], [1, 2], []]


def test_channels_runs_under_uvicorn(tmp_path: Path) -> None:
    """DJA871: Without Daphne, Uvicorn answers HTTP from Django's view and accepts a WebSocket for a consumer of Channels."""
    code = """
    import importlib.util, socket, threading, time, uvicorn
    from django.core.asgi import get_asgi_application
    from channels.generic.websocket import WebsocketConsumer
    from channels.routing import ProtocolTypeRouter
    urlpatterns.append(path("", lambda request: HttpResponse("from Django")))
    app = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": WebsocketConsumer.as_asgi()})
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="wsproto", lifespan="off"))
    threading.Thread(target=server.run, args=([listener],), daemon=True).start()
    def ask(extra):
        with socket.create_connection(listener.getsockname(), timeout=5) as line:
            line.sendall(("GET / HTTP/1.1\\r\\nHost: testserver\\r\\n" + extra + "\\r\\n").encode())
            return line.recv(999).decode().split("\\r\\n")[0]
    upgrade = "Connection: Upgrade\\r\\nUpgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\nSec-WebSocket-Key: " + "A" * 22 + "==\\r\\n"
    show(daphne=bool(importlib.util.find_spec("daphne")), lines=[ask("Connection: close\\r\\n")[9:], ask(upgrade)[9:12]])
    """
    assert run_django(tmp_path, code, MIDDLEWARE=[]) == {"daphne": False, "lines": ["200 OK", "101"]}


def test_form_fields_are_required_by_default(tmp_path: Path) -> None:
    """DJA872: Empty, blank or unticked fields make the form invalid; with required=False it is valid."""
    code = """
    from django import forms
    def errors(kind, **data):
        return sorted(type("Some", (forms.Form,), {"field": kind})(data).errors.get_json_data())
    show(default=[errors(forms.CharField()), errors(forms.CharField(), field="  "), errors(forms.IntegerField()), errors(forms.BooleanField())],
         optional=[errors(kind(required=False)) for kind in (forms.CharField, forms.IntegerField, forms.BooleanField)],
         filled=[errors(forms.CharField(), field="a"), errors(forms.BooleanField(), field="on")])
    """
    assert run_django(tmp_path, code) == {"default": [["field"]] * 4, "optional": [[]] * 3, "filled": [[]] * 2}


def test_an_unbound_form_is_never_valid(tmp_path: Path) -> None:
    """DJA873: Without data, or with initial or an instance only, the form is not valid and has no errors; with {} it is valid."""
    code = """
    from django import forms
    class Optional(forms.Form):
        name = forms.CharField(required=False)
    class ItemForm(forms.ModelForm):
        class Meta:
            model, fields = Item, ["name"]
    found = [Optional(), Optional(initial={"name": "a"}), ItemForm(instance=Item(name="a")), Optional({})]
    show(seen=[[form.is_bound, form.is_valid(), len(form.errors)] for form in found])
    """
    assert run_django(tmp_path, code, ITEM)["seen"] == [[False, False, 0]] * 3 + [[True, True, 0]]


def test_the_static_tag_is_loaded_by_load_static(tmp_path: Path) -> None:
    """DJA874: load static makes the tag known, in its own template only; the old libraries and the bare tag are errors."""
    base = "{% load static %}{% block body %}{% endblock %}"
    options = {"loaders": [["django.template.loaders.locmem.Loader", {"base.html": base}]]}
    engine = {"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": options}
    code = """
    from django.template import Context, Template
    def render(text):
        return Template(text).render(Context())
    tag = "{% static 'a.css' %}"
    child = "{% extends 'base.html' %}{% block body %}" + tag + "{% endblock %}"
    show(good=render("{% load static %}" + tag), bad=[failure(render, "{% load " + name + " %}") for name in ("staticfiles", "admin_static")],
         bare=[failure(render, tag), failure(render, child)])
    """
    seen = run_django(tmp_path, code, INSTALLED_APPS=APPS, TEMPLATES=[engine])
    assert seen == {"good": "/static/a.css", "bad": ["TemplateSyntaxError"] * 2, "bare": ["TemplateSyntaxError"] * 2}


def test_url_patterns_match_the_path_only(tmp_path: Path) -> None:
    """DJA875: One pattern takes each method and query string; patterns with a question mark never match; POST has request.GET too."""
    code = """
    def view(request, **captured):
        return HttpResponse(f"{request.method} {request.GET.get('q')} {captured}")
    urlpatterns += [path("all/", view), path("one/?q=<str:q>", view), re_path(r"^two/[?]q=(?P<q>.*)$", view)]
    client = Client()
    show(found=[client.get("/all/?q=1").content.decode(), client.post("/all/?q=1").content.decode(), client.put("/all/").content.decode()],
         missed=[client.get("/one/?q=1").status_code, client.get("/two/?q=1").status_code])
    """
    seen = run_django(tmp_path, code, MIDDLEWARE=[])
    assert seen == {"found": ["GET 1 {}", "POST 1 {}", "PUT None {}"], "missed": [404, 404]}


def test_errors_of_receivers_reach_the_caller(tmp_path: Path) -> None:
    """DJA876: A failing post_save receiver makes save() raise and stops the next one; send_robust() returns the error and goes on."""
    code = """
    from django.db.models.signals import post_save
    called = []
    def fails(**kwargs):
        raise ValueError("no")
    def works(**kwargs):
        called.append(1)
    for receiver in (fails, works):
        post_save.connect(receiver, sender=Item)
    saved, first = failure(Item(name="a").save), list(called)
    results = [type(result).__name__ for _, result in post_save.send_robust(sender=Item)]
    show(saved=saved, first=first, results=results, called=called)
    """
    seen = run_django(tmp_path, code, ITEM)
    assert (seen["saved"], seen["first"]) == ("ValueError", [])
    assert (seen["results"], seen["called"]) == (["ValueError", "NoneType"], [1])
