"""CSV: one question a line, references and key points in numbered columns. And JSON lines: one question of the corpus a line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from corpus.records import Question
from grader.exchange.rows import MAX_ROWS, Row, unreadable
from grader.interviews.sheet import plain_cell, write_sheet
from grader.refusals import NotJsonError
from grader.wire import decode

__all__ = ["read_csv", "read_jsonl", "read_sheet", "write_csv", "write_jsonl"]

_FIXED = ("id", "topic", "level", "question", "facts")
_MAX_COLUMNS = 200  # a question of the most references and key points has fewer


def read_sheet(data: bytes) -> list[tuple[int, dict[str, str]]]:
    """(line, cells by name) of a table with a line of names; ImportRefusedError where it is none. A semicolon parts as well as a comma."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(f"byte {error.start} is not UTF-8; save the file as CSV UTF-8") from None
    head = text[: text.find("\n")] if "\n" in text else text
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",", strict=True)
    rows: list[tuple[int, dict[str, str]]] = []
    names: list[str] = []
    try:
        for cells in reader:
            if not names:
                names = [name.strip().lower() for name in cells]
                if len(set(names)) != len(names) or not any(names):
                    raise unreadable("the first line must hold the names of the columns, each once", 1)
                if len(names) > _MAX_COLUMNS:
                    raise unreadable(f"a table has at most {_MAX_COLUMNS} columns; this one has {len(names):,}", 1)
            elif any(cell.strip() for cell in cells):
                spill = {"": "more cells than columns"} if len(cells) > len(names) else {}
                rows.append((reader.line_num, {n: plain_cell(c) for n, c in zip_longest(names, cells[: len(names)], fillvalue="")} | spill))
            if len(rows) > MAX_ROWS:
                raise unreadable(f"a file has at most {MAX_ROWS:,} records; this one has more")
    except csv.Error as error:
        raise unreadable(str(error), reader.line_num) from None
    if not names:
        raise unreadable("the file is empty")
    return rows


def read_csv(data: bytes) -> list[Row]:
    """Questions of a table."""
    return [_row(number, line, cells) for number, (line, cells) in enumerate(read_sheet(data), start=1)]


def write_csv(questions: Sequence[Question]) -> bytes:
    """Questions as a table."""
    references = max((len(q.reference_answers) for q in questions), default=1)
    points = max((len(q.key_points) for q in questions), default=1)
    columns = [*_FIXED, *(f"reference_{n}" for n in range(1, references + 1))]
    for n in range(1, points + 1):
        columns += [f"key_point_{n}", f"weight_{n}", f"point_id_{n}"]
    return write_sheet(columns, [_cells(q) for q in questions])


def read_jsonl(data: bytes) -> list[Row]:
    """Questions, one JSON object a line."""
    rows: list[Row] = []
    lines = data.split(b"\n")
    for line, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        number = len(rows) + 1
        if number > MAX_ROWS:
            raise unreadable(f"a file has at most {MAX_ROWS:,} records; this one has more")
        try:
            value = decode(text)
        except NotJsonError as error:
            rows.append(Row(number, line, error=str(error)))
            continue
        rows.append(Row(number, line, value) if isinstance(value, dict) else Row(number, line, error="is no JSON object"))
    if not rows:
        raise unreadable("the file is empty")
    return rows


def write_jsonl(questions: Sequence[Question]) -> bytes:
    """Questions, one JSON object a line."""
    return b"".join(json.dumps(q.model_dump(mode="json"), ensure_ascii=False).encode() + b"\n" for q in questions)


def _row(number: int, line: int, cells: dict[str, str]) -> Row:
    if cells.get(""):
        return Row(number, line, error=cells[""])
    fields: dict[str, Any] = {name: cells.pop(name, "").strip() for name in _FIXED}
    fields["facts"] = tuple(fields["facts"].split())
    fields["reference_answers"] = [text for name, text in cells.items() if name.startswith("reference_") and text.strip()]
    points: list[dict[str, Any]] = []
    for name, text in cells.items():
        if name.startswith("key_point_") and text.strip():
            n = name.removeprefix("key_point_")
            weight = cells.get(f"weight_{n}", "").strip().replace(",", ".")
            try:
                points.append({"text": text, "id": cells.get(f"point_id_{n}", "").strip(), "weight": float(weight) if weight else None})
            except ValueError:
                return Row(number, line, error=f"weight_{n}: {weight[:20]!r} is no number")
    strangers = [name for name in cells if not name.startswith(("reference_", "key_point_", "weight_", "point_id_"))]
    if strangers:
        return Row(
            number, line, error=f"no such column {strangers[0][:40]!r}; there are {', '.join(_FIXED)}, reference_1, key_point_1, weight_1"
        )
    return Row(number, line, fields | {"key_points": points})


def _cells(question: Question) -> dict[str, object]:
    cells: dict[str, object] = {name: getattr(question, name) for name in _FIXED[:-1]}
    cells["facts"] = " ".join(question.facts)
    cells |= {f"reference_{n}": text for n, text in enumerate(question.reference_answers, start=1)}
    for n, point in enumerate(question.key_points, start=1):
        cells |= {f"key_point_{n}": point.text, f"weight_{n}": repr(point.weight), f"point_id_{n}": point.id}
    return cells
