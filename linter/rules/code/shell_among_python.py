"""COD004 shell-among-python: commands of a shell in the middle of a sample of Python."""

from __future__ import annotations

from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._faults import FaultKind
from linter.rules.code._rule import CodeRule, Place, first_fault
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


def _look(sample: Sample) -> Iterator[Place]:
    if not sample.fragment:
        yield from first_fault(sample, FaultKind.COMMAND)


RULE = CodeRule(
    RuleInfo(
        code="COD004",
        name="shell-among-python",
        severity="warning",
        summary="Commands for a shell and lines of Python are shown apart.",
        why="A reader cannot tell what goes into the file and what is typed at the prompt.",
        wrong=("from flask_migrate import Migrate\nmigrate = Migrate(app, db)\nflask db upgrade",),
        right=("from flask_migrate import Migrate\nmigrate = Migrate(app, db)",),
        sources=(SourceLink("Flask: Command Line Interface", "https://flask.palletsprojects.com/en/stable/cli/"),),
    ),
    _look,
)
