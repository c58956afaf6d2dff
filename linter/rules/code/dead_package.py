"""COD012 dead-package: a sample that imports or installs a package which nobody keeps any more."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from corpus.apis import DeadPackage, dead_package, dead_packages
from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._guess import Language
from linter.rules.code._rule import CodeRule, Place
from linter.rules.code._sample import Sample

__all__ = ["RULE"]

_INSTALL = re.compile(r"\b(?:pip3?|pipenv|uv|poetry|conda)[ \t]+(?:pip[ \t]+)?(?:install|add)[ \t]+(?P<names>[^\n#|&;]{1,400})")
_NAME = re.compile(r"(?<![\w./=-])[A-Za-z][\w.-]{0,80}")


def _look(sample: Sample) -> Iterator[Place]:
    """Imports, and names after `pip install`."""
    for command in _INSTALL.finditer(sample.text) if sample.language is Language.SHELL else ():
        for name in _NAME.finditer(command["names"]):
            if dead := dead_package(name[0]):
                start = command.start("names") + name.start()
                yield sample.span(start, start + len(name[0])), dead.told
    for plain in sample.program.nodes(ast.Import):
        for alias in plain.names:
            if dead := _imported(alias.name):
                yield alias, _told(dead)
    for origin in sample.program.nodes(ast.ImportFrom):
        if not origin.level and (dead := _imported(origin.module or "")):
            yield origin, _told(dead)


def _imported(module: str) -> DeadPackage | None:
    """The dead package of a module, or of what holds it; by module only, since another package may have taken the name."""
    parts = module.split(".")
    found = (dead_packages().get(".".join(parts[:n])) for n in range(1, len(parts) + 1))
    return next((d for d in found if d and module.startswith(d.module)), None)


def _told(dead: DeadPackage) -> str:
    return f"{dead.told} Only where {dead.also} is installed, which has the same module, all is well." if dead.also else dead.told


RULE = CodeRule(
    RuleInfo(
        code="COD012",
        name="dead-package",
        severity="warning",
        summary="Samples use packages that somebody keeps.",
        why="A package without a maintainer gets no security fixes, and most of these do not even import beside today's Flask.",
        wrong=("from flask_jwt import JWT\njwt = JWT(app, authenticate, identity)",),
        right=("from flask_jwt_extended import JWTManager\njwt = JWTManager(app)",),
        sources=(SourceLink("Flask: Extensions", "https://flask.palletsprojects.com/en/stable/extensions/"),),
    ),
    _look,
    frozenset({Language.PYTHON, Language.SHELL}),
)
