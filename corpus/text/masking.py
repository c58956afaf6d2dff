"""Which lines of a plain text are code, judged with their neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.text.code_lines import is_code_line, is_comment, is_nbsp_indented, is_shell

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["code_mask"]

_BULLETS = ("•", "▪", "◦", "‣", "●", "○", "·", "* ", "- ", "– ")
_SHORT = 30


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _sure(line: str) -> bool:
    text = line.lstrip()
    return not text.startswith(_BULLETS) and (is_nbsp_indented(line) or is_code_line(text))


def code_mask(lines: Sequence[str]) -> list[bool]:
    """Tell for each line whether it is code; blank lines inside one sample count as code."""
    mask = [bool(line.strip()) and _sure(line) for line in lines]
    _spread(lines, mask, range(len(lines)), -1)
    _spread(lines, mask, range(len(lines) - 1, -1, -1), 1)
    _fill_blanks(lines, mask)
    return mask


def _spread(lines: Sequence[str], mask: list[bool], order: range, back: int) -> None:
    """Carry code over to comments and to deeper indented lines beside it."""
    for at in order:
        near = at + back
        if mask[at] or not lines[at].strip() or not 0 <= near < len(lines) or not mask[near] or not lines[near].strip():
            continue
        text = lines[at].lstrip()
        if is_comment(text) or (back > 0 and _is_lone_name(text)):
            mask[at] = True
        elif back < 0 and not text.startswith(_BULLETS):
            deeper = _indent(lines[at]) > _indent(lines[near])
            opened = lines[near].rstrip().endswith((":", "(", "[", "{", ",", "\\"))
            inside = _indent(lines[at]) > 0 and _indent(lines[at]) == _indent(lines[near]) and _is_short(text)
            mask[at] = deeper or (opened and _is_short(text)) or (inside and not text[0].isupper())


def _is_lone_name(text: str) -> bool:
    """Tell whether a line is one word without an end, such as a package in a list of requirements."""
    return len(text.split()) == 1 and text[-1] not in ".:;!?" and not text.startswith(_BULLETS)


def _is_short(text: str) -> bool:
    return len(text) <= _SHORT and not text.rstrip().endswith((".", "?"))


def _fill_blanks(lines: Sequence[str], mask: list[bool]) -> None:
    """Join code on both sides of blank lines, but not a command with a program."""
    last = -1
    for at, line in enumerate(lines):
        if not line.strip():
            continue
        if mask[at]:
            gap = at - last - 1
            if last >= 0 and 0 < gap <= 2 and mask[last] and is_shell(lines[last]) == is_shell(line):
                mask[last + 1 : at] = [True] * gap
            last = at
        else:
            last = -1
