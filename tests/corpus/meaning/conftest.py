"""One exported model for all tests of this folder, sentences of the corpus, no hub."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from corpus.meaning import OnnxEncoder
from corpus.meaning.export import ensure_model
from corpus.settings import Settings

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the exported model; read it, do not write to it."""
    return ensure_model(Settings(cache=tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def encoder(exported: Path) -> OnnxEncoder:
    """The built-in encoder on two threads."""
    return OnnxEncoder(exported, threads=2)


@pytest.fixture(scope="session")
def sentences() -> list[str]:
    """About 200 texts of facts and questions, long and short."""
    found: list[str] = []
    for path in sorted((ROOT / "corpus" / "facts").glob("*.yaml")):
        for fact in yaml.safe_load(path.read_text("utf-8")) or []:
            found += [fact["statement"], *fact["false_wordings"][:2]]
    for path in sorted((ROOT / "corpus" / "questions").glob("*.yaml")):
        for question in yaml.safe_load(path.read_text("utf-8")) or []:
            found += [question["question"], *question["reference_answers"][:1]]
    return found[:: max(1, len(found) // 200)][:200]
