"""The façade shows what it says."""

from __future__ import annotations

import corpus.text


def test_all_is_sorted_and_complete() -> None:
    """Every name exists and has a docstring."""
    names = corpus.text.__all__
    assert names == sorted(names, key=lambda name: (not name.isupper(), name))
    assert all(getattr(corpus.text, name).__doc__ for name in names if not name.isupper())
