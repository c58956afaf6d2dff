"""Stance by a cross-encoder over the pair: it reads both texts together, one forward pass of a small BERT a pair.

The model is the pinned base and a small difference to it that this project trained (`model/stance.safetensors`).
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

__all__ = ["CrossStance", "in_context", "load_stance"]

MAX_TOKENS = 224  # of text and statement together; the longer of the two is cut
_REMEMBERED = 50_000  # pairs, 6 MB
Floats = NDArray[np.float64]


def in_context(text: str, context: str) -> str:
    """The text as the model reads it after the question or heading it stands under."""
    return f"{context} | {text}" if context else text


class CrossStance:
    """Support, contradict or silent, see the `Stance` protocol. Remembers pairs by content; thread-safe."""

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Store the folder that `ensure_stance` made; the model is opened at the first pair that is new."""
        self._folder = folder
        self._runtime = Runtime(folder, threads=threads, max_tokens=MAX_TOKENS)
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Floats] = OrderedDict()

    @cached_property
    def _manifest(self) -> tuple[str, Floats]:
        """The artefact's checksum, and the temperature and biases (4,) that calibrate its logits."""
        path = self._folder / "manifest.json"
        try:
            manifest = json.loads(path.read_text("utf-8"))
            return str(manifest["source"]), np.array(manifest["calibration"], float)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelError(f"{path} cannot be read ({error!r}); delete the folder {self._folder}.") from error

    @property
    def name(self) -> str:
        """Name and checksum of the artefact."""
        return f"viva-stance-{self._manifest[0][:8]}"

    def judge(self, pairs: Sequence[tuple[str, str]], given: Sequence[str] | None = None) -> Floats:
        """Probabilities, shape (n_pairs, 3), that each text supports, contradicts or is silent on its statement.

        Args:
            pairs: (text, statement); the order matters.
            given: Per pair the question or heading the text stands under, "" for none.
        """
        read = [(in_context(text, given[i] if given else ""), statement) for i, (text, statement) in enumerate(pairs)]
        keys = [hashlib.blake2b(json.dumps(pair).encode(), digest_size=16).digest() for pair in read]
        with self._lock:
            found = {key: self._known[key] for key in keys if key in self._known}
        new = {key: pair for key, pair in zip(keys, read, strict=True) if key not in found}
        if new:
            found |= dict(zip(new, self._probabilities(list(new.values())), strict=True))
            self._remember(found)
        return np.stack([found[key] for key in keys]) if keys else np.zeros((0, 3))

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


def load_stance(settings: Settings) -> CrossStance:
    """The shipped stance, made ready at the first call; ModelError where that cannot be done."""
    from corpus.meaning.export import ensure_stance

    return CrossStance(ensure_stance(settings), threads=settings.threads)
