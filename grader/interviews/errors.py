"""What the service layer refuses. Each has a `code` that stands on the wire; status codes live in the faces.

GraderError                      grader.errors
└── InterviewError               never raised itself
    ├── MissingError             nothing has this id
    ├── ErasedError              the candidate was erased; only the tombstone is left
    ├── StaleError               somebody else changed it since you read it; carries the version that stands
    ├── ConflictError            it cannot be so now: asked twice, name taken, interview finished
    ├── KeyReusedError           an idempotency key came back with other content
    ├── NotAllowedError          the role does not reach that far
    ├── SignInError              name or password wrong, link used up, or too many tries
    ├── InvalidError             a value out of its bounds; says the field
    └── ImportRefusedError       a file with errors; says each by row; nothing of it was taken
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.errors import GraderError

__all__ = [
    "ConflictError", "ErasedError", "ImportRefusedError", "InterviewError", "InvalidError", "KeyReusedError", "MissingError", "NotAllowedError",
    "RowError", "SignInError", "StaleError",
]  # fmt: skip


class InterviewError(GraderError):
    """Base of what the service layer refuses; catch it, do not raise it."""

    code = "internal"


class MissingError(InterviewError):
    """Nothing of this kind has this id."""

    code = "missing"

    def __init__(self, kind: str, id_: str) -> None:
        super().__init__(kind, id_)
        self.kind, self.id = kind, id_

    def __str__(self) -> str:
        return f"There is no {self.kind} {self.id[:80]!r}."


class ErasedError(InterviewError):
    """The candidate was erased."""

    code = "erased"

    def __init__(self, id_: str) -> None:
        super().__init__(id_)
        self.id = id_

    def __str__(self) -> str:
        return f"Candidate {self.id[:80]!r} was erased, with everything about them."


class StaleError(InterviewError):
    """Somebody else was faster; `current` is the version that stands."""

    code = "stale"

    def __init__(self, kind: str, id_: str, current: int) -> None:
        super().__init__(kind, id_, current)
        self.kind, self.id, self.current = kind, id_, current

    def __str__(self) -> str:
        return f"The {self.kind} was changed by somebody else; it is at version {self.current} now. Read it again."


class ConflictError(InterviewError):
    """The state of things does not allow it."""

    code = "conflict"


class KeyReusedError(InterviewError):
    """An idempotency key stands for one request only."""

    code = "key_reused"

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

    def __str__(self) -> str:
        return f"The idempotency key {self.key[:80]!r} was used for another request."


class NotAllowedError(InterviewError):
    """Who acts may not do this."""

    code = "not_allowed"


class SignInError(InterviewError):
    """Who asks is not known; never says which half was wrong. `retry_after` is in seconds, 0 where trying again is fine at once."""

    code = "sign_in"

    def __init__(self, reason: str, retry_after: int = 0) -> None:
        super().__init__(reason, retry_after)
        self.reason, self.retry_after = reason, retry_after

    def __str__(self) -> str:
        return self.reason


class InvalidError(InterviewError):
    """A value that cannot be taken; `field` names it."""

    code = "invalid"

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(field, reason)
        self.field, self.reason = field, reason

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


@dataclass(frozen=True, slots=True)
class RowError:
    """One wrong row of a file: `row` counts records from 1, `line` lines of the file from 1 (0: not known)."""

    row: int
    line: int
    reason: str

    def __str__(self) -> str:
        where = f"row {self.row}" + (f" (line {self.line})" if self.line else "")
        return f"{where}: {self.reason}"


class ImportRefusedError(InterviewError):
    """A file with errors; nothing of it was taken."""

    code = "import"

    def __init__(self, rows: tuple[RowError, ...]) -> None:
        super().__init__(rows)
        self.rows = rows

    def __str__(self) -> str:
        more = len(self.rows) - 3
        return "; ".join(map(str, self.rows[:3])) + (f"; and {more} more" if more > 0 else "")
