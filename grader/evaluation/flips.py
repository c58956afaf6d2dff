"""Edits of a right answer that make it wrong or less: negation, opposite, swap, deletion, contradiction.

Each takes the answer, its key points and a random generator, works in the sentence nearest to a key point (an aside
turned false costs nothing), and gives None where there is no place for it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from corpus.meaning.contrast import analyse
from corpus.meaning.vocabulary import OPPOSITES
from corpus.text.sentences import sentence_bounds

__all__ = ["contradicted", "deleted", "negated", "opposed", "sentence_spans", "swapped"]

Span = tuple[int, int]
_PAIRS = OPPOSITES.split()
_OPPOSITE = {a: b for a, b in [*zip(_PAIRS[1::2], _PAIRS[::2], strict=True), *zip(_PAIRS[::2], _PAIRS[1::2], strict=True)] if a != b}
_NOT_WORDS = frozenset(
    "up down get post one not first last all no same different over under more less once stand sit light hard".split()
)  # part of too many phrases
_DENIED = re.compile(
    r"\b(?:(is|are|was|were|does|do|did|can|will|should|must|would|could|has|have) not|(is|are|was|were|does|do|did|would|could|should|has|have)n[’']t|(can)(?:not|[’']t)) ",
)
_AFFIRMED = re.compile(
    r"\b(is|are|was|were|can|will|should|must|would|could)(?= (?!not\b|no\b|never\b|nothing\b|just\b|only\b|also\b|hardly\b|rarely\b)\w)"
)
_VERBS = """
accepts adds allows applies belongs blocks calls catches checks closes comes compiles connects contains copies creates decides depends escapes expires
extracts finds gives goes happens holds inherits integrates keeps lets listens lives loads looks maps matches means needs opens parses passes points
prevents protects provides raises reads receives refuses registers rejects renders replaces requires returns runs saves sends serves sets shares
shows signs starts stops stores supports takes tells ties translates turns uses validates waits wants works wraps writes
"""
_PLAIN = re.compile(rf"\b(?:{'|'.join(_VERBS.split())})(?= \w)")
_NOUN_BEFORE = re.compile(
    r"\b(?:the|an?|its|their|these|those|such|of|in|on|for|by|with|to|and|or|database|function|system|several|many|all|which not)\s+$"
)
_NEGATIVE_BEFORE = re.compile(r"\b(?:no|not|nobody|nothing|none|never|neither|nor)\b[^.,;:]*$", re.IGNORECASE)
_LOWERED = frozenset("The A An It You In When Without With By On Each Every All There This That".split())
_TERM = re.compile(r"(?<![\w.])(?:[A-Za-z]\w*(?:[._]\w+)+(?:\(\))?|[a-z]+[A-Z]\w*|[A-Z]\w+|\w+\(\))(?![\w.]\w)")
_LISTED = re.compile(r"^(?:\s|,|\band\b|\bor\b|\bnor\b|\bthe\b|\ban?\b|/|&|\()*$")


def sentence_spans(text: str) -> list[Span]:
    """Start and end of every sentence."""
    return [(a, b) for a, b in sentence_bounds(text) if text[a:b].strip()]


def negated(answer: str, points: Sequence[str], rng: random.Random) -> str | None:
    """One "not" more, or one less."""
    return _in_sentence(answer, points, rng, _negate)


def opposed(answer: str, points: Sequence[str], rng: random.Random) -> str | None:
    """One word replaced by its opposite."""
    return _in_sentence(answer, points, rng, _oppose)


def swapped(answer: str, points: Sequence[str], rng: random.Random) -> str | None:
    """Two names of one sentence in each other's place, where they are not just listed."""
    return _in_sentence(answer, points, rng, _swap)


def deleted(answer: str, points: Sequence[str], rng: random.Random) -> str | None:
    """Without the sentence nearest to a key point; None where there is only one."""
    spans = _by_nearness(answer, points)
    if not spans or len(sentence_spans(answer)) < 2:
        return None
    a, b = spans[0]
    return f"{answer[:a].rstrip()} {answer[b:].lstrip()}".strip()


def contradicted(answer: str, points: Sequence[str], rng: random.Random) -> str | None:
    """A key point denied after the answer; None where no point can be negated."""
    denials = [d for p in points if (d := _negate(p, rng)) is not None]
    if not denials:
        return None
    opening = rng.choice(("", "In fact, ", "But remember: ", "To be precise, "))
    said = rng.choice(denials)
    if opening and said.split()[0] in _LOWERED:
        said = said[0].lower() + said[1:]
    return f"{answer.rstrip()} {opening}{said}"


def _in_sentence(answer: str, points: Sequence[str], rng: random.Random, edit: Callable[[str, random.Random], str | None]) -> str | None:
    for a, b in _by_nearness(answer, points):
        changed = edit(answer[a:b], rng)
        if changed is not None and changed != answer[a:b]:
            return answer[:a] + changed + answer[b:]
    return None


def _by_nearness(answer: str, points: Sequence[str]) -> list[Span]:
    """Sentences that share at least two content words with some key point, nearest first."""
    wanted = [set(analyse(p).stems) for p in points]

    def shared(span: Span) -> int:
        mine = set(analyse(answer[slice(*span)]).stems)
        return max((len(mine & w) for w in wanted), default=0)

    spans = sentence_spans(answer)
    return sorted((s for s in spans if shared(s) >= 2), key=lambda s: (-shared(s), s))


def _negate(text: str, rng: random.Random) -> str | None:
    if denied := list(_DENIED.finditer(text)):
        m = rng.choice(denied)
        return f"{text[: m.start()]}{m[1] or m[2] or m[3]} {text[m.end() :]}"
    if affirmed := [m for m in _AFFIRMED.finditer(text) if not _NEGATIVE_BEFORE.search(text[: m.start()])]:
        m = rng.choice(affirmed)
        return f"{text[: m.end()]} not{text[m.end() :]}"
    if plain := [m for m in _PLAIN.finditer(text) if not _NOUN_BEFORE.search(text[: m.start()])]:
        m = plain[0]
        verb = (
            m[0][:-2] if m[0].endswith(("sses", "shes", "ches", "xes", "goes")) else m[0][:-3] + "y" if m[0].endswith("ies") else m[0][:-1]
        )
        return f"{text[: m.start()]}does not {verb}{text[m.end() :]}"
    return None


def _oppose(text: str, rng: random.Random) -> str | None:
    found = [m for m in re.finditer(r"(?<![\w._-])[a-z]+(?![\w_-]|\.\w|\()", text) if m[0] in _OPPOSITE and m[0] not in _NOT_WORDS]
    if not found:
        return None
    m = rng.choice(found)
    return text[: m.start()] + _OPPOSITE[m[0]] + text[m.end() :]


def _swap(text: str, rng: random.Random) -> str | None:
    names = [m for m in _TERM.finditer(text) if m.start() > 0 or not m[0][0].isupper() or "_" in m[0]]
    pairs = [
        (x, y)
        for i, x in enumerate(names)
        for y in names[i + 1 :]
        if x[0].lower() != y[0].lower() and not _LISTED.match(text[x.end() : y.start()])
    ]
    if not pairs:
        return None
    x, y = rng.choice(pairs)
    return text[: x.start()] + y[0] + text[x.end() : y.start()] + x[0] + text[y.end() :]
