"""Sign-in, the first owner, sign-out: plain forms, since only a plain response can set a cookie that scripts cannot read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from fastapi import Request, Response
from fastapi.responses import RedirectResponse
from nicegui import core, ui

from grader.interviews.accounts import COOKIE, cookie
from grader.interviews.errors import InvalidError, SignInError
from grader.interviews.records import Session
from grader.interviews.services import Services
from grader.web.frame import bare
from grader.web.parts import button, el, field, link, text
from grader.web.visit import ROOT

__all__ = ["register"]

MAX_FORM = 8_192


def register(services: Services) -> None:
    """Pages and forms at /sign-in, /welcome and /sign-out."""
    _sign_in_page(services)
    _welcome_page(services)

    @core.app.post("/sign-in", include_in_schema=False)
    async def sign_in(request: Request) -> Response:
        form = await _form(request)
        after = _local(form.get("next", ""))
        return await _enter(
            lambda: services.accounts.sign_in(form.get("name", ""), form.get("password", "")),
            request,
            after,
            f"{ROOT}/sign-in?next={after}",
        )

    @core.app.post("/welcome", include_in_schema=False)
    async def welcome(request: Request) -> Response:
        form = await _form(request)
        token = form.get("token", "")
        return await _enter(
            lambda: services.accounts.create_first_owner(token, form.get("name", ""), form.get("password", "")),
            request,
            "/interviews",
            f"{ROOT}/welcome?token={token}",
        )

    @core.app.post("/sign-out", include_in_schema=False)
    async def sign_out(request: Request) -> Response:
        form = await _form(request)
        token = request.cookies.get(COOKIE, "")
        session = await asyncio.to_thread(services.accounts.session, token)
        if session is not None and services.accounts.checks(session, form.get("csrf", "")):
            await asyncio.to_thread(services.accounts.sign_out, token)
        gone = RedirectResponse(f"{ROOT}/sign-in", 303)
        gone.headers.append("Set-Cookie", cookie(None, secure=request.url.scheme == "https"))
        return gone


def _sign_in_page(services: Services) -> None:
    @ui.page("/sign-in", title="Sign in · Viva")
    async def shown(request: Request) -> None:
        first = await asyncio.to_thread(services.accounts.empty)
        with bare("Sign in"):
            text("h1", "Sign in").style("margin: 22px 0 14px")
            if first:
                with el("div", "note"):
                    text("strong", "Nobody has an account yet.")
                    text("p", "The server printed a link when it started; it lets you make the first one.")
                link("Just try it: grade an answer without an account", "/").style("display: block; margin-top: 14px")
                return
            with el("form", "stack", method="post", action=f"{ROOT}/sign-in"):
                _complaint(request)
                el("input", type="hidden", name="next", value=_local(request.query_params.get("next", "")))
                field("Name", "name", autocomplete="username", required=True, maxlength=200, autofocus=True)
                field("Password", "password", type="password", autocomplete="current-password", required=True, maxlength=200)
                button("Sign in", type="submit")


def _welcome_page(services: Services) -> None:
    @ui.page("/welcome", title="First owner · Viva")
    async def shown(request: Request) -> None:
        first = await asyncio.to_thread(services.accounts.empty)
        with bare("First owner"):
            text("h1", "Make the first account").style("margin: 22px 0 6px")
            if not first:
                text("p", "There is one already, so this link does nothing any more.", "small")
                link("Sign in", f"{ROOT}/sign-in")
                return
            text("p", "The owner can do everything, and lets others in.", "small").style("margin-bottom: 14px")
            with el("form", "stack", method="post", action=f"{ROOT}/welcome"):
                _complaint(request)
                el("input", type="hidden", name="token", value=request.query_params.get("token", "")[:200])
                field("Your name", "name", autocomplete="username", required=True, maxlength=200, autofocus=True)
                field(
                    "Password",
                    "password",
                    type="password",
                    autocomplete="new-password",
                    required=True,
                    minlength=12,
                    maxlength=200,
                    hint="At least 12 characters. A few words you can remember are fine.",
                )
                button("Make it and sign in", type="submit")


def _complaint(request: Request) -> None:
    said = request.query_params.get("said", "")[:300]
    if said:
        with el("div", "note bad", role="alert"):
            text("p", _SAID.get(said, "That did not work. Try again."))


_SAID = {
    "wrong": "Name or password is wrong.",
    "wait": "Too many tries. Wait a minute, then try again.",
    "link": "This link is wrong, too old, or was used. Start the server again for a fresh one.",
    "invalid": "Name or password cannot be taken: a name, and 12 to 200 characters of password.",
}


async def _enter(come_in: Callable[[], Session], request: Request, after: str, again: str) -> Response:
    """Run `come_in` and set the cookie; back to the form where it refuses."""
    joint = "&" if "?" in again else "?"
    if not _from_here(request):
        return RedirectResponse(f"{again}{joint}said=wrong", 303)
    try:
        session = await asyncio.to_thread(come_in)
    except SignInError as error:
        said = "wait" if error.retry_after else "link" if "/welcome" in again else "wrong"
        return RedirectResponse(f"{again}{joint}said={said}", 303)
    except InvalidError:
        return RedirectResponse(f"{again}{joint}said=invalid", 303)
    reply = RedirectResponse(ROOT + after, 303)
    reply.headers.append("Set-Cookie", cookie(session, secure=request.url.scheme == "https"))
    return reply


def _from_here(request: Request) -> bool:
    """Whether one of our own pages sent the form: browsers name the origin, others (no browser, no cookie jar) need not."""
    site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "")
    if site:  # browsers send it to https and to this machine alone
        return site in {"same-origin", "none"}
    return not origin or urlsplit(origin).netloc == request.headers.get("host", "")


async def _form(request: Request) -> dict[str, str]:
    """The fields of a small form; {} where it is too large or no form."""
    body = bytearray()
    async for chunk in request.stream():
        body.extend(chunk)
        if len(body) > MAX_FORM:
            return {}
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=20).items()}
    except ValueError:
        return {}


def _local(path: str) -> str:
    """A path of ours to go on to; anything else leads to the list."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and len(path) < 500 else "/interviews"
