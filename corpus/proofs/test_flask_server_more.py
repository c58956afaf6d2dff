"""Flask's development server: debug mode, addresses, threads and the reloader."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

RUNNING = r"Running on http://[\d.]+:(\d+)"


@contextmanager
def running(folder: Path, *command: str, told: str = RUNNING, **environ: str) -> Iterator[tuple[int, Path]]:
    """`python COMMAND` in the folder until the block ends; gives the port it told and the log of what it prints."""
    log = folder / f"{time.monotonic_ns()}.log"
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK_", "WERKZEUG_"))}
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-u", *command], cwd=folder, env=inherited | environ, stdout=output, stderr=output, start_new_session=True
        )
    try:
        deadline = time.monotonic() + 60
        while not (found := re.search(told, log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        yield int(found[1]), log
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # the child of the reloader too
        process.wait()


def get(port: int, path: str, host: str = "127.0.0.1", **headers: str) -> tuple[int, str]:
    connection = HTTPConnection(host, port, timeout=30)
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


APP = """
import os, sys, threading
from flask import Flask, current_app
print("loaded by", os.getpid(), flush=True)
app = Flask(__name__)
two = threading.Barrier(2)
@app.get("/")
def page():
    return f"debug {current_app.debug}"
@app.get("/meet")
def meet():
    try:
        two.wait(float(os.environ["SECONDS"]))
    except threading.BrokenBarrierError:
        return "alone"
    return "met"
@app.get("/crash")
def crash():
    raise ValueError("view failed")
"""
RUN = 'if __name__ == "__main__":\n    app.run({})\n'


def test_debug_is_no_argument_of_the_constructor(tmp_path: Path) -> None:
    """FLK407: Flask(debug=True) is a TypeError; flask run --debug, FLASK_DEBUG and app.run(debug=True) turn debug mode on."""
    make: Any = Flask
    with pytest.raises(TypeError, match="debug"):
        make(__name__, debug=True)
    (tmp_path / "main.py").write_text(APP + RUN.format("port=0, debug=True, use_reloader=False"))
    run = ["-m", "flask", "--app", "main", "run", "--port", "0", "--no-reload"]
    with (
        running(tmp_path, *run) as plain,
        running(tmp_path, *run, "--debug") as option,
        running(tmp_path, *run, FLASK_DEBUG="1") as variable,
        running(tmp_path, "main.py") as argument,
    ):
        answers = [get(port, "/")[1] for port, _ in (plain, option, variable, argument)]
    assert answers == ["debug False", "debug True", "debug True", "debug True"]


def test_host_0000_shows_the_debugger_to_others(tmp_path: Path) -> None:
    """FLK412: With 0.0.0.0 another address reaches the server too, its tracebacks, and the debugger's question for the PIN."""
    code = APP + RUN.format("host=sys.argv[1], port=0, debug=True, use_reloader=False")
    (tmp_path / "main.py").write_text(code)
    with running(tmp_path, "main.py", "127.0.0.1") as (port, _), pytest.raises(ConnectionRefusedError):
        get(port, "/", host="127.0.0.2")
    with running(tmp_path, "main.py", "0.0.0.0", WERKZEUG_DEBUG_PIN="123-456-789") as (port, _):
        status, page = get(port, "/crash", host="127.0.0.2", Host="localhost")
        assert (status, "ValueError: view failed" in page, "raise ValueError" in page) == (500, True, True)
        secret = re.search(r'SECRET = "(\w+)"', page)
        assert secret
        for tried, accepted in (("000-000-001", False), ("123-456-789", True)):
            query = f"/?__debugger__=yes&cmd=pinauth&pin={tried}&s={secret[1]}"
            assert json.loads(get(port, query, host="127.0.0.2", Host="localhost")[1])["auth"] is accepted


def test_the_development_server_is_threaded(tmp_path: Path) -> None:
    """FLK424: Two requests are in the view at the same time by default; with --without-threads or threaded=False the first is alone."""
    (tmp_path / "main.py").write_text(APP + RUN.format("port=0, threaded=False"))
    run = ["-m", "flask", "--app", "main", "run", "--port", "0"]
    alone = ["alone", "alone"]
    for command, seconds, expected in (
        (run, "20", ["met", "met"]),
        ([*run, "--without-threads"], "0.2", alone),
        (["main.py"], "0.2", alone),
    ):
        with running(tmp_path, *command, SECONDS=seconds) as (port, _), ThreadPoolExecutor(2) as pool:
            assert [text for _, text in pool.map(lambda path, port=port: get(port, path), ["/meet", "/meet"])] == expected


def test_the_reloader_runs_the_module_twice(tmp_path: Path) -> None:
    """FLK306: With the reloader two processes, one the child of the other, run the module; without it one does."""
    (tmp_path / "main.py").write_text(APP + RUN.format("port=0, use_reloader=True"))
    with running(tmp_path, "main.py", told=r"(?s)loaded by (\d+).*loaded by \d+.*") as (first, log):
        loaded = re.findall(r"loaded by (\d+)", log.read_text())
        assert len(loaded) == len(set(loaded)) == 2
        assert Path(f"/proc/{loaded[1]}/stat").read_text().rpartition(")")[2].split()[1] == str(first)
    (tmp_path / "main.py").write_text(APP + RUN.format("port=0"))
    with running(tmp_path, "main.py") as (port, log):
        assert get(port, "/")[0] == 200
        assert log.read_text().count("loaded by") == 1
