"""COD013 dead-package-in-prose: a sentence that offers a package which nobody keeps any more."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache

from corpus.apis import DeadPackage, dead_package, dead_packages
from corpus.text import Document, Segment
from linter.finding import Finding, SourceLink
from linter.rule import PROSE, RuleInfo
from linter.rules.code._past import knows

__all__ = ["RULE"]

_Named = tuple[re.Match[str], DeadPackage]
# Whoever says one of these does not offer the package.
_WARNS = re.compile(
    r"\b(?:outdated|out of date|stale|broken|breaks?|unsupported|nobody|neither|nor|cannot|out of(?! the box)|fate|unsafe|myth|wrongly|wrong|mistak\w+|alternatives?|successors?|"
    r"forks?|forked|rather|vulnerab\w+|maint(?:ained|ainers?|enance)|took over|live[sd]?(?: on)?|stop(?:ped)?|ditch|died|corpse|predates?|superfluous|"
    r"unrelated|in contrast|whereas|different (?:from|extension|package|thing)|aside|alone|cross|tutorials?|articles?|books?|inherit\w*|relied|"
    r"provided|offered|did|than|pin(?:s|ned)?|(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
# Of a package that the text itself calls one of these, soon after its name, the reader is told.
_DEAD = re.compile(
    r"\b(?:unmaintained|abandon\w*|dead(?! (?:simple|easy))|archived?|discontinued|deprecated|no longer|without (?:a )?maintainer)\b",
    re.IGNORECASE,
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
        named = [(segment, _named(segment)) for segment in found]
        told = _known_to_be_dead(named)
        for segment, names in named:
            if all(dead.name in told for _, dead in names) or not _offers(segment):
                continue
            for match, dead in names:
                if dead.name not in told and not (dead.also and dead.also in document.text):
                    told.add(dead.name)
                    yield self.info.finding(document, segment.locate(match.start("name"), match.end("name")), dead.told)


def _named(segment: Segment) -> list[_Named]:
    """Where a sentence names dead packages, and which."""
    if segment.kind not in PROSE:
        return []
    return [(match, dead) for match in _names().finditer(segment.text) if (dead := dead_package(match["name"]))]


def _offers(segment: Segment) -> bool:
    text = segment.text[:2000]
    asks = segment.text.rstrip(" \t\n\"'”’)*_").endswith("?")
    return not asks and not _WARNS.search(text) and not _denied().search(text) and not knows(segment)


def _known_to_be_dead(named: Sequence[tuple[Segment, Sequence[_Named]]]) -> set[str]:
    """Packages that the text calls dead: in the sentence that names them, or soon after it where that names none."""
    known, last, left = set[str](), set[str](), 0
    for segment, names in named:
        left -= 1
        if names:
            last, left = {dead.name for _, dead in names}, _SOON
        if left > 0 and segment.kind in PROSE and _DEAD.search(segment.text[:2000]):
            known |= last
    return known


@cache
def _joined() -> str:
    names = {package.name for package in dead_packages().values() if "-" in package.name}
    spaced = {package.name.replace("-", " ") for package in dead_packages().values() if package.spaced}
    hyphened = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return f"{hyphened}|(?-i:{'|'.join(sorted(spaced))})"  # two words only with their capitals


@cache
def _names() -> re.Pattern[str]:
    """Names joined by hyphens, some by a space, but no "Flask-Celery application"; with underscores only where a sentence imports them."""
    modules = "|".join(re.escape(package.module) for package in dead_packages().values() if "_" in package.module)
    kind = r"(?!\s+(?:apps?|applications?|integrations?|stacks?|connectors?|projects?|drivers?|setups?)\b)"
    return re.compile(
        rf"(?<![\w./@-])(?P<name>(?:{_joined()})(?![\w-]){kind}|(?:(?<=import )|(?<=from ))(?:{modules})(?![\w-]))", re.IGNORECASE
    )


@cache
def _denied() -> re.Pattern[str]:
    """A "not", or a "no" a few words from a name."""
    name, no = rf"(?<![\w-])(?:{_joined()})(?![\w-])", r"\b(?:no|avoid|without)\b"
    gap = r"(?:\W+\w+){0,4}?\W+"
    return re.compile(rf"n['’]t\b|\b(?:not|never)\b|{no}{gap}{name}|{name}{gap}{no}", re.IGNORECASE)


RULE = DeadPackageInProse()
