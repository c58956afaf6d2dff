"""The passage of a manual that is next to a fact or a text."""

from __future__ import annotations

from dataclasses import dataclass

from corpus import Encoder, Fact
from linter.manuals.index import ManualIndex, Near
from linter.manuals.records import Manual

__all__ = ["Evidence", "nearest"]

_FAR = 0.45  # below this the nearest passage speaks of something else


@dataclass(frozen=True, slots=True)
class Evidence:
    """A passage and the manual it stands in."""

    manual: Manual
    near: Near


def nearest(about: Fact | str, package: str, index: ManualIndex, encoder: Encoder) -> Evidence | None:
    """The nearest passage of the newest indexed manual of `package`; None without one, and then no model is opened either.

    Raises:
        ManualError: the index is damaged, or made with another model.
    """
    indexed = index.newest(package)
    if indexed is None:
        return None
    text = about if isinstance(about, str) else about.statement
    found = indexed.nearest(encoder.encode([text]), encoder, limit=1)[0]
    return Evidence(indexed.manual, found[0]) if found and found[0].cosine >= _FAR else None
