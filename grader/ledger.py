"""The ledger: which key points an answer states, contradicts or leaves out, with the words that decide it.

A stance model reads the answer (in windows, where it is long) beside each point, and alone the sentences that share most words
with the point: the whole knows what "it" is and what was taken back, the sentence is not outvoted by its neighbours. How much either
counts was learned from answers to questions that the stance has not seen (`model/ledger.json`).
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

__all__ = ["FEATURES", "LEDGER_FILE", "Weighing", "ledger", "load_weighing", "readings", "write_weighing"]

LEDGER_FILE = Path(__file__).parent / "model" / "ledger.json"
READ_ALONE = 2  # sentences a point; a third, or a second that shares little, told no more (docs/experiments.md)
_SECOND = 0.5  # of the words shared by the nearest
STATED, CONTRADICTED = 0.5, 0.5
_TAKEN_BACK = 0.85  # denial of a later window that counts beside the sentences
# What the weighing sees of one point: log-odds of the whole, of the sentences that support and deny it most, of the nearest sentence.
FEATURES = (
    "whole_support", "whole_denial", "support", "denial", "near_support", "near_denial", "share", "clash", "any_clash", "shared_denial", "denied_later",
)  # fmt: skip
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Weighing:
    """A logistic regression over FEATURES: support, denial, silence."""

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
    """What the stance said of one point: its features, the sentences read alone, their verdicts (n_sentences, 3), and the whole of a long answer."""

    features: Floats
    sentences: tuple[Piece, ...]
    alone: Floats
    windows: Floats | None  # (3,), over several windows


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
    read = readings(stance, answer, sentences, points, question)
    verdicts = load_weighing().of(np.array([r.features for r in read]))
    return tuple(_entry(point, row, one) for point, row, one in zip(points, verdicts, read, strict=True))


def readings(stance: Stance, answer: str, sentences: Sequence[Piece], points: Sequence[KeyPoint], question: str) -> list[PointReading]:
    """All pairs of an answer that has sentences, judged in one batch."""
    whole = windows(answer, sentences)
    near = [_nearest(point.text, sentences) for point in points]
    pairs = [(text, point.text) for point in points for text in whole]
    pairs += [(sentences[i].text, point.text) for point, chosen in zip(points, near, strict=True) for i, _ in chosen]
    judged = stance.judge(pairs, [question] * len(pairs))
    found, at = [], len(points) * len(whole)
    for n, (point, chosen) in enumerate(zip(points, near, strict=True)):
        alone = judged[at : at + len(chosen)]
        at += len(chosen)
        together = _over_windows(judged[n * len(whole) : (n + 1) * len(whole)])
        said = tuple(sentences[i] for i, _ in chosen)
        features = _features(point.text, together, alone, said, chosen)
        found.append(PointReading(features, said, alone, together if len(whole) > 1 else None))
    return found


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


def _features(statement: str, together: Floats, alone: Floats, said: Sequence[Piece], chosen: Sequence[tuple[int, float]]) -> Floats:
    support, denial, silence = np.log(np.clip(together, 1e-4, 1))
    backing, denying = int(alone[:, 0].argmax()), int(alone[:, 1].argmax())
    clashes = [clash(analyse(p.text), analyse(statement)) for p in said]
    share, near_denial, most_denied = chosen[0][1], _odds(alone[0, 1]), _odds(alone[denying, 1])
    order = np.sign(chosen[denying][0] - chosen[backing][0])
    return np.array(
        [support - silence, denial - silence, _odds(alone[backing, 0]), most_denied, _odds(alone[0, 0]), near_denial, share, float(clashes[0]),
         float(any(clashes)), share * near_denial, order * float(alone[denying, 1])]
    )  # fmt: skip


def _odds(p: float) -> float:
    p = min(max(float(p), 1e-3), 1 - 1e-3)
    return float(np.log(p / (1 - p)))


def _entry(point: KeyPoint, row: Floats, read: PointReading) -> Entry:
    if read.windows is not None and read.windows[1] >= _TAKEN_BACK:
        row = (row + read.windows) / 2  # no sentence near the point says so: a late "no, ..." does
    support, denial, silence = (float(x) for x in row)
    if denial >= CONTRADICTED:
        return Entry(point, "contradicted", _digits(denial), 0.0, _digits(denial), read.sentences[int(read.alone[:, 1].argmax())])
    if support >= STATED:
        return Entry(point, "stated", _digits(support), _digits(support), 0.0, read.sentences[int(read.alone[:, 0].argmax())])
    return Entry(point, "missing", _digits(max(silence, 1 - support - denial)), _digits(support), 0.0, None)


def _digits(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 4)


@lru_cache(maxsize=4)
def load_weighing(path: Path = LEDGER_FILE) -> Weighing:
    """Read the artefact; ScoringModelError where it is missing, damaged or made for other features."""
    try:
        record = json.loads(path.read_bytes())
        if tuple(record["features"]) != FEATURES:
            raise ScoringModelError(f"{path}: made for other features; run make train")
        return Weighing(*(np.array(record[name], float) for name in ("mean", "scale", "weights")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ScoringModelError(f"{path}: how the ledger weighs cannot be read ({error}); run make train, or install again") from error


def write_weighing(weighing: Weighing, path: Path = LEDGER_FILE) -> None:
    """Write the artefact: names and numbers as JSON."""
    record = {"features": list(FEATURES)} | {name: getattr(weighing, name).tolist() for name in ("mean", "scale", "weights")}
    path.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
