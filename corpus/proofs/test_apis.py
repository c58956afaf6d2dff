"""FastAPI, Pydantic and Django REST framework."""

import importlib.metadata
import json
import re
import subprocess
import sys
import threading
from importlib.metadata import version
from typing import Any

import pytest

RELEASE = int(version("pydantic").split(".")[0])


def run(code: str) -> Any:
    """Runs the code in a process of its own; what it prints as JSON comes back."""
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_def_goes_to_a_thread_and_async_def_to_the_loop() -> None:
    """API300: A plain def runs beside the event loop's thread and does not hold it up; an async def runs on it and does."""
    import asyncio

    import httpx
    from fastapi import Depends, FastAPI
    from fastapi.testclient import TestClient

    app = FastAPI()
    loop_thread: list[int] = []

    async def on_loop() -> None:
        loop_thread.append(threading.get_ident())

    def plain_dependency() -> int:
        return threading.get_ident()

    def plain(dependency: int = Depends(plain_dependency)) -> list[int]:
        return [threading.get_ident(), dependency]

    async def asynchronous() -> list[int]:
        return [threading.get_ident()]

    app.add_api_route("/plain", plain, dependencies=[Depends(on_loop)])
    app.add_api_route("/async", asynchronous, dependencies=[Depends(on_loop)])
    with TestClient(app) as client:
        worker, dependency = client.get("/plain").json()
        assert loop_thread[0] not in {worker, dependency}
        assert client.get("/async").json() == [loop_thread[1]]

    async def loop_ran_during(path: str, patience: float) -> bool:
        """Whether the event loop did something while the endpoint waited, at most so long, for just that."""
        entered, answered = threading.Event(), threading.Event()
        results: list[bool] = []

        def wait() -> None:
            entered.set()
            results.append(answered.wait(patience))

        async def wait_on_loop() -> None:
            wait()

        async def answer() -> None:
            while not entered.is_set():
                await asyncio.sleep(0.01)
            answered.set()

        waiting = FastAPI()
        waiting.add_api_route("/plain", wait)
        waiting.add_api_route("/async", wait_on_loop)
        answering = asyncio.create_task(answer())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(waiting), base_url="http://a") as client:
            await client.get(path)
        await answering
        return results[0]

    assert asyncio.run(loop_ran_during("/plain", 30))
    assert not asyncio.run(loop_ran_during("/async", 0.2))


def test_background_tasks_run_here_after_the_response_and_once() -> None:
    """API301: The response is out before the task runs in the same process; a failed one is not tried again, a killed one is lost."""
    code = """
import json, os, sys, threading, time, urllib.request
import uvicorn
from fastapi import BackgroundTasks, FastAPI
app, steps = FastAPI(), []
may_run = threading.Event()
def job(name):
    may_run.wait(60)
    steps.append([name, os.getpid() == main])
    if name == "fails":
        raise ValueError
    if name == "dies":
        print(json.dumps(steps), flush=True)
        os._exit(1)
    steps.append("done")
@app.get("/{name}")
def page(name: str, tasks: BackgroundTasks):
    tasks.add_task(job, name)
    return "answered"
main = os.getpid()
server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
threading.Thread(target=server.run, daemon=True).start()
while not server.started: time.sleep(0.01)
port = server.servers[0].sockets[0].getsockname()[1]
def get(name):
    return urllib.request.urlopen(f"http://127.0.0.1:{port}/{name}", timeout=60).read().decode()
steps.append(get("works"))     # the answer is here while the task waits
may_run.set()
while "done" not in steps: time.sleep(0.01)
steps.append(get("fails"))
get("dies")
time.sleep(60)
"""
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    steps = json.loads(done.stdout)
    assert steps[:3] == ['"answered"', ["works", True], "done"]
    assert sorted(map(str, steps[3:])) == sorted(map(str, ['"answered"', ["fails", True], ["dies", True]]))
    # a fresh process knows nothing of the tasks of the dead one, and no broker or store was about


@pytest.mark.release("pydantic==1.10.26")
def test_pydantic_checks_and_converts_at_run_time() -> None:
    """API302: "5" becomes 5 and "five" is refused when the model is made, which a plain class would let pass; strict converts nothing."""
    from pydantic import BaseModel, StrictInt, ValidationError

    class Model(BaseModel):
        number: int = 0
        text: str = ""

    class Strict(BaseModel):
        number: StrictInt

    assert Model(number="5").number == 5  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Model(number="five")  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Strict(number="5")  # type: ignore[arg-type]
    if RELEASE < 2:
        assert Model(text=5).text == "5"  # type: ignore[arg-type]
    else:
        with pytest.raises(ValidationError):
            Model(text=5)  # type: ignore[arg-type]


def test_fastapi_brings_no_orm_admin_or_users() -> None:
    """API303: No ORM is required by it or imported, and a fresh app has no routes but the schema and its pages."""
    needs = {re.split(r"[^\w-]", need)[0].lower() for need in importlib.metadata.requires("fastapi") or [] if "extra ==" not in need}
    assert not needs & {"sqlalchemy", "sqlmodel", "tortoise-orm", "peewee", "django", "sqladmin", "fastapi-users"}
    code = """
import json, sys
from fastapi import FastAPI
app = FastAPI()
loaded = [name for name in ("sqlalchemy", "sqlmodel", "django", "tortoise", "peewee", "sqlite3") if name in sys.modules]
print(json.dumps([loaded, sorted(route.path for route in app.routes)]))
"""
    loaded, paths = run(code)
    assert loaded == []
    assert paths == ["/docs", "/docs/oauth2-redirect", "/openapi.json", "/redoc"]


def test_fastapi_stands_on_starlette_and_pydantic() -> None:
    """API304: It is a Starlette app that speaks ASGI and loads neither Flask nor Werkzeug nor Django."""
    code = """
import asyncio, json, sys
from fastapi import FastAPI
from starlette.applications import Starlette
app = FastAPI()
sent = []
async def ask():
    async def receive(): return {"type": "http.request"}
    async def send(message): sent.append(message["type"])
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [], "query_string": b""}
    await app(scope, receive, send)
asyncio.run(ask())
try:
    list(app({"REQUEST_METHOD": "GET"}, lambda status, headers: None))
    wsgi = True
except TypeError:
    wsgi = False
names = [name for name in ("starlette", "pydantic", "flask", "werkzeug", "django") if name in sys.modules]
print(json.dumps([issubclass(FastAPI, Starlette), sent, wsgi, names]))
"""
    inherits, sent, wsgi, names = run(code)
    assert inherits
    assert sent == ["http.response.start", "http.response.body"]
    assert not wsgi
    assert names == ["starlette", "pydantic"]


def test_invalid_requests_get_422_without_the_endpoint() -> None:
    """API305: Path, query and body that do not fit get 422 and a JSON list, and the function is not called."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient
    from pydantic import BaseModel

    app, calls = FastAPI(), []

    class Item(BaseModel):
        price: int

    def endpoint(number: int, item: Item, limit: int) -> str:
        calls.append(number)
        return "fine"

    app.add_api_route("/items/{number}", endpoint, methods=["POST"])
    client = TestClient(app)
    wrong = [
        ("/items/abc?limit=1", {"price": 1}),
        ("/items/1", {"price": 1}),
        ("/items/1?limit=1", {"price": "dear"}),
        ("/items/1?limit=1", {}),
    ]
    places = []
    for path, body in wrong:
        answer = client.post(path, json=body)
        assert answer.status_code == 422
        places += [error["loc"] for error in answer.json()["detail"]]
    assert places == [["path", "number"], ["query", "limit"], ["body", "price"], ["body", "price"]]
    assert calls == []
    assert client.post("/items/1?limit=1", json={"price": 1}).status_code == 200
    assert calls == [1]


def test_documentation_pages_are_there_by_default() -> None:
    """API306: /docs, /redoc and the schema answer anyone, debug or not, until they are switched off."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    for debug in (False, True):
        app = FastAPI(debug=debug)
        app.add_api_route("/items/{number}", lambda number: number)
        client = TestClient(app)
        assert "swagger-ui" in client.get("/docs").text
        assert "redoc" in client.get("/redoc").text
        assert list(client.get("/openapi.json").json()["paths"]) == ["/items/{number}"]
    off = TestClient(FastAPI(docs_url=None, redoc_url=None))
    assert [off.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404, 404, 200]
    off = TestClient(FastAPI(openapi_url=None))
    assert [off.get(path).status_code for path in ("/docs", "/redoc", "/openapi.json")] == [404, 404, 404]


def test_a_serializer_works_both_ways_and_is_valid_comes_first() -> None:
    """API307: It gives out simple data and checks what comes in; save() and validated_data fail before is_valid()."""
    code = """
import json, datetime, django
from django.conf import settings
settings.configure(SECRET_KEY="k" * 50, USE_TZ=True)
django.setup()
from rest_framework import serializers
class Day(serializers.Serializer):
    date = serializers.DateField()
    def create(self, data):
        return data["date"]
def refused(action):
    try:
        action()
    except AssertionError as error:
        return "is_valid" in str(error)
out = Day({"date": datetime.date(2024, 2, 29)}).data
early, good, bad = Day(data=dict(out)), Day(data=dict(out)), Day(data={"date": "2023-02-29"})
print(json.dumps([out, refused(early.save), refused(lambda: early.validated_data),
    good.is_valid(), good.save() == datetime.date(2024, 2, 29), bad.is_valid(), list(bad.errors)]))
"""
    assert run(code) == [{"date": "2024-02-29"}, True, True, True, True, False, ["date"]]
