"""Which facts could a sentence be about? A dictionary look-up per word; almost all foreign text ends here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from corpus.records import Fact
from linter.detect.lexical import words

__all__ = ["Gate"]

_JOINT = re.compile(r"[_.-]+")
_SHORT = 2  # terms as short as `g` or `ip` count as whole words only, else every third word would pass


class Gate:
    """Word prefixes to the facts whose `terms` they are; terms of several words are matched as they stand."""

    def __init__(self, facts: Sequence[Fact]) -> None:
        self._prefixes: dict[str, list[int]] = {}
        self._short: dict[str, list[int]] = {}
        phrases: list[tuple[str, int]] = []
        self._longest = _SHORT + 1  # of the terms that are one word; no more of a word is looked at
        for number, fact in enumerate(facts):
            for term in fact.terms:
                folded = term.lower()
                if words(folded) == (folded,):
                    self._longest = max(self._longest, len(folded))
                    table = self._prefixes if len(folded) > _SHORT else self._short
                    table.setdefault(folded, []).append(number)
                else:
                    phrases.append((folded, number))
        self._phrases = _by_rarest(phrases)

    def candidates(self, text: str) -> list[int]:
        """Numbers of the facts one of whose terms begins a word of `text`, or a part of an identifier, ascending."""
        found: set[int] = set()
        for numbers, _ in self._hits(text):
            found.update(numbers)
        return sorted(found)

    def named(self, text: str) -> dict[int, str]:
        """The same facts, each with the word or phrase of `text` by which it is found, the longest of several; ascending."""
        found: dict[int, str] = {}
        for numbers, name in sorted(self._hits(text), key=lambda hit: (len(hit[1]), hit[1])):
            found.update(dict.fromkeys(numbers, name))
        return dict(sorted(found.items()))

    def _hits(self, text: str) -> Iterator[tuple[Iterable[int], str]]:
        """The facts of each term that is found, and the word or phrase of `text` that it is found in."""
        for whole in dict.fromkeys(words(text)):
            for part in _parts(whole, self._longest):
                if part in self._short:
                    yield self._short[part], whole
                for end in range(_SHORT + 1, len(part) + 1):
                    if part[:end] in self._prefixes:
                        yield self._prefixes[part[:end]], whole
        if self._phrases:
            lowered = text.lower()
            for three in {"", *_threes(lowered)} & self._phrases.keys():
                for phrase, number in self._phrases[three]:
                    if phrase in lowered:
                        yield (number,), phrase


def _by_rarest(phrases: Sequence[tuple[str, int]]) -> dict[str, list[tuple[str, int]]]:
    """The phrases under three letters in a row that few other phrases have: where these are not, the phrase is not. "" for the shortest."""
    counts = Counter(three for phrase, _ in phrases for three in set(_threes(phrase)))
    found: dict[str, list[tuple[str, int]]] = {}
    for phrase, number in phrases:
        found.setdefault(min(_threes(phrase), key=lambda three: (counts[three], three), default=""), []).append((phrase, number))
    return found


def _threes(text: str) -> list[str]:
    return [text[i : i + 3] for i in range(len(text) - 2)]


def _parts(word: str, longest: int) -> Iterator[str]:
    """The first letters of the word, and of what stands after each joint of an identifier: `track_modifications` in SQLALCHEMY_TRACK_MODIFICATIONS."""
    yield word[:longest]
    for joint in _JOINT.finditer(word):
        if joint.end() < len(word):
            yield word[joint.end() : joint.end() + longest]
