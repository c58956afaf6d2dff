r"""GIFT: short answers with full marks as references; key points in the general feedback (####).

Source: Moodle documentation, "GIFT format": `\` escapes ~ = # { } : and \n is a line end; `// [id:x] [tag:y]` before a question.
Other kinds (choices, true or false, numbers, pairs) have no free answer and are refused by row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from corpus.records import Question
from grader.exchange.rows import ID, Row, check_count, unreadable
from grader.exchange.text import plain, points_as_text, points_from_text

__all__ = ["read_gift", "write_gift"]

_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_COMMENT = re.compile(r"\[(id|tag):([^\[\]]*)\]")
_FORMAT = re.compile(r"\s*\[(html|moodle|plain|markdown)\]")
_PARTIAL = re.compile(r"%(-?[\d.]+)%")
_NOT_FREE = {"T", "F", "TRUE", "FALSE"}


class _Block(NamedTuple):
    line: int
    text: str
    topic: str
    comments: dict[str, list[str]]


def read_gift(data: bytes) -> list[Row]:
    """Questions of a file."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise unreadable(f"byte {error.start} is not UTF-8") from None
    rows = [_row(number, block) for number, block in enumerate(_blocks(text), start=1)]
    check_count(len(rows))
    if not rows:
        raise unreadable("the file holds no question")
    return rows


def write_gift(questions: Sequence[Question]) -> bytes:
    """Questions as short answers, a category for each topic."""
    parts: list[str] = []
    for topic in dict.fromkeys(q.topic for q in questions):
        parts.append(f"$CATEGORY: $course$/{topic.replace('/', '-')}")
        parts += [_written(q) for q in questions if q.topic == topic]
    return ("\n\n".join(parts) + "\n").encode()


def _blocks(text: str) -> Iterator[_Block]:
    """Questions are parted by empty lines outside of braces."""
    topic, start, depth = "", 0, 0
    lines: list[str] = []
    comments: dict[str, list[str]] = {}
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if not line.strip() and depth <= 0:
            if lines:
                yield _Block(start, "\n".join(lines), topic, comments)
                lines, comments, depth = [], {}, 0
        elif not lines and line.startswith("//"):
            for kind, value in _COMMENT.findall(line):
                comments.setdefault(kind, []).append(value.strip())
        elif not lines and line.startswith("$CATEGORY:"):
            topic = line.removeprefix("$CATEGORY:").strip().rstrip("/").rpartition("/")[2]
        elif not line.startswith("//"):
            start = start if lines else number
            lines.append(line)
            depth += _depth(line)
    if lines:
        yield _Block(start, "\n".join(lines), topic, comments)


def _row(number: int, block: _Block) -> Row:
    def wrong(reason: str) -> Row:
        return Row(number, block.line, error=reason)

    opened, closed = _find(block.text, "{"), _find(block.text, "}")
    if opened < 0 or closed < opened:
        return wrong("no answer in braces")
    head, body, tail = block.text[:opened], block.text[opened + 1 : closed], block.text[closed + 1 :]
    if tail.strip():
        return wrong("words after the answer: a gap to fill has no free answer")
    title = re.match(r"\s*::((?:\\.|[^:\\]|:(?!:))*)::", head, re.DOTALL)
    name = _plain(title[1]).strip() if title else ""
    question, html = _formatted(head[title.end() :] if title else head)
    at = _feedback(body)
    answers, feedback = (body[:at], body[at + 4 :]) if at >= 0 else (body, "")
    fields: dict[str, Any] = {"topic": block.topic, "question": plain(question) if html else question.strip()}
    for given in (*block.comments.get("id", []), name):
        if ID.fullmatch(given):
            fields["id"] = given
            break
    for tag in block.comments.get("tag", []):
        kind, _, value = tag.partition(" ")
        if kind in {"level", "topic"}:
            fields[kind] = value
        elif kind == "facts":
            fields["facts"] = tuple(value.split())
    try:
        fields["reference_answers"] = _references(answers)
        fields["key_points"] = points_from_text(_plain(feedback))
    except ValueError as error:
        return wrong(str(error))
    return Row(number, block.line, fields)


def _references(body: str) -> list[str]:
    stripped = body.strip()
    if stripped.startswith("#") or stripped.upper().partition("#")[0].strip() in _NOT_FREE or _find(body, "~") >= 0:
        raise ValueError("choices, true or false and numbers have no free answer")
    pieces = _split(body, "=")
    if pieces[0].strip():
        raise ValueError(f"an answer begins with =, got {pieces[0].strip()[:40]!r}")
    found = []
    for piece in pieces[1:]:
        answer = _split(piece, "#")[0]
        partial = _PARTIAL.match(answer.strip())
        if partial and float(partial[1]) < 100:
            raise ValueError(f"an answer for {partial[1]} % of the marks: only full ones can be references")
        text = _plain(_PARTIAL.sub("", answer.strip(), count=1) if partial else answer).strip()
        if "->" in answer and not re.search(r"\\->", answer) and len(pieces) > 2 and all("->" in p for p in pieces[1:]):
            raise ValueError("pairs have no free answer")
        if text:
            found.append(text)
    return found


def _written(question: Question) -> str:
    tags = [f"[id:{question.id}]", f"[tag:topic {question.topic}]", f"[tag:level {question.level}]"]
    tags += [f"[tag:facts {' '.join(question.facts)}]"] if question.facts else []
    answers = "\n".join(f"={_quoted(reference)}" for reference in question.reference_answers)
    points = _quoted(points_as_text(question.key_points))
    return f"// {' '.join(tags)}\n::{question.id}::[plain]{_quoted(question.question)} {{\n{answers}\n####{points}\n}}"


def _quoted(text: str) -> str:
    return re.sub(r"([\\~=#{}:])", r"\\\1", text).replace("\n", "\\n")


def _plain(text: str) -> str:
    return _ESCAPED.sub(lambda match: "\n" if match[1] == "n" else match[1], text)


def _formatted(text: str) -> tuple[str, bool]:
    named = _FORMAT.match(text)
    return _plain(text[named.end() :] if named else text), bool(named and named[1] == "html")


def _find(text: str, character: str) -> int:
    """Where it stands unescaped, or -1."""
    found = re.match(rf"(?:\\.|[^\\{re.escape(character)}])*", text, re.DOTALL)
    at = found.end() if found else 0
    return at if at < len(text) and text[at] == character else -1


def _split(text: str, character: str) -> list[str]:
    """The pieces between those that stand unescaped."""
    cuts = [found.start() for found in re.finditer(rf"\\.|{re.escape(character)}", text, re.DOTALL) if found.group() == character]
    return [text[a + 1 : b] for a, b in pairwise((-1, *cuts, len(text)))]


def _feedback(body: str) -> int:
    """Where the general feedback begins, or -1."""
    found = re.match(r"(?:\\.|(?!####)[^\\])*", body, re.DOTALL)
    at = found.end() if found else 0
    return at if body[at : at + 4] == "####" else -1


def _depth(text: str) -> int:
    bare = _ESCAPED.sub("", text)
    return bare.count("{") - bare.count("}")
