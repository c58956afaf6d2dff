"""A baseline hides what is known, follows it when lines move, and never hides what is new."""

from pathlib import Path

import pytest

from corpus.text import Document, Span
from linter.baseline import Baseline, read_baseline, write_baseline
from linter.errors import BaselineError
from linter.finding import Finding


def found(document: Document, words: str, code: str = "FLK012", nth: int = 0) -> Finding:
    start = -1
    for _ in range(nth + 1):
        start = document.text.index(words, start + 1)
    return Finding(code, "a-b", "error", "no", document.path, Span(start, start + len(words)), words)


OLD = Document("a.txt", "One.\nSessions live on the server.\nTwo.\n")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "known.json"
    assert write_baseline(path, [(OLD, [found(OLD, "Sessions live on the server")])]) == 1
    return path


@pytest.mark.parametrize("text", [OLD.text, "Before.\n\n" + OLD.text, "  Sessions  live on the server.\n".replace("  live", " live")])
def test_what_is_known_is_hidden_wherever_its_line_moved(file: Path, text: str) -> None:
    document, known = Document("a.txt", text), read_baseline(file)
    assert known.new(document, [found(document, "Sessions live on the server")]) == () and known.stale == 0


@pytest.mark.parametrize(
    ("path", "text", "code"),
    [("b.txt", OLD.text, "FLK012"), ("a.txt", OLD.text, "FLK013"), ("a.txt", "But: Sessions live on the server.\n", "FLK012")],
)
def test_another_document_rule_or_line_is_new_and_the_old_entry_stale(file: Path, path: str, text: str, code: str) -> None:
    document, known = Document(path, text), read_baseline(file)
    finding = found(document, "Sessions live on the server", code)
    assert known.new(document, [finding]) == (finding,) and known.stale == 1


def test_the_same_words_twice_are_hidden_as_often_as_they_were_written(file: Path) -> None:
    document = Document("a.txt", OLD.text * 2)
    twice = [found(document, "Sessions live on the server", nth=n) for n in (0, 1)]
    assert read_baseline(file).new(document, twice) == (twice[1],)


@pytest.mark.parametrize(
    "text", ["", "[]", '{"version": 2, "entries": {}}', '{"version": 1, "entries": {"a": -1}}', '{"version": 1, "entries": 3}']
)
def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(BaselineError, match=r"linter baseline PATH"):
        read_baseline(tmp_path / "x.json")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BaselineError, match=r"none\.json: No such file"):
        read_baseline(tmp_path / "none.json")
    assert Baseline().stale == 0
