"""Findings as text or data, one format a module. A format is a function from results to pieces of output."""

from linter.report.base import Format
from linter.report.formats import FORMATS

__all__ = ["FORMATS", "Format"]
