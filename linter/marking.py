"""Suppressions written by the linter: a mark where a finding is to stand, none where a mark suppresses nothing.

A mark goes into a comment at the end of the finding's line, so that what is read or rendered stays the same. Where no comment can stand
(plain text, code, a YAML text over several lines) the finding is left, and a baseline is the way.
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from corpus.files import write_whole
from corpus.text import Document, SegmentKind, segments
from linter.errors import SuppressError
from linter.finding import Finding
from linter.records import is_yaml
from linter.suppress import MARK, UNUSED

__all__ = ["Marked", "mark_files", "marked"]

_MARKDOWN = (".md", ".markdown")
_OPENS = re.compile(r"[ \t]*(?:<!--|#)?[ \t]*\Z")
_BREAKS = "\r\n"


@dataclass(frozen=True)
class Marked:
    """A document's text with marks for findings, and without those that suppressed nothing; what is `left` has no place for one."""

    text: str
    added: int
    removed: int
    left: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class _Change:
    start: int
    end: int
    text: str


def mark_files(results: Iterable[tuple[Document, Sequence[Finding]]], reason: str) -> Iterator[tuple[Document, Marked]]:
    """Rewrite the files in which something is marked, each as a whole; a byte order mark stays. SuppressError where one cannot be written."""
    for document, findings in list(results):  # all are read before the first is changed
        done = marked(document, findings, reason)
        if done.text != document.text:
            path = Path(document.path).resolve()  # of a link, what it leads to
            try:
                bom = codecs.BOM_UTF8 if path.read_bytes().startswith(codecs.BOM_UTF8) else b""
                write_whole(path, bom + done.text.encode())
            except OSError as error:
                raise SuppressError(document.path, error.strerror or "it cannot be written") from None
        yield document, done


def marked(document: Document, findings: Sequence[Finding], reason: str) -> Marked:
    """Mark every finding, with the reason behind it; SuppressError for one that would end its comment.

    Examples:
        A line `text` with a finding FLK012 becomes `text <!-- viva: ignore[FLK012] reason -->` in Markdown, in YAML `text  # viva: ...`.
    """
    if any(part in reason for part in ("-->", "\n", "\r")):
        raise SuppressError("--reason", "it must stand in one line, and --> would end its comment")
    closed, wanted, unused = _closed(document), defaultdict(set), {f.span.start: f for f in findings if f.code == UNUSED.code}
    left = []
    for finding in findings:
        line = document.position(finding.span.start).line
        if finding.code != UNUSED.code and (closed is None or line in closed):
            left.append(finding)
        elif finding.code != UNUSED.code:
            wanted[line].add(finding.code)
    changes = [*_old_marks(document, unused, wanted), *_new_marks(document, wanted, reason)]
    text = document.text
    for change in sorted(changes, key=lambda c: c.start, reverse=True):
        text = text[: change.start] + change.text + text[change.end :]
    return Marked(text, len(findings) - len(unused) - len(left), len(unused), tuple(left))


def _old_marks(document: Document, unused: dict[int, Finding], wanted: dict[int, set[str]]) -> Iterator[_Change]:
    """The marks there are, less the codes that suppress nothing, with those that their line is to have; takes these out of `wanted`."""
    for match in MARK.finditer(document.text):
        codes = [(code[0], match.start(2) + code.start()) for code in re.finditer(r"[A-Za-z0-9-]+", match[2])]
        new = wanted.pop(document.position(match.start()).line, set()) if match[1] == "ignore" else set()
        kept = [code for code, start in codes if start not in unused]
        if kept or new:
            if new or len(kept) < len(codes):
                yield _Change(match.start(2), match.end(2), ", ".join([*kept, *sorted(new - set(kept))]))
        else:
            yield _without(document, match)


def _without(document: Document, match: re.Match[str]) -> _Change:
    """The comment of a mark taken out, with its line where nothing else stands there."""
    line = document.lines[document.position(match.start()).line - 1]
    opening = _OPENS.search(document.text, line.start, match.start())
    start = opening.start() if opening else match.start()
    close = document.text.find("-->", match.end(), line.end)
    end = close + len("-->") if close >= 0 else line.end
    if document.text[line.start : start].strip() or document.text[end : line.end].strip():
        return _Change(start, end, "")
    after = line.end
    while after < len(document.text) and document.text[after] in _BREAKS and after - line.end < len(_BREAKS):
        after += 1
        if document.text[after - 1] == "\n":
            break
    return _Change(line.start, after, "")


def _new_marks(document: Document, wanted: dict[int, set[str]], reason: str) -> Iterator[_Change]:
    for line, codes in wanted.items():
        span = document.lines[line - 1]
        end = span.start + len(document.slice(span).rstrip())  # two blanks at the end are a line break of Markdown
        mark = f"viva: ignore[{', '.join(sorted(codes))}] {reason}".rstrip()
        yield _Change(end, end, f"  # {mark}" if is_yaml(document.path) else f" <!-- {mark} -->")


def _closed(document: Document) -> set[int] | None:
    """The lines that can hold no comment; None where none can."""
    if is_yaml(document.path):
        tokens = [t for t in yaml.scan(document.text, Loader=yaml.SafeLoader) if isinstance(t, yaml.ScalarToken)]
        return {line + 1 for t in tokens for line in range(t.start_mark.line, t.end_mark.line)}
    if not document.path.lower().endswith(_MARKDOWN):
        return None
    code = [s.span for s in segments(document) if s.kind is SegmentKind.CODE]
    return {line for s in code for line in range(document.position(s.start).line, document.position(s.end).line + 1)}
