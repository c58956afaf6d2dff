"""What `linter prove` prints: one line an outcome, and what is left unproved and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from corpus import Fact
from linter.proving import Outcome

__all__ = ["summary", "told"]


def told(outcome: Outcome) -> str:
    """`FLK012 proved`, with the old release it ran against and the first line of a failure."""
    fact = outcome.proof.fact
    release = f" against {' '.join(outcome.release)}" if outcome.release else ""
    detail = f": {outcome.detail}" if outcome.detail else ""
    return f"{fact.code} {outcome.state}{release}  {fact.name}{detail}"


def summary(facts: Sequence[Fact], outcomes: Sequence[Outcome]) -> str:
    """What failed, once more, since hundreds of lines may lie above; then a line of counts with the share of proved facts about packages."""
    states = Counter(outcome.state for outcome in outcomes)
    proved = {outcome.proof.fact.code for outcome in outcomes} - {o.proof.fact.code for o in outcomes if o.state != "proved"}
    packaged = [fact for fact in facts if fact.applies_to.package != "none"]
    share = f"; of {len(packaged)} facts about packages {sum(f.code in proved for f in packaged)} are proved" if packaged else ""
    counts = ", ".join(f"{states[state]} {state}" for state in ("proved", "failed", "skipped") if states[state]) or "no proof was run"
    failed = [told(outcome) for outcome in outcomes if outcome.state == "failed"]
    return "\n".join([*failed, f"{counts}{share}."])
