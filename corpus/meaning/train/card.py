"""The model card of the stance model, written from the figures of the run that made it."""

from __future__ import annotations

from typing import Any

__all__ = ["stance_card"]

_HEAD = """# Model card: stance

Does a text *support* a statement, *contradict* it, or say *nothing* about it? A cross-encoder of 22 million parameters, all-MiniLM-L6-v2 with
three outputs, that this project trained. Made by `python -m corpus.meaning.train` (the first step of `make train`) on {date}.

What is shipped is the difference to the pinned base (`{base}`): factors of rank {rank} for its matrices, in half precision, {size:.1f} MB of
safetensors with a pinned checksum. Set-up adds it to the base and writes an int8 ONNX file into the cache folder; neither torch nor a model library is
needed for that, nor for serving.

## Data and licences

| data | used for | licence |
|---|---|---|
| manuals of Flask, Flask-Login, Flask-SQLAlchemy, Flask-WTF, Werkzeug, Jinja, Django, gunicorn, WTForms, Celery: their sentences against their own corruptions, rewordings, myth frames and neighbours | first stage; a part of all but the third | fetched from the package index while training, never stored here; BSD or MIT |
| SNLI `dev`, CANNOT | all stages but the third | CC BY-SA 4.0 |
| ScoNe `train` | all stages but the third | CC0 1.0 |
| SemEval-2013 Task 7, Beetle and SciEntsBank `train`, three quarters of the questions | all stages but the first and third | CC BY-SA 3.0 |
| the facts and training wordings of `corpus/`, all writers but two, all facts but {held} | all stages but the first | Apache-2.0 |
| half of the ordinary true sentences of `corpus/plain/` | last stage | Apache-2.0 |
| statements with twins of `corpus/twins/`: of facts, and nine tenths of the others | from the fourth stage on | Apache-2.0 |
| the marked answers of `corpus/answers/` to {learned} of the questions | all stages but the first | Apache-2.0 |
| the edits of these answers in `corpus/edits/`, false and harmless | sixth and last stage | Apache-2.0 |
| all-MiniLM-L6-v2 | base | Apache-2.0 |

**All sentences, answers and labels of our own field were written by language models** in the voices named beside them, and checked by others of their
kind. They are synthetic; no human agreement is claimed anywhere on this page.

## Recipe

1. *The trick*: {trick} pairs, one epoch, learning rate 6e-5, embeddings frozen.
2. *The field*: {field} pairs, one and a half epochs, learning rate 8e-5, embeddings and the two lowest layers frozen.
3. *Our own*: the {own} pairs of facts and answers among them once more, 0.6 epochs, learning rate 5e-5, frozen alike.
4. *Free wording*: {free} pairs, one epoch, learning rate 1.2e-4, embeddings and the lowest layer frozen: wordings against their statement and against
   each other, true ones beside their own corruption, statements against their twins; a part of what came before, so that it is not forgotten.
5. *Alone*: {alone} pairs, one epoch, learning rate 1e-4, frozen alike: single sentences of answers after their question, answers flipped by rule; a
   part of what came before.
6. *Edited*: {edited} pairs, the same with answers edited by hand, one small change each, false or harmless.
7. The weights after the fourth stage and after the sixth are averaged, 0.3 to 0.7: these two stages cost on sentences about facts what they gain on
   answers, the average hardly does.
8. *Fitted*: {fitted} pairs, one epoch, learning rate 1.2e-4, frozen alike: every sentence about a fact against its statement and half of them against the
   nearest false wording of its record, and every statement with twins, true sentences with two of their terms exchanged, in two passes;
   ordinary true sentences against the nearest statements and false wordings of any facts, of which it is only known that they do not contradict the one and do not support the other (the loss asks for no more); a part of
   the rest. Before it, the model still misread a third of the very sentences it had been taught.
9. The difference to the base is factored by singular values, and the logits get one temperature and two biases, fitted on the development set below.

Batches of 32 by length, twins (a sentence for a statement and its near copy against it) in one batch; cross-entropy, and half the logistic loss of
the margin of twins; AdamW, linear decay, bfloat16 autocast, fixed seeds, sentence-transformers' own trainer with checkpoints every 200 steps; about
twelve hours on two cores. A repeated run gives the same pairs in the same order, and weights that differ in the last bits. **The shipped weights**
are not from one run: stages 1 to 3 learned from the 145 facts of their day, and stage 4 ran in two parts, one epoch of wordings at 8e-5 before there
were twins, then one pass and a quarter over everything at 1.2e-4; stage 6 ran in two parts, 67094 pairs with the edits of ten voices, averaged with
stage 4, then from there 70733 pairs with those of nine more, averaged half and half with its start; stage 8 ran in three parts, 63810 pairs,
then 54549 with the sentences of twenty-one more voices, averaged 0.8 with the start of both, then from there 72271 with those of eleven more, the
first to learn with the loss of twins, averaged 0.4 with its start. Stage 8 came once more when there were more facts: 50494 pairs, mostly of 259 new
facts and 17613 new wordings, averaged 0.85 with its start, then from there 34396, half of them of 215 newer facts, averaged 0.7 with its start. On 2026-11-23
it came twice more, without averaging between: 51705 pairs, the first with myths, then 53307, 9080 new wordings and ordinary sentences among them; the end is
averaged 0.7 with the start. A last part of 34587 learned short lines as they stand under a heading (of seven facts in eight; right and wrong ones that share half of their words
also against each other) and 2352 wordings more; it is averaged half and half with its start. Then once more over nearly all wordings, 76800 pairs of
a pass of 124316 at 1e-4, and from there 34079 at 7e-5: the sentences of 88 new facts, 670 new statements with twins, a part of the rest; the end was
a quarter of the start, 0.35 of the first part and 0.4 of the second. Then without dropout, which all parts before had (0.1): 160000 pairs of a pass of
265059 at 1e-4 over all wordings, 34584 pairs of them with terms in each other's place (half of them as they should stand), and from there 65000 at 5.5e-5, 8700
of them of 810 new key points with right and wrong answers in free words; the end was 0.85 of it and 0.15 of the start.
From there 71000 pairs at 5e-5, 26000 of them of 1733 key points in free words (923 by fifteen new voices), the rest of all wordings; the end was 0.75 of it and
0.25 of the start. The first of the rounds below was made by hand from the same functions, in two parts: 87999 pairs and from there 59991, most of the new
voices in the second; it ships 0.4 of the end of each and 0.2 of the start.
{rounds}
## Figures

Three classes. The development set gives temperature and biases; the shares of the averages were chosen with an eye on the writers apart as well. ECE is the expected calibration error in ten bins.

| set | pairs | accuracy | AUC of *contradicts* | ECE |
|---|--:|--:|--:|--:|
{rows}

- `held_out_questions`: answers to questions none of whose answers was trained on, against each of their key points.
- `development`: the same of other questions, with their edits, and half of the statements with twins that no stage saw.
- `held_out_edits`: those answers edited by hand, and the edited sentence alone, against the points that the edits change and some that they do not.
- `held_out_facts`: sentences about {held} facts of which no stage saw a sentence, by writers it knows.
- `held_out_twins`: the other half of those statements, sentences for and against them that differ in a word or two, and silent ones.
- `writer_...`: sentences about known facts by a writer none of whose sentences was trained on.

Minimal pairs by kind of trick, beside rivals: `docs/minimal-pairs.md`. In the linter: `linter/model/metrics.json` and `docs/linter.md`. In the grader:
`docs/model-card.md`. Speed: `docs/bench.md`.
"""
_ROUND = """
Round of {date}, by `python -m corpus.meaning.train.onward`: {pairs} pairs at {rate:g}, all twins of {voices} voices it had not heard twice among them;
averaged, {share:g} of the end.
"""
_LIMITS = """
## Limits

- Text and statement together are cut at 224 tokens; the grader reads longer answers in windows.
- It knows what its sentences taught it. On matters without a fact it sees the trick (negation, swap, number), hardly the world.
- Temperature and biases are set on answers after their question, edits of them, and bare sentences together; the linter and the ledger weigh it anew for
  their own use, and whoever uses it alone may calibrate it on their own sentences.
- English only.
"""


def stance_card(figures: dict[str, Any], size: int) -> str:
    """The card as Markdown, from what `finish` found; `size` of the artefact in bytes."""
    sets = {name: value for name, value in figures.items() if isinstance(value, dict) and "accuracy" in value}
    rows = "\n".join(
        f"| {n} | {v['pairs']} | {v['accuracy']:.3f} | {v['auc_contradicts']:.3f} | {v['expected_calibration_error']:.3f} |"
        for n, v in sets.items()
    )
    head = _HEAD.format(
        rows=rows,
        rounds="".join(map(_ROUND.format_map, figures["rounds"])),
        held=figures["held_out"],
        size=size / 1e6,
        base=figures["base"][:16],
        learned=figures["questions"],
        **figures["pairs"],
        **{k: figures[k] for k in ("date", "rank")},
    )
    return head + _LIMITS
