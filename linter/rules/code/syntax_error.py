"""COD001 syntax-error: a sample of Python that Python cannot read."""

from __future__ import annotations

from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._faults import FaultKind
from linter.rules.code._rule import CodeRule, Place, first_fault
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


def _may_go_on(sample: Sample) -> bool:
    """Whether the sample, which no fence bounds, may begin or go on in lines that were taken for prose."""
    if sample.fenced:
        return False
    last = sample.lines[-1]
    cut = any(
        f.open_end or (sample.followed and (f.span.end >= last.raw or f.message.endswith("never closed."))) for f in sample.program.faults
    )
    return cut or any(sample.text.count(mark) % 2 for mark in ('"""', "'''"))


def _look(sample: Sample) -> Iterator[Place]:
    told_elsewhere = any(f.kind is FaultKind.INDENTATION for f in sample.program.faults)
    if not (sample.fragment or told_elsewhere or _may_go_on(sample)):
        yield from first_fault(sample, FaultKind.SYNTAX)


RULE = CodeRule(
    RuleInfo(
        code="COD001",
        name="syntax-error",
        severity="error",
        summary="A sample of Python must parse.",
        why="Readers copy samples. One that does not parse teaches a wrong form, or shows that a part of it was lost on the way.",
        wrong=("from flask import Flask\napp = Flask(__name__)\ndef hello()\n    return 'Hi'",),
        right=("from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef hello():\n    return 'Hi'",),
        sources=(SourceLink("Python: Full Grammar specification", "https://docs.python.org/3/reference/grammar.html"),),
    ),
    _look,
)
