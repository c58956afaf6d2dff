"""CON002: one default value, said differently in two places."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment
from linter.consistency import Claim
from linter.finding import Finding
from linter.rule import PROSE, RuleInfo

__all__ = ["DefaultValues"]

_LONGEST = 300  # characters of a sentence that states one value
_ATTRIBUTES = (
    "port|timeout|lifetime|max(?:imum)? age|page size|batch size|chunk size|buffer size|pool size|backlog|workers?|threads?|retries|limit"
)
_VALUE = r"(?P<value>\d[\d_,]{0,12}(?:\.\d{1,4})?)(?![\d.]*\.\d|[\w-])(?:\s?(?P<unit>[A-Za-z]{1,12}))?"
_SETTING = r"`?(?P<setting>[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z]+(?:_[a-z]+)+)`?"
_STATES = (
    re.compile(rf"{_SETTING}(?: setting| option| parameter)? (?:defaults to|is by default|has a default (?:value )?of) {_VALUE}"),
    re.compile(rf"default (?:value )?(?:of|for) (?:the )?{_SETTING}(?: setting| option| parameter)? is {_VALUE}"),
    re.compile(rf"\bdefault (?P<attribute>{_ATTRIBUTES})\b[^.;,]{{0,60}}? is {_VALUE}", re.IGNORECASE),
    re.compile(rf"\bby default\b[^.;]{{0,80}}? (?P<attribute>port) {_VALUE}", re.IGNORECASE),
    re.compile(rf" (?P<attribute>port) {_VALUE},? by default\b", re.IGNORECASE),
)
_OTHERWISE = re.compile(
    r"\b(?:not|n't|instead|was|were|before|until|older|earlier|since|changed|longer|unless|if|when|example|myth|wrong|change|set)\b|n't\b|\?",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z][\w.-]{0,40}")
_COMMON = frozenset("by the a an it its in on and this that your our default as with note http https url tcp api wsgi asgi".split())
_UNITS = {
    "ms": ("s", 0.001), "milliseconds": ("s", 0.001), "s": ("s", 1), "sec": ("s", 1), "second": ("s", 1), "seconds": ("s", 1),
    "minute": ("s", 60), "minutes": ("s", 60), "hour": ("s", 3600), "hours": ("s", 3600), "day": ("s", 86400), "days": ("s", 86400),
    "week": ("s", 604800), "weeks": ("s", 604800), "bytes": ("b", 1), "kb": ("b", 1024), "mb": ("b", 1024**2), "gb": ("b", 1024**3),
}  # fmt: skip


class DefaultValues:
    """Two places that give one setting, or one product's port or limit, different defaults."""

    info = RuleInfo(
        code="CON002",
        name="default-said-differently",
        severity="warning",
        summary="Two places give the same thing different default values.",
        why="Values are copied from texts on other versions or other products, and nobody reads both places together.",
        wrong=("By default, Redis listens on port 6379.\n\nThe default port of Redis is 6380.",),
        right=("By default, Redis listens on port 6379.\n\nThe default port of Postgres is 5432.",),
        sources=(),
    )

    def claims(self, found: Sequence[Segment]) -> Iterator[Claim]:
        """The defaults that the sentences state of exactly one named thing, without condition, denial or history."""
        for segment in found:
            text = segment.text
            if segment.kind not in PROSE or len(text) > _LONGEST or "default" not in text.lower() or _OTHERWISE.search(text):
                continue
            match = next((m for m in (pattern.search(text) for pattern in _STATES) if m), None)
            thing = _thing(text, match) if match else ""
            if match and thing:
                dimension, value = _measured(match["value"], match["unit"])
                yield Claim(self.info.code, f"{thing} {dimension}".strip(), value, segment.locate(*match.span()), thing)

    def pair(self, document: Document, here: Claim, other: str, where: str) -> Finding:
        """Name the other place; no fact says which of them is right."""
        said = f"{where} gives the default of {here.note} as {other}, this place as {here.side}: look it up and mend one of them."
        return self.info.finding(document, here.span, said)

    def worse(self, here: Claim) -> bool:
        """Nobody knows; the later place is told."""
        return False


def _thing(text: str, match: re.Match[str]) -> str:
    """The setting, or the one product the sentence names with the attribute; "" where it names none or several."""
    groups = match.groupdict()
    if groups.get("setting"):
        return str(groups["setting"])
    names = {word for word in _NAME.findall(text) if word[0].isupper()}
    names = {name.removesuffix("'s").casefold() for name in names} - _COMMON
    attribute = str(groups["attribute"]).casefold()
    return f"{attribute} of {names.pop()}" if len(names) == 1 else ""


def _measured(value: str, unit: str | None) -> tuple[str, str]:
    """What is measured, and how much of it, in one unit: 31 days are 2678400 s."""
    number = float(value.rstrip(",_").replace(",", "").replace("_", ""))
    dimension, factor = _UNITS.get((unit or "").casefold(), ("", 1))
    return dimension, f"{number * factor:g} {dimension}".strip() if dimension else f"{number:.10g}"
