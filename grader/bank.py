"""Looking through the bank of questions."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.records import Question

__all__ = ["find_questions"]


def find_questions(
    questions: Sequence[Question], *, topic: str | None = None, level: str | None = None, q: str | None = None
) -> list[Question]:
    """Questions of a topic and level whose id or text has all the words of `q`, in any case; in the order given."""
    words = q.casefold().split() if q else []
    return [
        question
        for question in questions
        if (topic is None or question.topic.casefold() == topic.casefold())
        and (level is None or question.level == level)
        and all(word in f"{question.id} {question.question}".casefold() for word in words)
    ]
