"""The records of the corpus: frozen, validated, and the source of the JSON Schema that editors use.

Shapes follow section 4 of the design: a fact carries its own test cases (true and false wordings, near misses);
a question carries its reference answers and weighted key points; a wording is a training sentence, never a test.
"""

from __future__ import annotations

import hashlib
import math
import re
from typing import Annotated, Literal, Self

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

__all__ = [
    "Answer",
    "AppliesTo",
    "Edit",
    "Fact",
    "History",
    "KeyPoint",
    "NoProof",
    "Place",
    "Plain",
    "Question",
    "Slots",
    "Source",
    "Twins",
    "Wording",
]

Severity = Literal["error", "warning", "info"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=3, max_length=1_000)]
Sentences = tuple[Sentence, ...]

MAX_KEY_POINTS = 50
MAX_REFERENCES = 20


class Record(BaseModel):
    """Base of all records: frozen, and a field nobody knows is an error, since it is mostly a misspelt one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Source(Record):
    """Where to look a fact up."""

    title: Text
    section: str = ""
    url: Annotated[str, StringConstraints(pattern=r"^https?://\S+$")]
    version: str = ""

    @property
    def label(self) -> str:
        """Title and section, as readers are shown it."""
        return self.title if self.section in ("", self.title) else f"{self.title}, {self.section}"


class AppliesTo(Record):
    """The package and the versions (PEP 440) a fact speaks of; package "none" for HTTP and the like."""

    package: Text
    versions: str = "*"

    @field_validator("versions")
    @classmethod
    def _is_specifier(cls, value: str) -> str:
        return _specifier(value)


class History(Record):
    """What was true of other versions."""

    versions: str
    statement: Sentence

    @field_validator("versions")
    @classmethod
    def _is_specifier(cls, value: str) -> str:
        return _specifier(value)


class Slots(Record):
    """What a fact asserts, in words: whose value it is, the right ones, the wrong ones, and what lifts the claim."""

    subject: tuple[Text, ...] = ()
    right: tuple[Text, ...] = ()
    wrong: tuple[Text, ...] = ()
    lifts: tuple[Text, ...] = ()


class NoProof(Record):
    """A fact no program proves yet, and why."""

    none: Text


class Fact(Record):
    """One fact, with the misconception it corrects. Its sentences are its own tests."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2,4}\d{3}$")]
    name: Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)+$")]
    statement: Sentence
    severity: Severity = "error"
    applies_to: AppliesTo
    history: tuple[History, ...] = ()
    terms: Annotated[tuple[Text, ...], Field(min_length=1)]
    slots: Slots | None = None
    true_wordings: Annotated[Sentences, Field(min_length=6)]
    false_wordings: Annotated[Sentences, Field(min_length=6)]
    near_misses: Annotated[Sentences, Field(min_length=3)]
    explanation: Text
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    proof: Text | NoProof

    @model_validator(mode="after")
    def _no_sentence_is_both_true_and_false(self) -> Self:
        def fold(sentences: Sentences) -> set[str]:
            return {re.sub(r"\W+", " ", s).strip().lower() for s in sentences}

        both = fold(self.false_wordings) & (fold(self.true_wordings) | fold(self.near_misses) | fold((self.statement,)))
        if both:
            raise ValueError(f"false_wordings: {sorted(both)[0]!r} stands among the true sentences too")
        return self


class KeyPoint(Record):
    """One atomic statement a good answer makes, and its share of the mark."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]{1,40}$")]
    text: Text
    weight: Annotated[float, Field(gt=0, le=1, allow_inf_nan=False)]


class Place(Record):
    """A source document and the number of the question in it."""

    source: Annotated[str, StringConstraints(min_length=1)]
    number: Annotated[int, Field(ge=1)]


class Question(Record):
    """A question, what a good answer says, and how much each point of it counts."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z]+-\d{3}$")]
    topic: Text
    level: Literal["junior", "mid", "senior"]
    question: Text
    reference_answers: Annotated[tuple[Text, ...], Field(min_length=1, max_length=MAX_REFERENCES)]
    key_points: Annotated[tuple[KeyPoint, ...], Field(min_length=1, max_length=MAX_KEY_POINTS)]
    facts: tuple[str, ...] = ()
    asked_in: tuple[Place, ...] = ()

    @model_validator(mode="after")
    def _weights_sum_to_one(self) -> Self:
        check_key_points(self.key_points)
        return self


# Writers whose sentences no stance model is trained on: the decision of the linter is fitted and measured on them.
UNSEEN_WRITERS = frozenset({"copywriter", "release-notes-nerd"})


class Wording(Record):
    """A sentence written to train detectors and stance; no test, and not linted."""

    fact: str
    label: Literal["true", "false", "near"]
    text: Sentence
    writer: Text


class Plain(Record):
    """An ordinary true sentence of our field, about anything, as interview texts have them; training data like wordings.

    Every detector learns to stay silent on those that pass its gate.
    """

    text: Sentence
    writer: Text


class Twins(Record):
    """A statement with sentences that support it and as many that contradict it: near twins in the same order, or free ones; training data like wordings."""

    statement: Sentence
    fact: str | None = None  # whose statement it is, if a fact's
    question: Sentence | None = None  # what the texts answer, where they are short answers
    true: Annotated[Sentences, Field(min_length=1)]
    false: Annotated[Sentences, Field(min_length=1)]
    silent: Sentences = ()  # true sentences about the same matter that say nothing about the statement
    writer: Text

    @model_validator(mode="after")
    def _in_pairs(self) -> Self:
        if len(self.true) != len(self.false):
            raise ValueError(f"true and false: {len(self.true)} and {len(self.false)} sentences, they stand in pairs")
        return self

    def wordings(self) -> tuple[Wording, ...]:
        """The sentences as wordings of the fact; none where the statement is no fact's."""
        labelled: tuple[tuple[Literal["true", "false", "near"], Sentences], ...] = (
            ("true", self.true), ("false", self.false), ("near", self.silent),
        )  # fmt: skip
        return tuple(
            Wording(fact=self.fact, label=label, text=text, writer=self.writer) for label, texts in labelled for text in texts if self.fact
        )


class Answer(Record):
    """A marked answer of our own: `mark` in 0..1; per key point its state; the exact words of each false claim."""

    question: str
    kind: Text
    text: str
    mark: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    key_points: dict[str, Literal["stated", "contradicted", "missing"]]
    false_claims: tuple[str, ...] = ()
    writer: Text

    @property
    def key(self) -> str:
        """Twelve hex digits of the SHA-256 of the text: by these an edit names its answer."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:12]

    @model_validator(mode="after")
    def _claims_stand_in_the_text(self) -> Self:
        for claim in self.false_claims:
            if claim not in self.text:
                raise ValueError(f"false_claims: {claim[:60]!r} does not stand in the text")
        return self


class Edit(Record):
    """A small change of a marked answer, false or harmless; training data: `now` gives the key points whose state it changes."""

    question: str
    answer: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{12}$")]  # Answer.key
    find: Annotated[str, StringConstraints(min_length=1, max_length=1_000)]  # stands in the answer once
    put: Annotated[str, StringConstraints(max_length=1_000)]
    now: dict[str, Literal["stated", "contradicted", "missing"]] = {}
    trick: Text
    writer: Text

    def applied(self, text: str) -> str:
        """The answer, or a part of it that holds `find`, after the change."""
        return text.replace(self.find, self.put)


def check_key_points(points: tuple[KeyPoint, ...]) -> None:
    """Weights sum to 1 within a thousandth and ids differ; ValueError says which do not."""
    total = math.fsum(point.weight for point in points)
    if abs(total - 1) > 1e-3:
        raise ValueError(f"key_points: weights sum to {total:g}, they must sum to 1")
    ids = [point.id for point in points]
    if len(set(ids)) != len(ids):
        twice = next(i for i in ids if ids.count(i) > 1)
        raise ValueError(f"key_points: id {twice!r} is given twice")


def _specifier(value: str) -> str:
    try:
        SpecifierSet("" if value == "*" else value)
    except InvalidSpecifier:
        raise ValueError(f"versions: {value!r} is no PEP 440 specifier such as '>=2.3,<4'") from None
    return value
