"""COD002 lost-indentation: a sample of Python whose lines all begin at the margin."""

from __future__ import annotations

from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._faults import FaultKind
from linter.rules.code._rule import CodeRule, Place, first_fault
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


def _look(sample: Sample) -> Iterator[Place]:
    if len(sample.lines) > 1 and not sample.followed:
        yield from first_fault(sample, FaultKind.INDENTATION)


RULE = CodeRule(
    RuleInfo(
        code="COD002",
        name="lost-indentation",
        severity="warning",
        summary="A sample of Python must keep its indentation.",
        why="Extraction and careless pasting drop leading blanks, and with them the structure of Python; one finding stands for the whole sample.",
        wrong=("def total(items):\nresult = 0\nfor item in items:\nresult += item\nreturn result",),
        right=("def total(items):\n    result = 0\n    return result",),
        sources=(
            SourceLink("Python: Lexical analysis, Indentation", "https://docs.python.org/3/reference/lexical_analysis.html#indentation"),
        ),
    ),
    _look,
)
