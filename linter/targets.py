"""The versions a text is written for: what is an error about Flask 3.1 may be the truth about Flask 2.2."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from corpus import Fact
from linter.errors import TargetError

__all__ = ["Targets", "off", "parse_targets", "pinned_near", "since"]

Targets = Mapping[str, Version]  # canonical name of a package -> the version the text is about
_FILES = ("requirements.txt", "constraints.txt")
_MAX_BYTES = 1_000_000
_AFTER = re.compile(r"#|\s--|\\$")  # comments, hashes and other options, lines that go on


def parse_targets(values: Sequence[str]) -> dict[str, Version]:
    """Read `flask==2.2` and the like.

    Raises:
        TargetError: no name, no `==`, or no PEP 440 version; a package given twice with different versions.
    """
    found: dict[str, Version] = {}
    for value in values:
        name, joint, number = (part.strip() for part in value.partition("=="))
        if not joint or not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", name):
            raise TargetError(value, "it is not of the form package==version")
        try:
            version = Version(number)
        except InvalidVersion:
            raise TargetError(value, f"{number!r} is no version") from None
        if found.setdefault(canonicalize_name(name), version) != version:
            raise TargetError(value, f"{name} is given as {found[canonicalize_name(name)]} too")
    return found


def pinned_near(paths: Iterable[Path]) -> tuple[dict[str, Version], list[Path]]:
    """What `requirements.txt` or `constraints.txt` of the linted folders pin with `==`, and the files that were read."""
    found: dict[str, Version] = {}
    files = []
    for path in paths:
        for file in (path / name for name in _FILES if path.is_dir()):
            if file.is_file() and file.stat().st_size <= _MAX_BYTES:
                pins = _pins(file.read_text("utf-8-sig", "replace"))
                found = {**pins, **found}
                files += [file] if pins else []
    return found, files


def _pins(text: str) -> dict[str, Version]:
    found: dict[str, Version] = {}
    for line in text.splitlines():
        try:
            requirement = Requirement(_AFTER.split(line, maxsplit=1)[0].strip())
        except InvalidRequirement:
            continue
        exact = [s.version for s in requirement.specifier if s.operator == "==" and not s.version.endswith("*")]
        if exact and (requirement.marker is None or requirement.marker.evaluate()):
            found[canonicalize_name(requirement.name)] = Version(exact[0])
    return found


def off(facts: Iterable[Fact], targets: Targets) -> frozenset[str]:
    """Codes of the facts that do not hold for these versions: outside `applies_to`, or told otherwise by their `history`."""
    return frozenset(fact.code for fact in facts if not _holds(fact, targets))


def _holds(fact: Fact, targets: Targets) -> bool:
    version = targets.get(canonicalize_name(fact.applies_to.package))
    if version is None:
        return True
    other = any(_within(version, past.versions) for past in fact.history)
    return _within(version, fact.applies_to.versions) and not other


def _within(version: Version, specifier: str) -> bool:
    return SpecifierSet("" if specifier == "*" else specifier).contains(version, prereleases=True)


def since(fact: Fact) -> str:
    """`In flask <2.3: ...` for each older truth the fact remembers, newest first; empty where it never changed."""
    return " ".join(f"In {fact.applies_to.package} {past.versions}: {past.statement}" for past in fact.history)
