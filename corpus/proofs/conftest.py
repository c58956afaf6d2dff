"""What every proof may count on: the variables of its surroundings are those the run began with."""

import os
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def own_surroundings() -> Iterator[None]:
    """Puts back what a proof, or a command it called, set in `os.environ`; Flask's commands leave FLASK_RUN_FROM_CLI there."""
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)
