"""The errors of the first floor.

LinterError                  never raised itself
├── ArtefactError            a shipped or cached file of numbers is damaged
├── BaselineError            a baseline cannot be read or written
├── ManualError              a manual cannot be had, read or found
├── ProofError               a proof cannot be found or run
├── SkeletonError            a new fact cannot be begun like this
├── SuppressError            a finding cannot be marked as one that may stand
├── TargetError              a version to lint for cannot be understood
└── UnknownRuleError         no rule has this code, name or prefix
"""

from __future__ import annotations

__all__ = [
    "ArtefactError",
    "BaselineError",
    "LinterError",
    "ManualError",
    "ProofError",
    "SkeletonError",
    "SuppressError",
    "TargetError",
    "UnknownRuleError",
]


class LinterError(Exception):
    """Base of the linter's errors; catch it, do not raise it."""


class ArtefactError(LinterError):
    """A file of fitted numbers cannot be used."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"{self.path} is damaged ({self.problem}). Remove it and run `make train`, or install Viva again."


class BaselineError(LinterError):
    """A baseline cannot be read or written."""

    def __init__(self, path: str, problem: str) -> None:
        super().__init__(path, problem)
        self.path, self.problem = path, problem

    def __str__(self) -> str:
        return f"{self.path}: {self.problem}. `linter baseline PATH... --output FILE` writes a new one."


class SkeletonError(LinterError):
    """A new fact cannot be begun like this."""

    def __str__(self) -> str:
        return f"No new fact: {self.args[0]}."


class SuppressError(LinterError):
    """A finding cannot be marked as one that may stand: the reason given, or the file, does not allow it."""

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(what, problem)
        self.what, self.problem = what, problem

    def __str__(self) -> str:
        return f"{self.what}: {self.problem}. Nothing was changed there."


class ManualError(LinterError):
    """A manual cannot be had, read or found; the problem says what to do where anything can be done."""

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(what, problem)
        self.what, self.problem = what, problem

    def __str__(self) -> str:
        return f"The manual of {self.what}: {self.problem}."


class ProofError(LinterError):
    """A proof cannot be found, or nothing can be run to prove."""

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(what, problem)
        self.what, self.problem = what, problem

    def __str__(self) -> str:
        if self.what == "environment":
            return f"The environment of the proofs cannot be made ({self.problem}). It needs pip and a package index; try again."
        if self.what == "pytest":
            return f"The proofs cannot be run: {self.problem}."
        return f"The proof of {self.what} cannot be found: {self.problem}. Mend `proof` in its record."


class TargetError(LinterError):
    """A version to lint for cannot be understood."""

    def __init__(self, given: str, problem: str) -> None:
        super().__init__(given, problem)
        self.given, self.problem = given, problem

    def __str__(self) -> str:
        return f"--target {self.given!r}: {self.problem}. Write for example --target flask==2.2."


class UnknownRuleError(LinterError):
    """A selector matches no rule."""

    def __init__(self, selector: str, near: tuple[str, ...] = ()) -> None:
        super().__init__(selector, near)
        self.selector, self.near = selector, near

    def __str__(self) -> str:
        hint = f" Did you mean {' or '.join(self.near)}?" if self.near else ""
        return f"No rule matches {self.selector!r}.{hint} `linter rules` lists them all."
