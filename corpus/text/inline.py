"""What to leave out of Markdown inline text: emphasis, link targets, tags, ticks; by one pass."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from corpus.text.cleaning import Cut
from corpus.text.document import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["inline_cuts", "tag_cuts"]

_TAGS = (
    "a|abbr|b|blockquote|br|center|cite|code|dd|del|details|div|dl|dt|em|figcaption|figure|h[1-6]|hr|i|img|ins|kbd|li|"
    "mark|ol|p|picture|pre|q|s|samp|section|small|source|span|strike|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|"
    "tr|u|ul|var|video"
)
_TAG = re.compile(rf"<!--.{{0,2000}}?-->|</?(?:{_TAGS})(?:\s[^<>]{{0,1000}})?/?>", re.IGNORECASE | re.DOTALL)
_BREAKING = re.compile(r"</?(?:br|p|li|div|tr|td|th|h[1-6]|dd|dt|summary)\b", re.IGNORECASE)
_INLINE = re.compile(
    r"(?P<escape>\\(?=[!-/:-@\[-`{-~]))|(?P<ticks>`+)|(?P<image>!\[)|(?P<open>\[)"
    r"|(?P<close>\](?:\([^()\s]{0,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,500})?(?:\s+[\"'][^\"'\n]{0,300}[\"'])?\)|\[[^\[\]\n]{0,200}\])?)"
    rf"|(?P<auto><(?=https?://|mailto:)[^<>\s]{{1,1000}}>)|(?P<tag>{_TAG.pattern})|(?P<mark>[*_~]+)",
    re.IGNORECASE | re.DOTALL,
)
_NAME = re.compile(r"__[a-z][a-z0-9]{0,40}(?:_[a-z0-9]+){0,4}__(?!\w)")  # __init__ is a name, not emphasis


def tag_cuts(text: str, span: Span) -> list[Cut]:
    """Return the cuts for HTML tags; those of blocks stand for a blank."""
    found = _TAG.finditer(text, span.start, span.end)
    return [Cut(match.start(), match.end(), bool(_BREAKING.match(match.group()))) for match in found]


def inline_cuts(text: str, pieces: Sequence[Span]) -> tuple[list[Cut], list[Span]]:
    """Return the cuts for the pieces of one block, the gaps between them too, and its spans of inline code."""
    cuts: list[Cut] = []
    atoms: list[Span] = []
    links: list[Cut] = []  # opened and not yet closed, here and in marks
    marks: dict[str, list[Cut]] = {}
    for before, piece in zip([None, *pieces], pieces, strict=False):
        if before is not None:
            cuts.append(Cut(before.end, piece.start, space=True))
        atoms += _piece_cuts(text, piece, cuts, links, marks)
    return sorted(cuts, key=lambda cut: cut.start), atoms


def _piece_cuts(text: str, piece: Span, cuts: list[Cut], links: list[Cut], marks: dict[str, list[Cut]]) -> list[Span]:
    """Add the cuts of one piece to `cuts`; return its spans of inline code."""
    atoms: list[Span] = []
    closers = _tick_closers(text, piece)
    at = piece.start
    while match := _INLINE.search(text, at, piece.end):
        at = match.end()
        if match["ticks"]:
            close = next(closers[len(match["ticks"])], None) if len(match["ticks"]) in closers else None
            while close is not None and close < at:
                close = next(closers[len(match["ticks"])], None)
            if close is not None:
                at = close + len(match["ticks"])
                cuts += [Cut(match.start(), match.end()), Cut(close, at)]
                atoms.append(Span(match.end(), close))
        elif match["image"] or match["open"]:
            links.append(Cut(match.start(), match.end()))
        elif match["close"]:
            _close_link(match, cuts, links)
        elif match["auto"]:
            cuts += [Cut(match.start(), match.start() + 1), Cut(match.end() - 1, match.end())]
        elif match["mark"]:
            _pair_marks(text, piece, match, cuts, marks)
        elif match["escape"]:
            cuts.append(Cut(match.start(), match.end()))
            at = match.end() + 1
        else:
            cuts.append(Cut(match.start(), match.end(), bool(_BREAKING.match(match.group()))))
    return atoms


def _close_link(match: re.Match[str], cuts: list[Cut], links: list[Cut]) -> None:
    """Cut the brackets and the target of a link; bare brackets stay."""
    opened = links.pop() if links else None
    if opened is not None and match.end() - match.start() > 1:
        cuts += [opened, Cut(match.start(), match.end())]


def _tick_closers(text: str, piece: Span) -> dict[int, Iterator[int]]:
    """Return for each length of a tick run its places in order."""
    places: dict[int, list[int]] = {}
    for match in re.finditer("`+", text[piece.start : piece.end]):
        places.setdefault(len(match.group()), []).append(piece.start + match.start())
    return {size: iter(found) for size, found in places.items()}


def _pair_marks(text: str, piece: Span, match: re.Match[str], cuts: list[Cut], pending: dict[str, list[Cut]]) -> None:
    """Cut a run of marks that closes an earlier one, with it; a run that nothing closes stays (`**kwargs`)."""
    mark = match.group()
    before = text[match.start() - 1] if match.start() > piece.start else " "
    after = text[match.end()] if match.end() < piece.end else " "
    opens, closes = not after.isspace(), not before.isspace()
    if "_" in mark:
        opens, closes = opens and not before.isalnum(), closes and not (after.isalnum() or after in "(_")
        if _NAME.match(text, match.start(), piece.end) or (pending.get(mark) is None and not opens):
            return
    waiting = pending.setdefault(mark, [])
    if closes and waiting:
        cuts += [waiting.pop(), Cut(match.start(), match.end())]
    elif opens:
        waiting.append(Cut(match.start(), match.end()))
