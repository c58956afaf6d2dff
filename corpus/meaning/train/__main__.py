"""`python -m corpus.meaning.train`: the stance model from data, with fixed seeds; a stopped run goes on where it was.

First the trick, on manuals and public pairs; then the field, with facts, answers and SemEval; then facts and answers once more; free wordings against
each other and statements with twins; single sentences of answers and answers with one small change; last, all sentences about facts until they are
known. What comes out is the small difference to the pinned base (`model/stance.safetensors`), its figures, and nothing else.
"""

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

from corpus.datasets import SentencePair, data_folder
from corpus.meaning import load_encoder
from corpus.meaning.delta import DELTA_FILE, factors, merged, write_delta
from corpus.meaning.export.weights import read_weights
from corpus.meaning.source import BASE_SHA256, find_base_model, verify_base_model
from corpus.meaning.train.apart import CHOOSE_BY, HELD_OUT_FACTS, learned_facts, measured_on
from corpus.meaning.train.calibrate import calibrated, expected_calibration_error, fit_calibration
from corpus.meaning.train.card import stance_card
from corpus.meaning.train.kept import FOLDER, kept_as, model_of
from corpus.meaning.train.manuals import fetch_manuals, read_manuals
from corpus.meaning.train.stages import Material
from corpus.settings import load_settings
from corpus.splits import is_learned
from corpus.store import Corpus, load_corpus

RANK = 128  # of the difference; 64 costs a hundredth of AUC (docs/experiments.md)
_EDITED = 0.7  # share of the two stages on answers in the averaged weights; chosen on development questions and writers apart (docs/experiments.md)


def main() -> None:
    """Train, factor, calibrate, measure, write."""
    corpus, data = load_corpus(), data_folder()
    base = find_base_model(load_settings().cache)
    verify_base_model(base)
    material = Material(corpus, read_manuals(fetch_manuals(FOLDER / "manuals")), data, load_encoder(load_settings()))
    field = material.field()
    own = [pair for pair in field if pair.group.startswith(("fact:", "question:"))]
    stages = (
        _Stage("trick", material.trick(), 6e-5, frozen=0),
        _Stage("field", field, 8e-5, frozen=2, epochs=1.5),
        _Stage("own", own, 5e-5, frozen=2, epochs=0.6),
        _Stage("free", material.free(), 1.2e-4),
        _Stage("alone", material.alone(), 1e-4),
        _Stage("edited", material.edited(), 1e-4),
    )
    start, made = base, dict[str, Path]()
    for stage in stages:
        start = made[stage.name] = stage.tuned(start)
    last = _Stage("fitted", material.fitted(), 1.2e-4)
    tuned = last.tuned(averaged(made["free"], start, kept_as("averaged", made["free"].name, start.name, _EDITED)))
    _say(json.dumps(finish(corpus, base, tuned, {stage.name: len(stage.pairs) for stage in (*stages, last)}), indent=1))


@dataclass(frozen=True)
class _Stage:
    """One more round of training; embeddings never move, nor do the `frozen` lowest layers."""

    name: str
    pairs: Sequence[SentencePair]
    rate: float
    frozen: int = 1
    epochs: float = 1.0

    def tuned(self, start: Path) -> Path:
        """The folder of what `start` became; one that is there already is not trained again."""
        from corpus.meaning.train.trainer import fine_tune, open_base

        _say(f"{self.name}: {len(self.pairs)} pairs, {dict(Counter(p.label for p in self.pairs))}")
        folder = kept_as(self.name, start.name, self.rate, self.frozen, self.epochs, [(p.text, p.statement, p.label) for p in self.pairs])
        made = model_of(folder)
        if not (made / "model.safetensors").is_file():
            model = open_base(start, frozen=self.frozen)
            fine_tune(model, _texts(self.pairs), _labels(self.pairs).tolist(), folder, epochs=self.epochs, rate=self.rate)
            model.save_pretrained(str(made))
        return made


def averaged(before: Path, after: Path, made: Path) -> Path:
    """The weights between two models (Wortsman et al. 2022, "Robust fine-tuning"): what the last stages taught, less of what they cost."""
    from safetensors.numpy import load_file, save_file

    old, new = load_file(before / "model.safetensors"), load_file(after / "model.safetensors")
    shutil.copytree(after, made, dirs_exist_ok=True)
    save_file({k: ((1 - _EDITED) * old[k] + _EDITED * v).astype(v.dtype) for k, v in new.items()}, made / "model.safetensors")
    return made


def finish(corpus: Corpus, base: Path, tuned: Path, pairs: dict[str, int]) -> dict[str, Any]:
    """Factor the difference, calibrate it on the development set, measure, write artefact, figures and card."""
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
    figures: dict[str, Any] = {"date": datetime.now(UTC).date().isoformat(), "base": BASE_SHA256, "rank": RANK, "pairs": pairs}
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


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
