"""The question-and-answer units of a document, each matched to the question of the bank it asks or answers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from corpus import Corpus, Encoder
from corpus.text import read_document, units

__all__ = ["matched_units"]

_ASKED, _ANSWERED = 0.72, 0.5  # cosine below which a question, or a lost question, is not matched


def matched_units(path: Path, corpus: Corpus, encoder: Encoder) -> Iterator[dict[str, Any]]:
    """One row a unit: n, lines, question, question_id (or null) and the cosine that decided as `confidence`.

    A unit with a question is matched by it; an answer without one by the nearest question-with-reference of the bank.
    """
    document = read_document(path, str(path))
    found = units(document)
    bank = corpus.questions
    asked = encoder.encode([q.question for q in bank])
    answered = encoder.encode([f"{q.question} {q.reference_answers[0]}" for q in bank])
    for unit in found:
        text = unit.question or " ".join(document.text[unit.span.start : unit.span.end].split())
        vector = encoder.encode([text])[0]
        cosines = (asked if unit.question else answered) @ vector
        best = int(np.argmax(cosines))
        confidence = round(float(np.clip(cosines[best], 0, 1)), 4)
        matched = confidence >= (_ASKED if unit.question else _ANSWERED)
        yield {
            "n": unit.n,
            "start_line": unit.start_line,
            "end_line": unit.end_line,
            "question": unit.question,
            "question_id": bank[best].id if matched else None,
            "confidence": confidence,
        }
