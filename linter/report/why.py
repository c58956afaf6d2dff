"""The reasons of a verdict for a person to read."""

from __future__ import annotations

from linter.why import Reasons

__all__ = ["told"]

_SHOWN = 6


def told(found: Reasons) -> str:
    """Several lines about one fact."""
    verdict = found.verdict
    reported = "reported" if verdict.probability >= found.threshold else "not reported"
    side = "a false wording" if found.nearest_is_false else "a true wording"
    words = ", ".join(f"{word} ({fall:+.2f})" for word, fall in sorted(found.words, key=lambda item: -item[1])[:_SHOWN])
    shares = ", ".join(f"{name} {share:+.2f}" for name, share in found.shares[:_SHOWN])
    stance = ", ".join(f"{name.replace('_', ' ')} {odds:+.1f}" for name, odds in found.stance)
    return "\n".join(
        [
            f"{verdict.fact.code} {verdict.fact.name}: {verdict.probability:.3f}, {reported} (from {found.threshold:.3f})",
            f"  statement        {verdict.fact.statement}",
            f"  nearest wording  {found.nearest} ({side})",
            f"  stance           {stance} (log-odds)",
            f"  signals          {shares}",
            f"  words            {words or 'no single word decides'}",
        ]
    )
