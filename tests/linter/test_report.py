"""Reports: exact marks, exact places, and nothing of the text breaks the format."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from corpus import Corpus
from corpus.text import Document, Span
from linter.engine import Result
from linter.finding import Finding, SourceLink
from linter.registry import Registry
from linter.report import FORMATS

DATA = Path(__file__).parent / "data"


def result(text: str, words: str, path: str = "a.txt") -> Result:
    start = text.index(words)
    source = (SourceLink("Quickstart", "https://example.org/q"),)
    found = Finding(
        "FLK012", "session", "error", "This is not so: 100 %, truly.", path, Span(start, start + len(words)), words, "Truth.", source, 0.93
    )
    return Result(Document(path, text), (found,))


def told(name: str, *results: Result) -> str:
    return "".join(FORMATS[name](results, {}))


def marked(text: str, words: str) -> tuple[str, str]:
    lines = told("text", result(text, words)).splitlines()
    return lines[2].split(" | ", 1)[1], lines[3].split(" | ", 1)[1]


@pytest.mark.parametrize(
    "text",
    ["A MYTH here.", "\tA\tMYTH", "a\r\nb\r\n\u00a0MYTH x", "e\u0301 MYTH", "x" * 300 + " MYTH " + "y" * 300, "MYTH", "a \x1b[31mMYTH"],
)
def test_the_words_are_underlined(text: str) -> None:
    """The carets stand under the words and nowhere else, with tabs, CRLF, accents and long lines."""
    line, under = marked(text, "MYTH")
    line = line.replace("\u0301", "")
    assert line[under.index("^") : under.rindex("^") + 1] == "MYTH"
    assert set(under) <= {" ", "^"} and len(line) <= 115 and "\x1b" not in line


def test_wide_characters_take_two_columns() -> None:
    """In a terminal an ideograph is as wide as two letters."""
    line, under = marked("日本 MYTH 日本", "MYTH 日")
    assert line.startswith("日本") and under == " " * 5 + "^" * 7


def test_words_over_several_lines_are_marked_in_the_first() -> None:
    """The marks end where the line ends."""
    assert marked("a MYTH of\ntwo lines", "MYTH of\ntwo")[1] == "  ^^^^^^^"


def test_json_is_the_contract() -> None:
    """The record of section 4.3, with columns in code points and an exclusive end."""
    (record,) = json.loads(told("json", result("😀 x\n😀 MYTH.", "MYTH")))
    assert record == {
        "code": "FLK012", "name": "session", "severity": "error", "message": "This is not so: 100 %, truly.", "path": "a.txt",
        "start": {"line": 2, "column": 3}, "end": {"line": 2, "column": 7}, "span": "MYTH", "truth": "Truth.",
        "sources": [{"title": "Quickstart", "url": "https://example.org/q"}], "confidence": 0.93, "fix": None,
    }  # fmt: skip
    assert json.loads(told("json")) == []
    assert json.loads(told("jsonl", result("MYTH", "MYTH")))["span"] == "MYTH"


@pytest.mark.parametrize("path", ["a.txt", "<stdin>", "a folder/ü.txt", "/tmp/x.md"])
def test_sarif_keeps_its_standard(corpus: Corpus, path: str) -> None:
    """Valid by the schema of SARIF 2.1.0, with every rule and the unit of its columns."""
    rules = {rule.code: rule for rule in Registry(corpus).rules}
    found = json.loads("".join(FORMATS["sarif"]([result("😀 MYTH.", "MYTH", path)], rules)))
    schema: Any = json.loads((DATA / "sarif-2.1.0.json").read_text("utf-8"))
    jsonschema.Draft4Validator(schema, format_checker=jsonschema.FormatChecker()).validate(found)
    (run,) = found["runs"]
    assert run["columnKind"] == "unicodeCodePoints" and len(run["tool"]["driver"]["rules"]) == len(rules)
    assert run["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"] == 3


def test_github_escapes_what_would_break_the_command() -> None:
    """Per cent, commas and colons in properties are escaped."""
    assert told("github", result("MYTH", "MYTH", "a,b:c.txt")) == (
        "::error file=a%2Cb%3Ac.txt,line=1,endLine=1,col=1,endColumn=5,title=FLK012 session::This is not so: 100 %25, truly.\n"
    )


def test_junit_is_well_formed_whatever_the_text_holds() -> None:
    """A case for each document; control characters and markup cannot break the XML."""
    clean = Result(Document("b<&>.txt", "x"), ())
    root = ET.fromstring(told("junit", result("MYTH", "MYTH", 'a"\x01.txt'), clean))
    assert (root.get("tests"), root.get("failures")) == ("2", "1")
    assert (root.find("testcase/failure") is not None) and root[1].get("name") == "b<&>.txt"


def test_rdjson_counts_bytes() -> None:
    """Reviewdog counts columns in UTF-8 bytes."""
    place = json.loads(told("rdjson", result("é MYTH", "MYTH")))["diagnostics"][0]["location"]["range"]
    assert (place["start"]["column"], place["end"]["column"]) == (4, 8)


def test_gitlab_fingerprints_differ_and_outlive_moves() -> None:
    """Two equal findings are two; a line more above changes none."""
    first = json.loads(told("gitlab", result("MYTH", "MYTH"), result("MYTH", "MYTH")))
    assert len({row["fingerprint"] for row in first}) == 2
    assert json.loads(told("gitlab", result("\n\nMYTH", "MYTH")))[0]["fingerprint"] == first[0]["fingerprint"]
