"""The grader's one door to the environment: VIVA_GRADER_*, frozen, bounded, strangers refused; corpus folders come from below."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from pathlib import Path
from typing import Annotated, Any, Self

import platformdirs
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from corpus import settings as ground
from grader.refusals import SettingsError

__all__ = ["ERROR_RATE", "Settings", "load_settings"]

PREFIX = "VIVA_GRADER_"
CORPUS = "VIVA_CORPUS"
MIN_KEY = 16
ERROR_RATE = 0.1  # of the scores that no human looks at: so many may be off by more than a fifth of the scale


def _default_database() -> SecretStr:
    return SecretStr(f"sqlite:///{platformdirs.user_data_path('viva', appauthor=False) / 'viva.db'}")


class Settings(BaseSettings):
    """How the service runs. Every field can be set by an environment variable; options of `grader serve` win."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", min_length=1, max_length=255, description="Address to listen at.")
    port: int = Field(8000, ge=0, le=65535, description="Port to listen at; 0 takes a free one.")
    workers: int = Field(1, ge=1, le=64, description="Processes; each holds its own model.")
    corpus: Annotated[tuple[Path, ...], NoDecode] = Field((), description="Further corpus folders; VIVA_CORPUS where none are given.")
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field((), description="Keys parted by commas; none: everybody may ask.")
    max_body_bytes: int = Field(8_388_608, ge=1_024, le=268_435_456, description="Bytes one request body may have.")
    max_batch: int = Field(256, ge=1, le=256, description="Records one array may have.")
    max_held_bytes: int = Field(67_108_864, ge=1_024, le=4_294_967_296, description="Bytes of all bodies held at a time.")
    concurrency: int = Field(2, ge=1, le=64, description="Requests graded at a time.")
    queue: int = Field(64, ge=0, le=10_000, description="Requests that may wait; the next one gets 503.")
    timeout_s: float = Field(60.0, gt=0, le=3_600, description="Seconds a request may wait and be graded.")
    error_rate: float = Field(
        ERROR_RATE,
        gt=0,
        lt=1,
        description="Of the scores against written key points that no human has to look at, at most this share may be off by more than a fifth of the scale.",
    )
    database: SecretStr = Field(
        default_factory=_default_database,
        description="sqlite:///file or postgresql://user:password@host/name; holds a password, so it is never shown.",
    )
    pages: bool = Field(True, description="Serve the interviewer's pages at /app; they need workers = 1.")
    demo: bool = Field(
        False, description="A throw-away database with sample data; every visitor is its owner. For a first look, on this machine."
    )
    retention_days: int | None = Field(None, ge=1, le=36_500, description="Erase candidates of whom nothing is younger; unset: never.")
    body_timeout_s: float = Field(30.0, gt=0, le=3_600, description="Seconds a body may take to arrive.")

    @model_validator(mode="before")
    @classmethod
    def _no_strangers(cls, values: Any) -> Any:
        known = {f"{PREFIX}{name.upper()}" for name in cls.model_fields} - {f"{PREFIX}CORPUS"}
        strangers = {name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known}
        if strangers:
            raise ValueError(f"unknown: {', '.join(sorted(strangers))}; known are {', '.join(sorted(known))}")
        return values

    @field_validator("api_keys", mode="before")
    @classmethod
    def _split_keys(cls, value: Any) -> Any:
        return tuple(key.strip() for key in value.split(",") if key.strip()) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.max_held_bytes < self.max_body_bytes:
            raise ValueError("max_held_bytes: must be at least max_body_bytes")
        if any(len(key.get_secret_value()) < MIN_KEY or not key.get_secret_value().isascii() for key in self.api_keys):
            raise ValueError(f"api_keys: a key has at least {MIN_KEY} characters, all ASCII")
        if self.demo and (self.workers > 1 or not self.local):
            raise ValueError("demo: needs one worker and an address of this machine alone, since it lets everybody in")
        return self

    @property
    def local(self) -> bool:
        """Whether only this machine can reach the service."""
        return self.host in {"127.0.0.1", "localhost", "::1"}

    def export(self, environment: MutableMapping[str, str]) -> None:
        """Write the settings back, for the worker processes."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name == "corpus":
                environment[CORPUS] = os.pathsep.join(str(folder) for folder in value)
            elif name == "api_keys":
                environment[f"{PREFIX}API_KEYS"] = ",".join(key.get_secret_value() for key in value)
            elif isinstance(value, SecretStr):
                environment[f"{PREFIX}{name.upper()}"] = value.get_secret_value()
            elif value is not None:
                environment[f"{PREFIX}{name.upper()}"] = str(value)


def load_settings(**overrides: Any) -> Settings:
    """Settings of the environment with `overrides` (None: not given); SettingsError names the variable.

    Raises:
        SettingsError: Of this floor or, for the other VIVA_* variables, of the ground floor.
    """
    if overrides.get("corpus") is None:
        overrides["corpus"] = ground.load_settings().corpus
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        lines = (_line(e["loc"], e["msg"]) for e in error.errors(include_url=False, include_input=False))
        raise SettingsError("; ".join(lines)) from None


def _line(where: tuple[int | str, ...], message: str) -> str:
    name = str(where[0]) if where else ""
    said = message.removeprefix("Value error, ")
    return f"{PREFIX}{name.upper() or '*'}: {said}"
