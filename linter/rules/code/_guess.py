"""Which language a sample is in; where it is not plain, it is none that is checked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum

from corpus.text.code_lines import is_shell

__all__ = ["STRONG", "Language", "guess", "is_command", "language_of_fence"]


class Language(StrEnum):
    """What is checked, and the rest."""

    PYTHON = "python"
    TEMPLATE = "template"
    SHELL = "shell"
    OTHER = "other"


_FENCES = {
    Language.PYTHON: "python py python3 py3 pycon ipython ipython3 python-console",
    Language.TEMPLATE: "html jinja jinja2 django htmldjango html+jinja html+django jinja-html html+jinja2",
    Language.SHELL: "bash sh shell console zsh terminal shell-session shellsession",
}
_BY_FENCE = {name: language for language, names in _FENCES.items() for name in names.split()}
# A line that only Python has.
STRONG = re.compile(
    r"\s*(?:from\s+[\w.]+\s+import\s+[\w(*]|import\s+[a-zA-Z_][\w.]*(?:\s+as\s+\w+)?(?:\s*,\s*[\w.]+)*\s*(?:#.*)?$"
    r"|(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*(?:\([\w., =\[\]]*\))?\s*:|@[a-z_][\w.]*\s*(?:\(|$)"
    r"|if\s+__name__\b|elif\b.*:|except\b.*:|try:\s*$|with\s.+:\s*$|for\s+\w[\w, ]*\sin\s.+:\s*$)"
)
# A line that Python cannot have.
_FOREIGN = re.compile(
    r"(?:const|let|var|public|private|protected|package|func|fn|use|using|namespace|interface|export|static|void|int|char)\s+[\w{*(\"']"
    r"|import\s+(?:[\"'{]|.*\sfrom\s+[\"']|[\w.]+;)|#include\b|<\?php|\$\w+\s*=|(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER)\s"
    r"|(?:FROM|RUN|CMD|COPY|WORKDIR|ENTRYPOINT|EXPOSE|ENV)\s+\S|Traceback \(most recent|(?:server|location|upstream)\b.*\{$|\[[\w.:-]+\]\s*$"
    r"|(?:GET|POST|PUT|HTTP/[\d.]+)\s+\S|(?:INFO|DEBUG|WARNING|ERROR)\b|[\w-]+:\s*$(?<!else:)(?<!try:)(?<!finally:)|- \w+:"
)
_FOREIGN_END = re.compile(
    r";$|\)\s*(?:=>|->\s*\w+)?\s*\{$|^\s*//|\bfunction\b\s*\w*\(|^\}\s*(?:else|catch)|=>\s*[\w({]|===|&&|\|\||^\s*end$"
)
_MARKUP = re.compile(r"\s*(?:<[!/a-zA-Z][^\n]*>|\{%|\{\{|\{#)")
_STRICT = re.compile(
    r"(?:\$ |pip3? (?:install|freeze|uninstall)\b|flask (?:run|db|shell|init-db|routes|--app)\b|python3? (?:-m \w|[\w./-]+\.py\b)|export \w+=|set \w+="
    r"|gunicorn |uvicorn |docker(?:-compose)? |npm |git |cd |mkdir |source \S|celery -A|heroku |django-admin |pybabel |pipenv |poetry |sudo |curl )"
)


def language_of_fence(info: str) -> Language | None:
    """The language a fence names; None where it names none."""
    return _BY_FENCE.get(info.lower(), Language.OTHER) if info else None


def is_command(text: str) -> bool:
    """Whether a line is a command of a shell and cannot be Python."""
    return bool(_STRICT.match(text.strip()[:200]))


def guess(lines: Sequence[str]) -> Language:
    """The language of lines that nobody named."""
    filled = [line[:400] for line in lines if line.strip()][:400]
    if not filled:
        return Language.OTHER
    told = [line for line in filled if not line.lstrip().startswith("#")]
    if told and all(is_command(line) or (is_shell(line) and not STRONG.match(line)) for line in told):
        return Language.SHELL
    if _MARKUP.match(filled[0]) and not filled[0].startswith("<class "):
        return Language.TEMPLATE
    strong = sum(bool(STRONG.match(line)) for line in filled)
    foreign = sum(bool(_FOREIGN.match(line.strip()) or _FOREIGN_END.search(line.rstrip())) for line in told)
    if foreign > strong or (foreign and not strong):
        return Language.OTHER
    return Language.PYTHON
