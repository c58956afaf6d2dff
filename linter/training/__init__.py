"""Fits the detectors and the decision, and measures them with every writer held out in turn. Never imported when linting."""

from linter.training.fit import Report, train

__all__ = ["Report", "train"]
