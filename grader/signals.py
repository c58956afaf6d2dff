"""Numbers about (question, references, key points, answer): all that the score may see, each with a name and a range."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.meaning import Assessor
from corpus.meaning.contrast import FEATURES, STOP_WORDS, Analysis, analyse, contrast, stem, words
from corpus.text.verbs import FINITE
from grader.key_points import Entry

__all__ = [
    "DIRECTIONS", "RUBRIC_SIGNALS", "SIGNALS", "Encoder", "Material", "coverage", "demoted", "false_share", "measure", "nearest", "rubric_signals", "sentence_likeness",
]  # fmt: skip


# name -> direction in which the score may move as the number grows: 1 up, -1 down, 0 either way
SIGNALS: dict[str, int] = {
    "coverage": 1,
    "contradicted": -1,
    "best_credit": 1,
    "cosine": 1,
    "cosine_demoted": 1,
    "cosine_mean": 0,
    "recall": 1,
    "soft_recall": 1,
    "precision": 0,
    "recall_raw": 1,
    "negation_mismatch": -1,
    "opposite": -1,
    "number_clash": -1,
    "length_ratio": 0,
    "words": 0,
    "sentence_likeness": 1,
    "repetition": -1,
    "false_claims": -1,
    "question_copy": -1,
    "novelty": 0,
    "assessed_right": 1,
    "assessed_partly": 0,
    "assessed_contradictory": -1,
    "assessed_irrelevant": 0,
}
DIRECTIONS = tuple(SIGNALS.values())
# What the score sees beside them where a person wrote the key points.
RUBRIC_SIGNALS: dict[str, int] = SIGNALS | {"stated": 1, "blamed": -1, "claims": -1, "points": 0}
MAX_ASSESSED = 3  # references, the nearest ones, that the assessor reads
_PIECES = re.compile(r"[,;:.!?\n•|/]+(?:\s+|$)|\s+[-–—]\s+")
_SAYS = 4, 12  # words of a piece that says something; without a function word it has no more
_LEXICAL = ("recall", "soft_recall", "precision", "recall_raw", "negation_mismatch", "opposite", "number_clash")
_COLUMNS = tuple(FEATURES.index(name) for name in _LEXICAL)
Floats = NDArray[np.float64]


class Encoder(Protocol):
    """Texts to unit rows (n_texts, n_dims)."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit rows, one per text."""
        ...


@dataclass(frozen=True, slots=True)
class Material:
    """What the signals are measured on."""

    question: str
    references: tuple[str, ...]
    answer: str
    entries: tuple[Entry, ...]
    false_claims: tuple[float, ...] = ()  # confidences
    written: bool = False  # did a person write the key points?


def nearest(answer: str, references: Sequence[str], encoder: Encoder) -> str:
    """The reference with the highest cosine; the first of equals."""
    if len(references) == 1:
        return references[0]
    vectors = encoder.encode([answer, *references])
    cosines = [_dot(vectors[0], v) for v in vectors[1:]]
    return references[max(range(len(references)), key=lambda i: (cosines[i], -i))]


def coverage(entries: Sequence[Entry]) -> tuple[float, float]:
    """Weighted credit and weighted blame, each in [0, 1]."""
    total = sum(e.point.weight for e in entries)
    if total <= 0:
        return 0.0, 0.0
    return sum(e.point.weight * e.credit for e in entries) / total, sum(e.point.weight * e.blame for e in entries) / total


def demoted(text: str, question: str) -> str:
    """The text without the content words of the question ("question demoting"); the text itself where nothing is left."""
    given = set(analyse(question).stems)
    kept = [w for w in words(text) if stem(w) not in given]
    return " ".join(kept) if any(w not in STOP_WORDS and w[0].isalnum() for w in kept) else text


def sentence_likeness(text: str) -> float:
    """How much a text reads like sentences: 0 a bare list of terms, 1 ordinary prose or the terse notes of somebody who knows.

    Prose has function words. Notes have few, but pieces long enough to say something, with a verb or a word between the terms.
    """
    tokens = [w for w in words(text) if w[0].isalnum()]
    if len(tokens) < 4:
        return 1.0  # a short answer is no list
    share = sum(w in STOP_WORDS for w in tokens) / len(tokens)
    return round(min(1.0, max((share - 0.06) / 0.22, _told(text) / 0.35, 0.0)), 4)


def _told(text: str) -> float:
    """Share of the words that stand in pieces which say something, in [0, 1]; a long piece without a function word is a list without commas."""
    said = total = 0
    for piece in _PIECES.split(text):
        n = len(piece.split())
        tokens = words(piece) if n >= _SAYS[0] else []
        total += n
        said += n * (any(w in STOP_WORDS for w in tokens if w[0].isalnum()) or (n <= _SAYS[1] and not FINITE.isdisjoint(tokens)))
    return said / total if total else 0.0


def false_share(confidences: Sequence[float]) -> float:
    """Probability that at least one of the claims is false indeed, in [0, 1]."""
    return float(1 - np.prod([1 - c for c in confidences])) if confidences else 0.0


def _repetition(text: str) -> float:
    """Share of words that a repeated trigram covers, in [0, 1]."""
    tokens = [w for w in words(text) if w[0].isalnum()]
    grams = [tuple(tokens[i : i + 3]) for i in range(len(tokens) - 2)]
    return 1 - len(set(grams)) / len(grams) if len(grams) >= 4 else 0.0


def question_copy(text: str, question: str) -> float:
    """Share of the answer's content words that merely repeat the question, in [0, 1]; 0 where there is no question."""
    mine, theirs = analyse(text).stems, set(analyse(question).stems)
    return sum(s in theirs for s in mine) / len(mine) if mine and theirs else 0.0


def rubric_signals(signals: Floats, entries: Sequence[Entry], n_claims: int) -> Floats:
    """The numbers named by RUBRIC_SIGNALS, shape (n_rubric_signals,), from those of `measure` and the ledger."""
    total = sum(e.point.weight for e in entries) or 1.0
    stated, blamed = (sum(e.point.weight for e in entries if e.state == state) / total for state in ("stated", "contradicted"))
    return np.concatenate([signals, np.round([stated, blamed, min(n_claims, 5) / 5, min(len(entries), 10) / 10], 4)])


def measure(material: Material, encoder: Encoder, assessor: Assessor) -> Floats:
    """The numbers named by SIGNALS, shape (n_signals,), rounded to 4 digits.

    Every reference is tried and the one nearest to the answer counts, so that alternatives stand side by side. Where a person wrote the
    key points, what encoder and assessor would say stays 0.
    """
    answer, question, references = material.answer, material.question, material.references
    n = len(references)
    covered, blamed = coverage(material.entries)
    cosines = lean_cosines = [0.0] * n
    assessed = np.zeros(5)
    if not material.written:  # else the ledger has read the answer already, and likeness only blurs what it found (docs/experiments.md)
        cosines, lean_cosines = _cosines(answer, references, question, encoder)
        nearest = sorted(range(n), key=lambda i: (-cosines[i], i))[:MAX_ASSESSED]
        verdicts = assessor.assess([(question, references[i], answer) for i in nearest])
        assessed = verdicts[int(verdicts[:, 0].argmax())]
    given = frozenset(analyse(question).stems)
    mine = analyse(answer)
    lexical = [_lexical(mine, analyse(r), given) for r in references]
    best = max(range(n), key=lambda i: (cosines[i] + lexical[i][1], -i))
    extra = [
        covered,
        blamed,
        max((e.credit for e in material.entries), default=0.0),
        max(cosines),
        max(lean_cosines),
        float(np.mean(cosines)),
        *_maxima(lexical, best),
        _length_ratio(mine, analyse(references[best])),
        min(mine.n_words, 60) / 60,
        sentence_likeness(answer),
        _repetition(answer),
        false_share(material.false_claims),
        question_copy(answer, question),
        float(len(mine.stems) > 0),
        *assessed[:4].tolist(),
    ]
    return np.round(np.array(extra, dtype=float), 4)


def _cosines(answer: str, references: Sequence[str], question: str, encoder: Encoder) -> tuple[list[float], list[float]]:
    """Likeness of the answer to each reference, and the same without the words of the question."""
    vectors = encoder.encode([answer, *references, *(demoted(text, question) for text in (answer, *references))])
    n = len(references)
    return [_dot(vectors[0], v) for v in vectors[1 : n + 1]], [_dot(vectors[n + 1], v) for v in vectors[n + 2 :]]


def _maxima(lexical: Sequence[tuple[float, ...]], best: int) -> list[float]:
    """recall, soft recall, precision, raw recall by the best reference for each; mismatches by the nearest one."""
    top = [max(row[i] for row in lexical) for i in range(4)]
    return [top[0], top[1], top[2], top[3], *lexical[best][4:]]


def _lexical(answer: Analysis, reference: Analysis, given: frozenset[str]) -> tuple[float, ...]:
    row = contrast(answer, reference, 0.0, given)  # no column of these depends on the cosine
    return tuple(row[i] for i in _COLUMNS)


def _length_ratio(answer: Analysis, reference: Analysis) -> float:
    return float(min(2.0, len(answer.stems) / max(1, len(reference.stems))))


def _dot(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    return round(float(np.einsum("i,i->", a, b)), 4)
