"""The list of interviews, with state and score; the way to a new one; candidates to compare."""

from __future__ import annotations

import json
from uuid import UUID, uuid4, uuid5

from fastapi import Request
from nicegui import ui
from nicegui.element import Element

from grader.interviews.records import Candidate, Line, Stage
from grader.interviews.services import Services
from grader.web.frame import frame
from grader.web.parts import button, day, el, empty, field, link, mini, on_submit, on_value, select, text
from grader.web.visit import ROOT, Visit, page

__all__ = ["STAGES", "register", "stage_tag"]

STAGES: dict[Stage, tuple[str, str]] = {"planned": ("Planned", ""), "running": ("Running", "main"), "finished": ("Finished", "good")}
_MAX_COMPARED = 20
_LOOK_S = 4.0


def register(services: Services) -> None:
    """The page at /interviews."""

    @page(services, "/interviews", "Interviews")
    async def _(visit: Visit, request: Request) -> None:
        await _List(visit).show()


def stage_tag(stage: Stage) -> None:
    """Planned, running or finished."""
    words, look = STAGES[stage]
    text("span", words, f"tag {look}")


class _List:
    def __init__(self, visit: Visit) -> None:
        self.visit, self.q, self.stage = visit, "", ""
        self.chosen: set[str] = set()
        self.lines: list[Line] = []

    async def show(self) -> None:
        visit = self.visit
        lines = await visit.do(visit.services.interviews.lines)
        people = await visit.do(visit.services.interviews.candidates) if visit.writes else []
        with frame(visit, "Interviews", "/interviews"):
            with el("div", "head"):
                with el("div", "grow"):
                    text("h1", "Interviews")
                    text("p", "Newest first. Tick two or more to compare candidates on the same questions.")
                self.compare = button("Compare", self._compare, "plain")
                self.compare.props["disabled"] = True
                if visit.writes:
                    button("New interview", None, data_opens="new", shortcut="n", title="New interview (n)")
            with el("div", "row").style("margin-bottom: 12px") as self.narrow:
                search = el(
                    "input", type="search", placeholder="Search candidate or title", aria_label="Search interviews", data_shortcut="/"
                )
                on_value(search.style("flex: 1 1 240px; width: auto"), self._search, pause=0.2)
                with el("div").style("flex: 0 0 170px"):
                    stages = [("", "Any state"), *((key, words) for key, (words, _) in STAGES.items())]
                    on_value(select("State", "stage", stages, hidden_label=True), self._filter, "change")
            self.count = text("p", "", "visually-hidden", role="status")
            self.rows = el("div")
            self._fill(lines)
        if visit.writes:
            self._dialog(people)
        # Others' interviews go on meanwhile. Last: a timer lets NiceGUI send the page at the next `await`, without what follows it.
        ui.timer(_LOOK_S, self._again)

    def _fill(self, lines: list[Line]) -> None:
        self.lines = lines
        self.narrow.set_visibility(bool(lines or self.q or self.stage))
        self.count.set_text(f"{len(lines)} interviews")
        self.rows.clear()
        with self.rows:
            if not lines and not self.q and not self.stage:
                with empty(
                    "No interviews yet", "Make one, pick questions while you talk, and see the score while the candidate is still there."
                ):
                    if self.visit.writes:
                        button("New interview", None, data_opens="new")
                return
            if not lines:
                empty("Nothing found", "No interview has these words or this state.")
                return
            with el("div", "table-box"), el("table", "as-cards"):
                with el("thead"), el("tr"):
                    for head in ("", "Candidate", "Interview", "State", "Answered", "Score", "To review", "Made"):
                        text("th", head, scope="col") if head else text("td", "")
                with el("tbody"):
                    for line in lines:
                        self._row(line)

    def _row(self, line: Line) -> None:
        interview = line.interview
        to = f"{ROOT}/interviews/{interview.id}"
        with el("tr"):
            with el("td", "tick"):
                tick = el(
                    "input",
                    type="checkbox",
                    aria_label=f"Compare {line.candidate}, {interview.title}",
                    checked=interview.id in self.chosen or None,
                )
                tick.on("change", lambda e, i=interview.id: self._tick(i, bool(e.args)), js_handler="(e) => emit(e.target.checked)")
            with el("th", scope="row"):
                link(line.candidate, to, "main-link")
            text("td", interview.title, data_label="Interview")
            with el("td", data_label="State"):
                stage_tag(interview.stage)
            text("td", f"{line.answered} of {line.asked}", "num", data_label="Answered")
            with el("td", data_label="Score"):
                if line.share is None:
                    text("span", "–", "small")
                else:
                    mini(line.share)
            with el("td", data_label="To review"):
                if line.to_review:
                    text("span", f"{line.to_review} to review", "tag warn")
                else:
                    text("span", "none", "small")
            with el("td", data_label="Made"):
                text("span", day(interview.created_at), "small")
                text("span", f" by {self.visit.name_of(interview.created_by)}", "small")

    def _tick(self, interview_id: str, on: bool) -> None:
        (self.chosen.add if on else self.chosen.discard)(interview_id)
        self.compare.props["disabled"] = None if 2 <= len(self.chosen) <= _MAX_COMPARED else True
        self.compare.set_text(f"Compare {len(self.chosen)}" if len(self.chosen) > 1 else "Compare")

    async def _compare(self) -> None:
        self.visit.go(f"/compare?ids={','.join(sorted(self.chosen))}")

    async def _search(self, words: str) -> None:
        self.q = words
        await self._again()

    async def _filter(self, stage: str) -> None:
        self.stage = stage
        await self._again()

    async def _again(self) -> None:
        @self.visit.safely
        async def load() -> None:
            stage = next((s for s in STAGES if s == self.stage), None)
            lines = await self.visit.do(self.visit.services.interviews.lines, q=self.q, stage=stage)
            if lines != self.lines:
                self._fill(lines)

        await load()

    def _dialog(self, people: list[Candidate]) -> None:
        visit = self.visit
        page = uuid4()  # pressing twice makes one interview; other words make another
        said = {"name": "", "contact": "", "title": ""}

        def hear(name: str, element: Element) -> None:
            on_value(element, lambda value: said.__setitem__(name, value))

        with el("dialog", id="new", aria_labelledby="new-title"):
            text("h2", "New interview", id="new-title")
            with el("form", "stack") as form:
                with el("datalist", id="people"):
                    for name in sorted({person.name for person in people}):
                        el("option", value=name)
                hear(
                    "name",
                    field(
                        "Candidate",
                        "candidate",
                        required=True,
                        maxlength=200,
                        list="people",
                        autocomplete="off",
                        hint="A name from the list takes the candidate you have.",
                    ),
                )
                hear(
                    "title",
                    field(
                        "Interview", "title", required=True, maxlength=200, autocomplete="off", placeholder="Backend engineer, first round"
                    ),
                )
                hear("contact", field("Contact (may stay empty)", "contact", maxlength=500, autocomplete="off"))
                with el("div", "actions"):
                    button("Cancel", None, "plain", data_closes="")
                    button("Start", None, type="submit")

            @visit.safely
            async def create() -> None:
                name, contact, title = (said[field].strip() for field in ("name", "contact", "title"))
                known = next((person for person in people if person.name == name), None)
                found = (
                    known
                    if known is not None
                    else await visit.do(visit.services.interviews.add_candidate, name, contact, key=_key(page, name, contact))
                )
                made = await visit.do(visit.services.interviews.add_interview, found.id, title, key=_key(page, found.id, title))
                visit.go(f"/interviews/{made.id}")

            on_submit(form, create)


def _key(page: UUID, *said: str) -> str:
    """The same for the same words on one page, whatever characters they hold."""
    return uuid5(page, json.dumps(said)).hex
