"""Who does what to whom: sentences with two of their terms in each other's place, beside those whose clauses only changed places.

A model that never met such pairs reads "POST is idempotent and PUT is not" as support for the opposite: both hold the same words. A few
thousand pairs with their roles exchanged teach it otherwise (Min et al., *Syntactic data augmentation increases robustness to inference
heuristics*, 2020).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from corpus.datasets import SentencePair
from corpus.meaning.contrast import analyse
from corpus.meaning.train.corrupt import NAME, lowered, rewordings
from corpus.records import Fact, Twins, Wording

__all__ = ["exchanged", "role_pairs", "turned"]

_PROPER = re.compile(r"(?<=[a-z,;)] )[A-Z][a-z]{2,}\b")
# A noun that ends its phrase: "the browser sends", not "the browser window".
_THING = re.compile(
    r"\b(?:[Tt]he|[Aa]n?|[Ii]ts|[Ee]ach|[Ee]very|one|[Nn]o) ([a-z][a-z-]{3,})(?=[.,;:)]| (?:is|are|was|has|have|can|may|must|will|does|that|which|who|to|from|in|on|at|by|"
    r"for|with|without|when|while|as|into|before|after|itself|never|only|\w+s)\b)"
)
_SIDES = (
    "client/server request/response before/after first/last read/write parent/child sender/receiver header/body thread/process signed/encrypted development/production "
    "input/output public/private global/local required/optional authentication/authorization test/production load/save list/tuple class/instance name/value"
)
_SIDE = {word: other for pair in _SIDES.split() for word, other in (pair.split("/"), reversed(pair.split("/")))}
_BESIDE = re.compile(r"^(?:\s|,|\b(?:and|or|nor|plus|then|such|like|as well as|the|an?|to|from|with|versus|vs)\b|[/&()])*$")
_EVEN = re.compile(r"\b(?:both|either|neither|between|alike|same|equal(?:ly)?|vice versa|differ\w*|each other|together)\b", re.IGNORECASE)
_JOINTS = (" whereas ", " while ", "; ")


def exchanged(text: str, statement: str, rng: np.random.Generator) -> str | None:
    """`text` with two terms that the statement has too in each other's place; None where there are none, or they stand in one list."""
    if _EVEN.search(text):
        return None
    low = statement.lower()
    terms = [t for t in dict.fromkeys(_terms(text)) if re.search(rf"(?<!\w){re.escape(t.lower())}", low)]
    pairs = [(a, b) for i, a in enumerate(terms) for b in terms[i + 1 :] if _are_roles(text, a, b)]
    if not pairs:
        return None
    a, b = pairs[int(rng.integers(len(pairs)))]
    return re.sub(rf"(?<!\w)(?:{re.escape(a)}|{re.escape(b)})(?!\w)", lambda m: b if m[0] == a else a, text)


def turned(text: str) -> str | None:
    """`text` with its two clauses in the other order, which says the same; None where it has no such two."""
    for joint in _JOINTS:
        left, found, right = text.rstrip(".").partition(joint)
        if found and min(len(left.split()), len(right.split())) >= 4 and joint not in right:
            return f"{right[:1].upper()}{right[1:]}{joint}{lowered(left.rstrip(','))}."
    return None


def role_pairs(
    facts: Sequence[Fact],
    wordings: Sequence[Wording],
    twins: Sequence[Twins],
    others: Sequence[str],
    rng: np.random.Generator,
    share: float = 1.0,
) -> Iterator[SentencePair]:
    """Twins: a true sentence, and the same with two terms exchanged, against a statement that has both.

    Of facts and `twins` their true sentences, of these statements and `others` (key points, sentences of references and manuals) harmless
    rewordings of themselves. A random `share` of them all.
    """
    known = {fact.code: fact.statement for fact in facts}
    said = [(text, fact.statement, f"fact:{fact.code}") for fact in facts for text in fact.true_wordings[1:]]
    said += [(w.text, known[w.fact], f"fact:{w.fact}") for w in wordings if w.label == "true" and w.fact in known]
    said += [(text, t.statement, f"twins:{t.statement}") for t in twins if t.question is None for text in t.true]
    for text, statement, group in said:
        if rng.random() < share:
            yield from _twin(text, text, statement, group, rng)
    for statement in (*known.values(), *(t.statement for t in twins), *others):
        if rng.random() < share:
            alike = turned(statement) if rng.random() < 0.5 else None
            yield from _twin(alike or str(rng.choice(rewordings(statement, rng))), statement, statement, f"roles:{statement}", rng)


def _twin(alike: str, text: str, statement: str, group: str, rng: np.random.Generator) -> Iterator[SentencePair]:
    """What agrees and its exchanged twin, on either side of the statement."""
    wrong = exchanged(text, statement, rng)
    if wrong is None or wrong == text:
        return
    other = (turned(wrong) if rng.random() < 0.3 else None) or wrong
    yield SentencePair(alike, statement, "support", group)
    yield SentencePair(other, statement, "contradict", group)
    if rng.random() < 0.25:
        yield SentencePair(statement, other, "contradict", group)
        yield SentencePair(other, wrong if other != wrong else str(rng.choice(rewordings(wrong, rng))), "support", group)


def _terms(text: str) -> Iterator[str]:
    yield from (m[0] for m in NAME.finditer(text))
    yield from (m[0] for m in _PROPER.finditer(text))
    yield from (m[1] for m in _THING.finditer(text))
    words = set(re.findall(r"[a-z]+", text))
    yield from (w for w in sorted(words) if _SIDE.get(w) in words)


def _are_roles(text: str, a: str, b: str) -> bool:
    """Whether the two are of a kind, and not just entries of one list."""
    if a.lower() in b.lower() or b.lower() in a.lower() or (a[:1].isupper(), "(" in a) != (b[:1].isupper(), "(" in b):
        return False
    (first, one), (last, _) = sorted((text.find(term), term) for term in (a, b))
    between = NAME.sub("", text[first + len(one) : last])
    return not _BESIDE.match(between) and len(analyse(between).stems) > 0
