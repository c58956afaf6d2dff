"""Settings: bounded, frozen, and a mistyped variable stops the start."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import ValidationError

from grader.refusals import SettingsError
from grader.settings import Settings, load_settings


def test_the_defaults_listen_on_this_machine_only():
    """Without any variable the service is private and open to whoever sits here."""
    settings = load_settings()

    assert (settings.host, settings.port, settings.workers, settings.api_keys, settings.corpus) == ("127.0.0.1", 8000, 1, (), ())


def test_variables_are_read_and_options_win(monkeypatch):
    """The environment sets a field, an option overrides it, None means not given."""
    monkeypatch.setenv("VIVA_GRADER_PORT", "9000")
    monkeypatch.setenv("VIVA_CORPUS", os.pathsep.join(("/", "/tmp")))

    assert load_settings(port=None).port == 9000
    assert load_settings(port=9001).port == 9001
    assert load_settings().corpus == (Path("/"), Path("/tmp"))
    assert load_settings(corpus=(Path("/c"),)).corpus == (Path("/c"),)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VIVA_GRADER_PORT", "70000"),
        ("VIVA_GRADER_PORT", "many"),
        ("VIVA_GRADER_WORKERS", "0"),
        ("VIVA_GRADER_MAX_BATCH", "257"),
        ("VIVA_GRADER_TIMEOUT_S", "nan"),
        ("VIVA_GRADER_MAX_HELD_BYTES", "1024"),
        ("VIVA_GRADER_PROT", "8000"),
        ("VIVA_GRADER_CORPUS", "/a"),
    ],
)
def test_a_wrong_or_unknown_variable_is_named(monkeypatch, name, value):
    """The message names the variable."""
    monkeypatch.setenv(name, value)

    with pytest.raises(SettingsError, match=name if name != "VIVA_GRADER_MAX_HELD_BYTES" else "max_held_bytes"):
        load_settings()


def test_keys_never_show(monkeypatch):
    """Neither the repr nor an error about a key prints it."""
    monkeypatch.setenv("VIVA_GRADER_API_KEYS", "0123456789abcdef, fedcba9876543210")
    settings = load_settings()

    assert [key.get_secret_value() for key in settings.api_keys] == ["0123456789abcdef", "fedcba9876543210"]
    assert "0123456789abcdef" not in repr(settings)

    monkeypatch.setenv("VIVA_GRADER_API_KEYS", "tooshort")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert "api_keys" in str(caught.value)
    assert "tooshort" not in str(caught.value)


def test_settings_are_frozen():
    """Nobody changes them under way."""
    settings = load_settings()

    with pytest.raises(ValidationError):
        settings.port = 1  # type: ignore[misc]


def test_workers_read_the_same_settings_back(monkeypatch):
    """What export() writes is what load_settings() reads."""
    settings = load_settings(port=9001, workers=2, corpus=(Path("/tmp"),), api_keys="0123456789abcdef", timeout_s=1.5)
    written: dict[str, str] = {}
    settings.export(written)
    for name, value in written.items():
        monkeypatch.setenv(name, value)

    assert load_settings() == settings
    assert isinstance(settings, Settings)
