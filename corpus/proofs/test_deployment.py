"""Packaging and environments: .env files, Fabric, virtual environments, pip freeze, brokers."""

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK_", "WERKZEUG_", "WEB_CONCURRENCY", "COLOUR"))}


def run(folder: Path, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs Python with these arguments in a folder."""
    return subprocess.run(
        [sys.executable, "-B", *command], cwd=folder, env=CLEAN | environment, capture_output=True, text=True, check=False
    )


@pytest.mark.release(
    "flask==0.12.5",
    "werkzeug==0.16.1",
    "jinja2==2.11.3",
    "markupsafe==2.0.1",
    "itsdangerous==1.1.0",
    "click==7.1.2",
    "python-dotenv==1.2.4",
    "gunicorn==27.0.1",
)
def test_env_files_are_read_by_flask_and_not_by_gunicorn(tmp_path: Path) -> None:
    """DEP202: The flask command and app.run() load .env if python-dotenv is there; without it, or under Gunicorn, nothing does."""
    (tmp_path / ".env").write_text("COLOUR=green\n")
    app = """
    import os
    from flask import Flask
    app = Flask(__name__)
    print("colour at import:", os.environ.get("COLOUR"), flush=True)
    @app.cli.command()
    def nothing():
        pass
    if __name__ == "__main__":
        try:
            app.run(port="no number")  # reads the files first, then fails on the port
        except Exception:
            print("colour at run:", os.environ.get("COLOUR"))
    """
    (tmp_path / "app.py").write_text(dedent(app))
    flask = ("-c", "from flask.cli import main; main()", "nothing")
    without = ("-c", "import sys; sys.modules['dotenv'] = None; from flask.cli import main; main()", "nothing")
    loaded = "None" if importlib.metadata.version("flask").startswith("0.") else "green"
    assert run(tmp_path, *flask, FLASK_APP="app.py").stdout == f"colour at import: {loaded}\n"
    assert run(tmp_path, *without, FLASK_APP="app.py").stdout.splitlines()[-1] == "colour at import: None"
    assert run(tmp_path, "app.py").stdout == f"colour at import: None\ncolour at run: {loaded}\n"
    assert "colour at import: None" in run(tmp_path, "-m", "gunicorn", "app:app", "--check-config").stdout


def plain(name: str) -> str:
    return re.sub("[-_.]+", "-", name).lower()


def test_celery_needs_a_broker_and_is_none(tmp_path: Path) -> None:
    """DEP101: Without a broker nothing can be sent; with one the message lies there, and Celery takes it to a worker."""
    code = """
import socket
from celery import Celery
from kombu.exceptions import OperationalError
with socket.socket() as unused:
    unused.bind(("127.0.0.1", 0))
    app = Celery("app", broker=f"amqp://127.0.0.1:{unused.getsockname()[1]}//")
    app.conf.broker_transport_options = {"max_retries": 1, "interval_start": 0, "interval_step": 0}
    @app.task(name="job")
    def job(): pass
    try:
        job.apply_async(retry=False)
    except OperationalError as error:
        print("nothing sent:", type(error.__cause__).__name__)
other = Celery("other", broker="memory://")
other.send_task("job")
with other.connection_for_read() as broker:
    print(type(broker.transport).__module__, broker.default_channel.queue_declare("celery", passive=True).message_count)
print(Celery("third").connection_for_write().as_uri())
"""
    done = run(tmp_path, "-c", code)
    assert done.stdout.splitlines() == [
        "nothing sent: ConnectionRefusedError",
        "kombu.transport.memory 1",
        "amqp://guest:**@localhost:5672//",
    ], done.stderr
