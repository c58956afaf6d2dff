"""QNA004: an answer that bears another number than its question."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment, Span
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.text._asked import Asked, asked
from linter.rules.text._places import Place, told

__all__ = ["AnswerNumbers"]

_ANSWER = re.compile(r"^[\s>#*_]{0,40}(?:A|Ans|Answer)[ .#]{0,2}(?P<number>\d{1,3})[.:)]", re.IGNORECASE)
_FEWEST = 2  # numbered questions that make a numbering


class AnswerNumbers:
    """A numbered answer under, or to, a question of another number."""

    info = RuleInfo(
        code="QNA004",
        name="answer-numbers",
        severity="info",
        summary="An answer bears another number than its question.",
        why="Questions were renumbered and their answers were not.",
        wrong=("Q1: What is a queue?\n\nA1: A line.\n\nQ2: What is a heap?\n\nA3: A tree.",),
        right=("Q1: What is a queue?\n\nA1: A line.\n\nQ2: What is a heap?\n\nA2: A tree.",),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """Under its question an answer has that question's number; in a list of answers, the number of some question."""
        questions = [one for one in asked(document, found) if one.number is not None]
        if len(questions) >= _FEWEST:
            yield from told(self.info, document, _places(document, questions))


def _places(document: Document, questions: Sequence[Asked]) -> Iterator[Place]:
    starts = [one.segment.span.start for one in questions]
    numbers = {one.number for one in questions}
    under: dict[int, list[tuple[int, Span]]] = {}
    for line in document.lines:
        match = _ANSWER.match(document.slice(line))
        owner = bisect.bisect_right(starts, line.start) - 1
        if match and owner >= 0:
            under.setdefault(owner, []).append((int(match["number"]), Span(*match.span("number")).shift(line.start)))
    for owner, answers in under.items():
        own = questions[owner].number
        for number, span in answers:
            if len(answers) == 1 and number != own:
                yield Place(span, f"The question above has number {own}: give its answer the same.")
            elif number not in numbers:
                yield Place(span, f"No question has number {number}: renumber the answer, or put the question back.")
