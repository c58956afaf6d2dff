"""Who may come in: owners add people, change what they may do, and shut the door."""

from __future__ import annotations

from fastapi import Request

from grader.interviews.records import Role, User
from grader.interviews.services import Services
from grader.web.frame import frame
from grader.web.parts import button, day, el, field, on_submit, on_value, select, text
from grader.web.visit import Visit, page

__all__ = ["register"]

_ROLES: dict[Role, str] = {
    "owner": "Owner: everything",
    "interviewer": "Interviewer: all but people and erasure",
    "viewer": "Viewer: reads",
}


def register(services: Services) -> None:
    """The page at /people."""

    @page(services, "/people", "People")
    async def _(visit: Visit, request: Request) -> None:
        await _People(visit).show()


class _People:
    def __init__(self, visit: Visit) -> None:
        self.visit = visit
        self.said = {"name": "", "password": "", "role": "interviewer"}

    async def show(self) -> None:
        with frame(self.visit, "People", "/people"), el("div", "reading"):
            with el("div", "head"), el("div", "grow"):
                text("h1", "People")
            self.rows = el("div", "table-box")
            if self.visit.user.role == "owner":
                self._form()
        await self._again()

    def _form(self) -> None:
        with el("form", "card stack") as form:
            text("h2", "Let somebody in")
            on_value(field("Name", "name", required=True, maxlength=200, autocomplete="off"), lambda v: self.said.update(name=v))
            hint = "At least 12 characters. Tell it them in person; they can change it."
            password = field(
                "Password", "password", required=True, minlength=12, maxlength=200, autocomplete="new-password", type="password", hint=hint
            )
            on_value(password, lambda v: self.said.update(password=v))
            role = select("May", "role", list(_ROLES.items()), "interviewer")
            on_value(role, lambda v: self.said.update(role=v), "change")
            with el("div"):
                button("Let in", type="submit")
        on_submit(form, self.visit.safely(self._add))

    async def _add(self) -> None:
        role: Role = next((role for role in _ROLES if role == self.said["role"]), "viewer")
        made = await self.visit.do(self.visit.services.accounts.add_user, self.said["name"], self.said["password"], role)
        self.visit.say(f"{made.name} can sign in now.")
        await self._again()

    async def _again(self) -> None:
        users = await self.visit.do(self.visit.services.accounts.users)
        self.rows.clear()
        with self.rows, el("table"):
            with el("thead"), el("tr"):
                for head in ("Name", "May", "Since"):
                    text("th", head, scope="col")
                text("td", "")
            with el("tbody"):
                for user in users:
                    self._row(user)

    def _row(self, user: User) -> None:
        with el("tr"):
            text("th", user.name, scope="row")
            text("td", _ROLES[user.role].partition(":")[0])
            text("td", day(user.created_at))
            with el("td"):
                if user.id != self.visit.user.id and self.visit.user.role == "owner":
                    button("Let in again" if user.disabled else "Shut out", lambda: self.visit.safely(self._toggle)(user), "quiet slim")

    async def _toggle(self, user: User) -> None:
        await self.visit.do(self.visit.services.accounts.change_user, user.id, disabled=not user.disabled)
        await self._again()
