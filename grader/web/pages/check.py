"""Paste a text and see which words the facts object to."""

from __future__ import annotations

from fastapi import Request

from grader.interviews.library import Flaw
from grader.interviews.services import Services
from grader.records import MAX_ANSWER
from grader.web.frame import frame
from grader.web.pages.questions import flaw_card
from grader.web.parts import el, on_value, text
from grader.web.visit import Visit, page

__all__ = ["register"]


def register(services: Services) -> None:
    """The page at /check."""

    @page(services, "/check", "Check a text")
    async def _(visit: Visit, request: Request) -> None:
        _Check(visit).show()


class _Check:
    def __init__(self, visit: Visit) -> None:
        self.visit, self._newest = visit, 0

    def show(self) -> None:
        with frame(self.visit, "Check a text", "/check"):
            with el("div", "head"), el("div", "grow"):
                text("h1", "Check a text")
                text("p", "Paste a paragraph; words that a fact contradicts are underlined, with the truth and its source.")
            with el("div", "check-grid"):
                with el("div", "field"):
                    text("label", "Text", for_="text")
                    box = el(
                        "textarea",
                        id="text",
                        maxlength=MAX_ANSWER,
                        placeholder="Flask sessions are stored on the server by default.",
                        autofocus=True,
                    )
                    on_value(box, self._heard, pause=0.25)
                with el("section", aria_label="What was found"):
                    text("h2", "Found", "label")
                    self.out = el("div", "stack", aria_live="polite")
            with self.out:
                text("p", "Nothing checked yet.", "small")

    async def _heard(self, said: str) -> None:
        self._newest += 1
        mine = self._newest
        said = said[:MAX_ANSWER]

        @self.visit.safely
        async def lint() -> None:
            flaws = await self.visit.do(self.visit.services.library.lint, said) if said.strip() else ()
            if mine == self._newest:  # an older text's findings are of no use
                self._paint(said, flaws)

        await lint()

    def _paint(self, said: str, flaws: tuple[Flaw, ...]) -> None:
        self.out.clear()
        with self.out:
            if not said.strip():
                text("p", "Nothing checked yet.", "small")
                return
            with el("div", "row"):
                count = len(flaws)
                if count:
                    text("span", f"✗ {count} {'claim is' if count == 1 else 'claims are'} not so", "tag bad")
                else:
                    text("span", "✓ no fact objects", "tag good")
                text("span", "What no fact speaks of is not judged.", "small")
            with el("p", "said-answer"):
                at = 0
                for flaw in flaws:
                    text("span", said[at : flaw.start])
                    text("mark", said[flaw.start : flaw.end], "false")
                    at = flaw.end
                text("span", said[at:])
            for flaw in flaws:
                flaw_card(flaw)
