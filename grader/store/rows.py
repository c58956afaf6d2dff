"""What the repositories share."""

from __future__ import annotations

from typing import Any, cast

from sqlalchemy import Update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

__all__ = ["changed"]


def changed(session: Session, rows: Update) -> bool:
    """Run an update that names one row in one version; whether it was there."""
    result = cast(CursorResult[Any], session.execute(rows, execution_options={"synchronize_session": False}))
    return result.rowcount == 1
