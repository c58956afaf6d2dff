"""The five source documents: six known falsehoods at their words, and silence beside them."""

from pathlib import Path

import pytest
import yaml

from corpus import Corpus, Settings, load_settings
from corpus.text import read_document
from linter.checker import FactChecker
from linter.engine import Engine, Result
from linter.registry import Registry


@pytest.fixture(scope="module")
def found(sources: Path, corpus: Corpus, checker: FactChecker) -> dict[str, Result]:
    engine = Engine(corpus, checker, Registry(corpus).select())
    return {path.name[:3]: engine.check(read_document(path, path.name)) for path in sorted(sources.glob("*.txt"))}


ERRORS = Path(__file__).parent / "data" / "source_errors.yaml"  # by two reviewers
KNOWN = [
    ("000", 39, "DJA001", "support for API", "Flask"),
    ("000", 40, "FLK001", "dynamic HTML", "offers"),
    ("000", 46, "WTF001", "built-in", "WT Forms"),
    ("002", 47, "FLK012", "server side", "dictionary"),
    ("003", 769, "FLK012", "on the server", "per-user"),
    ("003", 904, "FLK002", "not thread-safe", "concurrently"),
]


@pytest.mark.parametrize(("source", "line", "code", "inside", "outside"), KNOWN)
def test_the_known_falsehoods_are_found(found: dict[str, Result], source: str, line: int, code: str, inside: str, outside: str) -> None:
    """Each is reported once under its fact, at its own clause or sentence, with truth and source."""
    result = found[source]
    here = [f for f in result.findings if f.code == code and result.document.position(f.span.start).line == line]
    right = [f for f in here if inside in f.text]
    assert len(right) == 1, [f.text for f in here]
    assert outside not in right[0].text and right[0].text == result.document.slice(right[0].span)
    assert right[0].truth and right[0].sources


@pytest.mark.parametrize(("source", "line", "code", "inside", "outside"), KNOWN)
def test_the_sentences_next_door_are_silent(found: dict[str, Result], source: str, line: int, code: str, inside: str, outside: str) -> None:
    """Nothing else is reported as an error in the same line, but what the reviewers of the documents call wrong too."""
    result = found[source]
    wrong = [e["columns"] for e in yaml.safe_load(ERRORS.read_text("utf-8")) if (e["source"], e["line"]) == (source, line)]
    places = [(f, result.document.position(f.span.start)) for f in result.findings if f.severity == "error" and inside not in f.text]
    others = [(f.code, f.text, at.column) for f, at in places if at.line == line]
    assert not [o for o in others if not any(start < o[2] + len(o[1]) and o[2] < end for start, end in wrong)]


def test_settings_are_those_of_the_built_in_model(found: dict[str, Result]) -> None:
    """The documents were judged with the shipped model, all five of them."""
    settings: Settings = load_settings()
    assert settings.model == "builtin" and len(found) == 5
