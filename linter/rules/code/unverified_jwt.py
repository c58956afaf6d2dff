"""COD033 unverified-jwt: a token read without checking who signed it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import dotted
from linter.rules.code._rule import CodeRule, Place, const, keyword
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


def _look(sample: Sample) -> Iterator[Place]:
    """jwt.decode() with verification switched off, with the algorithm `none`, or without naming algorithms."""
    for call in sample.program.nodes(ast.Call):
        if dotted(call.func) != "jwt.decode" or not call.args:
            continue
        algorithms = keyword(call, "algorithms") or (call.args[2] if len(call.args) > 2 else None)
        if _is_off(call):
            yield call, "The signature is not verified, so anybody can write this token; drop the option."
        elif isinstance(algorithms, ast.List | ast.Tuple) and any(str(const(item)).lower() == "none" for item in algorithms.elts):
            yield call, "The algorithm `none` accepts tokens that nobody signed; name the one you sign with."
        elif algorithms is None and len(call.args) > 1 and not any(k.arg is None for k in call.keywords):
            yield call, "PyJWT 2 raises DecodeError without algorithms=[...]; name the one you sign with."


def _is_off(call: ast.Call) -> bool:
    options = keyword(call, "options")
    switched = isinstance(options, ast.Dict) and any(
        const(k) == "verify_signature" and const(v) is False for k, v in zip(options.keys, options.values, strict=True)
    )
    return const(keyword(call, "verify")) is False or switched


RULE = CodeRule(
    RuleInfo(
        code="COD033",
        name="unverified-jwt",
        severity="error",
        summary="A token counts only once its signature is verified.",
        why="Without the check anybody can write a token that says they are the administrator.",
        wrong=("claims = jwt.decode(token, options={'verify_signature': False})",),
        right=("claims = jwt.decode(token, key, algorithms=['HS256'])",),
        sources=(SourceLink("PyJWT: API Reference", "https://pyjwt.readthedocs.io/en/stable/api.html"),),
    ),
    _look,
    inline=True,
    warned=True,
)
