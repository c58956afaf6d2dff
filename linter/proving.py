"""Proofs of facts: programs that run the real packages, in an environment of their own that is made when first asked for.

A proof is a pytest function named by the fact (`corpus/proofs/test_sessions.py::test_session_lives_in_the_cookie`). Where
`history` claims a change, the function is marked with the release that still did otherwise, `@pytest.mark.release("flask==2.2.5")`,
asserts by the version it finds installed, and runs in an environment with that release as well.
"""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

from corpus import Corpus, Fact, load_settings
from corpus.load import FailedProof, load_failed_proofs, save_failed_proofs
from linter.errors import ProofError

__all__ = ["PROVED", "Outcome", "Proof", "find_proofs", "prove", "prove_facts"]

State = Literal["proved", "failed", "skipped"]
PROVED: State = "proved"
_INSTALL_S, _RUN_S = 1200, 1200


@dataclass(frozen=True, slots=True)
class Proof:
    """A fact's proof: a test function in a file, and the old releases (each a tuple of pins) it also runs against."""

    fact: Fact
    file: Path
    test: str
    releases: tuple[tuple[str, ...], ...]

    @property
    def packages(self) -> Path:
        """The pinned packages of today, beside the file."""
        return self.file.with_name("packages.pip")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one proof against one set of releases; `detail` is the first line of a failure, or why it was skipped."""

    proof: Proof
    release: tuple[str, ...]  # () is today's
    state: State
    detail: str = ""


def prove_facts(corpus: Corpus, facts: Sequence[Fact], *, history: bool = False) -> Iterator[Outcome]:
    """Prove those of `facts` that name a proof and remember, in the corpus folder of each, which failed against today's packages."""
    proofs = list(find_proofs(facts, corpus.folders))
    outcomes = []
    for outcome in prove(proofs, load_settings().cache, history=history):
        outcomes.append(outcome)
        yield outcome
    for folder in corpus.folders:
        here = {p.fact.code for p in proofs if p.file.is_relative_to(folder)}
        if here:
            failed = {code: one for code, one in load_failed_proofs(folder).items() if code not in here}
            failed |= {
                o.proof.fact.code: FailedProof(o.proof.fact.statement, o.detail)
                for o in outcomes
                if o.state == "failed" and not o.release and o.proof.fact.code in here
            }
            save_failed_proofs(folder, failed)


def find_proofs(facts: Iterable[Fact], roots: Sequence[Path]) -> Iterator[Proof]:
    """The proofs of those facts that name one; paths count from a corpus folder of `roots` or the folder it lies in.

    Raises:
        ProofError: a fact names a file or function that does not exist.
    """
    known: dict[Path, dict[str, tuple[tuple[str, ...], ...]]] = {}
    for fact in facts:
        if not isinstance(fact.proof, str):
            continue
        name, _, test = fact.proof.partition("::")
        file = next((p for root in roots for p in (root.parent / name, root / name) if p.is_file()), None)
        if file is None:
            raise ProofError(fact.code, f"there is no file {name}")
        if file not in known:
            known[file] = _tests(file)
        if test not in known[file]:
            raise ProofError(fact.code, f"{name} has no function {test!r}")
        yield Proof(fact, file, test, known[file][test])


def _tests(file: Path) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Names of the functions of a file, with the pins of their release marks; read, not run."""
    tree = ast.parse(file.read_text("utf-8"), str(file))
    found = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            marks = [d for d in node.decorator_list if isinstance(d, ast.Call) and ast.unparse(d.func).endswith("mark.release")]
            found[node.name] = tuple(tuple(str(ast.literal_eval(a)) for a in mark.args) for mark in marks)
    return found


def prove(proofs: Sequence[Proof], cache: Path, *, history: bool = False) -> Iterator[Outcome]:
    """Run proofs against today's packages and, with `history`, also against the old releases they are marked with.

    Raises:
        ProofError: an environment cannot be made, or pytest does not run in it.
    """
    runs: dict[tuple[Path, tuple[str, ...]], list[Proof]] = defaultdict(list)
    for proof in proofs:
        for release in ((), *(proof.releases if history else ())):
            runs[proof.packages, release].append(proof)
    for (packages, release), some in sorted(runs.items(), key=lambda run: (run[0][1], str(run[0][0]))):
        python = _environment((*release, "pytest") if release else _pins(packages), cache)
        yield from _run(python, some, release)


def _pins(file: Path) -> tuple[str, ...]:
    """The requirements of a file without its comments; pytest alone where there is none."""
    lines = file.read_text("utf-8").splitlines() if file.is_file() else ["pytest"]
    return tuple(pin for pin in (line.partition("#")[0].strip() for line in lines) if pin)


def _environment(pins: tuple[str, ...], cache: Path) -> Path:
    """The interpreter of an environment with exactly these requirements, under a key of their names."""
    key = hashlib.sha256("\n".join((sys.version, *sorted(pins))).encode()).hexdigest()[:16]
    folder = cache / "proofs" / key
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not (folder / ".ready").is_file():
        _call([sys.executable, "-m", "venv", "--clear", str(folder)])
        _call([str(python), "-m", "pip", "--disable-pip-version-check", "-q", "install", *pins])
        (folder / ".ready").write_text("\n".join(pins) + "\n", "utf-8")
    return python


def _call(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_INSTALL_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProofError("environment", str(error)) from None
    if done.returncode:
        lines = (done.stderr.strip() or done.stdout.strip() or "no message").splitlines()
        raise ProofError("environment", next((line for line in lines if line.startswith("ERROR")), lines[-1]))


def _run(python: Path, proofs: Sequence[Proof], release: tuple[str, ...]) -> Iterator[Outcome]:
    """Run the tests of one environment and read what became of each; those that fail run once more, by themselves.

    Hundreds of proofs start servers and wait for them: on a busy machine one of them now and then falls over a
    hiccup, and a true fact must not be switched off for that. What fails twice is failed.
    """
    first = _attempt(python, proofs)
    failed = [proof for proof, (state, _) in zip(proofs, first, strict=True) if state == "failed"]
    second = iter(_attempt(python, failed) if failed else ())
    for proof, before in zip(proofs, first, strict=True):
        state, detail = next(second) if before[0] == "failed" else before
        if state != before[0]:
            detail = f"at the second run; at the first: {before[1]}"
        yield Outcome(proof, release, state, detail)


def _attempt(python: Path, proofs: Sequence[Proof]) -> list[tuple[State, str]]:
    """Run the tests of these proofs, all in one process: state and detail of each."""
    with tempfile.TemporaryDirectory(prefix="viva-proofs-") as folder:
        report = Path(folder) / "report.xml"
        homes = {home: Path(folder) / f"proofs{n}" for n, home in enumerate(dict.fromkeys(p.file.parent for p in proofs))}
        for home, copy in homes.items():  # away from the package they lie in, whose other modules they must not need
            shutil.copytree(home, copy, ignore=shutil.ignore_patterns("__pycache__"))
        tests = list(dict.fromkeys(f"{homes[p.file.parent] / p.file.name}::{p.test}" for p in proofs))
        options = ["-q", "-p", "no:cacheprovider", "-c", os.devnull, "--rootdir", folder, "--import-mode=importlib", f"--junitxml={report}"]
        options += ["--continue-on-collection-errors", "-o", "junit_family=xunit1"]
        options += ["-o", "markers=release: old releases the proof also holds against"]
        options += ["-o", "pythonpath=" + " ".join(map(str, homes.values()))]  # proofs may share modules that lie beside them
        surroundings = {k: v for k, v in os.environ.items() if not k.startswith(("VIVA_", "PYTEST_", "FLASK_", "DJANGO_"))}
        try:
            done = subprocess.run(
                [str(python), "-B", "-m", "pytest", *options, *tests],
                capture_output=True, text=True, timeout=_RUN_S, check=False, cwd=folder, env=surroundings,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise ProofError("pytest", f"the proofs took over {_RUN_S} seconds") from None
        if not report.is_file():
            raise ProofError("pytest", (done.stderr.strip() or done.stdout.strip() or "no report").splitlines()[-1])
        found = _read(report)
    uncollected: tuple[State, str] = ("failed", "it could not be collected: " + _cause(done.stdout))
    return [found.get((proof.file.stem, proof.test), uncollected) for proof in proofs]


def _read(report: Path) -> dict[tuple[str, str], tuple[State, str]]:
    """(file stem, function) -> state and detail; of a parametrised test the worst."""
    found: dict[tuple[str, str], tuple[State, str]] = {}
    for case in ElementTree.parse(report).getroot().iter("testcase"):  # noqa: S314 (pytest wrote it a moment ago)
        key = (Path(case.get("file", "")).stem, case.get("name", "").partition("[")[0])
        bad = next((e for tag in ("failure", "error") for e in case.iter(tag)), None)
        skipped = case.find("skipped")
        if bad is not None:
            found[key] = ("failed", _first(bad.get("message") or bad.text or ""))
        elif skipped is not None:
            found.setdefault(key, ("skipped", skipped.get("message", "")))
        elif found.get(key, ("proved",))[0] != "failed":
            found[key] = ("proved", "")
    return found


def _cause(printed: str) -> str:
    """The first line of pytest's output that tells an error, else the last line."""
    lines = [line for line in printed.splitlines() if line.strip()]
    return next((line[1:].strip() for line in lines if line.startswith("E  ")), lines[-1] if lines else "pytest printed nothing")


def _first(text: str) -> str:
    lines = [line.strip() for line in text.strip().splitlines() if line.strip()]
    return lines[0][:300] if lines else ""
