"""COD022 development-server: the development server shown as a deployment."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._rule import CodeRule, Place, const, keyword, mentions
from linter.rules.code._sample import Sample
from linter.rules.code._server import OPEN_HOSTS, is_server_call

__all__ = ["RULE"]


_DEPLOYED = re.compile(r"\b(?:deploy\w*|docker\w*|container\w*|production|kubernetes|server less|heroku|vps)\b", re.IGNORECASE)


def _look(sample: Sample) -> Iterator[Place]:
    """`app.run(host="0.0.0.0")` where the question is how to deploy."""
    if not mentions(sample, _DEPLOYED):
        return
    for call in sample.program.nodes(ast.Call):
        debug = const(keyword(call, "debug")) is True
        if is_server_call(call) and const(keyword(call, "host")) in OPEN_HOSTS and not debug:
            yield call, "This is the development server; deploy with a WSGI server such as Gunicorn or Waitress."


RULE = CodeRule(
    RuleInfo(
        code="COD022",
        name="development-server",
        severity="warning",
        summary="What is deployed runs under a production server, not under app.run().",
        why="The development server is made to be neither secure, stable nor efficient.",
        wrong=("# How do you deploy with Docker?\n\n```python\nif __name__ == '__main__':\n    app.run(host='0.0.0.0', port=5000)\n```",),
        right=("# How do you deploy with Docker?\n\n```sh\ngunicorn -b 0.0.0.0:8000 'shop:create_app()'\n```",),
        sources=(SourceLink("Flask: Deploying to Production", "https://flask.palletsprojects.com/en/stable/deploying/"),),
    ),
    _look,
    warned=True,
)
