"""What each stage of the stance's training learns from, drawn with fixed seeds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpus.datasets import SentencePair
from corpus.meaning.encoder import Encoder
from corpus.meaning.train.answers import answer_pairs, edit_pairs, flipped_pairs, sentence_pairs
from corpus.meaning.train.apart import learned_facts, learned_plain, learned_twins, learned_wordings
from corpus.meaning.train.beside import myth_pairs, plain_pairs
from corpus.meaning.train.manuals import Passage
from corpus.meaning.train.pairs import fact_pairs, manual_pairs, public_pairs, reworded_pairs, semeval_pairs, statement_pairs, twin_pairs
from corpus.meaning.train.roles import role_pairs
from corpus.records import Answer, Edit
from corpus.splits import is_for_score, is_learned, is_semeval_apart
from corpus.store import Corpus
from corpus.text.sentences import sentence_bounds

__all__ = ["Material"]

_PASSES = 2  # of the last stage
_SENTENCES = ("fact:", "page:", "roles:", "snli", "cannot", "scone")  # groups of all that is neither an answer nor a twin
_MANUAL_PAIRS_AGAIN = 4500  # of the first stage, kept in the second so that the trick is not forgotten


class Material:
    """All there is to learn from; each stage takes its share, with other partners and corruptions whenever it is drawn."""

    def __init__(self, corpus: Corpus, passages: Sequence[Passage], data: Path, encoder: Encoder) -> None:
        """Store the corpus, the sentences of the manuals, the folder of public sets, and what finds the myths nearest to a sentence."""
        self._corpus, self._passages, self._data, self._encoder = corpus, passages, data, encoder
        self._facts, self._wordings, self._twins = learned_facts(corpus), learned_wordings(corpus), learned_twins(corpus)

    def trick(self) -> list[SentencePair]:
        """Manuals against their own corruptions, and public pairs."""
        rng = np.random.default_rng(1)
        return [*manual_pairs(self._part(0), rng), *public_pairs(self._data, rng, snli=4500, cannot=7000, scone=1500)]

    def field(self) -> list[SentencePair]:
        """Facts, answers, SemEval; a part of the trick."""
        rng = np.random.default_rng(2)
        again = list(manual_pairs(self._part(1), rng))
        return [
            *fact_pairs(self._facts, self._wordings, self._corpus.questions, rng),
            *self._answers(rng),
            *self._semeval(),
            *(again[int(i)] for i in rng.permutation(len(again))[:_MANUAL_PAIRS_AGAIN]),
            *public_pairs(self._data, rng, snli=1500, cannot=1500, scone=700),
        ]

    def free(self) -> list[SentencePair]:
        """Free wordings and twins; what earlier stages taught comes along in part."""
        rng = np.random.default_rng(4)
        found = list(reworded_pairs(self._facts, self._wordings, rng))
        found += [pair for _ in range(2) for pair in twin_pairs(self._twins, rng)]
        found += _some(self._answers(rng), 0.7, rng) + _some(self._manual(rng), 0.1, rng) + _some(self._semeval(), 0.15, rng)
        return found + public_pairs(self._data, rng, snli=1500, cannot=700, scone=300)

    def alone(self) -> list[SentencePair]:
        """Sentences of answers alone, and answers flipped by rule; a part of what earlier stages taught."""
        rng = np.random.default_rng(6)
        found = list(sentence_pairs(self._learned, self._corpus.questions, rng))
        found += [pair for _ in range(2) for pair in flipped_pairs(self._learned, self._corpus.questions, rng)]
        return found + self._again(rng)

    def edited(self) -> list[SentencePair]:
        """Answers edited by hand, false and harmless; a part of what earlier stages taught."""
        rng = np.random.default_rng(7)
        found = [pair for _ in range(2) for pair in self._edits(rng)]
        found += [*sentence_pairs(self._learned, self._corpus.questions, rng), *flipped_pairs(self._learned, self._corpus.questions, rng)]
        return found + self._again(rng)

    def fitted(self) -> list[SentencePair]:
        """Every sentence about a fact, also against its myths, and every statement with twins, in passes, until they are known; a part of the rest."""
        rng = np.random.default_rng(21)
        found = list(plain_pairs(self._facts, learned_plain(self._corpus), self._encoder))
        myths = list(myth_pairs(self._facts, self._wordings, self._encoder))
        for _ in range(_PASSES):
            found += _some(myths, 0.5, rng)
            found += statement_pairs(self._facts, self._wordings)
            found += [*twin_pairs(self._twins, rng), *self._roles(rng)]
            found += _some(list(reworded_pairs(self._facts, self._wordings, rng)), 0.15, rng) + _some(self._edits(rng), 0.25, rng)
            found += _some(list(sentence_pairs(self._learned, self._corpus.questions, rng)), 0.1, rng)
            found += _some(list(flipped_pairs(self._learned, self._corpus.questions, rng)), 0.06, rng)
            found += _some(self._answers(rng), 0.1, rng) + _some(self._manual(rng), 0.02, rng) + _some(self._semeval(), 0.05, rng)
            found += public_pairs(self._data, rng, snli=900, cannot=700, scone=175)
        return found

    def onward(self, heard: Collection[str], n: int) -> list[SentencePair]:
        """Twice the twins of voices not in `heard`, and of what earlier stages taught a random part: `n` pairs in all, of as many as there are."""
        rng = np.random.default_rng(31)
        unheard = [t for t in self._twins if t.writer not in heard]
        found = [pair for _ in range(2) for pair in twin_pairs(unheard, rng)]
        known = [t for t in self._twins if t.writer in heard]
        kinds: tuple[tuple[Sequence[SentencePair], float], ...] = (
            ([pair for pair in self.fitted() if pair.group.startswith(_SENTENCES)], 0.45),
            (list(twin_pairs([t for t in known if t.question], rng)), 0.11),
            (list(twin_pairs([t for t in known if not t.question and not t.fact], rng)), 0.1),
            (self._answers(rng), 0.1),
            (self._edits(rng), 0.11),
            (list(sentence_pairs(self._learned, self._corpus.questions, rng)), 0.06),
            (list(flipped_pairs(self._learned, self._corpus.questions, rng)), 0.03),
            (self._semeval(), 0.04),
        )
        rest = max(0, n - len(found))
        return found + [pair for rows, share in kinds for pair in _in_twos(rows, int(share * rest), rng)]

    def _again(self, rng: np.random.Generator) -> list[SentencePair]:
        """A part of all that the first four stages learned from, and all twins once more."""
        found = list(twin_pairs(self._twins, rng))
        found += _some(self._answers(rng), 0.5, rng) + _some(list(reworded_pairs(self._facts, self._wordings, rng)), 0.25, rng)
        found += _some(self._manual(rng), 0.05, rng) + _some(self._semeval(), 0.15, rng)
        return found + public_pairs(self._data, rng, snli=3000, cannot=2000, scone=300)

    def _roles(self, rng: np.random.Generator) -> list[SentencePair]:
        """Terms in each other's place, half of all that can be made."""
        asked = [q for q in self._corpus.questions if is_learned(q.id)]
        texts = [text for q in asked for text in (*q.reference_answers, *(p.text for p in q.key_points))]
        others = [text[a:b] for text in texts for a, b in sentence_bounds(text)] + [p.text for p in _some(self._part(1), 0.25, rng)]
        return list(role_pairs(self._facts, self._wordings, self._twins, [t for t in others if t], rng, share=0.5))

    @property
    def _learned(self) -> list[Answer]:
        return [answer for answer in self._corpus.answers if is_learned(answer.question)]

    def _answers(self, rng: np.random.Generator) -> list[SentencePair]:
        answers = [answer for answer in self._corpus.answers if not is_for_score(answer.question)]
        pairs = answer_pairs(answers, self._corpus.questions, rng)
        return [pair for pair in pairs if is_learned(pair.group.removeprefix("question:"))]

    def _edits(self, rng: np.random.Generator) -> list[SentencePair]:
        edits: list[tuple[Answer, Edit]] = [(answer, edit) for answer, edit in self._corpus.edits if is_learned(answer.question)]
        return list(edit_pairs(edits, self._corpus.questions, rng))

    def _semeval(self) -> list[SentencePair]:
        return [pair for pair in semeval_pairs(self._data) if not is_semeval_apart(pair.group)]

    def _manual(self, rng: np.random.Generator) -> list[SentencePair]:
        return list(manual_pairs(self._part(int(rng.integers(3))), rng))

    def _part(self, first: int) -> list[Passage]:
        """All manuals but the two longest, of which every third sentence."""
        long = [[p for p in self._passages if p.package == name] for name in ("django", "celery")]
        return [p for p in self._passages if p.package not in ("django", "celery")] + [p for rows in long for p in rows[first::3]]


def _some(rows: Sequence[Any], share: float, rng: np.random.Generator) -> list[Any]:
    return [rows[int(i)] for i in rng.permutation(len(rows))[: int(share * len(rows))]]


def _in_twos(rows: Sequence[Any], n: int, rng: np.random.Generator) -> list[Any]:
    """About `n` of the rows, each with its neighbour, so that twins stay side by side."""
    return [row for i in rng.permutation(len(rows) // 2)[: n // 2] for row in rows[2 * int(i) : 2 * int(i) + 2]]
