"""What two sentences share and where they differ, as numbers: what a cosine is blind to.

A cosine cannot see a negation; these features look for it: which words of the statement the text covers, whether
the shared words stand under the same negation, whether a word was swapped for its opposite or a number for another.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from corpus.meaning.remembering import remembered
from corpus.meaning.vocabulary import CUES, FUNCTION_WORDS, IRREGULAR, OPPOSITES

__all__ = ["FEATURES", "STOP_WORDS", "Analysis", "analyse", "clash", "contrast", "stem", "words"]

_WORD = re.compile(r"[^\W\d_][\w]*(?:['’]\w+)?|_+\w+|\d+(?:\.\d+)*|[,;:.!?()]", re.UNICODE)
STOP_WORDS = frozenset(FUNCTION_WORDS.split())
_CUES = frozenset(CUES.split())
_TWO_WORD_CUES = frozenset({("rather", "than"), ("no", "longer"), ("far", "from")})
_SCOPE = 7
_IRREGULAR = dict(zip(IRREGULAR.split()[::2], IRREGULAR.split()[1::2], strict=True))
_ENDINGS = (
    ("ization", "ize"),
    ("isation", "ize"),
    ("ational", "ate"),
    ("fulness", "ful"),
    ("iveness", "ive"),
    ("ations", "ate"),
    ("ation", "ate"),
    ("ities", ""),
    ("ments", ""),
    ("ment", ""),
    ("ings", ""),
    ("ing", ""),
    ("edly", ""),
    ("ies", "y"),
    ("ied", "y"),
    ("ions", ""),
    ("ion", ""),
    ("ity", ""),
    ("ness", ""),
    ("ers", ""),
    ("ed", ""),
    ("er", ""),
    ("or", ""),
    ("ly", ""),
    ("es", ""),
    ("s", ""),
    ("e", ""),
)

FEATURES = (
    "cosine",
    "cosine_low",
    "cosine_high",
    "recall",
    "precision",
    "soft_recall",
    "recall_raw",
    "jaccard",
    "negation_mismatch",
    "negation_mismatch_near",
    "cue_parity",
    "cue_parity_near",
    "cues_text",
    "cues_statement",
    "opposite",
    "opposite_near",
    "opposite_agrees",
    "affix",
    "number_clash",
    "number_missing",
    "number_shared",
    "inversion",
    "inversion_near",
    "uncovered",
    "extra",
    "substitution",
    "length_ratio",
    "text_long",
    "recall_cosine",
    "precision_cosine",
    "question_mark",
    "same",
)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A crude stem, so that "stores", "stored" and "storing" meet: lower case in, lower case out.

    >>> stem("stores") == stem("stored") == stem("storing")
    True
    """
    if word in _IRREGULAR:
        word = _IRREGULAR[word]
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: len(word) - len(ending)] + instead
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "aeiouls":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


_OPPOSITE: dict[str, frozenset[str]] = {}
_PAIRED = [stem(w) for w in OPPOSITES.split()]
for _a, _b in zip(_PAIRED[::2], _PAIRED[1::2], strict=True):
    _OPPOSITE[_a] = _OPPOSITE.get(_a, frozenset()) | {_b}
    _OPPOSITE[_b] = _OPPOSITE.get(_b, frozenset()) | {_a}


def words(text: str) -> list[str]:
    """Words and numbers in lower case, with clause punctuation; `request.args` gives two words, snake_case its parts too."""
    found: list[str] = []
    for token in _WORD.findall(text.lower().replace("’", "'")):
        found.extend([token, *[p for p in token.split("_") if p]] if "_" in token.strip("_") else [token])
    return found


@dataclass(frozen=True, slots=True)
class Analysis:
    """One sentence taken apart. `negated` maps each content stem to whether it stands under a negation."""

    stems: tuple[str, ...]  # content stems in order, each once
    negated: dict[str, bool]
    numbers: frozenset[str]
    cues: int
    n_words: int
    question: bool
    folded: str


@remembered(maxsize=20_000)
def analyse(text: str) -> Analysis:
    """Take `text` apart; remembered where it is short, since key points and facts come back all the time."""
    negated: dict[str, bool] = {}
    numbers: set[str] = set()
    cues = n_words = 0
    left = 0  # words that the last negation still covers
    tokens = words(text)
    for i, token in enumerate(tokens):
        if not token[0].isalnum() and token[0] != "_":
            left = 0 if token in ".;:!?" else left
            continue
        n_words += 1
        if token in _CUES or token.endswith("n't") or tuple(tokens[i : i + 2]) in _TWO_WORD_CUES:
            if token == "not" and i + 1 < len(tokens) and tokens[i + 1] in {"only", "just"}:
                continue
            left, cues = (0, cues + 1) if left else (_SCOPE, cues + 1)
            continue
        left = 0 if token in {"but", "although", "though"} else left
        if token[0].isdigit():
            numbers.add(token)
        if token not in STOP_WORDS and len(token) > 1:
            key = stem(token)
            negated[key] = negated.get(key, True) and left > 0
        left = max(0, left - 1)
    return Analysis(
        tuple(negated),
        negated,
        frozenset(numbers),
        cues,
        n_words,
        text.rstrip().endswith("?"),
        " ".join(tokens),
    )


def contrast(text: Analysis, statement: Analysis, cosine: float, given: frozenset[str] = frozenset()) -> list[float]:
    """The numbers named by FEATURES, about each in [-1, 2]; `given` stems (of the question) count for neither side."""
    mine = [s for s in text.stems if s not in given]
    theirs = [s for s in statement.stems if s not in given] or list(statement.stems)
    if not mine:
        mine = list(text.stems) if len(theirs) == len(statement.stems) else mine
    have, need = set(mine), set(theirs)
    shared = [s for s in theirs if s in have]
    recall, precision = _share(len(shared), len(need)), _share(len(shared), len(have))
    soft = _share(sum(1.0 if s in have else _near(s, have) for s in need), len(need))
    all_shared = [s for s in statement.stems if s in text.negated]
    flipped = _share(sum(text.negated[s] != statement.negated[s] for s in all_shared), len(all_shared))
    parity = float((text.cues + statement.cues) % 2)
    clash, agree = _opposites(text, statement)
    near = max(0.0, cosine - 0.4) * (0.5 + recall)
    inversion = _inversion(statement.stems, text.stems)
    left_need, left_have = len(need) - len(shared), len(have) - len(shared)
    numbers = _numbers(text, statement)
    return [
        cosine,
        min(cosine, 0.4),
        max(cosine - 0.7, 0.0),
        recall,
        precision,
        soft,
        _share(len(all_shared), len(statement.stems)),
        _share(len(shared), len(have | need)),
        flipped,
        flipped * near,
        parity,
        parity * near,
        min(text.cues, 3) / 3,
        min(statement.cues, 3) / 3,
        clash,
        clash * near,
        agree,
        _affix(have, need),
        *numbers,
        inversion,
        inversion * near,
        min(left_need, 6) / 6,
        min(left_have, 12) / 12,
        float(left_need > 0 and left_have > 0) * near,
        _share(min(text.n_words, statement.n_words), max(text.n_words, statement.n_words)),
        min(text.n_words, 40) / 40,
        recall * cosine,
        precision * cosine,
        float(text.question),
        float(text.folded == statement.folded),
    ]


def clash(text: Analysis, statement: Analysis) -> bool:
    """Is there a word one can point at: a shared word under another negation, an opposite, another number?

    Without such a clue a denial is only a guess, and marks should not hang on it.
    """
    shared = [s for s in statement.stems if s in text.negated]
    flipped = sum(text.negated[s] != statement.negated[s] for s in shared)
    opposite = _opposites(text, statement)[0] > 0
    number = _numbers(text, statement)[0] > 0 and len(shared) >= 2
    affix = len(shared) >= 2 and _affix(set(text.stems), set(statement.stems)) > 0
    return opposite or number or affix or ((flipped >= 2 or (flipped == 1 and len(statement.stems) <= 6)) and flipped * 2 >= len(shared))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


@lru_cache(maxsize=100_000)
def _alike(a: str, b: str) -> bool:
    short = min(len(a), len(b))
    return short >= 4 and (a[:5] == b[:5] or a in b or b in a)


def _near(word: str, others: Iterable[str]) -> float:
    return 0.6 if any(_alike(word, other) for other in others) else 0.0


def _opposites(text: Analysis, statement: Analysis) -> tuple[float, float]:
    """Shares of the statement's words whose opposite the text has: with the same polarity (a clash), with the other (agreement)."""
    clash = agree = 0
    for word, negated in statement.negated.items():
        if word in text.negated or word not in _OPPOSITE:
            continue
        for other in _OPPOSITE[word]:
            if other in text.negated and other not in statement.negated:
                clash += text.negated[other] == negated
                agree += text.negated[other] != negated
    return min(clash, 2) / 2, min(agree, 2) / 2


def _affix(have: set[str], need: set[str]) -> float:
    """1.0 where one side has a word and the other the same word with un-, in-, im-, non-, dis- or -less."""
    for one, other in ((have, need), (need, have)):
        for word in one - other:
            bare = [word[len(p) :] for p in ("un", "in", "im", "non", "dis", "ir") if word.startswith(p) and len(word) - len(p) >= 4]
            bare += [word[:-4]] if word.endswith("less") else []
            if any(b in other or stem(b) in other for b in bare):
                return 1.0
    return 0.0


def _numbers(text: Analysis, statement: Analysis) -> tuple[float, float, float]:
    missing, extra = statement.numbers - text.numbers, text.numbers - statement.numbers
    return float(bool(missing and extra)), float(bool(missing)), float(bool(text.numbers & statement.numbers))


def _inversion(statement: tuple[str, ...], text: tuple[str, ...]) -> float:
    """Share of the shared word pairs that stand in the other order: 0 same order, 1 reversed."""
    place = {s: i for i, s in enumerate(text)}
    order = [place[s] for s in statement if s in place]
    pairs = len(order) * (len(order) - 1) / 2
    return _share(sum(order[i] > order[j] for i in range(len(order)) for j in range(i + 1, len(order))), pairs)
