"""Idempotency keys: what a request made, so that the same request makes it once."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from grader.store.models import KeyRow

__all__ = ["KeyRows"]


class KeyRows:
    """Keys of users."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, user_id: str, key: str) -> tuple[str, str] | None:
        """(digest of the request, id of what it made), or None for a new key."""
        row = self._session.get(KeyRow, (user_id, key))
        return (row.digest, row.result) if row else None

    def add(self, user_id: str, key: str, digest: str, result: str, at: datetime) -> None:
        """Remember a key; TwiceError at the end of the transaction where another was faster."""
        self._session.add(KeyRow(user_id=user_id, key=key, digest=digest, result=result, at=at))
        self._session.flush()

    def forget_before(self, at: datetime) -> None:
        """Drop old keys."""
        self._session.execute(delete(KeyRow).where(KeyRow.at < at))
