"""The one door of the ground floor to the environment: `VIVA_*` variables, read once and validated."""

from __future__ import annotations

import difflib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import SettingsError

__all__ = ["BUILTIN_MODEL", "Settings", "load_settings"]

BUILTIN_MODEL = "builtin"
_MAX_THREADS = 64
_OURS = ("VIVA_CACHE", "VIVA_CORPUS", "VIVA_MODEL", "VIVA_THREADS")
_OF_OTHER_FLOORS = ("VIVA_DATA", "VIVA_SOURCES")
_OTHER_PREFIX = "VIVA_GRADER_"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the ground floor takes from its surroundings."""

    cache: Path  # folder of what is made once: models, findings, manuals
    model: str = BUILTIN_MODEL  # "builtin", or a sentence-transformers name or folder
    corpus: tuple[Path, ...] = ()  # folders of facts and questions beside the built-in ones
    threads: int = 1  # 1..64: texts worked on at the same time


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from `environ` (the process environment when not given).

    An empty variable counts as not set. Raises SettingsError for a value out of range and for an
    unknown `VIVA_*` variable, naming the nearest one.
    """
    given = os.environ if environ is None else environ
    _refuse_unknown(given)
    return Settings(
        cache=_cache(given.get("VIVA_CACHE", "")),
        model=given.get("VIVA_MODEL", "").strip() or BUILTIN_MODEL,
        corpus=_folders(given.get("VIVA_CORPUS", "")),
        threads=_threads(given.get("VIVA_THREADS", "")),
    )


def _refuse_unknown(environ: Mapping[str, str]) -> None:
    known = (*_OURS, *_OF_OTHER_FLOORS)
    for name in sorted(environ):
        if not name.startswith("VIVA_") or name in known or name.startswith(_OTHER_PREFIX):
            continue
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}."
        raise SettingsError(f"Unknown environment variable {name}: {hint}")


def _cache(value: str) -> Path:
    if not value.strip():
        import platformdirs  # late: only needed when nobody names a folder

        return Path(platformdirs.user_cache_dir("viva", appauthor=False))
    path = Path(value).expanduser().absolute()
    if path.exists() and not path.is_dir():
        raise SettingsError(f"VIVA_CACHE must be a folder; {path} is a file.")
    return path


def _folders(value: str) -> tuple[Path, ...]:
    folders = tuple(Path(part).expanduser().absolute() for part in value.split(os.pathsep) if part.strip())
    for folder in folders:
        if not folder.is_dir():
            raise SettingsError(f"VIVA_CORPUS names {folder}, which is not a folder.")
    return folders


def _threads(value: str) -> int:
    if not value.strip():
        return min(_cpus(), _MAX_THREADS)
    try:
        count = int(value)
    except ValueError:
        count = 0
    if not 1 <= count <= _MAX_THREADS:
        raise SettingsError(f"VIVA_THREADS must be a whole number from 1 to {_MAX_THREADS}, got {value!r}.")
    return count


def _cpus() -> int:
    """Count the processors this process may use, which in a container are fewer than the machine's."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
