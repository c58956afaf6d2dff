"""Terms in each other's place: made where a sentence has roles, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from corpus.meaning.train.roles import exchanged, role_pairs, turned
from corpus.store import load_corpus


def _rng() -> np.random.Generator:
    return np.random.default_rng(0)


@pytest.mark.parametrize(
    "text, wrong",
    [
        ("PUT may be repeated without effect, which POST may not.", "POST may be repeated without effect, which PUT may not."),
        ("The browser asks and then the server answers.", "The server asks and then the browser answers."),
        ("MethodView takes what get_json() serves.", None),  # a class and a call: not of a kind
        ("Flask accepts GET, HEAD and OPTIONS.", None),  # a list has no roles
        ("PUT and POST both have a body, and the same is true of PATCH.", None),
        ("A cookie is small.", None),
    ],
)
def test_two_terms_change_places(text: str, wrong: str | None) -> None:
    assert exchanged(text, text, _rng()) == wrong


def test_only_terms_that_the_statement_has_change_places() -> None:
    assert exchanged("PUT may be repeated, which POST may not.", "PUT is idempotent.", _rng()) is None


def test_turned_clauses_say_the_same() -> None:
    said = "PUT may be repeated safely, whereas POST may not be repeated."
    assert turned(said) == "POST may not be repeated whereas PUT may be repeated safely."
    assert turned("PUT may be repeated safely; POST may not be repeated.") == "POST may not be repeated; PUT may be repeated safely."
    assert turned("PUT may be repeated.") is None


def test_pairs_of_the_corpus_are_twins_side_by_side() -> None:
    """What agrees stands before its exchanged twin, and both hold the same words."""
    corpus = load_corpus()
    pairs = list(role_pairs(corpus.facts[:60], corpus.wordings, (), (), _rng(), share=0.5))
    twins = [(a, b) for a, b in zip(pairs, pairs[1:], strict=False) if (a.label, b.label) == ("support", "contradict")]
    assert len(twins) > 50
    assert all(a.statement == b.statement for a, b in twins)
