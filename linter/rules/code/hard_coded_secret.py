"""COD023 hard-coded-secret: a secret written into the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import dotted
from linter.rules.code._rule import CodeRule, Place, const
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


_SECRET = re.compile(r"(?:.*_)?(?:SECRET|SECRET_KEY|JWT_SECRET_KEY|PASSWORD_SALT|SIGNING_KEY|ENCRYPTION_KEY)$")
_CREDENTIAL = re.compile(r"(?:.*_)?(?:PASSWORD|PASSWD|API_KEY|AUTH_TOKEN|ACCESS_TOKEN|CLIENT_SECRET|PRIVATE_KEY)$")
_PLACEHOLDER = re.compile(
    r"$|[.x*_<\[{-]|your|my[-_ ]?(?:password|email|api)|change|replace|example|placeholder|password$|secret$|test|dummy|env\b|none$|.*(?:\.\.\.|…|>$|here\b)",
    re.IGNORECASE,
)
_HASHED = re.compile(r"pbkdf2|scrypt|argon2|bcrypt|\$2[aby]?\$|dev$|fake|test|dummy|[\w.]*/[\w./]*$", re.IGNORECASE)
_MESSAGE = "A secret in the code is known to all who can read it; read it from the environment or a secret store."


def _look(sample: Sample) -> Iterator[Place]:
    """Literals given to secret keys, and to passwords where they are no placeholder."""
    if re.search(r"\bTESTING\b|\bpytest\b|unittest", sample.text):
        return
    for name, value in _settings(sample):
        if not isinstance(value, ast.Constant) or not isinstance(value.value, str | bytes):
            continue
        text = value.value if isinstance(value.value, str) else value.value.decode(errors="replace")
        elided = (
            bool(_HASHED.match(text))
            or not text.strip(" .*x…<>-")
            or text.startswith(("<", "{", "$", "..."))
            or text.endswith(("...", "…"))
        )
        if (_SECRET.match(name) and not elided) or (_CREDENTIAL.match(name) and not elided and not _PLACEHOLDER.match(text)):
            yield value, _MESSAGE
            return


def _settings(sample: Sample) -> Iterator[tuple[str, ast.expr]]:
    """(NAME, value) of assignments, keys of `config`, and what is handed to `config.update()` and to JWT."""
    for node in sample.program.nodes(ast.Assign):
        for target in node.targets:
            if isinstance(target, ast.Subscript) and dotted(target.value).endswith("config"):
                yield str(const(target.slice)).upper(), node.value
            elif isinstance(target, ast.Attribute) and target.attr == "secret_key":
                yield "SECRET_KEY", node.value
            elif isinstance(target, ast.Name) and target.id.isupper():
                yield target.id, node.value
    for call in sample.program.nodes(ast.Call):
        name = dotted(call.func)
        if name.endswith(("config.update", "config.from_mapping")):
            yield from ((k.arg.upper(), k.value) for k in call.keywords if k.arg)
        elif name in ("jwt.encode", "jwt.decode") and len(call.args) > 1:
            yield "JWT_SECRET_KEY", call.args[1]
        elif name.endswith("SessionMiddleware"):
            yield from (("SECRET_KEY", k.value) for k in call.keywords if k.arg == "secret_key")


RULE = CodeRule(
    RuleInfo(
        code="COD023",
        name="hard-coded-secret",
        severity="warning",
        summary="Secrets do not stand in code.",
        why="Who reads the repository can sign sessions and tokens; samples are copied with the key in them.",
        wrong=("from flask import Flask\napp = Flask(__name__)\napp.config['SECRET_KEY'] = 'super-secret'",),
        right=("import os\nfrom flask import Flask\napp = Flask(__name__)\napp.config['SECRET_KEY'] = os.environ['SECRET_KEY']",),
        sources=(
            SourceLink("Flask: Configuration Handling, SECRET_KEY", "https://flask.palletsprojects.com/en/stable/config/#SECRET_KEY"),
            SourceLink(
                "OWASP: Secrets Management Cheat Sheet",
                "https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html",
            ),
        ),
    ),
    _look,
    warned=True,
)
