"""TXT002: words, sentences and cells that lost the blank between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpus.text import Document, Segment, SegmentKind, Span
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.text._places import Place, told
from linter.rules.text._prose import Piece, pieces

__all__ = ["JoinedWords"]

_QUOTE = re.compile(r"(?<=[a-z]{2})“(?=[\w”])")
# Two capitalised words in each of two neighbours: the links of a list, no class names.
_LINKS = re.compile(r"\b[A-Z][a-z]{5,20}[A-Z][a-z]{4,20}(?: [A-Z][a-z]{5,20}[A-Z][a-z]{4,20}){1,20}\b")
_TOKEN = re.compile(r"(?<![\w.@/\\#$&%=<:-])[A-Za-z]{7,60}(?![\w@/\\(=\[]|\.\w|-\w)")
_LONG_WORD = re.compile(r"[A-Za-z]{4,60}")
_WORD = re.compile(r"[A-Za-z]{2,60}")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{3,20}(?![\w-])")
_HUMP = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_REPEATED = re.compile(r"([A-Z][a-z]{2,20})\1")
_HEADS = ("the", "and", "that", "your", "from")
_TAILS = ("the", "and", "your")
_BRANDS = frozenset(
    "pythonanywhere dockerfile dockerfiles dockerhub javascript typescript wordpress youtube facebook cloudflare "
    "cloudformation firebase openstack webpack windows anywhere themselves".split()
)
_PART = 5  # letters of each of two words for them to be told from syllables
_KNOWN = 2  # times a word stands alone for it to be one of the document's words
_CAMELS = 2  # names of code among the prose: with more of them nothing is said of capitals inside words
_REACH = 60  # characters of a word that is shown
_MESSAGE = "Two words run together: put a blank between {} and {}."


class JoinedWords:
    """Two words, sentences or cells without a blank between."""

    info = RuleInfo(
        code="TXT002",
        name="joined-words",
        severity="info",
        summary="Two words, sentences or cells of a table run together; a blank or a line break is lost.",
        why="Tables, links and line breaks become nothing when tags are taken out of a page.",
        wrong=(
            "It is easy to learn.In practice it takes a week.",
            "Choose a Postgresserver. The server of Postgres is free, and Postgres is fast; with Postgres a server is quick.",
        ),
        right=("It is easy to learn. In practice it takes a week.", "See flask.Markup, Node.js, GitHub and PostgreSQL."),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """Cells, sentences, links and words, each by its own marks; one place a line, and one for a table."""
        prose = list(pieces(document, found))
        places = [*_tables(document, found), *_touching(document, found), *_links(prose), *_words(prose)]
        yield from told(self.info, document, _one_a_line(document, places))


def _one_a_line(document: Document, places: Sequence[Place]) -> Iterator[Place]:
    """A row of joined links is one loss, not five."""
    seen = set()
    for place in sorted(places, key=lambda one: one.span.start):
        line = document.position(place.span.start).line
        if line not in seen:
            seen.add(line)
            yield place


def _tables(document: Document, found: Sequence[Segment]) -> Iterator[Place]:
    """Cells of a row that touch; the rows of a table have one cause and are told at the first."""
    first, last, rows = Span(0, 0), -1, 0
    written = Counter(_LONG_WORD.findall(document.text))
    for left, right in pairwise(found):
        if not (left.kind is right.kind is SegmentKind.ROW and left.span.end == right.span.start):
            continue
        joint = _joint(document, left, right)
        if written[document.slice(joint)] > 1:
            continue  # a name of its own: nobody joins the same two words twice
        line = document.position(right.span.start).line
        if rows and line - last > 1:
            yield _table(first, rows)
            rows = 0
        first, last, rows = first if rows else joint, line, rows + 1
    if rows:
        yield _table(first, rows)


def _table(first: Span, rows: int) -> Place:
    more = f" The same in {rows - 1} more rows of it." if rows > 1 else ""
    return Place(first, "Two cells of a table run together: part them." + more)


def _touching(document: Document, found: Sequence[Segment]) -> Iterator[Place]:
    """Sentences that end where the next begins: the reader of the text has told them from dotted names already."""
    told_apart = (SegmentKind.SENTENCE, SegmentKind.ITEM)
    for left, right in pairwise(found):
        if left.kind in told_apart and right.kind in told_apart and left.span.end == right.span.start:
            yield Place(_joint(document, left, right), "Two sentences run together: put a blank or a line break between them.")


def _joint(document: Document, left: Segment, right: Segment) -> Span:
    """The last word of one segment with the first of the next."""
    tail, head = document.slice(left.span)[-_REACH:].split(), document.slice(right.span)[:_REACH].split()
    return Span(left.span.end - len(tail[-1]), right.span.start + len(head[0]))


def _links(prose: Sequence[Piece]) -> Iterator[Place]:
    """Links of a list and an opening quote, stuck to the word before."""
    for piece in prose:
        for match in _LINKS.finditer(piece.text):
            yield Place(Span(*match.span()).shift(piece.start), "The entries of a list run together: put a comma between them.")
        for match in _QUOTE.finditer(piece.text):
            yield Place(Span(*match.span()).shift(piece.start), "The quote is stuck to the word before it: put a blank between them.")


def _words(prose: Sequence[Piece]) -> Iterator[Place]:
    """Words joined from two words that the document uses on their own."""
    counts: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for piece in prose:
        counts.update(_WORD.findall(piece.text))
        names.update(_NAME.findall(piece.text))
    known = _Known(counts, {name for name, n in names.items() if n > _KNOWN})
    camels = {word for word in counts if _is_camel(word) and not known.camel_joint(word)}
    for piece in prose:
        for match in _TOKEN.finditer(piece.text):
            word = match.group()
            joint = known.joint(word) or (known.camel_joint(word) if len(camels) <= _CAMELS else 0) or _link_joint(word)
            if joint and counts[word] == 1:
                yield Place(Span(*match.span()).shift(piece.start), _MESSAGE.format(repr(word[:joint]), repr(word[joint:])))


def _is_camel(word: str) -> bool:
    return word[0].islower() and not word.islower()


def _link_joint(word: str) -> int:
    """Where a name follows itself (`PythonJavaJavaScript`), as the links of a list do when their blanks are lost."""
    match = _REPEATED.search(word)
    return match.end(1) if match else 0


class _Known:
    """The words of one document."""

    def __init__(self, counts: Counter[str], names: set[str]) -> None:
        self._counts = counts
        self._names = names

    def joint(self, word: str) -> int:
        """Where a name and a word, or an article and a word, were joined; 0 where nothing says so."""
        if word.lower() in _BRANDS or not word[1:].islower():
            return 0
        if word[0].isupper():
            splits = (at for at in range(_PART, len(word) - _PART + 1) if word[:at] in self._names)
            return next((at for at in splits if self._stands(word[at:])), 0)
        for head in _HEADS:
            if word.startswith(head) and len(word) - len(head) > _PART and self._stands(word[len(head) :]):
                return len(head)
        for tail in _TAILS:
            if word.endswith(tail) and len(word) - len(tail) >= _PART and self._stands(word[: -len(tail)]):
                return len(word) - len(tail)
        return 0

    def camel_joint(self, word: str) -> int:
        """Where a plain word ends and a name of the document begins (`lightDjango`); 0 for names such as `sayHello`."""
        humps = _HUMP.findall(word)
        if len(humps) != 2 or not humps[0].islower() or len(humps[0]) < 4:
            return 0
        return len(humps[0]) if humps[1] in self._names and self._counts[humps[0]] else 0

    def _stands(self, word: str) -> bool:
        return self._counts[word] >= _KNOWN
