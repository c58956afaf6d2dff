"""CSV that spreadsheets open without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

__all__ = ["plain_cell", "write_sheet"]

_FORMULA = frozenset("=+-@\t\r")


def write_sheet(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> bytes:
    """A table with a line of names, UTF-8; text that begins like a formula gets an apostrophe, which `plain_cell` takes away again."""
    out = io.StringIO()
    lines = csv.DictWriter(out, columns, restval="")
    lines.writeheader()
    for row in rows:
        lines.writerow({name: _cell(value) for name, value in row.items()})
    return out.getvalue().encode()


def plain_cell(text: str) -> str:
    """The text as it was before `write_sheet`."""
    return text[1:] if text[:1] == "'" and _runs(text[1:]) else text


def _cell(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and _runs(value) else value


def _runs(text: str) -> bool:
    bare = text.lstrip("'")  # of a text that was marked before, however often
    return bare[:1] in _FORMULA or bare.lstrip(" \n\u00a0")[:1] in _FORMULA
