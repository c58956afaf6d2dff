"""How samples start the development server."""

from __future__ import annotations

import ast

from linter.rules.code._program import Program, dotted
from linter.rules.code._rule import const

__all__ = ["OPEN_HOSTS", "debug_settings", "is_server_call", "sets_debug"]

OPEN_HOSTS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - looked for in samples, not listened on
_SERVERS = frozenset({"app", "application", "server", "socketio", "flask_app", "Flask", "create_app"})


def is_server_call(call: ast.Call) -> bool:
    """`app.run()`, `socketio.run()`, `run_simple()`."""
    name = dotted(call.func)
    owner, _, method = name.rpartition(".")
    return name.endswith("run_simple") or (method == "run" and owner.split(".")[-1] in _SERVERS)


def debug_settings(program: Program) -> list[ast.Assign]:
    """`app.debug = True` and `app.config["DEBUG"] = True`."""
    found = []
    for node in program.nodes(ast.Assign):
        for target in node.targets:
            by_name = isinstance(target, ast.Attribute) and target.attr == "debug" and dotted(target.value) in _SERVERS
            by_key = isinstance(target, ast.Subscript) and dotted(target.value).endswith(".config") and const(target.slice) == "DEBUG"
            if (by_name or by_key) and const(node.value) is True:
                found.append(node)
    return found


def sets_debug(program: Program) -> bool:
    """Whether the sample switches debug mode on anywhere but in the call."""
    return bool(debug_settings(program))
