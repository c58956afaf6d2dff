"""The model card, written from the figures of the run that made the model."""

from __future__ import annotations

from typing import Any

__all__ = ["model_card"]

_HEAD = """# Model card: assessor and score

Made by `python -m grader.training` on {date}, over {stance} (`docs/stance.md`).

- **Assessor**: a cross-encoder of the same 22 M parameters that reads question and answer against the reference and gives the five verdicts of
  SemEval-2013; kept as a small difference (`corpus/meaning/model/assessor.safetensors`) to the stance model. It is asked where key points are derived.
  It and what was learned over it make one fifth of a score there.
- **Ledger**: two logistic regressions, learned from our answers and their edits to questions that the stance has not seen: one weighs what the stance
  says of the whole answer; unless that plainly leaves a point out, the other weighs the sentences nearest to it as well.
- **Score with written key points**: boosted trees over ledger and signals. **Score with derived ones**: other boosted trees, learned from the same answers read as if
  nobody had written key points, and from a sentence or two of them against one point; a fifth of it, and the verdict, are from two boosted ordinals over what the assessor says as well. Plain JSON
  numbers, evaluated with numpy, monotone in coverage, contradiction and falsehood.
- **Trust**: the chance that a score is within a tenth of the scale (`confidence`) or off by more than a fifth; split-conformal intervals; the rule that
  sends answers to a human so that at most a set share of the others is off (`VIVA_GRADER_ERROR_RATE`), which holds with 90 % over draws of the held-out answers.

## Data and licences
| data | used for | licence |
|---|---|---|
| SemEval-2013 Task 7, Beetle and SciEntsBank, `train` splits | the assessor; the verdict where points are derived, fitted on a quarter of the questions beside an assessor that learned from the others alone | CC BY-SA 3.0 |
| answers to our own questions (`corpus/answers`, synthetic) | assessor; those on Django, HTTP, databases and serving and to five development questions, which no model has seen, for ledger, scores and their trust; in the verdict each counts three tenths | ours |
| their edits (`corpus/edits`, synthetic) | of the latter: how the ledger weighs | ours |
| all-MiniLM-L6-v2 (base and encoder) | start of training; vectors, unchanged | Apache-2.0 |

None of the data sets of others is part of this repository.

## Protocol
Choices were made on the train splits and on our answers that are fitted on, split by question; where points are derived also on one SemEval set with an assessor and a
score that had not seen it. For the trust in scores five-way labels became marks: correct 1, partially correct 0.5, all others 0.
Figures under "questions held out" are of eight folds by question, scores of our own answers; the marks of our own answers were given by their authors, language models.
"""
_LIMITS = """
## Limits
- The marks of our own answers are synthetic: that a score agrees with them is no agreement with people.
- Intervals and the rule keep their promise for answers like those they were fitted on; other kinds of candidates may differ. Marks of other people, on another
  scale (`docs/evaluation.md`: Mohler), call for a few marked answers.
- English only.
"""


def model_card(figures: dict[str, Any]) -> str:
    """The card as Markdown; `figures` as written to metrics.json."""
    parts = [_HEAD.format(date=figures["date"], stance=figures["stance"])]
    rows = figures["ledger"]
    lines = "\n".join(
        f"| {key.replace('_', ' ')} | {value} | {rows['reported'].get(key, '-')} |" for key, value in rows["held_out"].items()
    )
    parts.append(
        "\n## Ledger: key points with the right state\n\n`held out`: question held out, where it is fitted; `reported`: questions it never saw.\n"
        f"\n| points | held out | reported |\n|---|--:|--:|\n{lines}\n"
    )
    for name, title in (("rubric", "Score with written key points"), ("derived", "Score with derived key points")):
        lines = "\n".join(f"| {key} | {value} |" for key, value in figures[name].items())
        parts.append(f"\n## {title}, questions held out\n| figure | value |\n|---|--:|\n{lines}\n")
    test = "\n".join(
        f"| {r['system']} | {r['dataset']} {r['split']} | {r['n']} | {r['macro_f1']:.3f} | {r['accuracy']:.3f} | {r['macro_f1_5']:.3f} |"
        for r in figures["test"]
    )
    parts.append(
        f"\n## Test splits\n| system | split | n | macro-F1, 3-way | accuracy, 3-way | macro-F1, 5-way |\n|---|---|--:|--:|--:|--:|\n{test}\n"
    )
    return "".join(parts) + _LIMITS
