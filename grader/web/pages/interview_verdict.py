"""The right part of the interview page: score with interval, reasons, and the interviewer's word over the machine's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from nicegui.element import Element
from nicegui.events import GenericEventArguments

from corpus.records import KeyPoint
from grader.interviews.records import Answer, Asked
from grader.records import FalseClaim, Grade, KeyPointState, ReferenceIssue, State
from grader.web.parts import button, el, meter, moment, on_event, on_value, source_link, text

if TYPE_CHECKING:
    from grader.web.pages.interview import Desk

__all__ = ["GLYPHS", "STATE_WORDS", "VERDICTS", "Verdict", "claim_card", "issue_card"]

VERDICTS = {
    "correct": "Correct",
    "partially_correct_incomplete": "Partly correct, or incomplete",
    "contradictory": "Contradicts the reference",
    "irrelevant": "Does not answer the question",
    "non_domain": "No answer",
}
STATE_WORDS: dict[State, str] = {"stated": "Stated", "contradicted": "Contradicted", "missing": "Missing"}
GLYPHS: dict[State, str] = {"stated": "✓", "contradicted": "✗", "missing": "–"}


class Verdict:
    """Gauge, override, key points, false claims, doubts."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self._why = desk, ""
        self._drawn: object = None
        self.gauge = el("div", "card gauge", role="group", aria_label="Score")
        self.spoken = text("div", "", "visually-hidden", role="status")
        self.review = el("div")
        if desk.writes:
            self._ruling()
        self.reasons = el("div", "stack")

    def _ruling(self) -> None:
        with el("details", "card ruling", open=True) as self.rule:
            text("summary", "Your word")
            with el("div", "row").style("margin-top: 8px; flex-wrap: nowrap"):
                self.slider = el("input", type="range", min=0, step=0.1, aria_label="Your score", data_shortcut="alt+o")
                self.slider.style("flex: 1; accent-color: var(--human)")
                self.shown = text("output", "", "num", id="slid").style("min-width: 3.2em; text-align: right; font-weight: 600")
            self.slider.on(
                "input", js_handler="(e) => { document.getElementById('slid').textContent = Number(e.target.value).toFixed(1); }"
            )
            self.slider.on("change", self._slid, js_handler="(e) => emit(Number(e.target.value))")
            with el("div", "row").style("margin-top: 6px"):
                why = el("input", maxlength=2_000, placeholder="Why (the committee reads it)", aria_label="Why you rule so")
                on_value(why.style("flex: 1 1 160px; width: auto"), self._hear_why)
                on_event(why, "change", self.desk.act(self._say_why))
            with el("div", "row").style("margin-top: 8px"):
                self.agree = button("Agree", self.desk.act(self._agree), "plain slim", title="The machine's score is right")
                self.back = button("Take my word back", self.desk.act(self._take_back), "quiet slim")
            self.history = el("div", "small").style("margin-top: 6px")

    def paint(self) -> None:
        """Everything as it stands, where it changed."""
        here = self.desk.here
        grade = self.desk.drafts.grade_of(here) if here else None
        answer = self.desk.drafts.standing(here) if here else None
        if (now := (here.id if here else "", self.desk.waits_for_grade(), grade, answer)) == self._drawn:
            return
        self._drawn = now
        self._paint_gauge(grade, answer)
        self._paint_review(grade, answer)
        if self.desk.writes:
            self._paint_ruling(grade, answer)
        self.reasons.clear()
        if here is None:
            return
        with self.reasons:
            self._points(here, grade, answer)
            if grade is not None:
                self._claims(grade, answer)
                self._issues(grade)
                text(
                    "p",
                    f"Model {grade.model.split('+')[0]}, corpus {grade.corpus}. {'Sealed.' if answer else 'Not handed in yet.'}",
                    "small",
                )

    def _paint_gauge(self, grade: Grade | None, answer: Answer | None) -> None:
        ruling = answer.ruling if answer else None
        top = grade.max_score if grade else self.desk.interview.max_score
        self.gauge.clear()
        self.gauge.classes(toggle=None, remove="human waiting", add="human" if ruling else "" if grade else "waiting")
        with self.gauge:
            with el("div", "big"):
                text("b", f"{ruling.result if ruling else grade.score:.1f}" if grade else "–")
                text("span", f"/ {top:g}", "of")
                words = VERDICTS[grade.verdict] if grade else "Being graded …" if self.desk.waits_for_grade() else "Waiting for an answer"
                text("span", f"{self._whose(answer)} Machine: {grade.score:.1f}" if ruling and grade else words, "word")
            if grade is not None:
                low, high = grade.interval
                meter(grade.score / top, low / top, high / top, human=ruling.result / top if ruling else None)
            else:
                el("div", "meter", aria_hidden="true")
            with el("div", "scale", aria_hidden="true"):
                for step in range(6):
                    text("span", f"{top * step / 5:g}")
            if grade is not None:
                text("p", f"Likely between {low:.1f} and {high:.1f}. A suggestion: you decide.", "small")
                self.spoken.set_text(f"Score {grade.score:.1f} of {top:g}, likely between {low:.1f} and {high:.1f}.")

    def _whose(self, answer: Answer | None) -> str:
        ruling = answer.ruling if answer else None
        if ruling is None:
            return ""
        name = self.desk.visit.name_of(ruling.by)
        return "Your word." if name == "you" else f"{name}'s word."

    def _paint_review(self, grade: Grade | None, answer: Answer | None) -> None:
        self.review.clear()
        self.review.set_visibility(False)
        if grade is None or not (grade.needs_review or grade.gaming) or (answer and answer.overrides):
            return
        self.review.set_visibility(True)
        with self.review, el("div", "note"):
            text("strong", "Look at this one yourself")
            with el("ul"):
                for reason in grade.review_reasons:
                    text("li", reason)
                if not grade.review_reasons:
                    for gaming in grade.gaming:
                        text("li", f"Suspicion: {gaming.kind.replace('_', ' ')}.")

    def _paint_ruling(self, grade: Grade | None, answer: Answer | None) -> None:
        ruling = answer.ruling if answer else None
        value = ruling.result if ruling else grade.score if grade else 0
        self.slider.props.update({"max": self.desk.interview.max_score, "value": value, "disabled": grade is None or None})
        self.shown.set_text(f"{value:.1f}" if grade else "–")
        self.agree.props.update({"disabled": grade is None or None})
        self.back.set_visibility(ruling is not None)
        self.history.clear()
        with self.history:
            for override in answer.overrides if answer else ():
                said = (
                    f"{override.result:.1f}" if override.score is not None or override.corrections or override.dismissed else "taken back"
                )
                why = f": “{override.why}”" if override.why else ""
                text("p", f"{self.desk.visit.name_of(override.by)}, {moment(override.at)}: {said}{why}")

    def _points(self, here: Asked, grade: Grade | None, answer: Answer | None) -> None:
        ruling = answer.ruling if answer else None
        corrections = dict(ruling.corrections) if ruling else {}
        with el("div", "card"):
            text("h2", "Key points" if grade else "Listen for")
            with el("div", "points").style("margin-top: 10px"):
                if grade is None:
                    for point in here.rubric.key_points:
                        _hoped_for(point)
                for state in grade.key_points if grade else ():
                    self._point(state, corrections.get(state.id))

    def _point(self, point: KeyPointState, corrected: State | None) -> None:
        state = corrected or point.state
        with el("div", f"point {state}", role="group", aria_label=f"Key point: {STATE_WORDS[state]}"):
            text("span", GLYPHS[state], "glyph", aria_hidden="true")
            with el("div", "say"):
                text("b", f"{STATE_WORDS[state]}: ")
                text("span", point.text)
            text("span", f"{100 * point.weight:.0f} %", "share", title="Share of the mark")
            if point.evidence is not None:
                text("blockquote", f"“{point.evidence.text}”")
            if not self.desk.writes:
                return
            with el("div", "flip"):
                with el("div", "set"):
                    for choice, words in STATE_WORDS.items():
                        look = "corrected" if corrected else ""
                        flip = text("button", words, look, type="button", aria_pressed="true" if choice == state else "false")
                        flip.on("click", lambda c=choice: self.desk.act(self._flip)(point.id, c, point.state), js_handler="() => emit()")
                if corrected:
                    text("span", f"machine: {STATE_WORDS[point.state].lower()}", "small")

    def _claims(self, grade: Grade, answer: Answer | None) -> None:
        if not grade.false_claims:
            return
        ruling = answer.ruling if answer else None
        gone = set(ruling.dismissed) if ruling else set()
        with el("div", "card stack"):
            text("h2", "False claims")
            for claim in grade.false_claims:
                with claim_card(claim), el("div", "flip"):
                    if not self.desk.writes:
                        continue
                    if claim.code in gone:
                        text("span", "Not held against the answer", "tag human")
                    said = "Hold it against the answer again" if claim.code in gone else "Not false: dismiss"
                    change = text("button", said, "button plain slim", type="button")
                    change.on("click", lambda c=claim.code: self.desk.act(self._dismiss)(c), js_handler="() => emit()")

    def _issues(self, grade: Grade) -> None:
        for issue in grade.reference_issues:
            issue_card(issue)

    # rulings

    def _hear_why(self, why: str) -> None:
        self._why = why

    async def _say_why(self) -> None:
        here = self.desk.here
        answer = self.desk.drafts.standing(here) if here else None
        ruling = answer.ruling if answer else None
        if ruling is not None and self._why.strip() and self._why.strip() != ruling.why:
            await self._rule(ruling.score, dict(ruling.corrections), tuple(ruling.dismissed))

    async def _slid(self, event: GenericEventArguments) -> None:
        await self.desk.act(self._rule)(float(event.args))

    async def _agree(self) -> None:
        here = self.desk.here
        grade = self.desk.drafts.grade_of(here) if here else None
        if grade is not None:
            await self._rule(grade.score)

    async def _take_back(self) -> None:
        await self._rule(None)

    async def _flip(self, point_id: str, to: State, machine: State) -> None:
        corrections, dismissed = self._standing_corrections()
        corrections.pop(point_id, None)
        if to != machine:
            corrections[point_id] = to
        await self._rule(None, corrections, dismissed)

    async def _dismiss(self, code: str) -> None:
        corrections, dismissed = self._standing_corrections()
        await self._rule(None, corrections, tuple(c for c in dismissed if c != code) if code in dismissed else (*dismissed, code))

    def _standing_corrections(self) -> tuple[dict[str, State], tuple[str, ...]]:
        here = self.desk.here
        answer = self.desk.drafts.standing(here) if here else None
        ruling = answer.ruling if answer else None
        return (dict(ruling.corrections), tuple(ruling.dismissed)) if ruling else ({}, ())

    async def _rule(self, score: float | None, corrections: dict[str, State] | None = None, dismissed: tuple[str, ...] = ()) -> None:
        """Hand the answer in if it is not yet, then rule on it."""
        answer = await self.desk.drafts.settle()
        here = self.desk.here
        if answer is None or here is None:
            self.desk.visit.say("There is no answer to rule on yet.")
            return
        interviews = self.desk.visit.services.interviews
        await self.desk.visit.do(
            interviews.override,
            answer.id,
            version=here.version,
            why=self._why.strip(),
            score=score,
            corrections=corrections,
            dismissed=dismissed,
            key=uuid4().hex,
        )
        self._drawn = None
        await self.desk.reload()


def _hoped_for(point: KeyPoint) -> None:
    with el("div", "point missing"):
        text("span", "·", "glyph", aria_hidden="true")
        text("span", point.text, "say")
        text("span", f"{100 * point.weight:.0f} %", "share", title="Share of the mark")


def claim_card(claim: FalseClaim) -> Element:
    """What was said, what is true, and where that is written; the card is open for more."""
    with el("div", "claim") as card:
        text("p", f"“{claim.text}”", "said")
        with el("p", "truth"):
            text("b", "In truth: ")
            text("span", claim.truth)
        with el("p", "src"):
            text("span", f"{claim.code} · ")
            for number, source in enumerate(claim.sources):
                if number:
                    text("span", ", ")
                source_link(source.title, source.url)
    return card


def issue_card(issue: ReferenceIssue) -> None:
    """A doubt about what the answer is held against."""
    with el("div", "note"):
        text("strong", "The reference itself may be wrong")
        text("p", f"{issue.where}: “{issue.text}”")
        text("p", f"In truth: {issue.truth}")
        with el("p"):
            text("span", f"{issue.code} · ")
            for source in issue.sources:
                source_link(source.title, source.url)
