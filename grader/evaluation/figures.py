"""Tables and plots of the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from grader.evaluation.agreement import Agreement, GapLine, LabelLine
from grader.evaluation.page import number, span, table
from grader.evaluation.risk import Bin, Point, covered, curve, most_at, reliability
from grader.evaluation.suite import Outcome, families, flagged
from grader.evaluation.svg import Series, plot
from grader.records import Grade

__all__ = ["decisions", "gaming_body", "gap_table", "label_tables", "mark_table", "scatter"]

Floats = NDArray[np.float64]
_HIT = {
    "gaming": "passes (less is better)",
    "meaning": "noticed (more is better)",
    "invariance": "flips (less is better)",
}


def mark_table(lines: Sequence[tuple[str, Agreement]]) -> str:
    """r and RMSE with their intervals."""
    rows = [(name, str(a.n), number(a.r), span(a.r_range), number(a.rmse), span(a.rmse_range)) for name, a in lines]
    return table(["system", "n", "r", "95 %", "RMSE", "95 %"], rows)


def label_tables(lines: Sequence[LabelLine]) -> str:
    """One table a split."""
    parts = []
    for split in dict.fromkeys(line.split for line in lines):
        mine = [line for line in lines if line.split == split]
        rows = [
            (
                f"{line.system}, {line.way}-way", number(line.accuracy), number(line.macro_f1), number(line.weighted_f1),
                ", ".join(f"{label} {number(value, 2)}" for label, value in line.recall.items()),
            )
            for way in (2, 3, 5) for line in mine if line.way == way
        ]  # fmt: skip
        parts += [f"### {split} ({mine[0].n} answers)", "", table(["system", "accuracy", "macro-F1", "weighted F1", "recall"], rows), ""]
    return "\n".join(parts)


def gap_table(lines: Sequence[GapLine]) -> str:
    """Accuracy and F1 of "missing"."""
    rows = [
        (f"{line.split}, {line.what}", str(line.n), number(line.share), number(line.accuracy), number(line.f1), number(line.macro_f1))
        for line in lines
    ]
    return table(["split", "n", "share missing", "accuracy", "F1 of missing", "macro-F1"], rows)


def gaming_body(outcomes: Sequence[Outcome]) -> str:
    """One table a group of families."""
    lines, parts = families(outcomes), []
    for group, said in _HIT.items():
        rows = [
            (f"{f.name}", str(f.n), number(f.hit), number(f.rival))
            + ((number(f.before), number(f.lifted), number(f.flagged)) if group == "gaming" else ())
            for f in lines
            if f.group == group
        ]
        more = ["before", "lifted", "gaming suspected"] if group == "gaming" else []
        parts += [f"**{group.capitalize()}: {said}**", "", table([group, "n", "Viva", "cosine + isotonic", *more], rows), ""]
    copied = flagged(outcomes, "reference copied", "reference_copied")
    parts.append(
        f"A copied reference is reported as such in {number(copied)} of the cases; it earns its marks by policy and is not part of `all`."
    )
    return "\n".join(parts)


def decisions(name: str, grades: Sequence[Grade], truth: Floats) -> tuple[str, dict[str, str]]:
    """Risk and coverage, reliability, intervals: Markdown, and two plots by file name."""
    points, own = curve(grades, truth)
    best, bins, (inside, width) = most_at(grades, truth), reliability(grades, truth), covered(grades, truth)
    risk = [(f"{p.share:.0%}", str(p.n), number(p.qwk), number(p.rmse, 2)) for p in points]
    risk.append((f"the product's own choice: {own.share:.0%}", str(own.n), number(own.qwk), number(own.rmse, 2)))
    reached = f"QWK 0.80 is reached for {best.share:.0%} of the answers." if best else "QWK 0.80 is not reached, not even for a tenth."
    kept = [(number(b.promised), number(b.kept), str(b.n)) for b in bins]
    text = [
        table(["decided without a human", "n", "QWK", "RMSE of 5"], risk), "", reached, "",
        table(["confidence promised", "within a tenth of the scale", "n"], kept), "",
        f"The 90 % interval holds {inside:.1%} of the marks; its mean width is {5 * width:.2f} of 5.", "",
        f"![risk and coverage](evaluation/{name}-risk.svg) ![reliability](evaluation/{name}-reliability.svg)",
    ]  # fmt: skip
    return "\n".join(text), {f"{name}-risk.svg": _risk_plot(name, points), f"{name}-reliability.svg": _reliability_plot(name, bins)}


def scatter(title: str, truth: Floats, by: Mapping[str, Floats]) -> str:
    """Marks 0 to 5 against scores; human marks are moved by up to 0.06 so that equal ones can be told apart."""
    jitter = np.random.default_rng(0).uniform(-0.06, 0.06, len(truth))
    series = [Series(name, list(zip((5 * truth + jitter).tolist(), (5 * said).tolist(), strict=True))) for name, said in by.items()]
    return plot(title, "human mark", "score", series, x_range=(0, 5), y_range=(0, 5))


def _risk_plot(name: str, points: Sequence[Point]) -> str:
    lines = [
        Series("QWK", [(p.share, p.qwk) for p in points], line=True),
        Series("RMSE (of 1)", [(p.share, p.rmse / 5) for p in points], line=True),
    ]
    return plot(f"{name}: risk and coverage", "share decided without a human", "QWK, RMSE", lines, x_range=(0, 1), y_range=(0, 1))


def _reliability_plot(name: str, bins: Sequence[Bin]) -> str:
    at = [(b.promised, b.kept) for b in bins]
    lines = [Series("answers", at, line=True, size=3), Series("as promised", [(0, 0), (1, 1)], line=True, size=0)]
    return plot(f"{name}: reliability", "confidence", "within a tenth", lines, x_range=(0, 1), y_range=(0, 1))
