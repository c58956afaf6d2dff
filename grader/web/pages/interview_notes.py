"""Notes on the open question, or the whole interview: only added, with who and when."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from grader.web.parts import button, el, moment, on_submit, on_value, select, text

if TYPE_CHECKING:
    from grader.web.pages.interview import Desk

__all__ = ["Notes"]


class Notes:
    """A field for a new note, and those there are."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self._said, self._key = desk, "", uuid4().hex
        self._drawn: object = None
        self._whole = False
        with el("div", "card notes"):
            text("h2", "Notes")
            self.list = el("ul")
            if desk.writes:
                with el("form", "row") as form:
                    self.input = el(
                        "textarea",
                        rows=1,
                        maxlength=10_000,
                        aria_label="New note",
                        placeholder="A remark for the committee",
                        data_shortcut="alt+m",
                    )
                    on_value(self.input.style("flex: 1 1 200px; width: auto"), self._hear)
                    with el("div").style("flex: 0 0 150px"):
                        scopes = [("question", "on this question"), ("whole", "on the interview")]
                        on_value(select("What the note is about", "note-about", scopes, hidden_label=True), self._choose, "change")
                    button("Add note", None, "plain", type="submit")
                on_submit(form, desk.act(self._add), reset=True)

    def _choose(self, about: str) -> None:
        self._whole = about == "whole"

    def _hear(self, said: str) -> None:
        self._said = said

    async def _add(self) -> None:
        here, said = self.desk.here, self._said.strip()
        if here is None or not said:
            return
        interviews = self.desk.visit.services.interviews
        await self.desk.visit.do(interviews.note, self.desk.interview_id, said, asked_id=None if self._whole else here.id, key=self._key)
        if self._whole:
            self.desk.visit.say("Noted on the interview; it stands at the end of the scorecard.")
        self._said, self._key, self._whole = "", uuid4().hex, False  # the form goes back to how it was
        await self.desk.reload()

    def paint(self) -> None:
        """The notes as they stand."""
        here = self.desk.here
        notes = here.notes if here else ()
        if notes == self._drawn:
            return
        self._drawn = notes
        self.list.clear()
        with self.list:
            for note in notes:
                with el("li"):
                    text("span", note.text)
                    text("span", f"  {self.desk.visit.name_of(note.by)}, {moment(note.at)}", "small")
