"""Claims that no fact covers: what documents keep saying and nobody has checked yet, most frequent first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from corpus import Corpus, Encoder
from corpus.text import Document, SegmentKind, segments

__all__ = ["Candidate", "mine"]

_COVERED = 0.62  # nearness to a statement or a false wording from which a claim counts as covered by the fact
_SAME = 0.78  # nearness from which two sentences make one claim
_WORDS = range(5, 41)
_CLAIM = re.compile(
    r"\b(?:is|are|was|were|has|have|can|cannot|does|do|must|may|will|uses?|stores?|returns?|supports?|runs?|needs?|allows?|provides?)\b"
)
_NO_CLAIM = re.compile(r"\?\s*$|^(?:let|see|note|here|now|in this|we will|you will|click|read|try|install|run)\b", re.IGNORECASE)
_MAX_CLAIMS = 20_000  # sentences kept at most: memory does not grow with the input


@dataclass(slots=True)
class Candidate:
    """One claim in its first wording, and every place that makes it (`path:line`)."""

    text: str
    places: list[str] = field(default_factory=list)


def mine(documents: Iterable[Document], corpus: Corpus, encoder: Encoder) -> list[Candidate]:
    """Claims of the documents that no fact of `corpus` covers, grouped by meaning, most frequent first, then in order."""
    sentences = dict[str, list[str]]()
    for document in documents:
        for text, place in _claims(document):
            if text in sentences or len(sentences) < _MAX_CLAIMS:
                sentences.setdefault(text, []).append(place)
    texts = list(sentences)
    if not texts:
        return []
    vectors = encoder.encode(texts)
    open_ = [i for i, near in enumerate(_nearest(vectors, _known(corpus, encoder))) if near < _COVERED]
    found = _grouped([texts[i] for i in open_], vectors[open_], sentences)
    return sorted(found, key=lambda one: -len(one.places))


def _claims(document: Document) -> Iterator[tuple[str, str]]:
    for segment in segments(document):
        text = " ".join(segment.text.split())
        prose = segment.kind in (SegmentKind.SENTENCE, SegmentKind.ITEM)
        if prose and len(text.split()) in _WORDS and _CLAIM.search(text) and not _NO_CLAIM.search(text):
            yield text, f"{document.path}:{document.position(segment.span.start).line}"


def _known(corpus: Corpus, encoder: Encoder) -> NDArray[np.float32]:
    sentences = [t for fact in corpus.facts for t in (fact.statement, *fact.false_wordings[:4])]
    return encoder.encode(sentences) if sentences else np.zeros((0, 1), np.float32)


def _nearest(vectors: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float64]:
    """Cosine of each row to the nearest row of `known`, (n,); -1 where nothing is known."""
    if not len(known):
        return np.full(len(vectors), -1.0)
    return np.concatenate([(vectors[i : i + 512] @ known.T).max(axis=1) for i in range(0, len(vectors), 512)]).astype(float)


def _grouped(texts: Sequence[str], vectors: NDArray[np.float32], places: dict[str, list[str]]) -> list[Candidate]:
    """Each sentence joins the first claim it is near to, or begins one of its own."""
    found: list[Candidate] = []
    first: list[int] = []
    for i, text in enumerate(texts):
        near = vectors[first] @ vectors[i] if first else np.zeros(0)
        best = int(near.argmax()) if len(near) else -1
        if best < 0 or near[best] < _SAME:
            found.append(Candidate(text))
            first.append(i)
            best = len(found) - 1
        found[best].places += places[text]
    return found
