"""Speed and memory of the real commands, beside a plain server in the same run. Writes docs/bench.md and prints it.

Run by `make bench`. Loopback only, free ports, bounded: every loop ends by count or by clock.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from report import BATCH, SENTENCES, STARTS, page
from servers import ALONE, ANSWER, BIN, ENVIRONMENT, ROOT, measure_servers, say

SOURCES = ROOT.parent / "shared" / "sources"


def main() -> int:
    """Measure, write, print."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="viva-bench-") as name:
        folder = Path(name)
        starts = measure_starts(folder)
        sentences, together = encoder_speed()
        pair = stance_speed()
        lint = lint_sources()
        ours, rival = measure_servers(folder)
    text = page(starts, sentences, together, pair, lint, ours, rival, time.monotonic() - begun)
    target = ROOT / "docs" / "bench.md"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, "utf-8")
    print(text)
    return 0


def measure_starts(folder: Path) -> dict[str, float]:
    """Medians of the wall time of whole processes."""
    say("starting processes ...")
    note, record = folder / "note.txt", folder / "in.jsonl"
    note.write_text("Flask sessions are stored on the server.\n", "utf-8")
    record.write_text(json.dumps({"question_id": "flask-014", "answer": ANSWER.format(n=1)}) + "\n", "utf-8")
    check = [str(BIN / "linter"), "check", str(note)]
    grade = [str(BIN / "grader"), "grade", "--input", str(record)]
    run([*check, "--no-cache"], (1,)), run(check, (1,))  # what is made once is made before the clock starts
    return {
        "first finding": statistics.median(run([*check, "--no-cache"], (1,)) for _ in range(STARTS)),
        "first grade": statistics.median(run(grade, (0,)) for _ in range(STARTS)),
        "unchanged": statistics.median(run(check, (1,)) for _ in range(STARTS)),
    }


def encoder_speed() -> tuple[float, int]:
    """Sentences per second of the encoder alone, on the threads of the settings, no vector twice."""
    say("encoding sentences ...")
    from corpus import load_corpus, load_encoder, load_settings

    settings = load_settings()
    encoder = load_encoder(settings)
    pool = [text for fact in load_corpus().facts for text in (*fact.true_wordings, *fact.false_wordings)]
    salt = time.time_ns()  # kept vectors of an earlier run must not be found
    texts = [f"{pool[n % len(pool)]} ({salt + n})" for n in range(SENTENCES)]
    encoder.encode(["warm"])
    begun = time.perf_counter()
    for at in range(0, len(texts), BATCH):
        encoder.encode(texts[at : at + BATCH])
    return len(texts) / (time.perf_counter() - begun), settings.threads


def stance_speed() -> tuple[float, float]:
    """Milliseconds a pair of 32 tokens takes in a batch and alone, no pair twice."""
    say("judging pairs ...")
    from corpus import load_settings
    from corpus.meaning import load_stance

    stance, salt = load_stance(load_settings()), time.time_ns() % 10_000
    told = "In Flask {} the data of the session is written to a cookie"
    pairs = [(told.format(salt + n), "Flask keeps session data in a signed cookie on the client by default") for n in range(SENTENCES)]
    stance.judge([("warm", "up")])
    begun = time.perf_counter()
    stance.judge(pairs[:-ALONE])
    batch = (time.perf_counter() - begun) / len(pairs[:-ALONE])
    begun = time.perf_counter()
    for pair in pairs[-ALONE:]:
        stance.judge([pair])
    return 1000 * batch, 1000 * (time.perf_counter() - begun) / ALONE


def lint_sources() -> tuple[int, float, float] | None:
    """(words, seconds anew, seconds unchanged) over the source documents; None where there are none."""
    if not SOURCES.is_dir():
        say(f"{SOURCES} is not there; left out")
        return None
    say("linting the source documents ...")
    words = sum(len(file.read_text("utf-8").split()) for file in SOURCES.glob("*.txt"))
    anew = run([str(BIN / "linter"), "check", "--no-cache", str(SOURCES)], (0, 1))
    run([str(BIN / "linter"), "check", str(SOURCES)], (0, 1))
    return words, anew, run([str(BIN / "linter"), "check", str(SOURCES)], (0, 1))


def run(command: Sequence[str], codes: Sequence[int]) -> float:
    """Seconds of a whole process, which must end with one of `codes`."""
    at = time.perf_counter()
    done = subprocess.run(list(command), env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    taken = time.perf_counter() - at
    if done.returncode not in codes:
        raise SystemExit(f"bench: {' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return taken


if __name__ == "__main__":
    sys.exit(main())
