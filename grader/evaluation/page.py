"""The Markdown page of an evaluation: sections that stand alone, so that one suite can be measured anew and the others stay."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

__all__ = ["Section", "merge", "number", "span", "table"]

_HEAD = """# Evaluation of the grader

Written by `grader evaluate`; every section says its date, commit and protocol. Marks of people in Mohler, SAF, SemEval and gaps; our own
answers (gaming, blind, bare, planted) and their marks were written by language models: synthetic, no human agreement is claimed there.
"""
_SECTION = re.compile(r"<!-- suite (\w+) -->\n.*?<!-- end \1 -->\n", re.DOTALL)


@dataclass(frozen=True)
class Section:
    """What one suite has to say: Markdown without the stamp, and its plots by file name."""

    name: str
    title: str
    protocol: str
    body: str
    plots: dict[str, str] = field(default_factory=dict)

    def text(self, stamp: str) -> str:
        """The section with its marks for `merge`."""
        return (
            f"<!-- suite {self.name} -->\n## {self.title}\n\n{stamp}\n\n{self.protocol}\n\n{self.body.strip()}\n<!-- end {self.name} -->\n"
        )


def merge(page: str, sections: Iterable[Section], stamp: str, order: Sequence[str]) -> str:
    """The page with these sections put in or in place of the old ones; sections in the order of the suites."""
    kept = {m[1]: m[0] for m in _SECTION.finditer(page)}
    kept |= {section.name: section.text(stamp) for section in sections}
    return "\n".join([_HEAD, *(kept[name] for name in order if name in kept)])


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, the first column to the left, the others to the right."""
    lines = [f"| {' | '.join(head)} |", "|---|" + "--:|" * (len(head) - 1)]
    lines += [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join(lines)


def number(value: float, digits: int = 3) -> str:
    """The number, or a dash for nan."""
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def span(ends: tuple[float, float], digits: int = 3) -> str:
    """Both ends of an interval."""
    return f"{number(ends[0], digits)} to {number(ends[1], digits)}"
