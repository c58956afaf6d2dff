"""Scorecards on paper. `scorecard_pdf` is the one door."""

from grader.report.pdf import scorecard_pdf

__all__ = ["scorecard_pdf"]
