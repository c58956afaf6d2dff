"""Reader of reStructuredText, as far as manuals need it: headings, described objects, and prose without its marks.

It is no docutils: nothing is included, executed or rendered, every line is looked at once, and what it does not know it
reads as prose. Code, tables, images and comments are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Part", "PartKind", "read_rst", "unmarked"]

_ROLE = re.compile(r":[\w:+-]+:`~?!?\.?([^`<]*?)(?:\s*<[^`>]*>)?`")
_LINK = re.compile(r"`([^`<]+?)\s*<[^`>]+>`_{0,2}|`([^`]+)`_{1,2}")
_MARK = re.compile(r"``([^`]+)``|\*\*([^*]+)\*\*|\*([^*]+)\*|`([^`]+)`|\|(\w+)\|")
_BULLET = re.compile(r"^(?:[-*]|\d+\.|#\.)\s+")
_SHORTENED = ("flask", "django")  # `:class:`flask.Flask`` is read as Flask

_BREAK = re.compile(r"\r\n|\r|\n")
_ADORNMENT = re.compile(r"([=\-~^\"'`#*+:.<>_!$%&,/;?@|])\1{2,}$")
_BORDER = re.compile(r"=+(?: +=+)+$")
_ITEM = re.compile(r"(?:[-*+•]|\d{1,3}[.)]|#[.)]|:[A-Za-z][^:`\n]{0,60}:)(?:\s+|$)")
_DIRECTIVE = re.compile(r"\.\.\s+([A-Za-z][\w:+.-]{0,40})::(?:\s+(.*))?$")
_LABEL = re.compile(r"\.\.\s+_`?([^`:]{1,200})`?:(?:\s|$)")
_MAX_TABLE = 500  # lines looked ahead for the end of a table
# What holds no prose; what only frames it; what says when. Any other directive describes an object: `.. setting:: DEBUG`.
_SILENT = frozenset(
    "code code-block sourcecode console literalinclude parsed-literal image figure toctree raw table csv-table list-table math highlight "
    "doctest testcode testoutput testsetup testcleanup graphviz digraph productionlist jinja meta tabularcolumns contents sectnum replace "
    "unicode role default-role index container-code snippet deprecated-removed ditaa bibliography plot".split()
)
_FRAMES = frozenset(
    "note warning admonition tip hint important caution danger attention error seealso topic sidebar rubric only container compound glossary "
    "epigraph highlights pull-quote tab tabs group-tab code-tab dropdown details hlist centered class-note".split()
)
_TITLED = frozenset("admonition topic sidebar rubric tab dropdown centered".split())
_DOMAINS = ("py", "std", "c", "cpp", "js", "rst", "http", "rfc")
_SINCE = frozenset("versionadded versionchanged versionremoved deprecated".split())
_SCOPES = frozenset("module currentmodule py:module py:currentmodule".split())


class PartKind(StrEnum):
    """What a part of a page is."""

    HEADING = "heading"
    LABEL = "label"
    BOX = "box"  # `.. admonition:: Pitfalls`
    OBJECT = "object"
    MADE = "made"  # an extension of Sphinx puts its own content here
    SCOPE = "scope"  # `.. currentmodule:: flask`
    AUTO = "auto"  # a docstring belongs here: `.. autoclass:: Flask`
    INCLUDE = "include"
    PROSE = "prose"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a page.

    `text` is plain; `line` counts from 1 and is where the part begins. `level` is the depth of a heading, from 1. `inside` is the
    described object a part stands in, `directive` the name an object was described with, and `options` those of an AUTO part.
    """

    kind: PartKind
    text: str
    line: int
    level: int = 0
    inside: str = ""
    directive: str = ""
    options: tuple[str, ...] = ()


def unmarked(text: str, shortened: tuple[str, ...] = _SHORTENED) -> str:
    """The words of a paragraph without roles, links, emphasis and bullet; names in `shortened` packages lose their path."""
    text = _ROLE.sub(lambda m: m[1].rsplit(".", 1)[-1] if m[1].startswith(shortened) else m[1], text)
    text = _LINK.sub(lambda m: m[1] or m[2], text)
    text = _MARK.sub(lambda m: next(g for g in m.groups() if g), text)
    return _BULLET.sub("", re.sub(r"\s+", " ", text)).strip()


def read_rst(text: str) -> Iterator[Part]:
    """Yield the parts of a page in order."""
    return _Reader(text).parts()


class _Reader:
    """One pass over the lines, with the paragraph that is being collected and what is being left out."""

    def __init__(self, text: str) -> None:
        self.lines = [line.expandtabs(8).rstrip() for line in _BREAK.split(text)]
        self.at = 0
        self.paragraph: list[str] = []
        self.first, self.indent, self.item = 0, 0, False
        self.skipped: int | None = None  # blocks indented deeper than this are left out
        self.doctest = False
        self.objects: list[tuple[int, str]] = []  # indentation and name, outermost first
        self.adornments: list[str] = []

    def parts(self) -> Iterator[Part]:
        """Yield all parts."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            self.at += 1
            yield from self._line(line.lstrip(), len(line) - len(line.lstrip()))
        yield from self._flush()

    def _line(self, line: str, indent: int) -> Iterator[Part]:
        if not line:
            self.doctest = False
            yield from self._flush()
            return
        if self.doctest or (self.skipped is not None and indent > self.skipped):
            return
        self.skipped = None
        if not indent and _ADORNMENT.match(line):
            yield from self._adorned(line)
        elif _BORDER.match(line):
            yield from self._flush()
            self._pass_table()
        elif line.startswith((">>>", "+-", "+=", "|")):
            yield from self._flush()
            self.doctest = line[0] == ">"
        elif line.startswith(".. ") or line == "..":
            yield from self._flush()
            self._leave_objects(indent)
            yield from self._explicit(line, indent)
        else:
            yield from self._text(line, indent)

    def _adorned(self, line: str) -> Iterator[Part]:
        """A line of punctuation: below a title, above one, or between paragraphs."""
        title, over = "", ""
        if len(self.paragraph) == 1 and not self.indent and not self.item and len(line) >= min(len(self.paragraph[0]), 4):
            title, first = self.paragraph[0], self.first
            self.paragraph = []
        elif not self.paragraph and self.at + 1 < len(self.lines) and self.lines[self.at + 1] == line and self.lines[self.at].strip():
            title, first, over = self.lines[self.at].strip(), self.at + 1, "over"
            self.at += 2
        else:
            yield from self._flush()
            return
        self.objects.clear()
        mark = over + line[0]
        if mark not in self.adornments:
            self.adornments.append(mark)
        yield Part(PartKind.HEADING, unmarked(title), first, self.adornments.index(mark) + 1)

    def _pass_table(self) -> None:
        for at in range(self.at, min(self.at + _MAX_TABLE, len(self.lines))):
            ends = at + 1 >= len(self.lines) or not self.lines[at + 1]
            if ends and _BORDER.match(self.lines[at].lstrip()):
                self.at = at + 1
                return

    def _explicit(self, line: str, indent: int) -> Iterator[Part]:
        directive, label = _DIRECTIVE.match(line), _LABEL.match(line)
        if label:
            yield self._part(PartKind.LABEL, label[1], self.at)
        if directive is None:
            self.skipped = indent
            return
        name, argument, line_number = directive[1].lower(), (directive[2] or "").strip(), self.at
        if name in _SILENT or name.endswith("-code"):
            self.skipped = indent
        elif name == "include":
            self.skipped = indent
            yield self._part(PartKind.INCLUDE, argument, line_number)
        elif name in _SCOPES:
            yield self._part(PartKind.SCOPE, argument, line_number)
        elif name in _FRAMES or name in _SINCE:
            if argument and name in _TITLED:
                yield self._part(PartKind.BOX, unmarked(argument), line_number)
            elif argument and name in _FRAMES and name not in ("only", "container"):
                self._begin(argument, indent + 3, item=False)
        elif ":" in name and name.split(":")[0] not in _DOMAINS:
            self.skipped = indent
            yield self._part(PartKind.MADE, argument, line_number)
        else:
            yield from self._described(name, argument, indent, line_number)

    def _described(self, name: str, argument: str, indent: int, line: int) -> Iterator[Part]:
        more, options = self._head(indent)
        if name.startswith("auto"):
            yield Part(PartKind.AUTO, argument, line, inside=self._inside(), directive=name, options=options)
            return
        for signature in (argument, *more):
            own = unmarked(signature)
            outer = self._inside()
            full = (
                f"{outer}.{own}"
                if outer and name.rsplit(":", maxsplit=1)[-1] in ("method", "attribute", "classmethod", "staticmethod", "property")
                else own
            )
            if own:
                yield self._part(PartKind.OBJECT, full, line, name)
        if argument:
            self.objects.append((indent, re.split(r"[(\s]", unmarked(argument), maxsplit=1)[0]))

    def _head(self, indent: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Take the lines right below a directive: further signatures, and options such as `:members:`."""
        more, options = [], []
        while self.at < len(self.lines) and self.lines[self.at]:
            line = self.lines[self.at]
            if len(line) - len(line.lstrip()) <= indent:
                break
            if line.lstrip().startswith(":"):
                options.append(line.strip())
            elif options or (line.lstrip()[0].isupper() and " " in line.strip()):
                break  # the text begins without an empty line
            else:
                more.append(line.strip())
            self.at += 1
        return tuple(more), tuple(options)

    def _text(self, line: str, indent: int) -> Iterator[Part]:
        item = _ITEM.match(line)
        if self.paragraph and (item or indent != self.indent) and not (self.item and len(self.paragraph) == 1 and indent > self.indent):
            yield from self._flush()
            if self.skipped is not None and indent > self.skipped:
                return
        if not self.paragraph:
            self._leave_objects(indent)
            field = item and item[0].startswith(":")
            rest = line[item.end() :] if item and (field or item.end() < len(line)) else line
            self._begin(rest, indent + (len(line) - len(rest)), item=bool(item))
            return
        if self.item and len(self.paragraph) == 1:
            self.indent = indent
        self.paragraph.append(line)

    def _begin(self, line: str, indent: int, *, item: bool) -> None:
        self.paragraph, self.first, self.indent, self.item = [line], self.at, indent, item

    def _leave_objects(self, indent: int) -> None:
        while self.objects and self.objects[-1][0] >= indent:
            self.objects.pop()

    def _flush(self) -> Iterator[Part]:
        if not self.paragraph:
            return
        text, self.paragraph = " ".join(" ".join(self.paragraph).split()), []
        if text.endswith("::"):
            self.skipped = self.indent
            text = text[:-1].rstrip(":").rstrip() + ":"
        plain = unmarked(text)
        if plain.strip(":. "):
            yield self._part(PartKind.PROSE, plain, self.first)

    def _inside(self) -> str:
        return self.objects[-1][1] if self.objects else ""

    def _part(self, kind: PartKind, text: str, line: int, directive: str = "") -> Part:
        return Part(kind, text, line, inside=self._inside(), directive=directive)
