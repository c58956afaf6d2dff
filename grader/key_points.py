"""Key points and the answer cut up for reading: pieces with exact offsets, windows, points derived from a reference."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.meaning.contrast import analyse
from corpus.records import KeyPoint
from corpus.text.sentences import sentence_bounds
from grader.records import State

__all__ = ["Entry", "Piece", "derive_points", "doubt", "pieces", "trimmed", "windows"]

MAX_PIECES = 120  # of one answer; what lies beyond is not read
WINDOW_WORDS = 110  # the model reads about 150 words beside question and point; windows share a sentence
MAX_WINDOWS = 8

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
            sentence = trimmed(answer, offset + start, offset + end)
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
            clause = trimmed(answer, sentence.start + start, sentence.start + end, whole=False)
            if clause is not None:
                yield clause


def trimmed(answer: str, start: int, end: int, *, whole: bool = True) -> Piece | None:
    """The piece between two offsets without blanks around it; None where no word is left."""
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


def doubt(entries: Sequence[Entry]) -> float:
    """Standard deviation of the coverage, in [0, 0.5], were the points independent and the confidences true."""
    total = sum(e.point.weight for e in entries)
    variance = sum((e.point.weight / total) ** 2 * e.confidence * (1 - e.confidence) for e in entries) if total else 0.25
    return round(min(1.0, math.sqrt(variance)), 4)
