"""Source distributions, opened for reading: members are bounded in number and size, nothing is unpacked to disk, no code of them runs."""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zipfile
import zlib
from bz2 import BZ2File
from collections.abc import Callable, Iterator
from email.parser import HeaderParser
from pathlib import Path
from typing import IO, Any

from linter.errors import ManualError

__all__ = ["Sdist", "open_sdist"]

_MAX_ARCHIVE = 200 << 20
_MAX_TOTAL = 600 << 20  # bytes of all members together; Django 5.2 has 60 MB
_MAX_PIECE = 8 << 20  # one read: what a forged header could make us hold
_MAX_MEMBERS = 60_000
_MAX_FILE = 2 << 20  # a page or module; longer ones are left out
_MAX_KEPT = 200 << 20  # bytes of all pages and modules together
_BROKEN = (
    tarfile.TarError,
    zipfile.BadZipFile,
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    ValueError,
    NotImplementedError,
    RuntimeError,
)
_OPENERS: dict[str, Callable[..., Any]] = {
    ".gz": gzip.open,
    ".tgz": gzip.open,
    ".bz2": BZ2File,
    ".xz": lzma.open,
    ".tar": Path.open,
}


class Sdist:
    """The texts of a source distribution by their path below its one folder, and what its PKG-INFO says."""

    def __init__(self, texts: dict[str, str]) -> None:
        self.texts = texts
        head = HeaderParser().parsestr(texts.get("PKG-INFO", ""))
        self.name: str = head.get("Name", "")
        self.version: str = head.get("Version", "")
        links = [link.partition(",") for link in head.get_all("Project-URL", [])]
        self.links: tuple[tuple[str, str], ...] = tuple((label.strip().lower(), url.strip()) for label, _, url in links)


def open_sdist(path: Path, wanted: Callable[[str], bool]) -> Sdist:
    """Read PKG-INFO and the members whose path `wanted` says yes to.

    Raises:
        ManualError: no such file, no archive, a damaged one, or one beyond the bounds or with a path that leaves its folder.
    """
    try:
        if path.stat().st_size > _MAX_ARCHIVE:
            raise ManualError(path.name, f"its archive is larger than {_MAX_ARCHIVE >> 20} MB")
        members = _zipped if path.suffix == ".zip" else _tarred
        texts: dict[str, str] = {}
        kept = 0
        for name, data in members(path, lambda n: n == "PKG-INFO" or wanted(n)):
            kept += len(data)
            if kept > _MAX_KEPT:
                raise ManualError(path.name, f"its documentation is larger than {_MAX_KEPT >> 20} MB")
            texts[name] = data.decode("utf-8", "replace").removeprefix("\ufeff")
    except FileNotFoundError:
        raise ManualError(path.name, "there is no such file") from None
    except _BROKEN as error:
        raise ManualError(path.name, f"the archive cannot be read ({error or type(error).__name__})") from None
    return Sdist(texts)


def _below(path: Path, name: str) -> str:
    """The path of a member without the folder that holds all of them."""
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0]:
        raise ManualError(path.name, f"a member would leave its folder ({name[:80]!r}); such an archive is not read")
    return "/".join(part for part in parts[1:] if part not in ("", "."))


def _count(path: Path, members: int, total: int) -> None:
    if members > _MAX_MEMBERS:
        raise ManualError(path.name, f"the archive has more than {_MAX_MEMBERS:,} members")
    if total > _MAX_TOTAL:
        raise ManualError(path.name, f"the archive unpacks to more than {_MAX_TOTAL >> 20} MB")


def _tarred(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    opener = _OPENERS.get(path.suffix)
    if opener is None:
        raise ManualError(path.name, "it is no .tar.gz, .tar.bz2, .tar.xz or .zip")
    total = 0
    with opener(path, "rb") as stream, tarfile.open(fileobj=_Bounded(stream), mode="r:") as tar:  # type: ignore[call-overload]
        for number, member in enumerate(tar, 1):
            total += member.size
            _count(path, number, total)
            name = _below(path, member.name)
            if member.isreg() and member.size <= _MAX_FILE and wanted(name):
                opened = tar.extractfile(member)
                if opened is not None:
                    yield name, opened.read()
            tar.members = []  # it would remember every header


def _zipped(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    total = 0
    with zipfile.ZipFile(path) as archive:
        for number, info in enumerate(archive.infolist(), 1):
            total += info.file_size
            _count(path, number, total)
            name = _below(path, info.filename)
            if not info.is_dir() and info.file_size <= _MAX_FILE and wanted(name):
                with archive.open(info) as opened:
                    data = opened.read(_MAX_FILE + 1)
                if len(data) <= _MAX_FILE:  # the header may have lied
                    yield name, data


class _Bounded:
    """A stream that hands out no more than the bounds: a few bytes of gzip can hold gigabytes."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        if not 0 <= size <= _MAX_PIECE:
            raise tarfile.ReadError("a header asks for too much")
        return self._stream.read(size)

    def tell(self) -> int:
        """The place in the unpacked stream."""
        return self._stream.tell()

    def seek(self, place: int, whence: int = 0) -> int:
        """Go to a place; what lies between is unpacked and thrown away."""
        if whence or place > _MAX_TOTAL:
            raise tarfile.ReadError("the archive unpacks to too much")
        return self._stream.seek(place)
