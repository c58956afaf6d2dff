"""An encoder that remembers: vectors by content, in memory and, where asked, in a file.

The file is SQLite: several processes may share it. It holds the model's checksum in every key, so another
model never finds the vectors of this one. Whatever goes wrong with it costs time, never a result.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import threading
import zlib
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.meaning.encoder import Encoder

__all__ = ["CachedEncoder", "VectorFile"]

_MEMORY_VECTORS = 20_000  # 30 MB at 384 dimensions
_FILE_VECTORS = 100_000  # 160 MB
_WAIT_SECONDS = 2.0
_QUESTION_MARKS = 500  # SQLite allows 999 in its oldest builds
Vector = NDArray[np.float32]


class CachedEncoder:
    """Wraps an encoder; same name, checksum and vectors. Thread-safe."""

    def __init__(self, encoder: Encoder, *, limit: int = _MEMORY_VECTORS, file: VectorFile | None = None) -> None:
        """Remember up to `limit` vectors in memory, the least recently used leave first."""
        if limit < 1:
            raise ValueError(f"limit must be at least 1, got {limit}")
        self.encoder, self.limit, self.file = encoder, limit, file
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
        if missing and self.file is not None:
            stored = self.file.read(list(missing), self.dimensions)
            found |= stored
            missing = {key: text for key, text in missing.items() if key not in stored}
        if missing:
            fresh = dict(zip(missing, self.encoder.encode(list(missing.values())), strict=True))
            found |= fresh
            if self.file is not None:
                self.file.write(fresh)
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


class VectorFile:
    """Vectors by key in an SQLite file of at most `limit` vectors. Thread-safe, shared by processes.

    A damaged file is made anew; one that is locked or cannot be written is left out.
    """

    def __init__(self, path: Path, *, limit: int = _FILE_VECTORS) -> None:
        """Store the path; the file is opened at the first use."""
        self.path, self.limit = path, limit
        self._lock = threading.Lock()
        self._open: tuple[int, sqlite3.Connection] | None = None

    def read(self, keys: Sequence[bytes], dimensions: int) -> dict[bytes, Vector]:
        """Return the vectors that are there and whole."""
        found: dict[bytes, Vector] = {}
        with self._lock, self._forgiving():
            for start in range(0, len(keys), _QUESTION_MARKS):
                part = keys[start : start + _QUESTION_MARKS]
                marks = ",".join("?" * len(part))
                query = f"SELECT key, vector, crc FROM vectors WHERE key IN ({marks})"  # noqa: S608 - marks alone, no values
                for key, blob, crc in self._connection().execute(query, part):
                    if isinstance(blob, bytes) and len(blob) == 4 * dimensions and zlib.crc32(key + blob) == crc:
                        found[key] = np.frombuffer(blob, "<f4").astype(np.float32)
        return found

    def write(self, vectors: Mapping[bytes, Vector]) -> None:
        """Store vectors; the oldest leave when there are more than `limit`."""
        blobs = ((key, vector.astype("<f4").tobytes()) for key, vector in vectors.items())
        rows = [(key, blob, zlib.crc32(key + blob)) for key, blob in blobs]
        with self._lock, self._forgiving(), self._connection() as connection:
            connection.executemany("INSERT OR REPLACE INTO vectors (key, vector, crc) VALUES (?, ?, ?)", rows)
            newest = connection.execute("SELECT max(number) FROM vectors").fetchone()[0] or 0
            connection.execute("DELETE FROM vectors WHERE number <= ?", (newest - self.limit,))

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        with self._lock:
            self._drop()

    @contextlib.contextmanager
    def _forgiving(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.OperationalError, OSError):  # locked, full, read-only: do without
            self._drop()
        except sqlite3.DatabaseError:  # not a database, or a torn one
            self._drop()
            for suffix in ("", "-wal", "-shm"):
                with contextlib.suppress(OSError):
                    self.path.with_name(self.path.name + suffix).unlink()

    def _connection(self) -> sqlite3.Connection:
        if self._open is None or self._open[0] != os.getpid():  # a connection must not cross a fork
            self.path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.path, timeout=_WAIT_SECONDS, check_same_thread=False)
            self._open = os.getpid(), connection
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS vectors (number INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB UNIQUE, vector BLOB, crc INTEGER)"
            )
        return self._open[1]

    def _drop(self) -> None:
        if self._open is not None and self._open[0] == os.getpid():
            with contextlib.suppress(sqlite3.Error):
                self._open[1].close()
        self._open = None
