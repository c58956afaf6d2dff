"""The built-in corpus and its checker, once a session; the sources where they are there."""

import os
from pathlib import Path

import pytest

from corpus import Corpus, Encoder, load_corpus
from linter.checker import FactChecker
from linter.lazy import LazyEncoder


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    return load_corpus()


@pytest.fixture(scope="session")
def encoder() -> Encoder:
    return LazyEncoder()


@pytest.fixture(scope="session")
def checker(corpus: Corpus, encoder: Encoder) -> FactChecker:
    return FactChecker(corpus, encoder)


@pytest.fixture(scope="session")
def sources() -> Path:
    folder = Path(os.environ.get("VIVA_SOURCES") or Path(__file__).resolve().parents[3] / "shared" / "sources")
    if not folder.is_dir():
        pytest.skip("the five source documents are not here")
    return folder
