"""Reading an answer: what it is held against, what became of each key point, which claims are false, and the numbers of all that."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Protocol

from corpus.meaning import Assessor, Stance
from corpus.records import KeyPoint
from corpus.store import Corpus
from grader.findings import claim, issue, refuted, touched
from grader.gaming import as_read, find_gaming, matter, without_asides
from grader.key_points import Entry, derive_points, pieces
from grader.ledger import ledger
from grader.records import FalseClaim, Gaming, GradeRequest, ReferenceIssue, State
from grader.signals import Encoder, Floats, Material, measure, nearest
from linter.finding import Finding

__all__ = ["Checker", "Reader", "Reading", "Task"]

_CACHED_QUESTIONS = 500
# A candidate is told of a false claim only where it is likelier than what an author is asked to look at. Chosen on the answers that the score is fitted
# on: of 171 claims 129 are false, 25 stand in right answers (from 0.7 on: 118 of 153, 22).
_CLAIMED = 0.65


class Checker(Protocol):
    """Finds false claims in a text; `context` is the question it answers."""

    def check_text(self, text: str, context: str = "") -> tuple[Finding, ...]:
        """Findings with spans in code points of `text`."""
        ...


@dataclass(frozen=True)
class Task:
    """What an answer is held against, and what the facts say about that itself."""

    question_id: str | None
    question: str
    references: tuple[str, ...]
    points: tuple[KeyPoint, ...]  # () where they are to be derived
    issues: tuple[ReferenceIssue, ...]
    doubtful: frozenset[str]  # texts of points and references that an issue touches


@dataclass(frozen=True)
class Reading:
    """One answer as it was read; `entries` has a line for each point, `kept` those that the answer is held to."""

    task: Task
    entries: tuple[Entry, ...]
    kept: tuple[Entry, ...]
    claims: tuple[FalseClaim, ...]
    gaming: tuple[Gaming, ...]
    signals: Floats

    @property
    def written(self) -> tuple[Entry, ...]:
        """Of the points that a person wrote, those that the answer is held to."""
        return self.kept if self.task.points else ()


class Reader:
    """Reads answers. Thread-safe as long as encoder, stance, assessor and checker are."""

    def __init__(self, corpus: Corpus, encoder: Encoder, checker: Checker, stance: Stance, assessor: Assessor) -> None:
        self.corpus, self.encoder, self.checker, self.stance, self.assessor = corpus, encoder, checker, stance, assessor
        self._examined = lru_cache(maxsize=_CACHED_QUESTIONS)(self._examine)

    @property
    def models(self) -> str:
        """What reads, with checksums."""
        return f"{self.stance.name}+{self.assessor.name}+{getattr(self.encoder, 'name', type(self.encoder).__name__)}"

    def read(
        self, request: GradeRequest, *, corrections: Mapping[str, State] | None = None, dismissed: Collection[str] = (), facts: bool = True
    ) -> Reading:
        """Read an answer that has words in it; UnknownQuestionError for an unknown question_id.

        Args:
            request: What was asked and answered.
            corrections: Key point id -> the state a human saw; it is taken for certain.
            dismissed: Codes of facts whose claims a human found not to be made.
            facts: Whether the answer is held against the facts as well.
        """
        task, answer = self.task(request), as_read(request.answer)
        points = task.points or derive_points(nearest(answer, task.references, self.encoder))
        held = without_asides(answer, matter(task.question, task.references, points)) if task.points else answer
        with ThreadPoolExecutor(1, thread_name_prefix="viva-facts") as beside:  # words are looked at while a model reads for the ledger
            checked = beside.submit(self.checker.check_text, answer, task.question) if facts else None
            entries = ledger(self.stance, held, pieces(answer, held), points, task.question)
        findings = checked.result() if checked else ()
        claims = tuple(claim(f) for f in findings if f.truth and f.confidence >= _CLAIMED and f.code not in dismissed)
        claims = tuple(c.model_copy(update={"text": request.answer[c.start : c.end]}) for c in claims)
        entries = tuple(_corrected(_quoted(e, request.answer), (corrections or {}).get(e.point.id)) for e in refuted(entries, claims))
        kept = tuple(e for e in entries if e.point.text not in task.doubtful)
        material = Material(
            task.question, task.references, held, kept, tuple(c.confidence for c in claims), written=bool(task.points and kept)
        )
        signals = measure(material, self.encoder, self.assessor)
        gaming = find_gaming(request.answer, task.question, task.references)
        return Reading(task, entries, kept, claims, gaming, signals)

    def task(self, request: GradeRequest) -> Task:
        """What the answer is held against, linted once for each question."""
        known = self.corpus.question(request.question_id) if request.question_id is not None else None
        question = request.question if request.question is not None else known.question if known else ""
        references = request.reference_answers or (known.reference_answers if known else ())
        if request.key_points is not None:
            points = request.key_points
        else:
            points = known.key_points if known and not request.reference_answers else ()
        if known and self.corpus.is_builtin(known.id) and not request.reference_answers and request.key_points is None:
            return Task(request.question_id, question, references, points, (), frozenset())  # linted with the corpus already
        return self._examined(request.question_id, question, tuple(references), tuple(points))

    def _examine(self, question_id: str | None, question: str, references: tuple[str, ...], points: tuple[KeyPoint, ...]) -> Task:
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
        return Task(question_id, question, references, points, tuple(issues), frozenset(doubtful))


def _quoted(entry: Entry, answer: str) -> Entry:
    """The evidence in the candidate's own letters."""
    piece = entry.evidence
    return entry if piece is None else replace(entry, evidence=replace(piece, text=answer[piece.start : piece.end]))


def _corrected(entry: Entry, state: State | None) -> Entry:
    """The point as a human saw it."""
    if state is None:
        return entry
    credit, blame = float(state == "stated"), float(state == "contradicted")
    return replace(entry, state=state, confidence=1.0, credit=credit, blame=blame)
