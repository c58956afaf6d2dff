"""Django's request cycle: views, middleware, hosts, signals, and the layers of a page."""

from importlib.metadata import version
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
from django_process import run_configured

PRELUDE = """
import json
import sys
import threading

import django
from django.conf import settings

settings.configure(
    **{"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": ["testserver"], "ROOT_URLCONF": "__main__", **json.loads(sys.argv[1])},
)
django.setup()

from django.http import HttpResponse, JsonResponse
from django.test import Client
from django.urls import path

client = Client()


def show(**seen):
    print(json.dumps(seen))
"""


def run_django(folder: Path, code: str, **settings: Any) -> dict[str, Any]:
    """Runs `code`, which defines `urlpatterns`, in a Django process of its own; what it shows comes back."""
    return run_configured(folder, PRELUDE + dedent(code), settings)


def test_django_serves_an_api(tmp_path: Path) -> None:
    """DJA001: JsonResponse alone serves an API, and so does Django REST framework."""
    code = """
    from rest_framework.decorators import api_view
    from rest_framework.response import Response

    def plain(request):
        return JsonResponse({"got": json.loads(request.body)} if request.method == "POST" else {"items": [1, 2]})

    @api_view(["GET"])
    def drf(request):
        return Response({"items": [1, 2]})

    urlpatterns = [path("plain", plain), path("drf", drf)]
    get, post, rest = client.get("/plain"), client.post("/plain", {"a": 1}, content_type="application/json"), client.get("/drf")
    show(types=[r.headers["Content-Type"] for r in (get, post, rest)], bodies=[r.json() for r in (get, post, rest)])
    """
    apps = ["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"]
    seen = run_django(tmp_path, code, INSTALLED_APPS=apps, REST_FRAMEWORK={"UNAUTHENTICATED_USER": None})
    assert seen["types"] == ["application/json"] * 3
    assert seen["bodies"] == [{"items": [1, 2]}, {"got": {"a": 1}}, {"items": [1, 2]}]


def test_function_and_class_views(tmp_path: Path) -> None:
    """DJA002: A view may be a function or a class, in one project."""
    code = """
    from django.views import View

    def by_function(request):
        return HttpResponse("function " + request.method)

    class ByClass(View):
        def get(self, request):
            return HttpResponse("class get")

        def post(self, request):
            return HttpResponse("class post")

    urlpatterns = [path("function", by_function), path("class", ByClass.as_view())]
    answers = [client.get("/function"), client.get("/class"), client.post("/class")]
    show(bodies=[answer.content.decode() for answer in answers], put=client.put("/class").status_code)
    """
    seen = run_django(tmp_path, code)
    assert seen["bodies"] == ["function GET", "class get", "class post"]
    assert seen["put"] == 405


def test_small_and_large_projects(tmp_path: Path) -> None:
    """DJA003: One file with one view is a project, and so are a hundred apps with models and URLs of their own."""
    small = """
    urlpatterns = [path("", lambda request: HttpResponse("small"))]
    show(body=client.get("/").content.decode())
    """
    assert run_django(tmp_path, small)["body"] == "small"
    names = [f"app{number}" for number in range(100)]
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
        (tmp_path / name / "models.py").write_text(
            "from django.db import models\nclass Item(models.Model):\n    name = models.CharField(max_length=9)\n"
        )
        (tmp_path / name / "urls.py").write_text(
            "from django.http import HttpResponse\nfrom django.urls import path\n"
            f"urlpatterns = [path('', lambda request: HttpResponse('{name}'))]\n"
        )
    large = """
    from django.apps import apps
    from django.core.management import call_command
    from django.urls import include

    names = [config.name for config in apps.get_app_configs()]
    urlpatterns = [path(f"{name}/", include(f"{name}.urls")) for name in names]
    call_command("check", stdout=sys.stderr)
    show(models=len(apps.get_models()), bodies=[client.get(f"/{name}/").content.decode() for name in names])
    """
    seen = run_django(tmp_path, large, INSTALLED_APPS=names, DEFAULT_AUTO_FIELD="django.db.models.BigAutoField")
    assert seen["models"] == 100
    assert seen["bodies"] == names


@pytest.mark.release("django==3.0.14")
def test_async_views(tmp_path: Path) -> None:
    """DJA005: Since 3.1 an async def view is awaited, under WSGI and ASGI; 3.0 called it like a function."""
    code = """
    import asyncio
    from django.core.asgi import get_asgi_application

    async def view(request):
        await asyncio.sleep(0)
        return HttpResponse("awaited")

    urlpatterns = [path("", view)]
    seen = {}

    def by_wsgi():
        return client.get("/").content.decode()

    async def by_asgi():
        sent, messages = [], [{"type": "http.request", "body": b""}]
        async def receive():
            return messages.pop(0) if messages else await asyncio.sleep(60)
        async def send(message):
            sent.append(message)
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [(b"host", b"testserver")]}
        await get_asgi_application()(scope, receive, send)
        return b"".join(message.get("body", b"") for message in sent).decode()

    for name, run in {"wsgi": by_wsgi, "asgi": lambda: asyncio.run(by_asgi())}.items():
        try:
            seen[name] = run()
        except Exception as error:
            seen[name] = "coroutine" in str(error) and "raised"
    show(**seen)
    """
    release = tuple(int(part) for part in version("django").split(".")[:2])
    seen = run_django(tmp_path, code, DEBUG_PROPAGATE_EXCEPTIONS=True)
    if release >= (3, 1):
        assert seen == {"wsgi": "awaited", "asgi": "awaited"}
    else:
        assert seen == {"wsgi": "raised", "asgi": "raised"}


def test_signals_are_synchronous(tmp_path: Path) -> None:
    """DJA103: Signal.send() calls the receivers in its own thread and returns when they are done."""
    code = """
    import time
    from django.dispatch import Signal

    signal, log = Signal(), []

    def receiver(sender, number, **kwargs):
        time.sleep(0.05)
        log.append((number, threading.get_ident() == here))
        return number

    def broken(sender, **kwargs):
        raise ValueError("from the receiver")

    here = threading.get_ident()
    for number in (1, 2):
        signal.connect(lambda sender, number=number, **kwargs: receiver(sender, number), weak=False)
    start = time.perf_counter()
    answers = [answer for _, answer in signal.send("me")]
    log.append("returned")
    took = time.perf_counter() - start
    signal.connect(broken)
    try:
        signal.send("me")
    except ValueError:
        log.append("raised")
    show(log=log, took=took, answers=answers, threads=threading.active_count())
    """
    seen = run_django(tmp_path, code)
    assert seen["log"][:3] == [[1, True], [2, True], "returned"]
    assert seen["log"][-1] == "raised"
    assert seen["took"] >= 0.1
    assert seen["answers"] == [1, 2]
    assert seen["threads"] == 1


def test_template_presents_and_view_decides(tmp_path: Path) -> None:
    """DJA110: The view, Python code, picks the data; the template alone decides how they look."""
    code = """
    from django.shortcuts import render

    PRICES = {"tea": 3, "cake": 5}

    def menu(request):
        limit = int(request.GET.get("limit", 9))
        return render(request, request.GET["template"], {"menu": {k: v for k, v in PRICES.items() if v <= limit}})

    def data(request):
        return JsonResponse(PRICES)

    urlpatterns = [path("menu", menu), path("data", data)]
    ask = lambda template, **query: client.get("/menu", {"template": template, **query}).content.decode()
    show(lines=ask("lines"), table=ask("table"), cheap=ask("lines", limit=4), no_template=client.get("/data").json())
    """
    (tmp_path / "lines").write_text("{% for name, price in menu.items %}{{ name }}={{ price }};{% endfor %}")
    (tmp_path / "table").write_text("<b>{{ menu|length }}</b>")
    templates = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": [str(tmp_path)]}]
    seen = run_django(tmp_path, code, TEMPLATES=templates)
    assert seen["lines"] == "tea=3;cake=5;"
    assert seen["table"] == "<b>2</b>"  # the same view, another look
    assert seen["cheap"] == "tea=3;"  # the same template, other data
    assert seen["no_template"] == {"tea": 3, "cake": 5}


def test_allowed_hosts_is_about_the_host_header(tmp_path: Path) -> None:
    """DJA208: ALLOWED_HOSTS is compared with the Host header; the client's address plays no part."""
    code = """
    urlpatterns = [path("", lambda request: HttpResponse(request.get_host()))]
    ask = lambda host, address="127.0.0.1": client.get("/", HTTP_HOST=host, REMOTE_ADDR=address).status_code
    show(
        own=ask("shop.example.com"), other=ask("evil.example.net"), sub=ask("www.example.org"),
        from_afar=ask("shop.example.com", "203.0.113.9"), listed_client_wrong_host=ask("evil.example.net", "198.51.100.7"),
    )
    """
    hosts = ["shop.example.com", ".example.org", "198.51.100.7"]
    middleware = ["django.middleware.common.CommonMiddleware"]
    logging = {"LOGGING_CONFIG": None}
    seen = run_django(tmp_path, code, ALLOWED_HOSTS=hosts, MIDDLEWARE=middleware, **logging)
    assert seen == {"own": 200, "other": 400, "sub": 200, "from_afar": 200, "listed_client_wrong_host": 400}


def test_middleware_runs_down_and_up(tmp_path: Path) -> None:
    """DJA209: Middleware sees the request in the order of MIDDLEWARE and the response in reverse."""
    code = """
    log = []

    def layer(name):
        def middleware(get_response):
            def handle(request):
                log.append(name + " request")
                request.names = [*getattr(request, "names", []), name]
                response = HttpResponse("stopped") if name == request.GET.get("stop") else get_response(request)
                log.append(name + " response")
                return response
            return handle
        return middleware

    first, second, third = layer("first"), layer("second"), layer("third")

    def view(request):
        log.append("view")
        return HttpResponse(",".join(request.names))

    urlpatterns = [path("", view)]
    body = client.get("/").content.decode()
    whole, log[:] = list(log), []
    stopped = client.get("/?stop=second").content.decode()
    show(body=body, whole=whole, stopped=stopped, short=log)
    """
    names = ["first", "second", "third"]
    down, up = [f"{name} request" for name in names], [f"{name} response" for name in names]
    for order in (1, -1):
        folder = tmp_path / str(order)
        folder.mkdir()
        seen = run_django(folder, code, MIDDLEWARE=[f"__main__.{name}" for name in names[::order]])
        assert seen["body"] == ",".join(names[::order])
        assert seen["whole"] == [*down[::order], "view", *up[::-order]]
        assert seen["stopped"] == "stopped"
        assert seen["short"] == [*down[::order][:2], *up[::order][:2][::-1]]
