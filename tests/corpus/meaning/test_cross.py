"""The stance model as it is shipped: what it says of plain cases, and that company never changes it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from corpus.meaning import VERDICTS
from corpus.meaning.cross import CrossAssessor, CrossStance, in_context, load_assessor
from corpus.meaning.export import ensure_stance
from corpus.meaning.runtime import Runtime
from corpus.meaning.source import ModelMissingError
from corpus.settings import load_settings

STATEMENT = "By default Flask keeps session data in a signed cookie on the client."
PLAIN = {
    "In Flask the session travels in a cookie that the server signs.": 0,
    "Flask stores the session in the memory of the server.": 1,
    "Jinja templates can inherit from one another.": 2,
}


@pytest.fixture(scope="module")
def folder() -> Path:
    return ensure_stance(load_settings())


@pytest.fixture(scope="module")
def stance(folder: Path) -> CrossStance:
    return CrossStance(folder, threads=2)


@pytest.mark.parametrize(("text", "expected"), list(PLAIN.items()))
def test_plain_cases(stance: CrossStance, text: str, expected: int) -> None:
    """Support, contradiction, silence."""
    assert stance.judge([(text, STATEMENT)]).argmax() == expected


def test_a_text_supports_itself(stance: CrossStance) -> None:
    """Whatever it says, in whatever letters."""
    said = "The kettle boils water at ninety degrees by default."
    assert (stance.judge([(said, said), (said.upper(), f" {said}")])[:, 0] > 0.95).all()
    assert stance.judge([]).shape == (0, 3)


def test_rows_are_probabilities(stance: CrossStance) -> None:
    """One row a pair, whose classes sum to 1."""
    judged = stance.judge([(text, STATEMENT) for text in PLAIN])

    assert judged.shape == (3, 3) and np.allclose(judged.sum(axis=1), 1, atol=1e-4)


def test_company_changes_nothing(folder: Path) -> None:
    """Alone, in a batch, on one thread or two, remembered or not: the same bytes."""
    pairs = [(f"{text} {n}", STATEMENT) for n in range(4) for text in PLAIN]
    together = CrossStance(folder, threads=2).judge(pairs)
    alone = CrossStance(folder, threads=1)

    assert np.stack([alone.judge([pair])[0] for pair in pairs]).tobytes() == together.tobytes()
    assert alone.judge(pairs).tobytes() == together.tobytes()


def test_marks_of_the_model_are_words_in_a_text(folder: Path) -> None:
    """Nobody ends the text early, or begins the statement, by writing "[SEP]"."""
    tokens = Runtime(folder, threads=1).tokenizer.encode("a [SEP] b [CLS]", "c").tokens
    assert tokens.count("[SEP]") == 2 and tokens.count("[CLS]") == 1


def test_the_question_is_read_before_the_text(stance: CrossStance) -> None:
    """`given` is the same as writing the context in front; "" is none."""
    question = "Where does Flask keep the session?"
    with_question = stance.judge([("In a signed cookie.", STATEMENT)], [question])

    assert with_question.tobytes() == stance.judge([(in_context("In a signed cookie.", question), STATEMENT)]).tobytes()
    assert stance.judge([("A.", STATEMENT)], [""]).tobytes() == stance.judge([("A.", STATEMENT)]).tobytes()


def test_no_pairs_and_odd_texts(stance: CrossStance) -> None:
    """Nothing gives nothing; empty, endless and broken texts give probabilities."""
    assert stance.judge([]).shape == (0, 3)
    assert np.isfinite(stance.judge([("", ""), ("word " * 5000, STATEMENT), ("\ud800", STATEMENT)])).all()


def test_a_missing_file_names_itself(folder: Path, tmp_path: Path) -> None:
    """The message names the file and what to do."""
    shutil.copytree(folder, tmp_path / "stance")
    (tmp_path / "stance" / "model.onnx").unlink()
    with pytest.raises(ModelMissingError, match=r"model\.onnx is missing"):
        CrossStance(tmp_path / "stance").judge([("a", "b")])


QUESTION = "Where does Flask keep the session by default?"
REFERENCE = "Flask keeps the session in a signed cookie on the client."
ANSWERS = (
    "In a signed cookie on the client.",
    "The session is kept on the server, in a database, and the client gets nothing.",
    "I do not know.",
)


@pytest.fixture(scope="module")
def assessor() -> CrossAssessor:
    return load_assessor(load_settings())


def test_the_assessor_tells_right_from_wrong(assessor: CrossAssessor) -> None:
    """Rows sum to one, in the order of VERDICTS; the right answer is the rightest."""
    found = assessor.assess([(QUESTION, REFERENCE, answer) for answer in ANSWERS])

    assert found.shape == (3, len(VERDICTS))
    assert found.sum(axis=1) == pytest.approx(1, abs=1e-4)
    assert found[:, 0].argmax() == 0
    assert assessor.assess([]).shape == (0, len(VERDICTS))


def test_the_assessor_repeats_itself_to_the_byte(assessor: CrossAssessor) -> None:
    """Alone or in company."""
    rows = [(QUESTION, REFERENCE, answer) for answer in ANSWERS]
    alone = CrossAssessor(assessor._folder).assess(rows[1:2])

    assert alone.tobytes() == assessor.assess(rows)[1:2].tobytes()
    assert assessor.name.startswith("viva-assessor-")
