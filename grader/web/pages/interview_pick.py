"""The left part of the interview page: what is asked, and what could be asked next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.records import Question
from grader.interviews.records import Asked
from grader.web.parts import button, el, on_event, on_value, select, text

if TYPE_CHECKING:
    from grader.web.pages.interview import Desk

__all__ = ["Pick"]

_SHOWN = 40
_LEVELS = [("", "Any level"), ("junior", "junior"), ("mid", "mid"), ("senior", "senior")]


class Pick:
    """Asked questions with their scores; search in the bank; suggestions."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.q, self.topic, self.level = desk, "", "", ""
        self._items: dict[str, _Item] = {}
        with el("aside", "pick", aria_label="Questions"):
            with el("div", "card"):
                with el("div", "row spread"):
                    text("h2", "Asked")
                    self.total = text("span", "", "small num")
                self.list = el("div", "list asked-list").style("margin-top: 8px")
            if desk.writes:
                self._bank()

    def _bank(self) -> None:
        with el("div", "card stack ask-next"):
            with el("div", "row spread"):
                text("h2", "Ask next")
                button("Suggest", self.suggest_and_ask, "plain slim", shortcut="alt+g", title="Ask the first suggestion (Alt + G)")
            self.suggested = el("div", "list")
            with el("div", "filters"):
                search = el(
                    "input", "wide", type="search", placeholder="Search the bank", aria_label="Search the bank", data_shortcut="alt+s"
                )
                on_value(search, lambda v: self._narrow(q=v), pause=0.15)
                self.topics = el("div")
                with el("div"):
                    on_value(select("Level", "level", _LEVELS, hidden_label=True), lambda v: self._narrow(level=v), "change")
            self.found = el("div", "list bank", aria_live="polite", aria_label="Found in the bank")

    async def fill(self) -> None:
        """Topics, suggestions and the bank, once."""
        desk = self.desk
        if not desk.writes:
            return
        topics = await desk.visit.do(desk.visit.services.bank.topics)
        with self.topics:
            choices = [("", "Any topic"), *((topic, f"{topic} ({count})") for topic, count in topics)]
            on_value(select("Topic", "topic", choices, hidden_label=True), lambda v: self._narrow(topic=v), "change")
        await self._search()
        await self._suggest()

    def paint(self) -> None:
        """The asked questions as they stand. Their buttons stay the same ones, so that no click meets one that is being replaced."""
        desk = self.desk
        answered = sum(a.answer is not None for a in desk.asked)
        self.total.set_text(f"{answered} of {len(desk.asked)} answered")
        ids = [asked.id for asked in desk.asked]
        if ids != list(self._items):
            self.list.clear()
            with self.list:
                if not ids:
                    text("p", "Nothing yet. Pick a question below.", "small")
                self._items = {asked.id: _Item(desk, asked) for asked in desk.asked}
        for asked in desk.asked:
            self._items[asked.id].paint(asked.id == desk.at, *self._score(asked))

    def _score(self, asked: Asked) -> tuple[str, str, bool]:
        standing = self.desk.drafts.standing(asked)
        if standing is not None:
            return (
                f"{standing.score:.1f}",
                "your score" if standing.ruling else "handed in",
                standing.grade.needs_review and not standing.overrides,
            )
        grade = self.desk.drafts.grade_of(asked)
        if grade is not None:
            return f"{grade.score:.1f}", "being written", False
        return "", "being written" if asked.draft.text.strip() else "open", False

    async def _narrow(self, *, q: str | None = None, topic: str | None = None, level: str | None = None) -> None:
        self.q = self.q if q is None else q
        self.topic = self.topic if topic is None else topic
        self.level = self.level if level is None else level
        await self.desk.act(self._search)()

    async def _search(self) -> None:
        desk = self.desk
        page = await desk.visit.do(
            desk.visit.services.bank.questions, q=self.q, topic=self.topic or None, level=self.level or None, limit=_SHOWN
        )
        asked = {a.rubric.question_id for a in desk.asked}
        self.found.clear()
        with self.found:
            for question in page.items:
                if question.id not in asked:
                    self._offer(question, f"{question.topic} · {question.level}")
            if not page.items:
                text("p", "No question has all of these words.", "small")
            elif page.total > _SHOWN:
                text("p", f"{page.total - _SHOWN} more: search narrows it down.", "small")

    async def _suggest(self) -> None:
        desk = self.desk
        self.suggestions = await desk.visit.do(desk.visit.services.reports.suggest, desk.interview_id, count=2)
        self.suggested.clear()
        with self.suggested:
            for found in self.suggestions:
                self._offer(found.question, found.why)

    def _offer(self, question: Question, why: str) -> None:
        with el("button", "item", type="button", title="Ask this question") as item:
            text("span", question.question, "q")
            text("span", "+", "s", aria_hidden="true")
            with el("span", "meta"):
                text("span", why)
        on_event(item, "click", lambda: self.desk.act(self.ask)(question.id))

    async def ask(self, question_id: str) -> None:
        """Add a question and turn to it."""
        desk = self.desk
        await desk.drafts.settle()
        asked = await desk.visit.do(desk.visit.services.interviews.ask, desk.interview_id, question_id)
        await desk.reload()
        await desk.open(asked.id)
        await self._search()
        await self._suggest()

    async def suggest_and_ask(self) -> None:
        """Ask what is suggested first."""

        async def go() -> None:
            await self.desk.drafts.settle()
            await self._suggest()
            if not self.suggestions:
                self.desk.visit.say("Everything in the bank is asked.")
                return
            await self.ask(self.suggestions[0].question.id)

        await self.desk.act(go)()


class _Item:
    """One asked question in the list."""

    def __init__(self, desk: Desk, asked: Asked) -> None:
        self._drawn: tuple[object, ...] = ()
        with el("button", "item", type="button") as self.button:
            text("span", f"{asked.position}. {asked.rubric.question}", "q")
            self.score = text("span", "", "s")
            with el("span", "meta"):
                text("span", asked.rubric.topic)
                self.state = text("span", "")
                self.review = text("span", "look yourself", "tag warn")
        on_event(self.button, "click", lambda: desk.act(desk.open)(asked.id))

    def paint(self, here: bool, score: str, state: str, review: bool) -> None:
        """Its score and state, where they changed."""
        if (here, score, state, review) == self._drawn:
            return
        self._drawn = (here, score, state, review)
        self.button.props["aria-current"] = "true" if here else "false"
        self.score.set_text(score)
        self.state.set_text(state)
        self.review.set_visibility(review)
