"""Results for short texts, kept: sentences of facts and key points come back all the time."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar

__all__ = ["remembered"]

_SHORT = 1_000  # characters; a cache of long texts has no bound worth the name
T = TypeVar("T")


def remembered(maxsize: int) -> Callable[[Callable[[str], T]], Callable[[str], T]]:
    """Decorate a function of one text whose results for at most `maxsize` short texts are kept, the last used longest."""

    def decorate(function: Callable[[str], T]) -> Callable[[str], T]:
        kept = lru_cache(maxsize)(function)

        @wraps(function)
        def call(text: str) -> T:
            return kept(text) if len(text) <= _SHORT else function(text)

        return call

    return decorate
