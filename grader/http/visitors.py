"""Who asks: a session by cookie or bearer token, or the demo's owner. What a cookie carries needs a token that other sites do not know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from grader.http.errors import ForbiddenError
from grader.interviews.accounts import COOKIE
from grader.interviews.errors import SignInError
from grader.interviews.records import Session, User
from grader.interviews.services import Services

__all__ = ["Actor", "Served", "Visitor", "services_of", "visitor"]

SAFE = frozenset({"GET", "HEAD"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})


@dataclass(frozen=True)
class Visitor:
    """A user; `session` is None for the demo's owner."""

    user: User
    session: Session | None


def services_of(request: Request) -> Services:
    """The service layer."""
    services: Services = request.app.state.services
    return services


def visitor(request: Request, services: Annotated[Services, Depends(services_of)]) -> Visitor:
    """Who asks; SignInError where nobody is signed in, ForbiddenError where another site may have sent the request."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":  # no browser adds it by itself: nothing to forge
        session = services.accounts.session(bearer.strip())
        if session is None:
            raise SignInError("The session is unknown or over.")
        return Visitor(session.user, session)
    session = services.accounts.session(request.cookies.get(COOKIE, ""))
    if session is not None:
        if request.method not in SAFE and not services.accounts.checks(session, request.headers.get("x-csrf-token", "")):
            raise ForbiddenError("Send X-CSRF-Token with the session's csrf.")
        return Visitor(session.user, session)
    if services.demo is None:
        raise SignInError("Sign in first.")
    if not _from_here(request):
        raise ForbiddenError("The demo answers to this machine's own pages only.")
    return Visitor(services.demo, None)


def _from_here(request: Request) -> bool:
    """Neither another site in this machine's browser, nor a name that was pointed at this machine."""
    host = request.headers.get("host", "").rpartition(":")[0] or request.headers.get("host", "")
    return host in LOOPBACK and request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}


def _actor(found: Annotated[Visitor, Depends(visitor)]) -> User:
    return found.user


Actor = Annotated[User, Depends(_actor)]
Served = Annotated[Services, Depends(services_of)]
