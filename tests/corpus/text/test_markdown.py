"""The reader of Markdown."""

from __future__ import annotations

import pytest

from corpus.text import Document, SegmentKind, segments


def _read(text: str) -> list[tuple[str, str]]:
    return [(one.kind.value, one.text) for one in segments(Document("a.md", text))]


def test_blocks_of_every_kind() -> None:
    """Front matter and code are CODE; quotes, lists and tables are read; headings give the context."""
    text = (
        "---\ntitle: x\n---\n# A *Title*\n\nOne line\nand its rest. Two.\n\n> Quoted text\n> goes on.\n\n- item one\n  and more\n"
        "- `a.b` item\n\n```python\nx = 1\n\ny = 2\n```\n\n    indented\n\n| h | i |\n|---|---|\n| a \\| b | c |\n\n## What now?\n\nDone.\n"
    )
    assert _read(text) == [
        ("code", "---\ntitle: x\n---"),
        ("heading", "A Title"),
        ("sentence", "One line and its rest."),
        ("sentence", "Two."),
        ("sentence", "Quoted text goes on."),
        ("item", "item one and more"),
        ("item", "a.b item"),
        ("code", "x = 1\n\ny = 2"),
        ("code", "indented"),
        ("row", "h"),
        ("row", "i"),
        ("row", "a | b"),
        ("row", "c"),
        ("question", "What now?"),
        ("sentence", "Done."),
    ]
    found = segments(Document("a.md", text))
    assert found[2].context == "A Title"
    assert found[-1].context == "What now?"


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("**Flask** is *small*.", "Flask is small."),
        ("Use [the docs](https://a.b/c_(d)) now.", "Use the docs now."),
        (
            "Set `__name__` and __init__ and snake_case_name.",
            "Set __name__ and __init__ and snake_case_name.",
        ),
        ("Pass *args and **kwargs here.", "Pass *args and **kwargs here."),
        ("Two ``a`b`` ticks.", "Two a`b ticks."),
        ("A <b>tag</b> and <name> and <https://a.b>.", "A tag and <name> and https://a.b."),
        ("Star \\* stays, [brackets] too.", "Star * stays, [brackets] too."),
        ("An ![image](x.png) is named.", "An image is named."),
        ("Call `app.run(). Or` not.", "Call app.run(). Or not."),
    ],
)
def test_marks_are_left_out(raw: str, text: str) -> None:
    """What the reader of the page would see is judged; inline code stays whole."""
    assert _read(raw) == [("sentence", text)]


def test_html_blocks_are_read_without_tags() -> None:
    """Scripts and comments are code."""
    assert _read("<div>\n<p>One <b>two</b>.</p>\n</div>\n") == [("sentence", "One two.")]
    assert _read("<!-- hidden. -->\n") == [("code", "<!-- hidden. -->")]


def test_places_are_exact_in_quotes_lists_and_crlf() -> None:
    """Words of a wrapped and marked sentence lie where they stand in the file."""
    document = Document("a.md", "# T\r\n\r\n> - The **signed\r\n>   cookie** is here.\r\n")
    item = segments(document)[1]
    assert (item.kind, item.text) == (SegmentKind.ITEM, "The signed cookie is here.")
    at = item.text.index("cookie")
    assert document.slice(item.locate(at, at + len("cookie"))) == "cookie"
    assert document.position(item.locate(at, at + 1).start).line == 4
