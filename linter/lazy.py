"""An encoder that is loaded at its first text: `explain`, `rules` and unchanged documents never wait for a model."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
import numpy.typing as npt

from corpus import Encoder, Settings, load_encoder, load_settings

__all__ = ["LazyEncoder"]


class LazyEncoder:
    """Stands for the encoder of the settings until it is needed."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings or load_settings()

    @cached_property
    def _encoder(self) -> Encoder:
        return load_encoder(self._settings)

    @property
    def name(self) -> str:
        """The model, for people."""
        return self._encoder.name

    @property
    def checksum(self) -> str:
        """The model, for caches."""
        return self._encoder.checksum

    @property
    def dimensions(self) -> int:
        """The length of a vector."""
        return self._encoder.dimensions

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """One unit row for each text."""
        return self._encoder.encode(texts)
