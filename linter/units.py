"""The question-and-answer units of a document, each matched to the question of the bank it asks or answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from corpus import Corpus, Encoder
from corpus.text import read_document, units

__all__ = ["matched_units"]

_SHARE = 0.35  # of the answer beside its question; chosen on the sources, where it also decides between questions of few words
_ASKED, _ANSWERED = 0.6, 0.5  # nearness below which a question, or a lost question, is not matched


def matched_units(path: Path, corpus: Corpus, encoder: Encoder) -> Iterator[dict[str, Any]]:
    """One row a unit: n, lines, question, question_id (or null) and the nearness that decided as `confidence`.

    A unit is held against question and first reference of the bank, and its question, where it has one, against the questions.
    """
    document = read_document(path, str(path))
    found = units(document)
    bank = corpus.questions
    if not found or not bank:
        return
    asked = encoder.encode([q.question for q in bank])
    answered = encoder.encode([f"{q.question} {q.reference_answers[0]}" for q in bank])
    for unit in found:
        whole = " ".join(document.text[unit.span.start : unit.span.end].split())
        nearness = answered @ encoder.encode([whole])[0]
        if unit.question:
            nearness = _SHARE * nearness + (1 - _SHARE) * (asked @ encoder.encode([unit.question])[0])
        best = int(np.argmax(nearness))
        confidence = round(float(np.clip(nearness[best], 0, 1)), 4)
        matched = confidence >= (_ASKED if unit.question else _ANSWERED)
        yield {
            "n": unit.n,
            "start_line": unit.start_line,
            "end_line": unit.end_line,
            "question": unit.question,
            "question_id": bank[best].id if matched else None,
            "confidence": confidence,
        }
