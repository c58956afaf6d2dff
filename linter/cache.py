"""Findings of unchanged text, kept under a key of content, corpus, disabled facts, model and code: nothing stale can be found there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus import Corpus
from corpus.files import write_whole
from corpus.text import Document, Span
from linter.consistency import Claim
from linter.finding import Finding, Fix, SourceLink

__all__ = ["FindingsCache"]


class FindingsCache:
    """A folder of small JSON files, one a document. A damaged or foreign file counts as not there."""

    def __init__(self, folder: Path, corpus: Corpus, model: str) -> None:
        self._folder = folder / "findings"
        given = (corpus.version, corpus.training_version, *sorted(corpus.disabled), model, _code_version())
        self._salt = hashlib.sha256("\n".join(given).encode()).hexdigest()

    def get(self, document: Document) -> list[Finding] | None:
        """The findings of this very text under this very path's kind; None if it was not checked before."""
        kept = self.read(document)
        return kept[0] if kept else None

    def read(self, document: Document) -> tuple[list[Finding], list[Claim]] | None:
        """The findings, and what the text claims beside other documents."""
        try:
            kept = json.loads(self._file(document).read_text("utf-8"))
            return [_finding(row, document.path) for row in kept["findings"]], [_claim(row) for row in kept["claims"]]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, document: Document, findings: Sequence[Finding], claims: Sequence[Claim] = ()) -> None:
        """Keep findings and claims; a folder that cannot be written costs time, never the result."""
        kept = {"findings": [asdict(f) for f in findings], "claims": [asdict(c) for c in claims]}
        try:
            write_whole(self._file(document), json.dumps(kept).encode())
        except OSError:
            return

    def _file(self, document: Document) -> Path:
        kind = Path(document.path).suffix.lower()
        key = hashlib.sha256(f"{self._salt}\n{kind}\n{document.text}".encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / key[:2] / f"{key[2:40]}.json"


def _code_version() -> str:
    """Changes with the shipped numbers and the code that reads text and judges it."""
    root = Path(__file__).resolve().parent
    digest = hashlib.sha256()
    below = root.parent / "corpus"
    model = [*(root / "model").glob("*.*"), *(below / "meaning" / "model").glob("*.*")]
    for file in sorted(
        [
            *root.rglob("*.py"),
            *(below / "text").rglob("*.py"),
            *(below / "meaning").glob("*.py"),
            *(below / "meaning" / "export").glob("*.py"),
            *(below / "apis").glob("*.*"),
            *model,
        ]
    ):
        stat = file.stat()
        digest.update(f"{file.relative_to(root.parent)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _finding(row: dict[str, Any], path: str) -> Finding:
    return Finding(
        **{
            **row,
            "path": path,
            "span": Span(**row["span"]),
            "sources": tuple(SourceLink(**s) for s in row["sources"]),
            "fix": Fix(**row["fix"]) if row["fix"] else None,
        }
    )


def _claim(row: dict[str, Any]) -> Claim:
    return Claim(**{**row, "span": Span(**row["span"])})
