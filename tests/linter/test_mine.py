"""Claims without a fact are found, grouped and counted; those a fact covers are not."""

import numpy as np
import pytest

from corpus import load_corpus, load_encoder, load_settings
from corpus.text import Document
from linter.errors import SkeletonError
from linter.mine import mine
from linter.skeleton import skeleton

PAGES = [
    Document(
        "a.md", "# Tea\n\nGreen tea is brewed with water of about eighty degrees.\n\nFlask sessions are stored on the server by default.\n"
    ),
    Document(
        "b.md",
        "You brew green tea with water that is about eighty degrees hot.\n\nIs green tea brewed with boiling water?\n\nLet us see what it does.\n",
    ),
]


def test_claims_no_fact_covers_come_first_by_how_often_they_are_made() -> None:
    found = mine(PAGES, load_corpus(), load_encoder(load_settings()))
    assert [(one.text, one.places) for one in found] == [("Green tea is brewed with water of about eighty degrees.", ["a.md:3", "b.md:1"])]


def test_no_claim_and_no_fact_are_no_error() -> None:
    class Nothing:
        facts = ()

    encoder = load_encoder(load_settings())
    assert mine([Document("a.md", "Why?\n")], load_corpus(), encoder) == []
    assert len(mine(PAGES[:1], Nothing(), encoder)) == 2  # type: ignore[arg-type]
    assert np.isfinite(encoder.encode(["x"])).all()


def test_a_skeleton_has_the_next_free_code_and_every_field() -> None:
    corpus = load_corpus()
    text = skeleton(corpus, "flk", "tea-is-hot")
    number = max(int(f.code[3:]) for f in corpus.facts if f.code.startswith("FLK")) + 1
    assert (
        text.startswith(f"- code: FLK{number}\n")
        and "near_misses:" in text
        and skeleton(corpus, "TEA", "tea-is-hot").startswith("- code: TEA001")
    )


@pytest.mark.parametrize(
    ("area", "name"),
    [("F", "a-b"), ("FLASK", "a-b"), ("FL1", "a-b"), ("FLK", "Tea"), ("FLK", "tea"), ("FLK", "session-cookie-client-side")],
)
def test_a_skeleton_that_would_not_load_is_refused(area: str, name: str) -> None:
    with pytest.raises(SkeletonError, match="No new fact"):
        skeleton(load_corpus(), area, name)
