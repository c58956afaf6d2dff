"""What the linter's decision learns from whole pages, and how what it reports of them is counted."""

import json
from pathlib import Path

import numpy as np
import pytest

from corpus import Encoder
from corpus.text import Document, segments
from linter.checker import FactChecker
from linter.detect.decision import CHEAP, GLANCE, SIGNALS
from linter.training.decide import PAGE_ALARMS, _page_threshold
from linter.training.rows import PageRows, page_rows, read_pages

DATA = Path(__file__).parent / "data"


def rows_of(told: list[set[int]], logits: list[float]) -> tuple[PageRows, np.ndarray]:
    """Rows of one page of 200 true sentences and 4 errors, each row of a segment of its own."""
    n = len(told)
    rows = PageRows(
        signals=np.zeros((n, len(SIGNALS))),
        false=np.array([bool(errors) for errors in told]),
        learned=np.ones(n, bool),
        pages=np.array(["page"] * n),
        told=[frozenset(("page", error) for error in errors) for errors in told],
        segments=[("page", number) for number in range(n)],
        n_errors=4,
        n_true=200,
    )
    return rows, np.array(logits)


def test_an_error_counts_once_however_many_facts_report_it_and_a_true_sentence_too() -> None:
    """Two rows hold error 0, one holds 1 and 2; two flagged rows hold none."""
    rows, logits = rows_of([{0}, {0}, {1, 2}, set(), set(), {3}], [3, 2, 1, 2, 1, -1])

    assert rows.rates(logits > 0) == (0.75, 2 / 200)
    assert rows.rates(logits > 9) == (0.0, 0.0)


def test_the_threshold_lets_as_few_true_sentences_of_pages_through_as_is_allowed() -> None:
    """Errors do not count, however high."""
    rows, logits = rows_of([{0}, *[set()] * 10], [9, *range(10)])
    allowed = int(PAGE_ALARMS * 200)

    threshold = _page_threshold(logits, rows)

    assert allowed == 3
    assert sum(logit >= threshold for logit in logits[1:]) == allowed


def test_the_pages_are_marked_at_words_that_stand_in_them_once_and_are_no_text_that_the_linter_is_measured_on() -> None:
    """A quote that stands twice would mark the wrong place. The same question, or a plain sentence, may stand in two texts by chance."""
    pages = read_pages()
    measured = {
        text for folder in ("texts", "development") for path in (DATA / folder).glob("*.md") for text in _long(path.read_text("utf-8"))
    }

    assert len(pages) >= 16 and sum(len(page.places) for page in pages) > 600
    for page in pages:
        assert all(page.document.text.count(page.document.text[a:b]) == 1 for a, b in page.places), page.name
        assert page.n_true > 100
        assert len(_long(page.document.text) & measured) <= 2, page.name


def test_of_an_errors_words_the_fact_that_its_reason_speaks_of_is_learned_and_others_are_not(
    tmp_path: Path, checker: FactChecker, encoder: Encoder
) -> None:
    """Words without an error are true of every fact they are held against."""
    wrong, right = "By default Flask stores the session data on the server.", "By default Flask stores the session data in a signed cookie."
    (tmp_path / "page.md").write_text(f"## Sessions\n\n{wrong}\n\n{right}\n", "utf-8")
    error = {"quote": "session data on the server", "reason": "By default Flask keeps session data in a signed cookie on the client."}
    (tmp_path / "page.errors.jsonl").write_text(json.dumps(error) + "\n", "utf-8")

    rows = page_rows(checker, encoder, read_pages(tmp_path))

    assert rows.n_errors == 1 and rows.n_true == 1
    assert rows.false.sum() == 1 and rows.told[int(rows.false.argmax())] == {("page", 0)}
    assert all(bool(told) != learned or false for told, learned, false in zip(rows.told, rows.learned, rows.false, strict=True))


def test_a_quote_that_is_not_in_its_page_is_an_error(tmp_path: Path) -> None:
    """Rather than a page that seems to hold one error less."""
    (tmp_path / "page.md").write_text("Flask is small.\n", "utf-8")
    (tmp_path / "page.errors.jsonl").write_text(json.dumps({"quote": "Flask is large", "reason": "It is small."}) + "\n", "utf-8")

    with pytest.raises(ValueError, match=r"page\.md.*Flask is large"):
        read_pages(tmp_path)


def test_what_a_glance_sees_is_part_of_what_is_cheap_and_that_of_all() -> None:
    """The columns of one step are taken from the rows of the next."""
    assert set(GLANCE) <= set(CHEAP) and SIGNALS[: len(CHEAP)] == CHEAP


def _long(text: str) -> set[str]:
    return {s.text for s in segments(Document("page", text)) if len(s.text.split()) >= 8}
