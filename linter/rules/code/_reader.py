"""Reads a sample as Python: mends what one plain change mends, and tells what was wrong."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable, Sequence

from corpus.text import Span
from linter.rules.code._faults import Fault, FaultKind
from linter.rules.code._guess import STRONG, is_command
from linter.rules.code._lines import Line, indent_of, span_between, text_of
from linter.rules.code._program import Program

__all__ = ["is_fragment", "read_program"]

_MAX_LINES, _MAX_CHARACTERS, _MAX_DEPTH = 2_000, 100_000, 40
_MAX_MENDS = 12
_MAX_NESTED = 200  # levels of the syntax tree; Python allows a thousand calls within each other
_CURLY = str.maketrans("“”„‟‘’‚‛«»", '""""\'\'\'\'""')
_HEADER = re.compile(r"\s*(?:(?:async\s+)?(?:def|for|with)|class|if|elif|else|try|except|finally|while)\b.*:\s*(?:#.*)?$")
_CONTINUES = re.compile(r"\s*(?:else|elif|except|finally)\b|\s*[.)\]},]")
_ELISION = re.compile(r"\s*(?:\.{3,}.{0,80}|…|<[^<>]{1,60}>|\[\.\.\.\]|\(\.\.\.\)|etc\.?|-{3,}|={3,}|\.|:)\s*,?\s*$")
_TRAILING_DOTS = re.compile(r",(\s*)(?:\.{3}|…)(\s*[)\]}])")
_ROLE = re.compile(r":\w+:`|``|^\s*\.\. \w+")  # reStructuredText
_PROSE = re.compile(r"\s*(?:[A-Za-z][A-Za-z'’-]*[,:]?\s+){4}[A-Za-z'’ ,.:!?-]+$")
_NEWER = re.compile(r"\s*(?:type\s+\w+.*=|(?:async\s+)?def\s+\w+\[|class\s+\w+\[)|.*\bt[\"']")
_HEADER_LINE = re.compile(r"on line (\d+)")
_CLOSERS = {"(": ")", "[": "]", "{": "}"}


def read_program(lines: Sequence[Line]) -> Program:
    """Read the lines; what is elided is filled in, what is damaged mended where one mend is plain, and the first fault told."""
    if len(lines) > _MAX_LINES or sum(len(line.text) for line in lines) > _MAX_CHARACTERS or _depth(lines) > _MAX_DEPTH:
        return Program(tuple(lines), None, ())
    return _Reader(lines).read()


def _depth(lines: Sequence[Line]) -> int:
    """How deep brackets nest, those in strings counted too."""
    depth = most = 0
    for line in lines:
        for character in line.text:
            if character in "([{":
                depth += 1
                most = max(most, depth)
            elif character in ")]}":
                depth = max(depth - 1, 0)
    return most


def _parse(text: str) -> ast.Module | SyntaxError | None:
    """The tree, or the error; None where the parser gave up for another reason."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a sample's invalid escapes are not ours to warn of
        try:
            tree = ast.parse(text)
            return tree if _is_shallow(tree) else None
        except SyntaxError as error:
            return error
        except (ValueError, RecursionError, MemoryError):
            return None


def _is_shallow(tree: ast.Module) -> bool:
    """Whether rules may walk the tree by calling themselves: a sum of a thousand terms is nested as deeply."""
    level: list[ast.AST] = [tree]
    for _ in range(_MAX_NESTED):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return True
    return False


class _Reader:
    """Parses, mends the line the parser stopped at, and parses again."""

    def __init__(self, lines: Sequence[Line]) -> None:
        self.lines = list(lines)
        self.faults: list[Fault] = []

    def read(self) -> Program:
        tree = self._first()
        for _ in range(_MAX_MENDS):
            if not isinstance(tree, SyntaxError):
                break
            if not self._mend(tree):
                tree = None
                break
            tree = _parse(text_of(self.lines))
        return Program(tuple(self.lines), tree if isinstance(tree, ast.Module) else None, tuple(self.faults))

    def _first(self) -> ast.Module | SyntaxError | None:
        """As it stands; else with dots for what was left out; else with straight quotes; else without commands of a shell."""
        tree = _parse(text_of(self.lines))
        if not isinstance(tree, SyntaxError):
            return tree
        if lost := self._lost_indentation():
            self.faults.append(lost)
            return None
        for attempt in (self._filled, self._straightened, self._without_commands):
            changed, faults = attempt()
            if changed == self.lines:
                continue
            again = _parse(text_of(changed))
            if not isinstance(again, SyntaxError) or faults:
                self.lines = changed
                self.faults += faults
                tree = again
                if not isinstance(again, SyntaxError):
                    break
        return tree

    def _lost_indentation(self) -> Fault | None:
        """No line after any header is deeper than its header: indentation was lost, which is one fault and not forty."""
        filled = [line for line in self.lines if line.text.strip() and not line.text.lstrip().startswith("#")]
        headers = [(a, b) for a, b in zip(filled, filled[1:], strict=False) if _HEADER.match(a.text) and not _HEADER.match(b.text)]
        flat = [a for a, b in headers if indent_of(b.text) <= indent_of(a.text) and not _CONTINUES.match(b.text)]
        indented = any(indent_of(line.text) for line in self.lines if line.text.strip() and not _CONTINUES.match(line.text.lstrip()))
        if not flat or len(flat) < len(headers) or indented:
            return None
        row = self.lines.index(flat[0])
        return Fault(FaultKind.INDENTATION, self._line_span(row), "The lines below this one have lost their indentation; put it back.")

    def _filled(self) -> tuple[list[Line], list[Fault]]:
        """Lines that only say that something is left out become a comment, or `...` where a body is wanted."""
        changed = []
        for line in self.lines:
            text = _TRAILING_DOTS.sub(r"\1    \2", line.text)
            changed.append(
                line.changed(" " * indent_of(text) + "# ...") if _ELISION.match(text) and text.strip() != "..." else line.changed(text)
            )
        bodiless = [line.changed(line.text.replace("...", "   ")) if line.text.strip() in ("...", "...,") else line for line in changed]
        return (bodiless if isinstance(_parse(text_of(changed)), SyntaxError) else changed), []

    def _straightened(self) -> tuple[list[Line], list[Fault]]:
        """Typographic quotes made plain; told as a fault where that mends the sample."""
        changed = [line.changed(line.text.translate(_CURLY)) for line in self.lines]
        row = next((n for n, line in enumerate(self.lines) if line.text != changed[n].text), None)
        if row is None or isinstance(_parse(text_of(changed)), SyntaxError):
            return list(self.lines), []
        at = next(n for n, (a, b) in enumerate(zip(self.lines[row].text, changed[row].text, strict=True)) if a != b)
        span = span_between(self.lines, (row, at), (row, at + 1))
        return changed, [Fault(FaultKind.QUOTES, span, "Typographic quotes do not delimit strings in Python; write straight ones.")]

    def _without_commands(self) -> tuple[list[Line], list[Fault]]:
        """Commands of a shell that stand among Python are taken out, and told once."""
        rows = [n for n, line in enumerate(self.lines) if is_command(line.text) and isinstance(_parse(line.text.strip()), SyntaxError)]
        if not rows:
            return list(self.lines), []
        changed = [line.changed("") if n in rows else line for n, line in enumerate(self.lines)]
        message = "This is a command for a shell among lines of Python; show the two apart."
        return changed, [Fault(FaultKind.COMMAND, self._line_span(rows[0]), message)]

    def _line_span(self, row: int) -> Span:
        text = self.lines[row].text
        return span_between(self.lines, (row, indent_of(text)), (row, len(text)))

    def _tell(self, kind: FaultKind, span: Span, message: str, *, open_end: bool = False) -> None:
        if not any(fault.kind is kind for fault in self.faults):
            self.faults.append(Fault(kind, span, message, open_end))

    def _mend(self, error: SyntaxError) -> bool:
        """Tell the error and change one line so that reading can go on; False where nothing plain can be done."""
        row = min(max((error.lineno or 1) - 1, 0), len(self.lines) - 1)
        message, line = error.msg or "", self.lines[row]
        if (
            message.startswith("f-string")
            or _NEWER.match(line.text)
            or isinstance(error, TabError)
            or _PROSE.match(line.text)
            or _ROLE.search(line.text)
        ):
            return False  # newer Python than this one, or prose: nothing is told
        for begins, mend in self._mends():
            if message.startswith(begins):
                return mend(row, error)
        span = self._error_span(row, error)
        self._tell(FaultKind.SYNTAX, span, "This is not valid Python; something is missing or too much here.")
        return self._drop(row)

    def _mends(self) -> tuple[tuple[str, Callable[[int, SyntaxError], bool]], ...]:
        return (
            ("expected ':'", self._colon),
            ("expected an indented block", self._body),
            ("unindent does not match", self._level),
            ("unexpected indent", self._level),
            ("unmatched", self._unmatched),
            ("Missing parentheses in call to", self._python2),
            ("multiple exception types must be parenthesized", self._python2),
            ("leading zeros in decimal", self._python2),
            ("'", self._unclosed),
            ("unterminated", self._unterminated),
            ("expected 'except' or 'finally'", self._no_except),
        )

    def _error_span(self, row: int, error: SyntaxError) -> Span:
        column = (error.offset or 1) - 1
        same = error.end_lineno == error.lineno and (error.end_offset or 0) > (error.offset or 0)
        end = (error.end_offset or 0) - 1 if same else column + 1
        text = self.lines[row].text
        if column >= len(text.rstrip()):
            return self._line_span(row)
        return span_between(self.lines, (row, column), (row, end))

    def _drop(self, row: int) -> bool:
        """Leave the line out, unless it opens a block or a bracket that the next lines need."""
        text = self.lines[row].text
        if not text.strip() or _HEADER.match(text) or text.rstrip().endswith(("(", "[", "{", ",", "\\")):
            return False
        self.lines[row] = self.lines[row].changed("")
        return True

    def _colon(self, row: int, error: SyntaxError) -> bool:
        text = self.lines[row].text
        self._tell(FaultKind.SYNTAX, self._line_span(row), "This line opens a block and must end in a colon.")
        if "#" in text or text.rstrip().endswith(":"):
            return False
        self.lines[row] = self.lines[row].changed(text + ":")
        return True

    def _body(self, row: int, error: SyntaxError) -> bool:
        """A header without a body: only a comment stands there, or the sample ends, or the body lost its indentation."""
        match = _HEADER_LINE.search(error.msg or "")
        header = int(match[1]) - 1 if match else row - 1
        between = [line.text.strip() for line in self.lines[header + 1 : row + 1]]
        rest = [line for line in self.lines[header + 1 :] if line.text.strip()]
        if any(text.startswith("#") for text in between):
            message = "A comment is no body; write `pass` or `...` below it."
            self._tell(FaultKind.EMPTY_BODY, self._line_span(header), message)
        elif not rest:
            self._tell(FaultKind.SYNTAX, self._line_span(header), "The sample ends before the body of this line.")
        else:
            self._tell(
                FaultKind.SYNTAX, self._line_span(header), "This line has no body; the lines below must be indented, or are missing."
            )
        text = self.lines[header].text
        filler = Line(" " * (indent_of(text) + 4) + "pass", self.lines[header].raw + self.lines[header].size, 0)
        self.lines.insert(header + 1, filler)
        return True

    def _level(self, row: int, error: SyntaxError) -> bool:
        """Take the indentation of the next line where it is less, else of the line above."""
        if row == 0:
            return False
        text = self.lines[row].text
        keyword = _CONTINUES.match(text)
        what = (
            f"`{text.split()[0].rstrip(':')}` has no beginning above it; lines are missing."
            if keyword
            else "The indentation of this line fits no line above."
        )
        self._tell(FaultKind.SYNTAX, self._line_span(row), what)
        below = next((indent_of(line.text) for line in self.lines[row + 1 :] if line.text.strip()), 0)
        above = next((indent_of(line.text) for line in reversed(self.lines[:row]) if line.text.strip()), 0)
        level = below if below < indent_of(text) else above
        if keyword or level == indent_of(text):
            return False
        shift = indent_of(text) - level
        self.lines[row] = self.lines[row].cut(shift) if shift > 0 else self.lines[row].changed(" " * -shift + text)
        return True

    def _unmatched(self, row: int, error: SyntaxError) -> bool:
        self._tell(
            FaultKind.SYNTAX, self._line_span(row), "A bracket closes here that was never opened; the beginning of the line is missing."
        )
        return self._drop(row)

    def _python2(self, row: int, error: SyntaxError) -> bool:
        self._tell(FaultKind.SYNTAX, self._line_span(row), "This is Python 2, which Python 3 cannot read.")
        text = self.lines[row].text
        if text.lstrip().startswith("except"):
            return False
        self.lines[row] = self.lines[row].changed(" " * indent_of(text) + "pass")
        return True

    def _unclosed(self, row: int, error: SyntaxError) -> bool:
        """`'[' was never closed`: close it before the next line that begins no deeper than the line it stands on."""
        if not (error.msg or "").endswith("was never closed"):
            self._tell(FaultKind.SYNTAX, self._error_span(row, error), "This is not valid Python; something is missing or too much here.")
            return self._drop(row)
        column, text = (error.offset or 1) - 1, self.lines[row].text
        bracket = text[column : column + 1]
        self._tell(FaultKind.SYNTAX, span_between(self.lines, (row, column), (row, column + 1)), f"`{bracket}` is never closed.")
        after = (
            n for n in range(row + 1, len(self.lines)) if self.lines[n].text.strip() and indent_of(self.lines[n].text) <= indent_of(text)
        )
        last = next(after, len(self.lines)) - 1
        while last > row and not self.lines[last].text.strip():
            last -= 1
        if bracket not in _CLOSERS or "#" in self.lines[last].text:
            return False
        self.lines[last] = self.lines[last].changed(self.lines[last].text + _CLOSERS[bracket])
        return True

    def _unterminated(self, row: int, error: SyntaxError) -> bool:
        self._tell(FaultKind.SYNTAX, self._line_span(row), "A string begins here and does not end.", open_end=True)
        return self._drop(row)

    def _no_except(self, row: int, error: SyntaxError) -> bool:
        self._tell(FaultKind.SYNTAX, self._line_span(row), "The `try` above this line has neither `except` nor `finally`.")
        return False


def is_fragment(lines: Sequence[Line]) -> bool:
    """Whether a sample does not claim to be whole: a header, a decorator or a single line alone, or the tail of something."""
    filled = [line.text for line in lines if line.text.strip() and not line.text.lstrip().startswith("#")]
    if len(filled) < 2 or _CONTINUES.match(filled[0]) or all(text.lstrip().startswith("@") for text in filled):
        return True
    if all(_HEADER.match(text) or text.lstrip().startswith("@") for text in filled):
        return True
    return not any(STRONG.match(text) for text in filled)
