"""The facts behind the grades: what is true, why people get it wrong, where it is written, and whether a program proves it."""

from __future__ import annotations

from fastapi import Request

from corpus.records import Fact, NoProof
from grader.interviews.services import Services
from grader.web.frame import frame
from grader.web.pages.browse import LIMIT, filters, offset_of, pager
from grader.web.parts import el, empty, link, source_link, text
from grader.web.visit import ROOT, Visit, page

__all__ = ["register"]

PATH = f"{ROOT}/facts"


def register(services: Services) -> None:
    """The pages at /facts and /facts/{code}."""
    page(services, "/facts", "Facts")(_list)
    page(services, "/facts/{key}", "Fact")(_one)


async def _list(visit: Visit, request: Request) -> None:
    asked = {name: request.query_params.get(name, "")[:200] for name in ("q", "area")}
    offset = offset_of(request.query_params.get("offset"))
    library = visit.services.library
    areas = await visit.do(library.areas)
    found = await visit.do(library.facts, q=asked["q"], area=asked["area"] or None, limit=LIMIT, offset=offset)
    with frame(visit, "Facts", "/facts"):
        with el("div", "head"), el("div", "grow"):
            text("h1", "Facts")
            text(
                "p", f"{sum(count for _, count in areas)} facts. Whatever is held against an answer rests on one of them, with its source."
            )
        choices = [("", "Any area"), *((area, f"{area} ({count})") for area, count in areas)]
        filters(PATH, asked["q"], [("Area", "area", choices, asked["area"])])
        if not found.items:
            empty("Nothing found", "No fact has all of these words. Fewer words find more.")
            return
        with el("div", "rows"):
            for fact in found.items:
                with el("a", href=f"{PATH}/{fact.code}"):
                    text("span", fact.code, "code")
                    text("span", fact.statement, "what")
                    _proof_tag(fact)
        pager(PATH, asked, offset, found.total)


def _proof_tag(fact: Fact) -> None:
    if isinstance(fact.proof, NoProof):
        text("span", "cited", "tag", title="No program proves it; it rests on its sources")
    else:
        text("span", "✓ proved", "tag good", title="A program that runs the real package proves it")


async def _one(visit: Visit, request: Request) -> None:
    fact = await visit.do(visit.services.library.fact, request.path_params["key"])
    with frame(visit, fact.code, "/facts"), el("div", "reading"):
        link("← Facts", PATH)
        with el("div"):
            with el("div", "row"):
                text("span", f"{fact.code} {fact.name}", "small")
                text("span", fact.severity, "tag")
                _proof_tag(fact)
            text("h1", fact.statement, "lead").style("margin-top: 8px")
            if fact.applies_to.package != "none":
                text("p", f"{fact.applies_to.package} {fact.applies_to.versions}", "small")
        with el("section", "card"):
            text("h2", "Why people get it wrong")
            text("p", fact.explanation)
        with el("section", "card"):
            text("h2", "Where it is written")
            with el("ul", "bullets"):
                for source in fact.sources:
                    with el("li"):
                        source_link(source.label, source.url)
                        if source.version:
                            text("span", f"  version {source.version}", "small")
        with el("section", "card"):
            text("h2", "Proof")
            if isinstance(fact.proof, NoProof):
                text("p", f"No program: {fact.proof.none}.")
            else:
                text("code", fact.proof)
        if fact.history:
            _sentences("It was otherwise", [f"{h.versions}: {h.statement}" for h in fact.history])
        _sentences("False, as people put it", list(fact.false_wordings))
        _sentences("True, in other words", list(fact.true_wordings))
        _sentences("True, though it looks false", list(fact.near_misses))


def _sentences(title: str, said: list[str]) -> None:
    with el("section", "card"):
        text("h2", title)
        with el("ul", "bullets"):
            for sentence in said:
                text("li", sentence)
