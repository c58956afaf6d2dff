"""The only door to model sessions: texts or pairs in, rows of numbers out.

The same text gives the same bytes alone and in any company: each runs alone, on one thread, without
padding; several run at the same time on a pool of threads. Batches of 8 and 32 texts of equal length were
measured too, side by side on a busy 2-core machine: on the pool no faster (157 texts a second against 151),
with two threads inside the session slower (93), and neither is bit-exact, although no text is padded.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from corpus.meaning.source import ModelCorruptError, ModelMissingError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Encoding, Tokenizer

__all__ = ["Runtime"]

_CHUNK = 1024  # texts tokenised at once: bounds memory for very long batches
_ERRORS_ONLY = 3


class Runtime:
    """One exported model: `model.onnx` and `tokenizer.json` of a folder. Thread-safe; survives fork."""

    def __init__(self, folder: Path, *, threads: int, max_tokens: int = 256) -> None:
        """Store what is asked for; files are opened at the first use."""
        self.folder, self.threads, self.max_tokens = folder, threads, max_tokens
        self._lock = threading.Lock()
        self._pool: tuple[int, ThreadPoolExecutor] | None = None

    def infer(self, inputs: Sequence[str] | Sequence[tuple[str, str]]) -> NDArray[np.float32]:
        """Run each text, or each pair of texts, and return the rows in order, shape (n, outputs)."""
        rows: list[NDArray[np.float32]] = []
        for start in range(0, len(inputs), _CHUNK):
            cleaned = [_clean(item) for item in inputs[start : start + _CHUNK]]
            rows += self._run_all(_encode(self.tokenizer, cleaned))
        return np.concatenate(rows) if rows else np.empty((0, self.outputs), np.float32)

    @property
    def outputs(self) -> int:
        """The length of a row."""
        return int(self._probe.shape[1])

    @cached_property
    def tokenizer(self) -> Tokenizer:
        """The tokenizer, which cuts at `max_tokens` and does not pad."""
        from tokenizers import Tokenizer

        path = _existing(self.folder / "tokenizer.json")
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises plain Exception
            raise ModelCorruptError(f"{path} cannot be read: {error}.") from error
        tokenizer.no_padding()
        tokenizer.enable_truncation(self.max_tokens)
        tokenizer.encode_special_tokens = True  # "[SEP]" in somebody's text is text
        return tokenizer

    @cached_property
    def session(self) -> InferenceSession:
        """The session: one thread, so that the order of additions never changes."""
        import onnxruntime

        path = _existing(self.folder / "model.onnx")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = _ERRORS_ONLY
        try:
            return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # onnxruntime's errors share no base but Exception
            raise ModelCorruptError(f"{path} cannot be loaded: {error}. Delete the folder {self.folder}.") from error

    @cached_property
    def _takes_types(self) -> bool:
        return any(node.name == "types" for node in self.session.get_inputs())

    @cached_property
    def _probe(self) -> NDArray[np.float32]:
        return self._run(_encode(self.tokenizer, [""])[0])

    def _run_all(self, encodings: Sequence[Encoding]) -> list[NDArray[np.float32]]:
        if self.threads == 1 or len(encodings) == 1:
            return [self._run(encoding) for encoding in encodings]
        _ = self.session, self._takes_types  # made here, not by several workers at once
        return list(self._workers().map(self._run, encodings))

    def _run(self, encoding: Encoding) -> NDArray[np.float32]:
        feed: dict[str, Any] = {"ids": np.array([encoding.ids], np.int64)}
        if self._takes_types:
            feed["types"] = np.array([encoding.type_ids], np.int64)
        try:
            row: NDArray[np.float32] = self.session.run(None, feed)[0]
        except Exception as error:
            raise ModelError(f"The model in {self.folder} does not run: {error}") from error
        return row

    def _workers(self) -> ThreadPoolExecutor:
        """Return the pool of this process; a forked child has none of its parent's threads."""
        with self._lock:
            if self._pool is None or self._pool[0] != os.getpid():
                self._pool = os.getpid(), ThreadPoolExecutor(self.threads, thread_name_prefix="viva-model")
            return self._pool[1]


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise ModelMissingError(f"{path} is missing. Delete the folder {path.parent}; it is made again at the next start.")
    return path


def _clean(item: str | tuple[str, str]) -> str | tuple[str, str]:
    """Replace lone surrogates, which the tokenizer refuses."""
    if isinstance(item, str):
        return item.encode("utf-8", "replace").decode("utf-8")
    return (
        item[0].encode("utf-8", "replace").decode("utf-8"),
        item[1].encode("utf-8", "replace").decode("utf-8"),
    )


def _encode(tokenizer: Tokenizer, items: Sequence[str | tuple[str, str]]) -> list[Encoding]:
    if len(items) > 1:
        return tokenizer.encode_batch_fast(list(items))  # without places in the text, which nobody asks for
    item = items[0]  # alone it is quicker without the tokenizer's own threads
    return [tokenizer.encode(item) if isinstance(item, str) else tokenizer.encode(*item)]
