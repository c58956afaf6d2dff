"""What no stage of the stance's training learns from, and what its figures stand on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from corpus.datasets import SentencePair, drawn
from corpus.meaning.train.answers import answer_pairs, edit_pairs
from corpus.meaning.train.pairs import label_of, twin_pairs
from corpus.records import UNSEEN_WRITERS, Fact, Plain, Twins, Wording
from corpus.splits import is_development, is_reported
from corpus.store import Corpus

__all__ = ["CHOOSE_BY", "HELD_OUT_FACTS", "learned_facts", "learned_plain", "learned_twins", "learned_wordings", "measured_on", "voices"]

CHOOSE_BY = "development"
# Facts that no stage learns from, so that there are always some to measure on; drawn once among those no earlier stage had seen.
HELD_OUT_FACTS = frozenset("DBS200 DBS205 DEP204 DJA204 DJA209 EXT200 FLK300 FLK305 HTP302 PYT201 PYT206 SEC300 SEC305".split())


def learned_facts(corpus: Corpus) -> list[Fact]:
    """All but those kept apart."""
    return [fact for fact in corpus.facts if fact.code not in HELD_OUT_FACTS]


def learned_wordings(corpus: Corpus) -> list[Wording]:
    """Of all writers but those kept apart."""
    return [w for w in corpus.wordings if w.writer not in UNSEEN_WRITERS]


def learned_plain(corpus: Corpus) -> list[Plain]:
    """Half of the ordinary true sentences; on the other half the linter is fitted and measured."""
    return [plain for plain in corpus.plain if drawn(f"plain:{plain.text}", 2)]


def learned_twins(corpus: Corpus) -> list[Twins]:
    """Of facts that are learned, and nine in ten of the statements that are no fact's."""
    return [t for t in corpus.twins if t.fact not in HELD_OUT_FACTS and not _apart(t)]


def voices(corpus: Corpus) -> list[str]:
    """Who wrote the statements with twins that are learned, so that a later training knows whom the model has not heard."""
    return sorted({t.writer for t in learned_twins(corpus)})


def measured_on(corpus: Corpus) -> dict[str, list[SentencePair]]:
    """The sets by name; the first sets temperature and biases: answers, their edits, and statements with twins."""
    bare = twin_pairs([t for t in corpus.twins if _to_choose(t)], np.random.default_rng(5))
    sets = {CHOOSE_BY: [*_answers(corpus, is_development), *_edits(corpus, is_development), *bare]}
    sets |= {"held_out_questions": _answers(corpus, is_reported), "held_out_edits": _edits(corpus, is_reported)}
    sets["held_out_facts"] = _sentences(corpus, _of_held_out_facts)
    sets["held_out_twins"] = list(twin_pairs([t for t in corpus.twins if _apart(t) and not _to_choose(t)], np.random.default_rng(5)))
    return sets | {f"writer_{writer}": _sentences(corpus, partial(_is_by, writer)) for writer in sorted(UNSEEN_WRITERS)}


def _apart(twins: Twins) -> bool:
    """Twins no model learns from: one statement in ten of those that are no fact's (of facts, all wordings are learned)."""
    return twins.fact is None and drawn(f"twins:{twins.statement}", 10)


def _to_choose(twins: Twins) -> bool:
    """Half of the twins apart: temperature and biases are fitted on them as well, so that bare sentences count; figures stand on the others."""
    return _apart(twins) and drawn(f"choose:{twins.statement}", 2)


def _answers(corpus: Corpus, wanted: Callable[[str], bool]) -> list[SentencePair]:
    rows = answer_pairs(corpus.answers, corpus.questions, np.random.default_rng(3))
    return [pair for pair in rows if wanted(pair.group.removeprefix("question:"))]


def _edits(corpus: Corpus, wanted: Callable[[str], bool]) -> list[SentencePair]:
    edits = [(answer, edit) for answer, edit in corpus.edits if wanted(answer.question)]
    return list(edit_pairs(edits, corpus.questions, np.random.default_rng(8)))


def _of_held_out_facts(wording: Wording) -> bool:
    return wording.fact in HELD_OUT_FACTS and wording.writer not in UNSEEN_WRITERS


def _is_by(writer: str, wording: Wording) -> bool:
    return wording.writer == writer and wording.fact not in HELD_OUT_FACTS


def _sentences(corpus: Corpus, chosen: Callable[[Wording], bool]) -> list[SentencePair]:
    statements = {fact.code: fact.statement for fact in corpus.facts}
    return [SentencePair(w.text, statements[w.fact], label_of(w.label, w.text), w.fact) for w in corpus.wordings if chosen(w)]
