"""What published texts got wrong: who stores the data of a request, what request.stream holds, what enclosing a value is worth."""

import sqlite3
from html.parser import HTMLParser
from io import BytesIO
from typing import Any

from flask import Flask, request
from markupsafe import escape


def test_the_application_decides_what_is_stored() -> None:
    """HTP961: With GET and POST alike data is stored if the view stores it, and only then, even if the response says no-store."""
    for keeps in (True, False):
        for method in ("GET", "POST"):
            app = Flask(__name__)
            database = sqlite3.connect(":memory:")
            database.execute("CREATE TABLE sent (name TEXT)")

            @app.route("/form", methods=["GET", "POST"])
            def form(database: sqlite3.Connection = database, keeps: bool = keeps) -> tuple[str, dict[str, str]]:
                if keeps:
                    database.execute("INSERT INTO sent VALUES (?)", (request.values["name"],))
                return "thanks", {"Cache-Control": "no-store"}

            where = "query_string" if method == "GET" else "data"
            answer = app.test_client().open("/form", method=method, **{where: {"name": "Ada"}})
            assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
            assert database.execute("SELECT name FROM sent").fetchall() == ([("Ada",)] if keeps else [])
            database.close()


def test_request_stream_is_unparsed() -> None:
    """FLK961: The stream of a multipart form holds boundaries and all fields, and can be read once; a bare file comes as it is."""
    app = Flask(__name__)
    seen: dict[str, Any] = {}

    @app.post("/<first>")
    def upload(first: str) -> str:
        seen.clear()
        for step in dict.fromkeys((first, "form", "stream", "files")):
            seen[step] = request.stream.read() if step == "stream" else sorted(getattr(request, step))
        return ""

    client = app.test_client()
    client.post("/stream", data={"title": "Cat", "photo": (BytesIO(b"the picture"), "cat.png")})
    assert all(part in seen["stream"] for part in (b"\r\n--", b"Content-Disposition", b"Cat", b"the picture"))
    assert (seen["form"], seen["files"]) == ([], [])
    client.post("/form", data={"title": "Cat", "photo": (BytesIO(b"the picture"), "cat.png")})  # the control: parsed first
    assert (seen["form"], seen["files"], seen["stream"]) == (["title"], ["photo"], b"")
    client.post("/stream", data=b"the picture", content_type="application/octet-stream")
    assert seen["stream"] == b"the picture"


def test_enclosing_a_value_does_not_stop_injection() -> None:
    """SEC961: A value closes the quotes, tags or comment that surround it, unless it is escaped or bound."""

    def tags(page: str) -> list[str]:
        found: list[str] = []
        parser = HTMLParser()
        parser.handle_starttag = lambda tag, attrs: found.append(tag)  # type: ignore[method-assign]
        parser.feed(page)
        return found

    for opening, closing in (("<pre>", "</pre>"), ("<textarea>", "</textarea>"), ("<!--", "-->"), ('<p title="', '">')):
        attack = f"{closing}<script>steal()</script>"
        assert "script" in tags(opening + attack + closing)
        assert "script" not in tags(opening + str(escape(attack)) + closing)
    database = sqlite3.connect(":memory:")
    database.executescript("CREATE TABLE users (name TEXT); INSERT INTO users VALUES ('ada'), ('bob')")
    attack = "x' OR '1'='1"
    assert len(database.execute(f"SELECT * FROM users WHERE name = '{attack}'").fetchall()) == 2
    assert database.execute("SELECT * FROM users WHERE name = ?", (attack,)).fetchall() == []
    database.close()
