"""The ledger: which key points an answer states, contradicts or leaves out, with the words that decide it.

A stance model reads the answer (in windows, where it is long) beside each point. Unless that plainly leaves the point out, it also reads alone
the sentences that share most words with the point: the whole knows what "it" is and what was taken back, the sentence is not outvoted by its
neighbours. How much either counts was learned from answers to questions that the stance has not seen (`model/ledger.json`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.meaning import Stance
from corpus.meaning.contrast import analyse, clash
from corpus.records import KeyPoint
from grader.errors import ScoringModelError
from grader.key_points import Entry, Piece, windows

__all__ = [
    "AT_FIRST",
    "FEATURES",
    "LEDGER_FILE",
    "SURE",
    "Weighing",
    "ledger",
    "load_weighing",
    "nearest_pieces",
    "readings",
    "write_weighing",
]

LEDGER_FILE = Path(__file__).parent / "model" / "ledger.json"
READ_ALONE = 2  # sentences a point; a third, or a second that shares little, told no more (docs/experiments.md)
_SECOND = 0.5  # of the words shared by the nearest
STATED, CONTRADICTED = 0.5, 0.5
SURE = 0.8  # of a state by the whole alone; from there on sentences told little more (docs/experiments.md)
_TAKEN_BACK = 0.85  # denial of a later window that counts beside the sentences
# Denial of a short answer as a whole that does; it changes no state of our 12,834 points, and settles what the weighing would not.
_BEYOND_DOUBT = 0.95
# What the weighing sees of one point: log-odds of the whole, of the sentences that support and deny it most, of the nearest sentence.
FEATURES = (
    "whole_support", "whole_denial", "support", "denial", "near_support", "near_denial", "share", "clash", "any_clash", "shared_denial", "denied_later",
)  # fmt: skip
AT_FIRST = ("whole_support", "whole_denial", "share", "clash")  # what is known before any sentence is read alone
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weighing:
    """A logistic regression over FEATURES, or over AT_FIRST: support, denial, silence."""

    mean: Floats  # (n_features,)
    scale: Floats
    weights: Floats  # (n_features + 1, 3), last row the intercepts

    def of(self, features: Floats) -> Floats:
        """(n_points, n_features) -> probabilities (n_points, 3); rows sum to 1."""
        z = np.einsum("ij,jk->ik", (features - self.mean) / self.scale, self.weights[:-1]) + self.weights[-1]
        e = np.exp(z - z.max(axis=1, keepdims=True))
        return np.asarray(e / e.sum(axis=1, keepdims=True))


@dataclass(frozen=True, slots=True)
class PointReading:
    """What the stance said of one point: its features (n_features,), those at first only where no sentence was read alone."""

    features: Floats
    sentences: tuple[Piece, ...]  # the nearest, best first
    alone: Floats  # (n_sentences, 3), or (0, 3) where they were not read
    whole: Floats  # (3,), of the answer as a whole, or over its windows
    long: bool  # whether it was read in windows


def ledger(stance: Stance, answer: str, sentences: Sequence[Piece], points: Sequence[KeyPoint], question: str = "") -> tuple[Entry, ...]:
    """One entry per point, in their order.

    Args:
        stance: Judges (words of the answer, point) pairs.
        answer: All of it.
        sentences: Those of the answer; none give every point as missing.
        points: What a good answer says.
        question: What was asked: short answers take their subject from it.
    """
    if not sentences:
        return tuple(Entry(point, "missing", 1.0, 0.0, 0.0, None) for point in points)
    first, whole = load_weighing()
    read = readings(stance, answer, sentences, points, question, first)
    verdicts = [(whole if len(one.alone) else first).of(one.features[None])[0] for one in read]
    return tuple(_entry(point, row, one) for point, row, one in zip(points, verdicts, read, strict=True))


def readings(
    stance: Stance, answer: str, sentences: Sequence[Piece], points: Sequence[KeyPoint], question: str, first: Weighing | None = None
) -> list[PointReading]:
    """An answer that has sentences, read for each point; sentences alone only where `first` leaves the state or the quote open."""
    stretches, near = windows(answer, sentences), [_nearest(point.text, sentences) for point in points]
    rows = stance.judge([(text, point.text) for point in points for text in stretches], [question] * len(points) * len(stretches))
    wholes = [_over_windows(some) for some in rows.reshape(len(points), len(stretches), 3)]
    said = [tuple(sentences[i] for i, _ in chosen) for chosen in near]
    known = [_at_first(*one) for one in zip(points, wholes, said, near, strict=True)]
    opened = [first is None or _open(first, *one) for one in zip(known, wholes, said, strict=True)]
    pairs = [(piece.text, point.text) for point, some, yes in zip(points, said, opened, strict=True) if yes for piece in some]
    alone = iter(stance.judge(pairs, [question] * len(pairs)))
    found = []
    for point, together, some, chosen, row, yes in zip(points, wholes, said, near, known, opened, strict=True):
        judged = np.array([next(alone) for _ in some]) if yes else np.zeros((0, 3))
        features = _features(point.text, row, judged, some, chosen) if yes else row
        found.append(PointReading(features, some, judged, together, len(stretches) > 1))
    return found


def _open(first: Weighing, row: Floats, together: Floats, said: Sequence[Piece]) -> bool:
    """Whether the sentences of a point have to be read: its state is not sure, or they may be two that differ, and one is to be quoted."""
    verdict = first.of(row[None])[0]
    missing = verdict[2] == verdict.max() and together[1] < _TAKEN_BACK
    return bool(verdict.max() < SURE) or not (missing or len(said) == 1)


def nearest_pieces(statement: str, sentences: Sequence[Piece]) -> list[Piece]:
    """The sentences that are read alone for a statement, in the order of the answer."""
    return [sentences[i] for i in sorted(i for i, _ in _nearest(statement, sentences))]


def _nearest(statement: str, sentences: Sequence[Piece]) -> list[tuple[int, float]]:
    """Place and share of the statement's words of the sentences that hold most of them, best first."""
    wanted = set(analyse(statement).stems)
    shares = [len(wanted & set(analyse(p.text).stems)) / max(1, len(wanted)) for p in sentences]
    order = sorted(range(len(sentences)), key=lambda i: (-shares[i], i))
    return [(i, shares[i]) for i in order[:READ_ALONE] if i == order[0] or shares[i] >= _SECOND * shares[order[0]]]


def _over_windows(rows: Floats) -> Floats:
    """(n_windows, 3) to (3,): what any window states is stated, and what any of them denies is taken back."""
    support, denial = float(rows[:, 0].max()), float(rows[:, 1].max())
    if support + denial > 1:
        last = float(rows[int(rows[:, 0].argmax()) :, 1].max())  # a denial before the statement is a view that was dropped
        denial = max(min(denial, last), 1 - support)
        support = min(support, 1 - denial)
    return np.array([support, denial, max(0.0, 1 - support - denial)])


def _at_first(point: KeyPoint, together: Floats, said: Sequence[Piece], chosen: Sequence[tuple[int, float]]) -> Floats:
    """The numbers named by AT_FIRST."""
    support, denial, silence = np.log(np.clip(together, 1e-4, 1))
    nearest = clash(analyse(said[0].text), analyse(point.text))
    return np.array([support - silence, denial - silence, chosen[0][1], float(nearest)])


def _features(statement: str, first: Floats, alone: Floats, said: Sequence[Piece], chosen: Sequence[tuple[int, float]]) -> Floats:
    """The numbers named by FEATURES."""
    backing, denying = int(alone[:, 0].argmax()), int(alone[:, 1].argmax())
    clashes = [clash(analyse(p.text), analyse(statement)) for p in said]
    near_denial, most_denied = _odds(alone[0, 1]), _odds(alone[denying, 1])
    order = np.sign(chosen[denying][0] - chosen[backing][0])
    support, denial, share, nearest = first
    return np.array(
        [support, denial, _odds(alone[backing, 0]), most_denied, _odds(alone[0, 0]), near_denial, share, nearest,
         float(any(clashes)), share * near_denial, order * float(alone[denying, 1])]
    )  # fmt: skip


def _odds(p: float) -> float:
    p = min(max(float(p), 1e-3), 1 - 1e-3)
    return float(np.log(p / (1 - p)))


def _entry(point: KeyPoint, row: Floats, read: PointReading) -> Entry:
    if len(read.alone) and read.whole[1] >= (_TAKEN_BACK if read.long else _BEYOND_DOUBT):
        row = (row + read.whole) / 2  # no sentence near the point says so: a late "no, ..." does
    support, denial, silence = (float(x) for x in row)
    if denial >= CONTRADICTED:
        return Entry(point, "contradicted", _digits(denial), 0.0, _digits(denial), _words(read, 1))
    if support >= STATED:
        return Entry(point, "stated", _digits(support), _digits(support), 0.0, _words(read, 0))
    return Entry(point, "missing", _digits(max(silence, 1 - support - denial)), _digits(support), 0.0, None)


def _words(read: PointReading, side: int) -> Piece:
    """The sentence that is most on the side; unread, the nearest."""
    return read.sentences[int(read.alone[:, side].argmax()) if len(read.alone) else 0]


def _digits(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)


@lru_cache(maxsize=4)
def load_weighing(path: Path = LEDGER_FILE) -> tuple[Weighing, Weighing]:
    """The weighing over AT_FIRST and that over FEATURES; ScoringModelError where it is missing, damaged or made for other features."""
    try:
        record = json.loads(path.read_bytes())
        if (tuple(record["at_first"]["features"]), tuple(record["in_the_end"]["features"])) != (AT_FIRST, FEATURES):
            raise ScoringModelError(f"{path}: made for other features; run make train")
        return _weighing(record["at_first"]), _weighing(record["in_the_end"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ScoringModelError(f"{path}: how the ledger weighs cannot be read ({error}); run make train, or install again") from error


def _weighing(record: dict[str, list[float]]) -> Weighing:
    return Weighing(*(np.array(record[name], float) for name in ("mean", "scale", "weights")))


def write_weighing(first: Weighing, whole: Weighing, path: Path = LEDGER_FILE) -> None:
    """Write the artefact: names and numbers as JSON."""
    record = {"at_first": _record(first, AT_FIRST), "in_the_end": _record(whole, FEATURES)}
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def _record(weighing: Weighing, features: Sequence[str]) -> dict[str, list[float] | list[str]]:
    return {"features": list(features)} | {name: getattr(weighing, name).tolist() for name in ("mean", "scale", "weights")}
