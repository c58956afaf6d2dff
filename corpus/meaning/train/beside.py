"""Sentences against what lies nearest to them: a fact's own against its myths, ordinary true ones against any fact and any myth.

Of the latter it is known what they are not, rather than what they are: a true sentence contradicts no fact and supports no myth.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.datasets import Label, SentencePair
from corpus.meaning.train.pairs import label_of
from corpus.records import Fact, Plain, Wording

if TYPE_CHECKING:
    from corpus.meaning.encoder import Encoder

__all__ = ["myth_pairs", "plain_pairs"]

_SAME_MYTH = 0.6  # cosine from which a false sentence is taken to say the same as the nearest false wording of its fact
_FACTS, _MYTHS = 3, 2  # that are nearest to an ordinary sentence
# What a sentence says of a myth, by what it says of the statement.
_OF_A_MYTH: dict[Label, Label] = {"contradict": "support", "support": "contradict", "silent": "silent"}


def myth_pairs(facts: Sequence[Fact], wordings: Sequence[Wording], encoder: Encoder) -> Iterator[SentencePair]:
    """Each wording against the nearest false wording of its fact's record; false ones that lie far may err otherwise and are left out."""
    rows = defaultdict(list)
    for wording in wordings:
        rows[wording.fact].append(wording)
    for fact in facts:
        if not rows[fact.code]:
            continue
        likeness = encoder.encode([w.text for w in rows[fact.code]]) @ encoder.encode(fact.false_wordings).T
        for wording, row in zip(rows[fact.code], likeness, strict=True):
            label = label_of(wording.label, wording.text)
            if label != "contradict" or row.max() >= _SAME_MYTH:
                yield SentencePair(wording.text, fact.false_wordings[int(row.argmax())], _OF_A_MYTH[label], f"fact:{fact.code}")


def plain_pairs(facts: Sequence[Fact], plain: Sequence[Plain], encoder: Encoder) -> Iterator[SentencePair]:
    """Each ordinary sentence against the nearest statements and the nearest false wordings of any facts."""
    if not plain:
        return
    texts = encoder.encode([one.text for one in plain])
    myths = [(text, fact.code) for fact in facts for text in fact.false_wordings]
    statements = _nearest(texts, encoder.encode([fact.statement for fact in facts]), _FACTS)
    false = _nearest(texts, encoder.encode([text for text, _ in myths]), _MYTHS)
    for one, near, wrong in zip(plain, statements, false, strict=True):
        for i in near:
            yield SentencePair(one.text, facts[int(i)].statement, "uncontradicted", f"fact:{facts[int(i)].code}")
        for i in wrong:
            yield SentencePair(one.text, myths[int(i)][0], "unsupported", f"fact:{myths[int(i)][1]}")


def _nearest(texts: NDArray[np.float32], others: NDArray[np.float32], first: int) -> NDArray[np.int64]:
    """The places of the `first` nearest of `others`, (m, d), to each of `texts`, (n, d): shape (n, first)."""
    return np.argsort(-(texts @ others.T), axis=1, kind="stable")[:, :first]
