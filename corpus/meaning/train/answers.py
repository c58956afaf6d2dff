"""Marked answers and single sentences of them against key points, as the ledger reads them: what states a point, denies it, is silent.

The marks of an answer say what all of it does to a point. Of one sentence that is certain where the point is missing (none
says it), where a false claim is quoted, and nearly so where one sentence alone holds most words of a point.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corpus.datasets import Label, SentencePair
from corpus.meaning.contrast import analyse, clash
from corpus.meaning.cross import in_context
from corpus.meaning.train.corrupt import NAME, TRICKS, rewordings
from corpus.records import Answer, Edit, KeyPoint, Question
from corpus.text.sentences import sentence_bounds

__all__ = ["answer_pairs", "edit_pairs", "flipped_pairs", "sentence_pairs"]

_HOLDS, _LEADS = 0.45, 0.15  # share of a point's words in its sentence, and how much more than in any other sentence
_LABELS: dict[str, Label] = {"stated": "support", "contradicted": "contradict", "missing": "silent"}
_FLIPS = ("negation", "antonym", "quantifier", "number", "scope", "swap")


@dataclass(frozen=True, slots=True)
class _Stated:
    """A point and the one sentence of the answer that states it."""

    answer: Answer
    question: Question
    point: KeyPoint
    start: int
    end: int

    @property
    def sentence(self) -> str:
        return self.answer.text[self.start : self.end]

    def with_sentence(self, changed: str) -> str:
        """The whole answer with this sentence changed."""
        return self.answer.text[: self.start] + changed + self.answer.text[self.end :]


def answer_pairs(answers: Sequence[Answer], questions: Sequence[Question], rng: np.random.Generator) -> Iterator[SentencePair]:
    """Answers against the key points of their question, and a point of another question that nobody asked about."""
    known = {q.id: q for q in questions}
    every = [p.text for q in questions for p in q.key_points]
    for answer in answers:
        question = known[answer.question]
        for point in question.key_points:
            yield _pair(answer.text, question, point.text, _LABELS[answer.key_points[point.id]])
        if rng.random() < 0.3:
            yield _pair(answer.text, question, every[int(rng.integers(len(every)))], "silent")


def sentence_pairs(answers: Sequence[Answer], questions: Sequence[Question], rng: np.random.Generator) -> Iterator[SentencePair]:
    """Sentences that state a point, that deny it by a quoted claim, that say nothing about it."""
    known = {q.id: q for q in questions}
    for answer in answers:
        question = known[answer.question]
        sentences = [answer.text[a:b].strip() for a, b in sentence_bounds(answer.text)]
        for point in question.key_points:
            if answer.key_points[point.id] == "missing":
                for i in rng.permutation(len(sentences))[:2]:
                    yield _pair(sentences[int(i)], question, point.text, "silent")
        for stated in _stated(answer, question):
            yield _pair(stated.sentence, question, stated.point.text, "support")
        denied = [p for p in question.key_points if answer.key_points[p.id] == "contradicted"]
        if len(denied) == 1:
            for claim in answer.false_claims:
                held = [s for s in sentences if claim in s]
                for text in (claim, *held[:1]):
                    yield _pair(text, question, denied[0].text, "contradict")


def flipped_pairs(answers: Sequence[Answer], questions: Sequence[Question], rng: np.random.Generator) -> Iterator[SentencePair]:
    """A sentence that states a point, made false by rule, alone and in its answer; beside it the same sentence harmlessly reworded."""
    known = {q.id: q for q in questions}
    names = [name for answer in answers for name in NAME.findall(answer.text)]
    for answer in answers:
        for stated in _stated(answer, known[answer.question]):
            point, question = stated.point.text, stated.question
            flipped = _flipped(stated, rng, names)
            if not flipped and rng.random() >= 0.2:
                continue
            alike = str(rng.choice(rewordings(stated.sentence, rng)))
            yield _pair(alike, question, point, "support")
            if flipped:
                yield _pair(flipped, question, point, "contradict")
            if rng.random() < 0.7:
                yield _pair(stated.with_sentence(alike), question, point, "support")
                if flipped:
                    yield _pair(stated.with_sentence(flipped), question, point, "contradict")


def edit_pairs(edits: Sequence[tuple[Answer, Edit]], questions: Sequence[Question], rng: np.random.Generator) -> Iterator[SentencePair]:
    """Edited answers, and the edited sentences alone, against the points whose state they change; harmless ones where a false one stood too.

    What an edit turned from true to false, or back, stands beside what it was: twins.
    """
    known = {q.id: q for q in questions}
    touched: dict[tuple[str, int], set[str]] = {}  # answer and sentence -> points that some edit of it changes
    for answer, edit in edits:
        touched.setdefault((edit.answer, _place(answer, edit)[0]), set()).update(edit.now)
    for answer, edit in edits:
        question, (start, end) = known[edit.question], _place(answer, edit)
        before, whole = answer.text[start:end], edit.applied(answer.text)
        after = edit.applied(before)
        for point in question.key_points:
            was = answer.key_points[point.id]
            label = _LABELS[edit.now.get(point.id, was)]
            if point.id in edit.now and was != "missing":
                yield from _side_by_side((before, after), (_LABELS[was], label), question, point.text)
                if rng.random() < 0.5:
                    yield from _side_by_side((answer.text, whole), (_LABELS[was], label), question, point.text)
                else:
                    yield _pair(whole, question, point.text, label)
            elif point.id in edit.now:
                yield _pair(after, question, point.text, label)
                yield _pair(whole, question, point.text, label)
            elif point.id in touched[edit.answer, start] and not edit.now:
                if was != "missing":
                    yield _pair(after, question, point.text, label)
                yield _pair(whole, question, point.text, label)
            elif rng.random() < 0.15:
                yield _pair(whole, question, point.text, label)


def _side_by_side(texts: tuple[str, str], labels: tuple[Label, Label], question: Question, point: str) -> Iterator[SentencePair]:
    """Both, the supporting one first."""
    for text, label in sorted(zip(texts, labels, strict=True), key=lambda row: row[1] != "support"):
        yield _pair(text, question, point, label)


def _place(answer: Answer, edit: Edit) -> tuple[int, int]:
    """Start of the first and end of the last sentence that the edit changes."""
    at = answer.text.index(edit.find)
    spans = [(a, b) for a, b in sentence_bounds(answer.text) if a < at + len(edit.find) and b > at]
    return spans[0][0], spans[-1][1]


def _stated(answer: Answer, question: Question) -> Iterator[_Stated]:
    """The stated points that one sentence alone holds."""
    spans = [(a, b) for a, b in sentence_bounds(answer.text) if answer.text[a:b].strip()]
    stems = [set(analyse(answer.text[a:b]).stems) for a, b in spans]
    for point in question.key_points:
        need = set(analyse(point.text).stems)
        if answer.key_points[point.id] != "stated" or not need:
            continue
        shares = sorted(((len(need & s) / len(need), i) for i, s in enumerate(stems)), reverse=True)
        if shares and shares[0][0] >= _HOLDS and (len(shares) < 2 or shares[0][0] >= shares[1][0] + _LEADS):
            yield _Stated(answer, question, point, *spans[shares[0][1]])


def _flipped(stated: _Stated, rng: np.random.Generator, names: Sequence[str]) -> str | None:
    """The sentence after the first trick that makes it deny the point; None where none does."""
    for i in rng.permutation(len(_FLIPS)):
        changed = TRICKS[_FLIPS[int(i)]](stated.sentence, rng, names)
        if changed and changed != stated.sentence and _now_clashes(stated, changed):
            return changed
    return None


def _now_clashes(stated: _Stated, changed: str) -> bool:
    """Whether the change made a clash with the point where there was none: else it changed something that the point does not say."""
    point = analyse(stated.point.text)
    return clash(analyse(changed), point) and not clash(analyse(stated.sentence), point)


def _pair(text: str, question: Question, statement: str, label: Label) -> SentencePair:
    return SentencePair(in_context(text.strip(), question.question), statement, label, f"question:{question.id}")
