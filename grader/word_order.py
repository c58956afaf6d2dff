"""Do the words of a text stand in an order that English allows? Shuffled key words must not pass for an answer.

Pointwise mutual information of neighbouring word classes (function words as they are, all others by their ending), averaged over the
text: prose of any level stands well above 0, the same words shuffled well below.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from corpus.meaning.contrast import STOP_WORDS, words
from grader.errors import ScoringModelError

__all__ = ["ORDER_FILE", "WordOrder", "count_order", "load_order", "write_order"]

ORDER_FILE = Path(__file__).parent / "model" / "word_order.json"
SHUFFLED_BELOW = -0.33  # of our answers one in two hundred stands below, of shuffled references all but one in a hundred
_FEWEST = 15  # neighbours; a shorter text tells too little
_PRIOR = 3.0
_ENDINGS = ("ing", "ed", "ly", "tion", "s")


@dataclass(frozen=True)
class WordOrder:
    """Counts of neighbouring word classes in real prose."""

    pairs: dict[str, dict[str, int]]
    second: dict[str, int]  # how often each class follows anything

    def coherence(self, text: str) -> float | None:
        """Mean pointwise mutual information of neighbours, about -1 to 1; None where the text is too short to tell."""
        neighbours = list(_neighbours(text))
        if len(neighbours) < _FEWEST:
            return None
        total = sum(self.second.values())
        values = []
        for a, b in neighbours:
            share = (self.second.get(b, 0) + 0.5) / total
            after = self.pairs.get(a, {})
            values.append(math.log((after.get(b, 0) + _PRIOR * share) / (sum(after.values()) + _PRIOR) / share))
        return sum(values) / len(values)

    def is_shuffled(self, text: str) -> bool:
        """Whether hardly any real text is as disorderly."""
        value = self.coherence(text)
        return value is not None and value < SHUFFLED_BELOW


def count_order(texts: Iterable[str]) -> WordOrder:
    """Learn from real prose; pairs seen once are noise and stay out."""
    pairs: dict[str, Counter[str]] = {}
    for text in texts:
        for a, b in _neighbours(text):
            pairs.setdefault(a, Counter())[b] += 1
    kept = {a: {b: n for b, n in sorted(after.items()) if n > 1} for a, after in sorted(pairs.items())}
    second: Counter[str] = Counter()
    for after in kept.values():
        second.update(after)
    return WordOrder(kept, dict(sorted(second.items())))


def _neighbours(text: str) -> Iterator[tuple[str, str]]:
    """Classes of words with nothing between them: notes are fragments, each in order."""
    before = None
    for word in words(text):
        now = _class(word) if word[0].isalnum() or word[0] == "_" else None
        if before is not None and now is not None:
            yield before, now
        before = now


def _class(word: str) -> str:
    if word in STOP_WORDS:
        return word
    if word[0].isdigit():
        return "#"
    return next((f"-{end}" for end in _ENDINGS if word.endswith(end) and len(word) > len(end) + 2), "~")


@lru_cache(maxsize=2)
def load_order(path: Path = ORDER_FILE) -> WordOrder:
    """Read the artefact; ScoringModelError where it is missing or damaged."""
    try:
        record: dict[str, Any] = json.loads(path.read_bytes())
        pairs = {str(a): {str(b): int(n) for b, n in after.items()} for a, after in record["pairs"].items()}
        return WordOrder(pairs, {str(b): int(n) for b, n in record["second"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ScoringModelError(f"{path}: the order of words cannot be read ({error}); run make train, or install again") from error


def write_order(order: WordOrder, path: Path = ORDER_FILE) -> None:
    """Write the artefact: counts as JSON."""
    path.write_text(json.dumps({"pairs": order.pairs, "second": order.second}, separators=(",", ":")) + "\n", encoding="utf-8")
