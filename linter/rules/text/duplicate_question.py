"""QNA002: a question that is asked twice."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.text._asked import asked
from linter.rules.text._places import Place, told

__all__ = ["DuplicateQuestion"]

_WORD = re.compile(r"[a-z0-9_@.+#-]*[a-z0-9_@+#]")
_EMPTY = frozenset(
    "a an the is are was do does did you your we i in of to it its this that there be please explain describe tell me about briefly mention define "
    "what how can could would should with by for on and or".split()
)
# What a question asks of its subject. Two questions with one subject are one question only where this is the same.
_ASKS = re.compile(
    r"\s*(?:(?P<how>how|explain how|describe how)|(?P<why>why)|(?P<when>when)|(?P<which>which|name|list)|(?P<what>what|explain|describe|define))\b"
)
_SYMMETRIC = re.compile(r"\b(?:differences?|differ|differs|vs|versus|compare|between|distinguish)\b")
_CLAUSE = re.compile(r"\s*(?:[?;]|,?\s(?:and|&)\s(?=(?:how|why|what|when|where|which|do|does|is|are|can|explain|name|mention)\b))")
_FEWEST = 3  # letters of the words that are left, all together, for them to name a subject


class DuplicateQuestion:
    """A question that an earlier one of the same document asks in nearly the same words."""

    info = RuleInfo(
        code="QNA002",
        name="duplicate-question",
        severity="info",
        summary="Two questions of a document ask the same.",
        why="Lists of questions are merged from several, and one asks `What is X?` where another asks `What is X and how is it used?`",
        wrong=("1. What is a mutex?\n\nA lock.\n\n2. What is a mutex & how do you use one?\n\nA lock.",),
        right=("1. What is a mutex?\n\nA lock.\n\n2. How do you use a mutex?\n\nTake it.",),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """One place for each repetition, at the later question."""
        yield from told(self.info, document, self._places(document, found))

    def _places(self, document: Document, found: Sequence[Segment]) -> Iterator[Place]:
        seen: dict[tuple[str, ...], int] = {}
        for one in asked(document, found):
            keys = _keys(one.segment.text)
            line = document.position(one.segment.span.start).line
            earlier = next((seen[key] for key in keys if key in seen), None)
            if earlier is not None:
                yield Place(one.segment.span, f"Line {earlier} asks this already: merge the two, or ask what is new here only.")
            for key in keys:
                seen.setdefault(key, line)


def _keys(text: str) -> list[tuple[str, ...]]:
    """What a question asks: the whole of it and, where it asks twice, its first half."""
    lowered = text.casefold()[:400]
    first = _CLAUSE.split(lowered, maxsplit=1)[0]
    return list(dict.fromkeys(key for key in (_key(lowered), _key(first)) if key))


def _key(text: str) -> tuple[str, ...]:
    """The kind of the question and its telling words; the order counts but where two things are compared."""
    asks = _ASKS.match(text)
    words = [_singular(word) for word in _WORD.findall(text) if word not in _EMPTY]
    if len("".join(words)) < _FEWEST:
        return ()
    if _SYMMETRIC.search(text):
        words = sorted(word for word in words if not _SYMMETRIC.fullmatch(word))
        return ("between", *words)
    return (asks.lastgroup or "" if asks else "", *words)


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word
