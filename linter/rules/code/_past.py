"""Sentences that know: they tell of the past, of a release, of what to write instead, so what they name is not recommended."""

from __future__ import annotations

import re

from corpus.text import Segment

__all__ = ["knows"]

_KNOWS = re.compile(
    r"\b(?:remov\w+|deprecat\w+|gone|drop\w*|delet\w+|no longer|any ?more|old\w*|former\w*|legacy|obsolete|ancient|histor\w+|until|before|"
    r"earlier|previous\w*|prior|once|used to|renam\w+|mov(?:ed|es?|ing)|replac\w+|migrat\w+|instead|superseded|was|were|had|since|without|never|no such|not (?:have|exist|work|available|part|in|import|offer|use)|"
    r"fails?|errors?|ImportError|AttributeError|version|release|Flask [\d<>=]|Django [\d<>=]|Werkzeug [\d<>=])\b",
    re.IGNORECASE,
)


def knows(segment: Segment) -> bool:
    """Whether a sentence or the question above it speaks of what is no more.

    The parts of the names themselves (`before_first_request`) are no words.
    """
    return bool(_KNOWS.search(re.sub(r"[A-Za-z]*_\w*", " ", segment.text[:2000]) + " " + segment.context[:400]))
