"""Titles and labels: words of a document that name a matter and claim nothing about it.

Authors write answers and notes without verbs too ("sessions? on the server"); so what denies, compares or counts is no title, and answers of
candidates are not asked at all. None of the 9,161 false wordings of our corpus reads like a title (the verbs were completed with them).
"""

from __future__ import annotations

import re

from corpus.text.verbs import FINITE

__all__ = ["is_title"]

_MOST_WORDS = 9
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_CLAIMS = re.compile(
    r"\S\s*[:=—–,;?]\s*\S|\s-\s|->|→|\(|\?"
    r"|\b(?:no|not|never|none|nothing|nobody|neither|nor|without|only|same|always|all|every|any|both|max|min|myth|impossible|wrong|true|false)\b",
    re.IGNORECASE,
)


def is_title(text: str) -> bool:
    """Whether a sentence is but a few words without verb, negation, comparison or separator: "Secure forms with Flask-WTF"."""
    words = [word.lower().replace("'", "").replace("’", "") for word in _WORD.findall(text)]
    return len(words) <= _MOST_WORDS and not _CLAIMS.search(text) and FINITE.isdisjoint(words)
