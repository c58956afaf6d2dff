"""CON001: one place states a fact, another the misconception of it."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import TYPE_CHECKING

from corpus import Fact
from corpus.text import Document, Segment, Span
from linter.consistency import Claim
from linter.detect.decision import SIGNALS
from linter.finding import Finding
from linter.rule import RuleInfo

if TYPE_CHECKING:
    from linter.checker import Verdict

__all__ = ["FactSides"]

FALSE, TRUE = "false", "true"
_CONTRADICTS, _SUPPORTS = SIGNALS.index("contradicts"), SIGNALS.index("supports")
# A pair accuses two places at once, so each side must be surer than a finding of its own has to be. Set on the five
# sources and on the near misses of the facts: below these, what is only of the same matter begins to count as said.
_SURELY_FALSE = 0.85
_SURELY_TRUE = 0.3  # at most so likely to be false
_SUPPORT, _NO_CONTRADICTION = 2.5, -2.0  # log-odds of the stance


class FactSides:
    """Two places of which one contradicts a fact and the other supports it."""

    info = RuleInfo(
        code="CON001",
        name="contradicts-another-place",
        severity="warning",
        summary="Two places say opposite things of the same matter, and a fact says which of them is right.",
        why="Texts of several authors are put into one collection, and the myth of one stands beside the truth of the other.",
        wrong=("Sessions are stored on the server side.\n\nFlask keeps the session data in a signed cookie on the client.",),
        right=("Flask keeps the session data in a signed cookie on the client.\n\nThe session is signed with the secret key.",),
        sources=(),
    )

    def claims(self, judged: Sequence[tuple[Segment, Sequence[Verdict]]], disabled: Container[str]) -> Iterator[Claim]:
        """The sides that the sentences of a document surely take, from the verdicts on them."""
        for segment, verdicts in judged:
            for n, verdict in enumerate(verdicts):
                side = _side(verdict, likeliest=n == 0)
                if side and verdict.fact.code not in disabled:
                    span = segment.locate(verdict.start, verdict.end)
                    yield self.claim(verdict.fact, span, side)

    def states(self, verdict: Verdict | None) -> bool:
        """Whether the sentence surely states the fact."""
        return verdict is not None and _side(verdict, likeliest=False) == TRUE

    def claim(self, fact: Fact, span: Span, side: str = TRUE) -> Claim:
        """The claim of what stands at `span`."""
        return Claim(self.info.code, fact.code, side, span, fact.statement)

    def refutes(self, claim: Claim) -> bool:
        """Whether it is a claim of this rule that takes the false side."""
        return claim.code == self.info.code and claim.side == FALSE

    def pair(self, document: Document, here: Claim, other: str, where: str) -> Finding:
        """Name the other place and the side that the fact supports; at the false place wherever both are at hand."""
        told = f"and {here.key} supports it, not this" if here.side == FALSE else f"but {here.key} supports this place, so mend that one"
        return self.info.finding(document, here.span, f"{where} says otherwise, {told}. {here.note}", truth=here.note)

    def worse(self, here: Claim) -> bool:
        """The false side."""
        return here.side == FALSE


def _side(verdict: Verdict, *, likeliest: bool) -> str:
    if likeliest and verdict.probability >= _SURELY_FALSE:
        return FALSE
    supports, contradicts = verdict.signals[_SUPPORTS], verdict.signals[_CONTRADICTS]
    if verdict.probability <= _SURELY_TRUE and supports >= _SUPPORT and contradicts <= _NO_CONTRADICTION:
        return TRUE
    return ""
