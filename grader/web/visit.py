"""Who looks at a page, and what they may do: every event asks the session again, so that a sign-out ends open pages too."""

from __future__ import annotations

import asyncio
import functools
import json
import logging
from collections.abc import Awaitable, Callable
from typing import Concatenate, ParamSpec, TypeVar
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import Client, ui

from corpus.errors import CorpusError, UnknownFactError, UnknownQuestionError
from grader.errors import GraderError
from grader.interviews.accounts import COOKIE
from grader.interviews.errors import ErasedError, MissingError, NotAllowedError
from grader.interviews.records import User
from grader.interviews.services import Services
from grader.refusals import BusyError
from grader.web.frame import frame
from grader.web.parts import el, link, text

__all__ = ["REFUSALS", "ROOT", "Visit", "page"]

P = ParamSpec("P")
T = TypeVar("T")
ROOT = "/app"
REFUSALS = (GraderError, CorpusError)
_NOT_HERE = (MissingError, ErasedError, UnknownFactError, UnknownQuestionError)
log = logging.getLogger(__name__)


class SignedOutError(GraderError):
    """The session is over."""

    def __str__(self) -> str:
        return "You are signed out."


class Visit:
    """One open page of one user."""

    def __init__(self, services: Services, client: Client, token: str, csrf: str, user: User, names: dict[str, str]) -> None:
        self.services, self.client, self.user, self.csrf = services, client, user, csrf
        self.token, self._names = token, names

    @property
    def writes(self) -> bool:
        """Whether the user may change anything."""
        return self.user.role != "viewer"

    def name_of(self, user_id: str) -> str:
        """Whose id this is, in words."""
        return "you" if user_id == self.user.id else self._names.get(user_id, "somebody")

    async def do(self, method: Callable[Concatenate[User, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a method of the service layer as this user, in a thread. Errors of the layer pass through."""

        def call() -> T:
            user = _user(self.services, self.token)
            if user is None:
                raise SignedOutError
            self.user = user[0]
            return method(user[0], *args, **kwargs)

        return await asyncio.to_thread(call)

    def safely(self, handler: Callable[P, Awaitable[None]]) -> Callable[P, Awaitable[None]]:
        """The handler of an event, whose refusals are shown instead of lost."""

        @functools.wraps(handler)
        async def shown(*args: P.args, **kwargs: P.kwargs) -> None:
            try:
                await handler(*args, **kwargs)
            except SignedOutError:
                self.go(f"/sign-in?next={quote(self.client.request.url.path.removeprefix(ROOT))}")
            except REFUSALS as error:
                self.say(str(error))
            except Exception:
                log.exception("an event failed")
                self.say("Something went wrong here; the log says what.")

        return shown

    def say(self, words: str) -> None:
        """A message that goes away by itself."""
        self.client.run_javascript(f"vivaToast({json.dumps(words)})")

    def go(self, path: str) -> None:
        """Open another of our pages."""
        self.client.open(path)  # NiceGUI puts its own prefix before


def _user(services: Services, token: str) -> tuple[User, str] | None:
    session = services.accounts.session(token) if token else None
    if session is not None:
        return session.user, session.csrf
    return (services.demo, "") if services.demo is not None else None


def _show_failure(visit: Visit, error: Exception) -> None:
    """In the place of a page that could not be built: why, and the way back."""
    client = visit.client
    client.content.clear()
    if isinstance(error, REFUSALS):
        said, client.status_code = str(error), 404 if isinstance(error, _NOT_HERE) else 403 if isinstance(error, NotAllowedError) else 503
    else:
        log.exception("a page failed")
        said, client.status_code = "Something went wrong here; the log says what.", 500
    if isinstance(error, BusyError):  # just started: it comes back by itself
        with client.content, frame(visit, "One moment"):
            text("p", str(error), "busy", role="status")
        client.run_javascript("setTimeout(() => location.reload(), 1500)")
        return
    title = {404: "Not here", 403: "Not for you", 503: "Not now"}.get(client.status_code, "That went wrong")
    with client.content, frame(visit, title), el("div", "empty"):
        text("h2", title)
        text("p", said)
        link("All interviews", f"{ROOT}/interviews", "button")


def page(services: Services, path: str, title: str) -> Callable[[Callable[[Visit, Request], Awaitable[None]]], None]:
    """Show what `build` makes at `path` to whoever is signed in; others are asked to sign in first."""

    def register(build: Callable[[Visit, Request], Awaitable[None]]) -> None:
        async def shown(request: Request) -> Response | None:
            token = request.cookies.get(COOKIE, "")
            client = ui.context.client
            found = await asyncio.to_thread(_user, services, token)
            if found is None:
                target = quote(request.url.path.removeprefix(ROOT) + (f"?{request.url.query}" if request.url.query else ""))
                return RedirectResponse(f"{ROOT}/sign-in?next={target}", 303)
            names = {user.id: user.name for user in await asyncio.to_thread(services.accounts.users, found[0])}
            visit = Visit(services, client, token, found[1], found[0], names)
            try:
                await build(visit, request)
            except Exception as error:
                _show_failure(visit, error)
            return None

        ui.page(path, title=f"{title} · Viva", response_timeout=30)(shown)

    return register
