"""One's own account: who am I, and another password."""

from __future__ import annotations

from fastapi import Request

from grader.interviews.services import Services
from grader.web.frame import frame
from grader.web.parts import button, el, field, on_submit, on_value, text
from grader.web.visit import Visit, page

__all__ = ["register"]


def register(services: Services) -> None:
    """The page at /account."""

    @page(services, "/account", "Account")
    async def _(visit: Visit, request: Request) -> None:
        said = {"old": "", "new": ""}

        @visit.safely
        async def change() -> None:
            accounts = visit.services.accounts
            await visit.do(accounts.change_password, visit.user.id, said["new"], old=said["old"], keep=visit.token)
            visit.say("The new password holds; other devices are signed out.")

        with frame(visit, "Account"), el("div", "reading"):
            with el("div"):
                text("h1", visit.user.name)
                text("p", f"You are here as {visit.user.role}.", "small")
            with el("form", "card stack") as form:
                text("h2", "Another password")
                old = field("Old password", "old", type="password", required=True, maxlength=200, autocomplete="current-password")
                on_value(old, lambda value: said.update(old=value))
                new = field(
                    "New password",
                    "new",
                    type="password",
                    required=True,
                    minlength=12,
                    maxlength=200,
                    autocomplete="new-password",
                    hint="At least 12 characters.",
                )
                on_value(new, lambda value: said.update(new=value))
                with el("div"):
                    button("Change it", type="submit")
            on_submit(form, change, reset=True)
