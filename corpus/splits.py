"""Which questions are kept from training, and for what: one place, so that no trainer learns what another measures on.

Drawn by content (`drawn`): a new question moves no old one.
"""

from __future__ import annotations

from corpus.datasets import drawn

__all__ = ["is_development", "is_fitted_on", "is_for_score", "is_learned", "is_reported", "is_semeval_apart", "is_to_measure_by"]

_TO_MEASURE_BY = "interview-"


def is_to_measure_by(question_id: str) -> bool:
    """Whether the question was written, with blind answers, for nothing else than to measure on it."""
    return question_id.startswith(_TO_MEASURE_BY)


def is_reported(question_id: str) -> bool:
    """One question of the bank in eight, and those written to measure by: nothing is learned from their answers, figures are reported on them."""
    return is_to_measure_by(question_id) or drawn(f"question:{question_id}", 8)


def is_development(question_id: str) -> bool:
    """One question of the bank in sixteen: no model is trained on its answers; choices are made, ledger and score fitted by them."""
    return not is_to_measure_by(question_id) and drawn(f"question:{question_id}", 16, 1)


def is_for_score(question_id: str) -> bool:
    """Whether no model is trained on the answers to this question, because the grader's score is fitted on them."""
    return question_id.rsplit("-", 1)[0] in {"django", "http", "databases", "serving", "practice"}


def is_fitted_on(question_id: str) -> bool:
    """Whether ledger and score are fitted on the answers to this question: no model is trained on them, no figure is reported on them."""
    return not is_reported(question_id) and (is_development(question_id) or is_for_score(question_id))


def is_learned(question_id: str) -> bool:
    """Whether models are trained on the answers to this question of the bank."""
    return not (is_reported(question_id) or is_development(question_id) or is_for_score(question_id))


def is_semeval_apart(group: str) -> bool:
    """One question of the SemEval train splits ("beetle:ID") in four: kept from the stance, so that verdicts can be fitted on it."""
    return drawn(group, 4)
