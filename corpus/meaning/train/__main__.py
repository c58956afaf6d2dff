"""`python -m corpus.meaning.train`: the stance model from data, with fixed seeds; a stopped run goes on where it was.

First the trick, on manuals and public pairs; then the field, with facts, answers and SemEval; then facts and answers once more; free wordings against
each other and statements with twins; single sentences of answers and answers with one small change; last, all sentences about facts until they are
known. What comes out is the small difference to the pinned base (`model/stance.safetensors`), its figures, and nothing else.

What was written since a model was shipped it learns by `python -m corpus.meaning.train.onward`.
"""

from __future__ import annotations

import json
from pathlib import Path

from corpus.datasets import data_folder
from corpus.meaning import load_encoder
from corpus.meaning.source import find_base_model, verify_base_model
from corpus.meaning.train.apart import voices
from corpus.meaning.train.kept import FOLDER
from corpus.meaning.train.manuals import fetch_manuals, read_manuals
from corpus.meaning.train.stage import Stage, averaged, finish, say
from corpus.meaning.train.stages import Material
from corpus.settings import load_settings
from corpus.store import load_corpus

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
        Stage("trick", material.trick(), 6e-5, frozen=0),
        Stage("field", field, 8e-5, frozen=2, epochs=1.5),
        Stage("own", own, 5e-5, frozen=2, epochs=0.6),
        Stage("free", material.free(), 1.2e-4),
        Stage("alone", material.alone(), 1e-4),
        Stage("edited", material.edited(), 1e-4),
    )
    start, made = base, dict[str, Path]()
    for stage in stages:
        start = made[stage.name] = stage.tuned(start)
    last = Stage("fitted", material.fitted(), 1.2e-4)
    tuned = last.tuned(averaged(made["free"], start, _EDITED))
    pairs = {stage.name: len(stage.pairs) for stage in (*stages, last)}
    say(json.dumps(finish(corpus, base, tuned, {"pairs": pairs, "voices": voices(corpus), "rounds": []}), indent=1))


if __name__ == "__main__":
    main()
