"""The shipped detectors are those of the shipped facts and encoder: nothing is fitted anew behind a user's back."""

from pathlib import Path

from corpus import load_corpus, load_encoder, load_settings
from linter.detect.bundle import load_trained


def test_the_shipped_file_knows_every_fact(tmp_path: Path) -> None:
    """A change of facts, recipe or encoder needs `python -m linter.training`."""
    corpus = load_corpus()
    trained = load_trained(corpus, load_encoder(load_settings()), tmp_path)

    assert trained.keys() == {fact.code for fact in corpus.facts}
    assert not list(tmp_path.iterdir())
