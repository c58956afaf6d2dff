"""COD010 removed-name: a name that the package no longer has."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from corpus.apis import gone
from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._names import CLASSES, OBJECTS, told
from linter.rules.code._program import Program, dotted
from linter.rules.code._rule import CodeRule, Place
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


def _look(sample: Sample) -> Iterator[Place]:
    """Imports, attributes of modules, attributes of objects whose class the sample shows."""
    program = sample.program
    yield from _imported(program)
    objects = _objects(program)
    for node in program.nodes(ast.Attribute):
        owner = dotted(node.value) if not isinstance(node.value, ast.Call) else ""
        name = objects.get(owner) or (
            program.imports.get(owner.split(".")[0], "") + owner.removeprefix(owner.split(".")[0]) if owner else ""
        )
        if name and not name.startswith(".") and (found := gone(f"{name}.{node.attr}")) and found.name == f"{name}.{node.attr}":
            yield node, told(found)


def _imported(program: Program) -> Iterator[Place]:
    for plain in program.nodes(ast.Import):
        for alias in plain.names:
            if found := gone(alias.name):
                yield alias, told(found)
    for origin in program.nodes(ast.ImportFrom):
        if origin.level or not origin.module:
            continue
        if found := gone(origin.module):
            yield origin, told(gone(f"{origin.module}.{origin.names[0].name}") or found)
            continue
        for alias in origin.names:
            if found := gone(f"{origin.module}.{alias.name}"):
                yield alias, told(found)


def _objects(program: Program) -> dict[str, str]:
    """What each name in the sample is an object of: `app = Flask(__name__)`, and the customary names where nothing is assigned."""
    known = {name: kind for name, kind in OBJECTS.items() if _is_customary(name, program)}
    for node in program.nodes(ast.Assign):
        if isinstance(node.value, ast.Call):
            called = dotted(node.value.func)
            kind = program.imports.get(called, "") if "." not in called else called
            for target in node.targets:
                if isinstance(target, ast.Name) and kind in CLASSES:
                    known[target.id] = kind
                elif isinstance(target, ast.Name):
                    known.pop(target.id, None)
    return known


def _is_customary(name: str, program: Program) -> bool:
    """Whether the name is imported from its framework, or is left undefined in a sample of Flask or of nothing in particular."""
    if name in program.imports:
        return program.imports[name].split(".")[0].startswith("flask")
    roots = {module.split(".")[0] for module in program.modules}
    flask = any(root.startswith("flask") or root == "werkzeug" for root in roots)
    return name not in program.bound and (flask or (not roots and name != "request"))


RULE = CodeRule(
    RuleInfo(
        code="COD010",
        name="removed-name",
        severity="error",
        summary="A sample uses names that today's releases have.",
        why="The sample fails with ImportError or AttributeError on the release that readers install. The names come from an index made of the real packages.",
        wrong=(
            "from flask import Markup\nbanner = Markup('<b>Hi</b>')",
            "from flask import Flask\napp = Flask(__name__)\n\n@app.before_first_request\ndef start():\n    load()",
        ),
        right=(
            "from markupsafe import Markup\nbanner = Markup('<b>Hi</b>')",
            "from flask import Flask\napp = Flask(__name__)\n\n@app.before_request\ndef start():\n    load()",
        ),
        sources=(
            SourceLink("Flask: Changes", "https://flask.palletsprojects.com/en/stable/changes/"),
            SourceLink("Werkzeug: Changes", "https://werkzeug.palletsprojects.com/en/stable/changes/"),
            SourceLink("Django: Release notes", "https://docs.djangoproject.com/en/stable/releases/"),
        ),
    ),
    _look,
)
