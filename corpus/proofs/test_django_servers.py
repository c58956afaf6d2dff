"""Django behind its servers: static files, runserver, caches, ASGI, and Django REST framework beside it."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

SITE = """
from django.http import HttpResponse
from django.urls import path

SECRET_KEY = "k" * 50
DEBUG = {debug}
ALLOWED_HOSTS = ["127.0.0.1"]
ROOT_URLCONF = "site1"
INSTALLED_APPS = ["django.contrib.staticfiles"]
MIDDLEWARE = {middleware}
STATIC_URL, STATIC_ROOT, STATICFILES_DIRS = "static/", {folder!r} + "/collected", [{folder!r} + "/assets"]
urlpatterns = [path("", lambda request: HttpResponse("from Django"))]
"""

WSGI = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "site1"
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
"""


def write_site(folder: Path, debug: bool, middleware: tuple[str, ...] = ()) -> Path:
    """A project of one module in a new folder, with one stylesheet."""
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "site.css").write_text("body {}")
    (folder / "site1.py").write_text(SITE.format(debug=debug, middleware=list(middleware), folder=str(folder)))
    (folder / "wsgi1.py").write_text(WSGI)
    return folder


def run_python(folder: Path, code: str) -> dict[str, Any]:
    """Runs a script of its own and returns the JSON it prints."""
    (folder / "main.py").write_text(dedent(code))
    done = subprocess.run([sys.executable, "-B", "-W", "ignore", "main.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


@contextmanager
def serve(**servers: tuple[Path, tuple[str, ...]]) -> Iterator[tuple[dict[str, int], dict[str, str]]]:
    """Starts the servers, all at once, on free ports; gives the ports and, once they are stopped, what they printed."""
    processes: dict[str, subprocess.Popen[str]] = {}
    ports: dict[str, int] = {}
    printed: dict[str, str] = dict.fromkeys(servers, "")
    try:
        for name, (folder, command) in servers.items():
            env = {**os.environ, "DJANGO_SETTINGS_MODULE": "site1", "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(folder)}
            processes[name] = subprocess.Popen(
                [sys.executable, "-B", "-m", *command], cwd=folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
        for name, process in processes.items():
            for line in process.stdout or ():
                printed[name] += line
                if started := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                    ports[name] = int(started.group(1))
                    break
            assert name in ports, printed[name]
        yield ports, printed
    finally:
        for process in processes.values():
            process.terminate()
        for name, process in processes.items():
            printed[name] += process.stdout.read() if process.stdout else ""  # communicate() would lose what was read ahead
            process.wait(timeout=10)


def ask(port: int, path: str) -> tuple[int, bytes, str]:
    """Status, body and server name of an answer."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read(), response.getheader("Server", "").split("/")[0]
    finally:
        connection.close()


RUNSERVER = ("django", "runserver", "127.0.0.1:0", "--noreload")
GUNICORN = ("gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "wsgi1:application")


def test_static_files_only_by_runserver_in_debug_mode(tmp_path: Path) -> None:
    """DJA105: runserver with DEBUG serves static files; without DEBUG, or under another server, WhiteNoise or the like must."""
    debug, production = write_site(tmp_path / "debug", True), write_site(tmp_path / "production", False)
    white = write_site(tmp_path / "white", False, ("whitenoise.middleware.WhiteNoiseMiddleware",))
    collect = [sys.executable, "-B", "-m", "django", "collectstatic", "--noinput", "--settings", "site1", "--pythonpath", "."]
    subprocess.run(collect, cwd=white, check=True, capture_output=True)
    with serve(
        runserver_debug=(debug, RUNSERVER),
        runserver=(production, RUNSERVER),
        gunicorn_debug=(debug, GUNICORN),
        whitenoise=(white, GUNICORN),
    ) as (ports, _):
        pages = {ask(port, "/")[:2] for port in ports.values()}
        styles = {name: ask(port, "/static/site.css")[0] for name, port in ports.items()}
    assert pages == {(200, b"from Django")}
    assert styles == {"runserver_debug": 200, "runserver": 404, "gunicorn_debug": 404, "whitenoise": 200}


def test_runserver_is_for_development(tmp_path: Path) -> None:
    """DJA106: runserver calls itself a development server, on wsgiref; Gunicorn and an ASGI server run the same project."""
    folder = write_site(tmp_path / "site", False)
    (folder / "asgi1.py").write_text(WSGI.replace("wsgi", "asgi"))
    uvicorn = ("uvicorn", "--host", "127.0.0.1", "--port", "0", "--lifespan", "off", "asgi1:application")
    with serve(runserver=(folder, RUNSERVER), gunicorn=(folder, GUNICORN), uvicorn=(folder, uvicorn)) as (ports, printed):
        answers = {name: ask(port, "/") for name, port in ports.items()}
    assert answers == {
        "runserver": (200, b"from Django", "WSGIServer"),  # the server of the standard library's wsgiref
        "gunicorn": (200, b"from Django", "gunicorn"),
        "uvicorn": (200, b"from Django", "uvicorn"),
    }
    warning = "This is a development server. Do not use it in a production setting. Use a production WSGI or ASGI server"
    assert warning in printed["runserver"]
    assert warning not in printed["gunicorn"] + printed["uvicorn"]


def test_default_cache_is_local_memory_of_the_process(tmp_path: Path) -> None:
    """DJA206: Without CACHES, what one process caches another does not see; its threads do."""
    code = """
    import json, os, threading
    from django.conf import settings
    settings.configure()
    from django.core.cache import cache

    cache.set("before", 1)
    child = os.fork()
    if child == 0:
        cache.set("by child", 1)
        os._exit(0 if cache.get("by child") == 1 else 1)
    worked = os.waitpid(child, 0)[1] == 0
    seen = []
    thread = threading.Thread(target=lambda: seen.append(cache.get("before")))
    thread.start(); thread.join()
    print(json.dumps({"backend": settings.CACHES["default"]["BACKEND"], "child_worked": worked, "aliases": list(settings.CACHES),
                      "by_child": cache.get("by child"), "by_thread": seen}))
    """
    seen = run_python(tmp_path, code)
    assert seen["backend"] == "django.core.cache.backends.locmem.LocMemCache"
    assert seen["aliases"] == ["default"]
    assert seen["child_worked"]
    assert seen["by_child"] is None
    assert seen["by_thread"] == [1]
    assert run_python(tmp_path, code.replace('cache.set("before", 1)', ""))["by_thread"] == [None]  # nothing outlives the process


def test_rest_framework_is_a_package_of_its_own(tmp_path: Path) -> None:
    """DJA109: An environment with Django and its requirements has no rest_framework; that one comes with its own package."""
    for name in ("django", "asgiref", "sqlparse"):
        for top in {file.parts[0] for file in importlib.metadata.files(name) or () if file.parts[0].isidentifier()}:
            (tmp_path / top).symlink_to(Path(str(importlib.metadata.distribution(name).locate_file(top))))
    code = """
    import json, sys
    sys.path[:] = [path for path in sys.path if "site-packages" not in path]
    import django.contrib.admin, django.core.serializers
    try:
        import rest_framework
    except ModuleNotFoundError as error:
        missing = error.name
    print(json.dumps({"missing": missing}))
    """
    assert run_python(tmp_path, code) == {"missing": "rest_framework"}
    assert importlib.metadata.packages_distributions()["rest_framework"] == ["djangorestframework"]
    assert any(need.startswith("django") for need in importlib.metadata.requires("djangorestframework") or ())
    assert not any(need.startswith("djangorestframework") for need in importlib.metadata.requires("django") or ())


def test_rest_framework_allows_anyone(tmp_path: Path) -> None:
    """DJA212: Without settings an APIView answers anonymous clients; IsAuthenticated refuses them."""
    code = """
    import json
    import django
    from django.conf import settings
    settings.configure(ROOT_URLCONF="__main__", ALLOWED_HOSTS=["testserver"], SECRET_KEY="k" * 50, LOGGING_CONFIG=None,
                       INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "rest_framework"])
    django.setup()
    from django.urls import path
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.response import Response
    from rest_framework.test import APIClient
    from rest_framework.views import APIView

    class Open(APIView):
        def get(self, request):
            return Response({"anonymous": request.user.is_anonymous})
        post = delete = get

    class Closed(Open):
        permission_classes = [IsAuthenticated]

    urlpatterns = [path("open", Open.as_view()), path("closed", Closed.as_view())]
    client = APIClient()
    print(json.dumps({
        "open": [client.get("/open").status_code, client.post("/open").status_code, client.delete("/open").status_code],
        "anonymous": client.get("/open").data["anonymous"],
        "closed": client.get("/closed").status_code,
        "classes": [c.__name__ for c in Open.permission_classes],
    }))
    """
    seen = run_python(tmp_path, code)
    assert seen["open"] == [200, 200, 200]
    assert seen["anonymous"] is True
    assert seen["closed"] in {401, 403}
    assert seen["classes"] == ["AllowAny"]


@pytest.mark.release("django==2.2.28")
def test_websockets_need_channels(tmp_path: Path) -> None:
    """DJA213: Django's ASGI application refuses a WebSocket, which Channels accepts; before 3.0 there was no ASGI support."""
    if int(importlib.metadata.version("django").split(".")[0]) < 3:
        with pytest.raises(ModuleNotFoundError, match=r"django\.core\.asgi"):
            importlib.import_module("django.core.asgi")
        return
    code = """
    import asyncio, json
    from django.conf import settings
    settings.configure(SECRET_KEY="k" * 50)
    from django.core.asgi import get_asgi_application
    core = get_asgi_application()
    from channels.generic.websocket import AsyncWebsocketConsumer
    from channels.routing import ProtocolTypeRouter
    from asgiref.testing import ApplicationCommunicator

    class Echo(AsyncWebsocketConsumer):
        async def receive(self, text_data=None, bytes_data=None):
            await self.send("echo " + text_data)

    async def talk(application):
        client = ApplicationCommunicator(application, {"type": "websocket", "path": "/", "headers": [], "subprotocols": []})
        await client.send_input({"type": "websocket.connect"})
        try:
            accepted = (await client.receive_output())["type"]
        except ValueError as error:
            return str(error)
        await client.send_input({"type": "websocket.receive", "text": "hello"})
        return [accepted, (await client.receive_output())["text"]]

    router = ProtocolTypeRouter({"http": core, "websocket": Echo.as_asgi()})
    print(json.dumps({"core": asyncio.run(talk(core)), "channels": asyncio.run(talk(router))}))
    """
    seen = run_python(tmp_path, code)
    assert "not websocket" in seen["core"]
    assert seen["channels"] == ["websocket.accept", "echo hello"]
