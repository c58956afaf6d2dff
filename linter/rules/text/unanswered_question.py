"""QNA001: a question that no answer follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.text._asked import asked
from linter.rules.text._places import Place, told

__all__ = ["UnansweredQuestion"]

_IN_A_ROW = 3  # so many questions without an answer in a row are a list of questions


class UnansweredQuestion:
    """A question among answered ones that is followed by the next question, or by nothing."""

    info = RuleInfo(
        code="QNA001",
        name="unanswered-question",
        severity="info",
        summary="A question has no answer, though the questions around it have.",
        why="An answer that was nothing but code or a picture is lost with it, or was never written.",
        wrong=("1. What is a queue?\n\nA line.\n\n2. What is a stack?\n\n3. What is a heap?\n\nA tree.\n\n4. What is a list?\n\nA row.",),
        right=(
            "1. What is a queue?\n\nA line.\n\n2. What is a stack?\n\nA pile.",
            "1. What is a queue?\n2. What is a stack?\n3. What is a heap?",
        ),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """Silent on lists of questions: three in a row, or a document in which most stand alone."""
        questions = asked(document, found)
        ends = [*(one.at for one in questions), len(found)][1:]
        bare = [end == one.at + 1 for one, end in zip(questions, ends, strict=True)]
        if bare.count(True) >= bare.count(False):
            return
        yield from told(
            self.info,
            document,
            (
                Place(one.segment.span, "This question has no answer: write one, or take the question out.")
                for n, one in enumerate(questions)
                if bare[n] and _run(bare, n) < _IN_A_ROW
            ),
        )


def _run(bare: Sequence[bool], n: int) -> int:
    """How many unanswered questions stand in a row around `n`, as far as it matters."""
    before = 0
    while before < _IN_A_ROW and n - before - 1 >= 0 and bare[n - before - 1]:
        before += 1
    after = 0
    while after < _IN_A_ROW and n + after + 1 < len(bare) and bare[n + after + 1]:
        after += 1
    return before + 1 + after
