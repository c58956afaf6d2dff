"""`Services`: the whole service layer in one hand, as the composition root builds it and the faces get it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from grader.interviews.accounts import Accounts
from grader.interviews.bank import Bank
from grader.interviews.desk import Watchers
from grader.interviews.library import Library
from grader.interviews.marks import Marks
from grader.interviews.records import User
from grader.interviews.reports import Reports
from grader.interviews.service import Interviews

if TYPE_CHECKING:
    from grader.interviews.grading import Examiner
    from grader.store.store import Store

__all__ = ["Services", "open_services"]


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


def open_services(store: Store, grader: Callable[[], Examiner]) -> Services:
    """All services over one store. `grader` gives the pipeline, or raises BusyError while it is being loaded."""
    watchers = Watchers()
    return Services(
        interviews=Interviews(store, grader, watchers=watchers),
        reports=Reports(store, grader, watchers=watchers),
        marks=Marks(store, grader, watchers=watchers),
        bank=Bank(store, grader, watchers=watchers),
        library=Library(grader),
        accounts=Accounts(store),
    )
