"""Make the built-in model ready to serve, once: the base model, in 8 bits, as ONNX in the cache folder."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from corpus.errors import ModelError
from corpus.meaning.source import BASE_SHA256, file_sha256, find_base_model, verify_base_model
from corpus.settings import Settings

__all__ = ["EXPORTER_VERSION", "ensure_assessor", "ensure_model", "ensure_stance"]

EXPORTER_VERSION = 2  # raise it with every change of the graph: old files are then left alone
MAX_TOKENS = 256
_MANIFEST = "manifest.json"
_FILES = ("model.onnx", "tokenizer.json")


def ensure_model(settings: Settings) -> Path:
    """Return the folder of the encoder: `model.onnx`, `tokenizer.json` and `manifest.json` (their SHA-256).

    Made at the first call, by one process while others wait; a damaged copy is made again. Raises
    ModelMissingError or ModelCorruptError when the base model cannot be had, ModelError when the cache
    folder cannot be written.
    """
    return _ensure(settings, f"minilm-{BASE_SHA256[:16]}-v{EXPORTER_VERSION}", _export_encoder)


def ensure_stance(settings: Settings) -> Path:
    """Return the folder of the stance model: base and shipped difference put together. As `ensure_model`."""
    from corpus.meaning.delta import delta_checksum

    return _ensure(settings, f"stance-{delta_checksum()[:16]}-v{EXPORTER_VERSION}", _export_stance)


def ensure_assessor(settings: Settings) -> Path:
    """Return the folder of the assessor: base, stance and the difference of the assessor to it put together. As `ensure_model`."""
    from corpus.meaning.delta import ASSESSOR_FILE, delta_checksum

    name = f"assessor-{delta_checksum(ASSESSOR_FILE)[:12]}-{delta_checksum()[:12]}-v{EXPORTER_VERSION}"
    return _ensure(settings, name, _export_assessor)


def _ensure(settings: Settings, name: str, export: Callable[[Path, Path], dict[str, Any]]) -> Path:
    folder = settings.cache / "models" / name
    if _is_whole(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder.with_suffix(".lock")):
            if not _is_whole(folder):
                _make(folder, settings.cache, export)
    except OSError as error:
        raise ModelError(f"Cannot write the model to {folder}: {error}. Set VIVA_CACHE to a folder that can be written.") from error
    return folder


def _is_whole(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
        return all(manifest["sha256"][name] == file_sha256(folder / name) for name in _FILES)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _make(folder: Path, cache: Path, export: Callable[[Path, Path], dict[str, Any]]) -> None:
    started = time.perf_counter()
    source = find_base_model(cache)
    print(f"Preparing the model (once): {source} -> {folder}", file=sys.stderr, flush=True)
    verify_base_model(source)
    temporary = Path(tempfile.mkdtemp(dir=folder.parent, prefix="making-"))
    try:
        notes = export(source, temporary)
        shutil.copyfile(source / "tokenizer.json", temporary / "tokenizer.json")
        sums = {name: file_sha256(temporary / name) for name in _FILES}
        manifest = {"sha256": sums, "exporter": EXPORTER_VERSION, **notes}
        (temporary / _MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", "utf-8")
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    print(f"Preparing the model (once): done in {time.perf_counter() - started:.1f} s", file=sys.stderr)


def _export_encoder(source: Path, target: Path) -> dict[str, Any]:
    from corpus.meaning.export.graph import encoder_graph  # onnx is imported only to export
    from corpus.meaning.export.weights import read_config, read_weights

    model = encoder_graph(read_weights(source), read_config(source), max_tokens=MAX_TOKENS)
    (target / "model.onnx").write_bytes(model.SerializeToString())
    return {"source": BASE_SHA256}


def _export_stance(source: Path, target: Path) -> dict[str, Any]:
    from corpus.meaning.delta import DELTA_FILE

    return _export_pairs(source, target, [DELTA_FILE])


def _export_assessor(source: Path, target: Path) -> dict[str, Any]:
    from corpus.meaning.delta import ASSESSOR_FILE, DELTA_FILE

    return _export_pairs(source, target, [DELTA_FILE, ASSESSOR_FILE])


def _export_pairs(source: Path, target: Path, deltas: list[Path]) -> dict[str, Any]:
    """The base with each difference put on top of the one before."""
    from corpus.meaning.delta import delta_checksum, merged, read_delta
    from corpus.meaning.export.graph import pair_graph
    from corpus.meaning.export.weights import read_config, read_weights

    weights, calibration = read_weights(source), [1.0]
    for file in deltas:
        delta, calibration = read_delta(file)
        weights = merged(weights, delta)
    model = pair_graph(weights, read_config(source), max_tokens=MAX_TOKENS)
    (target / "model.onnx").write_bytes(model.SerializeToString())
    return {"source": delta_checksum(deltas[-1]), "calibration": calibration}


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold the lock file; the system lets go of it when the process dies, so none is ever stale."""
    try:
        import fcntl
    except ImportError:  # no such lock here: two processes may both export, each replaces the whole folder
        yield
        return
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
