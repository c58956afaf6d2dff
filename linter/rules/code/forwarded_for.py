"""COD029 forwarded-for: X-Forwarded-For taken at its word."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import dotted
from linter.rules.code._rule import CodeRule, Place, const, mentions
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


_HEADER = re.compile(r"(?:HTTP_)?X[-_](?:FORWARDED[-_]FOR|REAL[-_]IP)$", re.IGNORECASE)
_KNOWS = re.compile(r"\b(?:ProxyFix|spoof\w*|forg\w+|trust\w*|untrusted)\b", re.IGNORECASE)
_MESSAGE = "Any client can send this header; put ProxyFix with the number of your proxies in front and read request.remote_addr."


def _look(sample: Sample) -> Iterator[Place]:
    """The header read as the client's address, by hand."""
    if mentions(sample, _KNOWS) or "ProxyFix" in sample.text:
        return
    for call in sample.program.nodes(ast.Call):
        if dotted(call.func).endswith((".get", ".getlist")) and call.args and _HEADER.match(str(const(call.args[0]))):
            yield call, _MESSAGE
            return
    for node in sample.program.nodes(ast.Subscript):
        if isinstance(node.ctx, ast.Load) and _HEADER.match(str(const(node.slice))) and dotted(node.value):
            yield node, _MESSAGE
            return
        if dotted(node.value).endswith("request.access_route"):
            yield node, _MESSAGE
            return


RULE = CodeRule(
    RuleInfo(
        code="COD029",
        name="forwarded-for",
        severity="warning",
        summary="X-Forwarded-For is believed only from proxies of your own.",
        why="The header is request data; who trusts it lets clients choose their address, and with it pass limits and logs.",
        wrong=("ip = request.headers.get('X-Forwarded-For', request.remote_addr)",),
        right=("app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1)\nip = request.remote_addr",),
        sources=(SourceLink("Flask: Tell Flask it is Behind a Proxy", "https://flask.palletsprojects.com/en/stable/deploying/proxy_fix/"),),
    ),
    _look,
    inline=True,
    warned=True,
)
