"""Tell lines of code from prose, also where extraction took their fences and indentation away."""

from __future__ import annotations

import re

from corpus.text.cleaning import WRAP

__all__ = ["is_code_line", "is_comment", "is_nbsp_indented", "is_shell"]

_LIMIT = 400  # a longer line is judged by its beginning; keeps every pattern cheap
_PROSE_WORDS = frozenset(
    re.findall(
        r"\S+",
        "is are was were be been has have had can could will would should may might must does do did the a an of to and or "
        "which that this these provides provided allows uses means makes refers supports enables works",
    )
)
_KEYWORDS = frozenset(
    re.findall(
        r"\S+",
        "if else for in not and or is lambda await async from import as yield return with None True False",
    )
)
_WORD = re.compile(r"[A-Za-z]{2,}")
_COPIED = re.compile(r"[a-z]{2,12}Copy(?=[A-Za-z#@<])")  # the caption and button of a code box
_QUOTED = re.compile(r"'[^'\n]{0,200}'|\"[^\"\n]{0,200}\"|#.*")
_SURE = re.compile(
    r"from\s+[\w.]+\s+import\s+[\w*(]|import\s+[a-z_][\w.]*(?:\s+as\s+\w+)?(?:\s*,\s*[\w.]+){0,9}\s*;?$"
    r"|(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*(?:\([^)]*\))?\s*:|@[\w.]+$"
    r"|[\[\](){},;]+$|(?:'''|\"\"\")|(?:>>>|\.\.\.) |<!DOCTYPE|#!/"
)
_LIKELY = re.compile(
    r"(?:if|elif|while|with|except)\b.*:$|(?:async\s+)?for\s.*\bin\b.*:$|(?:try|else|finally|except):$"
    r"|(?:return|yield|raise|assert|await|del|global|const|let|var)\s+\S|(?:pass|break|continue|return)$"
    r"|[A-Za-z_][\w.]*+(?:\[[^\]]*\])?(?:\s*+:\s*+[\w\[\], |.]++)?\s*(?:=|\+=|-=|\|=)\s*[^=\s]"
    r"|[\"'][^\"']+[\"']\s*:\s*\S|[{\[].*[}\]],?;?$|\w+=.*,$"
)
_CALL = re.compile(r"(?:await\s+)?@?[A-Za-z_][\w.]*\(")
_MARKUP = re.compile(r"</?[A-Za-z][\w-]*(?:\s[^<>]*)?/?>")
_TEMPLATE = re.compile(r"\{[%{#].*[%}#]\}$")
_SHELL = re.compile(
    r"(?:\$|%|#|>)\s+(?=[a-z])|(?:pip3?|pipenv|pipx|docker|docker-compose|git|flask|python3?|gunicorn|uvicorn|npm|yarn|cd|"
    r"mkdir|touch|source|curl|wget|sudo|heroku|pybabel|export|celery|apt|apt-get|brew|conda|uv|poetry|django-admin|pytest|"
    r"alembic|virtualenv|waitress-serve|psql|redis-server|ls|cp|mv|rm|cat|echo|chmod|set)\s+"
)
_DOCKER = re.compile(r"(?:FROM|RUN|CMD|COPY|WORKDIR|ENV|EXPOSE|ENTRYPOINT|ADD|ARG)\s+[^A-Z\s]")
_SQL = re.compile(r"(?:SELECT\s.*\bFROM\b|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|CREATE\s+TABLE|ALTER\s+TABLE)")
_NBSP = re.compile(r"[ \t]*\u00a0[ \u00a0\t]*(?=\S)")


def is_nbsp_indented(line: str) -> bool:
    """Tell whether a line is indented by two or more no-break spaces: extraction does this to code only."""
    match = _NBSP.match(line[:_LIMIT])
    return match is not None and match.group().count("\u00a0") > 1


def is_comment(line: str) -> bool:
    """Tell whether a line may be a comment of a script; alone it may as well be prose."""
    return line.lstrip().startswith(("# ", "//", "/*", "-- "))


def is_shell(line: str) -> bool:
    """Tell whether a line is a command of a shell."""
    text = line.strip()[:_LIMIT]
    match = _SHELL.match(text)
    if match is None or (text.endswith((".", "?", ":")) and not text.endswith(" .")):
        return False
    words = text[match.end() :].split()
    return 0 < len(words) <= 14 and not _PROSE_WORDS & set(words)


def _reads_like_prose(text: str) -> bool:
    """Tell whether three words stand in a row, or a verb or article stands outside quotes."""
    run = 0
    for token in _QUOTED.sub(" ", text).split():
        if token in _PROSE_WORDS and token not in _KEYWORDS:
            return True
        run = run + 1 if _WORD.fullmatch(token) and token not in _KEYWORDS else 0
        if run > 2:
            return True
    return False


def _is_call(text: str) -> bool:
    """Tell whether the first bracket closes where the line ends, or stays open."""
    match = _CALL.match(text)
    if match is None:
        return False
    depth = 0
    for at in range(match.end() - 1, len(text)):
        depth += (text[at] in "([{") - (text[at] in ")]}")
        if depth == 0:
            rest = text[at + 1 :].strip()
            return not rest or rest[0] == "#" or (rest[0] in ".:;,[(" and not _reads_like_prose(rest[1:]))
    return True


def _is_markup(text: str) -> bool:
    match = _MARKUP.match(text)
    return match is not None and (text.endswith(">") or match.end() == len(text))


def is_code_line(line: str) -> bool:
    """Tell whether a line is code by itself, whatever stands around it.

    A line with wrap marks is judged by its first filled piece.
    """
    if WRAP in line[: 4 * _LIMIT]:
        pieces = [piece for piece in line[: 4 * _LIMIT].split(WRAP) if piece.strip()]
        return len(pieces) > 1 and any(is_code_line(piece) for piece in pieces[:2])
    text = line.strip()[:_LIMIT]
    if not text:
        return False
    copied = _COPIED.match(text)
    if copied:
        text = text[copied.end() :]
    if _SURE.match(text) or _is_markup(text) or _TEMPLATE.match(text):
        return True
    if is_shell(text) or _DOCKER.match(text) or _SQL.match(text):
        return not text.endswith(".") or text.endswith(" .")
    if text.endswith((".", "?")) or not (_LIKELY.match(text) or _is_call(text)):
        return False
    return not _reads_like_prose(text)
