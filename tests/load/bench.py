"""Speed and memory of the real commands, beside a plain server in the same run. Writes docs/bench.md and prints it.

Run by `make bench`. Loopback only, free ports, bounded: every loop ends by count or by clock.
"""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SOURCES = ROOT.parent / "shared" / "sources"
STARTS = 3  # processes started for each start-up figure
QUIET = 0.25  # cores that others may keep busy in a round that counts
ROUNDS = 3  # the servers take turns: what else runs on the machine hits both
ROUNDS_SECONDS = 60.0  # no further round begins after that
WARM, ALONE, ALONE_SECONDS = 5, 100, 6.0
CALLERS, TOGETHER_SECONDS = 8, 5.0
BATCH, SENTENCES = 64, 512
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
# 80 words; {n} stands in every clause, so that no cache of vectors or of words answers for the model.
ANSWER = (
    "In Flask the session of visitor {n} works like a dictionary that remembers value {n} from one request to the next. You must set secret "
    "key {n} first, or nothing {n} is kept. Value {n} is written into a cookie in the browser, signed with key {n}, so visitor {n} may read "
    "but not alter {n}. You assign session entry {n} with brackets and read {n} with get. When data {n} should stay on "
    "the server, take Flask-Session {n} instead."
)
REFERENCE = (
    "The session object behaves like a dictionary that lasts across the requests of one client. It needs a secret key. By default Flask "
    "keeps the data in a cookie in the browser, signed but not encrypted. To store the data on the server, use Flask-Session."
)

NUMBERS = itertools.count()


@dataclass
class Round:
    """What one server did in one turn of the client."""

    alone: list[float] = field(default_factory=list)  # seconds, sorted
    together: list[float] = field(default_factory=list)
    per_second_alone: float = 0.0
    per_second: float = 0.0
    refused: int = 0
    foreign: float = 0.0  # cores that other processes of the machine kept busy meanwhile


@dataclass
class Served:
    """One server and its rounds."""

    url: str
    process: subprocess.Popen[bytes]
    record: dict[str, object]
    ready: float  # seconds from start to the first 200 of /readyz
    rounds: list[Round] = field(default_factory=list)
    peak: float = 0.0  # MB

    @property
    def counted(self) -> list[Round]:
        """The rounds that other processes left alone; all where there is none."""
        return [r for r in self.rounds if r.foreign <= QUIET] or self.rounds

    def median(self, figure: Callable[[Round], float]) -> float:
        """The figure's median over the rounds that count."""
        return statistics.median(figure(r) for r in self.counted)


def main() -> int:
    """Measure, write, print."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="viva-bench-") as name:
        folder = Path(name)
        starts = measure_starts(folder)
        sentences, together = encoder_speed()
        lint = lint_sources()
        ours, rival = measure_servers(folder)
    text = page(starts, sentences, together, lint, ours, rival, time.monotonic() - begun)
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


def measure_servers(folder: Path) -> tuple[Served, Served | None]:
    """Both servers up, the same client on one after the other, in turns."""
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(started([str(BIN / "grader"), "serve", "--port"], folder, {"question_id": "flask-014"}))
        rival = None
        if importlib.util.find_spec("sentence_transformers") is None:
            say("the plain server is left out: sentence-transformers is not installed (`make train` sets it up)")
        else:
            command = [sys.executable, str(Path(__file__).with_name("rival.py"))]
            rival = stack.enter_context(started(command, folder, {"reference_answers": [REFERENCE]}))
        begun = time.monotonic()
        for number in range(ROUNDS):
            if number and time.monotonic() - begun > ROUNDS_SECONDS:
                break
            say(f"requests, round {number + 1} of {ROUNDS} ...")
            for server in filter(None, (ours, rival)):
                server.rounds.append(one_round(server))
        for server in filter(None, (ours, rival)):
            server.peak = peak_mb(server.process.pid)
    return ours, rival


def one_round(server: Served) -> Round:
    """One caller for a while, then 8."""
    done = Round()
    busy, own, at = busy_seconds(), own_seconds(server.process.pid), time.perf_counter()
    with httpx.Client(timeout=60, trust_env=False) as client:
        for _ in range(WARM):
            post(client, server)
        begun = time.perf_counter()
        while len(done.alone) < ALONE and time.perf_counter() - begun < ALONE_SECONDS:
            done.alone.append(post(client, server) or float("inf"))
        done.per_second_alone = len(done.alone) / (time.perf_counter() - begun)
    begun = time.perf_counter()
    crowd(done, server, begun + TOGETHER_SECONDS)
    done.per_second = len(done.together) / (time.perf_counter() - begun)
    used = busy_seconds() - busy - (own_seconds(server.process.pid) - own)
    done.foreign = max(0.0, used / (time.perf_counter() - at))
    done.alone.sort()
    done.together.sort()
    return done


def post(client: httpx.Client, server: Served) -> float | None:
    """Seconds of one request; None where it was refused as busy."""
    body = {**server.record, "answer": ANSWER.format(n=next(NUMBERS))}
    at = time.perf_counter()
    response = client.post(f"{server.url}/v1/grade", json=body)
    taken = time.perf_counter() - at
    if response.status_code == 503:
        return None
    response.raise_for_status()
    return taken


def busy_seconds() -> float:
    """Processor time used on the machine so far, by anybody; 0 where the system does not tell."""
    try:
        ticks = [int(part) for part in Path("/proc/stat").read_text("utf-8").split("\n", 1)[0].split()[1:9]]
    except (OSError, ValueError):
        return 0.0
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")  # all but idle and waiting for disks


def own_seconds(pid: int) -> float:
    """Processor time of this process and of the server."""
    mine = time.process_time()
    try:
        parts = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    except OSError:
        return mine
    return mine + (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


def crowd(done: Round, server: Served, until: float) -> None:
    """8 callers at once, each with a connection of its own, until the clock says."""
    errors: list[Exception] = []

    def call() -> None:
        try:
            with httpx.Client(timeout=60, trust_env=False) as client:
                while time.perf_counter() < until:
                    taken = post(client, server)
                    if taken is None:
                        done.refused += 1
                    else:
                        done.together.append(taken)
        except httpx.HTTPError as error:
            errors.append(error)

    threads = [threading.Thread(target=call) for _ in range(CALLERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


@contextlib.contextmanager
def started(command: Sequence[str], folder: Path, record: dict[str, object]) -> Iterator[Served]:
    """A server that is ready, and its end."""
    begun = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    log = folder / f"server-{port}.log"
    with log.open("wb") as out:
        process = subprocess.Popen([*command, str(port)], env=ENVIRONMENT, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
        try:
            limit = time.monotonic() + 60
            while True:
                if process.poll() is not None or time.monotonic() > limit:
                    raise SystemExit("bench: the server did not get ready:\n" + log.read_text("utf-8", "replace")[-2000:])
                with contextlib.suppress(httpx.TransportError):
                    if httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).status_code == 200:
                        break
                time.sleep(0.02)
            yield Served(f"http://127.0.0.1:{port}", process, record, time.monotonic() - begun)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def peak_mb(pid: int) -> float:
    """Peak resident memory of a process in MB; NaN where the system does not tell."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text("utf-8").splitlines()
    except OSError:
        return float("nan")
    return next((int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmHWM")), float("nan"))


def run(command: Sequence[str], codes: Sequence[int]) -> float:
    """Seconds of a whole process, which must end with one of `codes`."""
    at = time.perf_counter()
    done = subprocess.run(list(command), env=ENVIRONMENT, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    taken = time.perf_counter() - at
    if done.returncode not in codes:
        raise SystemExit(f"bench: {' '.join(command)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return taken


def quantile(values: Sequence[float], share: float) -> float:
    """The value of sorted `values` below which `share` of them lie, in milliseconds."""
    return 1000 * values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def page(
    starts: dict[str, float],
    sentences: float,
    threads: int,
    lint: tuple[int, float, float] | None,
    ours: Served,
    rival: Served | None,
    took: float,
) -> str:
    """The report as Markdown."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    dirty = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    name = commit.stdout.strip() if commit.returncode == 0 else "none yet"
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()

    def row(what: str, mine: str, theirs: str = "") -> str:
        return f"| {what} | {mine} | {theirs or '-'} |"

    def both(what: str, unit: str, value: Callable[[Served], float]) -> str:
        return row(what, f"{value(ours):.1f}{unit}", f"{value(rival):.1f}{unit}" if rival else "not measured")

    rows = [
        row("process start to first finding", f"{starts['first finding']:.2f} s"),
        row("process start to first grade", f"{starts['first grade']:.2f} s"),
        row("unchanged text linted again, whole process", f"{starts['unchanged']:.2f} s"),
        both("server start to ready", " s", lambda s: s.ready),
        both("one request alone, p50", " ms", lambda s: s.median(lambda r: quantile(r.alone, 0.5))),
        both("one request alone, p99", " ms", lambda s: s.median(lambda r: quantile(r.alone, 0.99))),
        both(f"{CALLERS} callers, p50", " ms", lambda s: s.median(lambda r: quantile(r.together, 0.5))),
        both(f"{CALLERS} callers, p99", " ms", lambda s: s.median(lambda r: quantile(r.together, 0.99))),
        both("requests a second, alone", "", lambda s: s.median(lambda r: r.per_second_alone)),
        both(f"requests a second, {CALLERS} callers", "", lambda s: s.median(lambda r: r.per_second)),
        both("peak memory of the server", " MB", lambda s: s.peak),
        row(f"sentences a second, encoder alone, {threads} threads", f"{sentences:.0f}"),
    ]
    if lint:
        words, anew, again = lint
        rows.append(row(f"source documents linted ({words} words), whole process", f"{anew:.2f} s, {words / anew:.0f} words a second"))
        rows.append(row("the same unchanged", f"{again:.2f} s"))
    return "\n".join(
        [
            "# Speed and memory",
            "",
            f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {name}{' with changes' if dirty else ''}, "
            f"{cores} cores, load {load:.1f} at the end, {took:.0f} s in all.",
            "",
            *disturbed(ours, rival),
            "| what | Viva | plain FastAPI + SentenceTransformer.encode |",
            "|---|---|---|",
            *rows,
            "",
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


def say(what: str) -> None:
    """Progress, beside the report."""
    print(f"bench: {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
