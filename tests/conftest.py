"""A real PostgreSQL for the tests that need one: started from the system's packages, on a socket, thrown away at the end."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

DATABASES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Folder of the socket of a running server with the superuser `viva`; skips where none can be started."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    binaries = found[-1].parent if found else Path(shutil.which("initdb") or "/nowhere/initdb").parent
    if not (binaries / "initdb").exists():
        pytest.skip("no PostgreSQL server is installed (apt-get install postgresql)")
    as_owner: list[str] = []
    folder = Path(tempfile.mkdtemp(prefix="viva-pg-"))
    try:
        if os.geteuid() == 0:  # the server refuses to run as root
            if subprocess.run(["chown", "postgres", folder], capture_output=True).returncode:
                pytest.skip("PostgreSQL does not run as root, and there is no user postgres to run it as")
            as_owner = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"]
        control = [*as_owner, binaries / "pg_ctl", "-D", folder / "data"]
        made = subprocess.run([*as_owner, binaries / "initdb", "-D", folder / "data", "-A", "trust", "-U", "viva"], capture_output=True)
        started = made.returncode == 0 and subprocess.run(
            [*control, "-o", f"-k {folder} -c listen_addresses=''", "-l", folder / "log", "-w", "start"], capture_output=True
        )
        if not started or started.returncode:
            pytest.skip(f"PostgreSQL could not be started: {made.stderr.decode()[-300:]}")
        try:
            yield str(folder)
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], capture_output=True, check=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def fresh_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Makes an empty database of a kind (of DATABASES) and gives its address."""

    def fresh(kind: str) -> str:
        if kind == "sqlite":
            return f"sqlite:///{tmp_path / 'viva.db'}"
        import psycopg

        host = request.getfixturevalue("postgres")
        name = f"t{uuid.uuid4().hex}"
        with psycopg.connect(host=host, user="viva", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql://viva@/{name}?host={host}"

    return fresh


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest, fresh_database: Callable[[str], str]) -> str:
    """The address of an empty database, once SQLite and once PostgreSQL."""
    return fresh_database(request.param)
