"""What `linter manuals`, `linter stale` and `linter explain` print of manuals."""

from __future__ import annotations

from packaging.version import Version

from linter.manuals.check import SourceProblem
from linter.manuals.index import Near
from linter.manuals.nearest import Evidence
from linter.manuals.records import Passage
from linter.manuals.stale import Change, StaleFact
from linter.rules.manuals import MOVED

__all__ = ["evidence", "listed", "problem", "stale"]


def listed(name: str, version: Version, size: int) -> str:
    """`flask==3.1.2  3.9 MB`."""
    return f"{name}=={version}  {size / 1e6:.1f} MB"


def problem(place: str, found: SourceProblem) -> str:
    """One line: place, code, fact, source, and what the manual has instead."""
    return f"{place}: {MOVED.code} {found.fact.code}: {found.source.title!r} in the manual of {found.manual.label}: {found.problem}"


def evidence(found: Evidence) -> str:
    """The passage, and where it stands."""
    return f"The manual of {found.manual.label} ({_where(found.near.passage)}):\n  {found.near.passage.text}"


def stale(found: StaleFact) -> str:
    """A fact with its changes, old above new."""
    lines = [f"{found.fact.code} {found.fact.name}: {found.fact.statement}", *(_told(change) for change in found.changes)]
    return "\n".join(lines)


def _told(change: Change) -> str:
    pieces = [f"  {change.kind}"]
    pieces += [_passage("-", change.old)] if change.old else []
    pieces += [_passage("+", change.new)] if change.new else []
    return "\n".join(pieces)


def _passage(mark: str, near: Near) -> str:
    return f"    {mark} {near.passage.text}  ({_where(near.passage)})"


def _where(passage: Passage) -> str:
    section = f", {passage.section}" if passage.section else ""
    return f"{passage.page}{section}, {passage.file}:{passage.line}"
