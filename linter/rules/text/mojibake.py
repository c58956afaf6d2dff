"""TXT006: UTF-8 that was read as another encoding."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from corpus.text import Document, Segment, Span
from linter.finding import Finding, Fix, SourceLink
from linter.rule import RuleInfo
from linter.rules.text._places import Place, is_quoted, told

__all__ = ["Mojibake"]


def _bytes_read_as(first: int, end: int) -> str:
    """The characters that these bytes show as in Windows-1252 or, where that has none, in Latin-1; escaped for a class."""
    shown = {bytes([byte]).decode(code, "ignore") for byte in range(first, end) for code in ("cp1252", "latin-1")}
    return "".join(re.escape(character) for character in sorted(shown) if character)


_NEXT = f"[{_bytes_read_as(0x80, 0xC0)}]"
# Lead bytes of Latin letters, of punctuation and of emoji only: `CAFÉ”` is a word in quotes, and no damage.
_RUN = re.compile(f"(?:[ÂÃ]{_NEXT}|[âï]{_NEXT}{{2}}|ð{_NEXT}{{3}}){{1,200}}")


class Mojibake:
    """Characters that are the bytes of others, read in the wrong encoding."""

    info = RuleInfo(
        code="TXT006",
        name="mojibake",
        severity="info",
        summary="Characters were written as UTF-8 and read as Windows-1252 or Latin-1.",
        why="A page without a stated encoding is guessed at, and each character beyond ASCII becomes two or three.",
        wrong=("Itâ€™s ready.", "a cafÃ© on the corner"),
        right=("It’s ready.", "a café on the corner", "SÃO PAULO"),
        sources=(SourceLink("The Unicode Standard, UTF-8 encoding form", "https://www.unicode.org/faq/utf_bom"),),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """One place a run; the fix is what the bytes stand for."""
        yield from told(self.info, document, self._places(document))

    def _places(self, document: Document) -> Iterator[Place]:
        for match in _RUN.finditer(document.text):
            meant = _meant(match.group())
            if meant is not None and not is_quoted(document.text, match.start()):
                fix = Fix(match.start(), match.end(), meant, safe=True)
                yield Place(Span(match.start(), match.end()), f"Read in the wrong encoding: write {meant!r}.", fix)


def _meant(run: str) -> str | None:
    """The text whose UTF-8 bytes show as `run`; None where they are none."""
    data = bytearray()
    for character in run:
        try:
            data += character.encode("cp1252")
        except UnicodeEncodeError:
            data += character.encode("latin-1", "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None
