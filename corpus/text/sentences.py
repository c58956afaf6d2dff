"""Where sentences end: abbreviations, versions, names with dots and addresses do not split."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["sentence_bounds"]

_END = re.compile(
    r"[.!?…]{1,8}[\"'”’»)\]]{0,4}"
    r"|(?<=[a-z]):(?=[A-Z][a-z]{1,30}(?: [A-Za-z]{1,30}){0,3}: )"  # `two parts:Model: the data`
)
_WORD_BEFORE = re.compile(r"[\w.]*$")
_IDENTIFIER = re.compile(r"[a-z]\w*(?:[._(]\w*){1,8}|[a-z]\b")
_GLUED = re.compile(r"[\"'“‘(]?([A-Z][a-z'’]*)(?=[\s,;:]|$)")
_TICKED = re.compile(r"`[^`\n]{1,300}`")
_REACH = 40
_ABBREVIATIONS = frozenset(
    re.findall(
        r"\S+",
        "e.g eg i.e ie vs cf approx resp incl mr mrs ms dr prof st jr sr fig figs sec ch pp ed eds ca viz al v ver no nos eq dept est",
    )
)
# They end a sentence when a capital follows that is no name: read as an end only before an opener.
_MAYBE_LAST = frozenset(re.findall(r"\S+", "etc inc ltd co corp a.m p.m u.s u.k ph.d"))
_OPENERS = frozenset(
    re.findall(
        r"\S+",
        "A Add After All Also Although An And Another Any As At Because Before Both But By Call Check Configure Create Define "
        "Despite During Each Even Every Finally First For From Furthermore Generally Given He Hence Here How However I If Import "
        "In Initialize Install Instead Internally It It's Its Keep Later Let Like Make Many Moreover Most Next No Normally Not "
        "Note Now Of On Once One Only Open Or Other Otherwise Our Over Please Run Second See Set She Similarly Since So Some "
        "Specify Start Such Take Than That The Their Then There Therefore These They This Those Though Thus To Today Two "
        "Typically Under Unlike Until Upon Use Usually We What When Where Whereas Whether Which While Who Why With Within "
        "Without Yet You Your",
    )
)
_OPENING = "\"'“‘«([{*`_<@/"


def sentence_bounds(text: str, shielded: Sequence[tuple[int, int]] = ()) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each sentence of a cleaned paragraph; `shielded` ranges (sorted) are not split."""
    guards = sorted([*shielded, *(match.span() for match in _TICKED.finditer(text))])
    start, guard = 0, 0
    for match in _END.finditer(text):
        while guard < len(guards) and guards[guard][1] < match.end():
            guard += 1
        if guard < len(guards) and guards[guard][0] < match.start() and match.end() <= guards[guard][1]:
            continue
        if match.end() < len(text) and _ends(text, start, match.start(), match.end()):
            yield start, match.end()
            start = _after_blanks(text, match.end())
    if start < len(text):
        yield start, len(text)


def _ends(text: str, start: int, dot: int, end: int) -> bool:
    """Tell whether the mark at `dot` ends the sentence that began at `start`."""
    if text[dot] == ":":
        return True
    word = _word_before(text, start, dot)
    if text[end] != " ":
        return _glued(text, dot, end, word)
    after = _after_blanks(text, end)
    following = text[after : after + _REACH]
    if not following:
        return False
    if text[dot] == "." and end - dot == 1:
        if word.lower() in _ABBREVIATIONS or _is_label(word, text[start:dot] == word):
            return False
        if word.lower() in _MAYBE_LAST:
            return following.split(" ", 1)[0].rstrip(",") in _OPENERS
    return _opens(following)


def _after_blanks(text: str, at: int) -> int:
    """Where the words go on: people type two blanks after a full stop, and what is blanked out leaves many."""
    while at < len(text) and text[at] == " ":
        at += 1
    return at


def _word_before(text: str, start: int, dot: int) -> str:
    match = _WORD_BEFORE.search(text, max(start, dot - _REACH), dot)
    return match.group().strip(".") if match else ""


def _is_label(word: str, first: bool) -> bool:
    """An initial (`J.`) anywhere; a number or letter of a list at the start."""
    return (len(word) == 1 and word.isupper() and word != "I") or (first and (word.isdigit() or len(word) == 1))


def _opens(following: str) -> bool:
    """Tell whether a sentence can start like this; names such as `current_app` may start one in lower case."""
    head = following[0]
    if head.islower():
        return bool(_IDENTIFIER.match(following))
    return head.isupper() or head.isdigit() or head in _OPENING or not head.isascii()


def _glued(text: str, dot: int, end: int, word: str) -> bool:
    """Tell whether `word.Next` is two sentences that lost their blank, not a dotted name."""
    match = _GLUED.match(text, end, end + _REACH)
    if match is None or dot == 0 or "." in word:
        return False
    before = text[dot - 1]
    if text[dot] in "!?":
        return before.isalpha() or before in ")\"'”’"
    if not (before.islower() or before.isdigit() or before in ")\"'”’"):
        return False
    return match[1] in _OPENERS or (end - dot > 1 and len(match[1]) > 1) or (before in ")”’" and len(match[1]) > 1)
