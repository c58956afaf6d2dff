"""Calibration: mark a few answers of a question, watch the error fall, and see which to mark next."""

from __future__ import annotations

import functools
from uuid import uuid4

from fastapi import Request

from grader.interviews.marks import CalibrationState, ToMark
from grader.interviews.records import Mark
from grader.interviews.services import Services
from grader.web.frame import frame
from grader.web.parts import button, el, empty, link, moment, on_event, percent, text
from grader.web.visit import ROOT, Visit, page

__all__ = ["register"]

PATH = f"{ROOT}/calibration"
_WIDTH, _HEIGHT, _LEFT, _BASE = 560, 200, 44, 170


def register(services: Services) -> None:
    """The pages at /calibration and /calibration/{question_id}."""
    page(services, "/calibration", "Calibration")(_list)

    @page(services, "/calibration/{question_id}", "Calibration")
    async def _(visit: Visit, request: Request) -> None:
        await _Question(visit, request.path_params["question_id"]).show()


async def _list(visit: Visit, request: Request) -> None:
    found = await visit.do(visit.services.marks.questions)
    with frame(visit, "Calibration", "/calibration"):
        with el("div", "head"), el("div", "grow"):
            text("h1", "Calibration")
            text(
                "p",
                "A few answers marked by you teach Viva your scale for a question. Marks count from the next grade on; sealed grades stay.",
            )
        if not found:
            with empty("No answers yet", "Once answers are handed in, their questions stand here, those with most to teach first."):
                link("To the interviews", f"{ROOT}/interviews", "button")
            return
        words = await visit.do(visit.services.bank.asked_by_id)
        with el("div", "rows"):
            for question_id, marks, unmarked in found:
                with el("a", href=f"{PATH}/{question_id}") if question_id in words else el("div"):
                    text("span", question_id, "code")
                    text("span", words.get(question_id, "This question is no longer in the bank."), "what")
                    with el("span", "row"):
                        text("span", f"{marks} marked", "tag good" if marks else "tag")
                        text("span", f"{unmarked} not marked", "tag")


class _Question:
    def __init__(self, visit: Visit, question_id: str) -> None:
        self.visit, self.question_id = visit, question_id

    async def show(self) -> None:
        visit = self.visit
        question = await visit.do(visit.services.bank.question, self.question_id)
        with frame(visit, f"Calibration of {self.question_id}", "/calibration"), el("div", "reading"):
            link("← Calibration", PATH)
            text("h1", question.question, "lead")
            self.body = el("div", "stack")
        await self._again()

    async def _again(self) -> None:
        state = await self.visit.do(self.visit.services.marks.state, self.question_id)
        self.body.clear()
        with self.body:
            self._error(state)
            self._next(state)
            self._marks(state)

    def _error(self, state: CalibrationState) -> None:
        with el("section", "card"):
            text("h2", "Error")
            if state.before is None or state.after is None:
                text("p", "Two marks are needed before the error can be measured; ten make it worth reading.", "small")
                return
            better = state.before - state.after
            with el("div", "row"):
                text("span", f"Machine alone: {percent(state.before)}", "tag")
                text("span", f"With your {len(state.marks)} marks: {percent(state.after)}", "tag good" if better > 0 else "tag warn")
            text("p", "Root mean square, as share of full marks; each answer is left out once when its own error is taken.", "small")
            if len(state.curve) > 1:
                _curve(state)

    def _next(self, state: CalibrationState) -> None:
        with el("section", "card to-mark"):
            text("h2", "Mark next")
            if not state.next:
                text("p", "Every answer to this question is marked.", "small")
            for found in state.next[:3]:
                self._offer(found)

    def _offer(self, found: ToMark) -> None:
        with el("div", "stack"):
            text("p", found.text, "said-answer")
            text("p", f"{found.why} The machine gives {percent(found.share)}.", "small")
            if not self.visit.writes:
                return
            key = uuid4().hex  # pressing twice marks once
            with el("div", "levels", role="group", aria_label="Your mark, of 5"):
                for level in range(11):
                    said = f"{level / 2:g}"
                    made = button(said, None, "plain slim", aria_label=f"{said} of 5")
                    on_event(made, "click", functools.partial(self._mark, found, level / 10, key))

    async def _mark(self, found: ToMark, share: float, key: str) -> None:
        @self.visit.safely
        async def mark() -> None:
            marks = self.visit.services.marks
            await self.visit.do(marks.mark, self.question_id, found.text, share, answer_id=found.answer_id, key=key)
            await self._again()

        await mark()

    def _marks(self, state: CalibrationState) -> None:
        if not state.marks:
            return
        with el("section", "table-box"), el("table"):
            with el("thead"), el("tr"):
                text("th", "Answer", scope="col")
                text("th", "Marked", "right", scope="col")
                text("th", "Machine", "right", scope="col")
                text("td", "")
            with el("tbody"):
                for mark, machine in zip(state.marks, state.machine, strict=True):
                    self._mark_row(mark, machine)

    def _mark_row(self, mark: Mark, machine: float) -> None:
        with el("tr"):
            with el("td"):
                text("div", mark.text if len(mark.text) < 240 else f"{mark.text[:240]} …")
                text("div", f"{self.visit.name_of(mark.by)}, {moment(mark.at)}", "small")
            text("td", percent(mark.share), "right")
            text("td", percent(machine), "right")
            with el("td"):
                if self.visit.writes:
                    button("Take back", lambda: self._unmark(mark.id), "quiet slim")

    async def _unmark(self, mark_id: str) -> None:
        @self.visit.safely
        async def unmark() -> None:
            await self.visit.do(self.visit.services.marks.unmark, mark_id)
            await self._again()

        await unmark()


def _curve(state: CalibrationState) -> None:
    """Error over marks used, as a drawing; the same stands in words for those who do not see it."""
    top = max(0.1, *(error for _, error in state.curve), state.before or 0)
    last = max(count for count, _ in state.curve)
    first = min(count for count, _ in state.curve)

    def x(count: float) -> float:
        return _LEFT + (count - first) / max(1, last - first) * (_WIDTH - _LEFT - 16)

    def y(error: float) -> float:
        return _BASE - error / top * (_BASE - 16)

    said = f"Error: {percent(state.curve[0][1])} with {first} marks, {percent(state.curve[-1][1])} with {last}."
    with el("svg", "curve", viewBox=f"0 0 {_WIDTH} {_HEIGHT}", role="img", aria_label=said):
        for part in (0, 0.5, 1):
            at = y(top * part)
            el("line", "grid", x1=_LEFT, x2=_WIDTH - 16, y1=at, y2=at)
            text("text", percent(top * part), x=4, y=at + 4)
        if state.before is not None:
            el("line", "base", x1=_LEFT, x2=_WIDTH - 16, y1=y(state.before), y2=y(state.before))
        el("polyline", "line", points=" ".join(f"{x(count):.1f},{y(error):.1f}" for count, error in state.curve))
        for count, error in state.curve:
            el("circle", "dot", cx=x(count), cy=y(error), r=3.5)
        for count in sorted({first, last}):
            text("text", f"{count} marks", x=x(count) - (46 if count == last else 0), y=_HEIGHT - 8)
    text("p", "The dashed line is the machine alone.", "small")
