"""Which claim of a sentence is held against which fact, and what stands around it: the pairs that are judged."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from corpus.records import Fact
from linter.detect.claims import claims
from linter.detect.cues import CUE_NAMES, Cues
from linter.detect.gate import Gate
from linter.detect.lexical import words
from linter.detect.written import Written

__all__ = ["Pair", "Pairing"]

# What the rest of the sentence says of a clause: a refutation or another framework outside the clause still covers it.
_SHARED = tuple(CUE_NAMES.index(n) for n in ("refuted", "question", "condition", "lifted"))
_OTHER_ABOVE = CUE_NAMES.index("other_above")  # under a question about another framework, what names none is about that one
_MIN_BORROW = 5  # words of a sentence that may have left its matter to the heading


@dataclass(frozen=True, slots=True)
class Pair:
    """`judged`, the words `start:end` of text number `segment` (or these behind a borrowed name), against fact number `fact`."""

    segment: int
    start: int
    end: int
    judged: str
    fact: int
    cues: list[float]
    borrowed: bool = False

    @property
    def piece(self) -> tuple[int, str]:
        """What is judged, and of which segment: its pairs pass a glance together."""
        return self.segment, self.judged


class Pairing:
    """Finds the pairs of sentences and the facts they could be about."""

    def __init__(self, facts: Sequence[Fact], written: Written) -> None:
        self._gate = Gate(facts)
        self._cues = [Cues(fact) for fact in facts]
        self._written = written

    def pairs(self, texts: Sequence[tuple[str, str]]) -> list[Pair]:
        """The pairs of each (text, context), those of a text in a row."""
        out: list[Pair] = []
        named: dict[str, dict[int, str]] = {}  # a heading stands over many sentences
        for number, (text, context) in enumerate(texts):
            own = self._own(number, text, context)
            out += own
            if len(words(text)) >= _MIN_BORROW:
                if context not in named:
                    named[context] = self._gate.named(context)
                out += self._borrowing(number, text, context, named[context], {pair.fact for pair in own if pair.judged == text})
        return [pair for pair in out if not pair.cues[_OTHER_ABOVE]]

    def _own(self, number: int, text: str, context: str) -> list[Pair]:
        """What the text names itself, as a whole and in its clauses."""
        found = []
        whole: dict[int, list[float]] = {}
        for start, end in claims(text):
            piece = text[start:end]
            for fact in self._gate.candidates(piece):
                cues = self._cues[fact].row(piece, context)
                if (start, end) == (0, len(text)):
                    whole[fact] = cues
                elif fact in whole:
                    if self._written.is_true(fact, text):
                        continue  # a clause of what the record calls true
                    for column in _SHARED:
                        cues[column] = max(cues[column], whole[fact][column])
                found.append(Pair(number, start, end, piece, fact, cues))
        return found

    def _borrowing(self, number: int, text: str, context: str, named: dict[int, str], own: Collection[int]) -> list[Pair]:
        """A sentence that does not name its matter takes the name from the question or heading above: "By default on the server." """
        cues = self._cues
        return [
            Pair(number, 0, len(text), f"{name}: {text}", fact, cues[fact].row(text, context), borrowed=True)
            for fact, name in named.items()
            if fact not in own
        ]
