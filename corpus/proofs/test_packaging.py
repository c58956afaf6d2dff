"""Packaging and deployment: Fabric, servers and certificates, virtual environments, and pip freeze."""

import importlib.metadata
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from http.client import HTTPConnection
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.serving import make_server


def server_header(folder: Path, *command: str) -> tuple[str, str]:
    """Starts `python COMMAND`, asks the server for its page, and gives the Server header and what the process printed."""
    log = folder / f"{time.monotonic_ns()}.log"
    with log.open("w") as output:
        process = subprocess.Popen([sys.executable, "-u", *command], cwd=folder, stdout=output, stderr=output, start_new_session=True)
    try:
        deadline = time.monotonic() + 60
        while not (found := re.search(r"(?:Running on|Listening at:) http://127.0.0.1:(\d+)", log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        connection = HTTPConnection("127.0.0.1", int(found[1]), timeout=30)
        connection.request("GET", "/")
        return connection.getresponse().headers["Server"], log.read_text()
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_fabric_has_no_fabric_api(tmp_path: Path) -> None:
    """DEP302: fabric.api cannot be imported; a Connection runs commands; only the function with @task is listed as a task."""
    code = "import fabric; print(fabric.Connection('127.0.0.1').local('echo ran', hide=True).stdout)\nimport fabric.api"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "ran"
    assert "ModuleNotFoundError: No module named 'fabric.api'" in done.stderr
    (tmp_path / "fabfile.py").write_text("from fabric import task\n@task\ndef deploy(c): pass\ndef helper(c): pass\n")
    listed = subprocess.run(
        [sys.executable, "-B", "-m", "fabric", "--list"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert "deploy" in listed
    assert "helper" not in listed


def test_the_command_of_an_image_decides_on_the_server(tmp_path: Path) -> None:
    """DEP304: As the start command of an image, too, flask run and app.run() are Werkzeug's server; Gunicorn is another."""
    (tmp_path / "main.py").write_text(
        "from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n    app.run(host='0.0.0.0', port=0)\n"
    )
    for command in (["-m", "flask", "--app", "main", "run", "--host", "0.0.0.0", "--port", "0"], ["main.py"]):
        header, printed = server_header(tmp_path, *command)
        assert header.startswith("Werkzeug/")
        assert "This is a development server" in printed
    header, printed = server_header(tmp_path, "-m", "gunicorn", "--bind", "127.0.0.1:0", "main:app")
    assert header.startswith("gunicorn")
    assert "development server" not in printed


def test_adhoc_certificates_are_self_signed_and_thrown_away() -> None:
    """DEP305: The server makes a new certificate at each start, and a client that checks certificates refuses it."""
    seen = set()
    for _ in range(2):
        server = make_server("127.0.0.1", 0, Flask(__name__), ssl_context="adhoc")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            seen.add(ssl.get_server_certificate(("127.0.0.1", server.server_port), timeout=10))
            context = ssl.create_default_context()
            context.check_hostname = False
            with (
                socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as plain,
                pytest.raises(ssl.SSLCertVerificationError) as told,
            ):
                context.wrap_socket(plain)
            assert "self-signed" in told.value.verify_message
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
    assert len(seen) == 2


def test_a_virtual_environment_isolates_packages_only(tmp_path: Path) -> None:
    """DEP306: Inside it Flask is missing, and the same files, system, network and processes are there as outside."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(tmp_path / "env")], check=True)
    (tmp_path / "outside.txt").write_text("seen")
    code = f"""
import importlib.util, os, platform, socket
print(importlib.util.find_spec("flask"))
print(open({str(tmp_path / "outside.txt")!r}).read())
print(platform.release(), socket.gethostname(), os.getuid())
os.kill({os.getpid()}, 0)
"""
    with socket.create_server(("127.0.0.1", 0)) as outside:
        code += f"socket.create_connection(('127.0.0.1', {outside.getsockname()[1]}), timeout=10).close()\n"
        done = subprocess.run([str(tmp_path / "env" / "bin" / "python"), "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    system = f"{os.uname().release} {socket.gethostname()} {os.getuid()}"
    assert done.stdout.splitlines() == ["None", "seen", system]


def test_pip_freeze_lists_what_is_installed(tmp_path: Path) -> None:
    """DEP308: All packages (but pip and its helpers) come with ==, whatever the code imports, and no file is written."""
    (tmp_path / "main.py").write_text("import flask\n")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "freeze"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    printed = dict(line.split("==") for line in done.stdout.lower().replace("_", "-").splitlines() if "==" in line)
    installed = {
        one.metadata["Name"].lower().replace("_", "-").replace(".", "-"): one.version for one in importlib.metadata.distributions()
    }
    helpers = {"pip", "setuptools", "wheel", "distribute"}
    assert {name.replace(".", "-") for name in printed} - helpers == set(installed) - helpers
    assert printed["flask"] == installed["flask"]
    assert {"markupsafe", "itsdangerous"} <= set(printed)  # what only Flask's dependencies need
    assert [path.name for path in tmp_path.iterdir()] == ["main.py"]
