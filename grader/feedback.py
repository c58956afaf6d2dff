"""What the ledger says, in plain words: deterministic, and never more than the ledger knows."""

from __future__ import annotations

from collections.abc import Sequence

from grader.gaming import GAMING_REASONS
from grader.records import FalseClaim, Gaming, KeyPointState, Verdict

__all__ = ["feedback"]


def feedback(verdict: Verdict, points: Sequence[KeyPointState], claims: Sequence[FalseClaim], gaming: Sequence[Gaming] = ()) -> str:
    """A few sentences: what was stated, what contradicts, what is false and what is true instead, what is missing."""
    if verdict == "non_domain" and not claims and all(p.state == "missing" for p in points):
        return "The answer says nothing about the question."
    parts = [
        _listed("Stated", [p.text for p in points if p.state == "stated"]),
        _listed("Contradicted", [_contradicted(p) for p in points if p.state == "contradicted"]),
        _listed("Not true", [f"“{c.text}”; in fact: {c.truth}" for c in claims]),
        _listed("Missing", [p.text for p in points if p.state == "missing"]),
    ]
    if gaming:
        parts.append(f"Please look at it yourself: the answer {' and '.join(GAMING_REASONS[g.kind] for g in gaming)}.")
    return " ".join(part for part in parts if part)


def _contradicted(point: KeyPointState) -> str:
    return f"“{point.evidence.text}” against “{point.text}”" if point.evidence else point.text


def _listed(title: str, items: Sequence[str]) -> str:
    return f"{title}: " + " ".join(_closed(item) for item in items) if items else ""


def _closed(text: str) -> str:
    return text if text.rstrip("”\"')").endswith((".", "!", "?")) else f"{text}."
