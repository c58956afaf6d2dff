"""What every part of the service layer stands on: the store, the grader, clock and ids; who may do what; once for each idempotency key."""

from __future__ import annotations

import hashlib
import json
import threading
import uuid
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from grader.interviews.errors import ConflictError, InvalidError, KeyReusedError, MissingError, NotAllowedError
from grader.interviews.records import Asked, Interview, User
from grader.store.errors import TwiceError

if TYPE_CHECKING:
    from grader.interviews.grading import Examiner
    from grader.store.store import Store, Transaction

__all__ = ["Desk", "Watchers", "new_id", "now", "prose", "require_owner", "require_writer"]

T = TypeVar("T")
MAX_KEY = 200
_TRIES = 4  # of a transaction that meets another one writing the same


def now() -> datetime:
    """The clock, UTC."""
    return datetime.now(UTC)


def new_id() -> str:
    """32 hex digits nobody can guess."""
    return uuid.uuid4().hex


def require_writer(actor: User) -> None:
    """NotAllowedError for those who may only read."""
    if actor.role == "viewer" or actor.disabled:
        raise NotAllowedError(f"A {actor.role} may only read.")


def require_owner(actor: User) -> None:
    """NotAllowedError for all but owners."""
    if actor.role != "owner" or actor.disabled:
        raise NotAllowedError("Only an owner may do this.")


def prose(field: str, text: str, limit: int, *, empty: bool = False) -> str:
    """Text that both databases can keep; InvalidError for one too long, empty, or with characters no text has."""
    if len(text) > limit:
        raise InvalidError(field, f"at most {limit:,} characters are allowed, got {len(text):,}")
    if not empty and not text.strip():
        raise InvalidError(field, "must not be empty")
    if "\x00" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise InvalidError(field, "holds a character that is none: NUL or half of a surrogate pair")
    return text


class Watchers:
    """Who wants to hear of changes in an interview, within this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hear: dict[str, set[Callable[[int], None]]] = defaultdict(set)

    def add(self, interview_id: str, hear: Callable[[int], None]) -> Callable[[], None]:
        """Returns a function that ends it."""
        with self._lock:
            self._hear[interview_id].add(hear)

        def leave() -> None:
            with self._lock:
                self._hear[interview_id].discard(hear)
                if not self._hear[interview_id]:
                    del self._hear[interview_id]

        return leave

    def tell(self, interview_id: str, version: int) -> None:
        """Something changed."""
        with self._lock:
            hearers = tuple(self._hear.get(interview_id, ()))
        for hear in hearers:
            hear(version)


class Desk:
    """Base of the service classes.

    Args:
        store: Where everything is kept.
        grader: Gives the pipeline, or raises BusyError while it is being loaded.
        clock, ids: The time, aware; a new id.
    """

    def __init__(
        self,
        store: Store,
        grader: Callable[[], Examiner],
        *,
        clock: Callable[[], datetime] = now,
        ids: Callable[[], str] = new_id,
        watchers: Watchers | None = None,
    ) -> None:
        self._store, self._grader, self._clock, self._ids = store, grader, clock, ids
        self._watchers = watchers or Watchers()

    def _once(self, actor: User, key: str | None, content: tuple[object, ...], id_: str, write: Callable[[Transaction], None]) -> str:
        """Run `write` in a transaction, together with the key; the id of what was made, by this request or its twin before."""
        if key is not None and not 0 < len(key) <= MAX_KEY:
            raise InvalidError("idempotency key", f"has 1 to {MAX_KEY} characters")
        digest = hashlib.sha256(json.dumps(content, default=str).encode()).hexdigest()
        for attempt in range(_TRIES):
            try:
                with self._store.writing() as tx:
                    found = tx.keys.find(actor.id, key) if key else None
                    if found is not None:
                        if found[0] != digest:
                            raise KeyReusedError(key or "")
                        return found[1]
                    if key:
                        tx.keys.add(actor.id, key, digest, id_, self._clock())
                    write(tx)
                return id_
            except TwiceError:
                if attempt == _TRIES - 1:
                    raise ConflictError("Somebody else writes the same; try again.") from None
        raise AssertionError("unreachable")

    def _interview(self, tx: Transaction, interview_id: str) -> Interview:
        return known("interview", interview_id, tx.interviews.interview(interview_id))

    def _asked(self, tx: Transaction, asked_id: str) -> Asked:
        return known("question of an interview", asked_id, tx.interviews.asked(asked_id))

    def _open(self, tx: Transaction, interview_id: str) -> Interview:
        """An interview that is not finished."""
        interview = self._interview(tx, interview_id)
        if interview.stage == "finished":
            raise ConflictError("The interview is finished; take it up again first.")
        return interview


def known(kind: str, id_: str, value: T | None) -> T:
    """The value, or MissingError."""
    if value is None:
        raise MissingError(kind, id_)
    return value
