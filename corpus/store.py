"""Look-up by code, name, id and topic; near misses are suggested. One `Corpus` is built from one or more folders."""

from __future__ import annotations

import difflib
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from corpus.errors import DuplicateError, RecordError, UnknownFactError, UnknownQuestionError
from corpus.load import (
    Located,
    builtin_folder,
    load_answers,
    load_edits,
    load_facts,
    load_failed_proofs,
    load_plain,
    load_questions,
    load_twins,
    load_wordings,
)  # fmt: skip
from corpus.records import Answer, Edit, Fact, Plain, Question, Twins, Wording

__all__ = ["Corpus", "load_corpus"]

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")


@dataclass(frozen=True)
class Corpus:
    """Facts and questions with the places they were read from."""

    located_facts: tuple[Located[Fact], ...]
    located_questions: tuple[Located[Question], ...]
    folders: tuple[Path, ...] = field(default=())

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """All facts, by code."""
        return tuple(sorted((f.record for f in self.located_facts), key=lambda fact: fact.code))

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """All questions, by id."""
        return tuple(sorted((q.record for q in self.located_questions), key=lambda question: question.id))

    @cached_property
    def version(self) -> str:
        """Twelve hex digits of the SHA-256 over facts and questions: changes when any of them does.

        Training wordings do not count: they act through what was fitted on them, which has a checksum of its own.
        """
        digest = hashlib.sha256()
        for record in (*self.facts, *self.questions):
            digest.update(record.model_dump_json().encode())
        return digest.hexdigest()[:12]

    @cached_property
    def training_version(self) -> str:
        """Twelve hex digits that change with the files of training sentences; their names, sizes and times, since they are long to read."""
        digest = hashlib.sha256()
        for folder in self.folders:
            for file in sorted(file for kind in ("wordings", "twins", "plain") for file in (folder / kind).glob("*.yaml")):
                stat = file.stat()
                digest.update(f"{file.relative_to(folder)} {stat.st_size} {stat.st_mtime_ns}\n".encode())
        return digest.hexdigest()[:12]

    @cached_property
    def wordings(self) -> tuple[Wording, ...]:
        """Training sentences, those of twins of a fact among them; read only when a detector has to be fitted."""
        known = {fact.code for fact in self.facts}
        written = [w for folder in self.folders for w in _wordings(folder, known)]
        return (*written, *(w for twins in self.twins if twins.fact in known for w in twins.wordings()))

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """Marked answers, read only to train and to measure."""
        return tuple(self._checked(located) for folder in self.folders for located in load_answers(folder))

    @cached_property
    def edits(self) -> tuple[tuple[Answer, Edit], ...]:
        """Small changes of answers, each with the answer it changes; read only to train and to measure."""
        known = {(answer.question, answer.key): answer for answer in self.answers}
        return tuple(_of_answer(located, known) for folder in self.folders for located in load_edits(folder))

    @cached_property
    def twins(self) -> tuple[Twins, ...]:
        """Statements with sentences for and against them, read only to train."""
        return tuple(located.record for folder in self.folders for located in load_twins(folder))

    @cached_property
    def plain(self) -> tuple[Plain, ...]:
        """Ordinary true sentences, read only to train."""
        return tuple(located.record for folder in self.folders for located in load_plain(folder))

    def _checked(self, located: Located[Answer]) -> Answer:
        answer = located.record
        try:
            points = {p.id for p in self.question(answer.question).key_points}
        except UnknownQuestionError as error:
            raise RecordError(located.path, located.line, str(error), "name a question of the corpus.") from None
        if set(answer.key_points) != points:
            mend = f"give a state for each of {', '.join(sorted(points))}."
            raise RecordError(located.path, located.line, f"The answer's key points are not those of {answer.question}.", mend)
        return answer

    @cached_property
    def disabled(self) -> dict[str, str]:
        """Codes of facts whose proof failed when last run, with the reason; nothing is reported by them until it holds again."""
        failed = {code: row for folder in self.folders for code, row in load_failed_proofs(folder).items()}
        return {f.code: failed[f.code].detail for f in self.facts if f.code in failed and failed[f.code].statement == f.statement}

    def bank_sentences(self) -> tuple[str, ...]:
        """Every sentence of the reference answers, key points and explanations: true sentences of our field."""
        texts = [t for q in self.questions for t in (*q.reference_answers, *(k.text for k in q.key_points))]
        texts += [fact.explanation for fact in self.facts]
        return tuple(dict.fromkeys(s for text in texts for s in _SENTENCE_END.split(text)))

    def fact(self, key: str) -> Fact:
        """The fact with this code or name, in any case; UnknownFactError names the near ones."""
        found = self._by_fact_key.get(key.casefold())
        if found is None:
            raise UnknownFactError(key, self._near(key, [k for f in self.facts for k in (f.code, f.name)]))
        return found

    def question(self, key: str) -> Question:
        """The question with this id; UnknownQuestionError names the near ones."""
        found = self._by_question_id.get(key)
        if found is None:
            raise UnknownQuestionError(key, self._near(key, list(self._by_question_id)))
        return found

    def is_builtin(self, key: str) -> bool:
        """Whether the question with this id is one of ours: the linter has read its reference and points already (`make lint-corpus`)."""
        return key in self._builtin_ids

    @cached_property
    def _builtin_ids(self) -> frozenset[str]:
        return frozenset(q.record.id for q in self.located_questions if Path(q.path).is_relative_to(builtin_folder()))

    def by_topic(self, topic: str) -> tuple[Question, ...]:
        """The questions of one topic (any case), by id."""
        return tuple(q for q in self.questions if q.topic.casefold() == topic.casefold())

    @cached_property
    def _by_fact_key(self) -> dict[str, Fact]:
        return {key.casefold(): fact for fact in self.facts for key in (fact.code, fact.name)}

    @cached_property
    def _by_question_id(self) -> dict[str, Question]:
        return {question.id: question for question in self.questions}

    @staticmethod
    def _near(key: str, keys: Sequence[str]) -> tuple[str, ...]:
        folded = {k.casefold(): k for k in keys}
        return tuple(folded[k] for k in difflib.get_close_matches(key.casefold()[:80], list(folded), n=3, cutoff=0.5))


def load_corpus(extra: Iterable[Path] = (), *, builtin: bool = True) -> Corpus:
    """Read the built-in corpus and the `extra` folders; DuplicateError where a code, name or id stands twice."""
    folders = (*([builtin_folder()] if builtin else []), *extra)
    facts = [fact for folder in folders for fact in load_facts(folder)]
    questions = [question for folder in folders for question in load_questions(folder)]
    _unique("code", [(f.record.code, f.place) for f in facts])
    _unique("name", [(f.record.name, f.place) for f in facts])
    _unique("question id", [(q.record.id, q.place) for q in questions])
    known = {f.record.code for f in facts}
    for question in questions:
        for code in question.record.facts:
            _known_fact(code, known, question)
    return Corpus(tuple(facts), tuple(questions), tuple(folders))


def _unique(kind: str, keys: Sequence[tuple[str, str]]) -> None:
    seen: dict[str, str] = {}
    for key, place in keys:
        if key in seen:
            raise DuplicateError(kind, key, seen[key], place)
        seen[key] = place


def _known_fact(code: str, known: set[str], asking: Located[Question] | Located[Wording]) -> None:
    if code not in known:
        near = difflib.get_close_matches(code, sorted(known), n=3, cutoff=0.5)
        mend = f"use a code that exists{', such as ' + ' or '.join(near) if near else ''}, or write the fact."
        raise RecordError(asking.path, asking.line, f"No fact has the code {code!r}.", mend)


def _of_answer(located: Located[Edit], known: Mapping[tuple[str, str], Answer]) -> tuple[Answer, Edit]:
    edit = located.record
    answer = known.get((edit.question, edit.answer))
    if answer is None:
        problem = f"No answer to {edit.question} has the key {edit.answer}."
        raise RecordError(located.path, located.line, problem, "the text of the answer was changed: remove the edit or write it anew.")
    if answer.text.count(edit.find) != 1:
        problem = f"{edit.find[:60]!r} stands {answer.text.count(edit.find)} times in the answer."
        raise RecordError(located.path, located.line, problem, "quote words that stand in it once.")
    if strange := set(edit.now) - set(answer.key_points):
        problem = f"The answer has no key point {sorted(strange)[0]!r}."
        raise RecordError(located.path, located.line, problem, f"use {', '.join(sorted(answer.key_points))}.")
    return answer, edit


def _wordings(folder: Path, known: set[str]) -> Iterable[Wording]:
    for located in load_wordings(folder):
        _known_fact(located.record.fact, known, located)
        yield located.record
