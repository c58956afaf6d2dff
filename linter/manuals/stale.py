"""Which facts may have aged between two releases: those whose passages in the manual changed, went, or came."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from packaging.utils import canonicalize_name

from corpus import Encoder, Fact
from linter.manuals.index import IndexedManual, Near
from linter.manuals.records import Manual

__all__ = ["Change", "StaleFact", "stale_facts"]

_BEST = 3  # passages next to a statement that are compared
_ABOUT = 0.55  # cosine from which a passage speaks of the statement
_NEW = 0.65  # and from which the best passage of the new manual is told if it was not there before
_SAME, _SAME_ELSEWHERE = 0.7, 0.82  # cosine from which a passage of the same page, or of another, is the old one in other words
_FEWEST_WORDS = 5  # fewer say too little to be evidence
_SPELLING = 0.95  # share of words in common from which two passages differ in spelling alone, if no number or negation does
_POINTER = re.compile(r"see |will be removed|for (?:more|full) ", re.IGNORECASE)
_WEIGHTY = re.compile(r"^v?\d+$|^(?:not?|never|cannot|without|only|always|must|deprecated|removed|default|none|true|false)$|n't$")


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a passage: `old` is None for one that came, `new` for one that went."""

    kind: Literal["changed", "gone", "new"]
    old: Near | None
    new: Near | None


@dataclass(frozen=True, slots=True)
class StaleFact:
    """A fact to look at again, the changes next to its statement first."""

    fact: Fact
    changes: tuple[Change, ...]

    @property
    def weight(self) -> float:
        """How near the nearest change is to the statement, -1 to 1."""
        return max(near.cosine for c in self.changes if (near := c.old or c.new))


def stale_facts(facts: Iterable[Fact], old: IndexedManual, new: IndexedManual, encoder: Encoder) -> list[StaleFact]:
    """The facts about the package with a changed passage among the best of either release, the nearest change first."""
    about = [fact for fact in facts if canonicalize_name(fact.applies_to.package) == new.manual.name]
    if not about:
        return []
    vectors = encoder.encode([fact.statement for fact in about])
    kept_old, kept_new = _known(old.manual), _known(new.manual)
    found = []
    for fact, before, after in zip(about, old.nearest(vectors, encoder, _BEST), new.nearest(vectors, encoder, _BEST), strict=True):
        gone = [n for n in before if n.cosine >= _ABOUT and _tells(n) and _words(n.passage.text) not in kept_new]
        came = [n for n in after[:1] if n.cosine >= _NEW and _tells(n) and _words(n.passage.text) not in kept_old]
        changes = tuple(_changes(gone, came, new, encoder))
        if changes:
            found.append(StaleFact(fact, changes))
    return sorted(found, key=lambda one: (-one.weight, one.fact.code))


def _tells(near: Near) -> bool:
    text = near.passage.text
    return len(text.split()) >= _FEWEST_WORDS and not _POINTER.match(text)


def _known(manual: Manual) -> frozenset[str]:
    return frozenset(_words(passage.text) for passage in manual.passages)


def _changes(gone: list[Near], came: list[Near], new: IndexedManual, encoder: Encoder) -> Iterator[Change]:
    followers = new.nearest(encoder.encode([n.passage.text for n in gone]), encoder, _BEST) if gone else []
    told = set[str]()
    for before, after in zip(gone, followers, strict=True):
        follower = next((n for n in after if n.cosine >= (_SAME if n.passage.page == before.passage.page else _SAME_ELSEWHERE)), None)
        if follower is None:
            yield Change("gone", before, None)
        elif not _only_spelling(before.passage.text, follower.passage.text):
            yield Change("changed", before, follower)
        if follower is not None:
            told.add(follower.passage.text)
    for one in came:
        if one.passage.text not in told:
            yield Change("new", None, one)


def _only_spelling(old: str, new: str) -> bool:
    one, other = _words(old).split(), _words(new).split()
    match = difflib.SequenceMatcher(None, one, other, autojunk=False)
    differing = [(one[a:b], other[c:d]) for tag, a, b, c, d in match.get_opcodes() if tag != "equal"]
    if any(_WEIGHTY.search(word) for pair in differing for words in pair for word in words):
        return False
    return match.ratio() >= _SPELLING or all(_alike(*pair) for pair in differing)


def _alike(one: list[str], other: list[str]) -> bool:
    """`Jinja2` and `Jinja`, `template` and `templates`."""
    return len(one) == len(other) and all(a.startswith(b[:4]) and abs(len(a) - len(b)) <= 2 for a, b in zip(one, other, strict=True))


def _words(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", text.casefold()))
