"""Users, sessions and the first owner's link, as rows. Tokens come in as SHA-256 only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from grader.interviews.records import Role, User
from grader.store.models import LinkRow, SessionRow, UserRow

__all__ = ["AccountRows", "SessionOf"]


@dataclass(frozen=True, slots=True)
class SessionOf:
    """A session as stored, with its user."""

    user: User
    csrf: str
    created_at: datetime
    seen_at: datetime


class AccountRows:
    """Who may come in."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def any_user(self) -> bool:
        """Whether there is a user."""
        return bool(self._session.scalar(select(exists().select_from(UserRow))))

    def users(self) -> list[User]:
        """All, by name."""
        return [_user(row) for row in self._session.scalars(select(UserRow).order_by(UserRow.folded))]

    def user(self, user_id: str) -> User | None:
        """By id."""
        row = self._session.get(UserRow, user_id)
        return _user(row) if row else None

    def add_user(self, user: User, password: str) -> None:
        """A new user; TwiceError where the name is taken, in any case. `password` is its hash."""
        self._session.add(
            UserRow(
                id=user.id,
                name=user.name,
                folded=user.name.casefold(),
                password=password,
                role=user.role,
                disabled=user.disabled,
                created_at=user.created_at,
            )
        )
        self._session.flush()

    def password_of(self, name: str) -> tuple[User, str] | None:
        """The user of a name, in any case, and the hash of the password."""
        row = self._session.scalar(select(UserRow).where(UserRow.folded == name.casefold()))
        return (_user(row), row.password) if row else None

    def set_password(self, user_id: str, password: str) -> None:
        """Another hash."""
        self._session.execute(update(UserRow).where(UserRow.id == user_id).values(password=password))

    def change_user(self, user_id: str, *, role: Role, disabled: bool) -> None:
        """Other role, or no way in."""
        self._session.execute(update(UserRow).where(UserRow.id == user_id).values(role=role, disabled=disabled))

    def lock_owners(self) -> int:
        """How many owners may come in; they cannot be changed elsewhere until this transaction ends."""
        owners = select(UserRow.id).where(UserRow.role == "owner", UserRow.disabled.is_(False)).with_for_update()
        return len(self._session.scalars(owners).all())

    def add_session(self, hash_: str, user_id: str, csrf: str, at: datetime) -> None:
        """Someone signed in."""
        self._session.add(SessionRow(hash=hash_, user_id=user_id, csrf=csrf, created_at=at, seen_at=at))
        self._session.flush()

    def session(self, hash_: str) -> SessionOf | None:
        """A session and its user."""
        found = self._session.execute(
            select(SessionRow, UserRow).join(UserRow, UserRow.id == SessionRow.user_id).where(SessionRow.hash == hash_)
        ).first()
        return SessionOf(_user(found[1]), found[0].csrf, found[0].created_at, found[0].seen_at) if found else None

    def see_session(self, hash_: str, at: datetime) -> None:
        """It was used."""
        self._session.execute(update(SessionRow).where(SessionRow.hash == hash_).values(seen_at=at))

    def drop_session(self, hash_: str) -> None:
        """Someone signed out."""
        self._session.execute(delete(SessionRow).where(SessionRow.hash == hash_))

    def drop_sessions(self, user_id: str, *, but: str = "") -> None:
        """All sessions of a user, but the one with this hash."""
        self._session.execute(delete(SessionRow).where(SessionRow.user_id == user_id, SessionRow.hash != but))

    def drop_sessions_before(self, at: datetime) -> None:
        """Sessions begun before."""
        self._session.execute(delete(SessionRow).where(SessionRow.created_at < at))

    def set_link(self, hash_: str, expires_at: datetime) -> None:
        """The only link that is good."""
        self._session.execute(delete(LinkRow))
        self._session.add(LinkRow(hash=hash_, expires_at=expires_at))
        self._session.flush()

    def take_link(self, hash_: str, now: datetime) -> bool:
        """Use a link up; whether it was good."""
        gone = self._session.execute(delete(LinkRow).where(LinkRow.hash == hash_, LinkRow.expires_at > now).returning(LinkRow.hash))
        return gone.first() is not None


def _user(row: UserRow) -> User:
    return User.model_validate({"id": row.id, "name": row.name, "role": row.role, "created_at": row.created_at, "disabled": row.disabled})
