"""Question-and-answer units: of our own texts, and counted in the sources."""

from __future__ import annotations

from itertools import pairwise

import pytest

from corpus.text import Document, segments, units


def test_a_table_of_contents_is_no_unit() -> None:
    """The listed questions are items; the answered ones are units, each to its last line."""
    text = (
        "1. What is a?\n2. What is b?\n\n\n\n1. What is a?\n\nIt is a.\n\nMore of a.\n\nSecond Part\n\n2. What is b?\n\nIt is b.\n\n"
        "Conclusion\n\nThat was all.\n"
    )
    found = units(Document("a.txt", text))
    assert [(one.n, one.start_line, one.end_line, one.question) for one in found] == [
        (1, 6, 10, "What is a?"),
        (2, 14, 16, "What is b?"),
    ]
    context = {one.text: one.context for one in segments(Document("a.txt", text))}
    assert context["More of a."] == "What is a?"
    assert context["That was all."] == "Conclusion"


def test_the_last_answer_ends_at_an_unusual_gap() -> None:
    """What stands behind a gap wider than any inside the answers is no answer."""
    text = "T\n\n1. What is a?\n\nIt is a.\n\n2. What is b?\n\nIt is b.\n\n\nThanks for reading.\n"
    assert [(one.start_line, one.end_line) for one in units(Document("a.txt", text))] == [(3, 5), (7, 9)]


def test_answers_without_questions_part_by_structure() -> None:
    """Advertising parts; a list or code that a colon announces stays; the header's number decides."""
    text = (
        "Hub Questions\n\n  • 3 Question(s)\n\nA hub is a box that joins lines. It has parts:\n\n  • a port\n  • a lamp\n\n"
        "This is a frequently asked question in hub interviews; learn it.\n\nTo start a hub, run this:\n\nhub = Hub()\n\n"
        "However, it may need power.\n\nA lamp is a light that shows state.\n"
    )
    found = units(Document("a.txt", text))
    assert [(one.start_line, one.end_line, one.question) for one in found] == [
        (5, 8, None),
        (12, 16, None),
        (18, 18, None),
    ]


def test_a_document_that_asks_nothing_has_no_units() -> None:
    """Prose stays prose."""
    assert units(Document("a.txt", "Title\n\nA hub is a box.\n\nIt hums.\n")) == ()
    assert units(Document("a.txt", "")) == ()


@pytest.mark.parametrize(("name", "count"), [("000", 40), ("001", 30), ("002", 18), ("003", 29), ("004", 21)])
def test_the_units_of_the_sources(sources: dict[str, Document], name: str, count: int) -> None:
    """As many as each document says or shows; in order, apart, and with their question as context."""
    document = sources[name]
    found = units(document)
    assert len(found) == count
    assert all((one.question is None) == (name == "000") for one in found)
    assert all(one.end_line < after.start_line for one, after in pairwise(found))
    pieces = segments(document)
    for one in found if name != "000" else ():
        inside = [piece for piece in pieces if one.span.start < piece.span.start < one.span.end]
        assert {piece.context for piece in inside} <= {one.question}


def test_the_answers_without_questions_begin_and_end_where_a_reader_puts_them(
    sources: dict[str, Document],
) -> None:
    """The forty units of 000 by first and last line, as read by a person."""
    expected = (
        "11-11 13-20 24-32 34-34 36-42 44-44 46-53 57-64 66-76 78-78 80-93 97-103 105-109 111-111 113-113 115-115 119-126 "
        "128-134 136-146 148-152 155-181 185-191 195-201 203-209 211-217 219-221 223-237 239-253 257-265 267-277 279-293 "
        "295-308 310-322 324-330 334-348 350-362 364-379 381-391 395-399 401-413"
    )
    assert " ".join(f"{one.start_line}-{one.end_line}" for one in units(sources["000"])) == expected


@pytest.mark.parametrize(
    "text",
    [
        "# T\n\n1. What is a?\n\n   It is a.\n\n2. What is b?\n\n   It is b.\n",
        "# T\n\n**1. What is a?**\n\nIt is a.\n\n**2. What is b?**\n\nIt is b.\n",
        "# T\n\n## What is a?\n\nIt is a.\n\n## What is b?\n\nIt is b.\n",
    ],
)
def test_questions_of_markdown_are_units(text: str) -> None:
    """Ordered lists, bold paragraphs and headings ask alike."""
    assert [(one.start_line, one.end_line, one.question) for one in units(Document("a.md", text))] == [
        (3, 5, "What is a?"),
        (7, 9, "What is b?"),
    ]
