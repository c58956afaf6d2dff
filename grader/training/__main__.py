"""`python -m grader.training`: stance weights, scoring model, metrics and model card, from VIVA_DATA and a fixed seed."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from corpus.datasets import SEMEVAL, SentencePair, data_folder, read_pairs, read_semeval
from corpus.meaning import load_encoder
from corpus.meaning.entailment import STANCE_FILE, load_lexical_stance, load_weights, pair_features
from corpus.meaning.train.entailment import CLASSES, corpus_pairs, fit_stance, held_out, write_weights
from corpus.settings import load_settings
from corpus.store import load_corpus
from grader.errors import TrainingDataError
from grader.evaluation import evaluate, examples, three_way
from grader.evaluation.metrics import accuracy, macro_f1, pearson, rmse
from grader.scoring import MODEL_FILE, load_scoring_model
from grader.signals import Encoder
from grader.training.card import model_card
from grader.training.score import MARKS, fit_scoring, held_out_marks, nearest, signals_of, write_model

STANCE = {"correct": "support", "contradictory": "contradict", "irrelevant": "silent", "non_domain": "silent"}
SHARE = {"own": 4.0, "snli": 0.5, "scone": 0.5, "cannot": 0.5, "semeval": 1.0}  # weight of one pair by its source
SAMPLE = {"snli": 6000, "scone": 2000, "cannot": 5000}


def main() -> None:
    """Train, measure once on the test splits, write everything."""
    folder = data_folder()
    if not (folder / "asag").is_dir():
        raise TrainingDataError(f"{folder} has no asag/: set VIVA_DATA to the folder of the data sets")
    encoder = load_encoder(load_settings())
    figures: dict[str, Any] = {"stance": _train_stance(folder, encoder)}
    figures["score"] = _train_score(folder, encoder)
    _say("measuring on the test splits")
    lines = evaluate(folder, load_scoring_model(), encoder, load_lexical_stance(encoder))
    figures["test"] = [asdict(line) for line in lines]
    day = datetime.now(UTC).date().isoformat()
    figures["date"], figures["protocol"] = (
        day,
        "trained on SemEval-2013 Task 7 train splits; held-out figures split by question; test splits measured once",
    )
    MODEL_FILE.with_name("metrics.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    card = Path(__file__).resolve().parents[2] / "docs" / "model-card.md"
    card.parent.mkdir(exist_ok=True)
    card.write_text(model_card(figures), encoding="utf-8")
    _say(json.dumps(figures["test"], indent=1))


def _train_stance(folder: Path, encoder: Encoder) -> dict[str, Any]:
    rng = np.random.default_rng(0)
    corpus = load_corpus()
    sets = {"own": corpus_pairs(corpus.facts, corpus.questions), "semeval": _semeval_pairs(folder, encoder)}
    for name, file, split in (("snli", "snli_dev_test", "dev"), ("scone", "scone_nli", "train"), ("cannot", "cannot_pairs", "train")):
        rows = read_pairs(folder, file, split)
        sets[name] = [rows[i] for i in rng.permutation(len(rows))[: SAMPLE[name]]]
    pairs = [p for rows in sets.values() for p in rows]
    source = np.array([name for name, rows in sets.items() for _ in rows])
    _say(f"stance: {len(pairs)} pairs")
    features = pair_features([(p.text, p.statement) for p in pairs], encoder, [p.given for p in pairs])
    weight = np.array([SHARE[s] for s in source])
    truth = np.array([CLASSES.index(p.label) for p in pairs])
    hits = held_out(pairs, features, weight).argmax(axis=1) == truth
    fact = np.array([p.group.startswith("fact:") for p in pairs])
    by_source = {str(s): round(float(hits[source == s].mean()), 4) for s in sorted(set(source))}
    figures = {"pairs": len(pairs), "held_out_accuracy": by_source | {"facts_unseen": round(float(hits[fact].mean()), 4)}}
    write_weights(fit_stance(pairs, features, weight), STANCE_FILE, figures)
    load_weights.cache_clear()
    return figures


def _semeval_pairs(folder: Path, encoder: Encoder) -> list[SentencePair]:
    return [
        SentencePair(r.answer, nearest(r.answer, r.references, encoder), STANCE[r.label], f"{name}:{r.question_id}", r.question)  # type: ignore[arg-type]
        for name in SEMEVAL
        for r in read_semeval(folder, name, "train")
        if r.label in STANCE
    ]


def _train_score(folder: Path, encoder: Encoder) -> dict[str, Any]:
    stance = load_lexical_stance(encoder)
    rows = [row for name in SEMEVAL for row in examples(folder, name, "train")]
    _say(f"score: {len(rows)} answers")
    signals, labels, groups = signals_of(rows, encoder, stance), [r.label for r in rows], [r.group for r in rows]
    scores, verdicts, widths = held_out_marks(signals, labels, groups)
    write_model(fit_scoring(signals, labels), widths, MODEL_FILE)
    marks = [MARKS[label] for label in labels]
    three = [three_way(x) for x in labels], [three_way(x) for x in verdicts]
    return {
        "answers": len(rows), "held_out_rmse": round(rmse(marks, scores), 4), "held_out_pearson": round(pearson(marks, scores), 4),
        "held_out_macro_f1_3": round(macro_f1(*three), 4), "held_out_accuracy_3": round(accuracy(*three), 4), "held_out_macro_f1_5": round(macro_f1(labels, verdicts), 4),
    }  # fmt: skip


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
