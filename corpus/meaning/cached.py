"""An encoder that remembers: vectors by content, in memory."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.meaning.encoder import Encoder

__all__ = ["CachedEncoder"]

_MEMORY_VECTORS = 20_000  # 30 MB at 384 dimensions
Vector = NDArray[np.float32]


class CachedEncoder:
    """Wraps an encoder; same name, checksum and vectors. Thread-safe."""

    def __init__(self, encoder: Encoder, *, limit: int = _MEMORY_VECTORS) -> None:
        """Remember up to `limit` vectors in memory, the least recently used leave first."""
        if limit < 1:
            raise ValueError(f"limit must be at least 1, got {limit}")
        self.encoder, self.limit = encoder, limit
        self._lock = threading.Lock()
        self._known: OrderedDict[bytes, Vector] = OrderedDict()

    @property
    def name(self) -> str:
        """The name of the wrapped encoder."""
        return self.encoder.name

    @property
    def checksum(self) -> str:
        """The checksum of the wrapped encoder."""
        return self.encoder.checksum

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self.encoder.dimensions

    def encode(self, texts: Sequence[str]) -> Vector:
        """Return one unit row for each text, shape (n, dimensions); only unknown texts are encoded."""
        keys = [self._key(text) for text in texts]
        found = self._recall(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            found |= zip(missing, self.encoder.encode(list(missing.values())), strict=True)
        self._remember(found)
        return np.stack([found[key] for key in keys]) if keys else np.empty((0, self.dimensions), np.float32)

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(f"{self.checksum}\0{text}".encode("utf-8", "surrogatepass")).digest()

    def _recall(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        with self._lock:
            return {key: self._known[key] for key in keys if key in self._known}

    def _remember(self, vectors: Mapping[bytes, Vector]) -> None:
        with self._lock:
            for key, vector in vectors.items():
                if key not in self._known:  # a copy, so that one row does not hold its whole batch in memory
                    self._known[key] = vector.copy()
                self._known.move_to_end(key)
            while len(self._known) > self.limit:
                self._known.popitem(last=False)
