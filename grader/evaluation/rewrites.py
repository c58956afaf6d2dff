"""Edits that leave the meaning of an answer alone: synonyms, typos, informal and non-native wording, order, length.

Names of code (with a capital, dot, underscore, digit or bracket) stay as they are. None where there is nothing to change.
"""

from __future__ import annotations

import random
import re

from grader.evaluation.flips import sentence_spans

__all__ = ["ASIDES", "SYNONYMS", "informal", "longer", "non_native", "reordered", "synonyms", "typos"]

_TABLE = """
use=employ uses=employs used=employed because=since need=require needs=requires show=display shows=displays start=begin starts=begins
help=assist helps=assists big=large also=additionally usually=normally often=frequently so=therefore get=obtain gets=obtains
but=yet create=make creates=makes created=made build=construct builds=constructs built=constructed keep=retain keeps=retains
kept=retained whole=entire way=manner ways=manners several=multiple many=numerous choose=select
chooses=selects chosen=selected wrong=incorrect quick=fast quickly=fast simple=plain only=solely allows=permits allow=permit
avoids=prevents avoid=prevent gives=provides give=provide given=provided happens=occurs happen=occur without=lacking
example=instance changes=alters change=alter part=piece parts=pieces later=afterwards instead=rather
"""
SYNONYMS = {a: b for a, b in (pair.split("=") for pair in _TABLE.split()) if a not in {"without", "instead", "so", "but"}}
ASIDES = (
    "That is how I would put it in an interview, at least.",
    "I have had to explain this to colleagues more than once.",
    "I could go into more detail on any of these if you like.",
    "Beginners often ask about this in their first weeks.",
    "I remember reading about this when I started out.",
    "Anyway, this is the short version of it.",
)
_PLAIN_WORD = re.compile(r"(?<![\w.@/'’-])[a-z]{5,}(?![\w(@/'’-]|\.\w)")
_PLAIN_START = re.compile(r"[A-Z][a-z]*[ ,]")
_CONTRACTIONS = (
    ("is not", "isn't"), ("are not", "aren't"), ("does not", "doesn't"), ("do not", "don't"), ("cannot", "can't"), ("can not", "can't"),
    ("will not", "won't"), ("that is", "that's"), ("there is", "there's"), ("you are", "you're"), ("going to", "gonna"),
    ("want to", "wanna"), ("because", "cuz"), ("you would", "you'd"), ("I would", "I'd"), ("for example", "like"), ("such as", "like"),
)  # fmt: skip
_NON_NATIVE = (
    (re.compile(r"\b(?:the|an?)\s+(?=[a-z])", re.IGNORECASE), ""),
    (re.compile(r"\bdoes not\b"), "do not"),
    (re.compile(r"\bdoesn[’']t\b"), "don't"),
    (re.compile(r"\bdepends on\b"), "depends from"),
    (re.compile(r"\binformation\b"), "informations"),
    (re.compile(r"\bdata is\b"), "datas are"),
    (re.compile(r"\bwhich is\b"), "what is"),
    (re.compile(r"\bhas to\b"), "have to"),
    (re.compile(r"\bis called\b"), "is calling"),
)


def synonyms(text: str, rng: random.Random) -> str | None:
    """Up to six everyday words replaced by a word of the same meaning."""
    found = [m for m in re.finditer(r"(?<![\w.@/'’-])[a-z]+(?![\w(@/'’-]|\.\w)", text) if m[0] in SYNONYMS]
    for m in sorted(rng.sample(found, min(6, len(found))), key=lambda m: -m.start()):
        text = text[: m.start()] + SYNONYMS[m[0]] + text[m.end() :]
    return text if found else None


def typos(text: str, rng: random.Random) -> str | None:
    """One slip of the finger in every eighth word or so: letters exchanged, doubled or left out."""
    found = list(_PLAIN_WORD.finditer(text))
    for m in sorted(rng.sample(found, min(len(found), max(1, len(text.split()) // 8))), key=lambda m: -m.start()):
        text = text[: m.start()] + _slip(m[0], rng) + text[m.end() :]
    return text if found else None


def informal(text: str, rng: random.Random) -> str:
    """As typed in a chat: contractions, no capitals at the start of a sentence, no full stop at the end, a filler word."""
    for formal, loose in _CONTRACTIONS:
        text = re.sub(rf"\b{formal}\b", loose, text)
    for a, _ in reversed(sentence_spans(text)):
        if _PLAIN_START.match(text, a):
            text = text[:a] + text[a].lower() + text[a + 1 :]
    return rng.choice(("so basically ", "ok so ", "well, ", "yeah so ")) + text.rstrip(". ")


def non_native(text: str, rng: random.Random) -> str | None:
    """Articles left out and a few typical slips; None where nothing changes."""
    changed = text
    for pattern, said in _NON_NATIVE:
        changed = pattern.sub(said, changed)
    return changed if changed != text else None


def reordered(text: str, rng: random.Random) -> str | None:
    """The same sentences in another order; None where there is only one."""
    sentences = [text[a:b].strip() for a, b in sentence_spans(text)]
    if len(set(sentences)) < 2:
        return None
    changed = list(sentences)
    while changed == sentences:
        rng.shuffle(changed)
    return " ".join(changed)


def longer(text: str, rng: random.Random) -> str:
    """Three sentences more that claim nothing about the matter."""
    chosen = rng.sample(ASIDES, 3)
    return " ".join([chosen[0], text, *chosen[1:]])


def _slip(word: str, rng: random.Random) -> str:
    at = rng.randint(1, len(word) - 2)
    kind = rng.choice("xd-") if word[at] != word[at + 1] else rng.choice("d-")
    if kind == "x":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + word[at] + word[at:] if kind == "d" else word[:at] + word[at + 1 :]
