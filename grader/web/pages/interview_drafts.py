"""What is written and not yet handed in: made durable at every pause, graded as it stands, never written over somebody else's words."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from nicegui.events import GenericEventArguments

from grader.interviews.errors import StaleError
from grader.interviews.records import Answer, Asked, Draft
from grader.records import MAX_ANSWER, Grade
from grader.refusals import BusyError

if TYPE_CHECKING:
    from grader.web.pages.interview import Desk

__all__ = ["Drafts"]


class Drafts:
    """The texts of one open page, by question."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._live: dict[str, tuple[str, Grade]] = {}  # text and the grade it has, while it is not handed in
        self._mine: dict[str, int] = {}  # versions as this page wrote them
        self._saving = asyncio.Lock()

    def text_of(self, asked: Asked) -> str:
        """What stands in the box."""
        if asked.id in self._live:
            return self._live[asked.id][0]
        return asked.draft.text if asked.draft.version else asked.answer.text if asked.answer else ""

    def standing(self, asked: Asked) -> Answer | None:
        """The answer handed in, where the box still holds its words."""
        return asked.answer if asked.answer and self.text_of(asked) == asked.answer.text else None

    def grade_of(self, asked: Asked) -> Grade | None:
        """The grade of what stands in the box."""
        answer = self.standing(asked)
        if answer is not None:
            return answer.grade
        return self._live[asked.id][1] if asked.id in self._live else None

    def shown(self, asked: Asked) -> dict[str, Any]:
        """The text for the box, with the version to start from."""
        draft = asked.draft
        body = draft.text if draft.version else asked.answer.text if asked.answer else ""
        return {"text": body, "version": draft.version, "by": self._who(draft.by) if draft.by else ""}

    def opened(self, asked: Asked) -> None:
        """The box starts from this draft."""
        self._mine.setdefault(asked.id, asked.draft.version if asked.draft.by == self.desk.visit.user.id else 0)

    def news(self, asked: Asked) -> bool:
        """Whether somebody else, or another window, wrote since; what is known here of the older text is dropped."""
        draft = asked.draft
        if draft.by == self.desk.visit.user.id and draft.version <= self._mine.get(asked.id, 0):
            return False
        if draft.version and self._live.get(asked.id, (draft.text,))[0] != draft.text:
            del self._live[asked.id]
        return True

    async def heard_save(self, event: GenericEventArguments) -> None:
        """The box sends what was typed."""
        await self.desk.act(self.save)(event.args)

    async def save(self, said: dict[str, Any]) -> None:
        """Keep a text and say so, or say whose text stands there instead."""
        asked_id, body, version = str(said["asked"]), str(said["text"])[:MAX_ANSWER], int(said["version"])
        if self.desk.find(asked_id) is None:
            return
        async with self._saving:
            try:
                grade = await self._keep(asked_id, body, version)
            except StaleError as error:
                if error.current != self._mine.get(asked_id):
                    await self._refuse(asked_id)
                    return
                grade = await self._keep(asked_id, body, error.current)  # our own words arrived in another order
        self.desk.box.saved(asked_id, body, self._mine[asked_id])
        if grade is not None:
            self._live[asked_id] = (body, grade)
        if asked_id != self.desk.at and said["seq"]:
            await self.settle(asked_id)  # the last words to a question that was left
        self.desk.paint()

    async def settle(self, asked_id: str = "") -> Answer | None:
        """Hand in what was written to a question (the open one), unless it is empty or handed in already; the answer that counts."""
        desk = self.desk
        asked = desk.find(asked_id or desk.at)
        if asked is None:
            return None
        async with self._saving:
            standing, body = self.standing(asked), self.text_of(asked)
            if standing is not None or not body.strip() or not desk.writes:
                return standing
            answer = await desk.visit.do(desk.visit.services.interviews.hand_in, asked.id, body, version=asked.version)
            self._live.pop(asked.id, None)
        await desk.load()
        return answer

    async def grade(self, asked: Asked) -> None:
        """Grade a draft that this page has not seen graded, if the model is there and this user may write."""
        body = asked.draft.text
        if self.standing(asked) or not body.strip() or self._live.get(asked.id, ("",))[0] == body or not self.desk.writes:
            return
        try:
            preview = await self.desk.visit.do(self.desk.visit.services.interviews.preview, asked.id, body, version=asked.draft.version)
        except (BusyError, StaleError):
            return  # looked at again soon
        self._live[asked.id] = (body, preview.grade)

    async def _keep(self, asked_id: str, body: str, version: int) -> Grade | None:
        """Make a text durable, and grade it if the model is there; remembers the version it got."""
        visit = self.desk.visit
        try:
            preview = await visit.do(visit.services.interviews.preview, asked_id, body, version=version)
        except BusyError:
            draft = await visit.do(visit.services.interviews.save_draft, asked_id, body, version=version)
            self._written(asked_id, draft)
            return None
        self._written(asked_id, preview.draft)
        return preview.grade

    def _written(self, asked_id: str, draft: Draft) -> None:
        """Remember what this page wrote: it is what the next visit to the question starts from, and no news when heard of."""
        self._mine[asked_id] = draft.version
        self._live.pop(asked_id, None)
        desk = self.desk
        desk.asked = [asked.model_copy(update={"draft": draft}) if asked.id == asked_id else asked for asked in desk.asked]

    async def _refuse(self, asked_id: str) -> None:
        visit = self.desk.visit
        asked = await visit.do(visit.services.interviews.one_asked, asked_id)
        self.desk.box.stale(asked_id, asked.draft.text, asked.draft.version, self._who(asked.draft.by))

    def _who(self, user_id: str) -> str:
        name = self.desk.visit.name_of(user_id)
        return "In another window, you" if name == "you" else name
