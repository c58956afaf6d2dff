"""Interview answers: does the score agree with blind markers? Writes docs/answers.md and prints it.

Run by `make bench`. The answers, their authors and the questions are unseen in training; see tests/grader/data/README.md.
The rival is the cosine to the nearest reference, calibrated by isotonic regression on the answers of all other questions.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from minimal_pairs import commit
from numpy.typing import NDArray

from corpus import Corpus, Encoder
from corpus.splits import is_reported, is_to_measure_by
from grader.evaluation.metrics import pearson, rmse
from grader.evaluation.rivals import COSINE, rivals
from grader.evaluation.rows import SCALE, Row, bank_rows
from grader.pipeline import Pipeline, load_pipeline
from grader.records import GradeRequest

ROOT = Path(__file__).resolve().parents[2]
BLIND = ROOT / "tests" / "grader" / "data" / "blind_answers.jsonl"
FALSE_KINDS = ("fluent-false", "flip", "false")
RIGHT_KINDS = ("excellent", "terse", "verbose", "non-native", "light", "spoken")
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Marked:
    """An answer with its mark on 0..5 and, by each marker, the state of every key point."""

    question: str
    kind: str
    text: str
    mark: float
    states: tuple[dict[str, str], ...]


def main() -> int:
    """Grade, compare, write."""
    pipeline = load_pipeline()
    rival = cosine_marks(pipeline.corpus, pipeline.encoder)
    answers = blind()
    sets = {
        "blind, nineteen newer questions: authors and questions unseen": [r for r in answers if is_to_measure_by(r.question)],
        "blind, eleven older questions: authors and questions unseen": [r for r in answers if not is_to_measure_by(r.question)],
        "own: questions unseen, authors seen": own(pipeline.corpus),
    }
    parts = [section(name, rows, pipeline, rival) for name, rows in sets.items()]
    text = f"""# Interview answers

Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}, commit {commit()}, {pipeline.name}.

Every answer and every mark here was written by a language model: **synthetic, no human agreement is claimed**. No model was trained on any answer to
these questions. The rival is the cosine to the nearest reference, calibrated by isotonic regression on our answers to the others.

{chr(10).join(parts)}"""
    (ROOT / "docs" / "answers.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def blind() -> list[Marked]:
    """The answers by authors who saw only the question, marked by the mean of two markers."""
    rows = [json.loads(line) for line in BLIND.read_text("utf-8").splitlines()]
    return [Marked(r["question"], r["kind"], r["text"], float(np.mean(r["marks"])), tuple(r["key_points"])) for r in rows]


def own(corpus: Corpus) -> list[Marked]:
    """Our answers to the questions kept from training, marked by their writer."""
    return [Marked(a.question, a.kind, a.text, 5 * a.mark, (a.key_points,)) for a in corpus.answers if is_reported(a.question)]


def cosine_marks(corpus: Corpus, encoder: Encoder) -> Callable[[Sequence[Marked]], Floats]:
    """A function from answers to marks on 0..5 by the rival of `grader evaluate`, fitted on our answers to the other questions."""
    rival = next(r for r in rivals(encoder) if r.name == COSINE)
    known = bank_rows(corpus, held_out=False)
    features, truth = rival.features(known), np.array([row.mark for row in known])

    def marks(rows: Sequence[Marked]) -> Floats:
        asked = [(r, corpus.question(r.question)) for r in rows]
        new = [Row(q.id, q.question, q.reference_answers, r.text, r.mark / SCALE) for r, q in asked]
        return SCALE * rival.marks(features, truth, rival.features(new))

    return marks


def section(name: str, rows: list[Marked], pipeline: Pipeline, rival: Callable[[Sequence[Marked]], Floats]) -> str:
    """The figures of one set as Markdown."""
    begun = time.perf_counter()
    grades = [pipeline.grade(GradeRequest(question_id=r.question, answer=r.text)) for r in rows]
    each = (time.perf_counter() - begun) / len(rows)
    truth, ours, theirs = np.array([r.mark for r in rows]), np.array([g.score for g in grades]), rival(rows)
    states = [{p.id: p.state for p in g.key_points} for g in grades]
    hits = [said[k] == v for r, said in zip(rows, states, strict=True) for by in r.states for k, v in by.items()]
    kinds = np.array([r.kind for r in rows])
    false, right = np.isin(kinds, FALSE_KINDS), np.isin(kinds, RIGHT_KINDS)
    review = np.array([g.needs_review for g in grades])
    inside = np.mean([g.interval[0] <= r.mark <= g.interval[1] for g, r in zip(grades, rows, strict=True)])

    def line(what: str, of_ours: str, of_theirs: str = "-") -> str:
        return f"| {what} | {of_ours} | {of_theirs} |"

    def share(marks: Floats, chosen: NDArray[np.bool_]) -> str:
        return f"{float(chosen.mean()) if len(marks) else 0:.3f}"

    table = [
        line("correlation with the mark", f"{pearson(truth, ours):.3f}", f"{pearson(truth, theirs):.3f}"),
        line("RMSE of 5", f"{rmse(truth, ours):.2f}", f"{rmse(truth, theirs):.2f}"),
        line("key points with the right state", f"{np.mean(hits):.3f}"),
        line("false answers and flips above 2.5 of 5", share(ours, ours[false] > 2.5), share(theirs, theirs[false] > 2.5)),
        line("right answers below 3 of 5", share(ours, ours[right] < 3), share(theirs, theirs[right] < 3)),
        line("marks inside the 90 % interval", f"{inside:.3f}"),
        line("sent to a human", f"{review.mean():.3f}"),
        line("RMSE of those that are not", f"{rmse(truth[~review], ours[~review]):.2f}" if (~review).any() else "-"),
        line("one grade, one after another", f"{1000 * each:.0f} ms"),
    ]
    by_kind = [
        f"| {kind} | {int((kinds == kind).sum())} | {truth[kinds == kind].mean():.2f} | {ours[kinds == kind].mean():.2f} | {theirs[kinds == kind].mean():.2f} |"
        for kind in sorted(set(kinds.tolist()), key=lambda k: -truth[kinds == k].mean())
    ]
    return "\n".join(
        [
            f"## {name[:1].upper()}{name[1:]} ({len(rows)} answers)", "", "| figure | Viva | cosine, calibrated |", "|---|--:|--:|", *table, "",
            "| kind | n | mean mark | mean score | rival |", "|---|--:|--:|--:|--:|", *by_kind, "",
        ]
    )  # fmt: skip


if __name__ == "__main__":
    raise SystemExit(main())
