"""Which claim of a sentence is held against which fact, and what stands around it: the pairs that are judged."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from corpus.records import Fact
from linter.detect.claims import claims
from linter.detect.cues import CUE_NAMES, FRAMEWORKS, Cues
from linter.detect.gate import Gate
from linter.detect.lexical import words
from linter.detect.written import Written

__all__ = ["Pair", "Pairing", "Said"]

Said = tuple[str, str] | tuple[str, str, str]  # a text, the question or heading above it, and the sentence that it takes up

# What the rest of the sentence says of a clause: a refutation or another framework outside the clause still covers it.
_SHARED = tuple(CUE_NAMES.index(n) for n in ("refuted", "question", "condition", "lifted"))
_OTHER_ABOVE = CUE_NAMES.index("other_above")  # under a question about another framework, what names none is about that one
_MIN_BORROW = 5  # words of a sentence that may have left its matter to the heading
# How a clause begins whose subject stands before it: "It hashes passwords, and uses PBKDF2 unless told otherwise."
_LEANS = re.compile(r"(?:which|who|whose|and|but)\b")


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

    def pairs(self, texts: Sequence[Said]) -> list[Pair]:
        """The pairs of each text, those of a text in a row."""
        out: list[Pair] = []
        named: dict[str, dict[int, str]] = {}  # a heading stands over many sentences
        for number, said in enumerate(texts):
            text, context = said[0], said[1]
            own = self._own(number, text, context)
            out += own
            if len(words(text)) >= _MIN_BORROW:
                held = {pair.fact for pair in own if pair.judged == text}
                for source in dict.fromkeys(said[1:]):
                    if source not in named:
                        named[source] = self._gate.named(source)
                    out += self._borrowing(number, text, context, named[source], held)
                    held |= named[source].keys()
        return [pair for pair in out if not pair.cues[_OTHER_ABOVE]]

    def _own(self, number: int, text: str, context: str) -> list[Pair]:
        """What the text names itself, as a whole and in its clauses; a clause that leans on its sentence takes the name from there."""
        _, *clauses = claims(text)
        names = self._gate.named(text) if clauses else dict.fromkeys(self._gate.candidates(text), "")
        whole = {fact: self._cues[fact].row(text, context) for fact in names}
        found = [Pair(number, 0, len(text), text, fact, cues) for fact, cues in whole.items()]
        refutable = {fact for fact in whole if not self._written.is_true(fact, text)} if clauses else set()
        for start, end in clauses:
            piece = text[start:end]
            own = refutable.intersection(self._gate.candidates(piece))
            leaning = {fact for fact in refutable - own if names[fact].lower() not in FRAMEWORKS} if _LEANS.match(piece) else set()
            for fact in sorted(own | leaning):
                cues = self._cues[fact].row(piece, context)
                for column in _SHARED:
                    cues[column] = max(cues[column], whole[fact][column])
                judged = piece if fact in own else f"{names[fact]}: {piece}"
                found.append(Pair(number, start, end, judged, fact, cues, borrowed=fact in leaning))
        return found

    def _borrowing(self, number: int, text: str, context: str, named: dict[int, str], own: Collection[int]) -> list[Pair]:
        """A sentence that does not name its matter takes the name from what stands above or before: "By default on the server." """
        cues = self._cues
        return [
            Pair(number, 0, len(text), f"{name}: {text}", fact, cues[fact].row(text, context), borrowed=True)
            for fact, name in named.items()
            if fact not in own
        ]
