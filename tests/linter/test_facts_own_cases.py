"""Every fact's own sentences are its tests."""

from corpus import Corpus, Fact
from linter.checker import FactChecker


def flagged(checker: FactChecker, cases: list[tuple[Fact, str]]) -> list[bool]:
    """Whether the linter reports the sentence under its own fact, as it would in a text about the fact's package."""
    texts = [(text, "" if fact.applies_to.package == "none" else fact.applies_to.package) for fact, text in cases]
    threshold = checker.decision.threshold
    judged = checker.judge(texts)
    return [any(v.fact.code == f.code and v.probability >= threshold for v in found) for (f, _), found in zip(cases, judged, strict=True)]


def test_false_wordings_are_found(corpus: Corpus, checker: FactChecker) -> None:
    """At least 98 % of the misconceptions as the facts word them."""
    cases = [(fact, text) for fact in corpus.facts for text in fact.false_wordings]
    missed = [f"{f.code}: {t}" for (f, t), hit in zip(cases, flagged(checker, cases), strict=True) if not hit]
    assert len(missed) <= 0.02 * len(cases), f"{len(missed)} of {len(cases)} missed:\n" + "\n".join(missed)


def test_true_sentences_are_left_alone(corpus: Corpus, checker: FactChecker) -> None:
    """At most 0.5 % of statements, true wordings and near misses are reported."""
    cases = [(fact, text) for fact in corpus.facts for text in (fact.statement, *fact.true_wordings, *fact.near_misses)]
    alarms = [f"{f.code}: {t}" for (f, t), hit in zip(cases, flagged(checker, cases), strict=True) if hit]
    assert len(alarms) <= 0.005 * len(cases), f"{len(alarms)} of {len(cases)} reported:\n" + "\n".join(alarms)
