"""Signing in and out, and users."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from grader.http import docs
from grader.http.body import json_of
from grader.http.errors import ForbiddenError
from grader.http.replies import replies, reply
from grader.http.schemas import AddedUser, ChangedUser, FirstOwner, NewPassword, SessionInfo, SignIn
from grader.http.visitors import Actor, Served, Visitor, visitor
from grader.interviews.accounts import cookie
from grader.interviews.records import Session, User

__all__ = ["router"]

router = APIRouter(prefix="/v1", tags=["accounts"])


@router.post("/session", summary="Sign in", status_code=201, responses=docs.made(SessionInfo), openapi_extra=docs.body(SignIn))
def sign_in(request: Request, services: Served, given: Annotated[SignIn, Depends(json_of(SignIn))]) -> Response:
    """Sets the session cookie and gives the same session as a token. 429 with Retry-After after too many failures."""
    _same_site(request)
    return _entered(request, services.accounts.sign_in(given.name, given.password))


@router.post(
    "/session/first-owner",
    summary="Make the first account",
    status_code=201,
    responses=docs.made(SessionInfo),
    openapi_extra=docs.body(FirstOwner),
)
def first_owner(request: Request, services: Served, given: Annotated[FirstOwner, Depends(json_of(FirstOwner))]) -> Response:
    """With the token of the link that the server prints while there is no user."""
    _same_site(request)
    return _entered(request, services.accounts.create_first_owner(given.token, given.name, given.password))


@router.get("/session", summary="Who am I?", responses=docs.ok(SessionInfo))
def who(found: Annotated[Visitor, Depends(visitor)]) -> Response:
    """The user, and the token that changes need when the cookie is used."""
    session = found.session
    if session is None:
        return reply(SessionInfo(user=found.user, csrf="", expires_at=found.user.created_at))
    return reply(SessionInfo(user=session.user, csrf=session.csrf, expires_at=session.expires_at))


@router.delete("/session", summary="Sign out", status_code=204, responses=docs.gone())
def sign_out(request: Request, services: Served, found: Annotated[Visitor, Depends(visitor)]) -> Response:
    """Ends this session."""
    if found.session is not None:
        services.accounts.sign_out(found.session.token)
    return Response(status_code=204, headers={"Set-Cookie": cookie(None, secure=request.url.scheme == "https")})


@router.get("/users", summary="Users", responses=docs.list_of(User))
def users(services: Served, actor: Actor) -> Response:
    """All, by name."""
    return replies(services.accounts.users(actor))


@router.post("/users", summary="Add a user", status_code=201, responses=docs.made(User), openapi_extra=docs.body(AddedUser))
def add_user(services: Served, actor: Actor, given: Annotated[AddedUser, Depends(json_of(AddedUser))]) -> Response:
    """Owners only."""
    return reply(services.accounts.add_user(actor, given.name, given.password, given.role), 201)


@router.patch("/users/{user_id}", summary="Change a user", responses=docs.ok(User), openapi_extra=docs.body(ChangedUser))
def change_user(services: Served, actor: Actor, user_id: str, given: Annotated[ChangedUser, Depends(json_of(ChangedUser))]) -> Response:
    """Owners only. Who is disabled is signed out everywhere."""
    return reply(services.accounts.change_user(actor, user_id, role=given.role, disabled=given.disabled))


@router.put(
    "/users/{user_id}/password", summary="Set a password", status_code=204, responses=docs.gone(), openapi_extra=docs.body(NewPassword)
)
def change_password(
    services: Served,
    found: Annotated[Visitor, Depends(visitor)],
    user_id: str,
    given: Annotated[NewPassword, Depends(json_of(NewPassword))],
) -> Response:
    """One's own with the old one; others' by owners. The user's other sessions end."""
    keep = found.session.token if found.session else ""
    services.accounts.change_password(found.user, user_id, given.password, old=given.old, keep=keep)
    return Response(status_code=204)


def _entered(request: Request, session: Session) -> Response:
    info = SessionInfo(user=session.user, csrf=session.csrf, expires_at=session.expires_at, token=session.token)
    return reply(info, 201, {"Set-Cookie": cookie(session, secure=request.url.scheme == "https")})


def _same_site(request: Request) -> None:
    """Nobody is signed in from another site, as somebody they are not."""
    if request.headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        raise ForbiddenError("Sign in from our own pages.")
