"""Why was a sentence reported, or why not: statement, nearest wording, signals, and the words that carry the verdict."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from corpus import Corpus, Encoder
from linter.checker import FactChecker, Verdict
from linter.detect.decision import SIGNALS, STANCE

__all__ = ["Reasons", "reasons"]

_WORD = re.compile(r"\S+")
_MAX_WORDS = 60  # of a sentence; each of them costs one judgement
_CARRIES = 0.02  # drop in probability from which a word counts


@dataclass(frozen=True, slots=True)
class Reasons:
    """One fact's view of a sentence."""

    verdict: Verdict
    threshold: float
    stance: tuple[
        tuple[str, float], ...
    ]  # log-odds that it contradicts or supports the statement; how far it repeats the nearest falsehoods, denies the nearest truths
    nearest: str  # the wording of the fact that is nearest in meaning
    nearest_is_false: bool
    shares: tuple[tuple[str, float], ...]  # signal -> its share of the log-odds, strongest first
    words: tuple[tuple[str, float], ...]  # word -> how much the probability falls without it, in the order of the sentence


def reasons(checker: FactChecker, encoder: Encoder, text: str, context: str = "", limit: int = 3) -> Iterator[Reasons]:
    """Yield the reasons of the `limit` facts that come nearest to reporting `text`; nothing where no fact is about it."""
    (found,) = checker.judge([(text, context)])
    for verdict in found[:limit]:
        nearest, is_false = _nearest(checker.corpus, encoder, verdict, text)
        row = np.array(verdict.signals)
        yield Reasons(
            verdict=verdict,
            threshold=checker.decision.threshold,
            stance=tuple((name, verdict.signals[SIGNALS.index(name)]) for name in STANCE),
            nearest=nearest,
            nearest_is_false=is_false,
            shares=tuple((name, round(share, 2)) for name, share in checker.decision.reasons(row)),
            words=tuple(_carrying(checker, verdict, text, context)),
        )


def _nearest(corpus: Corpus, encoder: Encoder, verdict: Verdict, text: str) -> tuple[str, bool]:
    fact = verdict.fact
    sides = [(t, True) for t in fact.false_wordings] + [(t, False) for t in (fact.statement, *fact.true_wordings, *fact.near_misses)]
    sides += [(w.text, w.label == "false") for w in corpus.wordings if w.fact == fact.code]
    vectors = encoder.encode([text[verdict.start : verdict.end], *(t for t, _ in sides)])
    return sides[int((vectors[1:] @ vectors[0]).argmax())]


def _carrying(checker: FactChecker, verdict: Verdict, text: str, context: str) -> Iterator[tuple[str, float]]:
    """Leave out one word after the other."""
    words = list(_WORD.finditer(text, verdict.start, verdict.end))[:_MAX_WORDS]
    without = [(text[: w.start()] + text[w.end() :], context) for w in words]
    for word, found in zip(words, checker.judge(without), strict=True):
        left = max((v.probability for v in found if v.fact.code == verdict.fact.code), default=0.0)
        if verdict.probability - left >= _CARRIES:
            yield word.group(), round(verdict.probability - left, 3)
