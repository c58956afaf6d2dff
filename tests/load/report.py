"""The report of `make bench` as Markdown."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from servers import ALONE, ALONE_SECONDS, ANSWER, CALLERS, QUIET, ROOT, TOGETHER_SECONDS, WARM, Served

STARTS = 3  # processes started for each start-up figure
BATCH, SENTENCES = 64, 512

EIGHT_BITS = frozenset("avx2 avx_vnni avx512_vnni amx_int8 asimddp i8mm".split())


def quantile(values: Sequence[float], share: float) -> float:
    """The value of sorted `values` below which `share` of them lie, in milliseconds."""
    return 1000 * values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def page(
    starts: dict[str, float],
    sentences: float,
    threads: int,
    pair: tuple[float, float],
    lint: tuple[int, float, float] | None,
    ours: Served,
    rival: Served | None,
    took: float,
) -> str:
    """The report as Markdown."""
    rows = [*start_rows(starts), *server_rows(ours, rival), *model_rows(sentences, threads, pair), *(lint_rows(*lint) if lint else [])]
    return "\n".join(
        [
            "# Speed and memory",
            "",
            head(took),
            "",
            *disturbed(ours, rival),
            "| what | Viva | plain FastAPI + SentenceTransformer.encode |",
            "|---|---|---|",
            *rows,
            "",
            *protocol(ours, rival),
            "",
            "## All rounds",
            "",
            "| server | round | cores busy with other processes | requests alone | p50 alone | p99 alone | p50, 8 callers | requests a second, 8 callers |",
            "|---|---|---|---|---|---|---|---|",
            *round_rows("Viva", ours),
            *(round_rows("plain", rival) if rival else []),
            "",
        ]
    )


def head(took: float) -> str:
    """When, on what commit and what machine."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    dirty = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    name = commit.stdout.strip() if commit.returncode == 0 else "none yet"
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {name}{' with changes' if dirty else ''}, "
        f"{cores} cores of {processor()}, load {load:.1f} at the end, {took:.0f} s in all."
    )


def processor() -> str:
    """Its name, and those of its instructions that the 8-bit products of the models run on; they decide more than the clock."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    told = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in lines)}
    eight_bits = sorted(EIGHT_BITS.intersection((told.get("flags") or told.get("Features", "")).split()))
    return f"{told.get('model name', platform.machine())} ({', '.join(eight_bits) or 'no instructions for 8-bit products'})"


def row(what: str, mine: str, theirs: str = "") -> str:
    """One line of the table."""
    return f"| {what} | {mine} | {theirs or '-'} |"


def start_rows(starts: dict[str, float]) -> list[str]:
    """Whole processes."""
    return [
        row("process start to first finding", f"{starts['first finding']:.2f} s"),
        row("process start to first grade", f"{starts['first grade']:.2f} s"),
        row("unchanged text linted again, whole process", f"{starts['unchanged']:.2f} s"),
    ]


def server_rows(ours: Served, rival: Served | None) -> list[str]:
    """Both servers side by side."""

    def both(what: str, unit: str, value: Callable[[Served], float]) -> str:
        return row(what, f"{value(ours):.1f}{unit}", f"{value(rival):.1f}{unit}" if rival else "not measured")

    return [
        both("server start to ready", " s", lambda s: s.ready),
        both("one request alone, p50", " ms", lambda s: s.median(lambda r: quantile(r.alone, 0.5))),
        both("one request alone, p99", " ms", lambda s: s.median(lambda r: quantile(r.alone, 0.99))),
        both(f"{CALLERS} callers, p50", " ms", lambda s: s.median(lambda r: quantile(r.together, 0.5))),
        both(f"{CALLERS} callers, p99", " ms", lambda s: s.median(lambda r: quantile(r.together, 0.99))),
        both("requests a second, alone", "", lambda s: s.median(lambda r: r.per_second_alone)),
        both(f"requests a second, {CALLERS} callers", "", lambda s: s.median(lambda r: r.per_second)),
        both("peak memory of the server", " MB", lambda s: s.peak),
    ]


def model_rows(sentences: float, threads: int, pair: tuple[float, float]) -> list[str]:
    """The models alone."""
    return [
        row(f"sentences a second, encoder alone, {threads} threads", f"{sentences:.0f}"),
        row(f"stance, one pair of 32 tokens in a batch, {threads} threads", f"{pair[0]:.2f} ms"),
        row("the same alone", f"{pair[1]:.2f} ms"),
    ]


def lint_rows(words: int, anew: float, again: float) -> list[str]:
    """The source documents."""
    return [
        row(f"source documents linted ({words} words), whole process", f"{anew:.2f} s, {words / anew:.0f} words a second"),
        row("the same unchanged", f"{again:.2f} s"),
    ]


def protocol(ours: Served, rival: Served | None) -> list[str]:
    """How the figures came about."""
    return [
        "## Protocol",
        "",
        f"- Start-up figures: median of {STARTS} whole processes, model and detectors made before; the first finding is timed to the end of "
        "`linter check --no-cache` over one sentence, the first grade to the end of `grader grade` over one record.",
        "- Server figures: `grader serve` and `tests/load/rival.py`, both up, default settings, loopback, the same httpx client on one after "
        f"the other in {len(ours.rounds)} rounds. A round is {WARM} warm-up requests, then up to {ALONE} one after another (at most "
        f"{ALONE_SECONDS:.0f} s), then {CALLERS} threads for {TOGETHER_SECONDS:.0f} s. The table has medians of the rounds in which other "
        f"processes kept at most {QUIET:g} cores busy (Viva {counted(ours)}, plain {counted(rival)}); "
        f"all rounds stand below. Client and server share the cores.",
        f"- Each request is an answer of {len(ANSWER.split())} words whose every clause differs in a number from all others, so that no cache answers. Viva gives a whole grade (5 key "
        "points, facts, score); the plain server encodes the answer and one reference and gives their cosine.",
        f"- Requests refused with 503: {refused(ours)} (Viva), {refused(rival)} (plain). Memory is VmHWM of the serving process.",
        f"- Encoder: {SENTENCES} sentences of the facts' wordings, made different from run to run, {BATCH} a call.",
    ]


def round_rows(name: str, served: Served) -> list[str]:
    """One row a round."""
    return [
        f"| {name} | {n} | {r.foreign:.2f} | {len(r.alone)} | {quantile(r.alone, 0.5):.1f} ms | {quantile(r.alone, 0.99):.1f} ms | "
        f"{quantile(r.together, 0.5):.1f} ms | {r.per_second:.1f} |"
        for n, r in enumerate(served.rounds, 1)
    ]


def counted(served: Served | None) -> str:
    """How many rounds the table stands on."""
    return f"{len(served.counted)} of {len(served.rounds)}{' all disturbed' * (served.counted[0].foreign > QUIET)}" if served else "none"


def disturbed(*servers: Served | None) -> list[str]:
    """A warning on top where a server had no quiet round."""
    if all(s.counted[0].foreign <= QUIET for s in servers if s):
        return []
    return ["**Disturbed: other processes used the cores in every round of a server. Run again; do not compare these figures.**", ""]


def refused(served: Served | None) -> int:
    """Requests of all rounds that were refused as busy."""
    return sum(r.refused for r in served.rounds) if served else 0
