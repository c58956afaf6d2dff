"""Every segment points at its exact raw place, whatever the text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.text import Document, Segment, SegmentKind, Span, segments
from corpus.text.cleaning import clean_prose

_ATOMS = [
    "Flask", "the", "session", "is", "app.run()", "e.g.", "\U0001f40d", "é", "e\u0301", "Django", "import os", "def f(x):",
    " ", "  ", "\t", "\u00a0", "\u00a0\u00a0", "\n", "\r\n", "\r", "\n\n", "\r\n\r\n", ".", "?", ": ", "• ", "- ", "* ", "1. ",
    "# ", "> ", "| ", "|", "```\n", "`", "**", "_", "[a](b)", "<b>", "---\n", "[Text Wrapping Break]", "\u200b", "\ufeff",
    "    ", "\\", "|---|---|\n", "What ", "\x0b", "\x0c", "\x85", "\u2028",
]  # fmt: skip
_TEXTS = st.one_of(st.lists(st.sampled_from(_ATOMS), max_size=60).map("".join), st.text(max_size=80))


def _check(document: Document, segment: Segment) -> None:
    """Each character of the cleaned text is the raw one it is mapped to, or stands for a blank."""
    assert segment.text
    assert segment.locate(0, len(segment.text)) == segment.span
    previous = -1
    for n, character in enumerate(segment.text):
        span = segment.locate(n, n + 1)
        assert len(span) == 1
        assert span.start > previous
        previous = span.start
        raw = document.slice(span)
        assert raw == character or (character in " \n" and (raw.isspace() or raw in "[>" or segment.kind != "code"))
    if segment.kind is not SegmentKind.CODE:
        assert segment.text == segment.text.strip()
        assert "\n" not in segment.text
        assert "\u00a0" not in segment.text
        assert "  " not in segment.text


@pytest.mark.parametrize("path", ["a.txt", "a.md"])
@given(text=_TEXTS)
@settings(max_examples=150, deadline=None)
def test_every_character_maps_to_its_raw_place(path: str, text: str) -> None:
    """Holds for both readers; segments come in order and do not overlap."""
    document = Document(path, text)
    end = 0
    for segment in segments(document):
        assert segment.span.start >= end
        end = segment.span.end
        _check(document, segment)


@given(text=_TEXTS)
@settings(max_examples=150, deadline=None)
def test_the_raw_text_of_a_plain_segment_cleans_to_its_text(text: str) -> None:
    """What a span cuts out, cleaned again, is the cleaned text: whole segments and single words."""
    document = Document("a.txt", text)
    for segment in segments(document):
        if segment.kind is SegmentKind.CODE:
            continue
        assert clean_prose(document.text, segment.span).text == segment.text
        at = 0
        for word in segment.text.split(" "):
            span = segment.locate(at, at + len(word))
            assert clean_prose(document.text, span).text == word
            at += len(word) + 1


def test_words_are_found_across_damage() -> None:
    """A range over collapsed blanks and wrap marks gives the raw range from first to last character."""
    document = Document("a.txt", "• The\u00a0 \u00a0\U0001f40d[Text Wrapping Break] session\tcookie.\r\n")
    (item,) = segments(document)
    assert (item.kind, item.text) == (SegmentKind.ITEM, "The \U0001f40d session cookie.")
    at = item.text.index("session")
    span = item.locate(at, len(item.text) - 1)
    assert document.slice(span) == "session\tcookie"
    with pytest.raises(ValueError, match="not be empty"):
        item.locate(3, 3)


@pytest.mark.parametrize("path", ["a.txt", "a.md"])
@pytest.mark.parametrize(
    "unit",
    ["a", "a. ", "A", "(", "`", "*", "_a", "[", "](", "|", "> ", "- ", "\u00a0", "a, b = ", "if a ", "<a ", "Q? ", "x\n", "1. What\n", "aB ", "[Text Wrapping Break]", "e.g. "],
)  # fmt: skip
def test_long_texts_take_linear_time(path: str, unit: str) -> None:
    """A hundred thousand characters of anything are read in seconds."""
    begin = time.perf_counter()
    segments(Document(path, unit * (100_000 // len(unit))))
    assert time.perf_counter() - begin < 20.0


def test_an_empty_document_has_no_segments() -> None:
    """Neither text nor Markdown."""
    assert segments(Document("a.txt", "")) == segments(Document("a.md", " \n")) == ()
    assert Span(0, 0) < Span(0, 1)
