"""Question-and-answer units of the sources, matched to the bank."""

from pathlib import Path

import pytest

from corpus import Corpus, Encoder
from linter.units import matched_units


@pytest.mark.parametrize(
    ("source", "count", "right"), [("000", 40, 0.85), ("001", 30, 0.9), ("002", 18, 0.9), ("003", 29, 0.9), ("004", 21, 0.85)]
)
def test_units_of_a_source(sources: Path, corpus: Corpus, encoder: Encoder, source: str, count: int, right: float) -> None:
    """All units are there, in order, and nearly all are matched to the question that `asked_in` says they ask."""
    owner = {p.number: q.id for q in corpus.questions for p in q.asked_in if p.source == source}
    rows = list(matched_units(next(sources.glob(f"{source}_*")), corpus, encoder))
    assert [row["n"] for row in rows] == list(range(1, count + 1))
    assert all(row["start_line"] <= row["end_line"] and 0 <= row["confidence"] <= 1 for row in rows)
    assert all((row["question"] is None) == (source == "000") for row in rows)
    wrong = [(row["n"], row["question_id"], owner[row["n"]]) for row in rows if row["question_id"] != owner[row["n"]]]
    assert len(wrong) <= (1 - right) * count, wrong


def test_a_question_of_another_field_is_not_matched(tmp_path: Path, corpus: Corpus, encoder: Encoder) -> None:
    """A unit that the bank does not hold has no question id."""
    file = tmp_path / "tea.txt"
    file.write_text(
        "1. How do you brew green tea?\nWith water of eighty degrees, for two minutes.\n\n2. Which kettle is best?\nA quiet one.\n"
    )
    rows = list(matched_units(file, corpus, encoder))
    assert len(rows) == 2 and all(row["question_id"] is None for row in rows)


def test_a_document_without_units_gives_no_rows(tmp_path: Path, corpus: Corpus, encoder: Encoder) -> None:
    """An empty file is no error."""
    file = tmp_path / "empty.txt"
    file.write_text("")
    assert list(matched_units(file, corpus, encoder)) == []
