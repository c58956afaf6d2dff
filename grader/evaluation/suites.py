"""One function a suite: reads its set, measures product and rivals on the same rows, and writes its section."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.datasets import SEMEVAL, read_gaps
from corpus.splits import is_to_measure_by
from corpus.store import Corpus
from grader.evaluation import SPLITS
from grader.evaluation.agreement import SHOTS, agreement, few_shot, gap_lines, held_out, label_lines
from grader.evaluation.figures import decisions, gaming_body, gap_table, label_tables, mark_table, scatter
from grader.evaluation.page import Section, number, table
from grader.evaluation.planted import QUESTIONS, planted_lines
from grader.evaluation.risk import covered
from grader.evaluation.rivals import COSINE, Rival, isotonic_map, rivals
from grader.evaluation.rows import (
    SCALE,
    Grader,
    Row,
    bank_rows,
    bare_rows,
    blind_rows,
    grade_rows,
    marks_of,
    sample,
    scored_rows,
    semeval_rows,
)
from grader.evaluation.suite import cases, run
from grader.signals import Encoder

__all__ = ["OF_OURS", "SUITES", "Bench"]

Floats = NDArray[np.float64]
SAF = "saf_communication_networks_en"
BLIND = Path(__file__).resolve().parents[2] / "tests" / "grader" / "data" / "blind_answers.jsonl"
OTHERS = BLIND.with_name("other_subjects.jsonl")
FITTED = 300  # answers of SAF train that the monotone map is fitted to
SAMPLED = " **A sample while developing, not a figure to report.**"


@dataclass(frozen=True)
class Bench:
    """What the suites measure, and on how much of each set.

    With `at_most` (development) only what may be looked at is read: train splits of SemEval and SAF, gaps splits that end in
    _Train; and so many rows of each, drawn with the fixed seed.
    """

    corpus: Corpus
    grader: Grader
    encoder: Encoder
    folder: Path
    at_most: int | None = None
    seed: int = 0
    draws: int = 3
    blind: Path = BLIND
    others: Path = OTHERS

    @cached_property
    def systems(self) -> tuple[Rival, ...]:
        """The rivals."""
        return rivals(self.encoder)

    @property
    def note(self) -> str:
        """What the protocol adds where this is a sample."""
        return "" if self.at_most is None else SAMPLED

    def take(self, found: Sequence[Row]) -> list[Row]:
        """The rows, or the sample of them."""
        return sample(found, self.at_most, self.seed)

    def bank_cosine(self) -> Callable[[Sequence[Row]], Floats]:
        """The cosine, calibrated by isotonic regression on our answers to the questions that are not held out."""
        fit = bank_rows(self.corpus, held_out=False)
        cosine = next(rival for rival in self.systems if rival.name == COSINE)
        scores, marks = cosine.features(fit)[:, 0], np.array([row.mark for row in fit])
        return lambda new: isotonic_map(scores, marks, cosine.features(new)[:, 0])


def _semeval(bench: Bench) -> list[Section]:
    train = [row for name in SEMEVAL for row in semeval_rows(bench.folder, name, "train")]
    wanted = SPLITS if bench.at_most is None else tuple((name, "train") for name in SEMEVAL)
    by_split = {f"{dataset} {split}": bench.take(semeval_rows(bench.folder, dataset, split)) for dataset, split in wanted}
    new = [row for rows in by_split.values() for row in rows]
    apart: set[str] = set() if bench.at_most is None else {row.group for row in new}
    fit = [row for row in train if row.group not in apart]
    said = {"Viva": [str(g.verdict) for g in grade_rows(bench.grader, [row.request() for row in new], "semeval")]}
    for rival in bench.systems:
        said[rival.name] = rival.labels(rival.features(fit), [row.label for row in fit], rival.features(new))
    lines, begin = [], 0
    for name, rows in by_split.items():
        end = begin + len(rows)
        for system, labels in said.items():
            lines += label_lines(system, name, [row.label for row in rows], labels[begin:end])
        begin = end
    protocol = (
        "SemEval-2013 Task 7, official splits; the rivals are fitted on both train splits, classes weighed equally. The product as it is."
    )
    return [Section("semeval", "SciEntsBank and Beetle", protocol + bench.note, label_tables(lines))]


def _mohler(bench: Bench) -> list[Section]:
    found = bench.take(scored_rows(bench.folder, "mohler2011", "none"))
    grades = grade_rows(bench.grader, [row.request() for row in found], "mohler")
    truth, groups = np.array([row.mark for row in found]), [row.group for row in found]
    by = held_out(found, marks_of(grades), bench.systems)
    lines = [agreement(name, SCALE * truth, SCALE * said, groups) for name, said in by.items()]
    bare = {name: said for name, said in by.items() if name != "Viva"}
    vectors = bench.encoder.encode([row.answer for row in found]).astype(float)
    shots = few_shot(found, bench.grader, bare, vectors, draws=bench.draws, seed=bench.seed)
    few = [
        (f"{name}, {n} marks", agreement(name, SCALE * t, SCALE * s, g))
        for name in by
        for n in SHOTS
        if (name, n) in shots
        for t, s, g in [shots[name, n]]
    ]
    body, plots = decisions("mohler", grades, truth)
    calibrated = by["Viva, monotone map"]
    plots["mohler-marks.svg"] = scatter("Mohler: predicted against human", truth, {"as it is": by["Viva"], "monotone map": calibrated})
    text = [
        "### Questions held out", "", mark_table([(line.system, line) for line in lines]), "", "![predicted against human](evaluation/mohler-marks.svg)", "",
        "### Few marks of the same question", "", mark_table(few), "", "### When to decide, uncalibrated", "", body,
    ]  # fmt: skip
    protocol = (
        "Mohler et al. (2011), marks 0 to 5, 10 folds by question id; monotone map and rivals are fitted on the other nine folds. "
        f"Few marks: {bench.draws} draws per question, up to 8 of the remaining answers scored in each; the product gets the marks as "
        "`graded_answers`, the others through the same calibration. Brackets: 95 %, 1000 draws of whole questions. Measured only: no shipped weight knows this set."
    )
    return [Section("mohler", "Mohler", protocol + bench.note, "\n".join(text), plots)]


def _saf(bench: Bench) -> list[Section]:
    lines, train = [], scored_rows(bench.folder, SAF, "train")
    fitted: tuple[Floats, Floats] | None = None  # the same for both test splits
    for split in ("test-unseen-answers", "test-unseen-questions") if bench.at_most is None else ("train",):
        new = bench.take(scored_rows(bench.folder, SAF, split))
        apart = {row.group for row in new} if split == "train" else set()
        fit = [row for row in train if row.group not in apart]
        truth, groups = np.array([row.mark for row in new]), [row.group for row in new]
        said = marks_of(grade_rows(bench.grader, [row.request() for row in new], f"saf {split}"))
        fitted = fitted or _fitted(bench, fit)
        by = {"Viva": said, "Viva, monotone map": isotonic_map(*fitted, said)}
        marks = np.array([row.mark for row in fit])
        by |= {rival.name: rival.marks(rival.features(fit), marks, rival.features(new)) for rival in bench.systems}
        lines += [(f"{name}, {split}", agreement(name, truth, marks_, groups)) for name, marks_ in by.items()]
    protocol = (
        "SAF, communication networks, English: marks divided by the best of the question, so r and RMSE are on 0 to 1. Rivals are fitted on train, "
        f"the monotone map on {FITTED} answers of it. Measured only: no shipped weight knows this set."
    )
    return [Section("saf", "SAF", protocol + bench.note, mark_table(lines))]


def _fitted(bench: Bench, fit: Sequence[Row]) -> tuple[Floats, Floats]:
    """The product's marks of FITTED answers, and the human marks: what a monotone map is fitted to."""
    chosen = random.Random(bench.seed).sample(list(fit), min(len(fit), bench.at_most or FITTED))  # noqa: S311 - no secret
    grades = grade_rows(bench.grader, [row.request() for row in chosen], "saf train")
    return marks_of(grades), np.array([row.mark for row in chosen])


def _gaps(bench: Bench) -> list[Section]:
    found = [row for row in read_gaps(bench.folder) if bench.at_most is None or row.split.endswith("_Train")]
    lines = gap_lines(found[:: max(1, len(found) // bench.at_most)] if bench.at_most else found, bench.grader)
    protocol = (
        "Gaps in student answers (Sahu and Bhowmick): key points derived from the reference by the product; a point lacks, by the human, when half of its "
        "content words stand in the gaps; by the product, when it is not stated. Answers: is anything missing at all? The stance model was trained on "
        "SemEval train, so splits that end in _Train flatter it."
    )
    return [Section("gaps", "Gaps: which part of the reference is missing", protocol + bench.note, gap_table(lines))]


def _gaming(bench: Bench) -> list[Section]:
    held = bench.take(bank_rows(bench.corpus, held_out=True))
    seen = sample(bank_rows(bench.corpus, held_out=False), len(held), bench.seed)
    rival, text = bench.bank_cosine(), []
    for name, found in (("Questions unseen in training", held), ("Questions and answers seen in training", seen)):
        outcomes = run(cases(found, bench.corpus, seed=bench.seed), bench.grader, rival)
        text += [f"### {name}", "", gaming_body(outcomes), ""]
    protocol = (
        "Deterministic edits (seeded) of our own answers and of the reference answers. Gaming: share of answers that deserve to fail (mark below half) "
        "which reach half of the scale; `before` is the share that did so unedited, `lifted` the share among the others. Meaning: share of full-mark "
        "answers made wrong for which the score falls by a tenth of the scale or a new contradiction is reported. Invariance: share of full-mark answers "
        "whose score moves by more than a fifth. The rival is the cosine under isotonic regression on our answers to the other questions. Edits are made by "
        "rule, not read by a person: a few leave the meaning as it was."
    )
    return [Section("gaming", "Gaming and fairness", protocol + bench.note, "\n".join(text))]


def _blind(bench: Bench) -> list[Section]:
    found = bench.take(blind_rows(bench.corpus, bench.blind))
    grades = grade_rows(bench.grader, [row.request() for row in found], "blind")
    truth, said, groups = np.array([row.mark for row in found]), marks_of(grades), np.array([row.group for row in found])
    by = {"Viva": said, "cosine + isotonic": bench.bank_cosine()(found)}
    newer = np.array([is_to_measure_by(question) for question in groups])
    sets = {"all questions": np.ones_like(newer), "the eleven older ones": ~newer, "the nineteen newer ones": newer}
    lines = [
        (f"{name}, {part}", agreement(name, SCALE * truth[of], SCALE * marks[of], groups[of].tolist()))
        for part, of in sets.items()
        if of.any()
        for name, marks in by.items()
    ]
    body, plots = decisions("blind", grades, truth)
    plots["blind-marks.svg"] = scatter("Blind answers: score against mark", truth, {"Viva": said})
    text = f"{mark_table(lines)}\n\n![score against mark](evaluation/blind-marks.svg)\n\n### When to decide\n\n{body}"
    protocol = (
        "Answers to thirty questions of the bank, two authors each, who saw only the question, marked by two others (language models; synthetic). "
        "Questions and authors are unseen in training. On the eleven older questions figures were reported often before, on the nineteen newer ones first in "
        "November 2026."
    )
    return [Section("blind", "Interview answers, blind", protocol + bench.note, text, plots)]


def _bare(bench: Bench) -> list[Section]:
    lines, trust, rival = [], [], bench.bank_cosine()
    for name, rows in bare_rows(bench.corpus, bench.blind, bench.others).items():
        found = bench.take(rows)
        grades = grade_rows(bench.grader, [row.request() for row in found], f"bare: {name}")
        truth, groups = np.array([row.mark for row in found]), [row.group for row in found]
        by = {"Viva": marks_of(grades), "cosine + isotonic": rival(found)}
        lines += [(f"{system}, {name}", agreement(system, SCALE * truth, SCALE * marks, groups)) for system, marks in by.items()]
        held, width = covered(grades, truth)
        trust.append((name, f"{held:.1%}", number(SCALE * width, 2), f"{np.mean([g.needs_review for g in grades]):.0%}"))
    protocol = (
        "Nobody wrote key points: the grader is told question and reference answer alone. The blind answers again; and answers to 24 questions on Python and algorithms, "
        "SQL, JavaScript, networks and systems, statistics and machine learning, delivery: one author wrote the references, two others saw only the questions, two "
        "marked blind (language models; synthetic). Questions and authors are unseen in training, and no question of the second set is of the bank; some of its matters, Python and SQL, are near to some there."
    )
    text = f"{mark_table(lines)}\n\n{table(['answers', 'held by the 90 % interval', 'its mean width, of 5', 'left to a human'], trust)}"
    return [Section("bare", "Interview answers without key points, blind", protocol + bench.note, text)]


def _planted(bench: Bench) -> list[Section]:
    lines = planted_lines(bench.corpus, bench.grader, at_most=min(QUESTIONS, bench.at_most or QUESTIONS), seed=bench.seed)
    rows = [f"| {x.kind} | {x.n} | {100 * x.reported:.0f} % | {100 * x.marked_down:.0f} % | {SCALE * x.mean_fall:+.2f} |" for x in lines]
    head = ["| planted | questions | reported | right answer marked down | mean fall of its score, of 5 |", "|---|--:|--:|--:|--:|"]
    protocol = (
        "Questions of the bank that rest on facts; the plant is added to the reference answer and made a key point of a fifth of the weight. The answer is an "
        "excellent one of our own, graded against the clean rubric and the spoiled one. Marked down: by a tenth of the scale or more. False wordings of facts "
        "are known to the linter; negated sentences are not, and show what it finds by itself."
    )
    return [Section("planted", "False statements planted in the reference", protocol + bench.note, "\n".join([*head, *rows]))]


SUITES: dict[str, Callable[[Bench], list[Section]]] = {
    "semeval": _semeval, "mohler": _mohler, "saf": _saf, "gaps": _gaps, "gaming": _gaming, "blind": _blind, "bare": _bare, "planted": _planted,
}  # fmt: skip
OF_OURS = frozenset({"gaming", "blind", "bare", "planted"})  # need no data set of others
