"""The interview page: what is asked, the answer, and what the machine says of it while the candidate is still there.

Whatever is typed is saved at every pause and graded as it stands; it is handed in, and its grade sealed, when the interviewer moves on,
rules on it, or says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from nicegui.events import GenericEventArguments

from grader.interviews.errors import StaleError
from grader.interviews.records import Answer, Asked, Draft, Interview, Stage
from grader.interviews.services import Services
from grader.records import MAX_ANSWER, Grade
from grader.refusals import BusyError
from grader.web.answer_box import AnswerBox
from grader.web.frame import frame, shortcuts
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
        self.live: dict[str, tuple[str, Grade]] = {}  # asked id -> text and the grade it has, while it is not handed in
        self._mine: dict[str, int] = {}  # versions of drafts as this page wrote them
        self._saving = asyncio.Lock()
        self._stirred = asyncio.Event()

    @property
    def here(self) -> Asked | None:
        """The question that is open."""
        return next((asked for asked in self.asked if asked.id == self.at), None)

    @property
    def writes(self) -> bool:
        """Whether this user may change this interview now."""
        return self.visit.writes and self.interview.stage != "finished"

    def standing(self, asked: Asked) -> Answer | None:
        """The answer handed in, where the box still holds its words."""
        answer = asked.answer
        text_now = self.live[asked.id][0] if asked.id in self.live else asked.draft.text if asked.draft.version else None
        return answer if answer and text_now in {None, answer.text} else None

    def grade_of(self, asked: Asked) -> Grade | None:
        """The grade of what stands in the box."""
        answer = self.standing(asked)
        if answer is not None:
            return answer.grade
        return self.live[asked.id][1] if asked.id in self.live else None

    async def show(self, wanted: str) -> None:
        """Build the page."""
        visit = self.visit
        await self._load()
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
                        self.box.on("save", self._heard_save).on("hand", self._heard_hand)
                        self._under_box()
                        self.notes = Notes(self)
                with el("aside", "verdict", aria_label="Score and reasons"):
                    self.verdict = Verdict(self)
        await self.pick.fill()
        await self._open(self.at)
        self._watch()

    def _head(self) -> None:
        with el("div", "head").style("margin-bottom: 14px"):
            with el("div", "grow"):
                text("h1", self.candidate)
                with el("div", "row"):
                    text("span", self.interview.title, "small")
                    words, look = STAGES[self.interview.stage]
                    self.stage = text("span", words, f"tag {look}")
                    self.others = text("span", "", "tag human")
                    self.others.set_visibility(False)
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

    async def _load(self) -> None:
        visit = self.visit
        self.interview = await visit.do(visit.services.interviews.interview, self.interview_id)
        self.asked = await visit.do(visit.services.interviews.asked, self.interview_id)

    def _first_open(self) -> str:
        waiting = [a.id for a in self.asked if a.answer is None]
        return waiting[0] if waiting else self.asked[-1].id if self.asked else ""

    # what the parts call

    async def open(self, asked_id: str) -> None:
        """Turn to a question; what was written for the last one is handed in."""
        await self.settle()
        await self._open(asked_id)

    async def reload(self) -> None:
        """Read all again and show what changed."""
        await self._load()
        here = self.here
        if here is None:
            await self._open(self._first_open())
            return
        if here.draft.by != self.visit.user.id or here.draft.version > self._mine.get(here.id, 0):
            if here.draft.version and here.id in self.live and self.live[here.id][0] != here.draft.text:
                del self.live[here.id]
            self.box.theirs(self._draft(here))
        await self._preview_if_needed(here)
        self.paint()

    def paint(self) -> None:
        """Show score, ledger, lists and marks as they stand."""
        here = self.here
        self.pick.paint()
        self.notes.paint()
        self.verdict.paint()
        if here is not None:
            grade = self.grade_of(here)
            answer = self.standing(here)
            body = answer.text if answer else self.live[here.id][0] if here.id in self.live else ""
            self.box.underline(body, _marks(grade) if grade else [])

    async def settle(self, asked_id: str = "") -> Answer | None:
        """Hand in what was written to a question (the open one), unless it is empty or handed in already; the answer that counts."""
        here = next((asked for asked in self.asked if asked.id == (asked_id or self.at)), None)
        if here is None:
            return None
        async with self._saving:
            standing = self.standing(here)
            body = self.live[here.id][0] if here.id in self.live else here.draft.text
            if standing is not None or not body.strip() or not self.writes:
                return standing
            answer = await self.visit.do(self.visit.services.interviews.hand_in, here.id, body, version=here.version)
        await self._load()
        self.live.pop(here.id, None)
        return answer

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

    async def _heard_save(self, event: GenericEventArguments) -> None:
        await self.act(self._save)(event.args)

    async def _save(self, said: dict[str, Any]) -> None:
        asked_id, body, version = str(said["asked"]), str(said["text"])[:MAX_ANSWER], int(said["version"])
        if not any(asked.id == asked_id for asked in self.asked):
            return
        async with self._saving:
            try:
                grade = await self._keep(asked_id, body, version)
            except StaleError as error:
                if error.current != self._mine.get(asked_id):
                    await self._refuse(asked_id)
                    return
                grade = await self._keep(asked_id, body, error.current)  # our own words arrived in another order
        self.box.saved(asked_id, body, self._mine[asked_id])
        if grade is not None:
            self.live[asked_id] = (body, grade)
        if asked_id != self.at and said["seq"]:
            await self.settle(asked_id)  # the last words to a question that was left
        self.paint()

    async def _keep(self, asked_id: str, body: str, version: int) -> Grade | None:
        """Make a text durable, and grade it if the model is there; remembers the version it got."""
        interviews = self.visit.services.interviews
        try:
            preview = await self.visit.do(interviews.preview, asked_id, body, version=version)
        except BusyError:
            draft = await self.visit.do(interviews.save_draft, asked_id, body, version=version)
            self._written(asked_id, draft)
            self.visit.say("Saved. The score comes when the model is loaded.")
            return None
        self._written(asked_id, preview.draft)
        return preview.grade

    def _written(self, asked_id: str, draft: Draft) -> None:
        """Remember what this page wrote: it is what the next visit to the question starts from, and no news when heard of."""
        self._mine[asked_id] = draft.version
        self.asked = [asked.model_copy(update={"draft": draft}) if asked.id == asked_id else asked for asked in self.asked]

    async def _refuse(self, asked_id: str) -> None:
        asked = await self.visit.do(self.visit.services.interviews.one_asked, asked_id)
        self.box.stale(asked_id, asked.draft.text, asked.draft.version, self.visit.name_of(asked.draft.by))

    async def _heard_hand(self, event: GenericEventArguments) -> None:
        @self.act
        async def go(said: dict[str, Any]) -> None:
            if self.live.get(self.at, ("",))[0] != said["text"]:
                await self._save(said)
            if await self.settle() is None:
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

    def _draft(self, asked: Asked) -> dict[str, Any]:
        draft, answer = asked.draft, asked.answer
        body = draft.text if draft.version else answer.text if answer else ""
        return {"text": body, "version": draft.version, "by": self.visit.name_of(draft.by) if draft.by else ""}

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
            self.box.open(here.id, self._draft(here), "Type or paste what the candidate says. The score follows as you pause.")
            self._mine.setdefault(here.id, here.draft.version if here.draft.by == self.visit.user.id else 0)
            await self._preview_if_needed(here)
        self.paint()

    async def _preview_if_needed(self, asked: Asked) -> None:
        """Grade a draft that this page has not seen graded; without writing where this user may not."""
        body = asked.draft.text
        if self.standing(asked) or not body.strip() or self.live.get(asked.id, ("",))[0] == body or not self.writes:
            return
        try:
            preview = await self.visit.do(self.visit.services.interviews.preview, asked.id, body, version=asked.draft.version)
        except (BusyError, StaleError):
            return
        self.live[asked.id] = (body, preview.grade)

    async def _finish_or_reopen(self) -> None:
        await self.settle()
        stage: Stage = "running" if self.interview.stage == "finished" else "finished"
        current = await self.visit.do(self.visit.services.interviews.interview, self.interview_id)
        await self.visit.do(self.visit.services.interviews.change_interview, self.interview_id, version=current.version, stage=stage)
        self.visit.go(f"/interviews/{self.interview_id}/scorecard" if stage == "finished" else f"/interviews/{self.interview_id}")

    def _watch(self) -> None:
        """Others' changes appear here: told by this process at once, by others when the version is looked at, every two seconds."""
        loop = asyncio.get_running_loop()

        def stir(_version: int) -> None:
            loop.call_soon_threadsafe(self._stirred.set)

        end = self.visit.services.interviews.watch(self.interview_id, stir)
        client = self.visit.client

        async def follow() -> None:
            seen = self.interview.version
            while not client.is_deleted:
                try:
                    await asyncio.wait_for(self._stirred.wait(), 2)
                    await asyncio.sleep(0.15)  # a burst of changes is read once
                except TimeoutError:
                    pass
                self._stirred.clear()
                if client.is_deleted or not client.has_socket_connection:
                    continue
                version = (await self.visit.do(self.visit.services.interviews.interview, self.interview_id)).version
                if version != seen:
                    seen = version
                    with client.content:
                        await self.reload()

        async def guarded() -> None:
            while not client.is_deleted:
                await self.visit.safely(follow)()
                await asyncio.sleep(2)

        task = asyncio.create_task(guarded())

        def leave() -> None:
            end()
            task.cancel()

        client.on_delete(leave)


def _marks(grade: Grade) -> list[dict[str, Any]]:
    quoted = [(p.evidence.start, p.evidence.end, p.state) for p in grade.key_points if p.evidence is not None]
    false = [(claim.start, claim.end, "false") for claim in grade.false_claims]
    return [{"start": start, "end": end, "kind": kind} for start, end, kind in (*quoted, *false)]
