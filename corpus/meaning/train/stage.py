"""One round of the stance's training; the average of two models; and what becomes of the last: factors, calibration, figures, card."""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from corpus.datasets import SentencePair
from corpus.meaning.delta import DELTA_FILE, factors, merged, write_delta
from corpus.meaning.export.weights import read_weights
from corpus.meaning.source import BASE_SHA256
from corpus.meaning.train.apart import CHOOSE_BY, HELD_OUT_FACTS, learned_facts, measured_on
from corpus.meaning.train.calibrate import calibrated, expected_calibration_error, fit_calibration
from corpus.meaning.train.card import stance_card
from corpus.meaning.train.kept import kept_as, model_of
from corpus.splits import is_learned
from corpus.store import Corpus

__all__ = ["Stage", "averaged", "finish", "say"]

RANK = 128  # of the difference; 64 costs a hundredth of AUC (docs/experiments.md)


@dataclass(frozen=True)
class Stage:
    """One more round of training; embeddings never move, nor do the `frozen` lowest layers."""

    name: str
    pairs: Sequence[SentencePair]
    rate: float
    frozen: int = 1
    epochs: float = 1.0

    def tuned(self, start: Path) -> Path:
        """The folder of what `start` became; one that is there already is not trained again."""
        from corpus.meaning.train.trainer import fine_tune, open_base

        say(f"{self.name}: {len(self.pairs)} pairs, {dict(Counter(p.label for p in self.pairs))}")
        folder = kept_as(self.name, start.name, self.rate, self.frozen, self.epochs, [(p.text, p.statement, p.label) for p in self.pairs])
        made = model_of(folder)
        if not (made / "model.safetensors").is_file():
            model = open_base(start, frozen=self.frozen)
            fine_tune(model, _texts(self.pairs), _labels(self.pairs).tolist(), folder, epochs=self.epochs, rate=self.rate)
            model.save_pretrained(str(made))
        return made


def averaged(before: Path, after: Path, share: float) -> Path:
    """The weights between two models, `share` of the second (Wortsman et al. 2022, "Robust fine-tuning"): what was taught, less of what it cost."""
    from safetensors.numpy import load_file, save_file

    made = kept_as("averaged", before.name, after.name, share)
    old, new = load_file(before / "model.safetensors"), load_file(after / "model.safetensors")
    shutil.copytree(after, made, dirs_exist_ok=True)
    save_file({k: ((1 - share) * old[k] + share * v).astype(v.dtype) for k, v in new.items()}, made / "model.safetensors")
    return made


def finish(corpus: Corpus, base: Path, tuned: Path, made_of: dict[str, Any]) -> dict[str, Any]:
    """Factor the difference, calibrate it on the development set, measure, write artefact, figures (`made_of` among them) and card."""
    from sklearn.metrics import roc_auc_score

    from corpus.meaning.train.trainer import open_base, probabilities, put_weights

    before, after = read_weights(base), read_weights(tuned, "bert.")
    delta = factors(before, {k: v for k, v in after.items() if "embeddings" not in k}, RANK)
    model = open_base(tuned)
    whole = merged(before, {k: v.astype(np.float32) for k, v in delta.items()})
    put_weights(model, whole)
    sets = measured_on(corpus)
    logits = {name: np.log(np.clip(probabilities(model, _texts(rows)), 1e-9, 1)) for name, rows in sets.items()}
    calibration = fit_calibration(logits[CHOOSE_BY], _labels(sets[CHOOSE_BY]))
    figures: dict[str, Any] = {"date": datetime.now(UTC).date().isoformat(), "base": BASE_SHA256, "rank": RANK, **made_of}
    figures["held_out"] = len(HELD_OUT_FACTS)
    figures["questions"] = sum(is_learned(q.id) for q in corpus.questions)
    figures["facts"] = [fact.code for fact in learned_facts(corpus)]
    for name, rows in sets.items():
        p, truth = calibrated(logits[name], calibration), _labels(rows)
        figures[name] = {
            "pairs": len(rows),
            "accuracy": round(float((p.argmax(axis=1) == truth).mean()), 4),
            "auc_contradicts": round(float(roc_auc_score(truth == 1, p[:, 1])), 4),
            "expected_calibration_error": round(expected_calibration_error(p, truth), 4),
        }
    write_delta(delta, calibration, base=BASE_SHA256, rank=str(RANK))
    DELTA_FILE.with_name("stance.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    card = Path(__file__).resolve().parents[3] / "docs" / "stance.md"
    card.write_text(stance_card(figures, DELTA_FILE.stat().st_size), "utf-8")
    return figures


def _texts(pairs: Sequence[SentencePair]) -> list[tuple[str, str]]:
    return [(p.text, p.statement) for p in pairs]


def _labels(pairs: Sequence[SentencePair]) -> Any:
    """Numbers of the labels in the order of ALLOWED: the classes first, in the order of the model's columns."""
    from corpus.meaning.train.trainer import ALLOWED

    numbers = {label: number for number, label in enumerate(ALLOWED)}
    return np.array([numbers[p.label] for p in pairs])


def say(text: str) -> None:
    sys.stderr.write(text + "\n")
