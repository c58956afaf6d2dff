"""Loading: every broken file is answered with its place, what is wrong and what to do."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from corpus.errors import CorpusError, DuplicateError, RecordError
from corpus.load import builtin_folder, corpus_files, load_facts, load_questions, schemas
from corpus.store import load_corpus

QUESTION = """- id: own-001
  topic: own
  level: junior
  question: "Why?"
  reference_answers: ["Because."]
  key_points:
    - {id: k1, text: "One.", weight: 0.5}
    - {id: k2, text: "Two.", weight: 0.5}
"""
FACT = """- code: OWN001
  name: tea-is-hot
  statement: Tea is hot.
  applies_to: {package: none, versions: ">=1"}
  terms: [tea]
  true_wordings: [Hot one., Hot two., Hot three., Hot four., Hot five., Hot six.]
  false_wordings: [Cold one., Cold two., Cold three., Cold four., Cold five., Cold six.]
  near_misses: [Iced one., Iced two., Iced three.]
  explanation: Ice.
  sources: [{title: Pot, url: "https://example.org/pot"}]
  proof: {none: No program tastes tea.}
"""


def write(folder: Path, kind: str, text: str | bytes, name: str = "own.yaml") -> Path:
    (folder / kind).mkdir(exist_ok=True)
    (folder / kind / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def test_good_files_load_with_their_places(tmp_path: Path) -> None:
    """A record knows the line on which it begins."""
    write(tmp_path, "questions", "# ours\n" + QUESTION)
    write(tmp_path, "facts", FACT)
    (found,) = load_questions(tmp_path)
    assert found.place == f"{tmp_path / 'questions' / 'own.yaml'}:2"
    assert next(load_facts(tmp_path)).record.code == "OWN001"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("topic: own", "topic: [own", 3, "not valid YAML"),
        ("topic: own", "tpoic: own", 1, "topic is missing"),
        ("  level: junior", "  level: junior\n  levle: mid", 4, "levle is no field of a question"),
        ("level: junior", "level: expert", 3, "level.*'junior'"),
        ("  level: junior\n", "", 1, "level is missing"),
        ("  topic: own", "  topic: own\n  topic: two", 3, "topic is given twice; first in line 2"),
        ("weight: 0.5}\n    - {id: k2", "weight: 0.4}\n    - {id: k2", 1, "weights sum to 0.9"),
        ('One.", weight: 0.5', 'One.", weight: .nan', 7, "finite"),
        ('One.", weight: 0.5', 'One.", weight: much', 7, "number"),
        ("k2,", "k1,", 1, "'k1' is given twice"),
        ("- id: own-001", "- id: OWN", 1, "id: .*pattern"),
        ("  topic: own", "  topic: !!python/object:os.system x", 2, "tag"),
        ("  topic: own", "  facts: [OWN999]\n  topic: own", 1, "No fact has the code 'OWN999'"),
    ],
)
def test_a_broken_question_is_named_by_line_and_mend(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    """The message is file:line, the problem, and what to do."""
    assert old in QUESTION
    write(tmp_path, "questions", QUESTION.replace(old, new, 1))
    with pytest.raises(RecordError) as caught:
        load_corpus([tmp_path], builtin=False)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'questions' / 'own.yaml'}:{line}: ")
    assert re.search(words, message), message
    assert re.search(r" To mend: \w.+\.$", message), message


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('">=1"', '"about 1"', 4, "PEP 440"),
        ("code: OWN001", "code: own-1", 1, "pattern"),
        ("terms: [tea]", "terms: tea", 5, "terms"),
        ("Iced three.", "~", 8, "near_misses.2"),
        ("https://example.org/pot", "pot", 10, "url"),
    ],
)
def test_a_broken_fact_is_named_by_line_and_mend(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    """The line is that of the field, as deep as it is known."""
    write(tmp_path, "facts", FACT.replace(old, new, 1))
    with pytest.raises(RecordError, match=words) as caught:
        load_corpus([tmp_path], builtin=False)
    assert caught.value.line == line


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (b"- id: a\n  topic: \xff\n", 2, "not UTF-8"),
        (b"- id: a\n  topic: \x00\n", 2, "not valid YAML"),
        (b"id: own-001\n", 1, "is a list"),
        (b"- just words\n", 1, "mapping"),
        (b"- a: 'x\n", 2, "not valid YAML"),
    ],
)
def test_a_file_that_is_no_list_of_records(tmp_path: Path, text: bytes, line: int, words: str) -> None:
    """Bytes, characters and shapes that cannot be read are refused at their line."""
    write(tmp_path, "questions", text)
    with pytest.raises(RecordError, match=words) as caught:
        load_corpus([tmp_path], builtin=False)
    assert caught.value.line == line


def test_an_empty_file_holds_no_records(tmp_path: Path) -> None:
    """A file of comments is fine."""
    write(tmp_path, "questions", "# later\n")
    assert load_corpus([tmp_path], builtin=False).questions == ()


@pytest.mark.parametrize(("kind", "text", "key"), [("questions", QUESTION, "own-001"), ("facts", FACT, "OWN001")])
def test_a_key_given_twice_names_both_places(tmp_path: Path, kind: str, text: str, key: str) -> None:
    """Of two equal codes or ids both files are named."""
    write(tmp_path, kind, text, "a.yaml")
    write(tmp_path, kind, text, "b.yaml")
    with pytest.raises(DuplicateError) as caught:
        load_corpus([tmp_path], builtin=False)
    message = str(caught.value)
    assert key in message and "a.yaml:1" in message and "b.yaml:1" in message


@pytest.mark.parametrize(("make", "words"), [(False, "does not exist"), (True, "neither facts/ nor questions/")])
def test_a_folder_that_is_no_corpus(tmp_path: Path, make: bool, words: str) -> None:
    """A mistyped folder is an error, not an empty corpus."""
    folder = tmp_path / "own"
    if make:
        folder.mkdir()
    with pytest.raises(CorpusError, match=words):
        load_corpus([folder])


def test_the_schemas_accept_what_the_loader_accepts() -> None:
    """Editors get a valid JSON Schema under which the built-in files are right and a misspelt field is wrong."""
    for kind, schema in schemas().items():
        jsonschema.Draft202012Validator.check_schema(schema)
        validator = jsonschema.Draft202012Validator(schema)
        loaded: Any = None
        for path in corpus_files(builtin_folder(), kind):
            loaded = yaml.safe_load(path.read_text("utf-8"))
            assert not list(validator.iter_errors(loaded)), path
        assert list(validator.iter_errors([{**loaded[0], "misspelt": 1}]))


ANSWER = '{question: own-001, kind: terse, text: "One it is.", mark: 0.5, key_points: {k1: stated, k2: missing}, writer: me}'


def test_answers_are_held_against_their_question(tmp_path: Path) -> None:
    """A state for each key point, false claims that stand in the text, a question that exists: else file, line and mend."""
    write(tmp_path, "questions", QUESTION)
    write(tmp_path, "answers", f"- {ANSWER}\n")
    assert load_corpus([tmp_path], builtin=False).answers[0].key_points == {"k1": "stated", "k2": "missing"}
    for old, new, told in (
        ("k2: missing", "k3: missing", "give a state for each of k1, k2"),
        ("writer: me", "writer: me, false_claims: [two]", "does not stand in the text"),
        ("mark: 0.5", "mark: 1.5", "mark"),
        ("own-001", "own-002", "own-002"),
    ):
        write(tmp_path, "answers", f"- {ANSWER.replace(old, new)}\n")
        with pytest.raises(CorpusError, match=told):
            load_corpus([tmp_path], builtin=False).answers


def test_edits_are_held_against_their_answer(tmp_path: Path) -> None:
    """An edit names an answer that exists by its text, words that stand in it once, and its key points: else file, line and mend."""
    write(tmp_path, "questions", QUESTION)
    write(tmp_path, "answers", f"- {ANSWER}\n")
    answer = load_corpus([tmp_path], builtin=False).answers[0]
    edit = f"- {{question: own-001, answer: '{answer.key}', find: One, put: Two, now: {{k1: contradicted}}, trick: number, writer: me}}\n"
    write(tmp_path, "edits", edit)
    changed, record = load_corpus([tmp_path], builtin=False).edits[0]
    assert changed == answer and record.now == {"k1": "contradicted"}
    for old, new, told in (
        (answer.key, "0123456789ab", "remove the edit or write it anew"),
        ("find: One", "find: Three", "quote words that stand in it once"),
        ("find: One", "find: i", "quote words that stand in it once"),
        ("k1:", "k7:", "use k1, k2"),
        ("contradicted", "wrong", "stated"),
    ):
        write(tmp_path, "edits", edit.replace(old, new))
        with pytest.raises(CorpusError, match=told):
            load_corpus([tmp_path], builtin=False).edits


def test_large_files_are_kept_and_never_stale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsed once, read from the cache with the same records and lines; another text or a damaged copy is parsed again."""
    monkeypatch.setenv("VIVA_CACHE", str(tmp_path / "cache"))
    text = "# padding\n" * 3000 + QUESTION
    write(tmp_path, "questions", text)
    first = list(load_questions(tmp_path))
    (kept,) = (tmp_path / "cache" / "records").glob("*.json")
    assert list(load_questions(tmp_path)) == first and first[0].line == 3001
    for damaged in ("{", "[1]", "{}x", '[{"line": 1}]'):
        kept.write_text(damaged, "utf-8")
        assert list(load_questions(tmp_path)) == first
    write(tmp_path, "questions", text.replace("Because.", "For a reason."))
    assert next(load_questions(tmp_path)).record.reference_answers == ("For a reason.",)
    write(tmp_path, "questions", text.replace("weight: 0.5", "weight: 0.6"))
    with pytest.raises(RecordError, match="sum to"):
        list(load_questions(tmp_path))
