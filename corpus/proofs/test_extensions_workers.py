"""What happens to an extension's memory when Gunicorn runs several workers."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from textwrap import dedent

import pytest


@contextmanager
def gunicorn(folder: Path, workers: int, app: str) -> Iterator[int]:
    """Serves the text of an application module by so many workers; gives the port."""
    (folder / "served.py").write_text(dedent(app))
    command = ["-B", "-m", "gunicorn", "--bind", "127.0.0.1:0", "--workers", str(workers), "--no-control-socket", "served:app"]
    process = subprocess.Popen(
        [sys.executable, *command], cwd=folder, env={**os.environ, "PYTHONPATH": str(folder)}, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    lines = ""
    try:
        while not (started := re.search(r"http://127\.0\.0\.1:(\d+)", lines)) or lines.count("Booting worker") < workers:
            line = process.stderr.readline()
            assert line, lines
            lines += line
        yield int(started.group(1))
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)


def ask_all_workers(port: int, workers: int, questions: int) -> dict[int, list[int]]:
    """Asks each worker `questions` times; the statuses by process id. A worker whose client is silent is held up, so the next one answers."""
    answers: dict[int, list[int]] = {}
    deadline = time.monotonic() + 10
    while len(answers) < workers or min(map(len, answers.values())) < questions:
        if time.monotonic() > deadline:
            pytest.fail(f"not every worker answered: {answers}")
        connections = [HTTPConnection("127.0.0.1", port, timeout=5) for _ in range(workers)]
        for connection in connections:
            connection.request("GET", "/")
        for connection in connections:
            response = connection.getresponse()
            pid = int(response.headers["Worker"])
            response.read()
            connection.close()
            answers.setdefault(pid, []).append(response.status)
    return answers


LIMITED = """
import os, time
from flask import Flask
from flask_limiter import Limiter

app = Flask(__name__)
limiter = Limiter(lambda: "anyone", app=app, default_limits=["2 per day"])

@app.route("/")
def index():
    return "ok"

@app.after_request
def name_worker(response):
    time.sleep(0.02)  # long enough for the other worker to take the next request
    response.headers["Worker"] = str(os.getpid())
    return response
"""


def test_flask_limiter_counts_in_the_memory_of_each_process(tmp_path: Path) -> None:
    """EXT201: Without a storage URI each worker counts for itself, and a restart begins at zero."""
    for _ in ("first run", "after a restart"):
        with gunicorn(tmp_path, 2, LIMITED) as port:
            answers = ask_all_workers(port, 2, 3)
        assert len(answers) == 2
        for statuses in answers.values():
            assert statuses[:2] == [200, 200]  # two requests per day, from each worker
            assert set(statuses[2:]) == {429}


SCHEDULED = """
import os
from apscheduler.schedulers.background import BackgroundScheduler

def job():
    with open("ran", "a") as file:
        file.write(f"{os.getpid()}\\n")

scheduler = BackgroundScheduler(timezone="UTC")
scheduler.add_job(job)  # once, at once
scheduler.start()

def app(environ, start_response):
    start_response("200 OK", [("Worker", str(os.getpid()))])
    return [b""]
"""


def test_apscheduler_runs_in_every_worker(tmp_path: Path) -> None:
    """EXT203: A scheduler started in the module runs in each worker that imports it, so one job runs several times."""
    for workers in (1, 3):
        folder = tmp_path / str(workers)
        folder.mkdir()
        ran = folder / "ran"
        with gunicorn(folder, workers, SCHEDULED):
            deadline = time.monotonic() + 5
            while (not ran.exists() or len(ran.read_text().split()) < workers) and time.monotonic() < deadline:
                time.sleep(0.02)
            time.sleep(0.2)  # no further run may follow
        pids = ran.read_text().split()
        assert len(pids) == workers
        assert len(set(pids)) == workers
