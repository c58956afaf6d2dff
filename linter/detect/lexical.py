"""A sentence as hashed word and character n-grams with negation scope marked: blind to meaning, sharp on wording.

In trials this was the strongest single signal for telling a misconception from the truth beside it, at microseconds.
"""

from __future__ import annotations

import re
import zlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from corpus.meaning.remembering import remembered

__all__ = ["BUCKETS", "NEGATIONS", "Sparse", "hashed", "words"]

Sparse = tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]
BUCKETS = 1 << 16
_SCOPE = 6
_WORD = re.compile(r"(?:\.{0,8}[a-z0-9_+#]++)+|[,;:.!?()]")  # dots within a word, few in a row: a line of dots must not cost its square
NEGATIONS = frozenset(
    "no not never none nothing nobody neither nor without cannot cant dont doesnt didnt isnt arent wasnt werent wont wouldnt shouldnt "
    "couldnt hasnt havent lack lacks lacking unable fails hardly rarely zero missing absent impossible unsupported".split()
)
_CLOSERS = frozenset(",;:.!?()") | {"but", "because", "although", "whereas", "while", "instead"}
_DIGITS = dict(
    zip(
        "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty".split(),
        "2 3 4 5 6 7 8 9 10 11 12 15 20 30".split(),
        strict=True,
    )
)  # "one" is more often no number
_CONTRACTION = re.compile(r"n['’`´]t\b")


@remembered(maxsize=65_536)
def words(text: str) -> tuple[str, ...]:
    """Lower-case words and clause marks; `don't` becomes `dont`, so that it is one negation."""
    return tuple(_WORD.findall(_CONTRACTION.sub("nt", text.lower().replace("'s", "").replace("’s", ""))))


@lru_cache(maxsize=8_192)
def hashed(text: str) -> Sparse:
    """Bucket numbers and weights of the n-grams of `text`; the word half and the character half each have length 1/sqrt 2."""
    tokens = _mark_negation(tuple(_DIGITS.get(word, word) for word in words(text)))
    grams = list(tokens)
    grams += [f"{a} {b}" for a, b in zip(tokens, tokens[1:], strict=False)]
    grams += [f"{a} * {b}" for a, b in zip(tokens, tokens[2:], strict=False)]
    chars = [
        f"#{padded[i : i + n]}"
        for token in tokens
        for padded in (f"<{token}>",)
        for n in (4, 5)
        for i in range(max(1, len(padded) - n + 1))
    ]
    numbers: list[npt.NDArray[np.int32]] = []
    weights: list[npt.NDArray[np.float32]] = []
    for half in (grams, chars):
        unique = np.unique(np.fromiter((_bucket(g) for g in half), dtype=np.int32, count=len(half)))
        numbers.append(unique)
        weights.append(np.full(len(unique), (0.5 / max(1, len(unique))) ** 0.5, dtype=np.float32))
    return np.concatenate(numbers), np.concatenate(weights)


@lru_cache(maxsize=262_144)
def _bucket(gram: str) -> int:
    return zlib.crc32(gram.encode()) % BUCKETS


def _mark_negation(tokens: tuple[str, ...]) -> list[str]:
    """Prefix the words in the scope of a negation with `~`; clause marks end it and are dropped."""
    out: list[str] = []
    left = 0
    for token in tokens:
        if token in _CLOSERS:
            left = 0
            if token.isalpha():
                out.append(token)
        elif token in NEGATIONS:
            out.append("~")
            left = _SCOPE
        else:
            out.append(f"~{token}" if left else token)
            left = max(0, left - 1)
    return out
