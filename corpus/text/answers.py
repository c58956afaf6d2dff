"""Units of a file that kept its answers and lost its questions.

What must hold together (a paragraph with the list or code it announces) is settled by structure;
the other breaks are weighed: how a block opens, and how many words it shares with what stands above.
A number of questions announced in the header says how many of the breaks to take.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus.text.blocks import Block, blocks_of
from corpus.text.openings import opening_weight

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus.text.document import Document
    from corpus.text.segment import Segment

__all__ = ["answer_ranges"]

_ANNOUNCED = re.compile(r"\b(\d{1,3})\s+(?:[A-Za-z]+\s+){0,4}questions?\b", re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z][A-Za-z_]{2,}")
_STEM = 6
_HEADER_BLOCKS = 6
_THRESHOLD = 0.6  # break here where no number is announced
_CERTAIN = 100.0
_OPENING = 6  # words of a block that name its subject
_RARE = math.log(8)  # in at most an eighth of the blocks


@dataclass(frozen=True, slots=True)
class _Break:
    """A place before block `at` where a unit may begin."""

    at: int
    weight: float


def answer_ranges(document: Document, found: Sequence[Segment]) -> list[tuple[int, int]]:
    """Return (first segment, segment behind the last) of each unit; [] where nothing announces units."""
    blocks = blocks_of(document, found)
    announced, top = _announcement(blocks)
    fillers = sum(block.filler for block in blocks)
    if not announced and fillers < 2:
        return []
    body = _without_outro(blocks[top:])
    breaks = _breaks(body)
    certain = [one for one in breaks if one.weight >= _CERTAIN]
    likely = sorted((one for one in breaks if one.weight < _CERTAIN), key=lambda one: -one.weight)
    if announced > len(certain) + 1:
        likely = likely[: announced - 1 - len(certain)]
    else:
        likely = [one for one in likely if one.weight >= _THRESHOLD]
    cuts = sorted(one.at for one in [*certain, *likely])
    parts = [body[start:end] for start, end in zip([0, *cuts], [*cuts, len(body)], strict=True)]
    return [(part[0].first, part[-1].end) for part in _without_fillers(parts) if part]


def _without_fillers(parts: Sequence[Sequence[Block]]) -> list[list[Block]]:
    return [[block for block in part if not block.filler] for part in parts]


def _announcement(blocks: Sequence[Block]) -> tuple[int, int]:
    """Return the announced number of questions (0: none) and the first block behind the header."""
    for n, block in enumerate(blocks[:_HEADER_BLOCKS]):
        match = _ANNOUNCED.search(block.text)
        if match and int(match[1]) > 1:
            return int(match[1]), n + 1
    return 0, 0


def _without_outro(body: Sequence[Block]) -> Sequence[Block]:
    """Leave out what follows the last wide gap when it is prose that ends in a line like `Read More`."""
    wide = [n for n, block in enumerate(body) if n and block.gap > 1]
    if not wide:
        return body
    tail = body[wide[-1] :]
    if len(tail) < 5 and all(block.prose for block in tail) and len(tail[-1].text.split()) < 5:
        return body[: wide[-1]]
    return body


def _breaks(body: Sequence[Block]) -> list[_Break]:
    """Return all places where a unit may begin; certain ones weigh `_CERTAIN`."""
    bags = [_stems(block.text) for block in body]
    shown = Counter(stem for bag in bags for stem in set(bag))
    rarity = {stem: math.log(len(bags) / count) for stem, count in shown.items()}
    breaks = []
    for n in range(1, len(body)):
        block, above = body[n], body[n - 1]
        if block.filler:
            continue
        if above.filler or (block.gap > 1 and not block.code and not above.code):
            if n > 1 or not above.filler:
                breaks.append(_Break(n, _CERTAIN))
        elif not _bound(above, block):
            breaks.append(_Break(n, _weight(body, n, bags, rarity)))
    return breaks


def _bound(above: Block, block: Block) -> bool:
    """Tell whether structure forbids a unit to begin at `block`."""
    if block.code or above.introduces:
        return True
    return above.prose and not above.ended


def _weight(body: Sequence[Block], n: int, bags: Sequence[Counter[str]], rarity: dict[str, float]) -> float:
    """Weigh a break: how the block opens, less what it shares with the unit above."""
    block, above = body[n], body[n - 1]
    weight = opening_weight(block.text) - 2.0 * _cohesion(body, n, bags, rarity)
    if not block.prose:
        return weight + 0.8  # a list or table that nothing introduces
    if not (block.ended or block.introduces):
        weight -= 1.0  # a step or a caption
    if _same_subject(body, n, rarity):
        weight -= 1.0
    return weight + (0.3 if above.list else 0.0)


def _same_subject(body: Sequence[Block], n: int, rarity: dict[str, float]) -> bool:
    """Tell whether one of the four blocks above opens with a rare word this block opens with."""
    own = {stem for stem in _opening_stems(body[n]) if rarity.get(stem, 0.0) > _RARE}
    above = [block for block in body[max(n - 4, 0) : n] if block.prose and not block.filler]
    return any(own & _opening_stems(block) for block in above)


def _opening_stems(block: Block) -> set[str]:
    return set(_stems(" ".join(block.text.split()[:_OPENING])))


def _cohesion(body: Sequence[Block], n: int, bags: Sequence[Counter[str]], rarity: dict[str, float]) -> float:
    """Return the share (0..1) of the block's rare words that the four blocks above hold too."""
    above: Counter[str] = Counter()
    for at in range(n - 1, max(n - 5, -1), -1):
        above.update(bags[at])
        if body[at].filler:
            break
    own = bags[n]
    total = sum(rarity[stem] for stem in own)
    return sum(rarity[stem] for stem in own if stem in above) / total if total else 0.0


def _stems(text: str) -> Counter[str]:
    return Counter(match.group().casefold()[:_STEM] for match in _WORD.finditer(text))
