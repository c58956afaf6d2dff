"""COD034 unverified-tls: a request that takes any certificate."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import dotted
from linter.rules.code._rule import CodeRule, Place, const, keyword
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


_METHODS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request", "Client", "AsyncClient"})


def _look(sample: Sample) -> Iterator[Place]:
    """`verify=False` in requests and httpx, and contexts that verify nothing."""
    for call in sample.program.nodes(ast.Call):
        name = dotted(call.func)
        if name.rpartition(".")[2] in _METHODS and const(keyword(call, "verify")) is False:
            yield call, "verify=False accepts any certificate, an attacker's too; give the path of the right CA bundle."
        elif name.endswith("_create_unverified_context"):
            yield call, "This context accepts any certificate, an attacker's too; use ssl.create_default_context()."


RULE = CodeRule(
    RuleInfo(
        code="COD034",
        name="unverified-tls",
        severity="warning",
        summary="TLS certificates are verified.",
        why="Without the check, whoever sits on the way reads and changes everything.",
        wrong=("response = requests.get(url, verify=False)",),
        right=("response = requests.get(url, verify='/etc/ssl/company.pem')",),
        sources=(
            SourceLink("Requests: SSL Cert Verification", "https://requests.readthedocs.io/en/latest/user/advanced/#ssl-cert-verification"),
        ),
    ),
    _look,
    inline=True,
    warned=True,
)
