"""The model card, written from the figures of the run that made the model."""

from __future__ import annotations

from typing import Any

__all__ = ["model_card"]

_HEAD = """# Model card: the score and the lexical stance

Made by `python -m grader.training` on {date}. Both models are plain JSON numbers, evaluated with numpy.

## Data and licences
| data | used for | licence |
|---|---|---|
| SemEval-2013 Task 7, Beetle and SciEntsBank, `train` splits | score; stance (correct, contradictory, irrelevant, non_domain answers against the nearest reference) | CC BY-SA 3.0 |
| SNLI `dev`, CANNOT | stance | CC BY-SA 4.0 |
| ScoNe `train` | stance | CC0 1.0 |
| our facts and questions (`corpus/`) | stance | Apache-2.0 |
| all-MiniLM-L6-v2 (encoder) | vectors, unchanged | Apache-2.0 |

None of the data sets is part of this repository.

## Protocol
Choices were made on the train splits, split by question or fact; the SemEval test splits were measured once, after training.
Five-way labels became marks: correct 1, partially correct 0.5, all others 0. The constants that let a written ledger rule the score
were set on a few dozen answers of our own to four questions of the bank: they are a design, not a measurement.
"""
_LIMITS = """
## Limits
- The lexical stance sees negations, opposites, numbers and missing words. Whether a free paraphrase is true or false it hardly knows
  (figure "facts_unseen" above, three classes); false claims are found by the facts of the linter, where a fact exists.
- Intervals come from school science answers with three possible marks. On interview answers their coverage is not yet measured.
- English only. Swapped roles within one sentence are often missed.
"""


def model_card(figures: dict[str, Any]) -> str:
    """The card as Markdown; `figures` as written to metrics.json."""
    stance = "\n".join(f"| {name} | {value:.3f} |" for name, value in figures["stance"]["held_out_accuracy"].items())
    score = "\n".join(f"| {name} | {value} |" for name, value in figures["score"].items())
    test = "\n".join(
        f"| {r['system']} | {r['dataset']} {r['split']} | {r['n']} | {r['macro_f1']:.3f} | {r['accuracy']:.3f} | {r['macro_f1_5']:.3f} |"
        for r in figures["test"]
    )
    return (
        _HEAD.format(date=figures["date"])
        + f"\n## Stance, groups held out: accuracy over support, contradict, silent ({figures['stance']['pairs']} pairs)\n| pairs | accuracy |\n|---|--:|\n{stance}\n"
        + f"\n## Score, train splits with questions held out\n| figure | value |\n|---|--:|\n{score}\n"
        + f"\n## Test splits\n| system | split | n | macro-F1, 3-way | accuracy, 3-way | macro-F1, 5-way |\n|---|---|--:|--:|--:|--:|\n{test}\n"
        + _LIMITS
    )
