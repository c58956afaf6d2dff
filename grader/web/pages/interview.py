"""The interview page: what is asked, the answer, and what the machine says of it while the candidate is still there.

Whatever is typed is saved at every pause and graded as it stands; it is handed in, and its grade sealed, when the interviewer moves on,
rules on it, or says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from nicegui.events import GenericEventArguments

from grader.interviews.errors import StaleError
from grader.interviews.records import Asked, Interview, Stage
from grader.interviews.services import Services
from grader.records import MAX_ANSWER, Grade
from grader.web.answer_box import AnswerBox
from grader.web.frame import frame, shortcuts
from grader.web.pages.interview_drafts import Drafts
from grader.web.pages.interview_live import follow
from grader.web.pages.interview_notes import Notes
from grader.web.pages.interview_pick import Pick
from grader.web.pages.interview_verdict import Verdict
from grader.web.pages.interviews import STAGES
from grader.web.parts import button, el, empty, link, text
from grader.web.visit import ROOT, Visit, page

__all__ = ["Desk", "register"]

_KEYS = [
    ("Alt + A", "To the answer"),
    ("Ctrl + Enter", "Hand the answer in, and on to the next question"),
    ("Alt + J / Alt + K", "Next, previous question"),
    ("Alt + S", "Search a question to ask"),
    ("Alt + G", "Suggest the next question and ask it"),
    ("Alt + O", "To the score slider"),
    ("Alt + M", "To the notes"),
    ("?", "This list"),
]


def register(services: Services) -> None:
    """The page at /interviews/{id}."""

    @page(services, "/interviews/{interview_id}", "Interview")
    async def _(visit: Visit, request: Request) -> None:
        await Desk(visit, request.path_params["interview_id"]).show(request.query_params.get("q", ""))


class Desk:
    """State of one open interview page. The parts ask it what to show and tell it what was done."""

    def __init__(self, visit: Visit, interview_id: str) -> None:
        self.visit, self.interview_id = visit, interview_id
        self.interview: Interview
        self.asked: list[Asked] = []
        self.candidate = ""
        self.at: str = ""  # id of the question that is open
        self.drafts = Drafts(self)

    @property
    def here(self) -> Asked | None:
        """The question that is open."""
        return self.find(self.at)

    def find(self, asked_id: str) -> Asked | None:
        """A question of this interview."""
        return next((asked for asked in self.asked if asked.id == asked_id), None)

    @property
    def writes(self) -> bool:
        """Whether this user may change this interview now."""
        return self.visit.writes and self.interview.stage != "finished"

    async def show(self, wanted: str) -> None:
        """Build the page."""
        visit = self.visit
        await self.load()
        self.candidate = (await visit.do(visit.services.interviews.candidate, self.interview.candidate_id)).name
        self.at = wanted if any(a.id == wanted for a in self.asked) else self._first_open()
        with frame(visit, f"{self.candidate}: {self.interview.title}", "/interviews", classes="wide"):
            self._head()
            with el("div", "desk"):
                self.pick = Pick(self)
                with el("section", aria_label="Question and answer"):
                    self.none = el("div")
                    with (
                        self.none,
                        empty("Nothing asked yet", "Search the bank, or let Viva suggest a question: Alt + G asks the next one."),
                    ):
                        if self.writes:
                            button("Suggest and ask", self.pick.suggest_and_ask)
                    with el("div", "stack") as self.work:
                        with el("div", "card question"):
                            self.meta = el("div", "row meta")
                            self.wording = text("h2", "", "text", id="question", aria_live="polite")
                        self.box = AnswerBox(f"{visit.user.id}:{self.interview_id}", max_length=MAX_ANSWER, readonly=not self.writes)
                        self.box.on("save", self.drafts.heard_save).on("hand", self._heard_hand)
                        self._under_box()
                        self.notes = Notes(self)
                with el("aside", "verdict", aria_label="Score and reasons"):
                    self.verdict = Verdict(self)
        await self.pick.fill()
        await self._open(self.at)
        follow(self)

    def _head(self) -> None:
        with el("div", "head").style("margin-bottom: 14px"):
            with el("div", "grow"):
                text("h1", self.candidate)
                with el("div", "row"):
                    text("span", self.interview.title, "small")
                    words, look = STAGES[self.interview.stage]
                    text("span", words, f"tag {look}")
            shortcuts(_KEYS)
            link("Scorecard", f"{ROOT}/interviews/{self.interview_id}/scorecard", "button plain")
            if self.visit.writes:
                finished = self.interview.stage == "finished"
                button("Take up again" if finished else "Finish", self.visit.safely(self._finish_or_reopen), "plain")

    def _under_box(self) -> None:
        with el("div", "row spread"):
            with el("div", "legend"):
                for kind, words in (("stated", "states a key point"), ("contradicted", "contradicts one"), ("false", "false claim")):
                    with el("span"):
                        el("i", kind)
                        text("span", words)
            if self.writes:
                hand = button("Hand in, next question", None, title="Ctrl + Enter")
                hand.on("click", js_handler=f"() => getElement({self.box.id}).handIn()")
        for keys, step in (("alt+j", 1), ("alt+k", -1)):
            button(
                "Next" if step > 0 else "Previous",
                lambda s=step: self._step(s),
                "visually-hidden",
                shortcut=keys,
                tabindex="-1",
                aria_hidden="true",
            )

    async def load(self) -> None:
        """Read interview and questions as they stand."""
        visit = self.visit
        self.interview = await visit.do(visit.services.interviews.interview, self.interview_id)
        self.asked = await visit.do(visit.services.interviews.asked, self.interview_id)

    def _first_open(self) -> str:
        waiting = [a.id for a in self.asked if a.answer is None]
        return waiting[0] if waiting else self.asked[-1].id if self.asked else ""

    # what the parts call

    async def open(self, asked_id: str) -> None:
        """Turn to a question; what was written for the last one is handed in."""
        await self.drafts.settle()
        await self._open(asked_id)

    async def reload(self) -> None:
        """Read all again and show what changed."""
        await self.load()
        here = self.here
        if here is None:
            await self._open(self._first_open())
            return
        if self.drafts.news(here):
            self.box.theirs(self.drafts.shown(here))
        await self.drafts.grade(here)
        self.paint()

    def waits_for_grade(self) -> bool:
        """Whether a text stands there ungraded, as while the model is being loaded."""
        here = self.here
        return here is not None and bool(self.drafts.text_of(here).strip()) and self.drafts.grade_of(here) is None and self.writes

    def paint(self) -> None:
        """Show score, ledger, lists and marks as they stand."""
        here = self.here
        self.pick.paint()
        self.notes.paint()
        self.verdict.paint()
        if here is not None:
            grade = self.drafts.grade_of(here)
            self.box.underline(self.drafts.text_of(here), _marks(grade) if grade else [])

    def act(self, handler: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """The handler of an event: refusals are shown, and where somebody was faster, all is read again."""

        async def shown(*args: Any) -> None:
            try:
                await handler(*args)
            except StaleError:
                self.visit.say("Somebody was faster; this is how it stands now. Try again.")
                await self.reload()

        return self.visit.safely(shown)

    # events of the box

    async def _heard_hand(self, event: GenericEventArguments) -> None:
        @self.act
        async def go(said: dict[str, Any]) -> None:
            here = self.here
            if here is not None and self.drafts.text_of(here) != said["text"]:
                await self.drafts.save(said)
            if await self.drafts.settle() is None:
                self.visit.say("There is no answer yet.")
                return
            await self._open(self._next_open())

        await go(event.args)

    def _next_open(self) -> str:
        ids = [a.id for a in self.asked]
        start = ids.index(self.at) if self.at in ids else 0
        later = [a.id for a in (*self.asked[start + 1 :], *self.asked[:start]) if a.answer is None]
        return later[0] if later else self.at

    async def _step(self, by: int) -> None:
        ids = [a.id for a in self.asked]
        if self.at in ids and 0 <= ids.index(self.at) + by < len(ids):
            await self.act(self.open)(ids[ids.index(self.at) + by])

    # inside

    async def _open(self, asked_id: str) -> None:
        self.at = asked_id
        here = self.here
        self.none.set_visibility(here is None)
        self.work.set_visibility(here is not None)
        if here is not None:
            self.visit.client.run_javascript(f"vivaAddress('{ROOT}/interviews/{self.interview_id}?q={here.id}')")
            self.meta.clear()
            with self.meta:
                text("span", f"Question {here.position} of {len(self.asked)}", "tag main")
                text("span", here.rubric.topic, "tag")
                text("span", here.rubric.level, "tag")
                text("span", here.rubric.question_id, "small")
            self.wording.set_text(here.rubric.question)
            self.box.open(here.id, self.drafts.shown(here), "Type or paste what the candidate says. The score follows as you pause.")
            self.drafts.opened(here)
            await self.drafts.grade(here)
        self.paint()

    async def _finish_or_reopen(self) -> None:
        await self.drafts.settle()
        stage: Stage = "running" if self.interview.stage == "finished" else "finished"
        current = await self.visit.do(self.visit.services.interviews.interview, self.interview_id)
        await self.visit.do(self.visit.services.interviews.change_interview, self.interview_id, version=current.version, stage=stage)
        self.visit.go(f"/interviews/{self.interview_id}/scorecard" if stage == "finished" else f"/interviews/{self.interview_id}")


def _marks(grade: Grade) -> list[dict[str, Any]]:
    quoted = [(p.evidence.start, p.evidence.end, p.state) for p in grade.key_points if p.evidence is not None]
    false = [(claim.start, claim.end, "false") for claim in grade.false_claims]
    return [{"start": start, "end": end, "kind": kind} for start, end, kind in (*quoted, *false)]
