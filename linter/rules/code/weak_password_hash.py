"""COD025 weak-password-hash: a password under a fast hash."""

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


_FAST = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})
_PASSWORD = re.compile(r"password|passwd|\bpwd\b|passphrase", re.IGNORECASE)
_PLAIN_METHODS = frozenset({"md5", "sha1", "sha256", "sha512", "plain"})


def _look(sample: Sample) -> Iterator[Place]:
    """`hashlib.md5(password...)`, and methods that generate_password_hash() no longer has."""
    for call in sample.program.nodes(ast.Call):
        name = dotted(call.func).rpartition(".")[2]
        if name in _FAST and any(_PASSWORD.search(word) for argument in call.args for word in _words(argument)):
            yield call, f"{name} is made to be fast, and so is guessing; hash passwords with scrypt, Argon2, bcrypt or PBKDF2."
        method = const(keyword(call, "method")) or (const(call.args[1]) if len(call.args) > 1 else None)
        if name == "generate_password_hash" and method in _PLAIN_METHODS:
            yield call, f"Werkzeug 3 has no method {method!r} any more and raises ValueError; leave it out, the default is scrypt."


def _words(node: ast.AST) -> list[str]:
    found = [n.id for n in ast.walk(node) if isinstance(n, ast.Name)] + [n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)]
    return found + [str(n.value) for n in ast.walk(node) if isinstance(n, ast.Constant) and str(n.value).lower() == "password"]


RULE = CodeRule(
    RuleInfo(
        code="COD025",
        name="weak-password-hash",
        severity="error",
        summary="Passwords are hashed with an algorithm made for them.",
        why="MD5 and the SHA family are fast; a stolen table of such hashes falls to guessing within hours.",
        wrong=("import hashlib\ndigest = hashlib.md5(password.encode()).hexdigest()",),
        right=(
            "from werkzeug.security import generate_password_hash\ndigest = generate_password_hash(password)",
            "import hashlib\ndigest = hashlib.sha256(body).hexdigest()",
        ),
        sources=(
            SourceLink(
                "OWASP: Password Storage Cheat Sheet", "https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html"
            ),
            SourceLink(
                "Werkzeug: generate_password_hash",
                "https://werkzeug.palletsprojects.com/en/stable/utils/#werkzeug.security.generate_password_hash",
            ),
        ),
    ),
    _look,
    warned=True,
)
