"""A source distribution to pages and passages: reStructuredText and Markdown below docs/, and the docstrings they call for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from packaging.utils import InvalidSdistFilename, canonicalize_name, parse_sdist_filename
from packaging.version import InvalidVersion, Version

from corpus.text import Document, SegmentKind, segments
from corpus.text.rst import Part, PartKind, read_rst, unmarked
from corpus.text.sentences import sentence_bounds
from linter.errors import ManualError
from linter.manuals.archive import Sdist, open_sdist
from linter.manuals.docstrings import Definition, Definitions
from linter.manuals.records import Kind, Manual, Page, Passage, Place

__all__ = ["read_manual"]

_PAGE = re.compile(r"(?:docs?/(?:.+/)?[^/]+\.(?:rst|txt|md)|(?:README|CHANGES|CHANGELOG|HISTORY|LICEN[CS]E)[^/]*)", re.IGNORECASE)
_MODULE = re.compile(r"(?!(?:docs?|tests?|examples?|benchmarks?|scripts?)/)(?:[\w.-]+/)*[\w.-]+\.py")
_NO_PAGE = re.compile(r"/(?:_templates|_themes?|_static|locale|man)/|requirements[^/]*\.txt$")
# What was once so is no evidence of what is so: of these pages the places count, the sentences do not.
_HISTORY = re.compile(
    r"(?:^|/)(?:releases?|changes|changelog|history|whatsnew|release[-_]notes|upgrad\w+|internals|licen[cs]e|copying)(?:/|$)", re.IGNORECASE
)
_WORDS = range(4, 81)
_MAX_PASSAGES = 60_000
_MAX_CHARACTERS = 800  # of a passage
_MAX_INCLUDES = 4
_MAX_NESTED = 3  # docstrings within docstrings
_KINDS: dict[PartKind, Kind] = {PartKind.SCOPE: "object", PartKind.OBJECT: "object", PartKind.LABEL: "label", PartKind.BOX: "box"}
_LABELS = ("documentation", "docs", "homepage", "home")


def read_manual(path: Path) -> Manual:
    """Read the manual in a source distribution.

    Raises:
        ManualError: it cannot be opened, says neither name nor version, or holds no documentation.
    """
    sdist = open_sdist(path, lambda n: bool((_PAGE.fullmatch(n) and not _NO_PAGE.search(n)) or _MODULE.fullmatch(n)))
    name, version = _release(path, sdist)
    pages, passages = list[Page](), dict[str, Passage]()
    modules = {n: t for n, t in sdist.texts.items() if n.endswith(".py")}
    texts = {n: t for n, t in sdist.texts.items() if n not in modules and n != "PKG-INFO"}
    root = _root(texts)
    definitions: Definitions | None = None
    for file in sorted(n for n in texts if n.startswith(root)) or sorted(texts):
        parts = _parts(file, texts)
        if definitions is None and any(part.kind is PartKind.AUTO for part in parts):
            definitions = Definitions(modules)
        page = _Collector(file, _name(file, root), definitions)
        page.take(parts)
        pages.append(page.page())
        for passage in page.passages if not _HISTORY.search(page.name) else ():
            passages.setdefault(f"{passage.page}\0{passage.section}\0{passage.text}", passage)
    if not passages:
        raise ManualError(
            f"{name}=={version}", "the source distribution holds no documentation that can be read (.rst, .txt, .md below docs/)"
        )
    if len(passages) > _MAX_PASSAGES:
        raise ManualError(f"{name}=={version}", f"it has more than {_MAX_PASSAGES:,} sentences")
    return Manual(canonicalize_name(name), version, _site(sdist), tuple(pages), tuple(passages.values()))


def _release(path: Path, sdist: Sdist) -> tuple[str, Version]:
    try:
        return sdist.name or str(parse_sdist_filename(path.name)[0]), Version(sdist.version or str(parse_sdist_filename(path.name)[1]))
    except (InvalidVersion, InvalidSdistFilename):
        raise ManualError(path.name, "neither PKG-INFO nor the file name tells name and version; name it NAME-VERSION.tar.gz") from None


def _site(sdist: Sdist) -> str:
    links = dict(sdist.links)
    return next((links[label] for label in _LABELS if label in links), "")


def _root(files: Iterable[str]) -> str:
    """The folder of the manual: of those with an index page the one nearest to the top."""
    indexes = [f for f in files if re.search(r"(?:^|/)(?:index|contents)\.(?:rst|txt|md)$", f)]
    best = min(indexes, key=lambda f: (f.count("/"), f), default="")
    return posixpath.dirname(best) + "/" if best else ""


def _name(file: str, root: str) -> str:
    """`topics/http/index.txt` is the page topics/http; the first page of all is named index."""
    name = posixpath.splitext(file.removeprefix(root))[0]
    return name.removesuffix("/index") or "index"


def _parts(file: str, texts: Mapping[str, str], depth: int = 0) -> list[Part]:
    """The parts of a page with those of the pages it includes."""
    if file.endswith(".md"):
        return list(_markdown(file, texts[file]))
    parts = []
    for part in read_rst(texts[file]):
        parts.append(part)
        if part.kind is PartKind.INCLUDE and depth < _MAX_INCLUDES:
            included = posixpath.normpath(posixpath.join(posixpath.dirname(file), part.text))
            if included in texts and included != file:
                parts += _parts(included, texts, depth + 1)
    return parts


def _markdown(file: str, text: str) -> Iterator[Part]:
    document = Document(file, text)
    for segment in segments(document):
        line = document.position(segment.span.start).line
        heading = segment.kind is SegmentKind.HEADING or document.line_text(line).lstrip().startswith("#")
        if heading:
            raw = document.line_text(line).lstrip()
            yield Part(PartKind.HEADING, segment.text, line, max(len(raw) - len(raw.lstrip("#")), 1))
        elif segment.kind is not SegmentKind.CODE:
            yield Part(PartKind.PROSE, segment.text, line)


@dataclass
class _Collector:
    """Gathers places and passages of one page."""

    file: str
    name: str
    definitions: Definitions | None
    places: list[Place] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    section: str = ""
    scope: str = ""

    def page(self) -> Page:
        """The page; its title is its first heading."""
        title = next((place.title for place in self.places if place.kind == "section"), "")
        return Page(self.name, title, tuple(self.places))

    def take(self, parts: Iterable[Part], file: str = "", depth: int = 0) -> None:
        """Gather from the parts of the page, or of a docstring in `file` that it calls for."""
        for part in parts:
            if part.kind is PartKind.PROSE:
                self._prose(part.text, part.inside or self.section, file or self.file, part.line)
            elif part.kind is PartKind.HEADING:
                self.section = part.text
                self._place("section", part.text, part.line)
            elif part.kind is PartKind.AUTO:
                self._auto(part, depth)
            elif part.kind is PartKind.MADE:
                self._place("open", "", part.line)
            elif part.kind in _KINDS and part.text:
                self.scope = part.text if part.kind is PartKind.SCOPE else self.scope
                self._place(_KINDS[part.kind], part.text, part.line)

    def _place(self, kind: Kind, title: str, line: int) -> None:
        self.places.append(Place(kind, title, line))

    def _prose(self, text: str, section: str, file: str, line: int) -> None:
        for start, end in sentence_bounds(text):
            sentence = text[start:end].strip()
            if len(sentence.split()) in _WORDS and len(sentence) <= _MAX_CHARACTERS and sentence[-1] in ".!:?)\"'”":
                self.passages.append(Passage(sentence, self.name, section, file, line))

    def _auto(self, part: Part, depth: int) -> None:
        """Put the docstrings in the place of `.. autoclass:: Flask`."""
        found = self.definitions.find(part.text, self.scope) if self.definitions else None
        name = unmarked(part.text).partition("(")[0]
        if part.directive == "automodule":
            self.scope = name
        self._place("object", name, part.line)
        if found is None or self.definitions is None or depth > _MAX_NESTED:
            self._place("open", name, part.line)
            return
        self._docstring(found, name, depth)
        options = {option.strip(":").split(":", 1)[0]: option.partition(": ")[2] for option in part.options}
        if "members" not in options or part.directive == "automodule":
            return
        inherited = "inherited-members" in options
        left_out = {n.strip() for n in options.get("exclude-members", "").split(",")}
        for short, member in (self.definitions.members(found) if inherited else found.members).items():
            if short not in left_out:
                self._place("object", f"{name}.{short}", part.line)
                self._docstring(member, f"{name}.{short}", depth)
        if inherited and self.definitions.is_open(found):
            self._place("open", name, part.line)

    def _docstring(self, one: Definition, name: str, depth: int) -> None:
        before, self.section = self.section, name
        self.take(read_rst(self.definitions.text(one) if self.definitions else one.text), one.file, depth + 1)
        self.section = before
