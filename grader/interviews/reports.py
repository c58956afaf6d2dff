"""`Reports`: scorecards, comparison of candidates, agreement of machine and interviewers, the next question."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from corpus.records import Question
from grader.evaluation.metrics import quadratic_weighted_kappa, rmse
from grader.interviews.desk import Desk, known
from grader.interviews.errors import InvalidError
from grader.interviews.records import Answer, Asked, User
from grader.interviews.scorecards import Agreement, Cell, Comparison, Row, Scorecard, Suggestion, TopicShare
from grader.interviews.sheet import write_sheet

__all__ = ["Agreement", "Cell", "Comparison", "Reports", "Row", "Scorecard", "Suggestion", "TopicShare"]


LEVELS = ("junior", "mid", "senior")
GOOD, POOR = 0.7, 0.4  # shares of full marks from which the next question may be harder, and below which easier
STEPS = 5  # levels of kappa are 0..STEPS
MAX_COMPARED, MAX_SUGGESTED = 20, 20


CSV_COLUMNS = (
    "candidate interview position topic level question_id rubric question answer score machine_score max_score interval_low interval_high "
    "verdict needs_review stated contradicted missing false_claims overridden_by overridden_at why notes"
).split()


class Reports(Desk):
    """Reading only: nothing here changes anything."""

    def scorecard(self, actor: User, interview_id: str) -> Scorecard:
        """The scorecard of an interview, at any stage."""
        with self._store.reading() as tx:
            interview = self._interview(tx, interview_id)
            candidate = known("candidate", interview.candidate_id, tx.candidates.candidate(interview.candidate_id))
            asked = tuple(tx.interviews.asked_in([interview_id]))
            notes = tuple(tx.interviews.notes(interview_id))
        answers = [a.answer for a in asked if a.answer]
        return Scorecard(
            interview=interview,
            candidate=candidate,
            share=_mean(a.score / a.grade.max_score for a in answers),
            machine=_mean(a.grade.score / a.grade.max_score for a in answers),
            interval=_interval(answers),
            topics=tuple(_topic(topic, asked) for topic in dict.fromkeys(a.rubric.topic for a in asked)),
            questions=asked,
            notes=notes,
            overridden=sum(a.ruling is not None for a in answers),
            to_review=sum(a.grade.needs_review and not a.overrides for a in answers),
        )

    def compare(self, actor: User, interview_ids: Sequence[str]) -> Comparison:
        """2 to 20 interviews side by side; InvalidError for fewer or more."""
        ids = list(dict.fromkeys(interview_ids))
        if not 2 <= len(ids) <= MAX_COMPARED:
            raise InvalidError("interviews", f"2 to {MAX_COMPARED} can be compared, got {len(ids)}")
        with self._store.reading() as tx:
            found = {interview.id: (interview, name) for interview, name in tx.interviews.interviews(ids=ids)}
            pairs = [known("interview", id_, found.get(id_)) for id_ in ids]
            asked = tx.interviews.asked_in(ids)
        cells: dict[tuple[str, str], dict[str, Asked]] = {}
        for one in asked:
            cells.setdefault((one.rubric.question_id, one.rubric.version), {})[one.interview_id] = one
        rows = tuple(_row(by, ids) for by in cells.values() if len(by) > 1)
        whole = [row for row in rows if all(row.cells)]
        return Comparison(
            interviews=tuple(interview for interview, _ in pairs),
            candidates=tuple(name for _, name in pairs),
            rows=rows,
            shares=tuple(_mean(cell.share for row in whole if (cell := row.cells[i])) for i in range(len(ids))),
        )

    def agreement(self, actor: User, *, question_id: str | None = None) -> list[Agreement]:
        """Machine against each interviewer, and interviewers against each other; pairs without a common answer are left out.

        An interviewer's rating of an answer is their last ruling on it, or the mark they gave it for calibration.
        """
        with self._store.reading() as tx:
            answers = [answer for asked in tx.interviews.rated(question_id) for answer in asked.answers]
            marks = tx.bank.marks_of([answer.id for answer in answers])
            names = {user.id: user.name for user in tx.accounts.users()}
        ratings: dict[str, dict[str, float]] = {"machine": {a.id: a.grade.score / a.grade.max_score for a in answers}}
        for mark in marks:
            ratings.setdefault(mark.by, {})[mark.answer_id or ""] = mark.share
        for answer in answers:
            for ruling in answer.overrides:
                by = ratings.setdefault(ruling.by, {})
                by.pop(answer.id, None)
                if ruling.score is not None or ruling.corrections or ruling.dismissed:
                    by[answer.id] = ruling.result / answer.grade.max_score
        humans = sorted((r for r in ratings if r != "machine"), key=lambda r: ((names.get(r) or r).casefold(), r))
        pairs = [*(("machine", human) for human in humans), *combinations(humans, 2)]
        found = (_agreement((names.get(a, a), ratings[a]), (names.get(b, b), ratings[b])) for a, b in pairs)
        return [agreement for agreement in found if agreement]

    def suggest(self, actor: User, interview_id: str, *, count: int = 3) -> list[Suggestion]:
        """Questions to ask next: topics seen least first, a level that fits the score so far. The same state gives the same list."""
        with self._store.reading() as tx:
            self._interview(tx, interview_id)
            asked = tx.interviews.asked_in([interview_id])
            own = tx.bank.questions()
            elsewhere = tx.interviews.times_asked()
        seen = {a.rubric.question_id for a in asked}
        left = [q for q in (*own, *self._grader().corpus.questions) if q.id not in seen]
        topics = Counter(a.rubric.topic for a in asked)
        wanted = _level(asked)
        chosen: list[Suggestion] = []
        while left and len(chosen) < min(count, MAX_SUGGESTED):
            best = min(left, key=lambda q: (topics[q.topic], abs(LEVELS.index(q.level) - wanted), -elsewhere.get(q.id, 0), q.id))
            left.remove(best)
            chosen.append(Suggestion(question=best, why=_why(best, topics[best.topic], wanted, elsewhere.get(best.id, 0), asked)))
            topics[best.topic] += 1
        return chosen

    def csv(self, actor: User, interview_id: str) -> str:
        """The scorecard as CSV, one line a question; cells that a spreadsheet would run as a formula are quoted."""
        card = self.scorecard(actor, interview_id)
        with self._store.reading() as tx:
            names = {user.id: user.name for user in tx.accounts.users()}
        return write_sheet(CSV_COLUMNS, [_csv_line(card, asked, names) for asked in card.questions]).decode()

    def pdf(self, actor: User, interview_id: str) -> bytes:
        """The scorecard as PDF."""
        from grader.report import scorecard_pdf

        card = self.scorecard(actor, interview_id)
        with self._store.reading() as tx:
            names = {user.id: user.name for user in tx.accounts.users()}
        return scorecard_pdf(card, names)


def _mean(values: Iterable[float]) -> float | None:
    found = list(values)
    return round(math.fsum(found) / len(found), 4) if found else None


def _interval(answers: Sequence[Answer]) -> tuple[float, float] | None:
    """90 % of the mean, were the errors of the answers independent and normal; a ruled one has none."""
    mean = _mean(a.score / a.grade.max_score for a in answers)
    if mean is None:
        return None
    widths = ((a.grade.interval[1] - a.grade.interval[0]) / 2 / a.grade.max_score for a in answers if not a.ruling)
    half = math.sqrt(math.fsum(w * w for w in widths)) / len(answers)
    return round(max(0.0, mean - half), 4), round(min(1.0, mean + half), 4)


def _share(score: float, answer: Answer) -> float:
    return round(score / answer.grade.max_score, 4)


def _topic(topic: str, asked: Sequence[Asked]) -> TopicShare:
    of_topic = [a for a in asked if a.rubric.topic == topic]
    answers = [a.answer for a in of_topic if a.answer]
    return TopicShare(
        topic=topic,
        share=_mean(a.score / a.grade.max_score for a in answers) or 0.0,
        machine=_mean(a.grade.score / a.grade.max_score for a in answers) or 0.0,
        answered=len(answers),
        asked=len(of_topic),
    )


def _row(by: Mapping[str, Asked], ids: Sequence[str]) -> Row:
    rubric = next(iter(by.values())).rubric
    answers = [by[id_].answer if id_ in by else None for id_ in ids]
    return Row(
        question_id=rubric.question_id,
        rubric=rubric.version,
        topic=rubric.topic,
        question=rubric.question,
        cells=tuple(
            Cell(share=_share(a.score, a), machine=_share(a.grade.score, a), overridden=a.ruling is not None) if a else None
            for a in answers
        ),
    )


class _Rater(NamedTuple):
    name: str
    shares: Mapping[str, float]


def _agreement(one: tuple[str, Mapping[str, float]], two: tuple[str, Mapping[str, float]]) -> Agreement | None:
    a, b = _Rater(*one), _Rater(*two)
    common = sorted(set(a.shares) & set(b.shares))
    if not common:
        return None
    mine, theirs = [a.shares[id_] for id_ in common], [b.shares[id_] for id_ in common]
    kappa = quadratic_weighted_kappa([_step(s) for s in mine], [_step(s) for s in theirs], n_levels=STEPS + 1)
    return Agreement(
        rater=a.name,
        other=b.name,
        answers=len(common),
        kappa=None if math.isnan(kappa) else kappa,
        bias=(math.fsum(mine) - math.fsum(theirs)) / len(common),
        rmse=rmse(mine, theirs),
    )


def _step(share: float) -> int:
    return min(STEPS, math.floor(share * STEPS + 0.5))


def _level(asked: Sequence[Asked]) -> int:
    """From mid, a step up after a good answer at that level or above, a step down after a poor one at that level or below."""
    level = 1
    for one in asked:
        if one.answer is None:
            continue
        share, of = one.answer.score / one.answer.grade.max_score, LEVELS.index(one.rubric.level)
        if share >= GOOD and of >= level:
            level = min(2, level + 1)
        elif share < POOR and of <= level:
            level = max(0, level - 1)
    return level


def _why(question: Question, times: int, wanted: int, elsewhere: int, asked: Sequence[Asked]) -> str:
    topic = f"Nothing on {question.topic} yet" if not times else f"{question.topic} came up {times}x so far"
    mean = _mean(a.answer.score / a.answer.grade.max_score for a in asked if a.answer)
    fits = f"{LEVELS[wanted]} fits " + ("a start" if mean is None else f"{mean:.0%} so far")
    level = fits if question.level == LEVELS[wanted] else f"{question.level}, the nearest to {LEVELS[wanted]}"
    return f"{topic}; {level}" + (f"; asked in {elsewhere} other interview{'s' if elsewhere > 1 else ''}." if elsewhere else ".")


def _csv_line(card: Scorecard, asked: Asked, names: Mapping[str, str]) -> dict[str, object]:
    rubric, answer = asked.rubric, asked.answer
    line: dict[str, object] = {
        "candidate": card.candidate.name,
        "interview": card.interview.title,
        "position": asked.position,
        "topic": rubric.topic,
        "level": rubric.level,
        "question_id": rubric.question_id,
        "rubric": rubric.version,
        "question": rubric.question,
        "max_score": card.interview.max_score,
        "notes": "\n".join(f"{names.get(n.by, n.by)}: {n.text}" for n in asked.notes),
    }
    if answer is None:
        return line
    grade, ruling = answer.grade, answer.ruling
    points = {state: " ".join(p.id for p in grade.key_points if p.state == state) for state in ("stated", "contradicted", "missing")}
    return (
        line
        | points
        | {
            "answer": answer.text,
            "score": answer.score,
            "machine_score": grade.score,
            "interval_low": grade.interval[0],
            "interval_high": grade.interval[1],
            "verdict": grade.verdict,
            "needs_review": grade.needs_review,
            "false_claims": " ".join(claim.code for claim in grade.false_claims),
            "overridden_by": names.get(ruling.by, ruling.by) if ruling else "",
            "overridden_at": ruling.at.isoformat() if ruling else "",
            "why": ruling.why if ruling else "",
        }
    )
