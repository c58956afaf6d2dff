"""`python -m corpus.meaning.train`: the stance model from data, with fixed seeds; a stopped run goes on where it was.

First the trick, on manuals and public pairs; then the field, with facts, answers and SemEval; then facts and answers once more; longest, free
wordings against each other and statements with twins; last, single sentences of answers and answers with one small change. What comes out is the small
difference to the pinned base (`model/stance.safetensors`), its figures, and nothing else. Takes about six hours on two cores.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from corpus.datasets import SentencePair, data_folder, drawn
from corpus.meaning.delta import DELTA_FILE, factors, merged, write_delta
from corpus.meaning.export.weights import read_weights
from corpus.meaning.source import BASE_SHA256, find_base_model, verify_base_model
from corpus.meaning.train.answers import answer_pairs, edit_pairs, flipped_pairs, sentence_pairs
from corpus.meaning.train.calibrate import calibrated, expected_calibration_error, fit_calibration
from corpus.meaning.train.card import stance_card
from corpus.meaning.train.manuals import Passage, fetch_manuals, read_manuals
from corpus.meaning.train.pairs import fact_pairs, manual_pairs, public_pairs, reworded_pairs, semeval_pairs, twin_pairs
from corpus.records import UNSEEN_WRITERS, Fact, Twins, Wording
from corpus.settings import load_settings
from corpus.splits import is_development, is_for_score, is_learned, is_reported, is_semeval_apart
from corpus.store import Corpus, load_corpus

_CHOOSE_BY = "development"
RANK = 64  # of the difference; see docs/stance.md for what other ranks cost
FOLDER = Path(".train")  # checkpoints and manuals; may be deleted at any time
# Facts that no stage learns from, so that there are always some to measure on; drawn once among those no earlier stage had seen.
HELD_OUT_FACTS = frozenset("DBS200 DBS205 DEP204 DJA204 DJA209 EXT200 FLK300 FLK305 HTP302 PYT201 PYT206 SEC300 SEC305".split())
_PASSES = 2  # of the fourth stage
_LAST = 0.7  # share of the last stage in the averaged weights; chosen on development questions and writers apart (docs/experiments.md)
_MANUAL_PAIRS_AGAIN = 4500  # of the first stage, kept in the second so that the trick is not forgotten


def main() -> None:
    """Train, factor, calibrate, measure, write."""
    from corpus.meaning.train.trainer import fine_tune, open_base

    corpus, data = load_corpus(), data_folder()
    base = find_base_model(load_settings().cache)
    verify_base_model(base)
    passages = read_manuals(fetch_manuals(FOLDER / "manuals"))
    field = _field(corpus, passages, data)
    own = [pair for pair in field if pair.group.startswith(("fact:", "question:"))]
    stages = (
        ("trick", _trick(passages, data), 1.0, 6e-5, 0),
        ("field", field, 1.5, 8e-5, 2),
        ("own", own, 0.6, 5e-5, 2),
        ("free", _free(corpus, passages, data), 1.0, 1.2e-4, 1),
        ("alone", _alone(corpus, passages, data), 1.0, 1e-4, 1),
        ("edited", _edited(corpus, passages, data), 1.0, 1e-4, 1),
    )
    start = base
    for name, pairs, epochs, rate, frozen in stages:
        _say(f"{name}: {len(pairs)} pairs, {dict(Counter(p.label for p in pairs))}")
        made = FOLDER / f"{name}-model"
        if not (made / "model.safetensors").is_file():
            model = open_base(start, frozen=frozen)
            fine_tune(model, _texts(pairs), _labels(pairs).tolist(), FOLDER / name, epochs=epochs, rate=rate)
            model.save_pretrained(str(made))
        start = made
    start = averaged(FOLDER / "free-model", start, FOLDER / "averaged-model")
    figures = finish(corpus, base, start, {name: len(pairs) for name, pairs, *_ in stages})
    _say(json.dumps(figures, indent=1))


def averaged(before: Path, after: Path, made: Path) -> Path:
    """The weights between two models (Wortsman et al. 2022, "Robust fine-tuning"): what the last stages taught, less of what they cost."""
    from safetensors.numpy import load_file, save_file

    old, new = load_file(before / "model.safetensors"), load_file(after / "model.safetensors")
    shutil.copytree(after, made, dirs_exist_ok=True)
    save_file({k: ((1 - _LAST) * old[k] + _LAST * v).astype(v.dtype) for k, v in new.items()}, made / "model.safetensors")
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
    sets = _sets(corpus)
    logits = {name: np.log(np.clip(probabilities(model, _texts(rows)), 1e-9, 1)) for name, rows in sets.items()}
    calibration = fit_calibration(logits[_CHOOSE_BY], _labels(sets[_CHOOSE_BY]))
    figures: dict[str, Any] = {"date": datetime.now(UTC).date().isoformat(), "base": BASE_SHA256, "rank": RANK, "pairs": pairs}
    figures["held_out"] = len(HELD_OUT_FACTS)
    figures["questions"] = sum(is_learned(q.id) for q in corpus.questions)
    figures["facts"] = [fact.code for fact in _facts(corpus)]
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


def _trick(passages: Sequence[Passage], data: Path) -> list[SentencePair]:
    rng = np.random.default_rng(1)
    return [*manual_pairs(_part(passages, 0), rng), *public_pairs(data, rng, snli=4500, cannot=7000, scone=1500)]


def _field(corpus: Corpus, passages: Sequence[Passage], data: Path) -> list[SentencePair]:
    rng = np.random.default_rng(2)
    wordings = _wordings(corpus)
    again = list(manual_pairs(_part(passages, 1), rng))
    return [
        *fact_pairs(_facts(corpus), wordings, corpus.questions, rng),
        *_answers_learned(corpus, rng),
        *(p for p in semeval_pairs(data) if not is_semeval_apart(p.group)),
        *(again[int(i)] for i in rng.permutation(len(again))[:_MANUAL_PAIRS_AGAIN]),
        *public_pairs(data, rng, snli=1500, cannot=1500, scone=700),
    ]


def _free(corpus: Corpus, passages: Sequence[Passage], data: Path) -> list[SentencePair]:
    """Passes over the same sentences, each with other partners and corruptions; what earlier stages taught comes along in part."""
    rng = np.random.default_rng(4)
    wordings, twins = _wordings(corpus), _twins(corpus)
    semeval = [p for p in semeval_pairs(data) if not is_semeval_apart(p.group)]
    found: list[SentencePair] = []
    for _ in range(_PASSES):
        answers = _answers_learned(corpus, rng)
        again = list(manual_pairs(_part(passages, int(rng.integers(3))), rng))
        found += reworded_pairs(_facts(corpus), wordings, rng)
        found += [pair for _ in range(2) for pair in twin_pairs(twins, rng)]
        for pairs, share in ((answers, 0.7), (again, 0.1), (semeval, 0.15)):
            found += [pairs[int(i)] for i in rng.permutation(len(pairs))[: int(share * len(pairs))]]
        found += public_pairs(data, rng, snli=1500, cannot=700, scone=300)
    return found


def _alone(corpus: Corpus, passages: Sequence[Passage], data: Path) -> list[SentencePair]:
    """Sentences of answers alone, and answers flipped by rule; a part of what earlier stages taught."""
    rng = np.random.default_rng(6)
    answers = [a for a in corpus.answers if is_learned(a.question)]
    found = [*sentence_pairs(answers, corpus.questions, rng)]
    found += [pair for _ in range(2) for pair in flipped_pairs(answers, corpus.questions, rng)]
    return found + _again(corpus, passages, data, rng)


def _edited(corpus: Corpus, passages: Sequence[Passage], data: Path) -> list[SentencePair]:
    """Answers edited by hand, false and harmless; a part of what earlier stages taught."""
    rng = np.random.default_rng(7)
    answers = [a for a in corpus.answers if is_learned(a.question)]
    edits = [(answer, edit) for answer, edit in corpus.edits if is_learned(answer.question)]
    found = [pair for _ in range(2) for pair in edit_pairs(edits, corpus.questions, rng)]
    found += [*sentence_pairs(answers, corpus.questions, rng), *flipped_pairs(answers, corpus.questions, rng)]
    return found + _again(corpus, passages, data, rng)


def _again(corpus: Corpus, passages: Sequence[Passage], data: Path, rng: np.random.Generator) -> list[SentencePair]:
    """A part of all that the first four stages learned from, and all twins once more."""
    found = list(twin_pairs(_twins(corpus), rng))
    semeval = [p for p in semeval_pairs(data) if not is_semeval_apart(p.group)]
    again = list(manual_pairs(_part(passages, int(rng.integers(3))), rng))
    reworded = list(reworded_pairs(_facts(corpus), _wordings(corpus), rng))
    for pairs, share in ((_answers_learned(corpus, rng), 0.5), (reworded, 0.25), (again, 0.05), (semeval, 0.15)):
        found += [pairs[int(i)] for i in rng.permutation(len(pairs))[: int(share * len(pairs))]]
    return found + public_pairs(data, rng, snli=3000, cannot=2000, scone=300)


def _twins(corpus: Corpus) -> list[Twins]:
    return [t for t in corpus.twins if t.fact not in HELD_OUT_FACTS and not _apart(t)]


def _facts(corpus: Corpus) -> list[Fact]:
    return [fact for fact in corpus.facts if fact.code not in HELD_OUT_FACTS]


def _wordings(corpus: Corpus) -> list[Wording]:
    return [w for w in corpus.wordings if w.writer not in UNSEEN_WRITERS]


def _apart(twins: Twins) -> bool:
    """Twins no model learns from: one statement in ten of those that are no fact's (of facts, all wordings are learned)."""
    return twins.fact is None and drawn(f"twins:{twins.statement}", 10)


def _to_choose(twins: Twins) -> bool:
    """Half of the twins apart: temperature and biases are fitted on them as well, so that bare sentences count; figures stand on the others."""
    return _apart(twins) and drawn(f"choose:{twins.statement}", 2)


def _part(passages: Sequence[Passage], first: int) -> list[Passage]:
    """All manuals but the two longest, of which every third sentence."""
    long = [[p for p in passages if p.package == name] for name in ("django", "celery")]
    return [p for p in passages if p.package not in ("django", "celery")] + [p for rows in long for p in rows[first::3]]


def _answers_learned(corpus: Corpus, rng: np.random.Generator) -> list[SentencePair]:
    answers = [answer for answer in corpus.answers if not is_for_score(answer.question)]
    return [pair for pair in answer_pairs(answers, corpus.questions, rng) if is_learned(_question_of(pair))]


def _answers(corpus: Corpus, wanted: Callable[[str], bool]) -> list[SentencePair]:
    rows = answer_pairs(corpus.answers, corpus.questions, np.random.default_rng(3))
    return [pair for pair in rows if wanted(_question_of(pair))]


def _edits(corpus: Corpus, wanted: Callable[[str], bool]) -> list[SentencePair]:
    edits = [(answer, edit) for answer, edit in corpus.edits if wanted(answer.question)]
    return list(edit_pairs(edits, corpus.questions, np.random.default_rng(8)))


def _question_of(pair: SentencePair) -> str:
    return pair.group.removeprefix("question:")


def _of_held_out_facts(wording: Wording) -> bool:
    return wording.fact in HELD_OUT_FACTS and wording.writer not in UNSEEN_WRITERS


def _is_by(writer: str, wording: Wording) -> bool:
    return wording.writer == writer and wording.fact not in HELD_OUT_FACTS


def _sentences(corpus: Corpus, chosen: Callable[[Wording], bool]) -> list[SentencePair]:
    statements = {fact.code: fact.statement for fact in corpus.facts}
    labels = {"true": "support", "false": "contradict", "near": "silent"}
    return [
        SentencePair(w.text, statements[w.fact], labels[w.label], w.fact)  # type: ignore[arg-type]
        for w in corpus.wordings
        if chosen(w)
    ]


def _sets(corpus: Corpus) -> dict[str, list[SentencePair]]:
    """What the model is measured on; the first sets temperature and biases: answers, their edits, and sentences after no question."""
    bare = twin_pairs([t for t in corpus.twins if _to_choose(t)], np.random.default_rng(5))
    sets = {_CHOOSE_BY: [*_answers(corpus, is_development), *_edits(corpus, is_development), *bare]}
    sets |= {"held_out_questions": _answers(corpus, is_reported), "held_out_edits": _edits(corpus, is_reported)}
    sets["held_out_facts"] = _sentences(corpus, _of_held_out_facts)
    sets["held_out_twins"] = list(twin_pairs([t for t in corpus.twins if _apart(t) and not _to_choose(t)], np.random.default_rng(5)))
    return sets | {f"writer_{writer}": _sentences(corpus, partial(_is_by, writer)) for writer in sorted(UNSEEN_WRITERS)}


def _texts(pairs: Sequence[SentencePair]) -> list[tuple[str, str]]:
    return [(p.text, p.statement) for p in pairs]


def _labels(pairs: Sequence[SentencePair]) -> Any:
    from corpus.meaning.train.trainer import LABELS

    return np.array([LABELS.index(p.label) for p in pairs])


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    main()
