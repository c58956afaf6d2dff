"""`Services`: the whole service layer in one hand, as the composition root builds it and the faces get it."""

from __future__ import annotations

from dataclasses import dataclass

from grader.interviews.accounts import Accounts
from grader.interviews.bank import Bank
from grader.interviews.library import Library
from grader.interviews.marks import Marks
from grader.interviews.records import User
from grader.interviews.reports import Reports
from grader.interviews.service import Interviews

__all__ = ["Services"]


@dataclass(frozen=True)
class Services:
    """One of each, usable before the model is loaded: what needs it raises BusyError until then.

    `demo` is the user that a visitor without a session acts as, with `--demo` only, else None.
    """

    interviews: Interviews
    reports: Reports
    marks: Marks
    bank: Bank
    library: Library
    accounts: Accounts
    demo: User | None = None
