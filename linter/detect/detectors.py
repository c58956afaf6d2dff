"""One detector per fact: a lexical and a vector model learned from its wordings."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.records import Fact, Wording
from linter.detect import kernel
from linter.detect.lexical import hashed

__all__ = ["Detector", "Example", "examples_of", "fit_detector"]

Vectors = npt.NDArray[np.float32]
LEXICAL_RIDGE = 0.05
VECTOR_RIDGE = 0.05
BACKGROUND_WEIGHT = 0.6
MAX_BACKGROUND = 360
BACKGROUND_FOLDS = 2
MAX_BUCKETS = 5000  # of a detector, those of the largest weights; the others together weigh next to nothing
_STEPS = 127  # of a weight to either side of 0
RECIPE = "detector.v10"


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence to learn from: false (the misconception), or anything else; `group` is its writer."""

    text: str
    false: bool
    group: str
    background: bool = False


@dataclass(frozen=True)
class Detector:
    """Two linear models over one sentence. Both give log-odds that it states the misconception.

    `lexical` has one weight, in steps of `lexical_scale`, for each of the buckets in `numbers` (sorted), both of shape (n_buckets,);
    `vector` has shape (n_dims,).
    Each model has its intercept.
    """

    code: str
    numbers: npt.NDArray[np.uint16]
    lexical: npt.NDArray[np.int8]
    lexical_scale: float
    lexical_bias: float
    vector: Vectors
    vector_bias: float

    def lexical_logit(self, text: str) -> float:
        """Log-odds by wording alone."""
        numbers, weights = hashed(text)
        places = np.minimum(np.searchsorted(self.numbers, numbers), len(self.numbers) - 1)
        known = self.numbers[places] == numbers
        return float(self.lexical[places[known]].astype(np.float32) @ weights[known]) * self.lexical_scale + self.lexical_bias

    def vector_logits(self, vectors: Vectors) -> npt.NDArray[np.float64]:
        """Log-odds by meaning; (n, n_dims) to (n,). Row by row, so that company does not change a sentence's number."""
        products = (vectors * self.vector).sum(axis=1, dtype=np.float64)
        return np.asarray(products + self.vector_bias)


def examples_of(fact: Fact, wordings: Iterable[Wording], background: Iterable[str]) -> list[Example]:
    """What the detector of `fact` learns from: its own sentences, the training wordings, and true sentences beside it."""
    own = [Example(text, True, "author") for text in fact.false_wordings]
    own += [Example(text, False, "author") for text in (fact.statement, *fact.true_wordings, *fact.near_misses)]
    own += [Example(w.text, w.label == "false", w.writer) for w in wordings if w.fact == fact.code]
    seen = {e.text for e in own}
    # A fixed, content-keyed draw: a new sentence elsewhere moves at most one of these.
    others = sorted({b for b in background if b not in seen}, key=lambda text: zlib.crc32(text.encode()))
    own += [Example(text, False, f"background{zlib.crc32(text.encode()) % BACKGROUND_FOLDS}", background=True) for text in others]
    return own


def fit_detector(code: str, examples: Sequence[Example], vectors: Mapping[str, Vectors]) -> Detector:
    """Fit both models; `vectors` maps each example's text to its unit vector, shape (n_dims,)."""
    labels = np.array([e.false for e in examples], dtype=np.float64)
    weights = np.array([BACKGROUND_WEIGHT if e.background else 1.0 for e in examples])
    for side in (0.0, 1.0):  # both sides weigh the same in sum
        weights[labels == side] *= len(labels) / 2 / max(weights[labels == side].sum(), 1e-9)
    sparse = [hashed(e.text) for e in examples]
    columns = np.unique(np.concatenate([numbers for numbers, _ in sparse]))
    rows = np.zeros((len(examples), len(columns)), dtype=np.float32)
    for row, (numbers, values) in zip(rows, sparse, strict=True):
        np.add.at(row, np.searchsorted(columns, numbers), values)
    # A rare n-gram says more. The weight is folded into the model, so that serving is unchanged.
    rarity = (np.log((1 + len(rows)) / (1 + (rows > 0).sum(axis=0))) + 0.3).astype(np.float32)
    rarity /= max(float(np.sqrt(((rows * rarity) ** 2).sum(axis=1).mean())), 1e-9)  # sentences keep length 1 on average
    rows *= rarity
    alpha, lexical_bias = kernel.fit((rows @ rows.T).astype(np.float64), labels, weights, ridge=LEXICAL_RIDGE)
    lexical = (alpha.astype(np.float32) @ rows) * rarity
    kept = np.sort(np.argsort(-np.abs(lexical), kind="stable")[:MAX_BUCKETS])
    meaning = np.stack([vectors[e.text] for e in examples])
    alpha, vector_bias = kernel.fit((meaning @ meaning.T).astype(np.float64), labels, weights, ridge=VECTOR_RIDGE)
    vector = (alpha.astype(np.float32) @ meaning).astype(np.float32)
    scale = max(float(np.abs(lexical).max()), 1e-9) / _STEPS
    steps = np.round(lexical[kept] / scale).astype(np.int8)
    return Detector(code, columns[kept].astype(np.uint16), steps, scale, lexical_bias, vector, vector_bias)
