"""COD020 debug-on-all-interfaces: the debugger open to the network."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._guess import Language
from linter.rules.code._rule import CodeRule, Place, const, keyword
from linter.rules.code._sample import Sample
from linter.rules.code._server import OPEN_HOSTS, is_server_call, sets_debug

__all__ = ["RULE"]


_COMMAND = re.compile(r"flask\b[^\n]{0,80}\brun\b(?=[^\n]{0,120}--debug)(?=[^\n]{0,120}(?:--host[= ]|-h )0\.0\.0\.0)[^\n]{0,160}")


def _look(sample: Sample) -> Iterator[Place]:
    """`app.run(host="0.0.0.0", debug=True)`, in one call or with `app.debug = True` beside it."""
    for match in _COMMAND.finditer(sample.text) if not sample.program.tree else ():
        yield sample.span(match.start(), match.end()), _MESSAGE
    for call in sample.program.nodes(ast.Call):
        if is_server_call(call):
            hosts = [const(keyword(call, "host")), *(const(argument) for argument in call.args[:1])]
            debugs = [const(keyword(call, "debug")), const(keyword(call, "use_debugger"))]
            if OPEN_HOSTS & {h for h in hosts if isinstance(h, str)} and (
                True in debugs or (debugs == [None, None] and sets_debug(sample.program))
            ):
                yield call, _MESSAGE


_MESSAGE = "Debug mode on all interfaces lets anybody on the network run code; drop debug, or listen on 127.0.0.1."


RULE = CodeRule(
    RuleInfo(
        code="COD020",
        name="debug-on-all-interfaces",
        severity="error",
        summary="Debug mode must not listen on all interfaces.",
        why="The debugger runs any code that is typed into it. Open to the network, the machine belongs to whoever finds it.",
        wrong=("app.run(host='0.0.0.0', port=5000, debug=True)",),
        right=(
            "app.run(debug=True)",
            "app.run(host='0.0.0.0', port=5000)",
        ),
        sources=(
            SourceLink("Flask: Debugging Application Errors", "https://flask.palletsprojects.com/en/stable/debugging/"),
            SourceLink("Werkzeug: Debugging Applications", "https://werkzeug.palletsprojects.com/en/stable/debug/"),
        ),
    ),
    _look,
    frozenset({Language.PYTHON, Language.SHELL}),
    inline=True,
    warned=True,
)
