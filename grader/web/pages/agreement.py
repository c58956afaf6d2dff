"""How machine and interviewers agree on the answers they have both marked."""

from __future__ import annotations

from fastapi import Request

from grader.interviews.reports import Agreement
from grader.interviews.services import Services
from grader.web.frame import frame
from grader.web.parts import el, empty, text
from grader.web.visit import Visit, page

__all__ = ["register"]

_MACHINE = "machine"


def register(services: Services) -> None:
    """The page at /agreement."""

    @page(services, "/agreement", "Agreement")
    async def _(visit: Visit, request: Request) -> None:
        found = await visit.do(visit.services.reports.agreement)
        with frame(visit, "Agreement", "/agreement"):
            with el("div", "head"), el("div", "grow"):
                text("h1", "Agreement of raters")
                text(
                    "p",
                    "Over answers that both have marked. Interviewers saw the machine's score before they ruled, so read this as an upper bound.",
                )
            if not found:
                empty("Nothing to compare yet", "As soon as an interviewer rules on an answer, or agrees with the machine, it shows here.")
                return
            with el("div", "table-box"), el("table", "as-cards"):
                with el("thead"), el("tr"):
                    text("th", "Rater", scope="col")
                    text("th", "Against", scope="col")
                    for head, what in (
                        ("Answers", "marked by both"),
                        ("Weighted kappa", "quadratic, six levels; 1 is full agreement, 0 chance"),
                        ("Bias", "rater minus other, share of full marks"),
                        ("Error", "root mean square, share of full marks"),
                    ):
                        text("th", head, "right", scope="col", title=what)
                with el("tbody"):
                    for pair in found:
                        _row(pair)
            with el("div", "small").style("margin-top: 12px; max-width: 70ch"):
                text(
                    "p",
                    "Weighted kappa: 1 is full agreement, 0 is chance; above 0.8 two raters may stand for each other. Bias: how much more the rater gives.",
                )


def _row(pair: Agreement) -> None:
    with el("tr"):
        text("th", _name(pair.rater), scope="row")
        text("td", _name(pair.other), data_label="Against")
        text("td", str(pair.answers), "right", data_label="Answers")
        text("td", "–" if pair.kappa is None else f"{pair.kappa:.2f}", "right", data_label="Weighted kappa")
        text("td", f"{100 * pair.bias:+.1f} %", "right", data_label="Bias")
        text("td", f"{100 * pair.rmse:.1f} %", "right", data_label="Error")


def _name(rater: str) -> str:
    return "The machine" if rater == _MACHINE else rater
