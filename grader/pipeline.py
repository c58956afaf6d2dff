"""grade(): the one door. Reading, score, feedback, in this order; the same input gives the same bytes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from corpus.meaning import Assessor, Stance
from corpus.settings import load_settings
from corpus.store import Corpus, load_corpus
from grader.calibration import Marked
from grader.feedback import feedback
from grader.gaming import GAMING_REASONS
from grader.key_points import Entry, derive_points
from grader.reading import Checker, Reader, Reading, Task
from grader.records import Evidence, Gaming, Grade, GradeRequest, KeyPointState, State
from grader.scoring import Mark, ScoringModel, combine, load_scoring_model, remark
from grader.settings import ERROR_RATE
from grader.signals import SIGNALS, Encoder

__all__ = ["Checker", "Examined", "Pipeline", "load_pipeline"]

_CACHED_MARKED = 10_000  # marked answers are scored once, not with every grade they calibrate


@dataclass(frozen=True, slots=True)
class Examined:
    """A grade with the numbers it was made of, by the names of SIGNALS; none for an empty answer."""

    grade: Grade
    signals: Mapping[str, float]


class Pipeline(Reader):
    """Grades answers. Thread-safe as long as encoder, stance, assessor and checker are."""

    def __init__(
        self,
        corpus: Corpus,
        encoder: Encoder,
        checker: Checker,
        model: ScoringModel,
        stance: Stance,
        assessor: Assessor,
        *,
        error_rate: float = ERROR_RATE,
    ) -> None:
        """Put together what grades; `error_rate` in (0, 1) is the share of unreviewed scores that may be off by more than a fifth."""
        super().__init__(corpus, encoder, checker, stance, assessor)
        self.model = model
        self._far_at_most = {True: model.rubric_trust.limit(error_rate), False: model.derived_trust.limit(error_rate)}
        self._bare = lru_cache(maxsize=_CACHED_MARKED)(self._bare_score)

    @property
    def name(self) -> str:
        """The models behind a grade, with checksums."""
        return f"{self.model.name}+{self.models}"

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
        if not any(c.isalnum() for c in request.answer):
            return Examined(self._empty(request, number, self.task(request)), {})
        reading = self.read(request, corrections=corrections, dismissed=dismissed)
        mark = self._calibrated(self._mark(reading), request)
        ledger_lines = tuple(_state(e) for e in reading.entries)
        reasons = self._reasons(mark, reading)
        grade = Grade(
            id=number if request.id is None else request.id,
            question_id=reading.task.question_id,
            score=round(mark.score * request.max_score, 2),
            max_score=request.max_score,
            interval=(round(mark.low * request.max_score, 2), round(mark.high * request.max_score, 2)),
            verdict=mark.verdict,
            confidence=mark.confidence,
            needs_review=bool(reasons),
            review_reasons=reasons,
            key_points=ledger_lines,
            false_claims=reading.claims,
            reference_issues=reading.task.issues,
            gaming=reading.gaming,
            feedback=feedback(mark.verdict, ledger_lines, reading.claims, reading.gaming),
            model=self.name,
            corpus=self.corpus.version,
        )
        return Examined(grade, dict(zip(SIGNALS, map(float, reading.signals), strict=True)))

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

    def _mark(self, reading: Reading) -> Mark:
        mark = combine(self.model, reading.signals, reading.written, n_claims=len(reading.claims))
        return _capped(mark, reading.gaming)

    def _calibrated(self, mark: Mark, request: GradeRequest) -> Mark:
        if not request.graded_answers:
            return mark
        bare = request.model_copy(update={"id": None, "answer": "", "graded_answers": ()})
        scores = [self._bare(bare, g.answer) for g in request.graded_answers]
        marks = [g.score / request.max_score for g in request.graded_answers]
        vectors = self.encoder.encode([*(g.answer for g in request.graded_answers), request.answer])
        return remark(mark, *Marked.of(scores, marks, vectors[:-1]).calibrate(mark.score, vectors[-1]))

    def _bare_score(self, request: GradeRequest, text: str) -> float:
        """Without the facts, which cost most and move a score little."""
        if not any(c.isalnum() for c in text):
            return 0.0
        return self._mark(self.read(request.model_copy(update={"answer": text}), facts=False)).score

    def _reasons(self, mark: Mark, reading: Reading) -> tuple[str, ...]:
        """Why a human should look, most urgent first; () where the grade may stand."""
        task = reading.task
        reasons = [f"The reference itself may be wrong at {i.where}: “{i.text}” ({i.code})." for i in task.issues]
        spared = [p.id for p in task.points if p.text in task.doubtful]
        if spared:
            reasons.append(f"Not held against the answer: {', '.join(spared)}.")
        reasons += [f"The answer {GAMING_REASONS[g.kind]}." for g in reading.gaming]
        reasons += [f"A claim may be false: “{c.text}” ({c.code})." for c in reading.claims]
        if mark.far > self._far_at_most[bool(reading.written)]:
            reasons.append(f"The score may be off by more than a fifth of the scale ({mark.far:.0%}).")
        return tuple(reasons)

    def _empty(self, request: GradeRequest, number: int, task: Task) -> Grade:
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


def _capped(mark: Mark, gaming: Sequence[Gaming]) -> Mark:
    """A list of terms earns at most two fifths, words in no order a quarter, a mere copy of the question next to nothing."""
    kinds = {g.kind: g.confidence for g in gaming}
    cap = 1.0
    if "keyword_list" in kinds:
        cap = 0.4 if kinds["keyword_list"] < 0.8 else 0.3
    if "shuffled_words" in kinds:
        cap = min(cap, 0.25)
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


def load_pipeline(folders: Sequence[Path] = (), *, error_rate: float = ERROR_RATE) -> Pipeline:
    """Corpus, encoder, facts and scoring model put together.

    Args:
        folders: Corpus folders beside the built-in one; those of the settings where none are given.
        error_rate: As for `Pipeline`.

    Raises:
        LinterError, GraderError: an artefact that decides is damaged; so it is known before the first answer.
    """
    from corpus.meaning import load_assessor, load_encoder, load_stance
    from linter.checker import FactChecker

    settings = load_settings()
    corpus = load_corpus(tuple(folders) or settings.corpus)
    encoder = load_encoder(settings)
    stance, assessor = load_stance(settings), load_assessor(settings)
    checker = FactChecker(corpus, encoder, settings, stance)
    return Pipeline(corpus, encoder, checker, load_scoring_model(), stance, assessor, error_rate=error_rate)
