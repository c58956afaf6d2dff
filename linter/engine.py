"""Files to findings: what to read, which rules hold, in which order it is told. It prints nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from corpus import Corpus, CorpusError
from corpus.text import Document, Segment, read_document, segments
from linter import suppress
from linter.cache import FindingsCache
from linter.checker import FactChecker, Lead
from linter.consistency import Claim, ClaimTable
from linter.detect.titles import is_title
from linter.errors import ManualError
from linter.finding import Finding
from linter.records import is_yaml, record_segments
from linter.registry import Registry
from linter.rules import CLAIM_RULES, DEFAULT_VALUES, DOCUMENT_RULES, FACT_SIDES, NAMES_IN_PROSE
from linter.sides import OtherSides

if TYPE_CHECKING:
    from linter.manuals.otherwise import ManualWitness

__all__ = ["Engine", "Problem", "Result", "find_files"]

SUFFIXES = frozenset({".txt", ".md", ".markdown", ".yaml", ".yml"})
_SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "build", "dist"})


@dataclass(frozen=True, slots=True)
class Problem:
    """An input that could not be read; the rest was checked."""

    message: str


@dataclass(frozen=True, slots=True)
class Result:
    """One document with its findings, ordered by place."""

    document: Document
    findings: tuple[Finding, ...]


class Engine:
    """Runs the selected rules over documents."""

    def __init__(
        self,
        corpus: Corpus,
        checker: FactChecker,
        active: frozenset[str],
        cache: FindingsCache | None = None,
        witness: ManualWitness | None = None,
    ) -> None:
        """Put together what checks; what a `witness` says depends on what is indexed, so no cache goes with it."""
        self._checker, self._witness = checker, witness
        self._active = active
        self.disabled = corpus.disabled
        self._cache = cache
        self._codes = {key: rule.code for rule in Registry(corpus).rules for key in (rule.code.lower(), rule.name)}

    def check_paths(self, paths: Sequence[Path]) -> Iterator[Result | Problem]:
        """Check files, and the documents under folders, in order of path and against each other; one result or problem each."""
        table, sides = self._tables()
        for path, shown in find_files(paths):
            if not path.exists():
                yield Problem(f"{shown}: no such file or folder.")
                continue
            try:
                yield self._check(read_document(path, shown), table, sides)
            except (CorpusError, ManualError) as error:
                yield Problem(str(error))
            except RecursionError:
                yield Problem(f"{shown}: something in it is nested too deeply to be read; nothing of it was checked.")

    def check(self, document: Document) -> Result:
        """Check one document; the suffix of its path says how it is read. CorpusError where YAML is not valid."""
        return self._check(document, *self._tables())

    def _tables(self) -> tuple[ClaimTable, OtherSides]:
        """What the documents of one run are held against each other with."""
        table = ClaimTable(CLAIM_RULES)
        return table, OtherSides(self._checker, self._cache, table)

    def _check(self, document: Document, table: ClaimTable, sides: OtherSides) -> Result:
        kept_before = self._cache.read(document) if self._cache else None
        found, claims, leads = kept_before or self._judge(document)
        if self._cache and kept_before is None:
            self._cache.put(document, found, claims, leads)
        if claims:  # what is excused as no error takes no side either
            excused = {(f.code, f.span) for f in suppress.excused(document, found, self._codes)}
            claims = [c for c in claims if (c.key, c.span) not in excused]
        found = [*found, *table.compare(document, [*claims, *sides.claims(document, claims, leads)])]
        kept = _told_once(suppress.apply(document, [f for f in found if f.code in self._active], self._active, self._codes))
        return Result(document, tuple(sorted(kept, key=lambda f: (f.span.start, f.span.end, f.code))))

    def _judge(self, document: Document) -> tuple[list[Finding], list[Claim], list[Lead]]:
        """What the document shows on its own, what it claims beside others, and what of it may state a fact that another contradicts."""
        read = _segments(document)
        judged, leads = self._checker.judged_with_leads([s for s in read if not is_title(s.text)])
        found = self._checker.findings(document, judged)
        if self._witness:
            found += self._witness.findings(document, [segment for segment, verdicts in judged if not verdicts])
        found += [finding for rule in DOCUMENT_RULES for finding in rule.check(document, read)]
        claims = [*FACT_SIDES.claims(judged, self.disabled), *DEFAULT_VALUES.claims(read)]
        # Records say the same thing in many ways on purpose, false ones apart: no use looking for two sides there.
        return found, claims, [] if is_yaml(document.path) else [lead for lead in leads if lead.fact not in self.disabled]


def _told_once(found: Sequence[Finding]) -> list[Finding]:
    """Without what a rule says of a name in prose where the truth of a fact found around it names it too."""
    facts = [f for f in found if f.truth]
    return [f for f in found if f.code not in NAMES_IN_PROSE or not any(_around(k, f) and _names(k.truth or "", f.text) for k in facts)]


def _around(outer: Finding, inner: Finding) -> bool:
    return outer.span.start <= inner.span.start and inner.span.end <= outer.span.end


def _names(truth: str, name: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", truth, re.IGNORECASE) is not None


def find_files(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    """The files to check and how to show them, each once, sorted: a file as given; a folder's documents as folder/file."""
    seen: set[Path] = set()
    for path in paths:
        seen.update(p for p in path.rglob("*") if _is_document(p, path)) if path.is_dir() else seen.add(path)
    for file in sorted(seen, key=str):
        yield file, str(file)


def _is_document(file: Path, root: Path) -> bool:
    parts = file.relative_to(root).parts
    hidden = any(part.startswith(".") or part in _SKIPPED for part in parts)
    return not hidden and file.suffix.lower() in SUFFIXES and file.is_file()


def _segments(document: Document) -> Sequence[Segment]:
    found = record_segments(document) if is_yaml(document.path) else None
    return segments(document) if found is None else found
