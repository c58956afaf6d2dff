"""What can go wrong with the database itself.

GraderError                      grader.errors
└── StoreError                   the database cannot be opened, is newer than this program, or failed
    └── TwiceError               what is unique was to be written a second time
"""

from __future__ import annotations

from grader.errors import GraderError

__all__ = ["StoreError", "TwiceError"]


class StoreError(GraderError):
    """The database cannot be opened or used; the message says what to do and holds no password."""


class TwiceError(StoreError):
    """Somebody else wrote the same name, key or number at the same moment."""
