"""What the words around a claim do to it: refute it, quote it, ask it, limit it, or give it to another subject."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from corpus.records import Fact
from linter.detect.lexical import NEGATIONS, words

__all__ = ["CUE_NAMES", "FRAMEWORKS", "Cues"]

_REFUTED = re.compile(
    r"contrary to|myth|misconception|misbelie|mistaken|mistakenly|not true|isn['’]?t true|untrue|incorrect|is wrong|was wrong|are wrong|"
    r"wrongly|is false|popular belief|often claim|many (?:people )?(?:think|believe|say|assume)|people (?:often )?(?:think|believe|say|assume)|"
    r"some (?:people )?(?:think|believe|say|claim)|used to think|i thought|stop (?:saying|claiming|telling)|nonsense|do(?:n['’]?t| not) (?:say|claim|believe)|"
    r"no truth|in reality|actually|far from|despite (?:what|the)|heard that|confus",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:if|when|unless|with an? |once you|provided|after (?:you )?(?:install|configur|switch)|before (?:version )?\d|until|used to|older|"
    r"in (?:version |flask |django )?\d|since|prior to|extension|plug-?in|third[- ]party|middleware)\b",
    re.IGNORECASE,
)
_OTHERS = {
    "flask": ("flask",),
    "django": ("django",),
    "php": ("php", "laravel", "symfony"),
    "express": ("express", "node", "node.js", "nestjs"),
    "rails": ("rails", "ruby", "sinatra"),
    "java": ("java", "spring", "servlet", "jsp", "tomcat"),
    "fastapi": ("fastapi", "starlette", "quart", "sanic", "tornado", "aiohttp"),
    "other": ("pyramid", "bottle", "asp.net", "jupyter", "streamlit"),
}
_WORD_TO_NAME = {word: name for name, group in _OTHERS.items() for word in group}
FRAMEWORKS = frozenset(_WORD_TO_NAME)  # names that say whose matter it is, and not which
CUE_NAMES = (
    "refuted", "question", "condition", "negations", "subject_here", "subject_above", "other_here", "other_above",
    "lifted", "wrong", "right", "wrong_negated", "right_negated", "length",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Slots:
    wrong: tuple[tuple[str, ...], ...]
    right: tuple[tuple[str, ...], ...]
    lifts: tuple[str, ...]


class Cues:
    """The cues of sentences about one fact."""

    def __init__(self, fact: Fact) -> None:
        slots = fact.slots
        self._package = fact.applies_to.package.split("-")[0].lower()
        self._slots = _Slots(
            tuple(words(w) for w in (slots.wrong if slots else ())),
            tuple(words(r) for r in (slots.right if slots else ())),
            tuple(lift.lower() for lift in (slots.lifts if slots else ())),
        )

    def row(self, text: str, context: str) -> list[float]:
        """Numbers in the order of `CUE_NAMES`; `context` is the heading or question above."""
        said = _said(text)
        here, above = said.names, _names(words(context))
        known = self._package in _OTHERS
        wrong, wrong_negated = _slot(said, self._slots.wrong)
        right, right_negated = _slot(said, self._slots.right)
        return [
            *said.manner,
            float(known and self._package in here),
            float(known and self._package in above),
            float(known and bool(here - {self._package}) and self._package not in here),
            float(known and not here and bool(above - {self._package}) and self._package not in above),
            float(any(lift in said.lowered for lift in self._slots.lifts)),
            wrong,
            right,
            wrong_negated,
            right_negated,
            min(len(said.tokens), 60) / 30,
        ]


@dataclass(frozen=True, slots=True)
class _Said:
    """What a text says of itself, whichever fact it is held against; `manner` has the first four cues."""

    tokens: tuple[str, ...]
    joined: str
    lowered: str
    names: frozenset[str]
    manner: tuple[float, ...]


@lru_cache(maxsize=256)  # a sentence is held against several facts in a row
def _said(text: str) -> _Said:
    tokens = words(text)
    manner = (
        float(bool(_REFUTED.search(text))),
        float(text.rstrip().endswith("?")),
        float(bool(_CONDITION.search(text))),
        float(min(3, sum(token in NEGATIONS for token in tokens))),
    )
    return _Said(tokens, " ".join(tokens), text.lower(), _names(tokens), manner)


def _names(tokens: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_WORD_TO_NAME[t] for t in tokens if t in _WORD_TO_NAME)


def _slot(said: _Said, values: tuple[tuple[str, ...], ...]) -> tuple[float, float]:
    """(a value is there, it stands within five words after a negation)"""
    tokens = said.tokens
    for value in values:
        if not all(v in said.joined for v in value):
            continue  # most values: a look at the whole is far cheaper than one at every word
        for i in range(len(tokens) - len(value) + 1):
            if all(t.startswith(v) for t, v in zip(tokens[i:], value, strict=False)):
                return 1.0, float(any(t in NEGATIONS for t in tokens[max(0, i - 5) : i]))
    return 0.0, 0.0
