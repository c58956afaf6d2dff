"""The index of names that real packages no longer have, and of packages that nobody keeps any more.

`<package>.json` is made by `python -m linter.training.apis`; `replaced.json` (what to write instead, and
names that static reading cannot see) and `dead.json`
(packages without a maintainer) are written by hand.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["DeadPackage", "Gone", "dead_package", "dead_packages", "gone", "indexed", "known_bare"]

_FOLDER = Path(__file__).parent
_HAND_MADE = frozenset({"replaced", "dead"})


@dataclass(frozen=True, slots=True)
class Gone:
    """A name that was removed: `last` is the last series that has it, `since` the first without; `instead` may be empty."""

    name: str
    last: str
    since: str
    instead: str


@dataclass(frozen=True, slots=True)
class DeadPackage:
    """A package that nobody keeps: its name on the index, the module it is imported as, why it is dead, what to use.

    `also` is a living package that is imported under the same name; empty where there is none. `spaced`: its name is meant even where it is
    written in two capitalised words, as "Flask Uploads" is and "Flask User" need not be.
    """

    name: str
    module: str
    why: str
    instead: str
    also: str = ""
    spaced: bool = False

    @property
    def told(self) -> str:
        """What to tell whoever uses it."""
        return f"{self.name} is dead: {self.why}. Use {self.instead}."


def _read(name: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text("utf-8"))
    return data


@cache
def indexed() -> frozenset[str]:
    """The packages that have an index, by the name they are imported as."""
    made = frozenset(path.stem for path in _FOLDER.glob("*.json")) - _HAND_MADE
    return made | {name.split(".")[0] for name in _read("replaced")["removed"]}


@cache
def _replaced() -> dict[str, str]:
    return {str(name): str(instead) for name, instead in _read("replaced")["instead"].items()}


@cache
def _removed(package: str) -> dict[str, list[str]]:
    """What griffe found, and what it cannot see because it was served by `__getattr__` or `sys.modules` tricks."""
    names: dict[str, list[str]] = _read(package)["removed"] if (_FOLDER / f"{package}.json").exists() else {}
    by_hand = {name: when for name, when in _read("replaced")["removed"].items() if name.startswith(f"{package}.")}
    return names | by_hand


@cache
def gone(name: str) -> Gone | None:
    """What became of a dotted name, or of the module or class that held it; None where it is still there or never was."""
    parts = name.split(".")
    if parts[0] not in indexed():
        return None
    removed = _removed(parts[0])
    for length in range(2, len(parts) + 1):
        held = ".".join(parts[:length])
        if held in removed:
            last, since = removed[held]
            return Gone(held, last, since, _replaced().get(name) or _replaced().get(held, ""))
    return None


@cache
def known_bare() -> dict[str, str]:
    """Names so well known that prose gives them without their package, and the dotted name each stands for."""
    return {str(bare): str(name) for bare, name in _read("replaced")["bare"].items()}


@cache
def dead_packages() -> dict[str, DeadPackage]:
    """Dead packages by module and by name on the index, both in lower case with underscores."""
    found: dict[str, DeadPackage] = {}
    for row in _read("dead")["packages"]:
        package = DeadPackage(**row)
        found[package.module] = found[_key(package.name)] = package
    return found


def dead_package(name: str) -> DeadPackage | None:
    """The dead package of this name, in any case, with hyphens, underscores or spaces."""
    return dead_packages().get(_key(name))


def _key(name: str) -> str:
    return name.lower().replace("-", "_").replace(" ", "_")
