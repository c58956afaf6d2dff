"""The answer-grading cross-encoder on top of the stance: question and answer against the reference, five verdicts.

Learned from the SemEval train splits and our own answers (synthetic), twice: without a quarter of the SemEval questions, so that the
score can be fitted on what it says of these, and with all of them. The second ships, in factors and eight bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corpus.datasets import SEMEVAL, drawn, read_semeval
from corpus.meaning import VERDICTS
from corpus.meaning.cross import in_context
from corpus.meaning.delta import ASSESSOR_FILE, DELTA_FILE, delta_checksum, factors, merged, read_delta, write_delta
from corpus.meaning.export.weights import read_weights
from corpus.meaning.source import BASE_SHA256, find_base_model, verify_base_model
from corpus.meaning.train.kept import kept_as, model_of
from corpus.records import Answer, Question
from corpus.settings import load_settings
from corpus.splits import is_learned, is_semeval_apart
from corpus.store import Corpus
from grader.signals import Encoder, nearest

if TYPE_CHECKING:
    from corpus.meaning.train.trainer import Model

__all__ = ["Tuned", "assessor_rows", "train_assessor"]

RANK = 128  # of the difference to the stance model: as shipped; 96 leaves out 0.31 of its norm, 128 leaves out 0.24
OWN = 3  # one of so many of our own answers: they are long, and it is the verdicts of SemEval that are to be learned
_EPOCHS, _RATE = 2.0, 1e-4
_DROPOUT = 0.1  # there are few answers, unlike the stance's sentences
Row = tuple[str, str, int]  # question and answer, reference, index of the verdict


def assessor_rows(folder: Path, corpus: Corpus, encoder: Encoder, *, whole: bool = False) -> list[Row]:
    """What is learned from: the SemEval questions, `whole` or but for those kept apart, and our own that nothing is measured or fitted on.

    Beside each answer stands the reference nearest to it, as when an answer is graded.
    """
    rows = [
        (in_context(r.answer, r.question), nearest(r.answer, r.references, encoder), VERDICTS.index(r.label))
        for name in SEMEVAL
        for r in read_semeval(folder, name, "train")
        if whole or not is_semeval_apart(f"{name}:{r.question_id}")
    ]
    questions = {q.id: q for q in corpus.questions if is_learned(q.id)}
    own = [answer for answer in corpus.answers if answer.question in questions and drawn(answer.key, OWN)]
    return rows + [_own(answer, questions[answer.question], encoder) for answer in own]


def _own(answer: Answer, question: Question, encoder: Encoder) -> Row:
    reference = nearest(answer.text, question.reference_answers, encoder)
    return in_context(answer.text, question.question), reference, VERDICTS.index(verdict_of(answer, question))


def verdict_of(answer: Answer, question: Question) -> str:
    """The verdict that mark, kind and contradicted points of one of our answers amount to."""
    blamed = sum(p.weight for p in question.key_points if answer.key_points.get(p.id) == "contradicted")
    if answer.mark >= 0.85:
        return "correct"
    if answer.kind == "dont-know":
        return "non_domain"
    if blamed >= 0.3 or (answer.false_claims and answer.mark < 0.35):
        return "contradictory"
    return "partially_correct_incomplete" if answer.mark >= 0.25 and answer.kind != "off-topic" else "irrelevant"


class Tuned:
    """An assessor as it comes from training, in single precision."""

    name = "viva-assessor-in-training"

    def __init__(self, model: Model) -> None:
        self._model = model

    def assess(self, answers: Sequence[tuple[str, str, str]]) -> NDArray[np.float64]:
        """As `Assessor.assess`."""
        from corpus.meaning.train.trainer import probabilities

        return probabilities(self._model, [(in_context(answer, question), reference) for question, reference, answer in answers])


def train_assessor(folder: Path, corpus: Corpus, encoder: Encoder) -> Tuned:
    """Train it, write the artefact, and return a model that knows not all questions, to fit the score on those it has not seen.

    What is shipped learned the same way from all of them: answers to a question it knows are read better.
    """
    base = find_base_model(load_settings().cache)
    verify_base_model(base)
    before = merged(read_weights(base), read_delta(DELTA_FILE)[0])
    apart, _ = _run(assessor_rows(folder, corpus, encoder), base, before)
    _, made = _run(assessor_rows(folder, corpus, encoder, whole=True), base, before)
    after = {name: array for name, array in read_weights(made, "bert.").items() if "embeddings" not in name}
    write_delta(factors(before, after, RANK), [1.0, *[0.0] * len(VERDICTS)], ASSESSOR_FILE, on=delta_checksum(), rank=str(RANK))
    return Tuned(apart)


def _run(rows: Sequence[Row], base: Path, before: dict[str, NDArray[Any]]) -> tuple[Model, Path]:
    from corpus.meaning.train.trainer import fine_tune, open_base, put_weights

    folder = kept_as("assessor", BASE_SHA256, delta_checksum(), _EPOCHS, _RATE, _DROPOUT, list(rows))
    made = model_of(folder)
    if (made / "model.safetensors").is_file():
        return open_base(made, n_labels=len(VERDICTS)), made
    model = open_base(base, frozen=1, n_labels=len(VERDICTS), dropout=_DROPOUT)
    put_weights(model, {k: v for k, v in before.items() if "classifier" not in k})
    fine_tune(model, [(text, reference) for text, reference, _ in rows], [label for *_, label in rows], folder, epochs=_EPOCHS, rate=_RATE)
    model.save_pretrained(str(made))
    return model, made
