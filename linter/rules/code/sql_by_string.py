"""COD026 sql-by-string: SQL put together from strings."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import Program, dotted
from linter.rules.code._rule import CodeRule, Place
from linter.rules.code._sample import Sample
from linter.rules.code._taint import is_built_text, parts_of_text

__all__ = ["RULE"]


_DOORS = frozenset({"execute", "executemany", "executescript", "exec_driver_sql", "raw", "text", "RawSQL", "read_sql", "read_sql_query"})
_SQL = re.compile(r"\b(?:SELECT|INSERT\s+INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO|WHERE|DROP\s+TABLE|VALUES)\b", re.IGNORECASE)


def _look(sample: Sample) -> Iterator[Place]:
    """The text of a query that is built where it is executed, or in a name that is."""
    program = sample.program
    built = _built_names(program)
    for call in program.nodes(ast.Call):
        name = dotted(call.func).rpartition(".")[2] or getattr(call.func, "attr", "")
        if name not in _DOORS or not call.args:
            continue
        query = call.args[0]
        query = built.get(query.id, query) if isinstance(query, ast.Name) else query
        if _is_unsafe(query):
            yield query, "This SQL is put together from strings; give the values as parameters of the query."


def _built_names(program: Program) -> dict[str, ast.expr]:
    assigned = [(t.id, node.value) for node in program.nodes(ast.Assign) for t in node.targets if isinstance(t, ast.Name)]
    return {name: value for name, value in assigned if _is_unsafe(value)}


def _is_unsafe(node: ast.expr) -> bool:
    """Built from a text of SQL and a value; names in capitals are constants of the program, such as the name of a table."""
    if not is_built_text(node) or not _SQL.search(" ".join(str(n.value) for n in ast.walk(node) if isinstance(n, ast.Constant))):
        return False
    return any(not _is_constant(part) for part in parts_of_text(node))


def _is_constant(node: ast.expr) -> bool:
    name = dotted(node).rpartition(".")[2]
    joined = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "join"  # ", ".join("?" * n)
    return isinstance(node, ast.Constant) or (name.isupper() and len(name) > 1) or joined or "placeholder" in name.lower()


RULE = CodeRule(
    RuleInfo(
        code="COD026",
        name="sql-by-string",
        severity="error",
        summary="Values go into SQL as parameters.",
        why="Whoever can choose the value can choose the query: SQL injection.",
        wrong=("cursor.execute(f\"SELECT * FROM users WHERE name = '{name}'\")",),
        right=("cursor.execute('SELECT * FROM users WHERE name = %s', (name,))",),
        sources=(
            SourceLink(
                "OWASP: SQL Injection Prevention Cheat Sheet",
                "https://cheatsheetseries.owasp.org/cheatsheets/SQL_Injection_Prevention_Cheat_Sheet.html",
            ),
        ),
    ),
    _look,
    inline=True,
    warned=True,
)
