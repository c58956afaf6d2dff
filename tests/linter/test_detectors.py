"""The shipped detectors are those of the shipped facts and encoder, and look no harder than they must."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus import Corpus, Encoder, load_corpus, load_encoder, load_settings
from corpus.text import Document, segments
from linter.checker import FactChecker
from linter.detect.bundle import load_trained


def test_the_shipped_file_knows_every_fact(tmp_path: Path) -> None:
    """A change of facts, recipe or encoder needs `python -m linter.training`."""
    corpus = load_corpus()
    trained = load_trained(corpus, load_encoder(load_settings()), tmp_path)

    assert trained.keys() == {fact.code for fact in corpus.facts}
    assert not list(tmp_path.iterdir())


class Counting:
    """An encoder that keeps what it was asked to encode."""

    def __init__(self, encoder: Encoder) -> None:
        self.encoder, self.asked = encoder, list[str]()
        self.name, self.checksum, self.dimensions = encoder.name, encoder.checksum, encoder.dimensions

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        return self.encoder.encode(texts)


def test_words_alone_spare_most_sentences_the_encoder(corpus: Corpus, encoder: Encoder) -> None:
    """What no word makes suspect is not encoded, a myth is; a plain truth only where somebody asks about that lead."""
    counting = Counting(encoder)
    checker = FactChecker(corpus, counting)
    myth, truth = (
        "Flask sessions are stored on the server by default.",
        "By default Flask keeps the session data in a signed cookie on the client.",
    )
    aside = "You can read more about blueprints in the chapter on larger applications."

    assert [bool(v) for v in checker.judge([(myth, ""), (truth, ""), (aside, "")])] == [True, False, False]
    assert counting.asked == [myth]
    counting.asked.clear()
    judged, leads = checker.judged_with_leads(segments(Document("a.txt", f"{myth} {truth} {aside}")))
    assert counting.asked == [myth]
    assert judged[0][1][0].probability >= checker.decision.threshold and not judged[1][1]
    (lead,) = (lead for lead in leads if lead.fact == judged[0][1][0].fact.code)
    (verdict,) = checker.sides([lead])
    assert lead.text == truth and counting.asked == [myth, truth]
    assert verdict and verdict.probability < checker.decision.threshold
    assert checker.sides([replace(lead, text=aside)]) == [None]
