"""The bank of questions: what a good answer says, what rests on which fact, and whether the linter objects to any of it."""

from __future__ import annotations

from fastapi import Request

from grader.interviews.library import Flaw
from grader.interviews.services import Services
from grader.refusals import BusyError
from grader.web.frame import frame
from grader.web.pages.browse import LIMIT, filters, offset_of, pager
from grader.web.pages.exchange import exchange_dialog
from grader.web.parts import el, empty, link, source_link, text
from grader.web.visit import ROOT, Visit, page

__all__ = ["flaw_card", "register"]

PATH = f"{ROOT}/questions"
_LEVELS = [("", "Any level"), ("junior", "junior"), ("mid", "mid"), ("senior", "senior")]


def register(services: Services) -> None:
    """The pages at /questions and /questions/{id}."""
    page(services, "/questions", "Questions")(_list)
    page(services, "/questions/{question_id}", "Question")(_one)


async def _list(visit: Visit, request: Request) -> None:
    asked = {name: request.query_params.get(name, "")[:200] for name in ("q", "topic", "level")}
    offset = offset_of(request.query_params.get("offset"))
    bank = visit.services.bank
    topics = await visit.do(bank.topics)
    level = asked["level"] if asked["level"] in dict(_LEVELS) else ""
    found = await visit.do(bank.questions, q=asked["q"], topic=asked["topic"] or None, level=level or None, limit=LIMIT, offset=offset)
    with frame(visit, "Questions", "/questions"):
        with el("div", "head"):
            with el("div", "grow"):
                text("h1", "Questions")
                count = sum(count for _, count in topics)
                text("p", f"{count} in the bank, each with references, weighted key points and the facts it rests on.")
            exchange_dialog(visit)
        choices = [("", "Any topic"), *((topic, f"{topic} ({count})") for topic, count in topics)]
        filters(PATH, asked["q"], [("Topic", "topic", choices, asked["topic"]), ("Level", "level", _LEVELS, level)])
        if not found.items:
            empty("Nothing found", "No question has all of these words. Fewer words find more.")
            return
        with el("div", "rows"):
            for question in found.items:
                with el("a", href=f"{PATH}/{question.id}"):
                    text("span", question.id, "code")
                    text("span", question.question, "what")
                    with el("span", "row"):
                        text("span", question.topic, "tag")
                        text("span", question.level, "tag")
        pager(PATH, asked, offset, found.total)


async def _one(visit: Visit, request: Request) -> None:
    question_id = request.path_params["question_id"]
    question = await visit.do(visit.services.bank.question, question_id)
    rubric = await visit.do(visit.services.bank.rubric, question_id)
    with frame(visit, question.id, "/questions"), el("div", "reading"):
        link("← Questions", PATH)
        with el("div"):
            with el("div", "row"):
                text("span", question.topic, "tag")
                text("span", question.level, "tag")
                text("span", f"{question.id}, version {rubric.version}", "small")
            text("h1", question.question, "lead").style("margin-top: 8px")
        with el("section", "card"):
            text("h2", "Key points")
            with el("ul", "bullets"):
                for point in question.key_points:
                    with el("li"):
                        text("span", point.text)
                        text("span", f"  {100 * point.weight:.0f} %", "small num")
        with el("section", "card"):
            text("h2", "Reference answers" if len(question.reference_answers) > 1 else "Reference answer")
            for reference in question.reference_answers:
                text("p", reference).style("margin-top: 8px; white-space: pre-wrap")
        lint = el("section", "card")
        with lint:
            text("h2", "What the linter says")
            try:
                flaws = await visit.do(visit.services.library.flaws_of_question, question)
            except BusyError:
                text("p", "The model is being loaded; look again in a moment.", "small")
            else:
                _flaws(flaws)
        if question.facts:
            with el("section", "card"):
                text("h2", "Rests on these facts")
                with el("div", "row").style("margin-top: 8px"):
                    for code in question.facts:
                        link(code, f"{ROOT}/facts/{code}", "tag main")
        link("Calibrate this question", f"{ROOT}/calibration/{question.id}")


def _flaws(flaws: dict[str, tuple[Flaw, ...]]) -> None:
    if not any(flaws.values()):
        with el("p"):
            text("span", "✓ clean", "tag good")
            text("span", "  No fact objects to the references or key points.", "small")
        return
    for place, found in flaws.items():
        for flaw in found:
            flaw_card(flaw, place)


def flaw_card(flaw: Flaw, place: str = "") -> None:
    """What the linter objects to, the truth, and where it is written."""
    with el("div", "claim").style("margin-top: 10px"):
        if place:
            text("p", place, "small")
        text("p", f"“{flaw.text}”", "said")
        with el("p", "truth"):
            text("b", "In truth: ")
            text("span", flaw.truth or flaw.message)
        with el("p", "src"):
            link(flaw.code, f"{ROOT}/facts/{flaw.code}")
            text("span", f" {flaw.name}, {100 * flaw.confidence:.0f} % sure. ")
            for number, source in enumerate(flaw.sources):
                if number:
                    text("span", ", ")
                source_link(source.title, source.url)
