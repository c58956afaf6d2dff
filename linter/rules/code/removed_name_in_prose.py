"""COD011 removed-name-in-prose: a sentence that gives a name which the package no longer has."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.apis import Gone, gone, indexed, known_bare
from corpus.text import Document, Segment
from linter.finding import Finding, SourceLink
from linter.rule import PROSE, RuleInfo
from linter.rules.code._names import OBJECTS, told
from linter.rules.code._past import knows

__all__ = ["RULE"]

_NAME = re.compile(r"(?<![\w./@-])@?(?P<name>[A-Za-z_]\w{1,60}(?:\.[A-Za-z_]\w{0,60}){0,6})(?![\w-])")
_MAX_FINDINGS = 200


class RemovedNameInProse:
    """Reads sentences, not samples: `flask.Markup`, `app.before_first_request`, and a few names known without their package."""

    info = RuleInfo(
        code="COD011",
        name="removed-name-in-prose",
        severity="error",
        summary="Prose names what today's releases have.",
        why="A reader looks for the name in vain. Sentences that say that it is gone, or tell of older releases, are left alone.",
        wrong=(
            "Wrap the text in `flask.Markup` so that Jinja does not escape it.",
            "Code under app.before_first_request runs ahead of the first request.",
        ),
        right=(
            "Wrap the text in `markupsafe.Markup` so that Jinja does not escape it.",
            "The decorator before_first_request was removed in Flask 2.3.",
        ),
        sources=(SourceLink("Flask: Changes", "https://flask.palletsprojects.com/en/stable/changes/"),),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """Yield one finding for each name of each sentence."""
        count = 0
        for segment in found:
            if segment.kind not in PROSE or not ("." in segment.text or "_" in segment.text):
                continue
            for match in _NAME.finditer(segment.text):
                if (was := _gone(match["name"])) and count < _MAX_FINDINGS and not knows(segment):
                    count += 1
                    yield self.info.finding(document, segment.locate(match.start("name"), match.end("name")), told(was))


def _gone(name: str) -> Gone | None:
    """What became of a name; a dotted one must be gone itself, or stand in a module that is."""
    if "." not in name:
        return gone(known_bare()[name]) if name in known_bare() else None
    first, _, rest = name.partition(".")
    whole = (
        f"{OBJECTS[first]}.{rest}" if first in OBJECTS else name if first in indexed() else known_bare().get(name.rpartition(".")[2], "")
    )
    return gone(whole) if whole else None


RULE = RemovedNameInProse()
