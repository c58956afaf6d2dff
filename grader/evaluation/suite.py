"""Gaming and fairness: each answer against its own perturbation, for the product and for a rival under the same rule.

- gaming: an answer that deserves to fail; it *passes* when its score reaches half of the scale;
- meaning: a full-mark answer made wrong; it is *noticed* when the score falls by at least a tenth of the scale, or when more
  contradictions (key points or false claims) are reported than before;
- invariance: a full-mark answer in other words; it *flips* when the score moves by more than a fifth of the scale.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from corpus.store import Corpus
from grader.evaluation import attacks, flips, rewrites
from grader.evaluation.rows import Grader, Row, grade_rows
from grader.records import Grade

__all__ = ["FAMILIES", "PASS", "Case", "Family", "Outcome", "cases", "families", "flagged", "run"]

PASS, NOTICED, FLIPPED = 0.5, 0.1, 0.2
FAILING = 0.5  # answers with a lower mark deserve to fail
EPSILON = 1e-9
Floats = NDArray[np.float64]
Edit = Callable[[str, Sequence[str], random.Random], str | None]


def _plain(edit: Callable[[str, random.Random], str | None]) -> Edit:
    return lambda text, _, rng: edit(text, rng)


_ATTACKS: dict[str, Edit] = {
    "orders to the grader": _plain(attacks.order),
    "padding": _plain(attacks.padded),
    "repetition": _plain(attacks.repeated),
    "trigger tokens": _plain(attacks.triggered),
    "adjectives": _plain(attacks.adjectives),
    "hidden characters": _plain(attacks.hidden),
    "homoglyphs": _plain(attacks.look_alikes),
}
_MEANING: dict[str, Edit] = {
    "negation": flips.negated,
    "opposite word": flips.opposed,
    "swap": flips.swapped,
    "deletion": flips.deleted,
    "contradiction": flips.contradicted,
}
_INVARIANCE: dict[str, Edit] = {
    "synonyms": _plain(rewrites.synonyms),
    "typos": _plain(rewrites.typos),
    "informal wording": _plain(rewrites.informal),
    "non-native wording": _plain(rewrites.non_native),
    "reordering": _plain(rewrites.reordered),
    "length": _plain(rewrites.longer),
}
_MADE = ("echo + wrong extension", "keyword list", "question copied", "shuffled words", "reference copied")
FAMILIES: dict[str, str] = (
    dict.fromkeys((*_MADE, *_ATTACKS), "gaming") | dict.fromkeys(_MEANING, "meaning") | dict.fromkeys(_INVARIANCE, "invariance")
)


@dataclass(frozen=True, slots=True)
class Case:
    """An answer (None where the attack is made of the question alone) and its perturbation."""

    family: str
    before: Row | None
    after: Row

    @property
    def group(self) -> str:
        """gaming, meaning or invariance."""
        return FAMILIES[self.family]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one case. Scores in [0, 1]; `hit` is passed, noticed or flipped, by the group of the case."""

    case: Case
    before: float | None
    after: float
    hit: bool
    rival_hit: bool
    grade: Grade


@dataclass(frozen=True, slots=True)
class Family:
    """One line of the table: shares of n; `lifted` counts only answers that did not pass before."""

    name: str
    group: str
    n: int
    hit: float
    rival: float
    before: float  # share that passed before the attack; nan where there was none
    lifted: float
    flagged: float  # share in which the product suspects gaming


def cases(rows: Sequence[Row], corpus: Corpus, *, seed: int = 0) -> list[Case]:
    """All cases of the answers `rows` to questions of the bank and of the reference answers of these questions, in order of FAMILIES."""
    found: list[Case] = []
    references = _references(rows)
    failing = [row for row in rows if row.mark < FAILING]
    full = [*(row for row in rows if row.mark == 1), *references]
    points = {row.group: [p.text for p in corpus.question(row.group).key_points] for row in rows}
    for family in FAMILIES:
        if family in _MADE:
            found += _made(family, references, failing, points, seed)
            continue
        edit = (_ATTACKS | _MEANING | _INVARIANCE)[family]
        for row in failing if family in _ATTACKS else full:
            text = edit(row.answer, points[row.group], _rng(seed, family, row.answer))
            if text is not None and text != row.answer:
                found.append(Case(family, row, replace(row, answer=text)))
    return found


def _references(rows: Sequence[Row]) -> list[Row]:
    """The reference answers of the questions as full-mark answers."""
    first = {row.group: row for row in rows}
    return [replace(row, answer=text, mark=1.0, kind="reference") for _, row in sorted(first.items()) for text in row.references]


def _made(family: str, references: Sequence[Row], failing: Sequence[Row], points: dict[str, list[str]], seed: int) -> list[Case]:
    """Attacks that are made of question, key points, reference or a false sentence alone."""
    out: list[Case] = []
    if family == "echo + wrong extension":
        for row in failing:
            spans = flips.sentence_spans(row.answer)
            if row.kind in {"false", "fluent-false"} and spans:
                wrong = row.answer[slice(*_rng(seed, family, row.answer).choice(spans))]
                text = attacks.echo_then(row.question, wrong, _rng(seed, "echo", row.answer))
                out.append(Case(family, None, replace(row, answer=text, mark=0.0, kind=family)))
        return out
    for row in references:
        for copy in range(1 if family == "reference copied" else 3):
            text = _text(family, row, points[row.group], copy, _rng(seed, f"{family}{copy}", row.answer))
            out.append(Case(family, None, replace(row, answer=text, mark=0.0, kind=family)))
    return list({(c.after.group, c.after.answer): c for c in out}.values())


def _text(family: str, reference: Row, points: Sequence[str], copy: int, rng: random.Random) -> str:
    asked = reference.question.strip()
    if family == "keyword list":
        return attacks.key_words(points, rng)
    if family == "question copied":
        return (asked, f"{asked} {asked}", f"The question is: {asked}")[copy]
    return attacks.shuffled(reference.answer, rng) if family == "shuffled words" else reference.answer


def run(found: Sequence[Case], grader: Grader, rival: Callable[[Sequence[Row]], Floats]) -> list[Outcome]:
    """Grade every answer once, before and after, and judge each case by the rule of its group."""
    rows = {(r.group, r.answer): r for c in found for r in (c.before, c.after) if r is not None}
    grades = dict(zip(rows, grade_rows(grader, [r.request() for r in rows.values()], "gaming"), strict=True))
    theirs = dict(zip(rows, rival(list(rows.values())).tolist(), strict=True)) if rows else {}
    out = []
    for case in found:
        new = (case.after.group, case.after.answer)
        old = (case.before.group, case.before.answer) if case.before else None
        grade, was = grades[new], grades[old] if old else None
        before = _score(was) if was else None
        worse = was is not None and _contradictions(grade) > _contradictions(was)
        other = theirs[old] if old else None
        out.append(
            Outcome(
                case, before, _score(grade), _hit(case.group, before, _score(grade)) or (case.group == "meaning" and worse),
                _hit(case.group, other, theirs[new]), grade,
            )
        )  # fmt: skip
    return out


def families(outcomes: Sequence[Outcome]) -> list[Family]:
    """One line a family, in the order of FAMILIES, then one for each group as a whole ("all"); copies of the reference stand apart."""
    lines = []
    for group in ("gaming", "meaning", "invariance"):
        mine = [o for o in outcomes if o.case.group == group]
        lines += [_family(name, group, of) for name in FAMILIES if (of := [o for o in mine if o.case.family == name])]
        if whole := [o for o in mine if o.case.family != "reference copied"]:
            lines.append(_family("all", group, whole))
    return lines


def flagged(outcomes: Sequence[Outcome], family: str, kind: str) -> float:
    """The share of a family's cases in which the product reports this kind of gaming; nan where there are none."""
    of = [o for o in outcomes if o.case.family == family]
    return sum(any(g.kind == kind for g in o.grade.gaming) for o in of) / len(of) if of else float("nan")


def _family(name: str, group: str, of: Sequence[Outcome]) -> Family:
    before = [o.before >= PASS for o in of if o.before is not None]
    fresh = [o for o in of if o.before is None or o.before < PASS]
    return Family(
        name, group, len(of), float(np.mean([o.hit for o in of])), float(np.mean([o.rival_hit for o in of])),
        float(np.mean(before)) if before else float("nan"),
        float(np.mean([o.after >= PASS for o in fresh])) if fresh else float("nan"),
        float(np.mean([bool(o.grade.gaming) for o in of])),
    )  # fmt: skip


def _hit(group: str, before: float | None, after: float) -> bool:
    if group == "gaming":
        return after >= PASS - EPSILON
    if before is None:
        raise ValueError(f"a case of {group} needs the answer before the edit")
    if group == "meaning":
        return before - after >= NOTICED - EPSILON
    return abs(before - after) > FLIPPED + EPSILON


def _score(grade: Grade) -> float:
    return grade.score / grade.max_score


def _contradictions(grade: Grade) -> int:
    return sum(p.state == "contradicted" for p in grade.key_points) + len(grade.false_claims)


def _rng(seed: int, family: str, text: str) -> random.Random:
    return random.Random(f"{seed}:{family}:{text}")  # noqa: S311 - no secret
