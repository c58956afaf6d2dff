"""What texts asked for: CORS, redirects, TLS, workers of Gunicorn and Uvicorn, wheels for musl, logging, Redis, countdowns."""

import logging
import multiprocessing
import os
import signal
import ssl
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import redis
import requests
from cachecontrol import CacheControl
from flask import Flask, Response
from flask_cors import CORS
from packaging import _musllinux
from serving import serve
from test_deployment_servers import started
from test_tasks import Redis, run_celery
from test_web_wider import contexts

READY = r"Listening at: http://127.0.0.1:(\d+).*Booting worker"
GUNICORN = ("-m", "gunicorn", "one:app", "--bind", "127.0.0.1:0", "--no-control-socket")
ONE = """
import os, time
def app(environ, start_response):
    for _ in range(6 * (environ["PATH_INFO"] == "/slow")):
        time.sleep(0.5)
    start_response("200 OK", [])
    return [f"{os.getpid()} old".encode()]
"""
ASGI = """
import os
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"connection", b"close")]})
        await send({"type": "http.response.body", "body": str(os.getpid()).encode()})
"""


def test_a_response_names_one_allowed_origin() -> None:
    """HTP801: Of two allowed origins the answer names the one that asked, with Vary; a third is not named at all."""
    app = Flask("app")
    app.add_url_rule("/", "home", lambda: "home")
    CORS(app, origins=["https://a.example", "https://b.example"])
    for origin, named in (("https://a.example",) * 2, ("https://b.example",) * 2, ("https://c.example", None)):
        headers = app.test_client().get("/", headers={"Origin": origin}).headers
        assert headers.get("Access-Control-Allow-Origin") == named
        assert len(headers.getlist("Access-Control-Allow-Origin")) == (named is not None)
        assert named is None or "Origin" in headers["Vary"]


def test_a_permanent_redirect_is_cached() -> None:
    """HTP802: Without caching headers a cache asks once for a 301 or 308, anew for a 302, and with no-store always anew."""
    app, asked = Flask("app"), []

    @app.get("/<int:status>/<store>")
    def old(status: int, store: str) -> Response:
        asked.append(status)
        headers = {"Location": "/new"} | ({"Cache-Control": "no-store"} if store == "no" else {})
        return Response(status=status, headers=headers)

    app.add_url_rule("/new", "new", lambda: "new")
    with serve(app) as port:
        for status, store, times in ((301, "yes", 1), (308, "yes", 1), (302, "yes", 2), (301, "no", 2)):
            asked.clear()
            client = CacheControl(requests.Session())
            assert [client.get(f"http://127.0.0.1:{port}/{status}/{store}").text for _ in range(2)] == ["new"] * 2
            assert len(asked) == times


def test_tls_13_needs_one_round_trip(tmp_path: Path) -> None:
    """HTP803: The client of TLS 1.3 is ready after one answer of the server, that of TLS 1.2 after two."""
    for version, expected in ((ssl.TLSVersion.TLSv1_3, 1), (ssl.TLSVersion.TLSv1_2, 2)):
        client, server = contexts(tmp_path)
        client.minimum_version = client.maximum_version = version
        up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
        ends = client.wrap_bio(down, up, server_hostname="localhost"), server.wrap_bio(up, down, server_side=True)
        trips = 0
        while trips < 9:
            try:
                ends[0].do_handshake()
                break
            except ssl.SSLWantReadError:
                trips += 1
            with suppress(ssl.SSLWantReadError):
                ends[1].do_handshake()
        assert (trips, ends[0].version()) == (expected, version.name.replace("v1_", "v1."))
        ends[0].write(b"request")


def test_the_cpu_count_is_that_of_the_machine() -> None:
    """DEP801: Both counts are the kernel's number of CPUs, and stay so in a process that may use only one of them."""
    code = "import os, multiprocessing; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}); "
    code += "print(len(os.sched_getaffinity(0)), os.cpu_count(), multiprocessing.cpu_count())"
    clean = {name: value for name, value in os.environ.items() if name != "PYTHON_CPU_COUNT"}
    done = subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, text=True, check=True)
    machine = os.sysconf("SC_NPROCESSORS_ONLN")
    assert [int(word) for word in done.stdout.split()] == [1, machine, machine]
    assert os.cpu_count() == multiprocessing.cpu_count() == machine


def test_a_threaded_worker_outlives_the_timeout(tmp_path: Path) -> None:
    """DEP802: With a timeout of one second a request of three ends well under gthread, and kills a sync worker."""
    (tmp_path / "one.py").write_text(ONE)
    for worker, status in (("gthread", 200), ("sync", 500)):
        with started(tmp_path, *GUNICORN, "--timeout", "1", "--worker-class", worker, ready=READY) as (_, port, log):
            assert requests.get(f"http://127.0.0.1:{port}/slow", timeout=60).status_code == status
            assert ("WORKER TIMEOUT" in log.read_text()) == (status == 500)


def test_hup_does_not_renew_a_preloaded_app(tmp_path: Path) -> None:
    """DEP803: After HUP another worker answers, with the old code if the app was preloaded and with the new one if not."""
    for options, expected in ((("--preload",), "old"), ((), "new")):
        (tmp_path / "one.py").write_text(ONE)
        with started(tmp_path, *GUNICORN, *options, ready=READY) as (process, port, _):
            url = f"http://127.0.0.1:{port}/"
            before = requests.get(url, timeout=60).text.split()
            (tmp_path / "one.py").write_text(ONE.replace("old", "new"))
            process.send_signal(signal.SIGHUP)
            after, end = before, time.monotonic() + 60
            while after[0] == before[0] and time.monotonic() < end:
                time.sleep(0.05)
                with suppress(requests.ConnectionError):
                    after = requests.get(url, timeout=60).text.split()
            assert after[0] != before[0]
            assert (before[1], after[1]) == ("old", expected)


def test_uvicorn_replaces_a_dead_worker(tmp_path: Path) -> None:
    """DEP804: Of two workers one is killed; another starts, and after both are killed there is still an answer."""
    (tmp_path / "one.py").write_text(ASGI)
    ready = r"running on http://127.0.0.1:(\d+)(?=.*Application startup complete.*Application startup complete)"
    command = ("-m", "uvicorn", "one:app", "--port", "0", "--workers", "2", "--no-access-log")
    with started(tmp_path, *command, ready=ready) as (_, port, log):
        killed: set[int] = set()
        end = time.monotonic() + 60
        while len(killed) < 3 and time.monotonic() < end:
            with suppress(requests.RequestException):
                pid = int(requests.get(f"http://127.0.0.1:{port}/", timeout=5).text)
                os.kill(pid, signal.SIGKILL)
                killed.add(pid)
            time.sleep(0.1)
        assert len(killed) == 3  # more than were started
        assert "died" in log.read_text()


def test_a_musl_system_takes_musllinux_wheels(monkeypatch: pytest.MonkeyPatch) -> None:
    """DEP805: With musl the platform takes wheels of its version and of those before, with glibc it takes none of them."""
    for musl, tags in ((_musllinux._MuslVersion(1, 2), ["musllinux_1_2_x86_64", "musllinux_1_1_x86_64"]), (None, [])):
        monkeypatch.setattr(_musllinux, "_get_musl_version", lambda _, musl=musl: musl)
        assert list(_musllinux.platform_tags(["x86_64"]))[:2] == tags


def test_gunicorn_logs_no_requests_by_default(tmp_path: Path) -> None:
    """DEP807: The default is None, and only with the option there is a line for the request; the other messages are there."""
    from gunicorn.config import Config

    assert (Config().accesslog, Config().errorlog) == (None, "-")
    (tmp_path / "one.py").write_text(ONE)
    for options, lines in (((), 0), (("--log-level", "info"), 0), (("--access-logfile", "-"), 1)):
        with started(tmp_path, *GUNICORN, *options, ready=READY) as (process, port, log):
            assert requests.get(f"http://127.0.0.1:{port}/asked", timeout=60).status_code == 200
            process.terminate()
            process.wait()
            assert log.read_text().count("GET /asked") == lines


def test_a_second_basicconfig_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """DEP808: The second call changes neither level nor handlers, with force=True it does."""
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    monkeypatch.setattr(root, "level", logging.WARNING)
    logging.basicConfig(level=logging.ERROR)
    first = list(root.handlers)
    logging.basicConfig(level=logging.DEBUG, filename=str(tmp_path / "log"))
    assert (root.level, root.handlers) == (logging.ERROR, first)
    assert not (tmp_path / "log").exists()
    logging.basicConfig(level=logging.DEBUG, filename=str(tmp_path / "log"), force=True)
    assert root.level == logging.DEBUG
    assert isinstance(root.handlers[0], logging.FileHandler)
    root.handlers[0].close()


def test_a_full_redis_refuses_writes(tmp_path: Path) -> None:
    """TSK801: By default all keys stay and the next is refused, while reads go on; with allkeys-lru it is taken and others go."""
    server = Redis(tmp_path)
    client = redis.Redis(unix_socket_path=str(server.path))
    assert client.config_get("maxmemory*")["maxmemory-policy"] == "noeviction"
    client.set("first", "x" * 100_000)
    for name in range(20):
        client.set(f"key{name}", "x" * 100_000)
    client.config_set("maxmemory", client.info("memory")["used_memory"])
    with pytest.raises(redis.exceptions.ResponseError, match=r"OOM|maxmemory"):
        client.set("more", "x" * 100_000)
    assert (client.dbsize(), len(client.get("first"))) == (21, 100_000)  # type: ignore[arg-type]
    client.config_set("maxmemory-policy", "allkeys-lru")
    assert client.set("more", "x" * 100_000)
    assert client.dbsize() < 22
    server.kill()


def test_redis_keeps_no_published_message(tmp_path: Path) -> None:
    """TSK802: Who subscribes later gets only what is published from then on; a list keeps what was pushed before."""
    server = Redis(tmp_path)
    client = redis.Redis(unix_socket_path=str(server.path))
    assert client.publish("news", "early") == 0
    client.rpush("list", "early")
    listener = client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe("news")
    listener.get_message(ignore_subscribe_messages=False, timeout=60)
    assert client.publish("news", "late") == 1
    seen = [message["data"] for message in iter(lambda: listener.get_message(timeout=0.5), None)]
    assert seen == [b"late"]
    assert client.lpop("list") == b"early"
    server.kill()


def test_a_countdown_is_the_earliest_time(tmp_path: Path) -> None:
    """TSK803: A task that was due without a worker runs when there is one, and none runs before its time."""
    code = """
@app.task
def job(name):
    ran.append((name, time.monotonic()))
job.apply_async(["missed"], countdown=0.05)
time.sleep(0.3)
before = len(ran)
with worker():
    wait(lambda: ran)
    begin = time.monotonic()
    job.apply_async(["ahead"], countdown=0.5)
    returned = time.monotonic() - begin
    wait(lambda: len(ran) == 2)
show(before, [name for name, _ in ran], ran[1][1] - begin > 0.45, returned < ran[1][1] - begin)
"""
    assert run_celery(code, tmp_path) == [0, ["missed", "ahead"], True, True]
