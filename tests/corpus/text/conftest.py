"""The five damaged documents, where they are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from corpus.text import Document, read_document

_CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="session")
def sources() -> dict[str, Document]:
    """The source documents by the first three digits of their names."""
    folder = Path(os.environ.get("VIVA_SOURCES", _CHECKOUT.parent / "shared" / "sources"))
    paths = sorted(folder.glob("00?_*.txt")) if folder.is_dir() else []
    if not paths:
        pytest.skip(f"no source documents in {folder}; set VIVA_SOURCES to their folder")
    return {path.name[:3]: read_document(path, path.name) for path in paths}
