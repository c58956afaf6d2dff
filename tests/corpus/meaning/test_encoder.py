"""What an encoder promises: near the reference, the same bytes in any company, no torch."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from corpus.meaning import ModelMissingError, OnnxEncoder, SentenceTransformerEncoder, load_encoder
from corpus.meaning.source import find_base_model
from corpus.settings import Settings

ROOT = Path(__file__).parents[3]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_near_the_reference(encoder: OnnxEncoder, sentences: list[str], tmp_path: Path) -> None:
    """Eight bits cost at most 0.01 of cosine against sentence-transformers on every sentence."""
    pytest.importorskip("sentence_transformers")
    reference = SentenceTransformerEncoder(str(find_base_model(tmp_path))).encode(sentences)
    cosines = (reference * encoder.encode(sentences)).sum(axis=1)
    assert len(cosines) >= 100
    assert cosines.min() >= 0.99


def test_same_bytes_in_any_batch(encoder: OnnxEncoder, exported: Path, sentences: list[str]) -> None:
    """A text's vector does not depend on its batch, its place in it, or the number of threads."""
    alone = {text: OnnxEncoder(exported).encode([text])[0].tobytes() for text in sentences[:3]}
    single = OnnxEncoder(exported)
    alone |= {text: single.encode([text])[0].tobytes() for text in sentences[3:80]}
    random = np.random.default_rng(7)
    for size in (1, 2, 3, 5, 8, 16, 33, 64):
        batch = [str(text) for text in random.choice(list(alone), size)]
        for text, row in zip(batch, encoder.encode(batch), strict=True):
            assert row.tobytes() == alone[text]


def test_same_bytes_from_many_threads(encoder: OnnxEncoder, sentences: list[str]) -> None:
    """Callers on several threads do not disturb each other."""
    expected = encoder.encode(sentences[:20]).tobytes()
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: encoder.encode(sentences[:20]).tobytes(), range(6)))
    assert results == [expected] * 6


@pytest.mark.parametrize("text", ["", " ", "\x00", "\ud800", "é漢字🙂", "x" * 5000, "word " * 3000])
def test_any_text_has_a_unit_vector(encoder: OnnxEncoder, text: str) -> None:
    """Nothing a person can paste breaks the encoder."""
    vector = encoder.encode([text])[0]
    assert vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_no_texts(encoder: OnnxEncoder) -> None:
    """An empty batch has no rows, of the right length."""
    assert encoder.encode([]).shape == (0, 384)
    assert encoder.dimensions == 384


def test_serving_loads_no_training_library(exported: Path) -> None:
    """Encoding imports neither torch nor sentence-transformers nor onnx."""
    code = (
        "import sys; from corpus.settings import load_settings; from corpus.meaning import load_encoder\n"
        "load_encoder(load_settings()).encode(['a', 'b'])\n"
        "print([m for m in ('torch', 'sentence_transformers', 'onnx', 'transformers') if m in sys.modules])"
    )
    environ = {**os.environ, "VIVA_CACHE": str(exported.parents[1]), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""


def test_survives_fork(encoder: OnnxEncoder) -> None:
    """A forked child encodes with its own threads, to the same bytes."""
    import multiprocessing

    expected = encoder.encode(["one", "two"]).tobytes()
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=lambda: queue.put(encoder.encode(["one", "two"]).tobytes()))
    child.start()
    child.join(20)
    assert child.exitcode == 0
    assert queue.get() == expected


def test_another_model_without_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the extra."""
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(ModelMissingError, match=r"viva-grader\[train\]"):
        load_encoder(Settings(cache=tmp_path, model="some-model")).encode(["a"])
