"""The ledger: which key points an answer states, contradicts or leaves out, with the words that decide it.

The answer is cut into sentences and clauses with exact offsets; a stance model judges each against each point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.meaning.contrast import STOP_WORDS, analyse, clash, words
from corpus.records import KeyPoint
from corpus.text.sentences import sentence_bounds
from grader.records import State

__all__ = ["ContextStance", "Entry", "Piece", "derive_points", "doubt", "ledger", "pieces"]

Floats = NDArray[np.float64]
MAX_PIECES = 120  # of one answer; what lies beyond is judged only as part of the whole answer
# How much more likely an answer of an interview states a point than it contradicts it, against the training set.
PRIOR = np.array([2.0, 0.35, 1.0])
PRIOR_CLASH = np.array([1.1, 1.7, 1.0])  # ... where a word shows the denial
FAINT = np.array([0.4, 1.0, 1.0])  # a mere list of terms, or an echo of the question, supports little
STATED, CONTRADICTED, SURE = 0.5, 0.55, 0.62
LIMITED = 0.25  # what speaks of a special case hardly denies a general statement
_SPECIAL_CASE = re.compile(r"\b(?:if|unless|only when)\b|\b(?:with|using) [A-Z]\w+-\w+|\bextensions?\b")

_LINE = re.compile(r"[^\r\n]+")
_BULLET = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s+")
_CLAUSE = re.compile(r";\s+|\s+[-–—]\s+|:\s+|,?\s+(?:but|whereas|while|although|however|because|which)\s+|,?\s+(?:and|so|or)\s+|,\s+")
_MIN_CLAUSE_WORDS = 3


class ContextStance(Protocol):
    """A stance that can be told which words are given by the question."""

    def judge(self, pairs: Sequence[tuple[str, str]], given: Sequence[str] | None = None) -> Floats:
        """Probabilities (n_pairs, 3): support, contradict, silent."""
        ...


@dataclass(frozen=True, slots=True)
class Piece:
    """Words of the answer: text == answer[start:end]; `whole` for a sentence, else a clause of one."""

    start: int
    end: int
    text: str
    whole: bool = True


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one key point. `credit` and `blame` in [0, 1] are what the score uses; state is what people read."""

    point: KeyPoint
    state: State
    confidence: float
    credit: float
    blame: float
    evidence: Piece | None


def pieces(answer: str) -> tuple[Piece, ...]:
    """Sentences of the answer, and the clauses of long ones, in order; offsets are code points of `answer`."""
    found: list[Piece] = []
    for line in _LINE.finditer(answer):
        bullet = _BULLET.match(line.group())
        offset = line.start() + (bullet.end() if bullet else 0)
        for start, end in sentence_bounds(answer[offset : line.end()]):
            sentence = _trimmed(answer, offset + start, offset + end)
            if sentence is None:
                continue
            found.append(sentence)
            found.extend(_clauses(answer, sentence))
            if len(found) >= MAX_PIECES:
                return tuple(found[:MAX_PIECES])
    return tuple(found)


def _clauses(answer: str, sentence: Piece) -> Iterator[Piece]:
    cuts = [m.span() for m in _CLAUSE.finditer(sentence.text)]
    if not cuts:
        return
    starts, ends = [0, *(c[1] for c in cuts)], [*(c[0] for c in cuts), len(sentence.text)]
    for start, end in zip(starts, ends, strict=True):
        if len(sentence.text[start:end].split()) >= _MIN_CLAUSE_WORDS:
            clause = _trimmed(answer, sentence.start + start, sentence.start + end, whole=False)
            if clause is not None:
                yield clause


def _trimmed(answer: str, start: int, end: int, *, whole: bool = True) -> Piece | None:
    while start < end and answer[start].isspace():
        start += 1
    while end > start and answer[end - 1].isspace():
        end -= 1
    text = answer[start:end]
    return Piece(start, end, text, whole) if any(c.isalnum() for c in text) else None


def derive_points(reference: str) -> tuple[KeyPoint, ...]:
    """Key points k1, k2 ... of a reference answer: its sentences, weighted by their content words; weights sum to 1.

    A very short sentence joins the one before it, and at most 12 points come out.
    """
    sentences = [p.text for p in pieces(reference) if p.whole] or [reference.strip()]
    merged: list[str] = []
    for sentence in sentences:
        if merged and (len(analyse(sentence).stems) < 2 or len(merged) >= 12):
            merged[-1] = f"{merged[-1]} {sentence}"
        else:
            merged.append(sentence)
    sizes = [float(min(max(len(analyse(text).stems), 2), 10)) for text in merged]
    weights = [round(size / sum(sizes), 4) for size in sizes]
    weights[-1] = round(1 - sum(weights[:-1]), 4)
    return tuple(
        KeyPoint(id=f"k{i}", text=text, weight=weight) for i, (text, weight) in enumerate(zip(merged, weights, strict=True), start=1)
    )


def ledger(
    stance: ContextStance, parts: Sequence[Piece], points: Sequence[KeyPoint], question: str = "", *, likely: float = 1.0
) -> tuple[Entry, ...]:
    """One entry per point, in their order.

    Args:
        stance: Judges (piece, point) pairs.
        parts: The pieces of the answer; none give every point as missing.
        points: What a good answer says.
        question: Its words count for neither side, so that echoing it earns nothing.
        likely: Odds factor for "stated"; 1 for points a person wrote.
    """
    if not parts:
        return tuple(Entry(point, "missing", 1.0, 0.0, 0.0, None) for point in points)
    texts = list(dict.fromkeys(p.text for p in parts))
    pairs = [(text, point.text) for point in points for text in texts]
    faint = [_faint(text, question) for text in texts]
    prior = np.array([_prior(text, statement) for text, statement in pairs]) * np.array([likely, 1.0, 1.0])
    prior[np.tile(faint, len(points))] *= FAINT
    prior[[_limited(text) and not _limited(statement) for text, statement in pairs], 1] *= LIMITED
    judged = stance.judge(pairs, [question] * len(pairs)) * prior
    judged = judged / judged.sum(axis=1, keepdims=True)
    table = judged.reshape(len(points), len(texts), 3)
    clashes = np.array([clash(analyse(text), analyse(statement)) for text, statement in pairs]).reshape(len(points), len(texts))
    column = [texts.index(p.text) for p in parts]
    return tuple(_entry(point, parts, _weighed(parts, table[i][column], clashes[i][column])) for i, point in enumerate(points))


def doubt(entries: Sequence[Entry]) -> float:
    """Standard deviation of the coverage, in [0, 0.5], were the points independent and the confidences true."""
    total = sum(e.point.weight for e in entries)
    variance = sum((e.point.weight / total) ** 2 * e.confidence * (1 - e.confidence) for e in entries) if total else 0.25
    return _digits(variance**0.5)


def _weighed(parts: Sequence[Piece], judged: Floats, clashes: NDArray[np.bool_]) -> Floats:
    """A sentence holds all the words of a point and yet ties them together wrongly ("POST reads and GET writes"): its clauses tell."""
    out = judged.copy()
    for i, sentence in enumerate(parts):
        if not sentence.whole or clashes[i]:
            continue
        inside = [j for j, p in enumerate(parts) if not p.whole and sentence.start <= p.start and p.end <= sentence.end and clashes[j]]
        out[i, 0] *= 1 - max((float(judged[j, 1]) for j in inside), default=0.0)
    return out


def _prior(text: str, statement: str) -> Floats:
    return PRIOR_CLASH if clash(analyse(text), analyse(statement)) else PRIOR


def _limited(text: str) -> bool:
    """Speaks of a special case ("If ...", "With Flask-Session ..."), which denies no general statement."""
    return _SPECIAL_CASE.search(text) is not None


def _faint(text: str, question: str) -> bool:
    """A bare list of terms, or words that hardly go beyond the question."""
    tokens = [w for w in words(text) if w[0].isalnum()]
    bare = sum(w in STOP_WORDS for w in tokens) < 0.08 * len(tokens)
    given = set(analyse(question).stems)
    new = sum(s not in given for s in analyse(text).stems)
    return (bare and len(tokens) >= 7) or (bool(given) and new < 2 and new < len(analyse(text).stems))


def _entry(point: KeyPoint, parts: Sequence[Piece], judged: Floats) -> Entry:
    """Weigh the pieces (n_pieces, 3) for one point: the best support against the worst denial, the last word counting."""
    best = int(judged[:, 0].argmax())
    worst = int(judged[:, 1].argmax())
    support, denial = float(judged[best, 0]), float(judged[worst, 1])
    inside = parts[worst].start <= parts[best].start and parts[best].end <= parts[worst].end
    taken_back = denial >= SURE and (parts[worst].start >= parts[best].start or inside)
    if denial >= CONTRADICTED and (denial > support or taken_back) and not _spoken_for(parts, judged, worst):
        return Entry(point, "contradicted", _digits(denial), 0.0, _digits(denial), parts[worst])
    blame = max(0.0, denial - CONTRADICTED) if denial > support else 0.0
    credit = _credit(support)
    if support >= STATED:
        return Entry(point, "stated", _digits(support), credit, 0.0, parts[best])
    return Entry(point, "missing", _digits(1 - max(support, denial * 0.5)), credit, _digits(blame), None)


def _spoken_for(parts: Sequence[Piece], judged: Floats, worst: int) -> bool:
    """A clause that denies only because it was cut out: its own sentence supports the point as strongly."""
    piece = parts[worst]
    around = [i for i, p in enumerate(parts) if p.whole and p.start <= piece.start and piece.end <= p.end and i != worst]
    return any(judged[i, 0] > judged[worst, 1] for i in around)


def _credit(support: float) -> float:
    """0 below 0.38, full from 0.65: a ledger that is nearly sure gives the whole point."""
    return _digits(min(1.0, max(0.0, (support - 0.38) / 0.27)))


def _digits(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)
