"""Candidates side by side on the same questions in the same wording."""

from __future__ import annotations

from fastapi import Request

from grader.interviews.errors import InvalidError
from grader.interviews.reports import Cell
from grader.interviews.services import Services
from grader.web.frame import frame
from grader.web.parts import el, empty, link, mini, percent, text
from grader.web.visit import ROOT, Visit, page

__all__ = ["register"]


def register(services: Services) -> None:
    """The page at /compare?ids=a,b."""

    @page(services, "/compare", "Comparison")
    async def _(visit: Visit, request: Request) -> None:
        ids = [part for part in request.query_params.get("ids", "").split(",") if part][:20]
        with frame(visit, "Comparison", "/interviews"):
            with el("div", "head"), el("div", "grow"):
                text("h1", "Comparison")
                text("p", "Only questions that at least two of them were asked, in the same wording. A dot marks a human's word.")
            try:
                found = await visit.do(visit.services.reports.compare, ids)
            except InvalidError:
                with empty("Tick two or more interviews", "The list of interviews has a box before each."):
                    link("To the interviews", f"{ROOT}/interviews", "button")
                return
            if not found.rows:
                empty(
                    "No question in common",
                    "These candidates were not asked the same questions in the same wording, so there is nothing fair to compare.",
                )
                return
            with el("div", "table-box"), el("table", "compare as-cards"):
                with el("thead"), el("tr"):
                    text("th", "Question", scope="col")
                    for interview, name in zip(found.interviews, found.candidates, strict=True):
                        with el("th", scope="col"):
                            link(name, f"{ROOT}/interviews/{interview.id}/scorecard", "main-link")
                with el("tbody"):
                    for row in found.rows:
                        with el("tr"):
                            with el("th", scope="row"):
                                text("div", row.question)
                                text("div", f"{row.topic} · {row.question_id}", "small")
                            for cell, name in zip(row.cells, found.candidates, strict=True):
                                _cell(cell, name)
                with el("tfoot"), el("tr"):
                    text("th", "Mean over what all answered", scope="row")
                    for share, name in zip(found.shares, found.candidates, strict=True):
                        text("td", percent(share), "num", data_label=name)


def _cell(cell: Cell | None, name: str) -> None:
    with el("td", data_label=name):
        if cell is None:
            text("span", "not answered", "small")
            return
        mini(cell.share, human=cell.overridden)
        if cell.overridden:
            text("div", f"● ruled; machine {percent(cell.machine)}", "small")
