"""`python -m corpus.meaning.train.onward`: the stance that ships learns what was written since; an hour instead of half a day.

Voices of `corpus/twins/` that it has not heard (`voices` in stance.json) come whole, the rest in part, so that it is not forgotten. What ships is
an average of the end and the start (`--share` of the end), which keeps more of what the start could do than it gives up of what is new.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus.datasets import data_folder
from corpus.meaning import load_encoder
from corpus.meaning.delta import DELTA_FILE, delta_checksum, merged, read_delta
from corpus.meaning.export.weights import read_weights
from corpus.meaning.source import find_base_model, verify_base_model
from corpus.meaning.train.apart import voices
from corpus.meaning.train.kept import FOLDER, kept_as
from corpus.meaning.train.manuals import fetch_manuals, read_manuals
from corpus.meaning.train.stage import Stage, averaged, finish, say
from corpus.meaning.train.stages import Material
from corpus.settings import load_settings
from corpus.store import load_corpus

__all__ = ["main"]


def main() -> None:
    """Train on, average, factor, calibrate, measure, write."""
    asked = _arguments()
    corpus, known = load_corpus(), json.loads(DELTA_FILE.with_suffix(".json").read_text("utf-8"))
    base = find_base_model(load_settings().cache)
    verify_base_model(base)
    shipped = _shipped(base)
    material = Material(corpus, read_manuals(fetch_manuals(FOLDER / "manuals")), data_folder(), load_encoder(load_settings()))
    stage = Stage("onward", material.onward(known["voices"], asked.pairs), asked.rate)
    tuned = averaged(shipped, stage.tuned(asked.start or shipped), asked.share)
    made = {"date": datetime.now(UTC).date().isoformat(), "pairs": len(stage.pairs), "rate": asked.rate, "share": asked.share}
    made["voices"] = len(set(voices(corpus)) - set(known["voices"]))
    made_of: dict[str, Any] = {"pairs": known["pairs"], "voices": voices(corpus), "rounds": [*known["rounds"], made]}
    say(json.dumps(finish(corpus, base, tuned, made_of), indent=1))


def _shipped(base: Path) -> Path:
    """The model that ships as a folder of single-precision weights, to train on from."""
    from corpus.meaning.train.trainer import open_base, put_weights

    folder = kept_as("shipped", delta_checksum())
    if not (folder / "model.safetensors").is_file():
        model = open_base(base)
        put_weights(model, merged(read_weights(base), read_delta()[0]))
        model.save_pretrained(str(folder))
    return folder


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m corpus.meaning.train.onward", description="Teach the stance that ships what was written since."
    )
    parser.add_argument("--pairs", type=int, default=88_000, metavar="N", help="to learn from in all (default %(default)s)")
    parser.add_argument("--rate", type=float, default=6e-5, help="learning rate at its height (default %(default)s)")
    parser.add_argument(
        "--share", type=float, default=0.75, help="of the end in the average with the start, over 0 up to 1 (default %(default)s)"
    )
    parser.add_argument(
        "--start",
        type=Path,
        metavar="FOLDER",
        help="go on from a model that an earlier round left in .train; the average is still with what ships",
    )
    asked = parser.parse_args(sys.argv[1:])
    if asked.pairs < 1 or not 0 < asked.share <= 1 or not 0 < asked.rate < 1:
        parser.error("--pairs must be 1 or more, --share over 0 and up to 1, --rate between 0 and 1")
    if asked.start and not (asked.start / "model.safetensors").is_file():
        parser.error(f"--start: {asked.start} holds no model.safetensors")
    return asked


if __name__ == "__main__":
    main()
