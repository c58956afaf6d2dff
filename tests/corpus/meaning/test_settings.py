"""Settings are read from the mapping given, and say what is wrong."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpus.errors import SettingsError
from corpus.settings import load_settings


def test_defaults() -> None:
    """Nothing set: built-in model, user cache, at least one thread."""
    settings = load_settings({"HOME": "/x"})
    assert settings.model == "builtin"
    assert settings.cache.name == "viva"
    assert settings.corpus == ()
    assert 1 <= settings.threads <= 64


def test_values(tmp_path: Path) -> None:
    """Each variable is read; those of other floors are left alone."""
    settings = load_settings({
        "VIVA_CACHE": str(tmp_path / "c"), "VIVA_MODEL": "m", "VIVA_THREADS": "3",
        "VIVA_CORPUS": os.pathsep.join([str(tmp_path), ""]), "VIVA_GRADER_X": "1", "VIVA_DATA": "d",
    })  # fmt: skip
    assert (settings.cache, settings.model, settings.threads) == (tmp_path / "c", "m", 3)
    assert settings.corpus == (tmp_path,)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("VIVA_THREADS", "0", "from 1 to 64, got '0'"),
        ("VIVA_THREADS", "65", "from 1 to 64"),
        ("VIVA_THREADS", "two", "whole number"),
        ("VIVA_CORPUS", "/no/such/folder", "/no/such/folder, which is not a folder"),
        ("VIVA_CACHE", __file__, "must be a folder"),
        ("VIVA_THREAD", "2", "did you mean VIVA_THREADS"),
        ("VIVA_QQQQQQQQQ", "2", "Unknown environment variable VIVA_QQQQQQQQQ"),
    ],
)
def test_mistakes(name: str, value: str, message: str) -> None:
    """The message says variable, allowed and got."""
    with pytest.raises(SettingsError, match=message):
        load_settings({name: value})
