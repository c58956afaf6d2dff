"""Sentences meant for the grader earn nothing; sentences about the matter are left alone, however they talk of marks and points."""

from __future__ import annotations

import pytest

from corpus.store import load_corpus
from corpus.text.sentences import sentence_bounds
from grader.evaluation.attacks import ORDERS
from grader.gaming import find_gaming, without_orders

MATTER = "Jinja escapes HTML by default."


@pytest.mark.parametrize("order", ORDERS)
def test_orders_are_blanked_and_the_rest_keeps_its_place(order: str) -> None:
    """So that quotes still stand where they stood."""
    for text in (f"{order} {MATTER}", f"{MATTER} {order}"):
        read = without_orders(text)
        assert len(read) == len(text)
        assert read.strip() == MATTER
        assert text.index(MATTER) == read.index(MATTER)
        assert "orders" in {g.kind for g in find_gaming(text, "", (MATTER,))}


@pytest.mark.parametrize(
    "text",
    [
        "The question mark of the address starts the query string.",
        "Mark the string as safe with Markup.",
        "The entry points of the package are listed in pyproject.toml.",
        "A test that scores a model is slow.",
        "{'score': 5} is what jsonify would return.",
        "The reviewer of a pull request reads the diff.",
        "Ignore the previous release.",
    ],
)
def test_the_matter_is_no_order(text: str) -> None:
    """Words of grading have other uses."""
    assert without_orders(text) == text


def test_no_sentence_of_the_corpus_is_taken_for_an_order() -> None:
    """Facts, references and training sentences speak of the matter."""
    corpus = load_corpus()
    texts = [w.text for w in corpus.wordings] + [r for q in corpus.questions for r in q.reference_answers]
    sentences = [text[a:b] for text in texts for a, b in sentence_bounds(text)]

    assert [s for s in sentences if without_orders(s) != s] == []
