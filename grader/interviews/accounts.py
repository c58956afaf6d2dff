"""`Accounts`: who may come in. Passwords are hashed with argon2id; of session tokens and links only SHA-256 is stored."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from grader.interviews.desk import known, new_id, now, prose, require_owner
from grader.interviews.errors import ConflictError, InvalidError, NotAllowedError, SignInError
from grader.interviews.records import Role, Session, User
from grader.store.errors import TwiceError

if TYPE_CHECKING:
    from argon2 import PasswordHasher

    from grader.store.store import Store, Transaction

__all__ = ["COOKIE", "Accounts", "cookie"]

COOKIE = "viva_session"
IDLE = timedelta(hours=12)
LIFE = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)  # how exact "last seen" is: not every page view writes
LINK_LIFE = timedelta(days=1)
PASSWORD_LENGTH = range(12, 201)
FREE_TRIES = 5
LONGEST_WAIT = 900  # seconds
HASHED_AT_ONCE = 2  # a hash takes 64 MiB: a rush of strangers must not take all memory
MAX_NAMES = 10_000  # of which failures are remembered


def cookie(session: Session | None, *, secure: bool, path: str = "/") -> str:
    """The Set-Cookie header for a session; None ends it. Scripts cannot read it and other sites cannot send it."""
    value, age = (session.token, int(LIFE.total_seconds())) if session else ("", 0)
    return f"{COOKIE}={value}; Path={path}; Max-Age={age}; HttpOnly; SameSite=Strict" + ("; Secure" if secure else "")


class Accounts:
    """Users, sessions and the link that makes the first owner."""

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], datetime] = now,
        ids: Callable[[], str] = new_id,
        token: Callable[[], str] = lambda: secrets.token_urlsafe(32),
        hasher: PasswordHasher | None = None,
    ) -> None:
        from argon2 import PasswordHasher

        self._store, self._clock, self._ids, self._token = store, clock, ids, token
        self._hasher = hasher or PasswordHasher()
        self._nobody = ""  # a hash to spend time on where the name is unknown
        self._failures: dict[str, tuple[int, datetime]] = {}
        self._lock = threading.Lock()
        self._hashing = threading.Semaphore(HASHED_AT_ONCE)

    def empty(self) -> bool:
        """Whether there is no user yet."""
        with self._store.reading() as tx:
            return not tx.accounts.any_user()

    def first_link(self) -> str:
        """A fresh token for the page that makes the first owner, good once, for a day, while there is no user; older ones stop working."""
        token = self._token()
        with self._store.writing() as tx:
            if tx.accounts.any_user():
                raise ConflictError("There is a user already; an owner adds others.")
            tx.accounts.set_link(_hash(token), self._clock() + LINK_LIFE)
        return token

    def create_first_owner(self, token: str, name: str, password: str) -> Session:
        """Use the link up and sign in. SignInError for a wrong, old or used token; InvalidError for name or password (12 to 200 characters)."""
        if not self.empty():
            raise SignInError("There is an owner already; sign in.")
        user, hash_ = self._new_user(name, password, "owner")
        with self._store.writing() as tx:
            if tx.accounts.any_user() or not tx.accounts.take_link(_hash(token), self._clock()):
                raise SignInError("This link is not good any more. The server prints a new one when it starts.")
            tx.accounts.add_user(user, hash_)
            return self._begin(tx, user)

    def sign_in(self, name: str, password: str) -> Session:
        """A new session of 12 hours without use, 7 days at most. SignInError; after five failures of a name it waits, longer each time."""
        folded = name.strip().casefold()[:400]
        self._wait(folded)
        with self._store.reading() as tx:
            found = tx.accounts.password_of(name.strip()) if "\x00" not in name and name.isprintable() else None
        good = self._verify(found[1] if found else self._dummy(), password)
        if found is None or not good or found[0].disabled:
            self._failed(folded)
            raise SignInError("Name or password is wrong.")
        user, hash_ = found
        with self._lock:
            self._failures.pop(folded, None)
        with self._store.writing() as tx:
            if self._hasher.check_needs_rehash(hash_):
                tx.accounts.set_password(user.id, self._hash(password))
            tx.accounts.drop_sessions_before(self._clock() - LIFE)
            return self._begin(tx, user)

    def start_session(self, user: User) -> Session:
        """A session without a password: for `--demo` and tests. The caller answers for it."""
        with self._store.writing() as tx:
            return self._begin(tx, user)

    def session(self, token: str) -> Session | None:
        """The session of a cookie's value, or None where it is unknown, over, or the user was disabled. One indexed read."""
        if not token or len(token) > 200:
            return None
        hash_, at = _hash(token), self._clock()
        with self._store.reading() as tx:
            found = tx.accounts.session(hash_)
        if found is None or found.user.disabled:
            return None
        expires = min(found.created_at + LIFE, found.seen_at + IDLE)
        if at >= expires:
            return None
        if at - found.seen_at > SEEN_EVERY:
            with self._store.writing() as tx:
                tx.accounts.see_session(hash_, at)
        return Session(token=token, csrf=found.csrf, user=found.user, expires_at=expires)

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self._store.writing() as tx:
            tx.accounts.drop_session(_hash(token))

    def checks(self, session: Session, csrf: str) -> bool:
        """Whether the form's token is the session's, compared in constant time."""
        return hmac.compare_digest(session.csrf.encode(), csrf.encode("utf-8", "replace"))

    def users(self, actor: User | None) -> list[User]:
        """All users by name. None is the command line. Any role may read them: pages show who wrote what."""
        with self._store.reading() as tx:
            return tx.accounts.users()

    def add_user(self, actor: User | None, name: str, password: str, role: Role) -> User:
        """A new user; owners only, None is the command line. ConflictError where the name is taken, in any case."""
        if actor is not None:
            require_owner(actor)
        user, hash_ = self._new_user(name, password, role)
        try:
            with self._store.writing() as tx:
                tx.accounts.add_user(user, hash_)
        except TwiceError:
            raise ConflictError(f"The name {user.name!r} is taken.") from None
        return user

    def change_user(self, actor: User, user_id: str, *, role: Role | None = None, disabled: bool | None = None) -> User:
        """Other role, or no way in any more (ends the sessions). Owners only; ConflictError for the last owner."""
        require_owner(actor)
        with self._store.writing() as tx:
            owners = tx.accounts.lock_owners()
            user = known("user", user_id, tx.accounts.user(user_id))
            changed = user.model_copy(update={"role": role or user.role, "disabled": user.disabled if disabled is None else disabled})
            was, stays = (u.role == "owner" and not u.disabled for u in (user, changed))
            if was and not stays and owners == 1:
                raise ConflictError("This is the last owner; make another one first.")
            tx.accounts.change_user(user_id, role=changed.role, disabled=changed.disabled)
            if changed.disabled:
                tx.accounts.drop_sessions(user_id)
        return changed

    def change_password(self, actor: User | None, user_id: str, password: str, *, old: str | None = None, keep: str = "") -> None:
        """A new password: one's own with the old one, others' by owners, None is the command line. Ends the user's sessions but that of token `keep`."""
        if actor is not None and actor.id != user_id:
            require_owner(actor)
        hash_ = self._hash(_password(password))
        with self._store.writing() as tx:
            user = known("user", user_id, tx.accounts.user(user_id))
            if actor is not None and actor.id == user_id:
                stands = tx.accounts.password_of(user.name)
                if stands is None or not self._verify(stands[1], old or ""):
                    raise NotAllowedError("The old password is wrong.")
            tx.accounts.set_password(user_id, hash_)
            tx.accounts.drop_sessions(user_id, but=_hash(keep) if keep else "")

    def find(self, name: str) -> User | None:
        """A user by name, in any case."""
        with self._store.reading() as tx:
            found = tx.accounts.password_of(name)
        return found[0] if found else None

    def _new_user(self, name: str, password: str, role: Role) -> tuple[User, str]:
        name = prose("name", name, 200).strip()
        if not name.isprintable():
            raise InvalidError("name", "holds characters that cannot be printed")
        hash_ = self._hash(_password(password))
        return User(id=self._ids(), name=name, role=role, created_at=self._clock()), hash_

    def _begin(self, tx: Transaction, user: User) -> Session:
        token, csrf, at = self._token(), self._token(), self._clock()
        tx.accounts.add_session(_hash(token), user.id, csrf, at)
        return Session(token=token, csrf=csrf, user=user, expires_at=at + IDLE)

    def _verify(self, hash_: str, password: str) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        try:
            with self._hashing:
                return self._hasher.verify(hash_, password[: PASSWORD_LENGTH.stop])
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False

    def _hash(self, password: str) -> str:
        with self._hashing:
            return self._hasher.hash(password)

    def _dummy(self) -> str:
        self._nobody = self._nobody or self._hash(self._token())
        return self._nobody

    def _wait(self, folded: str) -> None:
        with self._lock:
            count, until = self._failures.get(folded, (0, self._clock()))
        left = (until - self._clock()).total_seconds()
        if count >= FREE_TRIES and left > 0:
            raise SignInError("Too many failed tries; wait a little.", retry_after=int(left) + 1)

    def _failed(self, folded: str) -> None:
        with self._lock:
            count = self._failures.pop(folded, (0, self._clock()))[0] + 1
            pause = min(LONGEST_WAIT, 2 ** max(0, count - FREE_TRIES) * 5) if count >= FREE_TRIES else 0
            self._failures[folded] = (count, self._clock() + timedelta(seconds=pause))
            while len(self._failures) > MAX_NAMES:
                self._failures.pop(next(iter(self._failures)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()  # tokens are 256 random bits: no salt, no stretching needed


def _password(password: str) -> str:
    if len(password) not in PASSWORD_LENGTH:
        raise InvalidError("password", f"has {PASSWORD_LENGTH.start} to {PASSWORD_LENGTH.stop - 1} characters")
    try:
        password.encode()
    except UnicodeEncodeError:
        raise InvalidError("password", "holds half of a surrogate pair") from None
    return password
