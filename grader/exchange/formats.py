"""The formats by name: readers and writers of questions, and what to call the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.records import Question
from grader.exchange.gift import read_gift, write_gift
from grader.exchange.moodle import read_moodle, write_moodle
from grader.exchange.qti import read_qti, write_qti
from grader.exchange.rows import Row
from grader.exchange.tables import read_csv, read_jsonl, write_csv, write_jsonl

__all__ = ["FORMATS", "Format", "Way"]

Format = Literal["csv", "jsonl", "moodle", "gift", "qti"]


@dataclass(frozen=True)
class Way:
    """One format, both ways. `read` raises ImportRefusedError where the file as a whole cannot be read."""

    read: Callable[[bytes], list[Row]]
    write: Callable[[Sequence[Question]], bytes]
    media_type: str
    file: str


FORMATS: dict[Format, Way] = {
    "csv": Way(read_csv, write_csv, "text/csv; charset=utf-8", "questions.csv"),
    "jsonl": Way(read_jsonl, write_jsonl, "application/jsonl", "questions.jsonl"),
    "moodle": Way(read_moodle, write_moodle, "application/xml", "questions-moodle.xml"),
    "gift": Way(read_gift, write_gift, "text/plain; charset=utf-8", "questions.gift.txt"),
    "qti": Way(read_qti, write_qti, "application/zip", "questions-qti3.zip"),
}
