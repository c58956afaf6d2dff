"""A fine-tuned BERT as its difference to the base: low-rank factors for matrices, plain numbers for vectors and head.

Matrices are kept as `NAME.a` (out, rank) and `NAME.b` (rank, in) with base + a @ b, all in half precision (safetensors, no code).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.meaning.source import ModelCorruptError, file_sha256

__all__ = ["ASSESSOR_FILE", "DELTA_FILE", "delta_checksum", "factors", "merged", "read_delta", "trained_facts", "write_delta"]

DELTA_FILE = Path(__file__).parent / "model" / "stance.safetensors"
ASSESSOR_FILE = DELTA_FILE.with_name("assessor.safetensors")  # the difference to the stance model
HEAD = ("classifier.weight", "classifier.bias")
Arrays = dict[str, NDArray[Any]]


def delta_checksum(path: Path = DELTA_FILE) -> str:
    """SHA-256 of the artefact; ModelCorruptError unless it is the one pinned beside it (`NAME.sha256`)."""
    pinned = path.with_suffix(".sha256")
    try:
        found, expected = file_sha256(path), pinned.read_text("ascii").strip()
    except (OSError, ValueError) as error:
        raise ModelCorruptError(f"{path} cannot be read: {error}. Install again, or run make train.") from error
    if found != expected:
        raise ModelCorruptError(f"{path} is damaged (its SHA-256 is not {expected[:12]}...). Install again, or run make train.")
    return found


def trained_facts(path: Path = DELTA_FILE) -> frozenset[str]:
    """Codes of the facts whose sentences the model was trained on, from the figures beside the artefact."""
    return frozenset(json.loads(path.with_suffix(".json").read_text("utf-8"))["facts"])


def read_delta(path: Path = DELTA_FILE) -> tuple[Arrays, list[float]]:
    """The arrays of the artefact and its calibration (temperature, a bias for each class)."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name).astype(np.float32) for name in file.keys()}  # noqa: SIM118 - no mapping
            calibration = [float(x) for x in (file.metadata() or {})["calibration"].split()]
    except (OSError, SafetensorError, KeyError, ValueError) as error:
        raise ModelCorruptError(f"{path} cannot be read: {error}.") from error
    return arrays, calibration


def merged(base: Arrays, delta: Arrays) -> Arrays:
    """The fine-tuned weights: base + difference, and the head."""
    out = dict(base)
    for name, array in delta.items():
        if name in HEAD:
            out[name] = array
        elif name.endswith(".a"):
            matrix = name.removesuffix(".a")
            out[matrix] = base[matrix] + array @ delta[f"{matrix}.b"]
        elif not name.endswith(".b"):
            out[name] = base[name] + array
    return out


def factors(base: Arrays, tuned: Arrays, rank: int) -> Arrays:
    """What `merged` needs to turn `base` into (nearly) `tuned`: the best factors of that rank, by singular values."""
    out: Arrays = {}
    for name, array in tuned.items():
        if name in HEAD:
            out[name] = array.astype(np.float16)
            continue
        change = array.astype(np.float64) - base[name].astype(np.float64)
        if not np.any(change):
            continue
        if change.ndim < 2:
            out[name] = change.astype(np.float16)
            continue
        u, s, v = np.linalg.svd(change, full_matrices=False)
        root = np.sqrt(s[:rank])
        out[f"{name}.a"], out[f"{name}.b"] = (u[:, :rank] * root).astype(np.float16), (root[:, None] * v[:rank]).astype(np.float16)
    return out


def write_delta(arrays: Arrays, calibration: list[float], path: Path = DELTA_FILE, **notes: str) -> None:
    """Write the artefact and pin its checksum."""
    from safetensors.numpy import save_file

    path.parent.mkdir(parents=True, exist_ok=True)
    metadata = {"calibration": " ".join(f"{x:.5f}" for x in calibration), **notes}
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path, metadata=metadata)
    path.chmod(0o644)  # it is written for its owner alone, and ships in the wheel
    path.with_suffix(".sha256").write_text(file_sha256(path) + "\n", "ascii")
