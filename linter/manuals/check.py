"""Do the sources of facts lead where they say? Each is looked up in the indexed manual of its version."""

from __future__ import annotations

import difflib
import posixpath
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from packaging.version import InvalidVersion, Version

from corpus import Fact
from corpus.records import Source
from linter.manuals.records import Manual, Page

__all__ = ["SourceProblem", "Tally", "check_sources"]

_LEAD = re.compile(r"(?:a gentle |short )?introduction|overview|home|welcome|top of (?:the )?page|index|foreword", re.IGNORECASE)
_REMARK = re.compile(r"\s*\((?:warning|note|tip|introduction|lead)\)$", re.IGNORECASE)
_SPLIT = re.compile(r"\s*[;,/:]\s+|\s+(?:and|/|->|>)\s+")
_ALIASES = ("", "stable", "latest", "main", "dev", "master")


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """A source that does not lead where it says; `problem` says what the manual has instead."""

    fact: Fact
    source: Source
    manual: Manual
    problem: str


@dataclass(slots=True)
class Tally:
    """How many sources were looked up, and how many no indexed manual covers."""

    checked: int = 0
    uncovered: int = 0


def check_sources(facts: Iterable[Fact], manuals: Sequence[Manual], tally: Tally | None = None) -> Iterator[SourceProblem]:
    """Yield the sources that an indexed manual contradicts; those of other sites and versions are counted and passed by."""
    tally = tally or Tally()
    guides = {id(manual): _Guide(manual) for manual in manuals}
    for fact in facts:
        for source in fact.sources:
            manual = _manual_of(source, manuals)
            if manual is None:
                tally.uncovered += 1
                continue
            tally.checked += 1
            problem = guides[id(manual)].problem(source)
            if problem:
                yield SourceProblem(fact, source, manual, problem)


def _manual_of(source: Source, manuals: Sequence[Manual]) -> Manual | None:
    """The manual of the source's site in the release it names; the newest for an address such as /stable/."""
    here = [m for m in manuals if m.site and _host(m.site) == _host(source.url)]
    in_path = next((part for part in urlsplit(source.url).path.split("/") if re.fullmatch(r"v?\d+(?:\.\d+|\.x)*", part)), "")
    for named in dict.fromkeys((in_path, source.version)):  # the address says which edition of the site is meant
        fitting = [m for m in here if named and _fits(m.version, named)]
        if fitting:
            return max(fitting, key=lambda m: m.version)
    return None if in_path or source.version else max(here, key=lambda m: m.version, default=None)


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower().removeprefix("www.")


def _fits(version: Version, named: str) -> bool:
    try:
        release = Version(named.removeprefix("v").removesuffix(".x")).release
    except InvalidVersion:
        return False
    return version.release[: len(release)] == release


class _Guide:
    """Finds pages and places of one manual by address and name."""

    def __init__(self, manual: Manual) -> None:
        self.pages = {page.name: page for page in manual.pages}
        self.by_title: dict[str, list[Page]] = {}
        for page in manual.pages:
            for place in page.places:
                if place.kind == "section":
                    self.by_title.setdefault(_words(place.title), []).append(page)

    def problem(self, source: Source) -> str:
        """What is wrong with a source; "" for nothing."""
        page = self._page(source.url)
        if page is None:
            there = self.by_title.get(_words(source.section)) or self.by_title.get(_words(source.title)) or []
            hint = f"; {_called(source)} stands in {_named(there)}" if there else ""
            return f"there is no page {urlsplit(source.url).path}{hint}"
        anchor = unquote(urlsplit(source.url).fragment)
        anchored = _anchored(page, anchor)
        if anchor and anchored is None:
            return f"the page {page.name!r} has no place #{anchor}{_near(page, source.section or anchor)}"
        if _has(page, source.section) or _words(source.section) == _words(source.title):
            return ""
        if _has(page, re.split(r"[:(]", source.section, maxsplit=1)[0]):
            return ""  # `Version 2.3.0: the stacks are removed` says where, then what
        if anchored:
            return f"what stands at #{anchor} is called {anchored!r}, not {source.section!r}"
        moved = [p for p in self.by_title.get(_words(source.section), []) if p is not page]
        if moved:
            return f"{source.section!r} is not in {page.name!r} but in {_named(moved)}"
        return f"the page {page.name!r} has no section {source.section!r}{_near(page, source.section)}"

    def _page(self, url: str) -> Page | None:
        """The page an address ends in; before it stand at most language and edition, as in /en/5.2/."""
        path = unquote(urlsplit(url).path).strip("/")
        path = posixpath.splitext(path)[0] if path.endswith((".html", ".htm")) else path
        parts = path.removesuffix("index").strip("/").split("/")
        for skipped in range(min(len(parts), 3) + 1):
            name = "/".join(parts[skipped:])
            lead = parts[:skipped]
            if all(
                re.fullmatch(r"[a-z]{2}(?:-[a-z]{2,4})?|v?\d[\w.]*|docs?|page", part, re.IGNORECASE) or part in _ALIASES for part in lead
            ):
                found = self.pages.get(name) if name else self.pages.get("index")
                if found is not None:
                    return found
        return None


def _has(page: Page, section: str) -> bool:
    """Whether the page has what `section` names: one place, or several joined by commas; its lead has no name of its own."""
    section = _REMARK.sub("", section.strip())
    if not section or _LEAD.fullmatch(section) or _place(page, section):
        return True
    return all(_place(page, part) or _LEAD.fullmatch(part) for part in _SPLIT.split(section))


def _place(page: Page, name: str) -> bool:
    wanted = _words(name)
    if not wanted:
        return True
    for place in page.places:
        known = _words(place.title)
        if known == wanted or (place.kind == "object" and _same_object(place.title, name)):
            return True
        if place.kind == "open" and "." in name and _same_object(place.title, name.strip().rpartition(".")[0]):
            return True
        if place.kind == "section" and wanted in known and len(wanted) > 0.6 * len(known):
            return True
    return False


def _same_object(title: str, name: str) -> bool:
    """`flask.Flask.run()` is the object `Flask.run`: the shorter name is the end of the longer one."""
    one, other = (re.split(r"[(\s=]", text.strip(), maxsplit=1)[0].split(".") for text in (title, name))
    short, long = sorted((one, other), key=len)
    return long[-len(short) :] == short


def _anchored(page: Page, anchor: str) -> str | None:
    """The title of what an anchor leads to; None where it leads nowhere."""
    slug = _slug(anchor)
    for place in page.places:
        if slug == _slug(place.title) or (place.kind == "object" and _is_object(place.title, anchor)):
            return place.title
        if place.kind == "open" and (not place.title or _same_object(place.title, anchor.rpartition(".")[0])):
            return ""
    numbered = re.fullmatch(r"id\d+|module-.+|std-.+|index-\d+", anchor)  # made by Sphinx; the text does not tell them
    return "" if numbered or not anchor else None


def _is_object(title: str, anchor: str) -> bool:
    name = re.sub(
        r"^(?:std-)?(?:setting|templatefilter|templatetag|fieldlookup|django-admin(?:-option)?|option|confval|envvar|module)-", "", anchor
    )
    return _same_object(title, name) or _slug(re.split(r"[(\s]", title, maxsplit=1)[0]) == _slug(name)


def _near(page: Page, wanted: str) -> str:
    titles = {_words(p.title): p.title for p in page.places if p.kind != "label"}
    close = difflib.get_close_matches(_words(wanted), list(titles), n=2, cutoff=0.55)
    return f"; nearest: {', '.join(repr(titles[c]) for c in close)}" if close else ""


def _named(pages: Iterable[Page]) -> str:
    return ", ".join(dict.fromkeys(repr(page.name) for page in pages).keys() if pages else ())


def _called(source: Source) -> str:
    return repr(source.section or source.title)


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _slug(text: str) -> str:
    """The id that docutils makes of a title."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
