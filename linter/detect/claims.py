"""A long sentence as the claims it makes: clauses between semicolons, contrasts and list commas, with their offsets."""

from __future__ import annotations

import re

__all__ = ["claims"]

_JOINT = re.compile(
    r"\s*(?:[;:–—]|\s-\s|,\s+(?=(?:but|and|while|whereas|so|which|because|since|although|though|unlike|however)\b)"
    r"|\s+(?=(?:but|whereas|while)\s)"
    # a second predicate: "is stored on the server & is signed"
    r"|\s+(?:and|&)\s+(?=(?:is|are|was|were|can|cannot|does|do|has|have|will|must|only|not)\b))\s*"
)
_LONG = 11  # words; shorter sentences are one claim
_MIN = 4


def claims(text: str) -> list[tuple[int, int]]:
    """Ranges (start, end) of `text` to judge: the whole first, then its clauses where it is long enough to have some."""
    whole = (0, len(text))
    if len(text.split()) <= _LONG:
        return [whole]
    pieces = []
    start = 0
    for joint in _JOINT.finditer(text):
        pieces.append((start, joint.start()))
        start = joint.end()
    pieces.append((start, len(text)))
    merged: list[tuple[int, int]] = []
    for begin, end in pieces:
        if merged and len(text[begin:end].split()) < _MIN:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((begin, end))
    return [whole, *merged] if len(merged) > 1 else [whole]
