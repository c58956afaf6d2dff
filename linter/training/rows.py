"""What the decision learns from: signals of sentences by detectors that have not seen their writer, and of the sentences of whole pages.

Every number about a sentence of the corpus comes from a detector that has not seen the writer of the sentence, and the stance model has seen none of the
sentences it is weighed on: writers kept apart, facts younger than it, the question bank, half of the ordinary sentences. True sentences of twins,
which lie beside, are the exception: the stance learned from nine in ten of them, though beside other statements. Of pages nobody has learned.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus import Corpus, Encoder, Fact
from corpus.meaning import Stance
from corpus.meaning.delta import trained_facts
from corpus.meaning.train.apart import learned_plain
from corpus.records import UNSEEN_WRITERS
from corpus.text import Document, SegmentKind, read_document, segments
from linter.checker import FactChecker
from linter.detect.bundle import BANK, Axes, Trained, Vectors, train_one
from linter.detect.cues import Cues
from linter.detect.decision import N_NEIGHBOURS, neighbour_signals, overlap_signals, stance_signals
from linter.detect.detectors import Example
from linter.detect.memory import Memory

__all__ = ["PAGES", "Page", "PageRows", "Row", "beside_of", "out_of_fold", "page_rows", "read_pages", "signals_of", "unseen_by_stance"]

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
PAGES = Path(__file__).resolve().parent / "pages"
MORE_WRITERS = frozenset({"hurried-student", "whatsapp-colleague"})  # held out too where the stance model knows nothing of the fact
_PROSE = frozenset({SegmentKind.SENTENCE, SegmentKind.ITEM})
_SAME_MATTER = 0.5  # cosine of a fact's statement to the reason of an error from which the fact is taken to speak of it


@dataclass(frozen=True)
class Row:
    """A sentence held against a fact: what is cheap to see of it, and what the detector that saw it remembers."""

    fact: str
    example: Example
    signals: list[float]
    memory: Memory


@dataclass(frozen=True)
class Page:
    """A page of questions and answers, and the errors its author put in: where their words stand, and the truth of each."""

    name: str
    document: Document
    places: tuple[tuple[int, int], ...]
    reasons: tuple[str, ...]

    @cached_property
    def n_true(self) -> int:
        """How many of its sentences hold no error."""
        return sum(s.kind in _PROSE and not self.errors(s.span.start, s.span.end) for s in segments(self.document))

    def errors(self, start: int, end: int) -> list[int]:
        """Which errors have words within `start:end`."""
        return [n for n, (a, b) in enumerate(self.places) if start < b and a < end]


@dataclass(frozen=True)
class PageRows:
    """Pairs of a page's words and a fact, as the linter reads them; arrays of shape (n_rows, n_signals) and (n_rows,)."""

    signals: Floats
    false: Bools  # the fact speaks of the error that the words hold
    learned: Bools  # it does, or they hold none; the others only count as found
    pages: npt.NDArray[np.str_]
    told: list[frozenset[tuple[str, int]]]  # the errors that the words hold
    segments: list[tuple[str, int]]
    n_errors: int
    n_true: int

    def rates(self, flagged: Bools) -> tuple[float, float]:
        """Of the errors how many are reported, and of the true sentences how many, both by any fact."""
        at = np.flatnonzero(flagged)
        found = frozenset().union(*(self.told[i] for i in at))
        alarms = {self.segments[i] for i in at if not self.told[i]}
        return len(found) / max(self.n_errors, 1), len(alarms) / max(self.n_true, 1)


def out_of_fold(learned: Mapping[Fact, list[Example]], vectors: Vectors, axes: Axes) -> list[Row]:
    """Every sentence of the writers kept apart, and of the background, by a detector that has not seen it."""
    rows = []
    known, writers = trained_facts(), {True: UNSEEN_WRITERS, False: UNSEEN_WRITERS | MORE_WRITERS}
    for fact, examples in learned.items():
        for group in sorted({e.group for e in examples if e.background or e.group in writers[fact.code in known]}):
            seen = [e for e in examples if e.group != group]
            held = [e for e in examples if e.group == group]
            if any(e.false for e in seen):
                rows += _score(train_one(fact.code, seen, vectors, axes), fact, held, vectors)
    return rows


def _score(fitted: Trained, fact: Fact, held: list[Example], vectors: Vectors) -> list[Row]:
    stacked = np.stack([vectors[e.text] for e in held])
    near, meaning, cues = fitted.memory.nearness(stacked), fitted.detector.vector_logits(stacked), Cues(fact)
    rows = []
    for example, by_vector, (f, t) in zip(held, meaning, near, strict=True):
        signals = [fitted.detector.lexical_logit(example.text), float(by_vector), float(f - t), float(f), *cues.row(example.text, "")]
        rows.append(Row(fact.code, example, signals, fitted.memory))
    return rows


def unseen_by_stance(corpus: Corpus, pool: Mapping[str, str]) -> set[str]:
    """Texts the stance model was not trained on: of the writers kept apart, of facts it does not know, of no fact at all."""
    known, learned = trained_facts(), {plain.text for plain in learned_plain(corpus)}
    texts = {text for text, code in pool.items() if (code == BANK and text not in learned) or code not in known}
    return texts | {w.text for w in corpus.wordings if w.writer in UNSEEN_WRITERS}


def signals_of(corpus: Corpus, stance: Stance, rows: Sequence[Row], vectors: Vectors) -> Floats:
    """All signals of the rows, (n_rows, n_signals): also words shared with the statement, and the stance towards it and the neighbours."""
    statements = {fact.code: fact.statement for fact in corpus.facts}
    towards = [(r.example.text, statements[r.fact]) for r in rows]
    near = [(r.example.text, r.memory.nearest(vectors[r.example.text], N_NEIGHBOURS)) for r in rows]
    cheap = np.array([r.signals for r in rows])
    return np.hstack([
        cheap, np.zeros((len(rows), 1)), overlap_signals(towards), stance_signals(stance, towards), neighbour_signals(stance, near)
    ])  # fmt: skip


def read_pages(folder: Path = PAGES) -> list[Page]:
    """The pages of a folder (`NAME.md` beside `NAME.errors.jsonl`: quote, kind, matter, reason), by name.

    Raises:
        ValueError: a quote is not in its page.
    """
    return [_page(path) for path in sorted(folder.glob("*.md"))]


def _page(path: Path) -> Page:
    document = read_document(path, path.name)
    errors = [json.loads(line) for line in path.with_suffix(".errors.jsonl").read_text("utf-8").splitlines()]
    starts = [document.text.find(error["quote"]) for error in errors]
    if -1 in starts:
        raise ValueError(f"{path}: {errors[starts.index(-1)]['quote']!r} does not stand there")
    places = tuple((start, start + len(error["quote"])) for start, error in zip(starts, errors, strict=True))
    return Page(path.stem, document, places, tuple(error["reason"] for error in errors))


def page_rows(checker: FactChecker, encoder: Encoder, pages: Sequence[Page]) -> PageRows:
    """What `checker` reads of the pages. Of an error's words the fact nearest to the reason its author gave is taken to speak of it."""
    read = [(page, *one) for page in pages for one in _read(checker, page)]
    told = [page.errors(start, end) for page, _, start, end, _, _ in read]
    facts = sorted({code for *_, code, _ in read})
    statements = dict(zip(facts, encoder.encode([checker.corpus.fact(code).statement for code in facts]), strict=True))
    reasons = {page.name: encoder.encode(list(page.reasons)) for page in pages}
    best: dict[tuple[str, int], tuple[float, int]] = {}
    for n, ((page, *_, code, _), errors) in enumerate(zip(read, told, strict=True)):
        for error in errors:
            alike = float(reasons[page.name][error] @ statements[code])
            if alike >= max(_SAME_MATTER, best.get((page.name, error), (0.0, 0))[0]):
                best[page.name, error] = alike, n
    false = np.isin(np.arange(len(read)), [n for _, n in best.values()])
    return PageRows(
        signals=np.array([row for *_, row in read]),
        false=false,
        learned=false | np.array([not errors for errors in told]),
        pages=np.array([page.name for page, *_ in read]),
        told=[frozenset((page.name, error) for error in errors) for (page, *_), errors in zip(read, told, strict=True)],
        segments=[(page.name, number) for page, number, *_ in read],
        n_errors=sum(len(page.places) for page in pages),
        n_true=sum(page.n_true for page in pages),
    )


def _read(checker: FactChecker, page: Page) -> Iterator[tuple[int, int, int, str, tuple[float, ...]]]:
    """Of every verdict on the page the number of its segment, its place, its fact and its signals."""
    for number, (segment, verdicts) in enumerate(checker.judged(segments(page.document))):
        for verdict in verdicts:
            span = segment.locate(verdict.start, verdict.end)
            yield number, span.start, span.end, verdict.fact.code, verdict.signals


def beside_of(rows: Sequence[Row], kinds: Mapping[str, Collection[str]]) -> dict[str, Bools]:
    """Which rows of other facts, or of none, are sentences of each kind, (n_rows,)."""
    return {kind: np.array([r.example.background and r.example.text in some for r in rows]) for kind, some in kinds.items()}
