"""Manuals of packages as evidence: fetched by release, read into a local index, asked for the passage next to a fact."""

from linter.manuals.adding import obtain, parse_release
from linter.manuals.check import SourceProblem, Tally, check_sources
from linter.manuals.index import IndexedManual, ManualIndex, Near
from linter.manuals.nearest import Evidence, nearest
from linter.manuals.otherwise import ManualWitness
from linter.manuals.read import read_manual
from linter.manuals.records import Manual, Page, Passage, Place
from linter.manuals.stale import Change, StaleFact, stale_facts

__all__ = [
    "Change",
    "Evidence",
    "IndexedManual",
    "Manual",
    "ManualIndex",
    "ManualWitness",
    "Near",
    "Page",
    "Passage",
    "Place",
    "SourceProblem",
    "StaleFact",
    "Tally",
    "check_sources",
    "nearest",
    "obtain",
    "parse_release",
    "read_manual",
    "stale_facts",
]
