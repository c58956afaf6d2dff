"""Docstrings of a source distribution, read and never run: what `.. autoclass:: Flask` of a manual stands for."""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest

__all__ = ["Definition", "Definitions"]

_MAX_BASES = 24  # classes looked at for the members of one
_PLAIN = frozenset({"object", "t.Generic", "Generic", "typing.Generic", "Exception", "t.Protocol"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(slots=True)
class Definition:
    """A class, function or attribute: qualified name, file, line, docstring, and for classes bases and members."""

    name: str
    file: str
    line: int
    text: str
    bases: tuple[str, ...] = ()
    members: dict[str, Definition] = field(default_factory=dict)


class Definitions:
    """All definitions of the modules of a distribution, found by the end of their name."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        """`modules` maps paths such as src/flask/app.py to their text."""
        self._by_name: dict[str, list[Definition]] = {}
        for file in sorted(modules):
            for one in _defined(file, modules[file]):
                self._by_name.setdefault(one.name.rsplit(".", 1)[-1], []).append(one)

    def find(self, name: str, scope: str = "") -> Definition | None:
        """What `name` means in the module `scope`; the shortest path wins where several modules define it."""
        name = re.split(r"[(\s]", name.strip(), maxsplit=1)[0]
        outer, _, last = name.rpartition(".")
        holder = self.find(outer, scope) if outer else None
        if holder is not None and last in (members := self.members(holder)):
            return members[last]
        found = self._by_name.get(last, [])
        package = (outer or scope).split(".")[0]
        exact = [d for d in found if d.name == f"{scope}.{name}" or f".{d.name}".endswith(f".{name}")]
        near = [d for d in exact or found if d.name.split(".")[0] == package] or exact
        return min(near, key=lambda d: (not d.name.startswith(outer or scope), d.name.count("."), d.name), default=None)

    def members(self, one: Definition) -> dict[str, Definition]:
        """Public members of a class, its own before those of its bases in the same distribution."""
        return self._inherited(one)[0]

    def text(self, one: Definition) -> str:
        """The docstring, for a class without one that of its first base that has one."""
        waiting, seen = [one], set[str]()
        while waiting and len(seen) < _MAX_BASES:
            now = waiting.pop(0)
            if now.text:
                return now.text
            seen.add(now.name)
            above = (self.find(base, now.name.rpartition(".")[0]) for base in now.bases)
            waiting += [base for base in above if base is not None and base.name not in seen]
        return ""

    def is_open(self, one: Definition) -> bool:
        """Whether a base of the class, or of its bases, stands in another distribution."""
        return self._inherited(one)[1]

    def _inherited(self, one: Definition) -> tuple[dict[str, Definition], bool]:
        foreign = False
        found: dict[str, Definition] = {}
        waiting, seen = [one], set[str]()
        while waiting and len(seen) < _MAX_BASES:
            now = waiting.pop(0)
            if now.name in seen:
                continue
            seen.add(now.name)
            for short, member in now.members.items():
                if short not in found or not found[short].text:  # one without a docstring shows that of the base, as in pydoc
                    found[short] = member
            above = [self.find(base, now.name.rpartition(".")[0]) for base in now.bases if base not in _PLAIN]
            foreign |= any(base is None or base.name == now.name for base in above)
            waiting += [base for base in above if base is not None]
        return found, foreign


def _defined(file: str, text: str) -> Iterator[Definition]:
    module = file.removesuffix(".py").removesuffix("/__init__").removeprefix("src/").removeprefix("lib/").replace("/", ".")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # escapes of their strings are no matter of ours
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    lines = text.splitlines()
    imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and node.module]
    renamed = {a.asname: f"{node.module}.{a.name}" for node in imports for a in node.names if a.asname}
    yield Definition(module, file, 1, ast.get_docstring(tree) or "")
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            bases = tuple(renamed.get(b, b) for b in (ast.unparse(base).partition("[")[0] for base in node.bases))
            members = {m.name.rsplit(".", 1)[-1]: m for m in _members(node, file, f"{module}.{node.name}", lines)}
            yield Definition(f"{module}.{node.name}", file, node.lineno, ast.get_docstring(node) or "", bases, members)
    yield from _members(tree, file, module, lines)


def _members(holder: ast.Module | ast.ClassDef, file: str, outer: str, lines: list[str]) -> Iterator[Definition]:
    """Public functions and attributes of a module or class."""
    for node, after in zip_longest(holder.body, holder.body[1:]):
        if isinstance(node, _FUNCTIONS) and not node.name.startswith("_"):
            yield Definition(f"{outer}.{node.name}", file, node.lineno, ast.get_docstring(node) or "")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
            if isinstance(target, ast.Name) and not target.id.startswith("_"):
                yield Definition(f"{outer}.{target.id}", file, node.lineno, _remark(node, after, lines))


def _remark(node: ast.stmt, after: ast.stmt | None, lines: list[str]) -> str:
    """What documents an attribute: the string below it, or the `#:` lines above."""
    if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str):
        return inspect.cleandoc(after.value.value)
    above, at = [], node.lineno - 2
    while 0 <= at < len(lines) and lines[at].lstrip().startswith("#:"):
        above.append(lines[at].lstrip()[2:].removeprefix(" "))
        at -= 1
    return "\n".join(reversed(above))
