"""The table of formats by the name users type."""

from __future__ import annotations

from linter.report.base import Format
from linter.report.data import github, gitlab, json_array, jsonl, junit, rdjson, sarif
from linter.report.text import concise, text

__all__ = ["FORMATS"]

FORMATS: dict[str, Format] = {
    "text": text,
    "concise": concise,
    "json": json_array,
    "jsonl": jsonl,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
    "rdjson": rdjson,
}
