"""Where models in the making are kept: under names that change with all they are made of, so that none is taken for another."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

__all__ = ["FOLDER", "kept_as"]

FOLDER = Path(".train")  # checkpoints, models and manuals; may be deleted at any time


def kept_as(name: str, *made_of: object) -> Path:
    """The folder of a stage; `made_of` is all that decides its weights, as JSON can write it."""
    return FOLDER / f"{name}-{hashlib.blake2b(json.dumps(made_of).encode(), digest_size=6).hexdigest()}"
