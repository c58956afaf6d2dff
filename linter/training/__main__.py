"""`python -m linter.training`: refit the linter's detectors and decision from the corpus and the manuals of the field."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from corpus import Corpus, load_corpus, load_encoder, load_settings
from corpus.datasets import drawn
from corpus.meaning import load_stance
from corpus.meaning.train.manuals import fetch_manuals, read_manuals
from corpus.splits import is_for_score, is_reported
from corpus.text.sentences import sentence_bounds
from linter.training.fit import train
from linter.training.rows import read_pages

_MANUALS = Path(".train") / "manuals"
KEPT_APART = 4  # one page of the manuals in so many is for measuring
_RIGHT = 0.95  # mark from which an answer without false claims is true prose
_MIN_WORDS = 5


def main() -> None:
    """Train and print the figures."""
    settings, corpus = load_settings(), load_corpus()
    passages = read_manuals(fetch_manuals(_MANUALS))
    manuals = [p.text for p in passages if not drawn(f"{p.package}:{p.page}", KEPT_APART)]
    beside = [
        text for twins in corpus.twins if not (twins.fact or twins.question) for text in (twins.statement, *twins.true, *twins.silent)
    ]
    prose = [*manuals, *right_sentences(corpus)]
    report = train(corpus, load_encoder(settings), load_stance(settings), read_pages(), prose, beside)
    sys.stdout.write(json.dumps(report.figures, indent=1) + "\n")


def right_sentences(corpus: Corpus) -> list[str]:
    """Sentences of our own answers that got (nearly) full marks; none of those that the grader is fitted or measured on."""
    apart = {q.id for q in corpus.questions if is_for_score(q.id) or is_reported(q.id)}
    answers = [a.text for a in corpus.answers if a.mark >= _RIGHT and not a.false_claims and a.question not in apart]
    found = [text[start:end].strip() for text in answers for start, end in sentence_bounds(text)]
    return [sentence for sentence in dict.fromkeys(found) if len(sentence.split()) >= _MIN_WORDS]


if __name__ == "__main__":
    main()
