"""COD028 safe-filter-on-input: a template that switches escaping off for what users wrote."""

from __future__ import annotations

import re
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._guess import Language
from linter.rules.code._rule import CodeRule, Place, mentions
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


_SAFE = re.compile(r"\{\{-?\s{0,20}(?P<value>[\w.]{1,120}(?:\[[^\]{}]{1,60}\]|\([^(){}]{0,60}\))?)\s{0,20}\|\s{0,20}safe\b")
_INPUT = re.compile(
    r"(?:.*\.)?(?:comment|user_?input|username|user_name|message|bio|query|search|feedback|review|nickname)(?:\.(?:text|body|content))?$|request\b"
)
_CLEAN = re.compile(r"\b(?:sanit\w+|bleach|nh3|trusted|DOMPurify)\b", re.IGNORECASE)


def _look(sample: Sample) -> Iterator[Place]:
    """`{{ comment|safe }}`: names that say that users wrote the value."""
    if mentions(sample, _CLEAN):
        return
    for match in _SAFE.finditer(sample.text):
        if _INPUT.match(match["value"]):
            yield (
                sample.span(match.start(), match.end()),
                "`|safe` lets what users wrote into the page unescaped (XSS); drop it, or sanitise the value first.",
            )


RULE = CodeRule(
    RuleInfo(
        code="COD028",
        name="safe-filter-on-input",
        severity="warning",
        summary="|safe is for markup that the program made itself.",
        why="With it a comment can hold a script that runs for every reader.",
        wrong=("```html\n<p>{{ comment.text|safe }}</p>\n```",),
        right=("```html\n<p>{{ comment.text }}</p>\n<div>{{ page_html|safe }}</div>\n```",),
        sources=(SourceLink("Jinja: HTML Escaping", "https://jinja.palletsprojects.com/en/stable/templates/#html-escaping"),),
    ),
    _look,
    frozenset({Language.TEMPLATE}),
    warned=True,
)
