"""A candidate's data: everything about them to take along, and erasure, which nothing brings back."""

from __future__ import annotations

from grader.interviews.records import Candidate
from grader.web.parts import button, el, field, link, on_submit, on_value, text
from grader.web.visit import Visit

__all__ = ["person_data"]


def person_data(visit: Visit, candidate: Candidate) -> None:
    """What stands at the end of a scorecard."""
    with el("details", "card no-print").style("margin-top: 16px"):
        text("summary", "Data of this candidate")
        with el("div", "row").style("margin-top: 12px"):
            link("Everything stored about them (JSON)", f"/v1/candidates/{candidate.id}/export", "button plain", download=True)
            if visit.user.role == "owner":
                button("Erase …", None, "plain", data_opens="erase")
        if candidate.contact:
            text("p", f"Contact: {candidate.contact}", "small").style("margin-top: 8px")
    if visit.user.role == "owner":
        _erase_dialog(visit, candidate)


def _erase_dialog(visit: Visit, candidate: Candidate) -> None:
    said = {"name": ""}

    @visit.safely
    async def erase() -> None:
        if " ".join(said["name"].split()) != " ".join(candidate.name.split()):
            visit.say("That is not the candidate's name; nothing was erased.")
            return
        await visit.do(visit.services.interviews.erase, candidate.id)
        visit.go("/interviews")

    with el("dialog", id="erase", aria_labelledby="erase-title"):
        text("h2", "Erase this candidate", id="erase-title")
        text(
            "p",
            "Interviews, answers, grades, overrides, notes and marks go, for good. That there was somebody, and that you erased them, stays.",
        )
        with el("form", "stack").style("margin-top: 12px") as form:
            typed = field("Type the candidate's name", "erase-name", required=True, autocomplete="off", hint=candidate.name)
            on_value(typed, lambda value: said.update(name=value))
            with el("div", "actions"):
                button("Keep", None, "plain", data_closes="")
                button("Erase for good", None, "danger", type="submit")
        on_submit(form, erase)
