"""Where sentences end, and where they only seem to."""

from __future__ import annotations

import pytest

from corpus.text.sentences import sentence_bounds


def _split(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_bounds(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Use a cache, e.g. Redis or Memcached, i.e. a server beside yours.",
        "It works since Flask 2.3 and Python 3.11 on all systems.",
        "Call app.run() or flask.Flask.run() in main.py to start it.",
        "See https://example.org/A.B/index.Html?q=Yes for the rest.",
        "Compare Django vs. Flask by J. Smith et al. before you choose.",
        "The class flask.Blueprint is imported from flask.Blueprint here.",
        "Node.js and ASP.NET are other platforms.",
        "It holds tools (ORM, admin, etc.) for you.",
        "The code `x. Y` stays whole.",
        "1. Install the package",
        "Wait ... then go on",
    ],
)
def test_a_sentence_stays_whole(text: str) -> None:
    """Abbreviations, versions, names with dots, addresses and inline code do not split."""
    assert _split(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It runs. It stops! Why? No one knows.", ["It runs.", "It stops!", "Why?", "No one knows."]),
        ("It lives in Flask.The cookie is signed.", ["It lives in Flask.", "The cookie is signed."]),
        ("Go to “app”.Create a file.", ["Go to “app”.", "Create a file."]),
        ("What is it?Flask is small.", ["What is it?", "Flask is small."]),
        ("It is pushed. current_app points to it.", ["It is pushed.", "current_app points to it."]),
        ("Use Redis, Memcached, etc. The rest follows.", ["Use Redis, Memcached, etc.", "The rest follows."]),
        (
            "It has two parts:Model: the data. View: the page.",
            ["It has two parts:", "Model: the data.", "View: the page."],
        ),
        ("Since 2.3. Now 3.0.", ["Since 2.3.", "Now 3.0."]),
        ("", []),
    ],
)
def test_sentences_part(text: str, expected: list[str]) -> None:
    """Also where extraction lost the blank between them."""
    assert _split(text) == expected
