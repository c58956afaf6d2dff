"""What a detector remembers of its sentences, and how a sentence is found to be about a fact."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from corpus import Corpus
from linter.checker import FactChecker
from linter.detect import bundle
from linter.detect.decision import OVERLAP, neighbour_signals, overlap_signals
from linter.detect.gate import Gate
from linter.detect.lexical import hashed
from linter.detect.memory import DIMENSIONS, Memory, axes_of


def test_a_remembered_sentence_is_nearest_to_itself_though_it_lies_along_few_axes() -> None:
    """The axes are those in which the given vectors reach farthest: what lies along them loses nothing."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(400, 384)).astype(np.float32)
    vectors[:, DIMENSIONS:] *= 0.05
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    axes = axes_of(vectors)
    said = [f"sentence {n}" for n in range(12)]
    memory = Memory.of(said[:5], said[5:], dict(zip(said, vectors, strict=False)), axes)

    near = memory.nearness(vectors[:12])

    assert axes.shape == (384, DIMENSIONS) and memory.false.dtype == np.int8
    assert np.all(near[:5, 0] > 0.98) and np.all(near[5:, 1] > 0.98) and np.all(near[:5, 1] < 0.7)
    assert np.array_equal(memory.nearness(vectors[3:4])[0], near[3])


def test_what_speaks_of_other_things_shares_little_with_the_statement() -> None:
    """A row a pair, a column a number; none give an empty table."""
    statement = "Flask keeps session data in a signed cookie on the client."
    said = (
        "Flask keeps its session data in a cookie.",
        "A session is begun by the login view, and the login view also checks how old the password of the user is.",
    )
    close, aside = overlap_signals([(text, statement) for text in said])

    assert overlap_signals([]).shape == (0, len(OVERLAP))
    assert close[OVERLAP.index("recall")] > aside[OVERLAP.index("recall")] and close[OVERLAP.index("extra")] < aside[OVERLAP.index("extra")]


def test_number_words_are_numbers_to_a_detector() -> None:
    """ "Seven days" and "7 days" share their words."""
    (words, _), (digits, _) = hashed("Sessions last seven days."), hashed("Sessions last 7 days.")
    assert set(words.tolist()) == set(digits.tolist())


def test_a_fact_of_ones_own_is_learned_from_what_passes_its_gate_alone(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A team does not wait until all sentences of ours are encoded."""
    fact = corpus.fact("SEC003").model_copy(update={"code": "OWN001", "name": "own-fact", "terms": ("zebra",)})
    monkeypatch.setattr(
        bundle, "background", lambda _: {"A zebra has stripes.": "", "A horse has none.": "", **dict.fromkeys(own, "OWN001")}
    )
    own = (fact.statement, *fact.true_wordings, *fact.false_wordings, *fact.near_misses)
    read: list[str] = []

    class Counting:
        name = checksum = "counting"
        dimensions = 384

        def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
            read.extend(texts)
            rows = np.random.default_rng(0).normal(size=(len(texts), 384)).astype(np.float32)
            return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    assert set(bundle.train_all(replace(corpus), Counting(), [fact])) == {"OWN001"}
    assert "A zebra has stripes." in read and "A horse has none." not in read


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


def test_the_nearest_sentences_of_both_sides_are_told_in_words() -> None:
    """The nearest first, as many as are asked for or as there are; false and true ones apart."""
    axes = np.eye(DIMENSIONS, dtype=np.float32)
    where = {"on the server": axes[0], "in a file": axes[1], "nowhere — ever": axes[2], "in a cookie": axes[3]}
    memory = Memory.of(["on the server", "in a file", "nowhere — ever"], ["in a cookie"], where, axes)

    assert memory.nearest(axes[2] + axes[1] / 2, 2) == (["nowhere — ever", "in a file"], ["in a cookie"])


def test_a_sentence_that_repeats_what_is_false_and_denies_what_is_true_is_told_by_its_neighbours() -> None:
    """One number for each side, whatever stands beside it; none without neighbours."""

    class ByHand:
        name = "by hand"

        def judge(self, pairs: Sequence[tuple[str, str]]) -> npt.NDArray[np.float64]:
            return np.array([[0.8, 0.1, 0.1] if a == b else [0.1, 0.8, 0.1] for a, b in pairs])

    sides = ["server"], ["cookie", "client"]
    (repeats, denies), (not_repeated, _), nothing = neighbour_signals(ByHand(), [("server", sides), ("cookie", sides), ("x", ([], []))])

    assert repeats > 3 and denies > 3 and not_repeated < -3
    assert nothing.tolist() == [0.0, 0.0]
