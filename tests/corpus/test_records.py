"""Records: what breaks a rule is refused, in words that name the field."""

import math
from typing import Any

import pytest
from pydantic import ValidationError

from corpus import Fact, Question


def question(**changes: Any) -> dict[str, Any]:
    return {
        "id": "own-001", "topic": "own", "level": "junior", "question": "Why?", "reference_answers": ["Because."],
        "key_points": [{"id": "k1", "text": "One.", "weight": 0.5}, {"id": "k2", "text": "Two.", "weight": 0.5}],
    } | changes  # fmt: skip


def fact(**changes: Any) -> dict[str, Any]:
    return {
        "code": "OWN001", "name": "tea-is-hot", "statement": "Tea is hot.", "applies_to": {"package": "none"}, "terms": ["tea"],
        "true_wordings": [f"Tea number {i} is hot." for i in range(6)], "false_wordings": [f"Tea number {i} is cold." for i in range(6)],
        "near_misses": [f"Iced tea number {i} is cold." for i in range(3)], "explanation": "Ice.",
        "sources": [{"title": "Pot", "url": "https://example.org/pot"}], "proof": {"none": "No program tastes tea."},
    } | changes  # fmt: skip


def test_whole_records_load() -> None:
    """A record that keeps every rule is accepted and cannot be changed afterwards."""
    record = Fact.model_validate(fact())
    assert Question.model_validate(question()).key_points[1].weight == 0.5
    with pytest.raises(ValidationError):
        record.code = "OWN002"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"code": "own1"}, "code"),
        ({"name": "Tea"}, "name"),
        ({"true_wordings": ["Tea is hot."]}, "true_wordings"),
        ({"near_misses": []}, "near_misses"),
        ({"sources": []}, "sources"),
        ({"sources": [{"title": "Pot", "url": "pot"}]}, "url"),
        ({"applies_to": {"package": "flask", "versions": "around 2"}}, "PEP 440"),
        ({"history": [{"versions": "2.x!", "statement": "Tea was cold."}]}, "PEP 440"),
        ({"terms": []}, "terms"),
        ({"severity": "fatal"}, "severity"),
        ({"false_wordings": [f"Tea number {i} is cold." for i in range(5)] + ["tea is  HOT"]}, "among the true"),
    ],
)
def test_a_fact_that_breaks_a_rule_is_refused(changes: dict[str, Any], words: str) -> None:
    """The refusal names the field or the rule."""
    with pytest.raises(ValidationError, match=words):
        Fact.model_validate(fact(**changes))


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ((0.5, 0.4), "sum to 0.9"),
        ((math.nan, 0.5), "finite"),
        ((math.inf, 0.5), "finite|less than"),
        ((0, 1), "greater than 0"),
        ((-0.5, 1.5), "greater|less"),
    ],
)
def test_weights_are_shares_of_one(weights: tuple[float, float], words: str) -> None:
    """Weights are positive, finite, and sum to 1 within a thousandth."""
    points = [{"id": f"k{i}", "text": "Point.", "weight": w} for i, w in enumerate(weights)]
    with pytest.raises(ValidationError, match=words):
        Question.model_validate(question(key_points=points))


def test_rounded_weights_are_accepted() -> None:
    """Three thirds written as 0.333 sum to one closely enough."""
    points = [{"id": f"k{i}", "text": "Point.", "weight": 0.3333} for i in range(3)]
    assert len(Question.model_validate(question(key_points=points)).key_points) == 3


def test_key_point_ids_differ() -> None:
    """Two points of one id could not be told apart in a ledger."""
    with pytest.raises(ValidationError, match=r"k1.*twice"):
        Question.model_validate(question(key_points=[{"id": "k1", "text": "A.", "weight": 0.5}, {"id": "k1", "text": "B.", "weight": 0.5}]))
