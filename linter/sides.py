"""The other side of a contradiction, looked for only where there is one.

To read every sentence that may state a fact with the stance model would cost as much as finding what is false. So what may state a fact waits,
a few places of each, until this or another document says the opposite.
"""

from __future__ import annotations

from collections.abc import Sequence

from corpus.text import Document
from linter.cache import FindingsCache
from linter.checker import FactChecker, Lead
from linter.consistency import MAX_SIDES, Claim, ClaimTable, place_of
from linter.rules import FACT_SIDES

__all__ = ["OtherSides"]


class OtherSides:
    """The leads of the documents of one run, and the table that what they turn out to claim goes into."""

    def __init__(self, checker: FactChecker, cache: FindingsCache | None, table: ClaimTable) -> None:
        self._checker, self._cache, self._table = checker, cache, table
        self._waiting: dict[str, list[tuple[Lead, str]]] = {}  # fact to leads and their places, MAX_SIDES at most
        self._contradicted: set[str] = set()

    def claims(self, document: Document, claims: Sequence[Claim], leads: Sequence[Lead]) -> list[Claim]:
        """What the document plainly states of facts that it (by its `claims`) or an earlier document contradicts."""
        new = {claim.key for claim in claims if FACT_SIDES.refutes(claim)} - self._contradicted
        self._contradicted |= new
        here = [lead for lead in leads if lead.fact in self._contradicted]
        before = [waiting for fact in sorted(new) for waiting in self._waiting.pop(fact, ())]
        stated = self._stated([*here, *(lead for lead, _ in before)])
        for lead, place in before:
            if lead in stated:
                self._table.remember(self._claim(lead), place)
        for lead in leads:
            waiting = self._waiting.setdefault(lead.fact, [])
            if lead.fact not in self._contradicted and len(waiting) < MAX_SIDES:
                waiting.append((lead, place_of(document, lead.span)))
        return [self._claim(lead) for lead in here if lead in stated]

    def _stated(self, leads: Sequence[Lead]) -> set[Lead]:
        """Those that state their facts, from the cache where just these were read before."""
        if not leads:
            return set()
        stated = self._cache.read_stated(leads) if self._cache else None
        if stated is None:
            stated = [FACT_SIDES.states(verdict) for verdict in self._checker.sides(leads)]
            if self._cache:
                self._cache.put_stated(leads, stated)
        return {lead for lead, states in zip(leads, stated, strict=True) if states}

    def _claim(self, lead: Lead) -> Claim:
        return FACT_SIDES.claim(self._checker.corpus.fact(lead.fact), lead.span)
