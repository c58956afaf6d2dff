"""How well the grader agrees with people: the SemEval protocols, beside a rival that knows only cosines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.datasets import read_semeval
from corpus.meaning import Assessor, Stance
from grader.evaluation.metrics import accuracy, macro_f1
from grader.scoring import Derived
from grader.signals import Encoder
from grader.training.score import Example, signals_of

__all__ = ["SPLITS", "Line", "evaluate", "examples", "three_way"]

SPLITS = (
    ("scientsbank", "test-unseen-answers"), ("scientsbank", "test-unseen-questions"), ("scientsbank", "test-unseen-domains"),
    ("beetle", "test-unseen-answers"), ("beetle", "test-unseen-questions"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table; `system` is "viva" or "cosine + logistic regression"."""

    system: str
    dataset: str
    split: str
    n: int
    macro_f1: float  # 3-way
    accuracy: float  # 3-way
    macro_f1_5: float


def three_way(label: str) -> str:
    """The 3-way label of SemEval: correct, contradictory, incorrect."""
    return label if label in {"correct", "contradictory"} else "incorrect"


def examples(folder: Path, dataset: str, split: str) -> list[Example]:
    """The marked answers of one split as training rows."""
    return [
        Example(r.question, r.references, r.answer, r.label, f"{dataset}:{r.question_id}") for r in read_semeval(folder, dataset, split)
    ]


def evaluate(folder: Path, model: Derived, encoder: Encoder, stance: Stance, assessor: Assessor) -> list[Line]:
    """Both systems on the five test splits, the rival trained on both train splits in the same run."""
    rival = _CosineRival([row for name in ("beetle", "scientsbank") for row in examples(folder, name, "train")], encoder)
    lines = []
    for dataset, split in SPLITS:
        rows = examples(folder, dataset, split)
        truth = [row.label for row in rows]
        said = {
            "viva": list[str](model.verdicts(signals_of(rows, encoder, stance, assessor))),
            "cosine + logistic regression": rival.verdicts(rows),
        }
        lines += [_line(system, dataset, split, truth, labels) for system, labels in said.items()]
    return lines


def _line(system: str, dataset: str, split: str, truth: Sequence[str], said: Sequence[str]) -> Line:
    three = [three_way(label) for label in truth], [three_way(label) for label in said]
    return Line(system, dataset, split, len(truth), round(macro_f1(*three), 4), round(accuracy(*three), 4), round(macro_f1(truth, said), 4))


class _CosineRival:
    """Logistic regression over the cosines of answer, nearest reference and question; classes balanced."""

    def __init__(self, rows: Sequence[Example], encoder: Encoder) -> None:
        from sklearn.linear_model import LogisticRegression

        self._encoder = encoder
        self._model = LogisticRegression(class_weight="balanced", max_iter=1000).fit(self._cosines(rows), [row.label for row in rows])

    def verdicts(self, rows: Sequence[Example]) -> list[str]:
        return [str(label) for label in self._model.predict(self._cosines(rows))]

    def _cosines(self, rows: Sequence[Example]) -> NDArray[np.float64]:
        out = []
        for row in rows:
            v = self._encoder.encode([row.answer, row.question, *row.references]).astype(float)
            near = v[2:] @ v[0]
            out.append([near.max(), near.mean(), v[1] @ v[0], v[1] @ v[2 + int(near.argmax())]])
        return np.array(out)
