"""Small plots as SVG text, without a plotting library: points and lines on the unit square."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

__all__ = ["Series", "plot"]

WIDTH, HEIGHT, LEFT, TOP, SIDE_X, SIDE_Y = 420, 330, 56, 34, 330, 240
COLOURS = ("#1f5fa8", "#c2410c", "#6b7280")


@dataclass(frozen=True, slots=True)
class Series:
    """Named points; `line` joins them, `size` is the radius of each dot."""

    name: str
    points: Sequence[tuple[float, float]]
    line: bool = False
    size: float = 2.0


def plot(title: str, x: str, y: str, series: Sequence[Series], *, x_range: tuple[float, float], y_range: tuple[float, float]) -> str:
    """One plot with five ticks a side; points outside the ranges are drawn at the edge, nan is left out."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11" role="img">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT + SIDE_X / 2, 18, title, bold=True),
        f'<rect x="{LEFT}" y="{TOP}" width="{SIDE_X}" height="{SIDE_Y}" fill="none" stroke="#9ca3af"/>',
        _text(LEFT + SIDE_X / 2, HEIGHT - 18, x),
        f'<text x="14" y="{TOP + SIDE_Y / 2:.0f}" text-anchor="middle" transform="rotate(-90 14 {TOP + SIDE_Y / 2:.0f})">{escape(y)}</text>',
    ]
    for i in range(5):
        u, v = x_range[0] + (x_range[1] - x_range[0]) * i / 4, y_range[0] + (y_range[1] - y_range[0]) * i / 4
        parts.append(_text(LEFT + SIDE_X * i / 4, TOP + SIDE_Y + 14, f"{u:g}"))
        parts.append(_text(LEFT - 6, TOP + SIDE_Y * (1 - i / 4) + 4, f"{v:g}", anchor="end"))
    for i, one in enumerate(series):
        colour = COLOURS[i % len(COLOURS)]
        at = [(_at(p[0], x_range, LEFT, SIDE_X), TOP + SIDE_Y - _at(p[1], y_range, 0, SIDE_Y)) for p in one.points]
        at = [p for p in at if not (math.isnan(p[0]) or math.isnan(p[1]))]
        if one.line:
            way = " ".join(f"{a:.1f},{b:.1f}" for a, b in at)
            parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        if one.size:
            parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="{one.size:g}" fill="{colour}" fill-opacity="0.5"/>' for a, b in at]
        parts.append(f'<text x="{LEFT + 8}" y="{TOP + 14 + 13 * i}" fill="{colour}">{escape(one.name)}</text>')
    return "\n".join([*parts, "</svg>", ""])


def _at(value: float, ends: tuple[float, float], start: float, length: float) -> float:
    share = (value - ends[0]) / (ends[1] - ends[0])
    return start + length * (share if math.isnan(share) else min(1.0, max(0.0, share)))


def _text(x: float, y: float, text: str, *, anchor: str = "middle", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
