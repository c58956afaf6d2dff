"""COD030 upload-name-as-path: the name of an upload taken as a path."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import Program, dotted
from linter.rules.code._rule import CodeRule, Place
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


_MESSAGE = "The client chose this file name, which may be `../../app.py`; pass it through secure_filename()."


def _look(sample: Sample) -> Iterator[Place]:
    """`file.save(os.path.join(folder, file.filename))`, also through a name."""
    program = sample.program
    names = _raw_names(program)
    for call in program.nodes(ast.Call):
        name = dotted(call.func).rpartition(".")[2] or getattr(call.func, "attr", "")
        if name in ("save", "open") and call.args and any(_is_raw(node, names) for node in _outside_cleaners(call.args[0])):
            yield call, _MESSAGE


def _raw_names(program: Program) -> set[str]:
    """Names that hold a client's file name; one that is cleaned anywhere is left out."""
    raw: set[str] = set()
    cleaned: set[str] = set()
    for node in sorted(program.nodes(ast.Assign), key=lambda n: n.lineno):
        held = any(_is_raw(part, raw) for part in _outside_cleaners(node.value))
        for target in node.targets:
            if isinstance(target, ast.Name):
                (raw if held else cleaned).add(target.id)
    return raw - cleaned


def _is_raw(node: ast.AST, names: set[str]) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == "filename") or (isinstance(node, ast.Name) and node.id in names)


def _outside_cleaners(node: ast.expr) -> Iterator[ast.AST]:
    """The nodes of a path: operands, f-string parts and arguments of `join`, `str` and `Path`, not what other calls take."""
    pending: list[ast.AST] = [node]
    while pending:
        one = pending.pop()
        yield one
        if isinstance(one, ast.Call):
            name = dotted(one.func).rpartition(".")[2]
            pending += one.args if name in ("join", "str", "Path", "joinpath", "format") else []
        elif isinstance(one, ast.BinOp | ast.JoinedStr | ast.FormattedValue):
            pending += [child for child in ast.iter_child_nodes(one) if isinstance(child, ast.expr)]


RULE = CodeRule(
    RuleInfo(
        code="COD030",
        name="upload-name-as-path",
        severity="error",
        summary="The name of an upload is cleaned before it becomes a path.",
        why="The name comes from the client; with dots and slashes in it, the file lands where the client wants.",
        wrong=("file = request.files['file']\nfile.save(os.path.join('/srv/uploads', file.filename))",),
        right=("file = request.files['file']\nfile.save(os.path.join('/srv/uploads', secure_filename(file.filename)))",),
        sources=(SourceLink("Flask: Uploading Files", "https://flask.palletsprojects.com/en/stable/patterns/fileuploads/"),),
    ),
    _look,
    warned=True,
)
