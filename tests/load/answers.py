"""Interview answers: does the score agree with blind markers? Writes docs/answers.md and prints it.

Run by `make bench`. The answers, their authors and the questions are unseen in training; see tests/grader/data/README.md.
The rival is the cosine to the nearest reference, calibrated by isotonic regression on the answers of all other questions.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from minimal_pairs import commit
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression

from corpus import Corpus, Encoder
from corpus.datasets import drawn
from grader.evaluation.metrics import pearson, rmse
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
    rival = CosineRival(pipeline.corpus, pipeline.encoder)
    sets = {"blind: authors and questions unseen": blind(), "own: questions unseen, authors seen": own(pipeline.corpus)}
    parts = [section(name, rows, pipeline, rival) for name, rows in sets.items()]
    text = f"""# Interview answers

Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}, commit {commit()}, {pipeline.name}.

Every answer and every mark here was written by a language model: **synthetic, no human agreement is claimed**. No model was trained on any answer to
these eleven questions. The rival is the cosine to the nearest reference, calibrated by isotonic regression on our answers to the other 80 questions.

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
    return [Marked(a.question, a.kind, a.text, 5 * a.mark, (a.key_points,)) for a in corpus.answers if drawn(f"question:{a.question}", 8)]


class CosineRival:
    """Cosine to the nearest reference -> mark on 0..5."""

    def __init__(self, corpus: Corpus, encoder: Encoder) -> None:
        self._corpus, self._encoder = corpus, encoder
        rows = [a for a in corpus.answers if not drawn(f"question:{a.question}", 8)]
        cosines = self.cosines([a.question for a in rows], [a.text for a in rows])
        self._scale = IsotonicRegression(out_of_bounds="clip").fit(cosines, [5 * a.mark for a in rows])

    def cosines(self, questions: Sequence[str], texts: Sequence[str]) -> Floats:
        """One cosine an answer."""
        vectors = self._encoder.encode(list(texts))
        near = [self._encoder.encode(list(self._corpus.question(q).reference_answers)) @ v for q, v in zip(questions, vectors, strict=True)]
        return np.array([float(n.max()) for n in near])

    def marks(self, rows: Sequence[Marked]) -> Floats:
        """Marks on 0..5."""
        return np.asarray(self._scale.predict(self.cosines([r.question for r in rows], [r.text for r in rows])), float)


def section(name: str, rows: list[Marked], pipeline: Pipeline, rival: CosineRival) -> str:
    """The figures of one set as Markdown."""
    begun = time.perf_counter()
    grades = [pipeline.grade(GradeRequest(question_id=r.question, answer=r.text)) for r in rows]
    each = (time.perf_counter() - begun) / len(rows)
    truth, ours, theirs = np.array([r.mark for r in rows]), np.array([g.score for g in grades]), rival.marks(rows)
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
