"""`grader evaluate`: runs suites one after another and writes the page after each, so that a stopped run has lost one suite only."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from grader.evaluation.page import merge
from grader.evaluation.suites import OF_OURS, SUITES, Bench
from grader.pipeline import Pipeline

__all__ = ["OF_OURS", "SUITES", "commit", "evaluate_suites"]


def evaluate_suites(
    pipeline: Pipeline, folder: Path, names: Sequence[str], *, output: Path | None = None, at_most: int | None = None, seed: int = 0
) -> str:
    """The page as Markdown.

    Args:
        pipeline: The product.
        folder: Of the data sets.
        names: Suites, out of SUITES.
        output: Page to write; plots go to a folder of the same name beside it. Sections of other suites stay.
        at_most: While developing: so many rows of each set, and no test split.
        seed: Of every draw.
    """
    bench = Bench(pipeline.corpus, pipeline, pipeline.encoder, folder, at_most, seed)
    page = output.read_text("utf-8") if output and output.exists() else ""
    for name in names:
        begun = time.monotonic()
        sections = SUITES[name](bench)
        page = merge(page, sections, stamp(pipeline.name), tuple(SUITES))
        if output:
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_text(page, "utf-8")
            for section in sections:
                for file, text in section.plots.items():
                    place = output.parent / output.stem / file
                    place.parent.mkdir(exist_ok=True)
                    place.write_text(text, "utf-8")
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr, flush=True)
    return page


def stamp(model: str) -> str:
    """Date, commit and models."""
    return f"{datetime.now(UTC):%Y-%m-%d}, commit {commit()}, {model}."


def commit() -> str:
    """The commit of this checkout; "unknown" where there is none."""
    place = Path(__file__).resolve().parent
    run = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=place, capture_output=True, text=True, check=False)  # noqa: S607
    return run.stdout.strip() or "unknown"
