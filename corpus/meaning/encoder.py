"""Encoders: texts to unit vectors. Others depend on the Protocol, never on one of the classes."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.meaning.runtime import Runtime
from corpus.meaning.source import ModelMissingError
from corpus.settings import BUILTIN_MODEL, Settings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["Encoder", "OnnxEncoder", "SentenceTransformerEncoder", "load_encoder"]

_BUILTIN_NAME = "all-MiniLM-L6-v2-int8"


class Encoder(Protocol):
    """Turns texts into unit vectors; thread-safe."""

    @property
    def name(self) -> str:
        """The model, for people."""
        ...

    @property
    def checksum(self) -> str:
        """The model, for caches: equal checksums give equal vectors."""
        ...

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row for each text, shape (n, dimensions); (0, dimensions) for no texts."""
        ...


class OnnxEncoder:
    """The built-in model, or any folder that `corpus.meaning.export` made.

    A text's vector is the same to the byte, whatever else is encoded with it. Texts are cut at 256
    tokens (about 190 English words); the empty string has a vector too.
    """

    name = _BUILTIN_NAME

    def __init__(self, folder: Path, *, threads: int = 1) -> None:
        """Store the folder; the model is opened at the first `encode`."""
        self.folder = folder
        self._runtime = Runtime(folder, threads=threads)

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the checksums of model and tokenizer."""
        path = self.folder / "manifest.json"
        try:
            sums = json.loads(path.read_text("utf-8"))["sha256"]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelMissingError(f"{path} cannot be read ({error!r}); delete the folder {self.folder}.") from error
        return hashlib.sha256(json.dumps(sums, sort_keys=True).encode()).hexdigest()

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self._runtime.outputs

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row for each text, shape (n, dimensions); equal texts are encoded once."""
        places = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        rows = self._runtime.infer(list(places))
        return rows if len(places) == len(texts) else rows[[places[text] for text in texts]]


class SentenceTransformerEncoder:
    """Any sentence-transformers model, by name or folder; needs the extra `viva-grader[train]`.

    Unlike the built-in model it pads batches, so equal texts in different company may differ in the last bits.
    """

    def __init__(self, model: str) -> None:
        """Store the model's name or folder; it is loaded at the first use."""
        self.name = model
        self._lock = threading.Lock()

    @cached_property
    def _model(self) -> SentenceTransformer:
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ModelMissingError(
                f"The model {self.name!r} needs sentence-transformers: pip install 'viva-grader[train]', or unset VIVA_MODEL."
            ) from error
        try:
            return SentenceTransformer(self.name, device="cpu")
        except (OSError, ValueError) as error:
            raise ModelMissingError(f"VIVA_MODEL={self.name!r} cannot be loaded: {error}") from error

    @cached_property
    def checksum(self) -> str:
        """SHA-256 over the name, shape and bytes of every weight."""
        digest = hashlib.sha256(self.name.encode())
        with self._lock:
            for key, tensor in sorted(self._model.state_dict().items()):
                digest.update(f"{key}{tuple(tensor.shape)}".encode())
                digest.update(tensor.detach().float().contiguous().numpy().tobytes())
        return digest.hexdigest()

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return int(self.encode([""]).shape[1])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return one unit row for each text, shape (n, dimensions)."""
        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        with self._lock:
            rows: Any = self._model.encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(rows, np.float32)


def load_encoder(settings: Settings) -> Encoder:
    """Return the encoder that the settings name, with a cache of vectors in memory."""
    from corpus.meaning.cached import CachedEncoder

    if settings.model != BUILTIN_MODEL:
        return CachedEncoder(SentenceTransformerEncoder(settings.model))
    from corpus.meaning.export import ensure_model

    return CachedEncoder(OnnxEncoder(ensure_model(settings), threads=settings.threads))
