"""Stance and verdict by cross-encoders over the pair: they read both texts together, one forward pass of a small BERT a pair.

Each model is the pinned base and a small difference to it that this project trained (`model/*.safetensors`).
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from corpus.meaning.runtime import Runtime
from corpus.settings import Settings

__all__ = ["MAX_TOKENS", "CrossAssessor", "CrossStance", "in_context", "load_assessor", "load_stance"]

MAX_TOKENS = 224  # of text and statement together; the longer of the two is cut
_REMEMBERED = 50_000  # pairs, 6 MB
Floats = NDArray[np.float64]
# A text supports itself; in one of eighty the model, which learned to look for small differences, takes its copy for a denial.
_ITSELF = (0.99, 0.005, 0.005)


def in_context(text: str, context: str) -> str:
    """The text as the model reads it after the question or heading it stands under."""
    return f"{context} | {text}" if context else text


class PairClassifier:
    """Probabilities of classes for pairs of texts. Remembers pairs by content; thread-safe."""

    kind = ""
    n_classes = 0

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Store the folder that holds the exported model; it is opened at the first pair that is new."""
        self._folder = folder
        self._runtime = Runtime(folder, threads=threads, max_tokens=MAX_TOKENS)
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Floats] = OrderedDict()

    @cached_property
    def _manifest(self) -> tuple[str, Floats]:
        """The artefact's checksum, and the temperature and biases (1 + n_classes,) that calibrate its logits."""
        path = self._folder / "manifest.json"
        try:
            manifest = json.loads(path.read_text("utf-8"))
            return str(manifest["source"]), np.array(manifest["calibration"], float)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path} cannot be read ({error!r}); delete the folder {self._folder}.") from error

    @property
    def name(self) -> str:
        """Name and checksum of the artefact."""
        return f"viva-{self.kind}-{self._manifest[0][:8]}"

    def classify(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        """Probabilities, shape (n_pairs, n_classes); rows sum to 1."""
        keys = [hashlib.blake2b(json.dumps(pair).encode(), digest_size=16).digest() for pair in pairs]
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
        new = {key: pair for key, pair in zip(keys, pairs, strict=True) if key not in found}
        if new:
            found |= dict(zip(new, self._probabilities(list(new.values())), strict=True))
            self._remember(found)
        return np.stack([found[key] for key in keys]) if keys else np.zeros((0, self.n_classes))

    def _probabilities(self, pairs: Sequence[tuple[str, str]]) -> Floats:
        scale = self._manifest[1]
        logits = self._runtime.infer(pairs).astype(float) * scale[0] + scale[1:]
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(np.round(e / e.sum(axis=1, keepdims=True), 5))

    def _remember(self, rows: dict[bytes, Floats]) -> None:
        with self._lock:
            self._known |= {key: row.copy() for key, row in rows.items()}
            while len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)


class CrossStance(PairClassifier):
    """Support, contradict or silent, see the `Stance` protocol."""

    kind, n_classes = "stance", 3

    def judge(self, pairs: Sequence[tuple[str, str]], given: Sequence[str] | None = None) -> Floats:
        """Probabilities, shape (n_pairs, 3), that each text supports, contradicts or is silent on its statement.

        Args:
            pairs: (text, statement); the order matters.
            given: Per pair the question or heading the text stands under, "" for none.
        """
        rows = self.classify([(in_context(text, given[i] if given else ""), statement) for i, (text, statement) in enumerate(pairs)])
        same = [text.casefold().split() == statement.casefold().split() for text, statement in pairs]
        return np.where(np.array(same, bool)[:, None], _ITSELF, rows)


class CrossAssessor(PairClassifier):
    """The five verdicts of SemEval-2013 on an answer, see the `Assessor` protocol."""

    kind, n_classes = "assessor", 5

    def assess(self, answers: Sequence[tuple[str, str, str]]) -> Floats:
        """Probabilities, shape (n, 5), of the VERDICTS on each (question, reference, answer)."""
        return self.classify([(in_context(answer, question), reference) for question, reference, answer in answers])


def load_stance(settings: Settings) -> CrossStance:
    """The shipped stance, made ready at the first call; ModelError where that cannot be done."""
    from corpus.meaning.export import ensure_stance

    return CrossStance(ensure_stance(settings), threads=settings.threads)


def load_assessor(settings: Settings) -> CrossAssessor:
    """The shipped assessor, made ready at the first call; ModelError where that cannot be done."""
    from corpus.meaning.export import ensure_assessor

    return CrossAssessor(ensure_assessor(settings), threads=settings.threads)
