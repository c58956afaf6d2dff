"""FastAPI and Pydantic, tests, and attacks on web applications, wider."""

import io
import random
import secrets
import sqlite3
import subprocess
import sys
import unittest
import warnings
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, Mock, create_autospec
from uuid import UUID, uuid4

import pytest
from fastapi import Body, Depends, FastAPI
from fastapi.testclient import TestClient
from flask import Flask, abort, request, session
from pydantic import BaseModel, ConfigDict, ValidationError, field_validator, validator
from sqlalchemy import create_engine, text


def run_pytest(folder: Path, files: dict[str, str], *options: str) -> str:
    """What pytest says about some test files, in a process of its own."""
    for name, source in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(dedent(source))
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:cov", *options]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False).stdout


def test_unknown_fields_are_ignored_by_default() -> None:
    """API761: They vanish, in strict mode too; forbid makes them an error, here and with 422, and allow keeps them."""

    class Plain(BaseModel):
        name: str

    class Forbidding(Plain):
        model_config = ConfigDict(extra="forbid")

    data = {"name": "Ann", "colour": "red"}
    assert Plain(**data).model_dump() == Plain.model_validate(data, strict=True).model_dump() == {"name": "Ann"}
    assert not hasattr(Plain(**data), "colour")
    with pytest.raises(ValidationError):
        Forbidding(**data)
    app = FastAPI()

    @app.post("/plain")
    def plain(body: Plain) -> None: ...

    @app.post("/forbidding")
    def forbidding(body: Forbidding) -> None: ...

    assert [TestClient(app).post(path, json=data).status_code for path in ("/plain", "/forbidding")] == [200, 422]


def test_the_first_declared_path_operation_wins() -> None:
    """API762: A parameter declared first takes the fixed path and with int answers 422; declared after it, both are reached."""

    def number(user: int) -> None: ...

    name, me = ("/{user}", lambda user: f"name {user}"), ("/me", lambda: "fixed")
    seen = []
    for routes in ((name, me), (("/{user}", number), me), (me, name)):
        app = FastAPI()
        for path, function in routes:
            app.get(path)(function)
        answer = TestClient(app).get("/me")
        seen.append((answer.status_code, answer.json() if answer.is_success else None))
    assert seen == [(200, "name me"), (422, None), (200, "fixed")]
    assert TestClient(app).get("/ann").json() == "name ann"


class Item(BaseModel):
    title: str


def test_scalars_come_from_the_query_and_models_from_the_body() -> None:
    """API763: A number in the body is not found by a plain int, with Body() it is; a model is not taken from the query string."""
    app = FastAPI()

    @app.post("/both")
    def both(number: int, item: Item) -> list[Any]:
        return [number, item.title]

    @app.post("/marked")
    def marked(number: int = Body(embed=True)) -> int:
        return number

    client = TestClient(app)
    assert client.post("/both?number=3", json={"title": "a", "number": 4}).json() == [3, "a"]
    missing = [client.post("/both", json={"title": "a", "number": 3}), client.post("/both?number=3&title=a")]
    assert [answer.json()["detail"][0]["loc"] for answer in missing] == [["query", "number"], ["body"]]
    assert client.post("/marked", json={"number": 3}).json() == 3


def test_a_dependency_runs_once_per_request() -> None:
    """API764: Two mentions in a request share one call, unless told otherwise, and the next request makes another."""
    calls: list[int] = []
    app = FastAPI()

    def dependency() -> int:
        calls.append(1)
        return len(calls)

    def other(value: int = Depends(dependency)) -> int:
        return value

    @app.get("/")
    def page(a: int = Depends(dependency), b: int = Depends(other), c: int = Depends(dependency, use_cache=False)) -> list[int]:
        return [a, b, c]

    assert not calls
    client = TestClient(app)
    assert [client.get("/").json() for _ in range(2)] == [[1, 1, 2], [3, 3, 4]]


def test_old_pydantic_names_warn_and_orm_mode_does_nothing() -> None:
    """API765: The old names work with a deprecation warning, the new ones without; orm_mode is told to be renamed and has no effect."""
    with pytest.warns(DeprecationWarning, match="field_validator"):
        old = type("Old", (Item,), {"check": validator("title")(lambda cls, value: value + "!")})
    with pytest.warns(DeprecationWarning, match="model_dump"):
        assert old(title="a").dict() == {"title": "a!"}
    with pytest.warns(DeprecationWarning, match="model_validate"):
        assert old.parse_obj({"title": "a"}).title == "a!"
    with pytest.warns(UserWarning, match="'orm_mode' has been renamed to 'from_attributes'"):
        ignored = type("Ignored", (Item,), {"model_config": {"orm_mode": True}})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        new = type(
            "New", (Item,), {"check": field_validator("title")(lambda value: value + "!"), "model_config": {"from_attributes": True}}
        )
        assert new.model_validate(SimpleNamespace(title="a")).model_dump() == {"title": "a!"}
    with pytest.raises(ValidationError):
        ignored.model_validate(SimpleNamespace(title="a"))


def test_set_up_runs_before_each_test() -> None:
    """TST721: Around each of two tests, one of which fails, on an instance of its own; the class's method runs once."""
    steps: list[str] = []
    instances: list[unittest.TestCase] = []

    class Case(unittest.TestCase):
        setUpClass = classmethod(lambda cls: steps.append("class"))  # type: ignore[assignment]
        tearDown = lambda self: steps.append("down")  # type: ignore[assignment] # noqa: E731
        test_one = lambda self: self.fail()  # noqa: E731
        test_two = lambda self: steps.append("two")  # noqa: E731

        def setUp(self) -> None:
            steps.append("up")
            instances.append(self)

    result = unittest.defaultTestLoader.loadTestsFromTestCase(Case).run(unittest.TestResult())
    assert (result.testsRun, len(result.failures)) == (2, 1)
    assert steps == ["class", "up", "down", "up", "two", "down"]
    assert instances[0] is not instances[1]


def test_conftest_fixtures_are_found_without_import(tmp_path: Path) -> None:
    """TST722: Tests beside and below get them without an import, the nearer one first; another module or folder gives nothing."""
    fixture = "import pytest\n@pytest.fixture\ndef {}():\n    return {!r}\n"
    files = {
        "conftest.py": fixture.format("upper", "upper") + fixture.format("both", "upper"),
        "shared.py": fixture.format("lost", "lost"),
        "test_a.py": "def test_a(upper, both):\n    assert (upper, both) == ('upper', 'upper')\ndef test_lost(lost):\n    pass\n",
        "one/conftest.py": fixture.format("both", "one") + fixture.format("only", "one"),
        "one/test_b.py": "def test_b(upper, both, only):\n    assert (upper, both, only) == ('upper', 'one', 'one')\n",
        "two/test_c.py": "def test_c(only):\n    pass\n",
    }
    said = run_pytest(tmp_path, files)
    assert "2 passed, 2 errors" in said, said
    assert "fixture 'lost' not found" in said
    assert "fixture 'only' not found" in said


def test_async_tests_need_a_plugin(tmp_path: Path) -> None:
    """TST723: Bare pytest fails the coroutine unrun, whatever it asserts; AnyIO's plugin awaits it."""
    test = """
    import pytest
    from pathlib import Path
    pytestmark = pytest.mark.anyio
    @pytest.fixture
    def anyio_backend():
        return "asyncio"
    async def test_it():
        Path("ran").touch()
    """
    said = run_pytest(tmp_path, {"test_it.py": test}, "-p", "no:anyio")
    assert "1 failed" in said, said
    assert "async def functions are not natively supported" in said
    assert not (tmp_path / "ran").exists()
    assert "1 passed" in run_pytest(tmp_path, {"test_it.py": test})
    assert (tmp_path / "ran").exists()


def test_a_plain_mock_accepts_what_the_real_object_refuses() -> None:
    """TST724: A wrong name and wrong arguments pass with a plain one; a spec stops the name and autospec the arguments as well."""

    class Client:
        def charge(self, amount: int) -> None:
            """Takes one argument."""

    plain, named, strict = MagicMock(), Mock(spec=Client), create_autospec(Client, instance=True)
    plain.chargee(1, 2, currency="EUR")
    plain.charge()
    plain.chargee.assert_called_once_with(1, 2, currency="EUR")
    assert isinstance(plain.charge(), MagicMock)
    for mock in (named, strict):
        with pytest.raises(AttributeError):
            getattr(mock, "chargee")
    named.charge()
    for real in (strict, Client()):
        with pytest.raises(TypeError):
            real.charge()
        real.charge(1)


def test_sqlite_takes_long_text_and_text_for_numbers() -> None:
    """TST725: Text too long and text for a number are stored as they are; a STRICT table and a CHECK refuse them."""
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE loose (name VARCHAR(5), age INTEGER)")
    db.execute("INSERT INTO loose VALUES (?, ?)", ("x" * 300, "abc"))
    assert db.execute("SELECT name, age FROM loose").fetchall() == [("x" * 300, "abc")]
    db.execute("CREATE TABLE tight (name TEXT CHECK (length(name) <= 5), age INTEGER) STRICT")
    for row in (("x" * 300, 1), ("x", "abc")):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute("INSERT INTO tight VALUES (?, ?)", row)
    db.close()


def test_stored_xss_reaches_others_and_reflected_only_its_sender() -> None:
    """SEC761: What is saved comes back to another client's plain request; what is reflected is gone with the next one."""
    app, comments = Flask("app"), list[str]()
    app.add_url_rule("/search", "search", lambda: "You looked for " + request.args.get("q", ""))
    app.add_url_rule("/comment", "comment", lambda: comments.append(request.form["text"]) or "", methods=["POST"])
    app.add_url_rule("/", "page", lambda: "".join(comments))
    attacker, victim, script = app.test_client(), app.test_client(), "<script>steal()</script>"
    assert script in attacker.get("/search", query_string={"q": script}).text
    assert script not in victim.get("/search").text + victim.get("/").text
    attacker.post("/comment", data={"text": script})
    assert script in victim.get("/").text


def test_formatted_sql_is_injectable_through_an_orm() -> None:
    """SEC762: Through SQLAlchemy's text() the formatted input selects all rows, and as a bound parameter none."""
    name = "x' OR '1'='1"
    with create_engine("sqlite://").connect() as connection:
        connection.execute(text("CREATE TABLE users (name TEXT)"))
        connection.execute(text("INSERT INTO users VALUES ('ann'), ('bob')"))
        formatted = connection.execute(text(f"SELECT name FROM users WHERE name = '{name}'")).all()
        bound = connection.execute(text("SELECT name FROM users WHERE name = :name"), {"name": name}).all()
    assert (len(formatted), len(bound)) == (2, 0)


def test_random_is_predictable_and_secrets_is_not_seeded() -> None:
    """SEC763: A seed that can be guessed gives away the token of random, of SystemRandom and secrets it does not."""

    def token(seed: int) -> str:
        random.seed(seed)
        return "".join(random.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=32))

    now, stolen = 1_800_000_000, token(1_800_000_000 - 17)
    assert [back for back in range(60) if token(now - back) == stolen] == [17]
    for unseeded in (secrets.token_urlsafe, lambda: random.SystemRandom().getrandbits(256)):
        made = [random.seed(1) or unseeded() for _ in range(2)]
        assert made[0] != made[1]


def test_login_and_uuid_do_not_replace_the_check_of_the_owner() -> None:
    """SEC764: A logged-in stranger who has the UUID reads the object, until the view asks whose it is."""
    key = uuid4()
    app, orders = Flask("app"), {key: "ann"}
    app.secret_key = "k" * 40

    def order(key: UUID, *, owned: bool) -> str:
        if "user" not in session:
            abort(401)
        return orders[key] if not owned or orders[key] == session["user"] else abort(404)

    app.add_url_rule("/open/<uuid:key>", "open", lambda key: order(key, owned=False))
    app.add_url_rule("/checked/<uuid:key>", "checked", lambda key: order(key, owned=True))
    seen = []
    for user in (None, "bob", "ann"):
        client = app.test_client()
        with client.session_transaction() as state:
            state.update({"user": user} if user else {})
        seen.append([client.get(f"/{view}/{key}").status_code for view in ("open", "checked")])
    assert seen == [[401, 401], [200, 404], [200, 200]]


def test_the_client_chooses_the_content_type_of_an_upload() -> None:
    """SEC765: Flask hands on the type and name that came along, whatever the bytes are."""
    app = Flask("app")
    app.add_url_rule("/", "page", lambda: [request.files["f"].mimetype, request.files["f"].filename], methods=["POST"])
    for kind, name in (("image/png", "photo.png"), ("text/html", "page.html")):
        answer = app.test_client().post("/", data={"f": (io.BytesIO(b"<script>alert(1)</script>"), name, kind)})
        assert answer.json == [kind, name]
