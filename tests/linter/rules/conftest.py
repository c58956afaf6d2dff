"""How the tests of rules ask a rule about a text."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.text import Document, segments
from linter.finding import Finding
from linter.rule import DocumentRule

Ask = Callable[..., list[Finding]]


@pytest.fixture(scope="session")
def ask() -> Ask:
    """The findings of one rule in a text, read as Markdown unless a path says otherwise."""

    def _ask(rule: DocumentRule, text: str, path: str = "page.md") -> list[Finding]:
        document = Document(path, text)
        found = list(rule.check(document, segments(document)))
        assert all(document.slice(f.span) == f.text and f.text for f in found), "a span is not at its words"
        return found

    return _ask


@pytest.fixture(scope="session")
def source_folder() -> Path:
    folder = Path(os.environ.get("VIVA_SOURCES") or Path(__file__).resolve().parents[4] / "shared" / "sources")
    if not folder.is_dir():
        pytest.skip("the five source documents are not here")
    return folder
