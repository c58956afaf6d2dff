"""COD008 route-without-url: `route()` without the URL it is for."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import dotted
from linter.rules.code._rule import CodeRule, Place, keyword
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


_OWNERS = ("app", "application", "bp", "blueprint")


def _look(sample: Sample) -> Iterator[Place]:
    """`@app.route(methods=[...])`: the rule is a required argument."""
    for call in sample.program.nodes(ast.Call):
        owner, _, name = dotted(call.func).rpartition(".")
        named = owner.split(".")[-1].endswith(_OWNERS)
        if (
            name == "route"
            and named
            and not call.args
            and call.keywords
            and keyword(call, "rule") is None
            and all(k.arg for k in call.keywords)
        ):
            yield call, "`route()` needs the URL as its first argument: route('/path', methods=[...])."


RULE = CodeRule(
    RuleInfo(
        code="COD008",
        name="route-without-url",
        severity="error",
        summary="route() takes the URL rule as its first argument.",
        why="Without it the decorator raises TypeError: missing 1 required positional argument.",
        wrong=("Use `@app.route(methods=['POST'])` to accept posted forms.",),
        right=("Use `@app.route('/form', methods=['POST'])` to accept posted forms.",),
        sources=(SourceLink("Flask: API, Flask.route", "https://flask.palletsprojects.com/en/stable/api/#flask.Flask.route"),),
    ),
    _look,
    inline=True,
    once=True,
)
