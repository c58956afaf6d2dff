"""Suppressions in the text."""

import pytest

from corpus.text import Document, Span
from linter.finding import Finding
from linter.suppress import UNUSED, apply

CODES = {"flk012": "FLK012", "session-cookie-client-side": "FLK012", "dja001": "DJA001"}
ACTIVE = frozenset({"FLK012", "DJA001", UNUSED.code})


def run(text: str, active: frozenset[str] = ACTIVE, word: str = "MYTH") -> list[str]:
    document = Document("a.md", text)
    start = text.find(word)
    found = (
        [Finding("FLK012", "session-cookie-client-side", "error", "No.", "a.md", Span(start, start + len(word)), word)]
        if start >= 0
        else []
    )
    return [f.code for f in apply(document, found, active, CODES)]


@pytest.mark.parametrize(
    "text",
    [
        "<!-- viva: ignore[FLK012] quoted -->\nMYTH",
        "<!-- viva: ignore[FLK012] -->\r\n\r\nMYTH",
        "MYTH <!-- viva: ignore[FLK012] -->",
        "viva: ignore[session-cookie-client-side]\nMYTH",
        "viva: ignore[flk012]\nMYTH",
        "MYTH\n\nmore\n\n<!-- viva: ignore-file[FLK012] -->",
    ],
)
def test_a_suppression_hides_its_finding(text: str) -> None:
    """It holds for its own line, the next line with words, or the file, by code or name in any case."""
    assert run(text) == []


@pytest.mark.parametrize(
    "text", ["viva: ignore[FLK012]\nfine\nMYTH", "MYTH\nviva: ignore[FLK012]\n", "viva: ignore[DJA001]\nMYTH", "viva: ignore[NOPE1]\nMYTH"]
)
def test_one_that_does_not_reach_hides_nothing_and_is_reported(text: str) -> None:
    """The finding stays and the useless suppression is told as SUP001."""
    assert run(text) == ["FLK012", "SUP001"]


def test_only_the_useless_code_of_a_list_is_reported() -> None:
    """Of two codes in one mark each is judged on its own, at its own words."""
    text = "viva: ignore[FLK012, DJA001]\nMYTH"
    document = Document("a.md", text)
    found = [Finding("FLK012", "n", "error", "No.", "a.md", Span(text.index("MYTH"), len(text)), "MYTH")]
    (unused,) = apply(document, found, ACTIVE, CODES)
    assert (unused.code, unused.text) == ("SUP001", "DJA001")


def test_nothing_is_said_of_a_rule_that_did_not_run() -> None:
    """With a rule switched off its suppressions are neither used nor useless."""
    assert run("viva: ignore[FLK012]\nfine", frozenset({"DJA001", UNUSED.code})) == []
    assert run("viva: ignore[FLK012]\nfine", frozenset({"FLK012"})) == []
