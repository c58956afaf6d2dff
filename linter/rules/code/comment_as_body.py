"""COD003 comment-as-body: a block of a sample that holds nothing but a comment."""

from __future__ import annotations

from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._faults import FaultKind
from linter.rules.code._rule import CodeRule, Place, first_fault
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


def _look(sample: Sample) -> Iterator[Place]:
    if len(sample.lines) > 1:
        yield from first_fault(sample, FaultKind.EMPTY_BODY)


RULE = CodeRule(
    RuleInfo(
        code="COD003",
        name="comment-as-body",
        severity="info",
        summary="A block of Python needs a statement; a comment is none.",
        why="The sample fails with IndentationError as soon as somebody pastes it.",
        wrong=("def load():\n    # read the file\n\ndef save(data):\n    # write it\n",),
        right=("def load():\n    ...  # read the file\n\ndef save(data):\n    pass\n",),
        sources=(SourceLink("Python: Compound statements", "https://docs.python.org/3/reference/compound_stmts.html"),),
    ),
    _look,
)
