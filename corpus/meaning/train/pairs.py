"""The sentence pairs a cross-encoder learns from, but those of answers: the field's own, the manuals against their corruptions, public sets.

Every pair knows its group (fact, question, page, premise): data is split by group, never by sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from corpus.datasets import SEMEVAL, Label, SentencePair, read_pairs, read_semeval
from corpus.meaning.cross import in_context
from corpus.meaning.train.corrupt import NAME, TRICKS, corruptions, myths, rewordings
from corpus.meaning.train.manuals import Passage
from corpus.records import Fact, Question, Twins, Wording

__all__ = ["fact_pairs", "label_of", "manual_pairs", "public_pairs", "reworded_pairs", "semeval_pairs", "statement_pairs", "twin_pairs"]

_STANCE: dict[str, Label] = {"true": "support", "false": "contradict", "near": "silent"}
_REFUTES = re.compile(r"\b(?:myth|contrary to|misconception|mistaken|wrong(?:ly)?|not true|untrue|isn't so|not so)\b", re.IGNORECASE)
_NEGATES = re.compile(r"n't\b|\b(?:no|not|never|none|nobody|nothing|without|neither|cannot)\b", re.IGNORECASE)
_IMPERATIVE = re.compile(r"^(?:See|Note|Start|For|Also|Let|Add|Make|Now|Here|This|Check|Remember|Read|To|Please|You'll|We)\b")


def fact_pairs(
    facts: Sequence[Fact], wordings: Sequence[Wording], questions: Sequence[Question], rng: np.random.Generator
) -> Iterator[SentencePair]:
    """Wordings against their statement, with and without context; the statement against its corruption; other facts' sentences."""
    asked = {code: q.question for q in questions for code in q.facts}
    by_fact = {fact.code: _labelled(fact, wordings) for fact in facts}
    names = [name for rows in by_fact.values() for text, _ in rows for name in NAME.findall(text)]
    for fact in facts:
        group, rows = f"fact:{fact.code}", by_fact[fact.code]
        subjects = [f"In {s}" for s in (fact.slots.subject if fact.slots else ()) if s[:1].isupper()]
        contexts = [*subjects, *([asked[fact.code]] * 2 if fact.code in asked else [])]
        true = [t for t, label in rows if label == "support"]
        for text, label in rows:
            yield SentencePair(text, fact.statement, label, group)
            if contexts and rng.random() < 0.6:
                yield SentencePair(in_context(text, str(rng.choice(contexts))), fact.statement, label, group)
            if label == "support" and rng.random() < 0.35:
                yield SentencePair(fact.statement, text, "support", group)
            if label == "contradict" and rng.random() < 0.35:
                yield SentencePair(fact.statement, text, "contradict", group)
            if label != "silent" and rng.random() < 0.25:
                framed, kept = _framed(text, label, rng)
                yield SentencePair(framed, fact.statement, kept, group)
        for _, changed in corruptions(fact.statement, rng, names):
            yield SentencePair(changed, fact.statement, "contradict", group)
            yield SentencePair(str(rng.choice(true)), changed, "contradict", group)
            yield SentencePair(rewordings(changed, rng)[-1], changed, "support", group)
        for text in rewordings(fact.statement, rng):
            yield SentencePair(text, fact.statement, "support", group)
        yield from _foreign(fact, facts, by_fact, rng)


def statement_pairs(facts: Sequence[Fact], wordings: Sequence[Wording]) -> list[SentencePair]:
    """Every sentence about a fact, as it stands, against the statement."""
    return [SentencePair(t, fact.statement, label, f"fact:{fact.code}") for fact in facts for t, label in _labelled(fact, wordings)]


def label_of(label: str, text: str) -> Label:
    """What a wording labelled true, false or near says of its fact's statement; a near one may refute the myth, which supports."""
    return "support" if label == "near" and _REFUTES.search(text) else _STANCE[label]


def _framed(text: str, label: Label, rng: np.random.Generator) -> tuple[str, Label]:
    frame = str(rng.choice(["denied", "affirmed", "asked"]))
    other: Label = "contradict" if label == "support" else "support"
    return myths(text, rng)[frame], {"denied": other, "affirmed": label, "asked": "silent"}[frame]


def _foreign(
    fact: Fact, facts: Sequence[Fact], by_fact: dict[str, list[tuple[str, Label]]], rng: np.random.Generator
) -> Iterator[SentencePair]:
    """Sentences about other matters, half of them of the same family, are silent about this one."""
    kin = [f for f in facts if f.code[:3] == fact.code[:3] and f.code != fact.code]
    rest = [f for f in facts if f.code != fact.code]
    for i in range(20):
        among = kin if kin and i % 2 else rest
        rows = by_fact[among[int(rng.integers(len(among)))].code]
        yield SentencePair(rows[int(rng.integers(len(rows)))][0], fact.statement, "silent", f"fact:{fact.code}")


def reworded_pairs(facts: Sequence[Fact], wordings: Sequence[Wording], rng: np.random.Generator) -> Iterator[SentencePair]:
    """Free wordings against the statement and against each other, each true one beside its own corruption.

    What a wording alone gives away (its voice, a negation) helps on no pair whose other half is a wording too.
    """
    rows = {fact.code: _labelled(fact, wordings) for fact in facts}
    names = [name for sentences in rows.values() for text, _ in sentences for name in NAME.findall(text)]
    for fact in facts:
        group, sentences = f"fact:{fact.code}", rows[fact.code]
        true = [t for t, label in sentences if label == "support"]
        false = [t for t, label in sentences if label == "contradict"]
        for text, label in sentences:
            yield SentencePair(text, fact.statement, label, group)
            partner = str(rng.choice(true))
            beside = fact.statement if rng.random() < 0.6 else partner
            if rng.random() < 0.5 and partner != text:
                yield SentencePair(*_either(text, partner, rng), label, group)
            if label == "support":
                if rng.random() < 0.5:
                    yield SentencePair(text, str(rng.choice(false)), "contradict", group)
                for _, changed in list(corruptions(text, rng, names))[:1]:
                    yield SentencePair(changed, beside, "contradict", group)
            if label == "contradict" and not _NEGATES.search(text) and rng.random() < 0.6:
                denied = TRICKS["negation"](text, rng, ())
                if denied:
                    yield SentencePair(denied, beside, "support", group)
        yield from _foreign(fact, facts, rows, rng)


def twin_pairs(twins: Sequence[Twins], rng: np.random.Generator) -> Iterator[SentencePair]:
    """Statements with sentences for and against them that differ in a word or two, and sentences that say nothing about them.

    Short answers stand after their question, as the ledger reads them.
    """
    for one in twins:
        group = f"twins:{one.statement}"
        asked = partial(in_context, context=one.question or "")
        for n, (true, false) in enumerate(zip(one.true, one.false, strict=True)):
            yield SentencePair(asked(true), one.statement, "support", group)
            yield SentencePair(asked(false), one.statement, "contradict", group)
            if one.question:
                continue  # of two answers, neither is a statement
            other = (n + 1) % len(one.true)
            yield SentencePair(one.true[other], true, "support", group)
            yield SentencePair(*_either(one.true[other], false, rng), "contradict", group)
        for text in one.silent:
            beside = one.statement if one.question or rng.random() < 0.7 else str(rng.choice(one.true))
            yield SentencePair(asked(text), beside, "silent", group)
        stranger = twins[int(rng.integers(len(twins)))]
        if stranger.statement != one.statement:
            yield SentencePair(str(rng.choice(stranger.true)), one.statement, "silent", group)


def _labelled(fact: Fact, wordings: Sequence[Wording]) -> list[tuple[str, Label]]:
    """All sentences written for a fact, each once, with what they say about its statement."""
    rows = [("true", t) for t in fact.true_wordings] + [("false", t) for t in fact.false_wordings] + [("near", t) for t in fact.near_misses]
    rows += [(w.label, w.text) for w in wordings if w.fact == fact.code]
    return [(text, label_of(label, text)) for label, text in rows]


def manual_pairs(passages: Sequence[Passage], rng: np.random.Generator) -> Iterator[SentencePair]:
    """Sentences of the manuals against their corruption, a rewording, a frame of myth or question, and their neighbour.

    The corrupted sentence stands on either side and also against its own rewording, so that clumsiness tells nothing.
    """
    names = [name for p in passages for name in NAME.findall(p.text)]
    for i, passage in enumerate(passages):
        text, group = passage.text, f"page:{passage.package}:{passage.page}"
        false = [changed for _, changed in corruptions(text, rng, names)][:2]
        if _IMPERATIVE.match(text) or not false:
            continue
        alike, wrong = str(rng.choice(rewordings(text, rng))), str(rng.choice(rewordings(false[0], rng)))
        yield SentencePair(*_either(false[0], text, rng), "contradict", group)
        yield SentencePair(*_either(alike, false[-1], rng), "contradict", group)
        yield SentencePair(*_either(alike, text, rng), "support", group)
        if rng.random() < 0.7:
            yield SentencePair(wrong, false[0], "support", group)
        if rng.random() < 0.4:
            myth = myths(text if rng.random() < 0.5 else false[0], rng)
            statement = text if rng.random() < 0.5 else false[0]
            same = (text in myth["affirmed"] or _tail(text) in myth["affirmed"]) == (statement == text)
            yield SentencePair(myth["denied"], statement, "contradict" if same else "support", group)
            yield SentencePair(myth["affirmed"], statement, "support" if same else "contradict", group)
            if rng.random() < 0.4:
                yield SentencePair(myth["asked"], statement, "silent", group)
        neighbour = (
            passages[i + 1 if i + 1 < len(passages) else i - 1].text
            if rng.random() < 0.6
            else passages[int(rng.integers(len(passages)))].text
        )
        yield SentencePair(neighbour, text if rng.random() < 0.6 else false[0], "silent", group)


def _tail(text: str) -> str:
    return text[1:].rstrip(". ")


def _either(a: str, b: str, rng: np.random.Generator) -> tuple[str, str]:
    return (a, b) if rng.random() < 0.5 else (b, a)


def public_pairs(folder: Path, rng: np.random.Generator, *, snli: int = 9000, cannot: int = 9000, scone: int = 3000) -> list[SentencePair]:
    """Random parts of SNLI dev, CANNOT and ScoNe train; an empty list where the folder is missing."""
    if not (folder / "nli").is_dir():
        return []
    found: list[SentencePair] = []
    for name, split, count in (("snli_dev_test", "dev", snli), ("cannot_pairs", "train", cannot), ("scone_nli", "train", scone)):
        rows = read_pairs(folder, name, split)
        found += [rows[int(i)] for i in rng.permutation(len(rows))[:count]]
    return found


def semeval_pairs(folder: Path, split: str = "train", *, reference: int | None = None) -> list[SentencePair]:
    """Answers of SemEval-2013 against their reference: the longest, or the one of that index; [] where the folder is missing."""
    if not (folder / "asag").is_dir():
        return []
    labels: dict[str, Label] = {"correct": "support", "contradictory": "contradict"}
    found = []
    for dataset in SEMEVAL:
        for row in read_semeval(folder, dataset, split):
            chosen = row.references[reference % len(row.references)] if reference is not None else max(row.references, key=len)
            group = f"{dataset}:{row.question_id}"
            found.append(SentencePair(in_context(row.answer, row.question), chosen, labels.get(row.label, "silent"), group))
    return found
