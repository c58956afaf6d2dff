"""Sentences and clauses whose subject stands before them."""

from __future__ import annotations

import pytest

from corpus.text import Document, segments
from linter.checker import FactChecker
from linter.detect.antecedent import antecedents

NAMED = "A Flask session remembers a visitor from one request to the next."


def before(text: str) -> list[str]:
    return antecedents(list(segments(Document("text.md", text))))


def test_a_pronoun_and_a_condition_take_up_the_sentence_before() -> None:
    """Over other pronouns too; what begins with a name of its own takes up nothing."""
    assert before(f"{NAMED} It needs a key. By default it lives in a cookie. The cookie is signed.") == ["", NAMED, NAMED, ""]


@pytest.mark.parametrize("gap", ["\n\n", "\n\n## Storage\n\n"])
def test_another_paragraph_is_no_antecedent(gap: str) -> None:
    """What stands in another paragraph, or above a heading, is not meant by "it"."""
    assert before(f"{NAMED}{gap}It is stored on the server by default.")[-1] == ""


def test_it_is_about_what_was_named(checker: FactChecker) -> None:
    """The finding lies on the sentence that is false, and only where something was named that it is false of."""
    said = "It is stored on the server by default."
    (found,) = checker.check_text(f"{NAMED} {said}")
    assert (found.code, found.text) == ("FLK012", said)
    assert not checker.check_text(f"{NAMED}\n\n{said}")
    assert not checker.check_text(f"{NAMED} By default it is kept in a signed cookie.")


def test_a_clause_leans_on_its_sentence(checker: FactChecker) -> None:
    """ "and ..." and "which ..." are held against the facts that the sentence names."""
    text = "A Flask session remembers the visitor over many requests of one browser, and all that it holds is encrypted by default."
    found = [pair for pair in checker._pairing.pairs([(text, "")]) if pair.borrowed]
    assert found
    assert {pair.judged.partition(": ")[2] for pair in found} == {text[pair.start : pair.end] for pair in found}
    assert all(text[pair.start : pair.end].startswith("and all that it holds") for pair in found)
