"""The command: exit codes, formats, what it reads and what it says."""

import io
import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from corpus.load import builtin_folder
from linter.cli import main
from linter.report import FORMATS

MYTH = "Flask sessions are stored on the server side.\n"
FINE = "Tea is best when it is hot.\n"


class Ran:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def linter(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def run(*argv: object, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "argv", ["linter", *map(str, argv)])
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as caught:
            main()
        streams = capsys.readouterr()
        return Ran(int(caught.value.code or 0), streams.out, streams.err)

    return run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "b.txt").write_text(MYTH)
    (tmp_path / "a.md").write_text(f"# Notes\n\n{MYTH}\n    code: Flask sessions are stored on the server\n")
    (tmp_path / "c.txt").write_text(FINE)
    (tmp_path / "d.py").write_text(f"# {MYTH}")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "e.txt").write_text(MYTH)
    return tmp_path


def test_clean_text_exits_0(linter, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Nothing found is said on stderr, nothing on stdout."""
    ran = linter("check", folder / "c.txt")
    assert (ran.code, ran.out, ran.err) == (0, "", "Nothing found.\n")


def test_a_myth_exits_1_with_truth_and_source(linter, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Path, place, truth, source and where to read more are told."""
    ran = linter("check", folder / "b.txt", "--no-cache")
    assert ran.code == 1 and ran.err == "1 finding.\n"
    for words in (f"{folder}/b.txt:1:1: FLK012 error", "signed cookie on the client", "https://", "^^^^", "linter explain FLK012"):
        assert words in ran.out


def test_a_folder_is_read_in_order(linter, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """Text and Markdown under a folder, by path; no code, no hidden folders; a file named twice is read once."""
    found = json.loads(linter("check", folder, folder / "b.txt", "--format", "json").out)
    assert [(Path(f["path"]).name, f["start"]["line"]) for f in found] == [("a.md", 3), ("b.txt", 1)]


@pytest.mark.parametrize("style", sorted(FORMATS))
def test_every_format_tells_it_and_is_the_same_twice(linter, folder: Path, style: str) -> None:  # type: ignore[no-untyped-def]
    """Cached or not, every format gives the same bytes, names the code, and is what it says it is."""
    first = linter("check", folder, "--format", style, "--no-cache")
    assert first.code == 1 and "FLK012" in first.out
    assert linter("check", folder, "--format", style).out == linter("check", folder, "--format", style).out == first.out
    if style in ("json", "sarif", "gitlab", "rdjson"):
        json.loads(first.out)
    elif style == "jsonl":
        assert len([json.loads(line) for line in first.out.splitlines()]) == 2
    elif style == "junit":
        ET.fromstring(first.out)
    empty = linter("check", folder / "c.txt", "--format", style)
    assert empty.code == 0 and "FLK012" not in empty.out.replace('"id": "FLK012"', "")


def test_standard_input(linter) -> None:  # type: ignore[no-untyped-def]
    """`-` is standard input, shown and read under the name given for it."""
    assert linter("check", "-", "--format", "concise", stdin=MYTH.encode()).out.startswith("<stdin>:1:1: FLK012 ")
    text = f"- question: Why?\n  reference_answers: ['{MYTH.strip()}']\n"
    assert linter("check", "-", "--stdin-filename", "q.yaml", "--format", "concise", stdin=text.encode()).out.startswith(
        "q.yaml:2:24: FLK012"
    )
    bad = linter("check", "-", stdin=b"a\n\xff")
    assert bad.code == 2 and "not UTF-8" in bad.err and "line 2" in bad.err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--exit-zero"], 0),
        (["--ignore", "FLK012"], 0),
        (["--select", "DJA"], 0),
        (["--select", "DJA", "--extend-select", "FLK012"], 1),
        (["--fail-on", "error"], 1),
        (["--statistics"], 1),
    ],
)
def test_options_decide_the_exit_code(linter, folder: Path, options: list[str], code: int) -> None:  # type: ignore[no-untyped-def]
    """What is switched off, or below the asked severity, does not fail."""
    assert linter("check", folder, *options).code == code


def test_statistics_do_not_spoil_json(linter, folder: Path) -> None:  # type: ignore[no-untyped-def]
    """The count goes to stdout as text, beside JSON to stderr."""
    assert "2  FLK012  session-cookie-client-side" in linter("check", folder, "--statistics").out
    ran = linter("check", folder, "--statistics", "--format", "json")
    assert len(json.loads(ran.out)) == 2 and "2  FLK012" in ran.err


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [("x.txt", b"\xff", "not UTF-8"), ("x.txt", b"\0", "binary"), ("x.yaml", b"a: [\n", "not valid YAML"), ("x.md", None, "no such file")],
)
def test_what_cannot_be_read_exits_2_and_the_rest_is_checked(linter, folder: Path, name: str, data: bytes | None, words: str) -> None:  # type: ignore[no-untyped-def]
    """One bad file is named, the findings of the others are still printed."""
    if data is not None:
        (folder / name).write_bytes(data)
    ran = linter("check", folder / name, folder / "b.txt")
    assert ran.code == 2 and words in ran.err and name in ran.err and "FLK012" in ran.out


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["check"], "Missing"),
        (["check", ".", "--format", "html"], "html"),
        (["check", ".", "--select", "NOPE"], "No rule matches 'NOPE'"),
        (["check", ".", "--corpus", "/nowhere"], "does not exist"),
        (["explain", "WTF01"], "Did you mean WTF001"),
        (["schema", "fact"], "facts"),
        (["units", "/nowhere"], "does not exist"),
        (["chek"], "chek"),
    ],
)
def test_a_wrong_call_exits_2_and_says_why(linter, argv: list[str], words: str) -> None:  # type: ignore[no-untyped-def]
    """No traceback, nothing on stdout."""
    ran = linter(*argv)
    assert ran.code == 2 and words in ran.err and ran.out == "" and "Traceback" not in ran.err


def test_explain_rules_and_schema(linter) -> None:  # type: ignore[no-untyped-def]
    """What a rule says, all rules, and the schema of a data file."""
    told = linter("explain", "session-cookie-client-side")
    assert told.code == 0 and all(w in told.out for w in ("FLK012", "Wrong:", "Right:", "Sources:", "https://"))
    assert "FLK012  error    session-cookie-client-side" in linter("rules").out
    assert json.loads(linter("schema", "questions").out)["type"] == "array"


def test_a_false_wording_planted_into_a_reference_answer_is_found(linter, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Our own YAML is linted: the planted sentence fails the check at its line, the false wordings of facts do not."""
    questions = yaml.safe_load((builtin_folder() / "questions" / "basics.yaml").read_text("utf-8"))
    planted = next(q for q in questions if q["id"] == "flask-014")
    planted["reference_answers"] = [MYTH.strip()]
    file = tmp_path / "own.yaml"
    file.write_text(yaml.safe_dump([planted]))
    found = json.loads(linter("check", file, "--format", "json", "--select", "FLK012").out)
    assert [f["span"] for f in found] == [MYTH.strip()] or [f["span"] for f in found] == [MYTH.strip().rstrip(".")]


def test_our_own_corpus_is_clean(linter) -> None:  # type: ignore[no-untyped-def]
    """`make lint-corpus` exits 0."""
    ran = linter("check", builtin_folder(), "--format", "concise")
    assert ran.code == 0, ran.out


def test_why_names_fact_wording_and_words(linter) -> None:  # type: ignore[no-untyped-def]
    """The reasons of a reported sentence; one line where there are none; the context counts."""
    told = linter("why", "Flask sessions are stored on the server.")
    assert told.code == 0 and "FLK012" in told.out and ", reported (from" in told.out
    assert "nearest wording" in told.out and "a false wording" in told.out and "server" in told.out.rsplit("words", 1)[1]
    assert "No fact is about" in linter("why", "The weather in Lisbon is mild.").out


def test_of_a_fact_and_a_rule_on_one_name_the_fact_is_told(linter, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Where the fact is excused the rule still speaks, and an excuse of the rule is not called useless."""
    text = "Use the Flask-Cache extension to cache views in a modern Flask application.\n"

    def codes(mark: str) -> list[str]:
        (tmp_path / "a.md").write_text(f"{mark}\n\n{text}")
        return [f["code"] for f in json.loads(linter("check", tmp_path / "a.md", "--format", "json").out)]

    assert codes("") == ["EXT301"]
    assert codes("<!-- viva: ignore-file[EXT301] -->") == ["COD013"]
    assert codes("<!-- viva: ignore-file[COD013] -->") == ["EXT301"]
