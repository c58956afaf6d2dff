"""COD006 missing-import: a name that the sample uses and does not import, though it shows its imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import Program
from linter.rules.code._rule import CodeRule, Place
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


# Names nobody would choose for something else, by the package they come from.
_NAMES = {
    "flask": "Flask request redirect url_for render_template render_template_string jsonify abort flash make_response send_file "
    "send_from_directory Blueprint current_app stream_with_context after_this_request has_request_context",
    "flask_login": "LoginManager UserMixin login_required login_user logout_user current_user",
    "flask_restful": "Resource Api reqparse fields marshal_with",
    "flask_sqlalchemy": "SQLAlchemy",
    "flask_migrate": "Migrate",
    "flask_wtf": "FlaskForm CSRFProtect",
    "werkzeug.security": "generate_password_hash check_password_hash",
    "werkzeug.utils": "secure_filename",
    "django.http": "HttpResponse JsonResponse HttpResponseRedirect Http404",
    "django.shortcuts": "render get_object_or_404",
    "django.urls": "path re_path include reverse",
    "functools": "wraps",
    "datetime": "timedelta",
}
_ORIGIN = {name: package for package, names in _NAMES.items() for name in names.split()}
_MODULES = frozenset(
    "os sys re json time math random logging datetime functools itertools collections hashlib hmac secrets uuid base64 pickle threading asyncio "
    "subprocess sqlite3 unittest pytest requests jwt bcrypt socket csv io traceback pathlib tempfile".split()
)
_OTHERS = frozenset({"fastapi", "starlette", "aiohttp", "sanic", "bottle", "quart", "pyramid", "tornado", "falcon", "rest_framework"})


def _look(sample: Sample) -> Iterator[Place]:
    """One finding a sample, at the first name; all that is missing is told in it."""
    program = sample.program
    roots = {module.split(".")[0] for module in program.modules}
    if not roots or roots & _OTHERS or any(name == "*" for name in program.imports):
        return
    missing: dict[str, ast.Name] = {}
    for node in sorted(program.nodes(ast.Name), key=lambda n: (n.lineno, n.col_offset)):
        if isinstance(node.ctx, ast.Load) and node.id not in program.bound | sample.earlier and _is_meant(node, program):
            missing.setdefault(node.id, node)
    if missing:
        lines = [f"from {_ORIGIN[name]} import {name}" if name in _ORIGIN else f"import {name}" for name in missing]
        yield next(iter(missing.values())), f"The sample shows its imports, but not this one; add: {'; '.join(_joined(lines))}."


def _is_meant(node: ast.Name, program: Program) -> bool:
    """Whether the name can only be the known one: its module is imported from here, or it is used as the module it names."""
    origin = _ORIGIN.get(node.id)
    if origin is None:
        plain = any(True for _ in program.nodes(ast.Import))
        return plain and node.id in _MODULES and any(a.value is node for a in program.nodes(ast.Attribute))
    begins = node.id in ("Flask", "SQLAlchemy") and any(c.func is node for c in program.nodes(ast.Call))
    return origin in program.modules or (begins and any(module.startswith("flask") for module in program.modules))


def _joined(lines: list[str]) -> list[str]:
    """`from flask import a` and `from flask import b` in one line."""
    together: dict[str, list[str]] = {}
    for line in lines:
        head, _, name = line.rpartition("import ")
        together.setdefault(head, []).append(name)
    return [f"{head}import {', '.join(names)}" for head, names in together.items()]


RULE = CodeRule(
    RuleInfo(
        code="COD006",
        name="missing-import",
        severity="warning",
        summary="A sample that shows imports shows all it needs.",
        why="Who copies it gets NameError. A sample without any import is plainly a fragment and is left alone.",
        wrong=("from flask import Flask\napp = Flask(__name__)\n\n@app.route('/')\ndef index():\n    return redirect(url_for('login'))",),
        right=(
            "from flask import Flask, redirect, url_for\napp = Flask(__name__)\n\n@app.route('/')\ndef index():\n    return redirect(url_for('login'))",
            "@app.route('/')\ndef index():\n    return redirect(url_for('login'))",
        ),
        sources=(SourceLink("Python: NameError", "https://docs.python.org/3/library/exceptions.html#NameError"),),
    ),
    _look,
)
