"""Proofs: found where the fact says, run in an environment of their own, and a fact whose proof fails is switched off."""

import ast
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from corpus import load_corpus
from corpus.load import FailedProof, builtin_folder, load_failed_proofs, save_failed_proofs
from linter import proving
from linter.cli import main
from linter.errors import ProofError
from linter.proving import find_proofs, prove_facts

FACT = {
    "statement": "Two and two are four.",
    "applies_to": {"package": "none"},
    "terms": ["two"],
    "true_wordings": [f"Two and two give four, for the {n}. time." for n in range(6)],
    "false_wordings": [f"Two and two give five, for the {n}. time." for n in range(6)],
    "near_misses": [f"Two and three give five, for the {n}. time." for n in range(3)],
    "explanation": "Sums are hard.",
    "sources": [{"title": "Sums", "url": "https://example.org/sums"}],
}
PROOFS = """
import pytest

def test_holds():
    assert 2 + 2 == 4

def test_fails():
    assert 2 + 2 == 5, "the sum is four"

@pytest.mark.parametrize("n", [1, 2])
def test_holds_once(n):
    assert n == 1

@pytest.mark.skip(reason="no such machine here")
def test_skipped():
    pass

@pytest.mark.release()
def test_old():
    pass
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A corpus folder with five facts and their proofs."""
    folder = tmp_path / "own"
    names = ("test_holds", "test_fails", "test_holds_once", "test_skipped", "test_old")
    rows = [
        {"code": f"SUM00{i}", "name": f"sum-{n.replace('_', '-')}", "proof": f"proofs/test_sums.py::{n}", **FACT}
        for i, n in enumerate(names)
    ]
    for name, text in (("facts/sums.yaml", yaml.safe_dump(rows)), ("proofs/test_sums.py", PROOFS)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Proofs run with this interpreter, which has pytest, instead of a new environment with one fetched from the index."""
    monkeypatch.setattr(proving, "_environment", lambda pins, cache: Path(sys.executable))
    yield


@pytest.mark.usefixtures("here")
def test_each_proof_is_told_by_what_became_of_it(own: Path) -> None:
    corpus = load_corpus([own], builtin=False)
    states = {o.proof.test: (o.state, o.detail) for o in prove_facts(corpus, corpus.facts)}
    assert states["test_holds"] == ("proved", "")
    assert states["test_fails"][0] == "failed" and "the sum is four" in states["test_fails"][1]
    assert states["test_holds_once"][0] == "failed"
    assert states["test_skipped"] == ("skipped", "no such machine here")


@pytest.mark.usefixtures("here")
def test_a_hiccup_switches_no_fact_off(own: Path) -> None:
    """The test fails where it runs first and holds from then on, as a server does that was slow to start."""
    stumble = (
        f"mark = __import__('pathlib').Path({str(own / 'ran')!r})\n    ran, _ = mark.exists(), mark.touch()\n    assert ran, 'too slow'"
    )
    (own / "proofs" / "test_sums.py").write_text(PROOFS.replace('assert 2 + 2 == 5, "the sum is four"', stumble))
    corpus = load_corpus([own], builtin=False)
    (outcome,) = prove_facts(corpus, [corpus.fact("SUM001")])
    assert outcome.state == "proved" and "second run" in outcome.detail and "too slow" in outcome.detail
    assert not load_corpus([own], builtin=False).disabled


@pytest.mark.usefixtures("here")
def test_a_marked_proof_runs_against_its_release_too_where_history_is_asked_for(own: Path) -> None:
    corpus = load_corpus([own], builtin=False)
    proofs = list(find_proofs([corpus.fact("SUM004")], corpus.folders))
    assert [o.release for o in proving.prove(proofs, own, history=True)] == [(), ()]
    assert len(list(proving.prove(proofs, own))) == 1


@pytest.mark.usefixtures("here")
def test_a_failed_fact_is_off_until_its_proof_holds_or_its_statement_changes(own: Path) -> None:
    corpus = load_corpus([own], builtin=False)
    list(prove_facts(corpus, corpus.facts))
    assert set(load_corpus([own], builtin=False).disabled) == {"SUM001", "SUM002"}
    (own / "proofs" / "test_sums.py").write_text(PROOFS.replace("== 5", "== 4").replace("n == 1", "n"))
    list(prove_facts(corpus, corpus.facts))
    assert not load_corpus([own], builtin=False).disabled and not (own / "proofs" / "failed.json").exists()
    save_failed_proofs(own, {"SUM000": FailedProof("Another statement.", "no")})
    assert not load_corpus([own], builtin=False).disabled


@pytest.mark.parametrize(
    ("proof", "said"), [("proofs/none.py::test_x", "no file proofs/none.py"), ("proofs/test_sums.py::test_x", "no function 'test_x'")]
)
def test_a_proof_that_is_not_there_is_named(own: Path, proof: str, said: str) -> None:
    file = own / "facts" / "sums.yaml"
    file.write_text(file.read_text().replace("proofs/test_sums.py::test_holds\n", proof + "\n"))
    corpus = load_corpus([own], builtin=False)
    with pytest.raises(ProofError, match="SUM000") as caught:
        list(find_proofs(corpus.facts, corpus.folders))
    assert said in str(caught.value) and "Mend" in str(caught.value)


def test_an_environment_is_made_once_and_a_package_that_does_not_exist_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[list[str]] = []
    monkeypatch.setattr(proving, "_call", lambda command: (calls.append(command), venv.create(command[-1]) if "venv" in command else None))
    first = proving._environment(("one==1",), tmp_path)
    assert first == proving._environment(("one==1",), tmp_path) and first.exists() and len(calls) == 2
    assert proving._environment(("one==2",), tmp_path) != first
    monkeypatch.undo()
    with pytest.raises(ProofError, match="environment of the proofs cannot be made"):
        proving._call([sys.executable, "-c", "raise SystemExit('no package of that name')"])


def test_the_command_tells_counts_and_exits_by_them(own: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(proving, "_environment", lambda pins, cache: Path(sys.executable))
    for keys, code, said in ((["SUM000"], 0, "1 proved."), (["SUM000", "SUM001"], 1, "1 proved, 1 failed.")):
        monkeypatch.setattr(sys, "argv", ["linter", "prove", *keys, "--corpus", str(own)])
        with pytest.raises(SystemExit) as caught:
            main()
        streams = capsys.readouterr()
        assert caught.value.code == code and said in streams.err and "SUM000 proved" in streams.out
        assert ("SUM001 failed" in streams.err) == (code == 1)  # beside the counts too, below hundreds of lines


def test_every_proof_of_our_facts_is_there_and_every_function_proves_a_fact() -> None:
    corpus = load_corpus()
    used = {(p.file.name, p.test) for p in find_proofs(corpus.facts, corpus.folders)}
    files = (builtin_folder() / "proofs").glob("test_*.py")
    there = {
        (f.name, n.name)
        for f in files
        for n in ast.parse(f.read_text("utf-8")).body
        if isinstance(n, ast.FunctionDef) and n.name.startswith("test_")
    }
    assert used == there
    assert not load_failed_proofs(builtin_folder())
