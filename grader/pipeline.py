"""grade(): the one door. Ledger, facts, signals, score, feedback, in this order; the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from corpus.meaning import Stance
from corpus.records import KeyPoint
from corpus.settings import Settings, load_settings
from corpus.store import Corpus, load_corpus
from grader.calibration import Marked
from grader.feedback import feedback
from grader.findings import claim, false_part, issue, refuted, touched
from grader.gaming import GAMING_REASONS, find_gaming
from grader.key_points import Entry, derive_points, doubt, ledger, pieces
from grader.records import Evidence, FalseClaim, Gaming, Grade, GradeRequest, KeyPointState, ReferenceIssue, State
from grader.scoring import Mark, ScoringModel, combine, load_scoring_model, remark
from grader.signals import SIGNALS, Encoder, Floats, Material, measure

if TYPE_CHECKING:
    from linter.finding import Finding

__all__ = ["Checker", "Examined", "Pipeline", "load_pipeline"]

_CACHED_QUESTIONS = 2_000
_CACHED_MARKED = 10_000  # marked answers are scored once, not with every grade they calibrate
# A candidate is told of a false claim only where it is likelier than what an author is asked to look at (chosen on the development questions).
_CLAIMED = 0.7
_CONFIDENT = 0.3
_UNSURE = 0.04
_SURE = 0.8  # a contradiction that the ledger is less sure of, and no fact confirms, is for a human to judge


class Checker(Protocol):
    """Finds false claims in a text; `context` is the question it answers."""

    def check_text(self, text: str, context: str = "") -> tuple[Finding, ...]:
        """Findings with spans in code points of `text`."""
        ...


@dataclass(frozen=True)
class _Task:
    """What an answer is held against, and what the facts say about that itself."""

    question_id: str | None
    question: str
    references: tuple[str, ...]
    points: tuple[KeyPoint, ...]  # () where they are to be derived
    issues: tuple[ReferenceIssue, ...]
    doubtful: frozenset[str]  # texts of points and references that an issue touches


@dataclass(frozen=True, slots=True)
class Examined:
    """A grade with the numbers it was made of, by the names of SIGNALS; none for an empty answer."""

    grade: Grade
    signals: Mapping[str, float]


class Pipeline:
    """Grades answers. Thread-safe as long as encoder, stance and checker are."""

    def __init__(self, corpus: Corpus, encoder: Encoder, checker: Checker, model: ScoringModel, stance: Stance) -> None:
        self.corpus, self.encoder, self.checker, self.model, self.stance = corpus, encoder, checker, model, stance
        self._examined = lru_cache(maxsize=_CACHED_QUESTIONS)(self._examine)
        self._bare = lru_cache(maxsize=_CACHED_MARKED)(self._bare_score)

    @property
    def name(self) -> str:
        """The models behind a grade, with checksums."""
        stance = self.stance.name
        encoder = getattr(self.encoder, "name", type(self.encoder).__name__)
        return f"{self.model.name}+{stance}+{encoder}"

    def grade(self, request: GradeRequest, number: int = 1) -> Grade:
        """Grade one answer; `number` is its id where it has none. UnknownQuestionError for an unknown question_id."""
        return self.examine(request, number).grade

    def examine(
        self, request: GradeRequest, number: int = 1, *, corrections: Mapping[str, State] | None = None, dismissed: Collection[str] = ()
    ) -> Examined:
        """Grade one answer and show the numbers.

        Args:
            request, number: As in `grade`.
            corrections: Key point id -> the state a human saw; it is taken for certain.
            dismissed: Codes of facts whose claims a human found not to be made.
        """
        task = self._task(request)
        answer = request.answer
        if not any(c.isalnum() for c in answer):
            return Examined(self._empty(request, number, task), {})
        points = task.points or derive_points(self._nearest(answer, task.references))
        entries = ledger(self.stance, answer, pieces(answer), points, task.question)
        findings = self.checker.check_text(answer, task.question)
        claims = tuple(claim(f) for f in findings if f.truth and f.confidence >= _CLAIMED and f.code not in dismissed)
        entries = tuple(_corrected(e, (corrections or {}).get(e.point.id)) for e in refuted(entries, claims))
        held = tuple(point.text not in task.doubtful for point in points)
        gaming = find_gaming(answer, task.question, task.references)
        mark, signals = self._mark(task, answer, entries, held, claims, gaming)
        mark = self._calibrated(mark, request, task, points, held)
        ledger_lines = tuple(_state(e) for e in entries)
        reasons = _reasons(mark, entries, claims, gaming, task)
        low, high = round(mark.low * request.max_score, 2), round(mark.high * request.max_score, 2)
        grade = Grade(
            id=number if request.id is None else request.id,
            question_id=task.question_id,
            score=round(mark.score * request.max_score, 2),
            max_score=request.max_score,
            interval=(low, high),
            verdict=mark.verdict,
            confidence=mark.confidence,
            needs_review=bool(reasons),
            review_reasons=reasons,
            key_points=ledger_lines,
            false_claims=claims,
            reference_issues=task.issues,
            gaming=gaming,
            feedback=feedback(mark.verdict, ledger_lines, claims, gaming),
            model=self.name,
            corpus=self.corpus.version,
        )
        return Examined(grade, dict(zip(SIGNALS, map(float, signals), strict=True)))

    def grade_many(self, requests: Iterable[GradeRequest], first: int = 1) -> list[Grade]:
        """Grade several, numbered from `first`; each as if it were alone."""
        return [self.grade(request, number) for number, request in enumerate(requests, start=first)]

    def warm_up(self) -> None:
        """Load what is loaded late, so that the first grade is as quick as the others."""
        self.grade(
            GradeRequest(
                question="What is WSGI?",
                reference_answers=("A Python web server interface.",),
                answer="An interface for Python web servers.",
            )
        )

    def _task(self, request: GradeRequest) -> _Task:
        known = self.corpus.question(request.question_id) if request.question_id is not None else None
        question = request.question if request.question is not None else known.question if known else ""
        references = request.reference_answers or (known.reference_answers if known else ())
        if request.key_points is not None:
            points = request.key_points
        else:
            points = known.key_points if known and not request.reference_answers else ()
        if known and self.corpus.is_builtin(known.id) and not request.reference_answers and request.key_points is None:
            return _Task(request.question_id, question, references, points, (), frozenset())  # linted with the corpus already
        return self._examined(request.question_id, question, tuple(references), tuple(points))

    def _examine(self, question_id: str | None, question: str, references: tuple[str, ...], points: tuple[KeyPoint, ...]) -> _Task:
        """Let the facts read references and points first: nobody is marked down for being right where they are wrong."""
        issues: list[ReferenceIssue] = []
        doubtful: set[str] = set()
        for where, text in [
            *((f"reference_answers[{i}]", r) for i, r in enumerate(references)),
            *((f"key_points[{p.id}]", p.text) for p in points),
        ]:
            for finding in self.checker.check_text(text, question):
                if finding.truth is None:
                    continue
                issues.append(issue(finding, where))
                doubtful |= {text} if where.startswith("key") else {p.text for p in touched(text, finding, points)}
        return _Task(question_id, question, references, points, tuple(issues), frozenset(doubtful))

    def _nearest(self, answer: str, references: Sequence[str]) -> str:
        if len(references) == 1:
            return references[0]
        vectors = self.encoder.encode([answer, *references])
        cosines = [round(float(np.einsum("i,i->", vectors[0], v)), 4) for v in vectors[1:]]
        return references[max(range(len(references)), key=lambda i: (cosines[i], -i))]

    def _mark(
        self,
        task: _Task,
        answer: str,
        entries: tuple[Entry, ...],
        held: Sequence[bool],
        claims: Sequence[FalseClaim],
        gaming: Sequence[Gaming],
    ) -> tuple[Mark, Floats]:
        kept = tuple(e for e, h in zip(entries, held, strict=True) if h)
        share = sum(e.point.weight for e in kept)
        material = Material(task.question, task.references, answer, kept, tuple(c.confidence for c in claims), written=bool(task.points))
        signals = measure(material, self.encoder, self.stance)
        part = false_part(answer, claims)
        mark = combine(
            self.model, signals, written_points=len(kept) if task.points else 0, held_weight=share, false_part=part, doubt=doubt(kept)
        )
        return _capped(mark, gaming), signals

    def _calibrated(self, mark: Mark, request: GradeRequest, task: _Task, points: tuple[KeyPoint, ...], held: tuple[bool, ...]) -> Mark:
        if not request.graded_answers:
            return mark
        scores = [self._bare(task, points, held, g.answer) for g in request.graded_answers]
        marks = [g.score / request.max_score for g in request.graded_answers]
        vectors = self.encoder.encode([*(g.answer for g in request.graded_answers), request.answer])
        return remark(mark, *Marked.of(scores, marks, vectors[:-1]).calibrate(mark.score, vectors[-1]))

    def _bare_score(self, task: _Task, points: tuple[KeyPoint, ...], held: tuple[bool, ...], text: str) -> float:
        if not any(c.isalnum() for c in text):
            return 0.0
        entries = ledger(self.stance, text, pieces(text), points, task.question)
        return self._mark(task, text, entries, held, (), ())[0].score

    def _empty(self, request: GradeRequest, number: int, task: _Task) -> Grade:
        points = task.points or derive_points(task.references[0])
        lines = tuple(KeyPointState(id=p.id, text=p.text, weight=p.weight, state="missing", confidence=1.0, evidence=None) for p in points)
        return Grade(
            id=number if request.id is None else request.id,
            question_id=task.question_id,
            score=0.0,
            max_score=request.max_score,
            interval=(0.0, 0.0),
            verdict="non_domain",
            confidence=1.0,
            needs_review=False,
            review_reasons=(),
            key_points=lines,
            false_claims=(),
            reference_issues=task.issues,
            gaming=(),
            feedback="The answer is empty.",
            model=self.name,
            corpus=self.corpus.version,
        )


def _corrected(entry: Entry, state: State | None) -> Entry:
    """The point as a human saw it."""
    if state is None:
        return entry
    credit, blame = float(state == "stated"), float(state == "contradicted")
    return replace(entry, state=state, confidence=1.0, credit=credit, blame=blame)


def _capped(mark: Mark, gaming: Sequence[Gaming]) -> Mark:
    """A list of terms earns at most two fifths; a mere copy of the question and bare orders earn nothing."""
    kinds = {g.kind: g.confidence for g in gaming}
    cap = 1.0
    if "keyword_list" in kinds:
        cap = 0.4 if kinds["keyword_list"] < 0.8 else 0.3
    if kinds.get("question_copied", 0) >= 0.9:
        cap = 0.1
    if mark.score <= cap:
        return mark
    capped = remark(mark, cap)
    return replace(capped, verdict="partially_correct_incomplete") if mark.verdict == "correct" else capped


def _state(entry: Entry) -> KeyPointState:
    piece = entry.evidence
    quoted = Evidence(start=piece.start, end=piece.end, text=piece.text) if piece and entry.state != "missing" else None
    point = entry.point
    return KeyPointState(id=point.id, text=point.text, weight=point.weight, state=entry.state, confidence=entry.confidence, evidence=quoted)


def _reasons(mark: Mark, entries: Sequence[Entry], claims: Sequence[FalseClaim], gaming: Sequence[Gaming], task: _Task) -> tuple[str, ...]:
    """Why a human should look, most urgent first; () where the grade may stand."""
    reasons = [f"The reference itself may be wrong at {i.where}: “{i.text}” ({i.code})." for i in task.issues]
    spared = [p.id for p in task.points if p.text in task.doubtful]
    if spared:
        reasons.append(f"Not held against the answer: {', '.join(spared)}.")
    reasons += [f"The answer {GAMING_REASONS[g.kind]}." for g in gaming]
    reasons += [f"A claim may be false: “{c.text}” ({c.code})." for c in claims]
    unsure = [e.point.id for e in entries if abs(e.confidence - 0.5) < _UNSURE and e.state != "missing"]
    if unsure:
        reasons.append(f"The ledger is unsure about {', '.join(unsure)}.")
    alone = [e.point.id for e in entries if e.state == "contradicted" and e.confidence < _SURE and not _confirmed(e, claims)]
    if alone:
        reasons.append(f"No fact confirms that {', '.join(alone)} {'is' if len(alone) == 1 else 'are'} contradicted.")
    if mark.confidence < _CONFIDENT:
        reasons.append("The score is uncertain.")
    return tuple(reasons)


def _confirmed(entry: Entry, claims: Sequence[FalseClaim]) -> bool:
    """Tell whether a fact calls the words false that contradict the point."""
    piece = entry.evidence
    return piece is not None and any(c.start < piece.end and piece.start < c.end for c in claims)


def load_pipeline(folders: Sequence[Path] = (), *, settings: Settings | None = None) -> Pipeline:
    """Corpus, encoder, facts and scoring model put together.

    Args:
        folders: Corpus folders beside the built-in one; those of `settings` where none are given.
        settings: The ground floor's settings; from the environment by default.
    """
    from corpus.meaning import load_encoder, load_stance
    from linter.checker import FactChecker

    settings = settings or load_settings()
    corpus = load_corpus(tuple(folders) or settings.corpus)
    encoder = load_encoder(settings)
    stance = load_stance(settings)
    return Pipeline(corpus, encoder, FactChecker(corpus, encoder, settings, stance), load_scoring_model(), stance)
