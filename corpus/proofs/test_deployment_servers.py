"""Servers in production and the development server: Gunicorn, proxies, containers, certificates."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import metadata
from pathlib import Path

import requests
from flask import Flask, request
from serving import serve
from werkzeug.middleware.proxy_fix import ProxyFix

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK_", "WERKZEUG_", "WEB_CONCURRENCY", "GUNICORN"))}
APP = """
from flask import Flask
app = Flask(__name__)
@app.get("/")
def page():
    return "page"
if __name__ == "__main__":
    app.run(port=0)
"""


@contextmanager
def started(folder: Path, *command: str, ready: str, **environment: str) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """A server process once it has told its port, and the log that it writes."""
    log = folder / f"{time.monotonic_ns()}.log"
    with log.open("w") as out:
        process = subprocess.Popen([sys.executable, "-Bu", *command], cwd=folder, env=CLEAN | environment, stdout=out, stderr=out)
    try:
        deadline = time.monotonic() + 120
        while not (found := re.search(ready, log.read_text(), re.S)):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield process, int(found[1]), log
    finally:
        process.terminate()
        process.wait()


def gunicorn(folder: Path, *options: str, workers: int = 1, **environment: str) -> tuple[int, str]:
    """How many workers a real Gunicorn starts, and the Server header of its answer."""
    (folder / "app.py").write_text(APP)
    ready = r"Listening at: http://127.0.0.1:(\d+)" + r".*Booting worker" * workers
    command = ("-m", "gunicorn", "app:app", "--bind", "127.0.0.1:0", "--no-control-socket", *options)
    with started(folder, *command, ready=ready, **environment) as (_, port, log):
        answer = requests.get(f"http://127.0.0.1:{port}/", timeout=60)
        assert answer.text == "page"
        return log.read_text().count("Booting worker"), answer.headers["Server"]


def test_gunicorn_starts_one_worker_by_default(tmp_path: Path) -> None:
    """DEP201: One without a setting, whatever the number of cores; more by -w or WEB_CONCURRENCY."""
    assert gunicorn(tmp_path)[0] == 1
    assert gunicorn(tmp_path, workers=2, WEB_CONCURRENCY="2")[0] == 2
    assert gunicorn(tmp_path, "-w", "3", workers=3)[0] == 3
    cores = "import os; os.cpu_count = lambda: 64; os.sched_getaffinity = lambda _: set(range(64)); import gunicorn.config as c; "
    done = subprocess.run(
        [sys.executable, "-B", "-c", cores + "print(c.Config().workers)"], env=CLEAN, capture_output=True, text=True, check=True
    )
    assert done.stdout == "1\n"


def test_gunicorn_needs_what_windows_lacks() -> None:
    """DEP002: It cannot even be imported where Python has no fcntl, as on Windows, and it names POSIX as its system."""
    code = "import sys; sys.modules['fcntl'] = None; import gunicorn.app.wsgiapp"
    done = subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "import of fcntl halted" in done.stderr
    systems = [line for line in metadata("gunicorn").get_all("Classifier") or [] if line.startswith("Operating System")]
    assert systems
    assert all("Windows" not in system for system in systems)
    assert "Operating System :: POSIX" in systems


def test_forwarded_headers_are_as_true_as_who_sets_them() -> None:
    """DEP001: Reached directly, ProxyFix believes what anyone writes; behind one proxy it takes only what that proxy has added."""
    plain, fixed = Flask("plain"), Flask("fixed")
    for app in (plain, fixed):
        app.add_url_rule("/", view_func=lambda: str(request.remote_addr))
    fixed.wsgi_app = ProxyFix(fixed.wsgi_app, x_for=1)  # type: ignore[method-assign]

    def ask(port: int, header: str) -> str:
        return requests.get(f"http://127.0.0.1:{port}/", headers={"X-Forwarded-For": header}, timeout=60).text

    with serve(plain) as port:
        assert ask(port, "6.6.6.6") == "127.0.0.1"
    with serve(fixed) as port:
        assert ask(port, "6.6.6.6") == "6.6.6.6"  # a client that reaches the app directly is whoever it likes to be
        assert ask(port, "6.6.6.6, 198.51.100.7") == "198.51.100.7"  # a known proxy appended the address it saw
