"""TXT004: functions that nothing calls, in a sample of a framework that finds its functions by decorators."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.text import Document, Segment
from linter.finding import Finding, SourceLink
from linter.rule import RuleInfo
from linter.rules.text._code import CodeLine, code_lines, samples
from linter.rules.text._places import Place, told

__all__ = ["LostDecorator"]

_FRAMEWORK = re.compile(
    r"^(?:from\s+(?:flask|quart|fastapi|bottle|sanic|celery)\w*(?:\.\w+)*\s+import\b|import\s+(?:flask|quart|fastapi|bottle|sanic)\b)"
)
_MAKES_APP = re.compile(r"\b(?:Flask|Quart|FastAPI|Bottle|Sanic|Celery)\(")
_DEF = re.compile(r"(?:async\s+)?def\s+([a-z]\w*)\s*\(([^()]*)\)")
_NAME = re.compile(r"'[^'\n]*'|\"[^\"\n]*\"|#.*|\bdef\s+\w+|([A-Za-z_]\w*)")  # a name that is used, not said nor defined
# What only a view, a handler or a hook does.
_ANSWERS = re.compile(
    r"\breturn\s+(?:[fr]?[\"']|render_template|jsonify|redirect|make_response|\{|session\b|response\b|template\b|str\()|\b(?:request|session)\b\s*[.\[]|\bMessage\(|\bsend\("
)
_BUILDERS = re.compile(r"(?:create|make|build|init|get|configure|register|test|setup)_|main$|application$")
_STRIPPED = 3  # functions a sample imports a framework for: so many of them and no decorator at all is a page that lost its decorators


@dataclass(frozen=True, slots=True)
class _Lonely:
    """A function at the top of a sample that nothing decorates and nothing calls."""

    name: str
    line: CodeLine
    sure: bool


class LostDecorator:
    """A view, handler or hook without the decorator that would register it."""

    info = RuleInfo(
        code="TXT004",
        name="lost-decorator",
        severity="info",
        summary="A function of a sample has lost its decorator: the framework never learns of it.",
        why="Lines that begin with @ look like mentions or addresses to the filters that take pages apart.",
        wrong=("from flask import Flask\napp = Flask(__name__)\ndef start():\n    return 'Welcome'",),
        right=("from flask import Flask\napp = Flask(__name__)\n@app.route('/')\ndef start():\n    return 'Welcome'",),
        sources=(SourceLink("Flask Quickstart, Routing", "https://flask.palletsprojects.com/en/stable/quickstart/#routing"),),
    )

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """One place a sample, at the first of its functions; the message names all."""
        yield from told(self.info, document, self._places(found))

    def _places(self, found: Sequence[Segment]) -> Iterator[Place]:
        read = [(segment, code_lines(segment)) for segment in samples(found)]
        used: Counter[str] = Counter()
        for segment, _ in read:
            used.update(name for name in _NAME.findall(segment.text) if name)
        lonely = [(segment, _lonely(lines, used)) for segment, lines in read]
        decorated = any(line.text.startswith("@") for _, lines in read for line in lines)
        stripped = not decorated and sum(one.sure for _, functions in lonely for one in functions) >= _STRIPPED
        for segment, functions in lonely:
            told_of = [one for one in functions if one.sure or stripped]
            if told_of:
                names = ", ".join(f"{one.name}()" for one in told_of[:10])
                yield Place(told_of[0].line.span(segment), f"Nothing registers or calls {names}: put back the decorator that was lost.")


def _lonely(lines: Sequence[CodeLine], used: Counter[str]) -> list[_Lonely]:
    """The functions of one sample that nothing decorates or names."""
    framework = any(_FRAMEWORK.match(line.text) or _MAKES_APP.search(line.text) for line in lines)
    out = []
    for n, line in enumerate(lines):
        match = _DEF.match(line.text) if line.indent == 0 else None
        if match is None or (n and lines[n - 1].text.startswith(("@", ")"))) or _BUILDERS.match(match[1]):
            continue
        if used[match[1]] or not _is_handler(match[1], lines, n):
            continue
        out.append(_Lonely(match[1], line, framework))
    return out


def _is_handler(name: str, lines: Sequence[CodeLine], at: int) -> bool:
    body = []
    for line in lines[at + 1 :]:
        if line.indent == 0:
            break
        body.append(line.text)
    return bool(_ANSWERS.search("\n".join(body))) or name.startswith(("handle_", "on_"))
