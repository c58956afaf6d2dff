"""The reader of plain text on small damaged texts of our own."""

from __future__ import annotations

import pytest

from corpus.text import Document, SegmentKind, segments
from corpus.text.code_lines import is_code_line


def _read(text: str) -> list[tuple[str, str]]:
    return [(one.kind.value, one.text) for one in segments(Document("a.txt", text))]


def test_the_parts_of_a_document_are_told_apart() -> None:
    """Heading, question, sentence, item and code, each with the context it stands under."""
    text = (
        "Web Questions\n\n1. What is a hub?\n\nA hub joins. It is small.\nParts:\n\n  • a port\n  • a lamp\n\n"
        "import hub\nhub.run()\n\nOther Matters\n\n2. Name a hub.\n\nAny one.\n"
    )
    found = segments(Document("a.txt", text))
    assert [(one.kind.value, one.text) for one in found] == [
        ("heading", "Web Questions"),
        ("question", "What is a hub?"),
        ("sentence", "A hub joins."),
        ("sentence", "It is small."),
        ("sentence", "Parts:"),
        ("item", "a port"),
        ("item", "a lamp"),
        ("code", "import hub\nhub.run()"),
        ("heading", "Other Matters"),
        ("question", "Name a hub."),
        ("sentence", "Any one."),
    ]
    assert [one.context for one in found[2:8]] == ["What is a hub?"] * 6
    assert (found[1].context, found[9].context, found[10].context) == (
        "Web Questions",
        "Other Matters",
        "Name a hub.",
    )


def test_run_together_rows_split_where_lines_agree() -> None:
    """The word that opens the second cell of two lines splits a third whose joint is hidden."""
    text = "Ruby is made for joyPerl is made for texts\nRuby has one APIPerl has none\nRuby is a gem for allPerl is a pearl\n"
    assert [cell for kind, cell in _read("Title\n\n" + text) if kind == "row"] == [
        "Ruby is made for joy", "Perl is made for texts", "Ruby has one API", "Perl has none",
        "Ruby is a gem for all", "Perl is a pearl",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "line",
    [
        "A WebSocket is open on GitHub and PostgreSQL runs.",
        "We call createElement to build it.",
        "JavaScript is not TypeScript here.",
    ],
)
def test_names_with_inner_capitals_do_not_split(line: str) -> None:
    """A single line needs more than one capital inside a word to be a row."""
    assert _read("Title\n\n" + line) == [("heading", "Title"), ("sentence", line)]


def test_tabs_part_cells() -> None:
    """Two lines with tabs are a table."""
    assert _read("T\n\na b\tc d\ne\tf\n")[1:] == [("row", "a b"), ("row", "c d"), ("row", "e"), ("row", "f")]


def test_wrap_marks_in_code_are_line_breaks() -> None:
    """The sample comes back as lines; blanks inside and no-break indentation are kept as blanks."""
    mark = "[Text Wrapping Break]"
    text = f"T\n\nfrom hub import run{mark}{mark}def go():{mark}\u00a0 \u00a0 return run()\n"
    assert _read(text)[1] == ("code", "from hub import run\n\ndef go():\n    return run()")


def test_code_keeps_its_shape_without_the_shared_indent() -> None:
    """Blank lines inside a sample stay; a shell command beside it is a sample of its own."""
    text = "T\n\n    import hub\n\n    def go():\n        return 1\n\n    pip install hub\n"
    assert _read(text)[1:] == [("code", "import hub\n\ndef go():\n    return 1"), ("code", "pip install hub")]


@pytest.mark.parametrize(
    "line",
    [
        "from flask import Flask", "import os", "def index():", "def broken()", "@app.route('/x')", "@login_required",
        "app = Flask(__name__)", "app.config['KEY'] = 'a value of some words'", "session['user_id'] = 42", "return a, 200",
        "pip install Flask", "$ flask run", "docker build -t app .", "<h1>Hello, {{ name }}!</h1>", "{% endblock %}",
        '{"a": 1}', '"name": "x",', "if __name__ == '__main__':", "jwt = JWT(app, authenticate, identity)",
        "if user and safe_cmp(user.key.encode('utf-8'), key.encode('utf-8')):", "SELECT id FROM users;", "FROM python:3.11", "dockerfileCopyFROM python:3.11", "print(x)  # shows it to the user", ");",
    ],
)  # fmt: skip
def test_lines_of_code_are_known(line: str) -> None:
    """Python, shell, HTML, templates, JSON, SQL and Dockerfiles, without their indentation."""
    assert is_code_line(line)


@pytest.mark.parametrize(
    "line",
    [
        "Flask is small.", "from the start it was small", "If you call it, do this:", "app.run() starts the server.",
        "debug=True enables auto-reload and the debugger", "Python is a language", "Python and Flask", "g is an object",
        "make_response(x) returns a response", "@app.route('/x') for GET requests (default)", "Typical call: app.run(port=1).",
        "Authentication = verify who the user is.", "import is a keyword", "for example:", "Session: keeps data", "",
        "request.path, request.url, request.base_url", "class based views are reusable", "Returns a value",
    ],
)  # fmt: skip
def test_prose_about_code_is_prose(line: str) -> None:
    """What only begins like code is read and judged."""
    assert not is_code_line(line)


def test_wrapped_lines_join_only_where_the_sentence_goes_on() -> None:
    """A long line without an end and a lower-case next one are one paragraph."""
    text = "T\n\nThis line is long enough to be wrapped by its editor,\nand goes on here.\nNext.\n"
    assert _read(text)[1:] == [
        ("sentence", "This line is long enough to be wrapped by its editor, and goes on here."),
        ("sentence", "Next."),
    ]


def test_an_answer_on_the_line_of_its_question_is_parted() -> None:
    """A second request belongs to the question."""
    text = "T\n\n1. What is a hub? Name two. A hub joins.\n2. Explain ports. Ports open. They shut.\n"
    assert _read(text)[1:] == [
        ("question", "What is a hub? Name two."), ("sentence", "A hub joins."),
        ("question", "Explain ports."), ("sentence", "Ports open."), ("sentence", "They shut."),
    ]  # fmt: skip


def test_steps_are_items_and_rhetoric_is_prose() -> None:
    """A number alone makes no question, nor does a question mark in a paragraph."""
    found = segments(Document("a.txt", "T\n\n1. Install it\n2. Run it\n\nSo, why would you?\n\nHow do you stop it?\n"))
    assert [one.kind for one in found[1:]] == [
        SegmentKind.ITEM, SegmentKind.ITEM, SegmentKind.SENTENCE, SegmentKind.QUESTION,
    ]  # fmt: skip
