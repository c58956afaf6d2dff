"""The model card, written from the figures of the run that made the model."""

from __future__ import annotations

from typing import Any

__all__ = ["model_card"]

_HEAD = """# Model card: the score

Made by `python -m grader.training` on {date}, over the stance model {stance} (`docs/stance.md`). The model is plain JSON numbers, evaluated with numpy.

## Data and licences
| data | used for | licence |
|---|---|---|
| SemEval-2013 Task 7, Beetle and SciEntsBank, a quarter of the questions of the `train` splits (those the stance model has not seen) | score | CC BY-SA 3.0 |
| all-MiniLM-L6-v2 (encoder) | vectors, unchanged | Apache-2.0 |

None of the data sets is part of this repository.

## Protocol
Choices were made on the train splits, split by question. Five-way labels became marks: correct 1, partially correct 0.5, all others 0.
Where a question has written key points the ledger rules the score; the constants of that were set on the five development questions of
our own bank (`corpus/answers`, synthetic), on which no model was trained.
"""
_LIMITS = """
## Limits
- Intervals without written key points come from school science answers with three possible marks.
- English only.
"""


def model_card(figures: dict[str, Any]) -> str:
    """The card as Markdown; `figures` as written to metrics.json."""
    score = "\n".join(f"| {name} | {value} |" for name, value in figures["score"].items())
    test = "\n".join(
        f"| {r['system']} | {r['dataset']} {r['split']} | {r['n']} | {r['macro_f1']:.3f} | {r['accuracy']:.3f} | {r['macro_f1_5']:.3f} |"
        for r in figures["test"]
    )
    return (
        _HEAD.format(date=figures["date"], stance=figures["stance"])
        + f"\n## Score, train splits with questions held out\n| figure | value |\n|---|--:|\n{score}\n"
        + f"\n## Test splits\n| system | split | n | macro-F1, 3-way | accuracy, 3-way | macro-F1, 5-way |\n|---|---|--:|--:|--:|--:|\n{test}\n"
        + _LIMITS
    )
