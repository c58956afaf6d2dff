"""COD024 plain-text-password: a password compared as it was typed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import dotted
from linter.rules.code._rule import CodeRule, Place, const, keyword
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


_PASSWORD = re.compile(r"(?:password|passwd|pwd)$", re.IGNORECASE)
_STORE = re.compile(r"(?:users?|accounts?|credentials?|passwords?|user_?db|user_data)$", re.IGNORECASE)
_FORMS = frozenset({"form", "request", "data", "forms", "payload", "body", "args"})
_COMPARERS = frozenset({"safe_str_cmp", "compare_digest", "constant_time_compare"})
_MESSAGE = "The password is kept and compared in plain text; store generate_password_hash() and compare with check_password_hash()."


def _look(sample: Sample) -> Iterator[Place]:
    """`user.password == password`, in a comparison, in `safe_str_cmp()`, or in the condition of a query."""
    for node in sample.program.nodes(ast.Compare):
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.NotEq) and _plain(node.left, node.comparators[0]):
            yield node, _MESSAGE
    for call in sample.program.nodes(ast.Call):
        name = dotted(call.func).rpartition(".")[2] or getattr(call.func, "attr", "")
        if name in _COMPARERS and len(call.args) == 2 and _plain(_unwrapped(call.args[0]), _unwrapped(call.args[1])):
            yield call, _MESSAGE
        given = keyword(call, "password")
        if name == "filter_by" and given is not None and const(given) is None:
            yield call, _MESSAGE


def _unwrapped(node: ast.expr) -> ast.expr:
    """`x` of `x.encode("utf-8")`."""
    encoded = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("encode", "strip")
    return node.func.value if encoded and isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else node


def _plain(one: ast.expr, other: ast.expr) -> bool:
    return any(_stored(a) and _typed(b) for a, b in ((one, other), (other, one)))


def _stored(node: ast.expr) -> bool:
    """What the program keeps: `user.password`, `row["password"]`, `users[name]`, a literal."""
    if isinstance(node, ast.Attribute):
        return bool(_PASSWORD.match(node.attr)) and dotted(node.value).split(".")[-1] not in _FORMS
    if isinstance(node, ast.Subscript):
        owner = dotted(node.value)
        key = const(node.slice)
        keyed = isinstance(key, str) and _PASSWORD.match(key) and owner.split(".")[-1] not in _FORMS
        return bool(keyed or _STORE.match(owner))
    if isinstance(node, ast.Call):
        return bool(_STORE.match(dotted(node.func).removesuffix(".get"))) and dotted(node.func).endswith(".get")
    value = const(node)
    return isinstance(value, str) and bool(value.strip())


def _typed(node: ast.expr) -> bool:
    """What the user typed: `password`, `form.password.data`, `request.form["password"]`."""
    if isinstance(node, ast.Name):
        return bool(_PASSWORD.match(node.id))
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return (node.attr == "data" and bool(_PASSWORD.search(owner))) or (
            bool(_PASSWORD.match(node.attr)) and owner.split(".")[-1] in _FORMS
        )
    if isinstance(node, ast.Subscript):
        return bool(_PASSWORD.match(str(const(node.slice)))) and dotted(node.value).split(".")[-1] in _FORMS
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        return bool(_PASSWORD.match(str(const(node.args[0])))) and dotted(node.func.value).split(".")[-1] in _FORMS
    return False


RULE = CodeRule(
    RuleInfo(
        code="COD024",
        name="plain-text-password",
        severity="error",
        summary="Passwords are stored and compared as salted, slow hashes.",
        why="Who reads the table once, has every password. A comparison in constant time does not change that.",
        wrong=("user = find(name)\nif user and user.password == password:\n    log_in(user)",),
        right=(
            "user = find(name)\nif user and check_password_hash(user.password_hash, password):\n    log_in(user)",
            "if form.password.data == form.confirm.data:\n    save(form)",
        ),
        sources=(
            SourceLink(
                "OWASP: Password Storage Cheat Sheet", "https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html"
            ),
            SourceLink("Werkzeug: Security Helpers", "https://werkzeug.palletsprojects.com/en/stable/utils/#module-werkzeug.security"),
        ),
    ),
    _look,
    warned=True,
)
