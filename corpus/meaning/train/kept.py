"""Where models in the making are kept: under names that change with all they are made of, so that none is taken for another."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

__all__ = ["FOLDER", "kept_as", "model_of"]

FOLDER = Path(".train")  # checkpoints, models and manuals; may be deleted at any time


def kept_as(name: str, *made_of: object) -> Path:
    """The folder of a stage; `made_of` is what decides its weights beside the code that trains, as JSON can write it."""
    digest = hashlib.blake2b(json.dumps(made_of).encode(), digest_size=6)
    for file in ("trainer.py", "batches.py"):
        digest.update(Path(__file__).with_name(file).read_bytes())
    return FOLDER / f"{name}-{digest.hexdigest()}"


def model_of(folder: Path) -> Path:
    """Where the model of a stage lies once its training, whose checkpoints lie in `folder`, has ended."""
    return folder.with_name(f"{folder.name}-model")
