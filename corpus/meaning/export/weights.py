"""Read a BERT's weights and settings, and round matrices to 8 bits; numpy only."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.meaning.source import ModelCorruptError

__all__ = ["BertConfig", "Weights", "quantise_rows", "read_config", "read_weights"]

Weights = dict[str, NDArray[Any]]
_SUPPORTED = {"model_type": "bert", "hidden_act": "gelu"}


@dataclass(frozen=True, kw_only=True)
class BertConfig:
    """The sizes of one BERT."""

    layers: int
    heads: int
    epsilon: float


def read_config(folder: Path) -> BertConfig:
    """Read `config.json`; ModelCorruptError when it describes a model this exporter does not know."""
    path = folder / "config.json"
    try:
        raw = json.loads(path.read_text("utf-8"))
        for key, expected in _SUPPORTED.items():
            if raw[key] != expected:
                raise ModelCorruptError(f"{path}: {key} must be {expected!r}, got {raw[key]!r}.")
        return BertConfig(
            layers=int(raw["num_hidden_layers"]),
            heads=int(raw["num_attention_heads"]),
            epsilon=float(raw["layer_norm_eps"]),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelCorruptError(f"{path} cannot be read: {error!r}.") from error


def read_weights(folder: Path, prefix: str = "") -> Weights:
    """Read `model.safetensors`; names lose `prefix` ("bert." in models with a head)."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    path = folder / "model.safetensors"
    try:
        return {name.removeprefix(prefix): array for name, array in load_file(path).items()}
    except (OSError, SafetensorError) as error:
        raise ModelCorruptError(f"{path} cannot be read: {error}.") from error


def quantise_rows(matrix: NDArray[Any]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Round each row to int8, symmetric about 0: matrix (n, d) ~ int8 (n, d) * scale (n,)."""
    peak = np.abs(matrix).max(axis=1)
    scale = np.where(peak > 0, peak / 127.0, 1.0).astype(np.float32)
    rounded = np.clip(np.rint(matrix / scale[:, None]), -127, 127).astype(np.int8)
    return rounded, scale
