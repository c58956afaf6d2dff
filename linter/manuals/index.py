"""The local index: what was read of manuals, and their vectors, below the cache folder. Nothing of it enters the repository.

A manual is two files. `flask-v3.1.2.jsonl` has a line that says what it is, then its pages, then its passages;
`flask-v3.1.2.npy` has one vector a passage, float16. Each is written in one step, the text last: it names the vectors it goes with.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from corpus import Encoder
from corpus.files import write_whole
from linter.errors import ManualError
from linter.manuals.records import Manual, Page, Passage, Place

__all__ = ["IndexedManual", "ManualIndex", "Near"]

_FORMAT = 1
_BATCH = 256
_MAX_BYTES = 200 << 20  # of one file of text


@dataclass(frozen=True, slots=True)
class Near:
    """A passage and how near it is: cosine, -1 to 1."""

    cosine: float
    passage: Passage


@dataclass(frozen=True)
class IndexedManual:
    """A manual of the index; its vectors are opened at the first question."""

    manual: Manual
    encoder: str  # checksum of the encoder that made the vectors
    file: Path  # of the vectors
    digest: str

    @cached_property
    def _vectors(self) -> NDArray[np.float32]:
        try:
            data = self.file.read_bytes()
            if hashlib.sha256(data).hexdigest() != self.digest:
                raise ValueError("they do not belong to the text")
            vectors = np.load(io.BytesIO(data), allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise _damaged(self.manual, error) from None
        if vectors.ndim != 2 or len(vectors) != len(self.manual.passages):
            raise _damaged(self.manual, "the vectors do not match the text")
        return np.asarray(vectors, np.float32)

    def nearest(self, vectors: NDArray[np.float32], encoder: Encoder, limit: int = 3) -> list[list[Near]]:
        """For each row the `limit` nearest passages, nearest first; equal passages of several places count once.

        Raises:
            ManualError: the vectors were made with another model, or are damaged.
        """
        if self.encoder != encoder.checksum:
            raise ManualError(self.manual.label, f"it was indexed with another model; `{_add(self.manual)}` does it anew")
        cosines = vectors @ self._vectors.T
        return [self._best(row, limit) for row in cosines]

    def _best(self, cosines: NDArray[np.float32], limit: int) -> list[Near]:
        count = min(len(cosines), 8 * limit)
        found: dict[str, Near] = {}
        for i in sorted(np.argpartition(-cosines, count - 1)[:count], key=lambda i: (-cosines[i], i)):
            passage = self.manual.passages[int(i)]
            found.setdefault(passage.text, Near(round(float(cosines[i]), 4), passage))
        return list(found.values())[:limit]


class ManualIndex:
    """The manuals in a folder."""

    def __init__(self, cache: Path) -> None:
        self.folder = cache / "manuals"

    def add(self, manual: Manual, encoder: Encoder, progress: Callable[[int, int], None] = lambda done, total: None) -> Path:
        """Keep a manual with the vectors of its passages; one that is there already is replaced.

        Raises:
            ManualError: the folder cannot be written.
        """
        texts = [passage.text for passage in manual.passages]
        rows = []
        for start in range(0, len(texts), _BATCH):
            rows.append(encoder.encode(texts[start : start + _BATCH]).astype(np.float16))
            progress(min(start + _BATCH, len(texts)), len(texts))
        buffer = io.BytesIO()
        np.save(buffer, np.concatenate(rows), allow_pickle=False)
        file = self._file(manual.name, manual.version)
        try:
            write_whole(file.with_suffix(".npy"), buffer.getvalue())
            write_whole(file, _written(manual, encoder.checksum, hashlib.sha256(buffer.getbuffer()).hexdigest()))
        except OSError as error:
            raise ManualError(manual.label, f"{self.folder} cannot be written ({error.strerror})") from None
        return file

    def names(self) -> list[tuple[str, Version, int]]:
        """Name, version and bytes of every manual, by name and version; nothing is opened."""
        found = []
        for file in self.folder.glob("*.jsonl") if self.folder.is_dir() else ():
            name, _, number = file.stem.rpartition("-v")
            try:
                vectors = file.with_suffix(".npy")
                size = file.stat().st_size + (vectors.stat().st_size if vectors.is_file() else 0)
                found.append((name, Version(number), size))
            except (InvalidVersion, OSError):
                continue
        return sorted(found)

    def require(self, why: str) -> None:
        """ManualError where nothing is indexed, though `why` needs it."""
        if not self.names():
            raise ManualError("any package", f"none is indexed, and {why} reads them; `linter manuals add flask==3.1.2` adds one")

    def versions(self, name: str) -> list[Version]:
        """The indexed versions of a package, oldest first."""
        return [version for known, version, _ in self.names() if known == canonicalize_name(name)]

    def resolve(self, name: str, version: Version) -> Version:
        """The indexed version that is meant: `2.2` may stand for 2.2.5; the newest of them, or `version` itself where none is."""
        known = self.versions(name)
        fitting = [v for v in known if v.release[: len(version.release)] == version.release]
        same = [v for v in known if v == version]  # 2.2 and 2.2.0 are one release under two names
        return (same or fitting or [version])[-1]

    def load(self, name: str, version: Version) -> IndexedManual:
        """A manual of the index.

        Raises:
            ManualError: it is not there, or damaged.
        """
        file = self._file(name, version)
        try:
            if file.stat().st_size > _MAX_BYTES:
                raise ValueError("it is too large")
            head, *rows = (json.loads(line) for line in file.read_text("utf-8").splitlines())
            return _loaded(head, rows, file)
        except FileNotFoundError:
            known = ", ".join(f"{n}=={v}" for n, v, _ in self.names()) or "none"
            raise ManualError(
                f"{name} {version}", f"it is not indexed (indexed: {known}). `linter manuals add {name}=={version}` does it"
            ) from None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ManualError(
                f"{name} {version}", f"its index is damaged ({error}); `linter manuals add {name}=={version}` makes it anew"
            ) from None

    def newest(self, name: str) -> IndexedManual | None:
        """The newest indexed manual of a package; None without one. ManualError where it is damaged."""
        versions = self.versions(name)
        return self.load(name, versions[-1]) if versions else None

    def remove(self, name: str, version: Version | None = None) -> list[Version]:
        """Forget a release, or all releases of a package; return those that were there."""
        gone = [v for v in self.versions(name) if version in (None, v)]
        for one in gone:
            for suffix in (".jsonl", ".npy"):
                self._file(name, one).with_suffix(suffix).unlink(missing_ok=True)
        return gone

    def _file(self, name: str, version: Version) -> Path:
        return self.folder / f"{canonicalize_name(name)}-v{version}.jsonl"


def _written(manual: Manual, encoder: str, vectors: str) -> bytes:
    head = {
        "format": _FORMAT,
        "name": manual.name,
        "version": str(manual.version),
        "site": manual.site,
        "encoder": encoder,
        "vectors": vectors,
    }
    head |= {"pages": len(manual.pages), "passages": len(manual.passages)}
    rows: Iterable[dict[str, Any]] = (head, *map(asdict, manual.pages), *map(asdict, manual.passages))
    return "".join(json.dumps(row, ensure_ascii=True) + "\n" for row in rows).encode()


def _loaded(head: dict[str, Any], rows: Sequence[dict[str, Any]], file: Path) -> IndexedManual:
    if head["format"] != _FORMAT or len(rows) != head["pages"] + head["passages"]:
        raise ValueError("it is of another version of Viva, or cut off")
    pages = tuple(Page(row["name"], row["title"], tuple(Place(**place) for place in row["places"])) for row in rows[: head["pages"]])
    passages = tuple(Passage(**row) for row in rows[head["pages"] :])
    manual = Manual(head["name"], Version(head["version"]), head["site"], pages, passages)
    return IndexedManual(manual, head["encoder"], file.with_suffix(".npy"), head["vectors"])


def _add(manual: Manual) -> str:
    return f"linter manuals add {manual.name}=={manual.version}"


def _damaged(manual: Manual, problem: object) -> ManualError:
    return ManualError(manual.label, f"its vectors are damaged ({problem}); `{_add(manual)}` makes them anew")
