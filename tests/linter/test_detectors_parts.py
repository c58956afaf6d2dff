"""What a detector remembers of its sentences, and how a sentence is found to be about a fact."""

import numpy as np
import pytest

from corpus import Corpus
from linter.checker import FactChecker
from linter.detect import bundle
from linter.detect.gate import Gate
from linter.detect.memory import DIMENSIONS, Memory, axes_of


def test_a_remembered_sentence_is_nearest_to_itself_though_it_lies_along_few_axes() -> None:
    """The axes are those in which the given vectors reach farthest: what lies along them loses nothing."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 384)).astype(np.float32)
    vectors[:, DIMENSIONS:] *= 0.05
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    axes = axes_of(vectors)
    memory = Memory.of(list(vectors[:5]), list(vectors[5:12]), axes)

    near = memory.nearness(vectors[:12])

    assert axes.shape == (384, DIMENSIONS) and memory.false.dtype == np.int8
    assert np.all(near[:5, 0] > 0.98) and np.all(near[5:, 1] > 0.98) and np.all(near[:5, 1] < 0.7)
    assert np.array_equal(memory.nearness(vectors[3:4])[0], near[3])


def test_a_fact_is_found_by_the_longest_words_that_name_it(corpus: Corpus) -> None:
    """Every one of its own sentences names it; of several terms the longest is the name."""
    facts = [fact for fact in corpus.facts if fact.code in {"FLK012", "DJA101"}]
    gate = Gate(facts)
    prefetch = next(n for n, fact in enumerate(facts) if fact.code == "DJA101")

    assert gate.named("What does select_related() do, and what prefetch?")[prefetch] == "select_related"
    assert gate.candidates("An aside about something else.") == []


def test_a_sentence_takes_its_matter_from_the_question_above(checker: FactChecker) -> None:
    """What does not name its matter is judged under the question's name for it; alone it says nothing of it."""
    text, question = "By default it keeps all of its data on the server.", "Where does a Flask session keep its data?"
    (alone,), (asked,) = checker.judge([(text, "")]), checker.judge([(text, question)])

    assert not any(v.probability >= checker.decision.threshold for v in alone)
    assert any(v.fact.code in {"FLK012", "FLK013"} and v.probability >= checker.decision.threshold for v in asked)


def test_what_the_record_calls_true_is_no_error_and_what_it_calls_false_is_one(checker: FactChecker, corpus: Corpus) -> None:
    """Whatever the models say of it, and whatever marks stand around its words."""
    fact = next(fact for fact in corpus.facts if fact.code == "FLK012")
    false, true = fact.false_wordings[0], fact.true_wordings[1]
    said_false, said_true = checker.judge([(f"{false.rstrip('.')}!", ""), (f'"{true}"', "")])

    assert next(v.probability for v in said_false if v.fact == fact) >= 0.95
    assert not [v for v in said_true if v.fact == fact]


def test_a_neighbours_falsehood_is_no_example_of_silence(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """What lies nearest and is true is learned from; what is false by another fact may be false by this one too."""
    monkeypatch.setattr(bundle, "MAX_BACKGROUND", 2)
    fact = corpus.fact("FLK012")
    vectors = {fact.statement: np.array([1, 0]), "false": np.array([1, 0]), "true": np.array([0.9, 0.1]), "aside": np.array([0, 1])}

    assert bundle._hardest(fact, ["false", "true", "aside"], {"false"}, vectors)[0] == "true"
    assert corpus.fact("DJA001").false_wordings[0] in bundle.false_sentences(corpus)


def test_the_nearest_false_sentence_is_one_of_those_asked_about() -> None:
    """Of the record's own, which come first, though a later one lies nearer."""
    axes = np.eye(DIMENSIONS, dtype=np.float32)
    memory = Memory.of([axes[0], axes[1], axes[2]], [axes[3]], axes)

    assert memory.nearest_false(axes[2] + axes[1] / 2, 3) == 2 and memory.nearest_false(axes[2] + axes[1] / 2, 2) == 1
