"""Reference answers and key points as plain text for people, in formats that have one field for both; and back without loss.

## Reference answer
In a signed cookie on the client.

## Key points
k1 (0.6): Flask keeps the session in a cookie.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any

from corpus.records import KeyPoint

__all__ = ["from_notes", "plain", "points_as_text", "points_from_text", "to_notes"]

_REFERENCE, _POINTS = "## Reference answer", "## Key points"
_POINT = re.compile(r"(?:(?P<id>[A-Za-z0-9_.-]{1,40}) ?)?(?:\((?P<weight>[\d.]+(?:e-?\d+)?)\))?: (?P<text>.+)")
_UNCLOSED = re.compile(r"<(?![^<>]*>)")  # no tag; the parser would look for the end of each through all that follows
_BLOCKS = frozenset({"p", "div", "br", "li", "ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "table", "blockquote"})


def to_notes(references: Sequence[str], points: Sequence[KeyPoint]) -> str:
    """The text for graders."""
    parts = [f"{_REFERENCE}\n{_escaped(reference)}" for reference in references]
    return "\n\n".join((*parts, f"{_POINTS}\n{points_as_text(points)}"))


def from_notes(text: str) -> tuple[list[str], list[dict[str, Any]]]:
    """References and points of such a text; a text without headings is one reference. ValueError for a point that is none."""
    references: list[list[str]] = []
    points: list[str] | None = None
    for line in text.split("\n"):
        if line.rstrip() == _REFERENCE:
            references.append([])
        elif line.rstrip() == _POINTS:
            points = []
        elif points is not None:
            points.append(line)
        elif references:
            references[-1].append(line)
    if not references and points is None:
        return [text.strip()] if text.strip() else [], []
    found = ["\n".join(map(_unescaped, lines)).strip("\n") for lines in references]
    return found, points_from_text("\n".join(points or []))


def points_as_text(points: Sequence[KeyPoint]) -> str:
    """One point a line."""
    return "\n".join(f"{point.id} ({point.weight!r}): {' '.join(point.text.split())}" for point in points)


def points_from_text(text: str) -> list[dict[str, Any]]:
    """Points of lines as `k1 (0.6): text`; `- text` and bare text have no weight."""
    found = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        match = _POINT.fullmatch(line)
        if match and match["weight"]:
            found.append({"id": match["id"], "weight": float(match["weight"]), "text": match["text"]})
        else:
            found.append({"text": line.removeprefix("- ")})
    return found


def plain(markup: str) -> str:
    """The text of HTML as forms store it, paragraphs on lines of their own."""
    reader = _Text()
    reader.feed(_UNCLOSED.sub("&lt;", markup))
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in {"script", "style"}
        self.parts.append("\n" if tag in _BLOCKS else "")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in {"script", "style"} and self._hidden > 0
        self.parts.append("\n" if tag in _BLOCKS else "")

    def handle_data(self, data: str) -> None:
        self.parts.append("" if self._hidden else data)


def _escaped(text: str) -> str:
    return "\n".join(f"\\{line}" if line.startswith(("##", "\\")) else line for line in text.split("\n"))


def _unescaped(line: str) -> str:
    return line[1:] if line.startswith(("\\##", "\\\\")) else line
