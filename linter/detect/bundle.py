"""All detectors of a corpus: shipped as one file of numbers, fitted at load for facts the file does not know.

The file is a plain `.npz` (no pickle). A fact whose record was edited, or a team's own fact, is fitted when the corpus
is loaded, from its own wordings, and kept in the cache folder under the key of its record and the corpus beside it.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus import Corpus, Encoder, Fact
from linter.detect.detectors import RECIPE, Detector, Example, examples_of, fit_detector
from linter.detect.gate import Gate
from linter.detect.lexical import BUCKETS
from linter.errors import ArtefactError

__all__ = ["Memory", "Trained", "background", "builtin_bundle", "dump", "fact_key", "load_trained", "train_all"]

BANK = ""  # the code of sentences that belong to no fact
_SCALE = 127.0


@dataclass(frozen=True)
class Memory:
    """Vectors of the sentences a detector learned from, int8, shapes (n_false, n_dims) and (n_true, n_dims)."""

    false: npt.NDArray[np.int8]
    true: npt.NDArray[np.int8]

    def nearness(self, vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Cosine to the nearest false and to the nearest true wording; (n, n_dims) to (n, 2)."""
        out = np.empty((len(vectors), 2))
        for i, vector in enumerate(vectors):  # row by row: a sentence's numbers never depend on its company
            out[i] = [(side.astype(np.float32) @ vector).max(initial=-_SCALE) / _SCALE for side in (self.false, self.true)]
        return out


@dataclass(frozen=True)
class Trained:
    """One fact's detector and memory."""

    detector: Detector
    memory: Memory


def fact_key(fact: Fact, checksum: str) -> str:
    """What the shipped file knows a fact by: its record, the encoder and the recipe; sixteen hex digits."""
    return hashlib.sha256(f"{RECIPE}\n{checksum}\n{fact.model_dump_json()}".encode()).hexdigest()[:16]


def builtin_bundle() -> Path:
    """The shipped detectors of the built-in corpus."""
    return Path(__file__).resolve().parent.parent / "model" / "detectors.npz"


def background(corpus: Corpus) -> dict[str, str]:
    """Every sentence of the corpus to the code of its fact ("" for the question bank): what a detector must stay silent on."""
    out: dict[str, str] = {}
    for fact in corpus.facts:
        for text in (fact.statement, *fact.true_wordings, *fact.near_misses, *fact.false_wordings):
            out.setdefault(text, fact.code)
    for wording in corpus.wordings:
        out.setdefault(wording.text, wording.fact)
    for sentence in corpus.bank_sentences():
        out.setdefault(sentence, BANK)
    return out


def train_all(corpus: Corpus, encoder: Encoder, facts: Sequence[Fact]) -> dict[str, Trained]:
    """Fit the detectors of `facts`; the rest of the corpus is the background they stay silent on."""
    gate = Gate(facts)
    beside: list[list[str]] = [[] for _ in facts]
    for text, code in background(corpus).items():
        for number in gate.candidates(text):
            if facts[number].code != code:
                beside[number].append(text)
    examples = {f.code: examples_of(f, corpus.wordings, beside[i]) for i, f in enumerate(facts)}
    texts = sorted({e.text for rows in examples.values() for e in rows})
    vectors = dict(zip(texts, encoder.encode(texts), strict=True))
    return {code: train_one(code, rows, vectors) for code, rows in examples.items()}


def train_one(code: str, examples: Sequence[Example], vectors: Mapping[str, npt.NDArray[np.float32]]) -> Trained:
    """Fit one fact from its examples."""

    def side(false: bool) -> npt.NDArray[np.int8]:
        rows = [vectors[e.text] for e in examples if e.false is false and not e.background]
        return np.round(np.stack(rows) * _SCALE).astype(np.int8)

    return Trained(fit_detector(code, examples, vectors), Memory(side(True), side(False)))


def load_trained(corpus: Corpus, encoder: Encoder, cache: Path) -> dict[str, Trained]:
    """The detectors of every fact: from the shipped file, else from the cache folder, else fitted now."""
    keys = {fact.code: fact_key(fact, encoder.checksum) for fact in corpus.facts}
    have = _read(builtin_bundle(), keys)
    missing = [fact for fact in corpus.facts if fact.code not in have]
    if missing:
        name = hashlib.sha256("".join(keys[f.code] + corpus.version for f in missing).encode()).hexdigest()[:16]
        kept = cache / "detectors" / f"{name}.npz"
        found = _read(kept, keys) if kept.is_file() else {}
        if len(found) < len(missing):
            found = train_all(corpus, encoder, missing)
            _write(kept, dump(found, keys))
        have |= found
    return have


def dump(trained: Mapping[str, Trained], keys: Mapping[str, str]) -> bytes:
    """The bytes of a bundle; the same detectors give the same bytes."""
    arrays: dict[str, npt.NDArray[Any]] = {}
    heads = {}
    for code, item in sorted(trained.items()):
        numbers = np.flatnonzero(item.detector.lexical).astype(np.uint16)
        arrays[f"{code}.n"] = numbers
        arrays[f"{code}.w"] = item.detector.lexical[numbers].astype(np.float16)
        arrays[f"{code}.v"] = item.detector.vector.astype(np.float32)
        arrays[f"{code}.f"], arrays[f"{code}.t"] = item.memory.false, item.memory.true
        heads[code] = {"key": keys[code], "biases": [item.detector.lexical_bias, item.detector.vector_bias]}
    arrays["heads"] = np.frombuffer(json.dumps(heads, sort_keys=True).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def _read(path: Path, keys: Mapping[str, str]) -> dict[str, Trained]:
    """The detectors of `path` whose key is still that of the fact."""
    try:
        with np.load(path, allow_pickle=False) as file:
            heads = json.loads(file["heads"].tobytes())
            wanted = {code: head for code, head in heads.items() if keys.get(code) == head["key"]}
            return {code: _trained(code, head["biases"], file) for code, head in wanted.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ArtefactError(str(path), str(error)) from None


def _trained(code: str, biases: Sequence[float], file: Any) -> Trained:
    lexical = np.zeros(BUCKETS, dtype=np.float32)
    lexical[file[f"{code}.n"]] = file[f"{code}.w"].astype(np.float32)
    detector = Detector(code, lexical, biases[0], file[f"{code}.v"], biases[1])
    return Trained(detector, Memory(file[f"{code}.f"], file[f"{code}.t"]))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_bytes(data)
    os.replace(temporary, path)
