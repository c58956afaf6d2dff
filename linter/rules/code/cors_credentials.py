"""COD035 cors-credentials: every site may act with the user's cookies."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import dotted
from linter.rules.code._rule import CodeRule, Place, const, keyword
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


_MESSAGE = "Every site may then send requests with the user's cookies and read the answers; list the origins that may."


def _look(sample: Sample) -> Iterator[Place]:
    """Credentials allowed together with any origin, in the ways of Flask-CORS, Starlette and Django."""
    for call in sample.program.nodes(ast.Call):
        if dotted(call.func).rpartition(".")[2] in ("CORS", "cross_origin") and const(keyword(call, "supports_credentials")) is True:
            origins = keyword(call, "origins")
            if (origins is None and keyword(call, "resources") is None) or _is_any(origins):
                yield call, _MESSAGE
        elif const(keyword(call, "allow_credentials")) is True and _is_any(keyword(call, "allow_origins")):
            yield call, _MESSAGE
    settings = {
        t.id: (const(node.value), node) for node in sample.program.nodes(ast.Assign) for t in node.targets if isinstance(t, ast.Name)
    }
    every = settings.get("CORS_ALLOW_ALL_ORIGINS") or settings.get("CORS_ORIGIN_ALLOW_ALL")
    if every and every[0] is True and settings.get("CORS_ALLOW_CREDENTIALS", (None,))[0] is True:
        yield every[1], _MESSAGE


def _is_any(node: ast.expr | None) -> bool:
    return const(node) == "*" or (isinstance(node, ast.List | ast.Tuple) and any(const(item) == "*" for item in node.elts))


RULE = CodeRule(
    RuleInfo(
        code="COD035",
        name="cors-credentials",
        severity="error",
        summary="Credentials are allowed to named origins only.",
        why="Flask-CORS and Starlette then answer with the origin that asked, so that any page can act as the user.",
        wrong=("CORS(app, origins='*', supports_credentials=True)",),
        right=(
            "CORS(app, origins=['https://shop.example'], supports_credentials=True)",
            "CORS(app)",
        ),
        sources=(SourceLink("MDN: Cross-Origin Resource Sharing", "https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS"),),
    ),
    _look,
    inline=True,
    warned=True,
)
