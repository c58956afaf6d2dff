"""The errors of the ground floor.

CorpusError                  never raised itself
├── RecordError              a record breaks a rule; says file, line and mend
├── DuplicateError           a code or id is given twice; says both places
├── UnknownFactError         no fact has this code or name
├── UnknownQuestionError     no question has this id
├── UnreadableError          a file is missing, binary, too large or not UTF-8
├── SettingsError            an environment variable is wrong
└── ModelError               the model is missing, damaged or does not run
"""

from __future__ import annotations

__all__ = [
    "CorpusError",
    "DuplicateError",
    "ModelError",
    "RecordError",
    "SettingsError",
    "UnknownFactError",
    "UnknownQuestionError",
    "UnreadableError",
]


class CorpusError(Exception):
    """Base of all errors of the corpus floor; catch it, do not raise it."""


class RecordError(CorpusError):
    """A record breaks a rule of its kind.

    Args mirror the parameters, so that the error survives pickling between workers.
    """

    def __init__(self, path: str, line: int, problem: str, mend: str) -> None:
        super().__init__(path, line, problem, mend)
        self.path, self.line, self.problem, self.mend = path, line, problem, mend

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.problem} To mend: {self.mend}"


class DuplicateError(CorpusError):
    """A fact code, fact name or question id stands in two places."""

    def __init__(self, kind: str, key: str, first: str, second: str) -> None:
        super().__init__(kind, key, first, second)
        self.kind, self.key, self.first, self.second = kind, key, first, second

    def __str__(self) -> str:
        return f"{self.second}: {self.kind} {self.key!r} is already given at {self.first}; give it another one."


class _UnknownError(CorpusError):
    """What two look-ups share: the key that was asked for, and the nearest that exist."""

    _noun = "record"

    def __init__(self, key: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(key, near)
        self.key, self.near = key, near

    def __str__(self) -> str:
        hint = f" Did you mean {' or '.join(self.near)}?" if self.near else ""
        return f"No {self._noun} {self.key!r} in the corpus.{hint}"


class UnknownFactError(_UnknownError):
    """No fact has this code or name."""

    _noun = "fact"


class UnknownQuestionError(_UnknownError):
    """No question has this id."""

    _noun = "question"


class UnreadableError(CorpusError):
    """A file cannot be read as text: missing, binary, too large, or not UTF-8."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}"


class SettingsError(CorpusError):
    """An environment variable is unknown or out of its range."""


class ModelError(CorpusError):
    """The model is missing, damaged, or cannot be made ready; the message says what to do."""
