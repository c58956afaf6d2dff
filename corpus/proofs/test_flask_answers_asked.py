"""What answers about Flask get wrong in passing: slashes, categories, codes of handlers, pages, quotes, lifetimes, PINs, methods."""

from datetime import timedelta

from flask import Flask, flash, get_flashed_messages, render_template_string, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.debug import get_pin_and_cookie_name


def test_a_missing_slash_is_redirected_with_308() -> None:
    """FLK971: Which keeps the method and the form."""
    app = Flask("app")
    app.post("/users/")(lambda: request.form["name"])
    client = app.test_client()
    assert client.post("/users", data={"name": "a"}).status_code == 308
    assert client.post("/users", data={"name": "a"}, follow_redirects=True).text == "a"


def test_a_flash_without_a_category_is_a_message() -> None:
    """FLK972: And not an info."""
    app = Flask("app")
    app.secret_key = "k"
    with app.test_request_context():
        flash("Saved")
        assert get_flashed_messages(with_categories=True) == [("message", "Saved")]


def test_an_error_handler_without_a_code_is_answered_200() -> None:
    """FLK973: The code comes only with the number returned."""
    for returned, status in (("page", 200), (("page", 404), 404)):
        app = Flask("app")
        app.register_error_handler(404, lambda _, returned=returned: returned)
        assert app.test_client().get("/nowhere").status_code == status


def test_paginate_gives_twenty_items() -> None:
    """FLK975: And as many as are asked for."""
    app = Flask("app")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db = SQLAlchemy(app)

    class Row(db.Model):  # type: ignore[name-defined, misc]
        id: Mapped[int] = mapped_column(primary_key=True)

    for query, found in (("", 20), ("?per_page=50", 50)):
        with app.test_request_context(f"/{query}"):
            db.drop_all()
            db.create_all()
            db.session.add_all([Row() for _ in range(60)])
            assert len(db.paginate(db.select(Row)).items) == found


def test_tojson_leaves_double_quotes() -> None:
    """FLK977: The single quote, the angle brackets and the ampersand are replaced, the double quote is not."""
    with Flask("app").app_context():
        text = render_template_string("{{ x|tojson }}", x="<'&\">")
    assert not set("<>&'") & set(text) and '"' in text


def test_a_permanent_session_lasts_31_days() -> None:
    """FLK978: In a new application."""
    assert Flask("app").permanent_session_lifetime == timedelta(days=31)


def test_the_debugger_pin_stays_the_same() -> None:
    """FLK979: Two applications of the same kind on one machine have one PIN, since nothing of it is drawn."""
    first, second = (get_pin_and_cookie_name(Flask("app"))[0] for _ in range(2))
    assert first is not None and first == second


def test_a_wrong_method_is_405() -> None:
    """FLK980: With the methods that are allowed; an unknown address is 404."""
    app = Flask("app")
    app.get("/known")(lambda: "")
    client = app.test_client()
    answer = client.post("/known")
    assert answer.status_code == 405 and "GET" in answer.headers["Allow"]
    assert client.post("/unknown").status_code == 404
