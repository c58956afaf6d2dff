"""`Store`: transactions over the repositories. What a transaction wrote is on the disk when its block ends, or nothing of it is."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from grader.store.accounts import AccountRows
from grader.store.bank import BankRows
from grader.store.candidates import CandidateRows
from grader.store.engine import WRITES, migrate, open_engine
from grader.store.errors import StoreError, TwiceError
from grader.store.interviews import InterviewRows
from grader.store.keys import KeyRows

__all__ = ["Store", "Transaction"]

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Transaction:
    """The repositories, all over one transaction."""

    accounts: AccountRows
    candidates: CandidateRows
    interviews: InterviewRows
    bank: BankRows
    keys: KeyRows


class Store:
    """One database. Thread-safe. Opening it brings the tables up to date."""

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        migrate(self._engine)

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One consistent view of the data."""
        with self._transaction(writes=False) as transaction:
            yield transaction

    @contextmanager
    def writing(self) -> Iterator[Transaction]:
        """All or nothing; durable when the block has ended. TwiceError where what is unique was written twice."""
        with self._transaction(writes=True) as transaction:
            yield transaction

    def forget_deleted(self) -> None:
        """See that what was deleted is in no file any more: SQLite's log is folded into the overwritten pages (PostgreSQL vacuums by itself)."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                busy = connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]  # type: ignore[union-attr]
            if busy:
                log.warning("the write-ahead log is in use; what was deleted leaves it with the next checkpoint")
        else:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM"))

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Transaction]:
        options = {WRITES: writes} | ({} if writes or self._engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ"})
        try:
            with (
                self._engine.connect().execution_options(**options) as connection,
                connection.begin(),
                Session(connection, expire_on_commit=False) as session,
            ):
                yield Transaction(AccountRows(session), CandidateRows(session), InterviewRows(session), BankRows(session), KeyRows(session))
                session.flush()
        except IntegrityError as error:
            raise TwiceError(f"{error.orig}") from error
        except DBAPIError as error:
            raise StoreError(f"The database failed: {error.orig}") from error
