"""Which expressions carry what a client sent: a small, flow-blind look at one sample that would rather miss than cry wolf."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from linter.rules.code._program import Program, dotted

__all__ = ["Taint", "is_built_text", "parts_of_text"]

_FIELDS = frozenset(
    "args form values json data headers cookies files GET POST FILES query_params get_json body stream view_args referrer".split()
)
_ROOTS = frozenset({"request", "self.request", "flask.request", "req"})
_PASSING = frozenset(
    "str format join strip lower upper replace loads b64decode unquote unquote_plus decode encode read getlist get pop split first".split()
)


class Taint:
    """Names in a sample that hold request data, per function; `extra` names the functions' own parameters that do."""

    def __init__(self, program: Program) -> None:
        self._names: set[str] = set()
        cleaned: set[str] = set()
        assigned = [(t, a.value) for a in program.nodes(ast.Assign) for t in a.targets]
        assigned += [(w.target, w.value) for w in program.nodes(ast.NamedExpr)]
        for _ in range(2):  # twice, so that a name handed on once is seen
            for target, value in assigned:
                if isinstance(target, ast.Name):
                    (self._names if self.of(value) else cleaned).add(target.id)
        self._names -= cleaned & {t.id for t, v in assigned if isinstance(t, ast.Name) and isinstance(v, ast.Call) and not self.of(v)}

    def of(self, node: ast.AST | None) -> bool:
        """Whether an expression is, or is built from, request data."""
        if isinstance(node, ast.Name):
            return node.id in self._names
        if isinstance(node, ast.Attribute):
            return (node.attr in _FIELDS and dotted(node.value) in _ROOTS) or self.of(node.value)
        if isinstance(node, ast.Subscript):
            return self.of(node.value)
        if isinstance(node, ast.Call):
            return self._of_call(node)
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            return any(self.of(part) for part in parts_of_text(node))
        if isinstance(node, ast.FormattedValue | ast.Await):
            return self.of(node.value)
        if isinstance(node, ast.BoolOp):
            return any(self.of(value) for value in node.values)
        if isinstance(node, ast.IfExp):
            return self.of(node.body) or self.of(node.orelse)
        return isinstance(node, ast.Tuple | ast.List) and any(self.of(item) for item in node.elts)

    def _of_call(self, call: ast.Call) -> bool:
        if any(k.arg == "type" for k in call.keywords):
            return False  # request.args.get("page", type=int)
        if isinstance(call.func, ast.Attribute) and (call.func.attr in _PASSING or call.func.attr in _FIELDS) and self.of(call.func):
            return True
        name = dotted(call.func).rpartition(".")[2] or (call.func.attr if isinstance(call.func, ast.Attribute) else "")
        return name in _PASSING and any(self.of(a) for a in [*call.args, *(k.value for k in call.keywords)])


def parts_of_text(node: ast.AST) -> Iterator[ast.expr]:
    """What is put into a text by f-string, `%`, `+` or `format`."""
    if isinstance(node, ast.JoinedStr):
        yield from (v.value for v in node.values if isinstance(v, ast.FormattedValue))
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        yield from node.right.elts if isinstance(node.right, ast.Tuple) else (node.right,)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        for side in (node.left, node.right):
            built = isinstance(side, ast.BinOp | ast.JoinedStr)
            yield from parts_of_text(side) if built else () if isinstance(side, ast.Constant) else (side,)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        yield from node.args
        yield from (k.value for k in node.keywords)


def is_built_text(node: ast.AST) -> bool:
    """Whether a text is put together from a constant text and something that is none."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(v, ast.FormattedValue) for v in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        return _has_text(node) and any(True for _ in parts_of_text(node))
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format"
    return called and _has_text(node)


def _has_text(node: ast.AST) -> bool:
    return any(isinstance(n, ast.Constant) and isinstance(n.value, str) for n in ast.walk(node))
