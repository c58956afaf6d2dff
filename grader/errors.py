"""The errors of the grader's floor.

GraderError                  never raised itself
├── ScoringModelError        the scoring artefact is missing, damaged or made for other signals
└── TrainingDataError        the data that training or evaluation needs is not there
"""

from __future__ import annotations

__all__ = ["GraderError", "ScoringModelError", "TrainingDataError"]


class GraderError(Exception):
    """Base of all errors of the grader's floor; catch it, do not raise it."""


class ScoringModelError(GraderError):
    """The scoring artefact is missing, damaged or made for other signals; the message says what to do."""


class TrainingDataError(GraderError):
    """The data that training or evaluation needs is not there; the message says where it was sought."""
