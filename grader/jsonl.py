"""Files of JSON lines: read in bounded memory, written whole or not at all."""

from __future__ import annotations

import os
import select
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

__all__ = ["IDLE", "TOO_LONG", "Idle", "TooLong", "open_output", "read_lines"]

CHUNK = 65_536


class Idle:
    """Nothing more is there yet: whoever waits for an answer should get it now."""


class TooLong:
    """A line above the limit stood here; it was skipped."""


IDLE, TOO_LONG = Idle(), TooLong()


def read_lines(stream: IO[bytes], limit: int) -> Iterator[bytes | Idle | TooLong]:
    """Lines without their ends; between them IDLE where the next read would wait. Holds `limit` bytes and a chunk at most.

    A stream with a file descriptor must not have been read before.
    """
    kept = bytearray()
    skipping = False
    while chunk := _next_chunk(stream):
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            kept += b"" if skipping else part
            yield TOO_LONG if skipping or len(kept) > limit else bytes(kept)
            kept.clear()
            skipping = False
        kept += b"" if skipping else rest
        if len(kept) > limit:
            kept.clear()
            skipping = True
        if _waits(stream):
            yield IDLE
    if skipping:
        yield TOO_LONG
    elif kept:
        yield bytes(kept)


@contextmanager
def open_output(path: Path | None) -> Iterator[IO[bytes]]:
    """Standard output, or a file that appears whole when the block ends well and stays as it was when it does not."""
    if path is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if path.exists() and not path.is_file():  # a pipe or device: nothing to replace
        with path.open("wb") as stream:
            yield stream
        return
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.resolve().parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        mask = os.umask(0)
        os.umask(mask)
        part.chmod(path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask)
        part.replace(path.resolve())
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _next_chunk(stream: IO[bytes]) -> bytes:
    read1 = getattr(stream, "read1", None)  # gives what is there, without waiting for a full chunk
    return bytes(read1(CHUNK)) if read1 else stream.read(CHUNK)


def _waits(stream: IO[bytes]) -> bool:
    try:
        return not select.select([stream.fileno()], [], [], 0)[0]
    except (OSError, ValueError):  # no descriptor, or one that cannot be asked
        return False
