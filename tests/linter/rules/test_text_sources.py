"""TXT and QNA over the five sources, counted as they were read beside the text."""

from pathlib import Path

import pytest

from corpus.text import Document, read_document, segments
from linter.finding import Finding
from linter.rules import DOCUMENT_RULES

RULES = [rule for rule in DOCUMENT_RULES if rule.info.code.startswith(("TXT", "QNA"))]


@pytest.fixture(scope="module")
def told(sources: Path) -> dict[str, list[tuple[str, int]]]:
    """Code and line of every finding, by document."""
    out = {}
    for path in sorted(sources.glob("*.txt")):
        document = read_document(path, path.name)
        out[path.name[:3]] = [(f.code, document.position(f.span.start).line) for f in _found(document)]
    return out


def _found(document: Document) -> list[Finding]:
    read = segments(document)
    return [finding for rule in RULES for finding in rule.check(document, read)]


READ = [
    ("000", "TXT001", [187]),
    ("000", "TXT002", [36, 167]),
    ("000", "TXT003", [93, 165, 167, 171, 375]),
    ("000", "TXT004", [70, 92]),
    ("000", "TXT008", [113]),
    ("000", "TXT010", [78]),
    ("000", "TXT012", [189, 241, 241, 391]),
    ("000", "QNA005", [6]),
    ("001", "TXT002", [41, 180]),
    ("001", "TXT004", [16, 30, 36, 45, 59, 141, 153, 168, 213]),
    ("001", "TXT005", [53, 64, 112, 156]),
    ("001", "TXT010", [11]),
    ("001", "QNA003", [184]),
    ("002", "TXT002", [75]),
    ("002", "TXT009", [102]),
    ("003", "TXT002", [922, 924]),
    ("003", "TXT011", [510, 522]),
    ("003", "QNA002", [213]),
]


@pytest.mark.parametrize(("source", "code", "lines"), READ)
def test_the_damage_is_told_where_it_is(told: dict[str, list[tuple[str, int]]], source: str, code: str, lines: list[int]) -> None:
    """Each of these was read beside the text and is damage."""
    assert [line for found, line in told[source] if found == code] == lines


def test_nothing_else_is_told(told: dict[str, list[tuple[str, int]]]) -> None:
    """No rule speaks where nobody has read it to be right; the cleanest document is silent."""
    assert sum(map(len, told.values())) == sum(len(lines) for _, _, lines in READ)
    assert told["004"] == []
