"""COD005 typographic-quotes: curly quotes around strings of a sample."""

from __future__ import annotations

from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._faults import FaultKind
from linter.rules.code._rule import CodeRule, Place, first_fault
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


def _look(sample: Sample) -> Iterator[Place]:
    yield from first_fault(sample, FaultKind.QUOTES)


RULE = CodeRule(
    RuleInfo(
        code="COD005",
        name="typographic-quotes",
        severity="info",
        summary="Strings in Python stand between straight quotes.",
        why="Word processors and blogs curl quotes; pasted, the sample fails with: invalid character.",
        wrong=("from flask import Flask\napp = Flask(__name__)\napp.config[“DEBUG”] = False",),
        right=('from flask import Flask\napp = Flask(__name__)\napp.config["DEBUG"] = False',),
        sources=(
            SourceLink(
                "Python: String and Bytes literals", "https://docs.python.org/3/reference/lexical_analysis.html#string-and-bytes-literals"
            ),
        ),
    ),
    _look,
)
