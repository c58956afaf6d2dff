"""The ledger: which key points an answer states, contradicts or leaves out, with the words that decide it.

A stance model reads the answer (in windows, where it is long) beside each point; the sentences nearest to the point are
then read alone, to quote the one that decides.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.meaning import Stance
from corpus.meaning.contrast import analyse, clash
from corpus.records import KeyPoint
from corpus.text.sentences import sentence_bounds
from grader.records import State

__all__ = ["Entry", "Piece", "derive_points", "doubt", "ledger", "pieces", "windows"]

Floats = NDArray[np.float64]
MAX_PIECES = 120  # of one answer; what lies beyond is not read
WINDOW_WORDS = 110  # the model reads about 150 words beside question and point; windows share a sentence
MAX_WINDOWS = 8
QUOTED_FROM = 2  # sentences that share most words with the point are read alone, to quote one
STATED, CONTRADICTED = 0.5, 0.55
# A word one can point at, in a piece that holds this share of the point's words: how much likelier that makes a denial (development questions).
CLASH_SHARE, CLASH_ODDS = 0.45, 2.8

_LINE = re.compile(r"[^\r\n]+")
_BULLET = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s+")
_CLAUSE = re.compile(r";\s+|\s+[-–—]\s+|:\s+|,?\s+(?:but|whereas|while|although|however|because|which)\s+|,?\s+(?:and|so|or)\s+|,\s+")
_MIN_CLAUSE_WORDS = 3


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


def windows(answer: str, parts: Sequence[Piece]) -> list[str]:
    """The answer in stretches that the model can read at once: whole sentences, each stretch beginning with the last of the one before."""
    sentences = [p for p in parts if p.whole]
    if len(answer.split()) <= WINDOW_WORDS or len(sentences) < 2:
        return [answer]
    found: list[str] = []
    first = 0
    while first < len(sentences) and len(found) < MAX_WINDOWS:
        last = first + 1
        while last < len(sentences) and len(answer[sentences[first].start : sentences[last].end].split()) <= WINDOW_WORDS:
            last += 1
        found.append(answer[sentences[first].start : sentences[last - 1].end])
        first = last if last >= len(sentences) else max(first + 1, last - 1)
    return found


def ledger(stance: Stance, answer: str, parts: Sequence[Piece], points: Sequence[KeyPoint], question: str = "") -> tuple[Entry, ...]:
    """One entry per point, in their order.

    Args:
        stance: Judges (words of the answer, point) pairs.
        answer: All of it.
        parts: The pieces of the answer; none give every point as missing.
        points: What a good answer says.
        question: What was asked: short answers take their subject from it.
    """
    if not parts:
        return tuple(Entry(point, "missing", 1.0, 0.0, 0.0, None) for point in points)
    read = windows(answer, parts)
    pairs = [(text, point.text) for point in points for text in read]
    table = stance.judge(pairs, [question] * len(pairs)).reshape(len(points), len(read), 3)
    verdicts = _clashing(stance, parts, points, [_over_windows(rows) for rows in table], question)
    quotes = _quotes(stance, parts, points, verdicts, question)
    return tuple(_entry(point, row, quote) for point, row, quote in zip(points, verdicts, quotes, strict=True))


def _over_windows(rows: Floats) -> Floats:
    """(n_windows, 3) to (3,): what any window states is stated, and what any of them denies is taken back."""
    support, denial = float(rows[:, 0].max()), float(rows[:, 1].max())
    if support + denial > 1:
        last = float(rows[int(rows[:, 0].argmax()) :, 1].max())  # a denial before the statement is a view that was dropped
        denial = max(min(denial, last), 1 - support)
        support = min(support, 1 - denial)
    return np.array([support, denial, max(0.0, 1 - support - denial)])


def _clashing(
    stance: Stance, parts: Sequence[Piece], points: Sequence[KeyPoint], verdicts: Sequence[Floats], question: str
) -> list[Floats]:
    """Where a piece holds most words of a point, but under a negation, an opposite or another number, it is read alone as well."""
    out = list(verdicts)
    found = [(i, piece) for i, point in enumerate(points) if (piece := _clash(point.text, parts)) is not None]
    if found:
        alone = stance.judge([(piece.text, points[i].text) for i, piece in found], [question] * len(found))
        for (i, _), row in zip(found, alone, strict=True):
            weighed = (out[i] + row) / 2 * np.array([1.0, CLASH_ODDS, 1.0])
            out[i] = weighed / weighed.sum()
    return out


def _clash(statement: str, parts: Sequence[Piece]) -> Piece | None:
    """The piece that shares most words with the statement and clashes with it; None where none shares enough."""
    wanted = analyse(statement)
    need = set(wanted.stems)
    best, share = None, CLASH_SHARE
    for piece in parts:
        mine = analyse(piece.text)
        held = len(need & set(mine.stems)) / max(1, len(need))
        if held >= share and clash(mine, wanted):
            best, share = piece, held + 1e-9
    return best


def _quotes(
    stance: Stance, parts: Sequence[Piece], points: Sequence[KeyPoint], verdicts: Sequence[Floats], question: str
) -> list[Piece | None]:
    """For each point that is stated or denied, the sentence (or clause of a long one) that alone says so most clearly."""
    chosen: list[Piece | None] = [None] * len(points)
    asked: list[tuple[int, Piece]] = []
    for i, (point, row) in enumerate(zip(points, verdicts, strict=True)):
        if row[2] <= 0.5:
            near = _nearest(point.text, parts)
            chosen[i] = near[0]
            asked += [(i, piece) for piece in near] if len(near) > 1 else []
    if asked:
        judged = stance.judge([(piece.text, points[i].text) for i, piece in asked], [question] * len(asked))
        best: dict[int, float] = {}
        for (i, piece), row in zip(asked, judged, strict=True):
            value = float(row[int(verdicts[i][:2].argmax())])
            if value > best.get(i, -1.0):
                best[i], chosen[i] = value, piece
    return chosen


def _nearest(statement: str, parts: Sequence[Piece]) -> list[Piece]:
    """The sentences that share most words with the statement, best first: up to `QUOTED_FROM`, one where it leads clearly."""
    wanted = set(analyse(statement).stems)
    sentences = [p for p in parts if p.whole]
    shared = [len(wanted & set(analyse(p.text).stems)) for p in sentences]
    order = sorted(range(len(sentences)), key=lambda i: (-shared[i], i))
    return [sentences[i] for i in order[:QUOTED_FROM] if shared[i] >= shared[order[0]] - 1]


def doubt(entries: Sequence[Entry]) -> float:
    """Standard deviation of the coverage, in [0, 0.5], were the points independent and the confidences true."""
    total = sum(e.point.weight for e in entries)
    variance = sum((e.point.weight / total) ** 2 * e.confidence * (1 - e.confidence) for e in entries) if total else 0.25
    return _digits(variance**0.5)


def _entry(point: KeyPoint, row: Floats, quote: Piece | None) -> Entry:
    support, denial, silence = (float(x) for x in row)
    if denial >= CONTRADICTED:
        return Entry(point, "contradicted", _digits(denial), 0.0, _digits(denial), quote)
    if support >= STATED:
        return Entry(point, "stated", _digits(support), _credit(support), 0.0, quote)
    return Entry(point, "missing", _digits(max(silence, 1 - support - denial)), _credit(support), 0.0, None)


def _credit(support: float) -> float:
    """0 below 0.2, full from 0.8."""
    return _digits((support - 0.2) / 0.6)


def _digits(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)
