"""Moodle XML: essays with the references and key points in "information for graders", short answers with full marks.

Source: Moodle documentation, "Moodle XML format". Other question types have no free answer and are refused by row.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from corpus.records import Question
from grader.exchange.rows import ID, Row, check_count, unreadable
from grader.exchange.text import from_notes, plain, to_notes
from grader.exchange.xml import Element, added, as_bytes, child_text, parse

__all__ = ["read_moodle", "write_moodle"]


def read_moodle(data: bytes) -> list[Row]:
    """Questions of a quiz."""
    quiz = parse(data)
    if quiz.tag != "quiz":
        raise unreadable(f"a Moodle file begins with <quiz>, this one with <{quiz.tag[:40]}>")
    rows: list[Row] = []
    topic = ""
    for question in quiz.iterfind("question"):
        if question.get("type") == "category":
            topic = child_text(question, "category/text").rstrip("/").rpartition("/")[2].strip()
            continue
        rows.append(_row(len(rows) + 1, question, topic))
    check_count(len(rows))
    if not rows:
        raise unreadable("the quiz holds no question")
    return rows


def write_moodle(questions: Sequence[Question]) -> bytes:
    """Questions as a quiz of essays, a category for each topic."""
    quiz = Element("quiz")
    for topic in dict.fromkeys(q.topic for q in questions):
        category = added(added(quiz, "question", type="category"), "category")
        added(category, "text", f"$course$/{topic.replace('/', '-')}")
        for question in questions:
            if question.topic == topic:
                _write(quiz, question)
    return as_bytes(quiz)


def _row(number: int, question: Element, topic: str) -> Row:
    kind = question.get("type", "")
    given = child_text(question, "idnumber").strip() or child_text(question, "name/text").strip()
    fields: dict[str, Any] = {"id": given if ID.fullmatch(given) else "", "topic": topic, "question": _text(question.find("questiontext"))}
    for tag in question.iterfind("tags/tag"):
        name, _, value = child_text(tag, "text").strip().partition(": ")
        if name in {"topic", "level"}:
            fields[name] = value
        elif name == "facts":
            fields["facts"] = tuple(value.split())
    try:
        match kind:
            case "essay":
                fields["reference_answers"], fields["key_points"] = from_notes(_text(question.find("graderinfo")))
            case "shortanswer":
                answers = [a for a in question.iterfind("answer") if float(a.get("fraction", "0")) >= 100]
                fields["reference_answers"] = list(filter(None, (_text(answer) for answer in answers)))
                fields["key_points"] = from_notes(_text(question.find("generalfeedback")))[1]
            case _:
                return Row(number, error=f"{given[:60]!r}: a question of type {kind[:40]!r} has no free answer; essay and shortanswer have")
    except ValueError as error:
        return Row(number, error=str(error))
    return Row(number, fields=fields)


def _write(quiz: Element, question: Question) -> None:
    essay = added(quiz, "question", type="essay")
    added(added(essay, "name"), "text", question.id)
    added(added(essay, "questiontext", format="plain_text"), "text", question.question)
    added(added(essay, "generalfeedback", format="plain_text"), "text", "")
    added(essay, "defaultgrade", "5")
    added(essay, "idnumber", question.id)
    added(essay, "responseformat", "plain")
    added(essay, "responserequired", "1")
    added(added(essay, "graderinfo", format="plain_text"), "text", to_notes(question.reference_answers, question.key_points))
    tags = added(essay, "tags")
    for tag in (
        f"topic: {question.topic}",
        f"level: {question.level}",
        *([f"facts: {' '.join(question.facts)}"] if question.facts else []),
    ):
        added(added(tags, "tag"), "text", tag)


def _text(element: Element | None) -> str:
    if element is None:
        return ""
    text = child_text(element, "text")
    return text.strip() if element.get("format") in {"plain_text", "moodle_auto_format"} else plain(text)
