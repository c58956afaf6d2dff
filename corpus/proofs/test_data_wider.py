"""Data, deployment and security at large: indexes, relationships, Gunicorn, task arguments, caches, tokens and keys."""

import os
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module as load
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest


def test_an_index_helps_searches_and_burdens_inserts() -> None:
    """DBS701: With an index a search needs no scan, save for LIKE '%x', but each INSERT writes into it as well and the file grows."""
    database = sqlite3.connect(":memory:")
    rows = "WITH n(age) AS (SELECT 1 UNION SELECT age + 1 FROM n LIMIT 5000) SELECT 'name ' || age AS name, age FROM n"
    database.execute(f"CREATE TABLE person AS {rows}")
    before = database.execute("PRAGMA page_count").fetchone()

    def plan(condition: str) -> str:
        return str(database.execute(f"EXPLAIN QUERY PLAN SELECT age FROM person WHERE {condition}").fetchone()[3])

    def index_writes() -> int:
        return sum(row[1] == "IdxInsert" for row in database.execute("EXPLAIN INSERT INTO person VALUES ('x', 1)"))

    assert (plan("name = 'x'"), index_writes()) == ("SCAN person", 0)
    database.execute("CREATE INDEX by_name ON person (name)")
    assert (plan("name = 'x'"), index_writes()) == ("SEARCH person USING INDEX by_name (name=?)", 1)
    assert plan("name LIKE '%x'") == "SCAN person"
    assert database.execute("PRAGMA page_count").fetchone() > before
    database.executemany("INSERT INTO person VALUES (?, ?)", [("twin", 1)] * 2)  # and it forbids no duplicates


def models(**options: Any) -> tuple[Any, Any, Any]:
    """A base with two classes: an author and the author's books, in a relationship with these options."""
    orm, sql = load("sqlalchemy.orm"), load("sqlalchemy")
    base = orm.declarative_base()
    key = sql.Column(sql.ForeignKey("author.id"), nullable=options.pop("nullable", True))
    identity = {"id": sql.Column(sql.Integer, primary_key=True)}
    author = type("Author", (base,), {"__tablename__": "author", **identity, "books": orm.relationship("Book", **options)})
    identity = {"id": sql.Column(sql.Integer, primary_key=True)}
    return base, author, type("Book", (base,), {"__tablename__": "book", **identity, "author_id": key})


@contextmanager
def session_with(base: Any, *objects: Any) -> Iterator[Any]:
    """A session on a new database in memory that holds these objects."""
    engine = load("sqlalchemy").create_engine("sqlite://")
    base.metadata.create_all(engine)
    with load("sqlalchemy.orm").Session(engine) as session:
        session.add_all(objects)
        session.commit()
        yield session
    engine.dispose()


def test_n_plus_one_goes_with_eager_loading_and_not_with_an_index() -> None:
    """DBS702: Ten authors with their books take 11 queries, with an index still 11, with selectinload 2 and with joinedload 1."""
    sql, orm = load("sqlalchemy"), load("sqlalchemy.orm")
    base, author, book = models()
    with session_with(base, *(author(books=[book()]) for _ in range(10))) as session:
        sent: list[str] = []
        sql.event.listen(session.get_bind(), "before_cursor_execute", lambda *call: sent.append(call[2]))

        def queries(*options: Any) -> int:
            session.expunge_all()
            sent.clear()
            assert [len(one.books) for one in session.scalars(sql.select(author).options(*options)).unique()] == [1] * 10
            return len(sent)

        assert queries() == 11
        session.execute(sql.text("CREATE INDEX by_author ON book (author_id)"))
        assert queries() == 11
        assert (queries(orm.selectinload(author.books)), queries(orm.joinedload(author.books))) == (2, 1)


def test_a_relationship_creates_no_column() -> None:
    """DBS703: The tables are the same with it and without it, and without a foreign key there is nothing to join on."""
    sql, orm = load("sqlalchemy"), load("sqlalchemy.orm")
    base, author, book = models(backref="author")
    with session_with(base, author(books=[book()])) as session:
        inspector = sql.inspect(session.get_bind())
        columns = {table: [one["name"] for one in inspector.get_columns(table)] for table in inspector.get_table_names()}
        assert columns == {"author": ["id"], "book": ["id", "author_id"]}
        assert session.scalars(sql.select(book)).one().author.books[0].author_id == 1
    base = orm.declarative_base()
    identity = sql.Column(sql.Integer, primary_key=True)
    lone = type("Lone", (base,), {"__tablename__": "lone", "id": identity, "pages": orm.relationship("Page")})
    type("Page", (base,), {"__tablename__": "page", "id": sql.Column(sql.Integer, primary_key=True)})
    with pytest.raises(load("sqlalchemy.exc").NoForeignKeysError):
        lone()


def test_deleting_a_parent_keeps_its_children() -> None:
    """DBS704: By default the children stay with NULL for a key, or fail where it may not be NULL; delete-orphan deletes them."""
    sql = load("sqlalchemy")

    def keys_left(**options: Any) -> list[int | None]:
        base, author, book = models(**options)
        with session_with(base, author(books=[book(), book()])) as session:
            session.delete(session.scalars(sql.select(author)).one())
            session.commit()
            return list(session.scalars(sql.select(book.author_id)))

    assert keys_left() == [None, None]
    assert keys_left(cascade="all, delete-orphan") == []
    with pytest.raises(load("sqlalchemy.exc").IntegrityError):
        keys_left(nullable=False)
    assert set(models()[1].books.property.cascade) == {"save-update", "merge"}
    assert not models(cascade="all")[1].books.property.cascade.delete_orphan


def test_environment_variables_are_strings() -> None:
    """DEP701: What another process set arrives as text, "False" and "0" count as true, and a number cannot even be stored."""
    code = (
        "import os; print([(v, bool(v)) for v in (os.environ['A'], os.getenv('B'), os.getenv('C', 5), os.getenv('D'), os.getenv('E_', 5))])"
    )
    env = {**os.environ, "A": "False", "B": "0", "C": "8000", "D": ""}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
    assert done.stdout == "[('False', True), ('0', True), ('8000', True), ('', False), (5, True)]\n"
    with pytest.raises(TypeError):
        os.environ["PORT"] = 8000  # type: ignore[assignment]


@contextmanager
def gunicorn(folder: Path, *options: str) -> Iterator[int]:
    """The port of a real Gunicorn with one worker and an app that tells how many requests it has worked on at once."""
    (folder / "app.py").write_text(
        "import threading, time\nlock, now, most = threading.Lock(), 0, 0\n"
        "def app(environ, start_response):\n    global now, most\n    with lock:\n        now += 1\n        most = max(most, now)\n"
        "    time.sleep(0.5)\n    with lock:\n        now -= 1\n"
        "    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '1')])\n    return [str(most).encode()]\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = [sys.executable, "-Bm", "gunicorn", "app:app", "--bind", f"fd://{listening.fileno()}", "--no-control-socket", *options]
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("GUNICORN", "WEB_CONCURRENCY"))}
        with subprocess.Popen(command, cwd=folder, env=clean, pass_fds=[listening.fileno()], stderr=subprocess.DEVNULL) as process:
            try:
                yield listening.getsockname()[1]
            finally:
                process.terminate()


def get(port: int) -> bytes:
    """The whole answer to a request written by hand."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: client.recv(4096), b""))


def test_gunicorn_speaks_http(tmp_path: Path) -> None:
    """DEP702: Bare HTTP over a socket, with no other server about, is answered; the uwsgi protocol is not understood by default."""
    with gunicorn(tmp_path) as port:
        assert get(port).startswith(b"HTTP/1.1 200 OK\r\n")
        with socket.create_connection(("127.0.0.1", port), timeout=60) as client:
            client.sendall(b"\x00\x15\x00\x00\x0e\x00REQUEST_METHOD\x03\x00GET\r\n\r\n")
            assert not client.recv(4096).startswith(b"HTTP/1.1 200")


def test_a_sync_worker_handles_one_request_at_a_time(tmp_path: Path) -> None:
    """DEP703: One default worker never has two requests in hand, whatever worker_connections says; with four threads it has."""

    def most_at_once(*options: str) -> int:
        with gunicorn(tmp_path, *options) as port, ThreadPoolExecutor(4) as pool:
            return max(int(answer[-1:]) for answer in pool.map(get, [port] * 4))

    assert most_at_once("--worker-connections", "1000") == 1
    assert most_at_once("--threads", "4") > 1
    assert load("gunicorn.config").Config().settings["worker_class"].default == "sync"


def test_task_arguments_are_json() -> None:
    """TSK701: Plain values arrive, a tuple as a list; objects, sets and files are refused, and so is a pickled message."""
    celery, kombu = load("celery"), load("kombu")
    app = celery.Celery("app", broker="memory://", set_as_current=False)
    assert (app.conf.task_serializer, tuple(app.conf.accept_content)) == ("json", ("json",))
    model = models()[1]
    for value in (object(), {1, 2}, sys.stdout, model()):
        with pytest.raises(kombu.exceptions.EncodeError):
            app.send_task("task", (value,))
    app.send_task("task", ({1: ("a", 5)},))
    app.send_task("task", (object,), serializer="pickle")
    with app.connection_for_read() as connection:
        plain, pickled = (connection.default_channel.basic_get("celery", no_ack=True) for _ in range(2))
    assert plain.payload[0] == [{"1": ["a", 5]}]
    with pytest.raises(kombu.exceptions.ContentDisallowed):
        pickled.decode()


def test_lru_cache_is_per_process_and_has_no_expiry(tmp_path: Path) -> None:
    """TSK702: Each process begins with an empty cache of 128 entries, which drops the least recent and notices no changes."""
    (tmp_path / "cached.py").write_text(
        "import functools, inspect\nnow = 1\n@functools.lru_cache\ndef look(key):\n    if key is None: raise ValueError\n    return now\n"
        "print(inspect.signature(functools.lru_cache), look.cache_info().currsize, end=' ')\n"
        "look(0); now = 2; print(look(0), end=' ')\n"
        "[look(n) for n in [*range(1, 128), 0, 128]]; print(look(0), look.cache_info().currsize, end=' ')\n"
        "misses = look.cache_info().misses; look(1); print(look.cache_info().misses - misses, end=' ')\n"
        "for bad in ([], None, None):\n    try: look(bad)\n    except (TypeError, ValueError) as e: print(type(e).__name__, end=' ')\n"
        "print(look.cache_info().misses - misses, end=' '); look.cache_clear(); print(look(0))\n"
    )
    for _ in range(2):  # each process begins anew
        done = subprocess.run([sys.executable, "-B", "cached.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
        assert done.stdout == "(maxsize=128, typed=False) 0 1 1 128 1 TypeError ValueError ValueError 3 2\n"


def test_a_jwt_in_a_cookie_needs_csrf_protection() -> None:
    """SEC701: The cookie goes along by itself and suffices for a forged request unless a CSRF token is asked for."""
    flask, tokens = load("flask"), load("flask_jwt_extended")

    def answers(**config: bool) -> list[int]:
        app = flask.Flask("proof")
        app.config.update(JWT_SECRET_KEY="k" * 32, JWT_TOKEN_LOCATION=["cookies", "headers"], **config)
        tokens.JWTManager(app)
        app.add_url_rule("/pay", view_func=tokens.jwt_required()(lambda: "paid"), methods=["POST"])
        with app.app_context():
            token = tokens.create_access_token("me")
            known = tokens.get_csrf_token(token) if not config else ""
        browser, other = app.test_client(), app.test_client()
        browser.set_cookie("access_token_cookie", token, httponly=True)
        from_elsewhere = {"Origin": "https://evil.example"}
        sent = [(browser, from_elsewhere), (browser, {"X-CSRF-TOKEN": known}), (other, {}), (other, {"Authorization": f"Bearer {token}"})]
        return [client.post("/pay", headers=headers).status_code for client, headers in sent]

    assert answers(JWT_COOKIE_CSRF_PROTECT=False) == [200, 200, 401, 200]
    assert answers() == [401, 200, 401, 200]  # by default it asks for a CSRF token beside a cookie, and for none beside a header


def test_validation_in_the_browser_is_no_protection() -> None:
    """SEC702: Whatever the form's attributes say, a client sends what it likes, and only a check on the server stops it."""
    flask, wtforms = load("flask"), load("wtforms")
    rules = [wtforms.validators.InputRequired(), wtforms.validators.NumberRange(1, 10)]
    form_class = type("Order", (wtforms.Form,), {"quantity": wtforms.IntegerField(validators=rules)})
    app = flask.Flask("proof")
    app.add_url_rule("/trusting", "trusting", lambda: flask.request.form.get("quantity", "none"), methods=["POST"])
    app.add_url_rule("/checking", "checking", lambda: str(form_class(flask.request.form).validate()), methods=["POST"])
    assert str(form_class().quantity) == '<input id="quantity" max="10" min="1" name="quantity" required type="number" value="">'
    for sent in ("-5", "abc", "9" * 100):
        assert app.test_client().post("/trusting", data={"quantity": sent}).text == sent
        assert app.test_client().post("/checking", data={"quantity": sent}).text == "False"
    assert app.test_client().post("/trusting").text == "none"
    assert app.test_client().post("/checking", data={"quantity": "5"}).text == "True"


@pytest.mark.release("werkzeug==2.2.3")
def test_werkzeug_hashes_with_scrypt_and_refuses_plain_sha256() -> None:
    """SEC703: scrypt and a new salt each time, PBKDF2 if asked for, and no plain digests, nor bcrypt or Argon2."""
    security = load("werkzeug.security")
    made = [security.generate_password_hash("secret") for _ in range(2)]
    assert made[0] != made[1]
    assert [security.check_password_hash(made[0], entered) for entered in ("secret", "wrong")] == [True, False]
    if version("werkzeug").startswith("2."):
        assert made[0].startswith("pbkdf2:sha256:")
        assert security.generate_password_hash("secret", "sha256").startswith("sha256$")
        return
    assert made[0].startswith("scrypt:32768:8:1$")
    assert security.generate_password_hash("secret", "pbkdf2:sha512").startswith("pbkdf2:sha512:")
    for method in ("sha256", "sha512", "md5", "plain", "bcrypt", "argon2"):
        with pytest.raises(ValueError, match="Invalid hash method"):
            security.generate_password_hash("secret", method)


def test_a_new_secret_key_makes_sessions_void() -> None:
    """SEC704: A session survives a restart with the same key, and is empty, without an error, under another; a fallback key saves it."""
    flask = load("flask")

    def started(key: bytes, *fallbacks: bytes) -> Any:
        app = flask.Flask("proof")
        app.config.update(SECRET_KEY=key, SECRET_KEY_FALLBACKS=list(fallbacks))
        app.add_url_rule("/login", "login", lambda: flask.session.update(user="me") or "in")
        app.add_url_rule("/", "home", lambda: flask.session.get("user", "nobody"))
        return app.test_client()

    first, second = os.urandom(24), os.urandom(24)
    client = started(first)
    client.get("/login")
    cookie = client.get_cookie("session").value
    for key, fallbacks, seen in ((first, (), "me"), (second, (), "nobody"), (second, (first,), "me")):
        other = started(key, *fallbacks)
        other.set_cookie("session", cookie)
        assert (other.get("/").status_code, other.get("/").text) == (200, seen)


@pytest.mark.release("pyjwt==1.7.1")
def test_jwt_encode_returns_a_string() -> None:
    """SEC705: A str that has no decode(); up to 1.7 bytes."""
    jwt = load("jwt")
    token: Any = jwt.encode({"sub": "me"}, "k" * 32, algorithm="HS256")
    if version("pyjwt").startswith("1."):
        assert token.decode("utf-8").count(".") == 2
        return
    assert type(token).__name__ == "str"
    with pytest.raises(AttributeError):
        token.decode("utf-8")
    assert jwt.decode(token, "k" * 32, algorithms=["HS256"]) == jwt.decode(token.encode(), "k" * 32, algorithms=["HS256"]) == {"sub": "me"}
