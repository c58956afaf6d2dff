"""The built-in data: how much there is, and that it covers the sources."""

import re
from collections import Counter

import pytest

from corpus import load_corpus
from corpus.records import UNSEEN_WRITERS
from corpus.splits import is_to_measure_by
from corpus.store import Corpus


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return load_corpus()


def test_there_is_enough(corpus: Corpus) -> None:
    """Facts, questions, and for sixty facts eighty sentences by five writers and more; answers by nine to every question."""
    assert len(corpus.facts) >= 200
    assert len(corpus.questions) >= 76
    sentences = Counter(w.fact for w in corpus.wordings)
    for fact in corpus.facts:
        sentences[fact.code] += len(fact.true_wordings) + len(fact.false_wordings) + len(fact.near_misses)
    assert sum(n >= 80 for n in sentences.values()) >= 55 and min(sentences.values()) >= 45
    assert len({w.writer for w in corpus.wordings} - UNSEEN_WRITERS) >= 5
    answered = {a.question for a in corpus.answers}
    assert answered == {q.id for q in corpus.questions if not is_to_measure_by(q.id)} and len({a.writer for a in corpus.answers}) >= 9


def test_no_two_questions_ask_in_the_same_words(corpus: Corpus) -> None:
    """Every question of the bank differs from every other by more than case and punctuation."""
    folded = Counter(" ".join(re.findall(r"\w+", q.question.casefold())) for q in corpus.questions)
    assert not [text for text, count in folded.items() if count > 1]


@pytest.mark.parametrize(("source", "count"), [("000", 40), ("001", 30), ("002", 18), ("003", 29), ("004", 21)])
def test_every_question_of_a_source_has_one_owner(corpus: Corpus, source: str, count: int) -> None:
    """`asked_in` holds each unit number of the source exactly once."""
    numbers = sorted(place.number for q in corpus.questions for place in q.asked_in if place.source == source)
    assert numbers == list(range(1, count + 1))


def test_every_fact_is_asked_for_or_stands_alone(corpus: Corpus) -> None:
    """Questions name facts that exist, each once, and most questions touch at least one."""
    for question in corpus.questions:
        assert len(set(question.facts)) == len(question.facts), question.id
        assert {corpus.fact(code).code for code in question.facts} == set(question.facts)
    assert sum(bool(q.facts) for q in corpus.questions) >= 0.6 * len(corpus.questions)


def test_weights_sum_to_one(corpus: Corpus) -> None:
    """The weights of a question's points sum to 1."""
    assert all(abs(sum(p.weight for p in q.key_points) - 1) < 1e-3 for q in corpus.questions)


def test_training_sentences_are_no_test_sentences(corpus: Corpus) -> None:
    """No training wording repeats a fact's own sentence, which is its test."""
    own = {s.casefold() for f in corpus.facts for s in (f.statement, *f.true_wordings, *f.false_wordings, *f.near_misses)}
    assert not [w.text for w in corpus.wordings if w.text.casefold() in own]


def test_ordinary_sentences_are_many_each_once_and_no_facts(corpus: Corpus) -> None:
    """Several writers; none stands among the sentences of a fact, false ones above all."""
    texts = [plain.text.casefold() for plain in corpus.plain]
    assert len(texts) >= 4000 and len(set(texts)) == len(texts) and len({plain.writer for plain in corpus.plain}) >= 5
    facts = {s.casefold() for f in corpus.facts for s in (f.statement, *f.true_wordings, *f.false_wordings, *f.near_misses)}
    assert not set(texts) & (facts | {w.text.casefold() for w in corpus.wordings})


def test_no_two_sentences_of_a_fact_are_alike(corpus: Corpus) -> None:
    """No training wording shares more than four fifths of its words with another sentence of its fact that has the same label."""
    for fact in corpus.facts:
        rows = [("true", t) for t in (fact.statement, *fact.true_wordings)] + [("false", t) for t in fact.false_wordings]
        seen = [(label, _words(t)) for label, t in (*rows, *(("near", t) for t in fact.near_misses))]
        for wording in (w for w in corpus.wordings if w.fact == fact.code):
            mine = _words(wording.text)
            assert not [u for label, u in seen if label == wording.label and len(mine & u) > 0.8 * len(mine | u)], wording.text
            seen.append((wording.label, mine))


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))
