"""What the faces refuse, and in which words. Each has a `code` that stands on the wire and never changes its meaning.

GraderError                      grader.errors
└── RefusalError                 never raised itself
    ├── NotJsonError             the bytes are no JSON: broken UTF-8, syntax, NaN, a name given twice
    ├── InvalidRecordError       JSON, but no record of the contract; says the places
    ├── TooLargeError            more bytes than allowed; reading has stopped
    ├── BusyError                too many wait, the time is up, or the model is still loading
    ├── SettingsError            an environment variable is unknown or out of its range
    └── StoppedError             what the service needs cannot be loaded
"""

from __future__ import annotations

from dataclasses import dataclass

from grader.errors import GraderError

__all__ = ["BusyError", "InvalidRecordError", "NotJsonError", "Place", "RefusalError", "SettingsError", "StoppedError", "TooLargeError"]

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a record something is wrong, and what: `path` leads there by names and numbers."""

    path: tuple[str | int, ...]
    detail: str

    @property
    def name(self) -> str:
        """Readable: key_points[0].weight"""
        parts = (f"[{part}]" if isinstance(part, int) else f".{part[:80]}" for part in self.path)
        return "".join(parts).removeprefix(".")

    @property
    def pointer(self) -> str:
        """RFC 6901, as a fragment: #/key_points/0/weight"""
        return "#" + "".join("/" + str(part)[:80].replace("~", "~0").replace("/", "~1") for part in self.path)

    def __str__(self) -> str:
        return f"{self.name}: {self.detail}" if self.path else self.detail


class RefusalError(GraderError):
    """Base of what is refused; catch it, do not raise it."""

    code = "internal"


class NotJsonError(RefusalError):
    """Bytes that are no JSON text."""

    code = "not_json"


class InvalidRecordError(RefusalError):
    """JSON that is no record of the contract."""

    code = "invalid"

    def __init__(self, places: tuple[Place, ...]) -> None:
        super().__init__(places)
        self.places = places

    def __str__(self) -> str:
        more = len(self.places) - SHOWN
        return "; ".join(str(place) for place in self.places[:SHOWN]) + (f"; and {more} more" if more > 0 else "")


class TooLargeError(RefusalError):
    """More bytes than one record or one request may have."""

    code = "too_large"

    def __init__(self, limit: int, what: str = "body") -> None:
        super().__init__(limit, what)
        self.limit, self.what = limit, what

    def __str__(self) -> str:
        return f"The {self.what} has more than {self.limit:,} bytes."


class BusyError(RefusalError):
    """Not now: try again after `retry_after` seconds."""

    code = "busy"

    def __init__(self, reason: str, retry_after: int = 1) -> None:
        super().__init__(reason, retry_after)
        self.reason, self.retry_after = reason, retry_after

    def __str__(self) -> str:
        return self.reason


class SettingsError(RefusalError):
    """An environment variable VIVA_GRADER_* is unknown or out of its range."""

    code = "settings"


class StoppedError(RefusalError):
    """Corpus or model cannot be loaded; the message says what to do."""

    code = "stopped"
