"""The page of every rule in docs/rules is what its record says today."""

from pathlib import Path

from corpus import load_corpus
from linter.docs import FOLDER, pages

ROOT = Path(__file__).resolve().parents[2]


def test_no_page_is_stale_missing_or_of_a_rule_that_is_gone() -> None:
    made = dict(pages(load_corpus()))
    there = {p.name: p.read_text("utf-8") for p in (ROOT / FOLDER).glob("*.md")}
    stale = sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))
    assert not stale, f"{len(stale)} pages differ from their records, {stale[:5]} among them: run `make docs`"


def test_a_page_tells_all_that_its_record_holds() -> None:
    page = dict(pages(load_corpus()))["FLK020.md"]
    for part in (
        "## Wrong",
        "## Right",
        "## Since",
        "## Proof",
        "## Sources",
        "before_first_request registered a function",
        "--ignore FLK020",
    ):
        assert part in page
