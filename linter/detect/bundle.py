"""All detectors of a corpus: shipped as one file of numbers, fitted at load for facts the file does not know.

The file is a plain `.npz` (no pickle). A fact whose record was edited, or a team's own fact, is fitted when the corpus
is loaded, from its own wordings, and kept in the cache folder under the key of its record and the corpus beside it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import sys
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus import Corpus, Encoder, Fact
from corpus.files import write_whole
from linter.detect.detectors import MAX_BACKGROUND, RECIPE, Detector, Example, examples_of, fit_detector
from linter.detect.gate import Gate
from linter.detect.memory import Memory, axes_of
from linter.errors import ArtefactError

__all__ = [
    "BANK",
    "Axes",
    "Trained",
    "Vectors",
    "background",
    "builtin_bundle",
    "dump",
    "fact_key",
    "false_sentences",
    "learned_from",
    "load_trained",
    "train_all",
    "train_one",
]

BANK = ""  # the code of sentences that belong to no fact
Vectors = Mapping[str, npt.NDArray[np.float32]]
Axes = npt.NDArray[np.float32]


# A new proof or source leaves the detector as it is.
_LEARNED = {"code", "statement", "terms", "slots", "true_wordings", "false_wordings", "near_misses"}


@dataclass(frozen=True)
class Trained:
    """One fact's detector and memory, and whether they were shipped: fitted from many wordings, and weighed by the decision."""

    detector: Detector
    memory: Memory
    shipped: bool = False


def fact_key(fact: Fact, checksum: str) -> str:
    """What the shipped file knows a fact by: what its detector learns from, the encoder and the recipe; sixteen hex digits."""
    return hashlib.sha256(f"{RECIPE}\n{checksum}\n{fact.model_dump_json(include=_LEARNED)}".encode()).hexdigest()[:16]


def builtin_bundle() -> Path:
    """The shipped detectors of the built-in corpus."""
    return Path(__file__).resolve().parent.parent / "model" / "detectors.npz"


def background(corpus: Corpus) -> dict[str, str]:
    """Every sentence of the corpus to the code of its fact (BANK where it is none's): what a detector must stay silent on."""
    out: dict[str, str] = {}
    for fact in corpus.facts:
        for text in (fact.statement, *fact.true_wordings, *fact.near_misses, *fact.false_wordings):
            out.setdefault(text, fact.code)
    for wording in corpus.wordings:
        out.setdefault(wording.text, wording.fact)
    for sentence in (*corpus.bank_sentences(), *(plain.text for plain in corpus.plain)):
        out.setdefault(sentence, BANK)
    return out


def train_all(corpus: Corpus, encoder: Encoder, facts: Sequence[Fact], axes: Axes | None = None) -> dict[str, Trained]:
    """Fit the detectors of `facts`; the rest of the corpus is the background they stay silent on.

    Of it only what passes a gate of theirs is read (and gives the axes, where none are given): a team with a fact of its own waits for it.
    """
    gate, codes = Gate(facts), {fact.code for fact in facts}
    pool = {text: code for text, code in background(corpus).items() if code in codes or gate.candidates(text)}
    encoded = encoder.encode(list(pool))
    vectors, axes = dict(zip(pool, encoded, strict=True)), axes_of(encoded) if axes is None else axes
    examples = learned_from(corpus, facts, pool, vectors)
    return {fact.code: train_one(fact.code, rows, vectors, axes) for fact, rows in zip(facts, examples, strict=True)}


def learned_from(corpus: Corpus, facts: Sequence[Fact], pool: Mapping[str, str], vectors: Vectors) -> list[list[Example]]:
    """The examples of each fact: its own, and of the `pool` (sentence -> fact) what passes its gate, the nearest to its statement first."""
    gate = Gate(facts)
    false = false_sentences(corpus)
    beside: list[list[str]] = [[] for _ in facts]
    for text, code in pool.items():
        for number in gate.candidates(text):
            if facts[number].code != code:
                beside[number].append(text)
    return [examples_of(fact, corpus.wordings, _hardest(fact, others, false, vectors)) for fact, others in zip(facts, beside, strict=True)]


def false_sentences(corpus: Corpus) -> set[str]:
    """The sentences that are false by some fact."""
    return {text for fact in corpus.facts for text in fact.false_wordings} | {w.text for w in corpus.wordings if w.label == "false"}


def _hardest(fact: Fact, others: Sequence[str], false: Collection[str], vectors: Vectors) -> list[str]:
    """Half of what a detector learns from are the true sentences nearest to its statement, half any others.

    What is false by another fact and so near is as a rule false by this one too: a neighbour says the same of the same matter.
    """
    statement = vectors[fact.statement]
    near = sorted((text for text in others if text not in false), key=lambda text: (-round(float(vectors[text] @ statement), 4), text))[
        : MAX_BACKGROUND // 2
    ]
    chosen = set(near)
    rest = sorted((text for text in others if text not in chosen), key=lambda text: zlib.crc32(text.encode()))
    return near + rest[: MAX_BACKGROUND - len(near)]


def train_one(code: str, examples: Sequence[Example], vectors: Vectors, axes: Axes) -> Trained:
    """Fit one fact from its examples."""
    false, true = ([e.text for e in examples if e.false is side and not e.background] for side in (True, False))
    return Trained(fit_detector(code, examples, vectors), Memory.of(false, true, vectors, axes))


def load_trained(corpus: Corpus, encoder: Encoder, cache: Path) -> dict[str, Trained]:
    """The detectors of every fact: from the shipped file, else from the cache folder, else fitted now."""
    keys = {fact.code: fact_key(fact, encoder.checksum) for fact in corpus.facts}
    have = {code: replace(one, shipped=True) for code, one in _read(builtin_bundle(), keys).items()}
    missing = [fact for fact in corpus.facts if fact.code not in have]
    if missing:
        given = (corpus.version, corpus.training_version, *(keys[f.code] for f in missing))
        name = hashlib.sha256("\n".join(given).encode()).hexdigest()[:16]
        kept = cache / "detectors" / f"{name}.npz"
        found = _read(kept, keys) if kept.is_file() else {}
        if len(found) < len(missing):
            some = ", ".join(fact.code for fact in missing[:5]) + (" ..." if len(missing) > 5 else "")
            print(f"Learning new and changed facts (once): {some}", file=sys.stderr, flush=True)
            axes = next((one.memory.axes for one in have.values()), None)
            found = train_all(corpus, encoder, missing, axes)
            with contextlib.suppress(OSError):  # a folder that cannot be written costs time, never the result
                write_whole(kept, dump(found, keys))
        have |= found
    return have


def dump(trained: Mapping[str, Trained], keys: Mapping[str, str]) -> bytes:
    """The bytes of a bundle; the same detectors give the same bytes. Arrays of all facts lie end to end, `heads` says how long each is."""
    items = sorted(trained.items())
    heads = {
        code: {
            "key": keys[code],
            "lexical": [item.detector.lexical_scale, item.detector.lexical_bias],
            "vector": item.detector.vector_bias,
            "lengths": [len(item.detector.numbers), len(item.memory.false), len(item.memory.true), len(item.memory.packed)],
        }
        for code, item in items
    }
    arrays: dict[str, npt.NDArray[Any]] = {
        "numbers": np.concatenate([item.detector.numbers for _, item in items]),
        "lexical": np.concatenate([item.detector.lexical for _, item in items]),
        "vector": np.stack([item.detector.vector for _, item in items]),
        "false": np.concatenate([item.memory.false for _, item in items]),
        "true": np.concatenate([item.memory.true for _, item in items]),
        "axes": items[0][1].memory.axes,
        "words": np.frombuffer(b"".join(item.memory.packed for _, item in items), dtype=np.uint8),
        "heads": np.frombuffer(json.dumps(heads, sort_keys=True).encode(), dtype=np.uint8),
    }
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)  # packed it is a quarter smaller and costs 60 ms of every start
    return buffer.getvalue()


def _read(path: Path, keys: Mapping[str, str]) -> dict[str, Trained]:
    """The detectors of `path` whose key is still that of the fact."""
    try:
        with np.load(path, allow_pickle=False) as file:
            heads = json.loads(file["heads"].tobytes())
            arrays = {name: file[name] for name in ("numbers", "lexical", "vector", "false", "true", "axes", "words")}
        ends = np.cumsum([[0, 0, 0, 0], *(head["lengths"] for head in heads.values())], axis=0)
        found = {}
        for row, (code, head) in enumerate(heads.items()):
            if keys.get(code) == head["key"]:
                found[code] = _trained(code, head, arrays, row, [slice(*ends[row : row + 2, k]) for k in range(4)])
        return found
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise ArtefactError(str(path), str(error)) from None


def _trained(code: str, head: Mapping[str, Any], arrays: Mapping[str, npt.NDArray[Any]], row: int, parts: Sequence[slice]) -> Trained:
    scale, bias = head["lexical"]
    detector = Detector(code, arrays["numbers"][parts[0]], arrays["lexical"][parts[0]], scale, bias, arrays["vector"][row], head["vector"])
    memory = Memory(arrays["false"][parts[1]], arrays["true"][parts[2]], arrays["axes"], arrays["words"][parts[3]].tobytes())
    return Trained(detector, memory)
