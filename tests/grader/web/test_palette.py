"""The colours of the pages, as pairs that stand on each other: AA in both themes, computed from the style sheet itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import grader

SHEET = (Path(grader.__file__).parent / "web" / "static" / "web.css").read_text("utf-8")
PAIRS = [
    *[(ink, ground) for ink in ("ink", "soft", "main") for ground in ("page", "card", "sunk")],
    *[(f"{name}-ink", name) for name in ("good", "bad", "warn", "none")],
    ("on-main", "main"), ("human", "human-soft"), ("human", "card"), ("ink", "main-soft"), ("bad-ink", "card"), ("soft", "none"), ("ink", "good"), ("ink", "bad"), ("ink", "warn"),
]  # fmt: skip
EDGES = [("line", "card"), ("line", "page"), ("good-fill", "card"), ("bad-fill", "card"), ("main", "none")]


def palette(theme: str) -> dict[str, tuple[int, int, int]]:
    """Name -> red, green, blue of a theme; dark inherits what it does not say."""
    blocks = {"light": r":root \{(.*?)\}", "dark": r':root\[data-theme="dark"\] \{(.*?)\}'}
    found: dict[str, tuple[int, int, int]] = {}
    for name in ("light",) if theme == "light" else ("light", "dark"):
        (block,) = re.findall(blocks[name], SHEET, re.DOTALL)
        for key, value in re.findall(r"--([\w-]+): #([0-9a-f]{6})", block):
            found[key] = (int(value[:2], 16), int(value[2:4], 16), int(value[4:], 16))
    return found


def luminance(colour: tuple[int, int, int]) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [v / 255 for v in colour]
    red, green, blue = (v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    """From 1 (the same) to 21 (black on white)."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_what_it_should_be() -> None:
    """The formula, at its ends."""
    assert contrast((0, 0, 0), (255, 255, 255)) == pytest.approx(21)
    assert contrast((9, 9, 9), (9, 9, 9)) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS, ids="-on-".join)
def test_text_has_contrast(theme: str, ink: str, ground: str) -> None:
    """Text of any size: 4.5 to 1."""
    colours = palette(theme)
    assert contrast(colours[ink], colours[ground]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("edge", "ground"), EDGES, ids="-on-".join)
def test_edges_of_controls_and_marks_have_contrast(theme: str, edge: str, ground: str) -> None:
    """What shows a control or a state: 3 to 1."""
    colours = palette(theme)
    assert contrast(colours[edge], colours[ground]) >= 3
