"""Two servers side by side: Viva and the plain one, the same client on each in turns."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
QUIET = 0.25  # cores that others may keep busy in a round that counts
ROUNDS = 3  # the servers take turns: what else runs on the machine hits both
ROUNDS_SECONDS = 60.0  # no further round begins after that
WARM, ALONE, ALONE_SECONDS = 5, 100, 6.0
CALLERS, TOGETHER_SECONDS = 8, 5.0
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


def measure_servers(folder: Path) -> tuple[Served, Served | None]:
    """Both servers up, the same client on one after the other, in turns."""
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(
            started(
                [str(BIN / "grader"), "serve", "--database", f"sqlite:///{folder / 'viva.db'}", "--port"],
                folder,
                {"question_id": "flask-014"},
            )
        )
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


def say(what: str) -> None:
    """Progress, beside the report."""
    print(f"bench: {what}", file=sys.stderr, flush=True)
