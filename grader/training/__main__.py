"""`python -m grader.training`: scoring model, metrics and model card, from VIVA_DATA and a fixed seed; after the stance."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus.datasets import SEMEVAL, data_folder, drawn
from corpus.meaning import Stance, load_encoder, load_stance
from corpus.settings import load_settings
from grader.errors import TrainingDataError
from grader.evaluation import evaluate, examples, three_way
from grader.evaluation.metrics import accuracy, macro_f1, pearson, rmse
from grader.scoring import MODEL_FILE, load_scoring_model
from grader.signals import Encoder
from grader.training.card import model_card
from grader.training.score import MARKS, fit_scoring, held_out_marks, signals_of, write_model

APART = 4  # one question in so many was kept from the stance model; the score is fitted on those alone


def main() -> None:
    """Train, measure once on the test splits, write everything."""
    folder = data_folder()
    if not (folder / "asag").is_dir():
        raise TrainingDataError(f"{folder} has no asag/: set VIVA_DATA to the folder of the data sets")
    settings = load_settings()
    encoder, stance = load_encoder(settings), load_stance(settings)
    figures: dict[str, Any] = {"stance": stance.name, "score": _train_score(folder, encoder, stance)}
    _say("measuring on the test splits")
    lines = evaluate(folder, load_scoring_model(), encoder, stance)
    figures["test"] = [asdict(line) for line in lines]
    day = datetime.now(UTC).date().isoformat()
    figures["date"], figures["protocol"] = (
        day,
        "fitted on the questions of the SemEval-2013 Task 7 train splits that the stance model has not seen; held-out figures split by question",
    )
    MODEL_FILE.with_name("metrics.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    card = Path(__file__).resolve().parents[2] / "docs" / "model-card.md"
    card.parent.mkdir(exist_ok=True)
    card.write_text(model_card(figures), encoding="utf-8")
    _say(json.dumps(figures["test"], indent=1))


def _train_score(folder: Path, encoder: Encoder, stance: Stance) -> dict[str, Any]:
    rows = [row for name in SEMEVAL for row in examples(folder, name, "train") if drawn(row.group, APART)]
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
