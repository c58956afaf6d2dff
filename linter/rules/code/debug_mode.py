"""COD021 debug-mode: debug mode in a sample that is not about it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._rule import CodeRule, Place, const, keyword, mentions
from linter.rules.code._sample import Sample
from linter.rules.code._server import OPEN_HOSTS, debug_settings, is_server_call

__all__ = ["RULE"]


_SUBJECT = re.compile(r"\b(?:debug\w*|development|reload\w*)\b", re.IGNORECASE)


def _look(sample: Sample) -> Iterator[Place]:
    """`app.run(debug=True)` and `app.debug = True` where neither question nor prose speaks of debugging."""
    if mentions(sample, _SUBJECT):
        return
    for call in sample.program.nodes(ast.Call):
        flags = (const(keyword(call, "debug")), const(keyword(call, "use_debugger")))
        if is_server_call(call) and True in flags and const(keyword(call, "host")) not in OPEN_HOSTS:
            yield call, "Debug mode belongs on the command line (`flask run --debug`), not into code that may be deployed."
            return
    for node in debug_settings(sample.program)[:1]:
        yield node, "Debug mode belongs on the command line (`flask run --debug`), not into code that may be deployed."


RULE = CodeRule(
    RuleInfo(
        code="COD021",
        name="debug-mode",
        severity="info",
        summary="Debug mode is switched on from the command line.",
        why="Code with debug=True gets deployed as it is, and the debugger with it.",
        wrong=("from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n    app.run(debug=True)",),
        right=("from flask import Flask\napp = Flask(__name__)\nif __name__ == '__main__':\n    app.run()",),
        sources=(SourceLink("Flask: Debug Mode", "https://flask.palletsprojects.com/en/stable/quickstart/#debug-mode"),),
    ),
    _look,
    warned=True,
)
