"""Sample data for a first look: invented candidates, whose answers are graded by the real machine. Nothing of it is kept."""

from __future__ import annotations

import secrets
from typing import NamedTuple

from grader.interviews.accounts import Accounts
from grader.interviews.records import Asked, User
from grader.interviews.services import Services

__all__ = ["demo_owner", "fill"]

_QUESTIONS = ("flask-014", "flask-020", "adv-003", "more-014")


class _Sample(NamedTuple):
    name: str
    title: str
    answers: tuple[str, ...]  # to _QUESTIONS, in order
    finished: bool


_SAMPLES = (
    _Sample(
        "Noor Haddad",
        "Backend, first round",
        (
            "The session keeps data about one client between requests. You set SECRET_KEY and then use session like a dict, session['user'] = name. "
            "By default Flask keeps it in a cookie on the client; that cookie is signed but not encrypted, so never put a password in there. "
            "If it has to live on the server, Flask-Session does that.",
            "GET asks for something and should change nothing, its data comes in the query string, so request.args. "
            "POST sends data in the body, request.form for a form and request.get_json() for JSON.",
            "Because the core is small and you add what you need with extensions: no ORM, no form validation, no login in it. "
            "It does not mean only small apps.",
            "Escaping turns characters such as < and & into entities, so that what a user typed is shown as text and not run as HTML. "
            "Jinja does it by itself in .html templates. Without it you get cross-site scripting.",
        ),
        True,
    ),
    _Sample(
        "Jonas Weber",
        "Backend, first round",
        (
            "Sessions are stored on the server, and the browser gets only an id in a cookie. You need a secret key.",
            "GET is for reading and POST is for sending. In Flask you take both from request.form.",
            "Because it is only made for small applications and fits in one file.",
            "It makes special characters safe before they go into the page. Jinja does it automatically.",
        ),
        True,
    ),
    _Sample(
        "Mei Tanaka",
        "Backend, second round",
        ("It keeps data about one visitor from one request to the next. You use session like a dictionary.", "", "", ""),
        False,
    ),
)


def demo_owner(accounts: Accounts) -> User:
    """The one user of the demo; nobody knows the password."""
    return accounts.add_user(None, "Demo owner", secrets.token_urlsafe(32), "owner")


def fill(services: Services, owner: User) -> None:
    """Three candidates: one good, one who believes the usual myths and was overruled once, one in the middle of the interview."""
    sittings = services.interviews
    for sample in _SAMPLES:
        candidate = sittings.add_candidate(owner, sample.name, "an invented person")
        interview = sittings.add_interview(owner, candidate.id, sample.title, questions=_QUESTIONS)
        for asked, text in zip(sittings.asked(owner, interview.id), sample.answers, strict=True):
            if text:
                sittings.hand_in(owner, asked.id, text, version=asked.version)
        if sample.finished:
            now = sittings.interview(owner, interview.id)
            sittings.change_interview(owner, interview.id, version=now.version, stage="finished")
        if sample is _SAMPLES[1]:
            _overrule(services, owner, sittings.asked(owner, interview.id)[3])
            sittings.note(owner, interview.id, "Friendly and quick, but repeats what old blog posts say.")


def _overrule(services: Services, owner: User, asked: Asked) -> None:
    if asked.answer is not None:
        score = round(asked.answer.grade.max_score * 0.6, 2)
        services.interviews.override(
            owner, asked.answer.id, version=asked.version, score=score, why="Explained cross-site scripting aloud when asked."
        )
