"""Servers behind proxies, logs of several processes, Celery workers, and what threads, processes and tasks share."""

import asyncio
import dis
import logging
import multiprocessing
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from flask import Flask, request, url_for
from test_deployment_servers import started
from test_tasks import run_celery
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import EnvironBuilder

SLOW = """
import os, time
def app(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(5)
    start_response("200 OK", [])
    return [str(os.getpid()).encode()]
"""


def test_gunicorn_kills_a_silent_worker(tmp_path: Path) -> None:
    """DEP726: The default is 30 seconds; past the limit the worker dies within its request and another takes its place."""
    from gunicorn.config import Config

    assert Config().timeout == 30
    (tmp_path / "slow.py").write_text(SLOW)
    ready = r"Listening at: http://127.0.0.1:(\d+).*Booting worker"
    command = ("-m", "gunicorn", "slow:app", "--bind", "127.0.0.1:0", "--no-control-socket", "--timeout", "1")
    with started(tmp_path, *command, ready=ready) as (_, port, log):
        first = requests.get(f"http://127.0.0.1:{port}/", timeout=60).text
        assert requests.get(f"http://127.0.0.1:{port}/slow", timeout=60).status_code == 500  # neither the page nor 504
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=60).text != first
        assert "WORKER TIMEOUT" in log.read_text()


def test_an_app_behind_a_tls_proxy_sees_plain_http() -> None:
    """DEP727: The header alone changes nothing in Flask or Django; told to trust it, both see https."""
    app = Flask(__name__)

    @app.get("/")
    def page() -> list[Any]:
        return [request.is_secure, url_for("page", _external=True)]

    sent = {"X-Forwarded-Proto": "https"}
    assert app.test_client().get("/", headers=sent).json == [False, "http://localhost/"]
    app.wsgi_app = ProxyFix(app.wsgi_app, x_proto=1)  # type: ignore[method-assign]
    assert app.test_client().get("/", headers=sent).json == [True, "https://localhost/"]
    if not settings.configured:
        settings.configure()
    environ = EnvironBuilder(headers=sent).get_environ()
    assert settings.SECURE_PROXY_SSL_HEADER is None
    assert not WSGIRequest(environ).is_secure()
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    secure = WSGIRequest(environ).is_secure()
    settings.SECURE_PROXY_SSL_HEADER = None
    assert secure


def log_line(handler: logging.Handler, text: str) -> None:
    handler.emit(logging.LogRecord("name", logging.INFO, "", 0, text, None, None))


def rotate(path: str) -> None:
    handler = RotatingFileHandler(path, backupCount=3)
    handler.doRollover()
    log_line(handler, "child")
    handler.close()


def test_a_rotated_log_file_misleads_other_processes(tmp_path: Path) -> None:
    """DEP728: After another process has rotated the file, this one writes to the renamed one; its own rotation it follows."""
    path = tmp_path / "app.log"
    handler = RotatingFileHandler(path, backupCount=3)
    log_line(handler, "before")
    child = multiprocessing.get_context("spawn").Process(target=rotate, args=(str(path),))
    child.start()
    child.join()
    log_line(handler, "after")
    assert path.read_text() == "child\n"
    assert (tmp_path / "app.log.1").read_text() == "before\nafter\n"
    handler.doRollover()
    log_line(handler, "own")
    handler.close()
    assert path.read_text() == "own\n"


def test_revoke_does_not_stop_a_running_task(tmp_path: Path) -> None:
    """TSK721: Of two revoked tasks the running one comes to its end and only the waiting one is skipped."""
    code = """
from celery.worker.state import revoked
go = threading.Event()
@app.task
def job(name):
    ran.append("begin " + name)
    if name == "first": go.wait(60)
    ran.append("end " + name)
with start_worker(app, pool="threads", concurrency=1, perform_ping_check=False, shutdown_timeout=60, loglevel="CRITICAL"):
    first = job.delay("first")
    wait(lambda: ran)
    second = job.delay("second")
    app.control.revoke([first.id, second.id])
    wait(lambda: first.id in revoked and second.id in revoked)
    job.delay("third")
    go.set()
    wait(lambda: "end third" in ran)
    show(*ran)
"""
    assert run_celery(code, tmp_path) == ["begin first", "end first", "begin third", "end third"]


def test_a_celery_worker_forks_one_process_per_core(tmp_path: Path) -> None:
    """TSK722: Without options the pool is prefork, as large as there are cores; a number given takes its place."""
    code = """
from billiard import cpu_count
default, one = app.Worker(), app.Worker(concurrency=1, pool="threads")
show(default.pool_cls.__module__, default.concurrency == cpu_count(), one.pool_cls.__module__, one.concurrency)
"""
    assert run_celery(code, tmp_path) == ["celery.concurrency.prefork", True, "celery.concurrency.thread", 1]


def test_a_celery_worker_keeps_its_code(tmp_path: Path) -> None:
    """TSK723: After the file has changed the worker runs the old code, one started later the new; messages carry no code."""
    job = "from celery import shared_task\n@shared_task\ndef job(text):\n    open('out', 'a').write('{} ')\n"
    (tmp_path / "job.py").write_text(job.format("old"))
    code = """
from celery.signals import before_task_publish
from pathlib import Path
bodies, out = [], Path("out")
before_task_publish.connect(lambda body, **rest: bodies.append(body[:2]), weak=False)
from job import job
with worker():
    job.delay("a")
    wait(out.exists)
    Path("job.py").write_text(Path("job.py").read_text().replace("old", "new"))
    job.delay("b")
    wait(lambda: out.read_text().count(" ") % 2 == 0 and out.read_text())
show(bodies, out.read_text())
"""
    assert run_celery(code, tmp_path) == [[[["a"], {}], [["b"], {}]], "old old "]
    assert run_celery(code, tmp_path)[1].startswith("old old new ")


def test_an_increment_can_lose_updates() -> None:
    """PYT741: += reads and writes in separate instructions; two threads that have read the same lose one update, with a lock none."""
    names = [step.opname for step in dis.get_instructions("global counter\ncounter += 1")]
    assert len([name for name in names if name.startswith(("LOAD_NAME", "LOAD_GLOBAL", "STORE"))]) == 2
    totals, meeting, lock = {"free": 0, "locked": 0}, threading.Barrier(2), threading.Lock()

    def one() -> int:
        meeting.wait(60)
        return 1

    def add(_: int) -> None:
        totals["free"] += one()
        with lock:
            totals["locked"] += 1

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(add, range(2)))
    assert totals == {"free": 1, "locked": 2}


SHARED: list[int] = []


def append(_: int) -> tuple[int, list[int]]:
    SHARED.append(1)
    return os.getpid(), SHARED


def test_a_child_process_has_its_own_memory() -> None:
    """PYT742: What a child appends stays in the child, and a lambda cannot be sent to it; a thread changes the list itself."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        pid, copy = pool.apply(append, (0,))
        with pytest.raises(Exception, match=r"pickle|local object"):
            pool.apply(lambda: 1)
    assert (pid != os.getpid(), copy, SHARED) == (True, [1], [])
    with ThreadPoolExecutor(1) as threads:
        pid, same = threads.submit(append, 0).result()
    assert pid == os.getpid()
    assert same is SHARED
    assert SHARED == [1]


def test_awaits_in_a_row_do_not_overlap() -> None:
    """PYT744: Awaited in turn each ends before the next begins; under gather() both begin first, in one thread."""

    async def step(name: str, seen: list[str]) -> int:
        seen.append(f"{name} begins")
        await asyncio.sleep(0.01)
        seen.append(f"{name} ends")
        return threading.get_ident()

    async def main() -> tuple[list[str], list[str], set[int]]:
        turn: list[str] = []
        together: list[str] = []
        await step("a", turn)
        await step("b", turn)
        return turn, together, set(await asyncio.gather(step("a", together), step("b", together)))

    turn, together, threads = asyncio.run(main())
    assert turn == ["a begins", "a ends", "b begins", "b ends"]
    assert together[:2] == ["a begins", "b begins"]
    assert len(threads) == 1
