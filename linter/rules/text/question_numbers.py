"""QNA003: questions whose numbers leave one out, or come twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.text import Document, Segment
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.text._asked import Asked, asked, line_numbers
from linter.rules.text._places import Place, told

__all__ = ["QuestionNumbers"]

_WIDEST = 20  # a longer jump is another numbering


class QuestionNumbers:
    """A gap or a repetition in the numbers of the questions."""

    info = RuleInfo(
        code="QNA003",
        name="question-numbers",
        severity="info",
        summary="The numbers of the questions leave one out, or one comes twice.",
        why="A question was taken out or put in, or was lost with its heading.",
        wrong=(
            "1. What is a queue?\n\nA line.\n\n3. What is a heap?\n\nA tree.",
            "1. What is a queue?\n\nA line.\n\n2. What is a heap?\n\nA tree.\n\n2. What is a row?\n\nA list.",
        ),
        right=("1. What is a queue?\n\nA line.\n\n2. What is a heap?\n\nA tree.",),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """One place for each gap or repetition, at the number behind it."""
        numbered = [one for one in asked(document, found) if one.number is not None]
        places = (_place(document, before, after) for before, after in pairwise(numbered))
        yield from told(self.info, document, (place for place in places if place))


def _place(document: Document, before: Asked, after: Asked) -> Place | None:
    was, now = before.number or 0, after.number or 0
    if now == was and now > 1:
        return Place(after.span, f"Number {now} comes twice: renumber the questions.")
    if not was + 1 < now <= was + _WIDEST:
        return None  # in step, or a new section that counts from the start
    first, last = document.position(before.span.start).line, document.position(after.span.start).line
    lost = sorted(set(range(was + 1, now)) - line_numbers(document, first, last))
    if not lost:  # they are there, and were not read as questions
        return None
    named = f"Number {lost[0]} is" if len(lost) == 1 else f"Numbers {lost[0]} to {lost[-1]} are"
    return Place(after.span, f"{named} missing before this question: put the question back, or renumber.")
