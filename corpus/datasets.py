"""Readers of the public data sets that lie beside the checkout: plain rows, one reader per family.

The sets are not part of the project; `data_folder` finds them and every caller copes with their absence.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from corpus.errors import UnreadableError

__all__ = [
    "SEMEVAL", "GapAnswer", "MarkedAnswer", "ScoredAnswer", "SentencePair", "data_folder", "drawn", "read_gaps", "read_pairs", "read_scored",
    "read_semeval",
]  # fmt: skip

SEMEVAL = ("beetle", "scientsbank")
# What a text does to a statement; the last two where nothing more is known than that it does not contradict, or does not support it.
Label = Literal["support", "contradict", "silent", "uncontradicted", "unsupported"]
_LABELS: dict[str, Label] = {"entailment": "support", "paraphrase": "support", "contradiction": "contradict", "neutral": "silent",
                            "0": "support", "1": "contradict"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MarkedAnswer:
    """One answer of SemEval-2013 Task 7 with its five-way label."""

    dataset: str
    split: str
    question_id: str
    question: str
    references: tuple[str, ...]
    answer: str
    label: str


@dataclass(frozen=True, slots=True)
class ScoredAnswer:
    """One answer with a human score on 0..max_score."""

    split: str
    question_id: str  # a string: 11.1 and 11.10 differ
    question: str
    references: tuple[str, ...]
    answer: str
    score: float
    max_score: float


@dataclass(frozen=True, slots=True)
class GapAnswer:
    """One answer with the parts of the reference that it leaves out; () where it leaves out nothing."""

    split: str
    question_id: str
    question: str
    references: tuple[str, ...]
    answer: str
    gaps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SentencePair:
    """Does `text` support `statement`, contradict it, or say nothing about it?"""

    text: str
    statement: str
    label: Label
    group: str


def data_folder(default: Path | None = None) -> Path:
    """The folder of the data sets: VIVA_DATA, else `shared/data` beside the checkout. It may not exist."""
    return (
        Path(os.environ["VIVA_DATA"]) if os.environ.get("VIVA_DATA") else default or Path(__file__).resolve().parents[2] / "shared" / "data"
    )


def drawn(group: str, one_in: int, number: int = 0) -> bool:
    """Is this group (a question, a fact) among the one in `one_in` that draw `number` takes? By content: new groups move no old one."""
    return int(hashlib.sha256(group.encode()).hexdigest()[:8], 16) % one_in == number


def read_semeval(folder: Path, dataset: str, split: str) -> list[MarkedAnswer]:
    """The answers of one split ("train", "test-unseen-answers", ...) of "beetle" or "scientsbank"."""
    rows = _rows(folder / "asag" / f"semeval2013_{dataset}.jsonl.gz")
    return [
        MarkedAnswer(dataset, split, r["question_id"], r["question"], tuple(r["reference_answers"]), r["answer"], r["label5"])
        for r in rows
        if r["split"] == split
    ]


def read_scored(folder: Path, name: str) -> list[ScoredAnswer]:
    """All answers of "mohler2011" or "saf_communication_networks_en". They measure; no shipped weight may come of them."""
    return [
        ScoredAnswer(
            r["split"],
            str(r["question_id"]),
            r["question"],
            tuple(r["reference_answers"]),
            r["answer"],
            float(r["score"]),
            float(r["score_max"]),
        )
        for r in _rows(folder / "asag" / f"{name}.jsonl.gz")
    ]


def read_gaps(folder: Path) -> list[GapAnswer]:
    """The answers of the gaps set. They measure; while developing, only splits that end in _Train may be looked at."""
    return [
        GapAnswer(r["split"], str(r["question_id"]), r["question"], tuple(r["reference_answers"]), r["answer"], tuple(r["gaps"]))
        for r in _rows(folder / "asag" / "gaps_answers.jsonl.gz")
    ]


def read_pairs(folder: Path, name: str, split: str) -> list[SentencePair]:
    """The sentence pairs of one split of e.g. "snli_dev_test", with the labels of Stance."""
    rows = _rows(folder / "nli" / f"{name}.jsonl.gz")
    return [
        SentencePair(r["premise"], r["hypothesis"], _LABELS[r["label"]], f"{name}:{r['premise']}")
        for r in rows
        if r["split"] == split and r["label"] in _LABELS
    ]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
    except (OSError, ValueError) as error:
        raise UnreadableError(str(path), f"not a readable data set ({error}); set VIVA_DATA to the folder of the data sets") from None
