"""Stance without a transformer over the pair: lexical contrast and two vectors, weighed by a logistic regression.

It takes microseconds a pair and is honest about its limits: it sees negations, opposites, numbers and missing words,
not world knowledge. A cross-encoder stands behind the same protocol.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from corpus.meaning.contrast import FEATURES, analyse, contrast

__all__ = ["STANCE_FILE", "LexicalStance", "StanceWeights", "load_lexical_stance", "pair_features"]

STANCE_FILE = Path(__file__).parent / "lexical_stance.json"
Floats = NDArray[np.float64]


class _Encoder(Protocol):
    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]: ...


@dataclass(frozen=True)
class StanceWeights:
    """A one-hidden-layer (or, with `hidden` of size zero, linear) softmax over standardised features."""

    mean: Floats  # (n_features,)
    scale: Floats  # (n_features,)
    layers: tuple[tuple[Floats, Floats], ...]  # ((n_in, n_out), (n_out,)) each; relu between
    name: str

    def probabilities(self, features: Floats) -> Floats:
        """(n_pairs, n_features) -> (n_pairs, 3): support, contradict, silent; rows sum to 1."""
        x = (features - self.mean) / self.scale
        for i, (weights, bias) in enumerate(self.layers):
            # a row's product must not depend on its neighbours: einsum keeps to one order of summation
            x = np.einsum("ij,jk->ik", np.maximum(x, 0.0) if i else x, weights) + bias
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return np.asarray(e / e.sum(axis=1, keepdims=True))


@lru_cache(maxsize=4)
def load_weights(path: Path = STANCE_FILE) -> StanceWeights:
    """Read the weights; ModelError where they are missing, damaged or made for other features."""
    try:
        data = path.read_bytes()
        record = json.loads(data)
        layers = tuple((np.array(layer["weights"], float), np.array(layer["bias"], float)) for layer in record["layers"])
        weights = StanceWeights(
            np.array(record["mean"], float),
            np.array(record["scale"], float),
            layers,
            hashlib.sha256(data).hexdigest()[:8],
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path}: the stance weights cannot be read ({error}); run make train, or install again") from error
    if tuple(record.get("features", ())) != FEATURES:
        raise ModelError(f"{path}: the stance weights were made for other features; run make train")
    return weights


def pair_features(pairs: Sequence[tuple[str, str]], encoder: _Encoder, given: Sequence[str] | None = None) -> Floats:
    """Features of (text, statement) pairs, shape (n_pairs, n_features), in the order of FEATURES.

    Args:
        pairs: (text, statement); the order matters.
        encoder: Gives unit rows.
        given: Per pair the words that count for neither side (the question), or None.
    """
    texts = list(dict.fromkeys(t for pair in pairs for t in pair))
    if not texts:
        return np.zeros((0, len(FEATURES)))
    row = {text: i for i, text in enumerate(texts)}
    vectors = encoder.encode(texts)
    rows = []
    for i, (text, statement) in enumerate(pairs):
        cosine = round(float(np.einsum("i,i->", vectors[row[text]], vectors[row[statement]])), 5)
        known = frozenset(analyse(given[i]).stems) if given is not None else frozenset()
        rows.append(contrast(analyse(text), analyse(statement), cosine, known))
    return np.array(rows, dtype=float)


class LexicalStance:
    """Support, contradict or silent, from words and vectors; see the `Stance` protocol."""

    def __init__(self, encoder: _Encoder, weights: StanceWeights) -> None:
        self.encoder, self.weights = encoder, weights

    @property
    def name(self) -> str:
        """Name and checksum of the weights."""
        return f"lexical-stance-{self.weights.name}"

    def judge(self, pairs: Sequence[tuple[str, str]], given: Sequence[str] | None = None) -> Floats:
        """Probabilities, shape (n_pairs, 3), that each text supports, contradicts or is silent on its statement."""
        return self.weights.probabilities(pair_features(pairs, self.encoder, given))


def load_lexical_stance(encoder: _Encoder, path: Path = STANCE_FILE) -> LexicalStance:
    """The shipped stance over `encoder`; ModelError where its weights cannot be read."""
    return LexicalStance(encoder, load_weights(path))
