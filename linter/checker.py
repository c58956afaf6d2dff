"""Sentences held against the facts: gate, detectors, cues, one decision. The door of the linter that the grader uses too."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from corpus import Corpus, Encoder, Fact
from corpus.meaning import Stance, load_stance
from corpus.settings import Settings, load_settings
from corpus.text import Document, Segment, SegmentKind, Span, segments
from linter.detect.antecedent import antecedents
from linter.detect.bundle import Trained, load_trained
from linter.detect.decision import (
    CHEAP,
    GLANCE,
    N_NEIGHBOURS,
    NEIGHBOURS,
    Decision,
    load_decision,
    neighbour_signals,
    overlap_signals,
    stance_signals,
)
from linter.detect.pairs import Pair, Pairing, Said
from linter.detect.written import Written
from linter.finding import Finding, SourceLink
from linter.targets import since

__all__ = ["FactChecker", "Lead", "Verdict", "finding_of"]

# A question, or what only introduces a list: it speaks of what is to follow, or its verb has no object yet.
_ASSERTS_NOTHING = re.compile(r"\?\s*$|\b(?:following|below|steps)\b[^.]*:\s*$|\b(?:are|is|includes?|including|as follows)\s*:\s*$")
_SURE = 0.95  # at least, of a false wording as the fact's author wrote it; a true one is no error, whatever the models say
_PLAIN = 0.85  # nearness to a true wording from which a sentence may plainly state the fact
_ALIKE = 0.25  # likeness of words from which it is worth knowing that nearness (all of 14 plain truths in eight texts had it)
_MAX_LEADS = 3  # of one fact in one document, the likest
_PROSE = frozenset({SegmentKind.SENTENCE, SegmentKind.ITEM, SegmentKind.ROW, SegmentKind.HEADING})


@dataclass(frozen=True, slots=True)
class Verdict:
    """How likely `text[start:end]` states the misconception of `fact`, and the signals that say so."""

    fact: Fact
    start: int
    end: int
    probability: float
    signals: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Lead:
    """Words at `span` of a document that may plainly state a fact, under the heading or question `context`."""

    fact: str
    text: str
    context: str
    span: Span


class FactChecker:
    """Judges sentences against every fact of a corpus. Detectors are read at the first sentence that passes the gate.

    `trained` detectors and a `decision` may be given: those of a training that is not done yet.

    Raises:
        ArtefactError: the shipped decision is damaged.
    """

    def __init__(
        self,
        corpus: Corpus,
        encoder: Encoder,
        settings: Settings | None = None,
        stance: Stance | None = None,
        *,
        trained: Mapping[str, Trained] | None = None,
        decision: Decision | None = None,
    ) -> None:
        self.corpus = corpus
        self._encoder = encoder
        self._settings = settings or load_settings()
        self._given_stance = stance
        self._given_trained = trained
        self._written = Written(corpus.facts)
        self.decision = decision or load_decision()  # calibrated, with its threshold; damaged, it is known before the first text

    @cached_property
    def _trained(self) -> Mapping[str, Trained]:
        return self._given_trained or load_trained(self.corpus, self._encoder, self._settings.cache)

    @cached_property
    def _stance(self) -> Stance:
        return self._given_stance or load_stance(self._settings)

    @cached_property
    def _pairing(self) -> Pairing:
        return Pairing(self.corpus.facts, self._written)

    def judge(self, texts: Sequence[Said]) -> list[list[Verdict]]:
        """For each (text, context), or (text, context, sentence it takes up), the verdicts of the facts it could be about, likeliest first."""
        return self._judge(self._pairing.pairs(texts), len(texts))

    def judged(self, found: Sequence[Segment]) -> list[tuple[Segment, list[Verdict]]]:
        """The segments that assert something, each with its verdicts."""
        prose = _asserting(found)
        return list(zip(prose, self.judge(_said(prose)), strict=True))

    def judged_with_leads(self, found: Sequence[Segment]) -> tuple[list[tuple[Segment, list[Verdict]]], list[Lead]]:
        """The same, and what may plainly state a fact: it is read by `sides` where that matters."""
        prose = _asserting(found)
        pairs = self._pairing.pairs(_said(prose))
        verdicts = self._judge(pairs, len(prose))
        refuting = {(n, v.fact.code) for n, found in enumerate(verdicts) for v in found if v.probability >= self.decision.threshold}
        return list(zip(prose, verdicts, strict=True)), [lead for n, lead in self._leads(prose, pairs) if (n, lead.fact) not in refuting]

    def sides(self, leads: Sequence[Lead]) -> list[Verdict | None]:
        """The verdict on each lead's fact; None where it is not near to any true wording of it."""
        wanted = [(lead.fact, lead.text) for lead in leads]
        found = self._pairing.pairs([(lead.text, lead.context) for lead in leads])
        pairs = [p for p in found if (self.corpus.facts[p.fact].code, p.judged) == wanted[p.segment]]
        out: list[Verdict | None] = [None] * len(leads)
        if not pairs:
            return out
        cheap, vectors = self._rows(pairs, self._at_a_glance(pairs))
        near_true = cheap[:, CHEAP.index("near_false")] - cheap[:, CHEAP.index("contrast")]
        plain = np.flatnonzero(near_true >= _PLAIN)
        chosen, screened = [pairs[int(i)] for i in plain], self.decision.screen.probability(cheap[plain])
        read = self._read(chosen, cheap[plain], vectors, np.zeros(len(chosen), bool))
        for pair, row, p, before in zip(chosen, *read, screened, strict=True):
            probability = float(p if before >= self.decision.screen_threshold else min(p, before))
            out[pair.segment] = Verdict(self.corpus.facts[pair.fact], pair.start, pair.end, probability, tuple(row.tolist()))
        return out

    def findings(self, document: Document, judged: Sequence[tuple[Segment, Sequence[Verdict]]]) -> list[Finding]:
        """The findings that verdicts on segments of a document become, each with the words as they stand there."""
        found = []
        for segment, verdicts in judged:
            for verdict in self._reported(verdicts):
                span = segment.locate(verdict.start, verdict.end)
                found.append(finding_of(document.path, verdict, span, document.slice(span)))
        return found

    def check_text(self, text: str, context: str = "") -> tuple[Finding, ...]:
        """The false claims of a text of any length, spans in code points of `text`; `context` is the question asked."""
        document = Document("answer", text)
        found = [
            Segment(s.kind if s.kind in _PROSE else SegmentKind.SENTENCE, s.span, s.text, context or s.context, s.runs)
            for s in segments(document)
            if s.kind is not SegmentKind.CODE
        ]
        return tuple(self.findings(document, self.judged(found)))

    def _reported(self, verdicts: Sequence[Verdict]) -> list[Verdict]:
        """Those at or above the threshold; of several facts on the same words only the likeliest is told."""
        kept: list[Verdict] = []
        for verdict in verdicts:
            overlaps = any(verdict.start < k.end and k.start < verdict.end for k in kept)
            if verdict.probability >= self.decision.threshold and not overlaps and verdict.fact.code not in self.corpus.disabled:
                kept.append(verdict)
        return kept

    def _judge(self, pairs: Sequence[Pair], n_texts: int) -> list[list[Verdict]]:
        """The likeliest verdict of each text and fact, by text."""
        best: dict[tuple[int, int], Verdict] = {}
        for pair, row, p in self._weighed(pairs):
            verdict = Verdict(self.corpus.facts[pair.fact], pair.start, pair.end, p, tuple(row.tolist()))
            held = best.get((pair.segment, pair.fact))
            if held is None or verdict.probability > held.probability:
                best[pair.segment, pair.fact] = verdict
        out: list[list[Verdict]] = [[] for _ in range(n_texts)]
        for (number, _), verdict in best.items():
            out[number].append(verdict)
        return [sorted(found, key=lambda v: (-v.probability, v.fact.code)) for found in out]

    def _leads(self, prose: Sequence[Segment], pairs: Sequence[Pair]) -> Iterator[tuple[int, Lead]]:
        """Of each fact the sentences that share most words with what its record calls true, in order of place, each with its number."""
        likest: dict[int, list[tuple[float, int]]] = {}
        for n, pair in enumerate(pairs):
            likeness = self._written.likeness(pair.fact, pair.judged)
            if likeness >= _ALIKE:
                likest.setdefault(pair.fact, []).append((-likeness, n))
        kept = sorted(n for found in likest.values() for _, n in sorted(found)[:_MAX_LEADS])
        for p in (pairs[n] for n in kept):
            segment = prose[p.segment]
            yield p.segment, Lead(self.corpus.facts[p.fact].code, p.judged, segment.context, segment.locate(p.start, p.end))

    def _weighed(self, pairs: Sequence[Pair]) -> Iterator[tuple[Pair, NDArray[np.float64], float]]:
        """Screen the pairs by what is cheap; read those that pass with the stance model, and yield signals and probability."""
        pairs, words_alone = self._worth_encoding(pairs)
        if not pairs:
            return
        cheap, vectors = self._rows(pairs, words_alone)
        suspect = self.decision.screen.probability(cheap) >= self.decision.screen_threshold
        said_false = np.array([self._written.is_false(pair.fact, pair.judged) for pair in pairs])
        said_true = np.array([self._written.is_true(pair.fact, pair.judged) for pair in pairs])
        passed = np.flatnonzero((suspect | said_false) & ~(said_true & ~said_false))
        if not len(passed):
            return
        chosen = [pairs[int(i)] for i in passed]
        settled = said_false[passed] & ~said_true[passed]
        rows, weighed = self._read(chosen, cheap[passed], vectors, settled)
        weighed = np.where(settled, np.maximum(weighed, _SURE), weighed)
        for pair, row, p in zip(chosen, rows, weighed, strict=True):
            yield pair, row, float(p)

    def _read(
        self, pairs: Sequence[Pair], cheap: NDArray[np.float64], vectors: Mapping[str, NDArray[np.float32]], settled: NDArray[np.bool_]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """All signals of the pairs, (n_pairs, n_signals), and how likely each is false, (n_pairs,).

        Towards the neighbours only those are read that these could still decide, and that are not `settled`; of the others these signals are
        the usual ones.
        """
        towards = [(p.judged, self.corpus.facts[p.fact].statement) for p in pairs]
        judged = stance_signals(self._stance, towards)
        borrowed = np.array([[p.borrowed] for p in pairs], float).reshape(-1, 1)
        usual = np.broadcast_to(self.decision.verdict.mean[NEIGHBOURS], judged.shape)
        rows = np.hstack([cheap, borrowed, overlap_signals(towards), judged, usual])
        still_open = np.flatnonzero(self.decision.open(rows) & ~settled)
        near = [self._nearest(pairs[int(i)], vectors) for i in still_open]
        rows[still_open, NEIGHBOURS] = neighbour_signals(self._stance, near)
        return rows, self.decision.verdict.probability(rows)

    def _nearest(self, pair: Pair, vectors: Mapping[str, NDArray[np.float32]]) -> tuple[str, tuple[list[str], list[str]]]:
        """What is judged, and the false and the true sentences about its fact that lie nearest."""
        memory = self._trained[self.corpus.facts[pair.fact].code].memory
        return pair.judged, memory.nearest(vectors[pair.judged], N_NEIGHBOURS)

    def _worth_encoding(self, pairs: Sequence[Pair]) -> tuple[list[Pair], NDArray[np.float64]]:
        """All pairs of the pieces whose words are suspect for any fact, and what one glance at them saw, (n_pairs, n_glance).

        A glance knows the shipped detectors; what passes by a fact that was fitted from a few sentences of its own is always encoded.
        """
        seen = self._at_a_glance(pairs)
        shipped = np.array([self._trained[self.corpus.facts[pair.fact].code].shipped for pair in pairs], bool)
        suspect = ~shipped | (self.decision.glance.probability(seen) >= self.decision.glance_threshold)
        wanted = {pair.piece for pair, one in zip(pairs, suspect, strict=True) if one}
        kept = [i for i, pair in enumerate(pairs) if pair.piece in wanted]
        return [pairs[i] for i in kept], seen[kept]

    def _at_a_glance(self, pairs: Sequence[Pair]) -> NDArray[np.float64]:
        """What words and cues show, (n_pairs, n_glance)."""
        seen = np.empty((len(pairs), len(GLANCE)))
        for row, pair in zip(seen, pairs, strict=True):
            row[0], row[1:] = self._trained[self.corpus.facts[pair.fact].code].detector.lexical_logit(pair.judged), pair.cues
        return seen

    def _rows(
        self, pairs: Sequence[Pair], words_alone: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], Mapping[str, NDArray[np.float32]]]:
        """The cheap signals of every pair, (n_pairs, n_cheap), and the vector of every piece."""
        unique = list(dict.fromkeys(pair.judged for pair in pairs))
        vectors = dict(zip(unique, self._encoder.encode(unique), strict=True))
        rows = np.empty((len(pairs), len(CHEAP)))
        rows[:, [CHEAP.index(name) for name in GLANCE]] = words_alone
        for row, pair in zip(rows, pairs, strict=True):
            trained = self._trained[self.corpus.facts[pair.fact].code]
            vector = vectors[pair.judged][None, :]
            near_false, near_true = trained.memory.nearness(vector)[0]
            row[1:4] = trained.detector.vector_logits(vector)[0], near_false - near_true, near_false
        return rows, vectors


def _asserting(found: Sequence[Segment]) -> list[Segment]:
    return [s for s in found if s.kind in _PROSE and not _ASSERTS_NOTHING.search(s.text)]


def _said(prose: Sequence[Segment]) -> list[Said]:
    return [(s.text, s.context, before) for s, before in zip(prose, antecedents(prose), strict=True)]


def finding_of(path: str, verdict: Verdict, span: Span, text: str) -> Finding:
    """The finding a verdict becomes."""
    fact = verdict.fact
    return Finding(
        code=fact.code,
        name=fact.name,
        severity=fact.severity,
        message=f"This is not so. {fact.statement} {since(fact)}".rstrip(),
        path=path,
        span=span,
        text=text,
        truth=fact.statement,
        sources=tuple(SourceLink(f"{s.title}, {s.section}" if s.section else s.title, s.url) for s in fact.sources),
        confidence=round(verdict.probability, 4),
    )
