"""A baseline: what is already known to be wrong, so that a team sees only what is new.

An entry is the rule, the document and a hash of the words found with the line they begin on; lines may move. An entry that nothing
meets any more is stale and is counted, so that a baseline shrinks and never hides a new error in mended text.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from corpus.files import write_whole
from corpus.text import Document
from linter.errors import BaselineError
from linter.finding import Finding

__all__ = ["Baseline", "read_baseline", "write_baseline"]

_VERSION = 1
_MAX_BYTES = 50_000_000


@dataclass
class Baseline:
    """Entries left to be met; each hides as many findings as it was written for."""

    left: Counter[str] = field(default_factory=Counter)

    def new(self, document: Document, findings: Sequence[Finding]) -> tuple[Finding, ...]:
        """Those findings that are not in the baseline."""
        kept = []
        for finding in findings:
            key = _key(document, finding)
            if self.left[key] > 0:
                self.left[key] -= 1
            else:
                kept.append(finding)
        return tuple(kept)

    @property
    def stale(self) -> int:
        """How many entries nothing has met so far."""
        return sum(self.left.values())


def read_baseline(path: Path) -> Baseline:
    """Read what `write_baseline` wrote; BaselineError for anything else."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BaselineError(str(path), f"it has over {_MAX_BYTES:,} bytes")
        record = json.loads(path.read_text("utf-8"))
        entries = record["entries"]
        if record["version"] != _VERSION or not all(isinstance(k, str) and type(n) is int and n > 0 for k, n in entries.items()):
            raise BaselineError(str(path), "it is of another version")
        return Baseline(Counter(entries))
    except OSError as error:
        raise BaselineError(str(path), error.strerror or "it cannot be read") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BaselineError(str(path), "it is no baseline of this linter") from None


def write_baseline(path: Path, results: Iterable[tuple[Document, Sequence[Finding]]]) -> int:
    """Write the findings as known and return their number."""
    entries = Counter(_key(document, finding) for document, findings in results for finding in findings)
    text = json.dumps({"version": _VERSION, "entries": dict(sorted(entries.items()))}, indent=1) + "\n"
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise BaselineError(str(path), error.strerror or "it cannot be written") from None
    return sum(entries.values())


def _key(document: Document, finding: Finding) -> str:
    line = " ".join(document.line_text(document.position(finding.span.start).line).split())
    digest = hashlib.sha256(f"{line}\n{finding.text}".encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{finding.code} {Path(finding.path).as_posix()} {digest}"
