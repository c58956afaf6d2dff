"""Answers written for the machine: lists of terms, copies, orders, padding, hidden characters. Each asks for a human look."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from corpus.meaning.contrast import analyse, words
from grader.records import Gaming
from grader.signals import question_copy, sentence_likeness

__all__ = ["GAMING_REASONS", "find_gaming"]

GAMING_REASONS = {
    "keyword_list": "reads like a list of key words",
    "question_copied": "mostly repeats the question",
    "reference_copied": "is a copy of the reference answer",
    "orders": "gives orders to the grader",
    "repetition": "repeats itself",
    "hidden_characters": "contains hidden or look-alike characters",
}
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:rubric|instructions?|key points?|reference|grading|criteria|previous|prompt|above)\b"
    r"|\b(?:give|award|assign|grant)\b[^.!?\n]{0,30}\b(?:full|maximum|max|perfect|highest|top|all)\b[^.!?\n]{0,20}\b(?:marks?|score|points?|grade|credit)\b"
    r"|\b(?:dear|note to(?: the)?|attention)\s+(?:grader|examiner|marker|evaluator|ai|assistant)\b|\bsystem prompt\b|\byou are (?:now )?(?:a|an|the) (?:grader|examiner|ai|assistant)\b"
    r"|\b(?:grade|mark|score|rate) (?:this|my answer|me|it) (?:as )?(?:correct|full|\d+\s*(?:/|out of)\s*\d+|5|10|100)\b",
    re.IGNORECASE,
)
_HIDDEN = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_MIXED = re.compile(r"\b(?=\w*[A-Za-z])(?=\w*[\u0370-\u03ff\u0400-\u04ff])\w{3,}\b")
MIN_LIST = 5


def find_gaming(answer: str, question: str, references: Sequence[str]) -> tuple[Gaming, ...]:
    """Suspicions about one answer, each kind at most once, in the order of GAMING_REASONS."""
    tokens = [w for w in words(answer) if w[0].isalnum()]
    found = {
        "keyword_list": _keyword_list(answer, tokens),
        "question_copied": _copied_question(answer, question, tokens),
        "reference_copied": max((_copy(tokens, r) for r in references), default=0.0),
        "orders": 0.95 if _ORDERS.search(answer) else 0.0,
        "repetition": _repeated(tokens),
        "hidden_characters": _hidden(answer),
    }
    return tuple(Gaming(kind=kind, confidence=round(min(1.0, c), 4)) for kind, c in found.items() if c >= 0.5)


def _keyword_list(answer: str, tokens: Sequence[str]) -> float:
    return 1 - sentence_likeness(answer) if len(tokens) >= MIN_LIST else 0.0


def _copied_question(answer: str, question: str, tokens: Sequence[str]) -> float:
    copied = question_copy(answer, question)
    return copied if len(tokens) >= 4 and copied >= 0.8 and len(analyse(answer).stems) >= 2 else 0.0


def _copy(tokens: Sequence[str], reference: str) -> float:
    """Share of the answer's five-word runs that stand in the reference; short answers are never copies."""
    n = 5
    theirs = [w for w in words(reference) if w[0].isalnum()]
    runs = {tuple(theirs[i : i + n]) for i in range(len(theirs) - n + 1)}
    mine = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    if len(mine) < 8:
        return 1.0 if len(tokens) >= 6 and list(tokens) == theirs else 0.0
    share = sum(run in runs for run in mine) / len(mine)
    return share if share >= 0.8 else 0.0


def _repeated(tokens: Sequence[str]) -> float:
    grams = [tuple(tokens[i : i + 4]) for i in range(len(tokens) - 3)]
    if len(grams) < 8:
        return 0.0
    return 1.6 * (1 - len(set(grams)) / len(grams))


def _hidden(answer: str) -> float:
    if any(c in _HIDDEN for c in answer) or any(unicodedata.category(c) == "Cc" and c not in "\t\r\n" for c in answer):
        return 0.9
    return 0.8 if _MIXED.search(answer) else 0.0
