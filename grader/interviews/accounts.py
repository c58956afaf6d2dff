"""`Accounts`: who may come in. Passwords are hashed with argon2id; of session tokens and links only SHA-256 is stored."""

from __future__ import annotations

from grader.interviews.records import Role, Session, User

__all__ = ["COOKIE", "Accounts"]

COOKIE = "viva_session"


class Accounts:
    """Users, sessions and the link that makes the first owner."""

    def empty(self) -> bool:
        """Whether there is no user yet."""
        raise NotImplementedError

    def first_link(self) -> str:
        """A fresh token for /welcome?token=..., good once, for a day, while there is no user; older ones stop working."""
        raise NotImplementedError

    def create_first_owner(self, token: str, name: str, password: str) -> Session:
        """Use the link up and sign in. SignInError for a wrong, old or used token; InvalidError for name or password (12 to 200 characters)."""
        raise NotImplementedError

    def sign_in(self, name: str, password: str) -> Session:
        """A new session of 12 hours without use, 7 days at most. SignInError; after five failures of a name it waits, longer each time."""
        raise NotImplementedError

    def session(self, token: str) -> Session | None:
        """The session of a cookie's value, or None where it is unknown, over, or the user was disabled."""
        raise NotImplementedError

    def sign_out(self, token: str) -> None:
        """End a session."""
        raise NotImplementedError

    def checks(self, session: Session, csrf: str) -> bool:
        """Whether the form's token is the session's, compared in constant time."""
        raise NotImplementedError

    def users(self, actor: User) -> list[User]:
        """All users by name. Any role may read them: pages show who wrote what."""
        raise NotImplementedError

    def add_user(self, actor: User | None, name: str, password: str, role: Role) -> User:
        """A new user; owners only, None is the command line. ConflictError where the name is taken, in any case."""
        raise NotImplementedError

    def change_user(self, actor: User, user_id: str, *, role: Role | None = None, disabled: bool | None = None) -> User:
        """Other role, or no way in any more (ends the sessions). Owners only; ConflictError for the last owner."""
        raise NotImplementedError

    def change_password(self, actor: User | None, user_id: str, password: str, *, old: str | None = None) -> None:
        """A new password: one's own with the old one, others' by owners. Ends all other sessions of that user."""
        raise NotImplementedError
