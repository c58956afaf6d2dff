"""COD013 dead-package-in-prose: a sentence that offers a package which nobody keeps any more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from corpus.apis import dead_packages
from corpus.text import Document, Segment, SegmentKind
from linter.finding import Finding, SourceLink
from linter.rule import RuleInfo
from linter.rules.code._past import knows

__all__ = ["RULE"]

_PROSE = frozenset({SegmentKind.SENTENCE, SegmentKind.ITEM, SegmentKind.ROW})
# Whoever says one of these does not offer the package.
_WARNS = re.compile(
    r"\b(?:outdated|out of date|stale|broken|breaks?|unsupported|avoid|nobody|no|not|nor|neither|nothing|cannot|un(?:kept|safe)|myth|wrongly|mistak\w+|"
    r"alternatives?|successors?|forks?|forked|than|prefer|rather|vulnerab\w+|maint(?:ained|ainers?|enance)|took over|live[sd]?(?: on)?|stop(?:ped)?|ditch|died|corpse|did|predates?|superfluous|unrelated|in contrast|whereas|different|aside|alone|cross|wrong|tutorials?|articles?|books?|inherit\w*|relied|offered|provided|pin(?:s|ned)?|(?:19|20)\d\d)\b"
    r"|\?\W*$",
    re.IGNORECASE,
)
# Of a package that the text itself calls one of these, soon after its name, the reader is told.
_DEAD = re.compile(
    r"\b(?:unmaintained|abandon\w*|dead|archived?|discontinued|deprecated|no longer|without (?:a )?maintainer)\b", re.IGNORECASE
)
_SOON = 6  # sentences


class DeadPackageInProse:
    """Reads sentences, lists and tables, not samples; names a package once a document, where it is first offered."""

    info = RuleInfo(
        code="COD013",
        name="dead-package-in-prose",
        severity="warning",
        summary="Prose offers packages that somebody keeps.",
        why="Readers install what a text names. A package without a maintainer gets no security fixes, and most of these do not even import "
        "beside today's Flask. Sentences that say so, or tell of the past, are left alone.",
        wrong=("Flask-Uploads is an extension that stores uploaded files safely.", "Popular choices: Flask-Login, Flask-User, Flask-WTF."),
        right=("Flask-Uploads is abandoned; Flask-Reuploaded took over.", "Popular choices: Flask-Login, Flask-Security, Flask-WTF."),
        sources=(SourceLink("Flask: Extensions", "https://flask.palletsprojects.com/en/stable/extensions/"),),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """Yield one finding for each dead package that a sentence offers."""
        told = _known_to_be_dead(found)
        for segment in found:
            for match in _offered(segment):
                dead = dead_packages()[_key(match[0])]
                if dead.name not in told:
                    told.add(dead.name)
                    message = f"{dead.name} is dead: {dead.why}. Use {dead.instead}."
                    yield self.info.finding(document, segment.locate(match.start(), match.end()), message)


def _named(segment: Segment) -> list[re.Match[str]]:
    prose = segment.kind in _PROSE and ("-" in segment.text or "_" in segment.text)
    return list(_names().finditer(segment.text)) if prose else []


def _offered(segment: Segment) -> list[re.Match[str]]:
    named = _named(segment)
    return [] if not named or _WARNS.search(segment.text[:2000]) or knows(segment) else named


def _known_to_be_dead(found: Sequence[Segment]) -> set[str]:
    """Packages after whose name the text soon says that they are dead."""
    names, left = set[str](), dict[str, int]()
    for segment in found:
        left = {name: n - 1 for name, n in left.items() if n > 1} | {dead_packages()[_key(m[0])].name: _SOON for m in _named(segment)}
        if left and _DEAD.search(segment.text[:2000]):
            names |= left.keys()
    return names


@cache
def _names() -> re.Pattern[str]:
    """Names of several words joined by hyphens or underscores: nobody means anything else by them."""
    names = {package.name for package in dead_packages().values() if "-" in package.name}
    joined = "|".join(re.escape(name).replace(r"\-", "[-_]") for name in sorted(names, key=len, reverse=True))
    return re.compile(rf"(?<![\w./@-])(?:{joined})(?![\w-])", re.IGNORECASE)


def _key(name: str) -> str:
    return name.lower().replace("-", "_")


RULE = DeadPackageInProse()
