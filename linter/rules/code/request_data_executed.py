"""COD031 request-data-executed: what a client sent, run or unpickled."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._program import dotted
from linter.rules.code._rule import CodeRule, Place, const, keyword
from linter.rules.code._sample import Sample
from linter.rules.code._taint import Taint

__all__ = ["RULE"]


_RUNNERS = frozenset(
    {"eval", "exec", "os.system", "os.popen", "pickle.loads", "pickle.load", "marshal.loads", "dill.loads", "jsonpickle.decode"}
)
_SHELLS = frozenset({"subprocess.run", "subprocess.call", "subprocess.check_output", "subprocess.check_call", "subprocess.Popen"})
_MESSAGE = "This runs whatever the client sends; parse the input (json.loads, int) and call functions of your own."


def _look(sample: Sample) -> Iterator[Place]:
    """eval, pickle, yaml.load and shells on request data; yaml.load() without a loader at all."""
    taint = Taint(sample.program)
    for call in sample.program.nodes(ast.Call):
        name = dotted(call.func)
        name = sample.program.imports.get(name, name)
        sent = bool(call.args) and taint.of(call.args[0])
        if sent and (name in _RUNNERS or (name in _SHELLS and const(keyword(call, "shell")) is True)):
            yield call, _MESSAGE
        elif name == "yaml.load":
            loader = keyword(call, "Loader") or (call.args[1] if len(call.args) > 1 else None)
            if loader is None and call.args:
                yield call, "yaml.load() needs a Loader since PyYAML 6; use yaml.safe_load()."
            elif sent and not dotted(loader).endswith(("SafeLoader", "CSafeLoader")):
                yield call, "This loader builds any object the client names; use yaml.safe_load()."


RULE = CodeRule(
    RuleInfo(
        code="COD031",
        name="request-data-executed",
        severity="error",
        summary="What a client sent is data, never code.",
        why="eval, pickle and a shell do what the data says; the data is chosen by an attacker.",
        wrong=("expression = request.args['q']\nresult = eval(expression)",),
        right=("import json\nvalues = json.loads(request.data)",),
        sources=(
            SourceLink("Python: pickle, warning", "https://docs.python.org/3/library/pickle.html"),
            SourceLink(
                "OWASP: OS Command Injection Defense Cheat Sheet",
                "https://cheatsheetseries.owasp.org/cheatsheets/OS_Command_Injection_Defense_Cheat_Sheet.html",
            ),
        ),
    ),
    _look,
    warned=True,
)
