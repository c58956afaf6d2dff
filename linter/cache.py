"""Findings of unchanged text, kept under a key of content, corpus, disabled facts, model and code: nothing stale can be found there."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpus import Corpus
from corpus.files import write_whole
from corpus.text import Document, Span
from linter.checker import Lead
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

    def read(self, document: Document) -> tuple[list[Finding], list[Claim], list[Lead]] | None:
        """The findings, what the text claims beside other documents, and what of it may plainly state a fact."""
        try:
            kept = json.loads(self._file(document).read_text("utf-8"))
            found = [_finding(row, document.path) for row in kept["findings"]]
            return found, [_claim(row) for row in kept["claims"]], [_lead(row) for row in kept["leads"]]
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, document: Document, findings: Sequence[Finding], claims: Sequence[Claim] = (), leads: Sequence[Lead] = ()) -> None:
        """Keep findings, claims and leads; a folder that cannot be written costs time, never the result."""
        kept = {"findings": [asdict(f) for f in findings], "claims": [asdict(c) for c in claims], "leads": [asdict(one) for one in leads]}
        _write(self._file(document), kept)

    def read_stated(self, leads: Sequence[Lead]) -> list[bool] | None:
        """Which of these leads state their facts; None if just these were not read together before."""
        try:
            kept = json.loads(self._file_of_leads(leads).read_text("utf-8"))["stated"]
            return [bool(one) for one in kept] if len(kept) == len(leads) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put_stated(self, leads: Sequence[Lead], stated: Sequence[bool]) -> None:
        """Keep what came of reading these leads."""
        _write(self._file_of_leads(leads), {"stated": list(stated)})

    def _file(self, document: Document) -> Path:
        return self._place(f"{Path(document.path).suffix.lower()}\n{document.text}")

    def _file_of_leads(self, leads: Sequence[Lead]) -> Path:
        return self._place("leads\n" + json.dumps([[lead.fact, lead.text, lead.context] for lead in leads]))

    def _place(self, content: str) -> Path:
        key = hashlib.sha256(f"{self._salt}\n{content}".encode("utf-8", "surrogatepass")).hexdigest()
        return self._folder / key[:2] / f"{key[2:40]}.json"


def _write(file: Path, kept: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        write_whole(file, json.dumps(kept).encode())


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


def _lead(row: dict[str, Any]) -> Lead:
    return Lead(**{**row, "span": Span(**row["span"])})
