"""TXT011: the caption and the button of a code box, stuck to its first line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment
from linter.finding import Finding, Fix
from linter.rule import RuleInfo
from linter.rules.text._code import samples
from linter.rules.text._places import Place, told

__all__ = ["CopyButton"]

_LANGUAGES = "python|py|bash|shell|sh|console|dockerfile|docker|html|css|javascript|js|typescript|json|yaml|yml|sql|java|go|rust|text|plaintext|ini|toml|xml|jinja|nginx"
_FIRST = "from|import|def|class|async|pip3?|flask|docker|git|npm|cd|mkdir|python3?|sudo|curl"
# `Copyfrom os import path`, `dockerfileCopyFROM`; never `copyfile(` nor `CopyObject(`.
_CAPTION = re.compile(
    rf"(?:(?:{_LANGUAGES})\s?)?[Cc]opy(?: code)?(?=(?:{_FIRST})\b|[@#<$])|(?:{_LANGUAGES})\s?Copy(?: code)?(?=[A-Z]{{2}}|[\[{{])"
)


class CopyButton:
    """`Copy`, with or without the language, before the first word of a sample."""

    info = RuleInfo(
        code="TXT011",
        name="copy-button",
        severity="info",
        summary="The caption and the button of a code box stand before the first line of the code.",
        why="The button is text to whoever saves the page, and no blank parts it from the code.",
        wrong=("bashCopypip install requests\npip list",),
        right=("pip install requests\npip list", "CopyObject(source)"),
        sources=(),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """One place a sample."""
        yield from told(self.info, document, self._places(found))

    def _places(self, found: Sequence[Segment]) -> Iterator[Place]:
        for segment in samples(found):
            match = _CAPTION.match(segment.text)
            if match:
                span = segment.locate(*match.span())
                yield Place(span, "The caption of the code box stuck to the code: take it out.", Fix(span.start, span.end, "", safe=False))
