"""The cache of findings."""

from pathlib import Path

import pytest

from corpus import Corpus
from corpus.text import Document, Span
from linter.cache import FindingsCache
from linter.finding import Finding, Fix, SourceLink

FOUND = [
    Finding(
        "FLK012",
        "n",
        "error",
        "No.",
        "a.md",
        Span(0, 4),
        "Myth",
        "Truth.",
        (SourceLink("T", "https://example.org"),),
        0.9,
        Fix(0, 4, "x", True),
    )
]


def test_findings_come_back_whole(tmp_path: Path, corpus: Corpus) -> None:
    """What was put is what is got, under the path that asks."""
    cache = FindingsCache(tmp_path, corpus, "m")
    cache.put(Document("a.md", "Myth"), FOUND)
    assert cache.get(Document("a.md", "Myth")) == FOUND
    (moved,) = cache.get(Document("b.md", "Myth")) or []
    assert moved.path == "b.md"


def test_other_text_kind_model_or_corpus_is_not_found(tmp_path: Path, corpus: Corpus) -> None:
    """Nothing stale is found: the key holds content, kind of file, model and corpus."""
    FindingsCache(tmp_path, corpus, "m").put(Document("a.md", "Myth"), FOUND)
    assert FindingsCache(tmp_path, corpus, "m").get(Document("a.md", "Myth!")) is None
    assert FindingsCache(tmp_path, corpus, "m").get(Document("a.txt", "Myth")) is None
    assert FindingsCache(tmp_path, corpus, "n").get(Document("a.md", "Myth")) is None
    other = Corpus(corpus.located_facts[1:], corpus.located_questions)
    assert FindingsCache(tmp_path, other, "m").get(Document("a.md", "Myth")) is None


def test_a_fact_switched_off_meanwhile_is_told_no_more(tmp_path: Path, corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proof that fails between two runs changes the key."""
    FindingsCache(tmp_path, corpus, "m").put(Document("a.md", "Myth"), FOUND)
    monkeypatch.setattr(Corpus, "disabled", {"FLK012": "its proof fails"})
    since = Corpus(corpus.located_facts, corpus.located_questions)
    assert since.version == corpus.version
    assert FindingsCache(tmp_path, since, "m").get(Document("a.md", "Myth")) is None


def test_a_damaged_file_counts_as_not_there(tmp_path: Path, corpus: Corpus) -> None:
    """Half a file, or another program's, costs time and nothing else."""
    cache = FindingsCache(tmp_path, corpus, "m")
    cache.put(Document("a.md", "Myth"), FOUND)
    (file,) = tmp_path.rglob("*.json")
    for damage in ("[{", "[1]", "{}x", '[{"code": 1}]', "7"):
        file.write_text(damage)
        assert cache.get(Document("a.md", "Myth")) is None


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path, corpus: Corpus) -> None:
    """The result is never lost to the cache."""
    (tmp_path / "findings").write_text("a file in the way")
    cache = FindingsCache(tmp_path, corpus, "m")
    cache.put(Document("a.md", "Myth"), FOUND)
    assert cache.get(Document("a.md", "Myth")) is None
