"""Documents: decoding, positions and what cannot be read."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from corpus.errors import CorpusError
from corpus.text import MAX_BYTES, Document, Position, Span, UnreadableError, read_document

if TYPE_CHECKING:
    from pathlib import Path


def test_the_text_is_kept_exactly_but_for_the_byte_order_mark(tmp_path: Path) -> None:
    """CRLF, lone CR, tabs and no-break spaces survive; the mark does not."""
    text = "a\r\nb\rc\td\u00a0e\n"
    path = tmp_path / "a.txt"
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read_document(path, "shown.txt") == Document("shown.txt", text)


@pytest.mark.parametrize(
    ("offset", "line", "column"),
    [(0, 1, 1), (1, 1, 2), (3, 2, 1), (5, 3, 1), (6, 3, 2), (7, 3, 3), (8, 4, 1)],
)
def test_positions_count_code_points_and_every_kind_of_break(offset: int, line: int, column: int) -> None:
    """CRLF is one break, a lone CR another, a tab and an astral character one column each."""
    document = Document("a.txt", "a\r\nb\r\t\U0001f40d\n")
    assert document.position(offset) == Position(line, column)


@pytest.mark.parametrize("offset", [-1, 9])
def test_a_position_outside_the_text_is_refused(offset: int) -> None:
    """The message names the range."""
    with pytest.raises(ValueError, match=r"0\.\.8"):
        Document("a.txt", "a\r\nb\r\t\U0001f40d\n").position(offset)


def test_lines_come_without_their_breaks() -> None:
    """A last break opens no line; an empty text has one empty line."""
    document = Document("a.txt", "one\r\ntwo\rthree\n")
    assert [document.line_text(n) for n in (1, 2, 3)] == ["one", "two", "three"]
    assert Document("a.txt", "").line_text(1) == ""
    with pytest.raises(ValueError, match=r"1\.\.3"):
        document.line_text(4)


def test_spans_shift_and_slice() -> None:
    """A span is start and end, end excluded."""
    assert Span(1, 3).shift(2) == Span(3, 5)
    assert Document("a.txt", "abcd").slice(Span(1, 3)) == "bc"
    assert len(Span(1, 3)) == 2


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"a\0b", "binary: NUL at byte offset 1"),
        (b"one\r\ntwo\xff", "byte offset 8, line 2"),
        ("é".encode()[:1], "byte offset 0, line 1"),
        (b"a" * (MAX_BYTES + 1), "too large"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, data: bytes, problem: str) -> None:
    """The error says what is wrong and where."""
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(UnreadableError, match=problem) as caught:
        read_document(path, "shown.txt")
    assert str(caught.value).startswith("shown.txt: ")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_folders_and_missing_files_are_refused(tmp_path: Path) -> None:
    """Both are errors of the corpus, so that one handler catches them."""
    for path in (tmp_path, tmp_path / "none.txt"):
        with pytest.raises(CorpusError):
            read_document(path, path.name)
