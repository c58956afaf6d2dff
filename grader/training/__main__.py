"""`python -m grader.training`: assessor, scoring model, metrics and model card, from VIVA_DATA and a fixed seed; after the stance."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from corpus.datasets import SEMEVAL, data_folder, drawn
from corpus.meaning import Stance, load_assessor, load_encoder, load_stance
from corpus.records import Answer
from corpus.settings import load_settings
from corpus.splits import is_fitted_on, is_semeval_apart
from corpus.store import Corpus, load_corpus
from corpus.trees import Trees
from grader.errors import TrainingDataError
from grader.evaluation import evaluate, examples, three_way
from grader.evaluation.agreement import folds_of
from grader.evaluation.metrics import accuracy, macro_f1, pearson, rmse
from grader.key_points import pieces
from grader.ledger import load_weighing, nearest_pieces, write_weighing
from grader.reading import Reader
from grader.records import GradeRequest
from grader.scoring import MODEL_FILE, Derived, ScoringModel, load_scoring_model, trust_features, write_scoring_model
from grader.signals import Floats, rubric_signals
from grader.training.assessor import train_assessor, verdict_of
from grader.training.card import model_card
from grader.training.ledger import fit_weighings, read_states, shares_right, weighing_figures
from grader.training.rubric import MarkedLedger, fit_rubric, fit_trust, held_out_rubric
from grader.training.score import Example, Judged, fit_derived, held_out, signals_of
from grader.trust import Trust
from grader.word_order import count_order, write_order
from linter.checker import FactChecker

FOLDS = 8


def main() -> None:
    """Train, measure once on the test splits, write everything."""
    folder, corpus = data_folder(), load_corpus()
    if not (folder / "asag").is_dir():
        raise TrainingDataError(f"{folder} has no asag/: set VIVA_DATA to the folder of the data sets")
    settings = load_settings()
    encoder, stance = load_encoder(settings), load_stance(settings)
    tuned = train_assessor(folder, corpus, encoder)
    write_order(count_order([*(w.text for w in corpus.wordings), *_school_prose(folder)]))
    weighing = _train_weighing(corpus, stance)
    reader = Reader(corpus, encoder, FactChecker(corpus, encoder, settings, stance), stance, load_assessor(settings))
    derived, derived_trust, derived_figures = _train_derived(folder, Reader(corpus, encoder, reader.checker, stance, tuned))
    rubric, rubric_trust, rubric_figures = _train_rubric(reader)
    write_scoring_model(ScoringModel(derived, rubric, derived_trust, rubric_trust), MODEL_FILE)
    _say("measuring on the test splits")
    lines = evaluate(folder, load_scoring_model().derived, encoder, stance, reader.assessor)
    figures: dict[str, Any] = {
        "date": datetime.now(UTC).date().isoformat(),
        "stance": reader.models,
        "ledger": weighing,
        "derived": derived_figures,
        "rubric": rubric_figures,
        "test": [asdict(line) for line in lines],
    }
    MODEL_FILE.with_name("metrics.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    card = Path(__file__).resolve().parents[2] / "docs" / "model-card.md"
    card.parent.mkdir(exist_ok=True)
    card.write_text(model_card(figures), encoding="utf-8")
    _say(json.dumps(figures, indent=1))


def _school_prose(folder: Path) -> list[str]:
    return [row.answer for name in SEMEVAL for row in examples(folder, name, "train")]


def _train_weighing(corpus: Corpus, stance: Stance) -> dict[str, Any]:
    """Learn how the ledger weighs its readings; figures with the question held out, and on the questions kept for reporting."""
    rows = read_states(corpus, stance)
    _say(f"ledger: {len(rows.states)} points")
    figures = weighing_figures(rows)
    weighings = fit_weighings(rows.features, rows.states)
    write_weighing(*weighings)
    load_weighing.cache_clear()
    return {"held_out": figures, "reported": shares_right(read_states(corpus, stance, reported=True), weighings)}


def _train_derived(folder: Path, reader: Reader) -> tuple[Derived, Trust, dict[str, Any]]:
    """From our own answers, read as if nobody had written key points, and from SemEval's; by an assessor that knows none of them."""
    school = [row for name in SEMEVAL for row in examples(folder, name, "train") if is_semeval_apart(row.group)]
    rows = _without_points(reader)
    _say(f"score with derived points: {len(rows.labels)} answers, and verdicts of {len(school)}")
    signals = signals_of(school, reader.encoder, reader.stance, reader.assessor)
    rows = rows + Judged.of(signals, [r.label for r in school], [r.group for r in school])
    whole = rows + _short(reader)
    folds = folds_of(whole.groups, FOLDS)
    scores, verdicts = held_out(whole, folds)
    scores, verdicts, folds = scores[: len(rows.labels)], verdicts[: len(rows.labels)], folds[: len(rows.labels)]
    features = np.array([trust_features(score, (), row) for score, row in zip(scores, rows.signals, strict=True)])
    figures = _agreement(rows.marks[rows.own], scores[rows.own])
    for name, which in (("own", rows.own), ("semeval", ~rows.own)):
        three = [[three_way(label) for label, yes in zip(labels, which, strict=True) if yes] for labels in (rows.labels, verdicts)]
        figures |= {f"{name}_macro_f1_3": round(macro_f1(*three), 4), f"{name}_accuracy_3": round(accuracy(*three), 4)}
    trust = fit_trust(features, scores, rows.marks, folds, rows.own)
    return fit_derived(whole), trust, figures | _unreviewed(trust)


def _without_points(reader: Reader) -> Judged:
    """Our own answers to questions that no model has learned from, held against the reference answers alone."""
    answers, signals = _fitted_on(reader.corpus), []
    questions = [reader.corpus.question(answer.question) for answer in answers]
    for answer, question in zip(answers, questions, strict=True):
        request = GradeRequest(question=question.question, reference_answers=question.reference_answers, answer=answer.text)
        signals.append(reader.read(request).signals)
    labels = [verdict_of(answer, question) for answer, question in zip(answers, questions, strict=True)]
    return Judged.of(np.array(signals), labels, [a.question for a in answers], np.array([a.mark for a in answers]))


def _train_rubric(reader: Reader) -> tuple[Trees, Trust, dict[str, Any]]:
    rows = _marked_ledgers(reader)
    _say(f"score with written points: {len(rows)} answers")
    signals, marks = np.array([r.signals for r in rows]), np.array([r.mark for r in rows])
    folds = folds_of([r.question for r in rows], FOLDS)
    scores = held_out_rubric(signals, marks, folds)
    features = np.array([trust_features(score, r.entries, r.signals) for score, r in zip(scores, rows, strict=True)])
    trust = fit_trust(features, scores, marks, folds)
    return (
        fit_rubric(signals, marks),
        trust,
        _agreement(marks, scores) | {"questions": len({r.question for r in rows})} | _unreviewed(trust),
    )


def _short(reader: Reader) -> Judged:
    """For one point in two of our answers: the sentences of the answer nearest to it, against the point alone; right where they state it."""
    found, marks = [], []
    for answer in _fitted_on(reader.corpus):
        question, sentences = reader.corpus.question(answer.question), pieces(answer.text)
        for point in question.key_points if sentences else ():
            if drawn(f"short:{answer.key}:{point.id}", 2):
                said = " ".join(piece.text for piece in nearest_pieces(point.text, sentences))
                found.append(Example(question.question, (point.text,), said, "", answer.question))
                marks.append(float(answer.key_points[point.id] == "stated"))
    signals = signals_of(found, reader.encoder, reader.stance, reader.assessor)
    return Judged.of(signals, [""] * len(marks), [e.group for e in found], np.array(marks), "short")


def _unreviewed(trust: Trust) -> dict[str, float]:
    """The share of held-out answers that no human needs to see, by the rate of errors that is promised."""
    return {
        f"unreviewed_at_{rate:g}": round(float((trust.held_far <= trust.limit(rate)).mean()), 3) for rate in (0.05, 0.1, 0.15, 0.2, 0.25)
    }


def _marked_ledgers(reader: Reader) -> list[MarkedLedger]:
    """Our own answers to questions that no model has learned from, as the pipeline reads them; none that figures are reported on."""
    rows = []
    for answer in _fitted_on(reader.corpus):
        read = reader.read(GradeRequest(question_id=answer.question, answer=answer.text))
        signals = rubric_signals(read.signals, read.written, len(read.claims))
        rows.append(MarkedLedger(signals, read.written, answer.mark, answer.question))
    return rows


def _fitted_on(corpus: Corpus) -> list[Answer]:
    return [a for a in corpus.answers if is_fitted_on(a.question) and any(c.isalnum() for c in a.text)]


def _agreement(marks: Floats, scores: Floats) -> dict[str, Any]:
    """With the question held out; marks in [0, 1]."""
    return {"answers": len(marks), "rmse": round(rmse(marks, scores), 4), "pearson": round(pearson(marks, scores), 4)}


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
