"""What is kept of a manual: its pages with the places on them, and its sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from packaging.version import Version

__all__ = ["Kind", "Manual", "Page", "Passage", "Place"]


Kind = Literal["section", "object", "box", "label", "open"]


@dataclass(frozen=True, slots=True)
class Place:
    """A heading, a described object (`Flask.run`, `MAX_CONTENT_LENGTH`), the title of a box, or a label of a page.

    "open" is an object with members that stand in another distribution (the bases of `flask.Request` are Werkzeug's), or with the
    title "" something an extension of Sphinx made: what it holds is not known.
    """

    kind: Kind
    title: str
    line: int


@dataclass(frozen=True, slots=True)
class Page:
    """A page by its path below the documentation folder, without ending: `patterns/appfactories`."""

    name: str
    title: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence of a manual: `section` is the heading or object it stands under, `line` where its paragraph begins in `file`."""

    text: str
    page: str
    section: str
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Manual:
    """The documentation of one release; `site` is the address its metadata gives, "" for none."""

    name: str
    version: Version
    site: str
    pages: tuple[Page, ...]
    passages: tuple[Passage, ...]

    @property
    def label(self) -> str:
        """`flask 3.1.2`, for people."""
        return f"{self.name} {self.version}"
