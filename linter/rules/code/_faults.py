"""What can be wrong with a sample of Python as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from corpus.text import Span

__all__ = ["Fault", "FaultKind"]


class FaultKind(StrEnum):
    """What keeps a sample from being Python."""

    SYNTAX = "syntax"
    INDENTATION = "indentation"
    EMPTY_BODY = "empty body"
    COMMAND = "command"
    QUOTES = "quotes"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a sample, where it stands, and a sentence that says so."""

    kind: FaultKind
    span: Span
    message: str
    open_end: bool = False  # something opens here and nothing in the sample closes it
