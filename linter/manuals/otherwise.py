"""Claims that no fact speaks against, held against the nearest passages of the indexed manuals of the packages they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np

from corpus import Encoder
from corpus.meaning import Stance
from corpus.text import Document, Segment
from linter.finding import Finding
from linter.manuals.index import IndexedManual, ManualIndex, Near
from linter.rules.manuals import OTHERWISE

__all__ = ["ManualWitness"]

_NEAR = 0.6  # cosine from which a passage may speak of the same thing
_SURE = 0.9  # that passage and claim contradict each other, whichever is read first
_PASSAGES = 3
_MIN_WORDS, _MAX_QUOTED = 6, 240
_CONTRADICTS = 1  # column of the stance


class ManualWitness:
    """What the newest indexed manuals say against a text. A claim that names no package of theirs is not looked up."""

    def __init__(self, index: ManualIndex, encoder: Encoder, stance: Stance) -> None:
        """Store who is asked; a manual is opened when a claim first names its package."""
        self._index, self._encoder, self._stance = index, encoder, stance
        self._opened: dict[str, IndexedManual | None] = {}

    def findings(self, document: Document, claims: Sequence[Segment]) -> Iterator[Finding]:
        """At most one finding for each of `claims` and each package it names. ManualError where an index cannot be read."""
        for package, spelled in self._packages.items():
            about = [s for s in claims if spelled.search(f"{s.context} {s.text}") and len(s.text.split()) >= _MIN_WORDS]
            manual = self._manual(package) if about else None
            if manual:
                yield from self._against(manual, document, about)

    @cached_property
    def _packages(self) -> dict[str, re.Pattern[str]]:
        """The indexed packages, and what their names look like in a text."""
        names = {name for name, _, _ in self._index.names()}
        spelled = {name: "[-_. ]?".join(map(re.escape, name.split("-"))) for name in sorted(names)}
        return {name: re.compile(rf"(?<![\w.-]){pattern}(?![\w-])", re.IGNORECASE) for name, pattern in spelled.items()}

    def _manual(self, package: str) -> IndexedManual | None:
        if package not in self._opened:
            self._opened[package] = self._index.newest(package)
        return self._opened[package]

    def _against(self, manual: IndexedManual, document: Document, about: Sequence[Segment]) -> Iterator[Finding]:
        found = manual.nearest(self._encoder.encode([s.text for s in about]), self._encoder, _PASSAGES)
        asked = [(segment, near) for segment, rows in zip(about, found, strict=True) for near in rows if near.cosine >= _NEAR]
        if not asked:
            return
        one_way = self._stance.judge([(segment.text, near.passage.text) for segment, near in asked])
        other_way = self._stance.judge([(near.passage.text, segment.text) for segment, near in asked])
        sure = np.minimum(one_way[:, _CONTRADICTS], other_way[:, _CONTRADICTS])
        best: dict[int, tuple[float, Segment, Near]] = {}
        for p, (segment, near) in zip(sure.tolist(), asked, strict=True):
            if p >= _SURE and p > best.get(id(segment), (0.0,))[0]:
                best[id(segment)] = p, segment, near
        for p, segment, near in best.values():
            yield OTHERWISE.finding(document, segment.span, _told(manual, near), confidence=round(p, 4))


def _told(manual: IndexedManual, near: Near) -> str:
    passage = near.passage
    text = passage.text if len(passage.text) <= _MAX_QUOTED else passage.text[: _MAX_QUOTED - 1].rstrip() + "…"
    place = f"{passage.page}, {passage.section}" if passage.section else passage.page
    return f"The manual of {manual.manual.label} may say otherwise ({place}): “{text}”"
