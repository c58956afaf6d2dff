"""A sample of Python as a program: its tree, the nodes of each kind, what it imports and binds."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from corpus.text import Span
from linter.rules.code._faults import Fault
from linter.rules.code._lines import Line, span_between

__all__ = ["Program", "dotted"]

T = TypeVar("T", bound=ast.AST)


@dataclass(frozen=True)
class Program:
    """A sample that is Python; `tree` is None where it could not be read even when mended."""

    lines: tuple[Line, ...]
    tree: ast.Module | None
    faults: tuple[Fault, ...]

    @cached_property
    def _by_type(self) -> dict[type[ast.AST], list[ast.AST]]:
        found: dict[type[ast.AST], list[ast.AST]] = {}
        for node in ast.walk(self.tree) if self.tree else ():
            found.setdefault(type(node), []).append(node)
        return found

    def nodes(self, kind: type[T]) -> Iterator[T]:
        """All nodes of exactly this type."""
        for node in self._by_type.get(kind, ()):
            if isinstance(node, kind):
                yield node

    def span(self, node: ast.AST) -> Span:
        """The raw span of a node; of a definition only its header."""
        row, end_row = getattr(node, "lineno", 1) - 1, (getattr(node, "end_lineno", None) or 1) - 1
        column, end_column = (
            self._column(row, getattr(node, "col_offset", 0)),
            self._column(end_row, getattr(node, "end_col_offset", None) or 0),
        )
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or end_row - row > 3:
            end_row, end_column = row, len(self.lines[min(row, len(self.lines) - 1)].text)
        return span_between(self.lines, (row, column), (end_row, end_column))

    def _column(self, row: int, offset: int) -> int:
        """Characters, of the bytes that the tree counts."""
        text = self.lines[min(row, len(self.lines) - 1)].text
        return offset if text.isascii() else len(text.encode()[:offset].decode(errors="ignore"))

    @cached_property
    def imports(self) -> dict[str, str]:
        """What each imported name stands for: `{"M": "flask.Markup"}`; a star import stands as `*`."""
        found = {}
        for plain in self.nodes(ast.Import):
            for alias in plain.names:
                found[alias.asname or alias.name.split(".")[0]] = alias.name if alias.asname else alias.name.split(".")[0]
        for origin in self.nodes(ast.ImportFrom):
            for alias in origin.names:
                found[alias.asname or alias.name] = f"{'.' * origin.level}{origin.module or ''}.{alias.name}"
        return found

    @cached_property
    def modules(self) -> frozenset[str]:
        """The modules that are imported from, whole: `flask`, `flask_login`."""
        plain = {alias.name for node in self.nodes(ast.Import) for alias in node.names}
        return frozenset(plain | {node.module for node in self.nodes(ast.ImportFrom) if node.module and not node.level})

    @cached_property
    def bound(self) -> frozenset[str]:
        """Every name that the sample binds in any scope, and the builtins."""
        names = set(dir(builtins)) | set(self.imports) | {"__file__", "__name__", "__doc__"}
        names |= {n.id for n in self.nodes(ast.Name) if not isinstance(n.ctx, ast.Load)} | {a.arg for a in self.nodes(ast.arg)}
        names |= {f.name for f in self.functions()} | {c.name for c in self.nodes(ast.ClassDef)}
        names |= {h.name for h in self.nodes(ast.ExceptHandler) if h.name} | {m.name for m in self.nodes(ast.MatchAs) if m.name}
        return frozenset(names)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """All functions, of both kinds."""
        yield from self.nodes(ast.FunctionDef)
        yield from self.nodes(ast.AsyncFunctionDef)

    def comments(self) -> str:
        """The comments, one after the other; what looks like one inside a string counts too."""
        return "\n".join(line.text.partition("#")[2] for line in self.lines if "#" in line.text)


def dotted(node: ast.AST | None) -> str:
    """`a.b.c` of a chain of names; "" for anything else. A call in the chain is left out: `Flask(x).run` is `Flask.run`."""
    parts: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Call) and parts:
            node = node.func
        elif isinstance(node, ast.Name):
            return ".".join(reversed([*parts, node.id]))
        else:
            return ""
