"""COD027 unescaped-html: what a client sent, put into HTML as it is."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import Program, dotted
from linter.rules.code._rule import CodeRule, Place, const
from linter.rules.code._sample import Sample
from linter.rules.code._taint import Taint, is_built_text, parts_of_text

__all__ = ["RULE"]


_ROUTES = frozenset({"route", "get", "post"})
_PARAMETER = re.compile(r"<(?:(?:string|path)(?:\([^)]*\))?:)?([A-Za-z_]\w*)>")
_OTHERS = frozenset({"fastapi", "aiohttp", "starlette", "sanic"})
_MESSAGE = "What the client sent is put into the page unescaped (XSS); use escape() or a template."


def _look(sample: Sample) -> Iterator[Place]:
    """Templates made from strings; pages that views build from request data or parts of the URL."""
    program, taint = sample.program, Taint(sample.program)
    if {module.split(".")[0] for module in program.modules} & _OTHERS:
        return
    for call in program.nodes(ast.Call):
        name = dotted(call.func).rpartition(".")[2]
        if name == "render_template_string" and call.args and _is_template_of(call.args[0], program, taint):
            yield call, "The template itself is built from input, which runs as template code; pass values as arguments."
        elif name in ("Markup", "mark_safe", "HttpResponse") and call.args and (taint.of(call.args[0]) or _has(call.args[0], taint, set())):
            yield call, _MESSAGE
    for function in program.functions():
        sent = _url_parameters(function)
        if sent is None:
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                page = node.value.elts[0] if isinstance(node.value, ast.Tuple) and node.value.elts else node.value
                if is_built_text(page) and _has(page, taint, sent) and not _is_plain_type(function):
                    yield page, _MESSAGE


def _is_template_of(node: ast.expr, program: Program, taint: Taint) -> bool:
    if isinstance(node, ast.Name):
        values = [a.value for a in program.nodes(ast.Assign) for t in a.targets if isinstance(t, ast.Name) and t.id == node.id]
        return taint.of(node) or any(is_built_text(value) and _has(value, taint, set()) for value in values)
    return taint.of(node) or (is_built_text(node) and any(not isinstance(part, ast.Constant) for part in parts_of_text(node)))


def _has(node: ast.expr, taint: Taint, sent: set[str]) -> bool:
    """Whether a text holds request data or one of the URL's parts as it came."""
    return any(taint.of(part) or (isinstance(part, ast.Name) and part.id in sent) for part in parts_of_text(node))


def _url_parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str] | None:
    """The text parts of a view's URL; None where the function is no view."""
    found: set[str] | None = None
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute) and decorator.func.attr in _ROUTES:
            found = found or set()
            rule = const(decorator.args[0]) if decorator.args else None
            found |= set(_PARAMETER.findall(rule)) if isinstance(rule, str) else set()
    rebound = {t.id for node in ast.walk(function) if isinstance(node, ast.Assign) for t in node.targets if isinstance(t, ast.Name)}
    return found - rebound if found is not None else None


def _is_plain_type(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the view names a content type that is not HTML."""
    return any(
        isinstance(n, ast.Constant) and isinstance(n.value, str) and re.match(r"(?:text/(?!html)|application/)", n.value)
        for n in ast.walk(function)
    )


RULE = CodeRule(
    RuleInfo(
        code="COD027",
        name="unescaped-html",
        severity="error",
        summary="What a client sent is escaped before it goes into a page.",
        why="A link can carry a script that then runs in the page of whoever follows it (XSS); in a template string it even runs on the server.",
        wrong=("@app.route('/hello/<name>')\ndef hello(name):\n    return f'<h1>Hello {name}</h1>'",),
        right=(
            "@app.route('/hello/<name>')\ndef hello(name):\n    return f'<h1>Hello {escape(name)}</h1>'",
            "@app.route('/item/<int:n>')\ndef item(n):\n    return f'<h1>Item {n}</h1>'",
        ),
        sources=(
            SourceLink("Flask: Quickstart, HTML Escaping", "https://flask.palletsprojects.com/en/stable/quickstart/#html-escaping"),
            SourceLink("Flask: Security Considerations", "https://flask.palletsprojects.com/en/stable/web-security/"),
        ),
    ),
    _look,
    warned=True,
)
