"""Databases: SQLAlchemy's dialects and pool, Flask-SQLAlchemy 3, and Psycopg 3."""

import importlib
import importlib.util
import subprocess
import sys
import warnings
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from sqlalchemy import create_engine, event, exc, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool


def release(package: str) -> tuple[int, int]:
    """The first two numbers of the installed version."""
    major, minor = version(package).split(".")[:2]
    return int(major), int(minor)


def flask_and_database(**config: Any) -> tuple[Any, Any]:
    """A Flask app and the `db` of Flask-SQLAlchemy, given to it at once."""
    app = importlib.import_module("flask").Flask("proof")
    app.config.update(SQLALCHEMY_DATABASE_URI="sqlite://", **config)
    return app, importlib.import_module("flask_sqlalchemy").SQLAlchemy(app)


@pytest.mark.release("sqlalchemy==1.4.54")
@pytest.mark.filterwarnings("ignore")
def test_firebird_and_sybase_are_not_built_in() -> None:
    """DBS300: Five families of databases have a dialect in the library; Firebird and Sybase are no known dialects."""
    old = {"firebird", "sybase"} if release("sqlalchemy") < (2, 0) else set()
    assert set(importlib.import_module("sqlalchemy.dialects").__all__) == {"mssql", "mysql", "oracle", "postgresql", "sqlite"} | old
    for name in ("sqlite", "postgresql", "mysql", "oracle", "mssql", *old):
        assert make_url(f"{name}://host/db").get_dialect().name == name
    if release("sqlalchemy") >= (2, 0):
        assert make_url("mariadb://host/db").get_dialect().name in ("mysql", "mariadb")
        for name in ("firebird", "sybase"):
            with pytest.raises(exc.NoSuchModuleError):
                create_engine(f"{name}://host/db")
    else:
        code = "import warnings; warnings.simplefilter('always')\nimport sqlalchemy.dialects.firebird.base as b; b.FBDialect()"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert "deprecated" in done.stderr


def test_an_engine_keeps_five_connections_and_ten_more(tmp_path: Path) -> None:
    """DBS301: Many queries use one connection, 15 may be out at once but not 16, and 5 are kept; so too for PostgreSQL."""
    engine = create_engine(f"sqlite:///{tmp_path / 'test.db'}", poolclass=QueuePool, pool_timeout=0.1)
    opened: list[Any] = []
    closed: list[Any] = []
    event.listen(engine, "connect", lambda connection, entry: opened.append(connection))
    event.listen(engine, "close", lambda connection, entry: closed.append(connection))
    for _ in range(20):
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    assert len(opened) == 1
    connections = [engine.connect() for _ in range(15)]
    with pytest.raises(exc.TimeoutError):
        engine.connect()
    for connection in connections:
        connection.close()
    assert (len(opened), len(closed)) == (15, 10)
    engine.dispose()
    pool: Any = create_engine("postgresql+psycopg://user@localhost/db").pool
    assert (type(pool), pool.size(), pool._max_overflow) == (QueuePool, 5, 10)


@pytest.mark.release("flask-sqlalchemy==2.5.1", "sqlalchemy==1.4.54", "flask==2.2.5", "werkzeug==2.2.3")
def test_modifications_are_not_tracked_by_default() -> None:
    """DBS302: Without the setting nothing warns and models_committed is silent; with True it tells of the change."""
    for config, expected in (({}, release("flask-sqlalchemy") < (3, 0)), ({"SQLALCHEMY_TRACK_MODIFICATIONS": True}, True)):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            app, db = flask_and_database(**config)
        assert any("TRACK_MODIFICATIONS" in str(warning.message) for warning in told) == (expected and not config)
        heard: list[Any] = []

        def listen(sender: Any, changes: Any, heard: list[Any] = heard) -> None:
            heard.extend(changes)

        importlib.import_module("flask_sqlalchemy.track_modifications" if release("flask-sqlalchemy") >= (3, 0) else "flask_sqlalchemy")
        signal = importlib.import_module("flask_sqlalchemy").models_committed if release("flask-sqlalchemy") < (3, 0) else None
        signal = signal or importlib.import_module("flask_sqlalchemy.track_modifications").models_committed
        user = type("User", (db.Model,), {"id": db.Column(db.Integer, primary_key=True)})
        with app.app_context(), signal.connected_to(listen):
            db.create_all()
            db.session.add(user())
            db.session.commit()
        assert bool(heard) == expected


@pytest.mark.release("flask-sqlalchemy==2.5.1", "sqlalchemy==1.4.54", "flask==2.2.5", "werkzeug==2.2.3")
@pytest.mark.filterwarnings("ignore")
def test_flask_sqlalchemy_needs_an_application_context() -> None:
    """DBS303: Without a context create_all(), session and engine raise RuntimeError; create_all(app=app) is a TypeError."""
    app, db = flask_and_database()
    uses = [db.create_all, lambda: db.session.execute(text("SELECT 1")), lambda: db.engine.connect().close()]
    if release("flask-sqlalchemy") < (3, 0):
        for use in uses:
            use()
        db.create_all(app=app)
        return
    for use in uses:
        with pytest.raises(RuntimeError, match="application context"):
            use()
    with app.app_context():
        for use in uses:
            use()
        with pytest.raises(TypeError):
            db.create_all(app=app)


def test_psycopg_3_is_called_psycopg() -> None:
    """DBS304: The package and the module are psycopg, there is no psycopg3, and postgresql+psycopg:// uses it."""
    psycopg = importlib.import_module("psycopg")
    assert release("psycopg")[0] == 3
    assert psycopg.__version__ == version("psycopg")
    assert importlib.util.find_spec("psycopg3") is None
    dialect = create_engine("postgresql+psycopg://user@localhost/db").dialect
    assert dialect.driver == "psycopg"
    assert dialect.dbapi is psycopg
    assert make_url("postgresql+psycopg2://user@localhost/db").get_dialect().driver == "psycopg2"


def test_model_query_is_legacy_and_works() -> None:
    """DBS305: Model.query gives what db.session.execute and scalars give; SQLAlchemy calls its get() legacy."""
    app, db = flask_and_database()
    user = type("User", (db.Model,), {"id": db.Column(db.Integer, primary_key=True)})
    with app.app_context():
        db.create_all()
        db.session.add_all([user(id=1), user(id=2)])
        db.session.commit()
        by_query = user.query.filter_by(id=2).all()
        assert [one.id for one in by_query] == [2]
        assert db.session.execute(db.select(user).filter_by(id=2)).scalars().all() == by_query
        assert db.session.scalars(db.select(user).filter_by(id=2)).all() == by_query
        with pytest.warns(sqlalchemy.exc.LegacyAPIWarning):
            assert user.query.get(2) is by_query[0]
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert db.session.get(user, 2) is by_query[0]
