"""Key points and the answer cut up for reading: sentences with exact offsets, windows, points derived from a reference."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.meaning.contrast import analyse
from corpus.records import KeyPoint
from corpus.text.sentences import sentence_bounds
from grader.records import State

__all__ = ["Entry", "Piece", "derive_points", "doubt", "pieces", "windows"]

MAX_PIECES = 120  # of one answer; what lies beyond is not read
WINDOW_WORDS = 110  # the model reads about 150 words beside question and point; windows share a sentence
MAX_WINDOWS = 8

_LINE = re.compile(r"[^\r\n]+")
_BULLET = re.compile(r"\s*(?:[-*•]|\d{1,2}[.)])\s+")


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence of the answer: text == answer[start:end]."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one key point. `credit` and `blame` in [0, 1] are what the score uses; state is what people read."""

    point: KeyPoint
    state: State
    confidence: float
    credit: float
    blame: float
    evidence: Piece | None


def pieces(answer: str, held: str | None = None) -> tuple[Piece, ...]:
    """Sentences of the answer in order; offsets are code points of `answer`.

    `held` is the answer with some words blanked out: cut where the answer was, read what is held, and nothing where no word is left.
    """
    read, found = answer if held is None else held, []
    for line in _LINE.finditer(answer):
        bullet = _BULLET.match(line.group())
        offset = line.start() + (bullet.end() if bullet else 0)
        for start, end in sentence_bounds(answer[offset : line.end()]):
            if piece := _trimmed(read, offset + start, offset + end):
                found.append(piece)
            if len(found) >= MAX_PIECES:
                return tuple(found)
    return tuple(found)


def _trimmed(text: str, start: int, end: int) -> Piece | None:
    """The piece between two offsets without blanks around it; None where no word is left."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Piece(start, end, text[start:end]) if any(c.isalnum() for c in text[start:end]) else None


def derive_points(reference: str) -> tuple[KeyPoint, ...]:
    """Key points k1, k2 ... of a reference answer: its sentences, weighted by their content words; weights sum to 1.

    A very short sentence joins the one before it, and at most 12 points come out.
    """
    sentences = [p.text for p in pieces(reference)] or [reference.strip()]
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


def windows(answer: str, sentences: Sequence[Piece]) -> list[str]:
    """The answer in stretches that the model can read at once: whole sentences, each stretch beginning with the last of the one before."""
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
