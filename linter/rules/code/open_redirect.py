"""COD032 open-redirect: a redirect to wherever the link says."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import dotted
from linter.rules.code._rule import CodeRule, Place
from linter.rules.code._sample import Sample
from linter.rules.code._taint import Taint

__all__ = ["RULE"]


_CHECKS = re.compile(r"is_safe|safe_url|url_has_allowed|urlparse|urlsplit|url_parse|startswith|allowed|validate|is_local")


def _look(sample: Sample) -> Iterator[Place]:
    """`redirect(request.args["next"])` without a check of the host anywhere in the sample."""
    if _CHECKS.search(sample.text):
        return
    taint = Taint(sample.program)
    for call in sample.program.nodes(ast.Call):
        if dotted(call.func).rpartition(".")[2] in ("redirect", "HttpResponseRedirect") and call.args and taint.of(call.args[0]):
            yield call, "The link decides where this redirect leads; allow only addresses of your own host."


RULE = CodeRule(
    RuleInfo(
        code="COD032",
        name="open-redirect",
        severity="error",
        summary="A redirect leads to addresses of your own.",
        why="A link to your site that ends on another is what phishing needs.",
        wrong=("return redirect(request.args.get('next') or url_for('index'))",),
        right=("return redirect(url_for('index'))",),
        sources=(
            SourceLink(
                "OWASP: Unvalidated Redirects and Forwards Cheat Sheet",
                "https://cheatsheetseries.owasp.org/cheatsheets/Unvalidated_Redirects_and_Forwards_Cheat_Sheet.html",
            ),
        ),
    ),
    _look,
    warned=True,
)
