"""Facts whose passages changed between two releases, and the commands that tell it."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from linter import commands
from linter.cli import main
from linter.manuals import ManualIndex, read_manual, stale_facts
from tests.linter.manuals.test_check import SITE, fact

PAGE = "Heating\n=======\n\nBoiling\n-------\n\n{}\n"


def indexed(folder: Path, encoder, *paths: Path) -> list:
    index = ManualIndex(folder)
    for path in paths:
        index.add(read_manual(path), encoder)
    return [index.load(name, version) for name, version, _ in index.names()]


@pytest.mark.parametrize(
    ("new", "kinds"),
    [
        ("The kettle boils water at ninety degrees by default.", []),
        ("The  kettle boils\nwater at *ninety* degrees, by default.", []),
        ("The kettles boil water at ninety degrees by default.", []),
        ("The kettle boils water at 95 degrees by default.", ["changed"]),
        ("The kettle never boils water at ninety degrees by default.", ["changed"]),
        ("See the shop for more.", ["gone"]),
    ],
)
def test_what_changed_is_told_and_what_reads_alike_is_not(
    sdist: Callable[..., Path], encoder, tmp_path: Path, new: str, kinds: list[str]
) -> None:
    old, later = indexed(tmp_path / "c", encoder, sdist("2.0"), sdist("2.1", **{"docs/heating.rst": PAGE.format(new)}))
    found = stale_facts([fact(url=SITE)], old, later, encoder)
    assert [change.kind for one in found for change in one.changes] == kinds


def test_what_is_new_is_told(sdist: Callable[..., Path], encoder, tmp_path: Path) -> None:
    later, old = indexed(tmp_path / "c", encoder, sdist("2.0"), sdist("2.1", **{"docs/heating.rst": PAGE.format("Nothing of it.")}))
    assert [(c.kind, c.new is not None) for one in stale_facts([fact(url=SITE)], old, later, encoder) for c in one.changes] == [
        ("new", True)
    ]
    other = fact(url=SITE).model_copy(update={"applies_to": fact(url=SITE).applies_to.model_copy(update={"package": "pot"})})
    assert stale_facts([other], old, later, encoder) == []


@pytest.fixture
def run(
    tmp_path: Path, encoder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.setenv("VIVA_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(commands, "_lazy_encoder", lambda: encoder)
    folder = tmp_path / "own" / "facts"
    folder.mkdir(parents=True)
    row = fact(url=f"{SITE}/heating/", section="Boiling").model_dump(mode="json")
    (folder / "kettles.yaml").write_text(yaml.safe_dump([row]))

    def call(*words: str) -> tuple[int, str, str]:
        own = ["--corpus", str(folder.parent)] if words[0] in ("stale", "explain") or words[1] == "check" else []
        monkeypatch.setattr(sys, "argv", ["linter", *words, *own])
        with pytest.raises(SystemExit) as caught:
            main()
        streams = capsys.readouterr()
        return int(caught.value.code or 0), streams.out, streams.err

    return call


def test_the_commands_from_adding_to_removing(run: Callable[..., tuple[int, str, str]], sdist: Callable[..., Path]) -> None:
    assert run("manuals", "check", "KET001")[0] == 2
    changed = sdist(
        "2.1", **{"docs/heating.rst": PAGE.replace("Boiling\n-------", "Water\n-----").format("The kettle boils water at 95 degrees.")}
    )
    code, out, _ = run("manuals", "add", str(sdist()), str(changed))
    assert code == 0 and out.startswith("kettle==2.0: 7 sentences of 5 pages.\nkettle==2.1: ")
    assert [line.split()[0] for line in run("manuals", "list")[1].splitlines()] == ["kettle==2.0", "kettle==2.1"]
    code, out, err = run("manuals", "check", "KET001")
    assert (code, out) == (0, "") and "1 sources looked up" in err
    code, out, err = run("stale", "--from", "kettle==2.0", "--to", "kettle==2.1")
    assert code == 1 and "- The kettle boils water at ninety" in out and "+ The kettle boils water at 95" in out and "1 facts" in err
    assert "The manual of kettle 2.1 (heating, Water, docs/heating.rst:7):\n  The kettle boils water at 95" in run("explain", "KET001")[1]
    assert run("manuals", "remove", "kettle==2.1")[:2] == (0, "Removed kettle 2.1.\n")
    assert run("manuals", "remove", "kettle")[0] == 0 and run("manuals", "remove", "kettle")[0] == 2
    assert "The manual" not in run("explain", "KET001")[1]


def test_a_moved_section_is_man001_at_the_fact(run: Callable[..., tuple[int, str, str]], sdist: Callable[..., Path]) -> None:
    run(
        "manuals",
        "add",
        str(sdist(**{"docs/heating.rst": PAGE.replace("Boiling\n-------", "Water\n-----").format("Water boils at ninety degrees.")})),
    )
    code, out, _ = run("manuals", "check", "KET001")
    assert (
        code == 1
        and "kettles.yaml:1: MAN001 KET001: 'Heating' in the manual of kettle 2.0: the page 'heating' has no section 'Boiling'" in out
    )


def test_wrong_calls_are_told(run: Callable[..., tuple[int, str, str]]) -> None:
    for words in (("--from", "a==1", "--to", "b==1"), ("--from", "a", "--to", "a==1"), ("--from", "a==1", "--to", "a==2")):
        code, _, err = run("stale", *words)
        assert code == 2 and err.startswith("linter: ")
