"""Our own YAML: which fields are linted, and where exactly their words stand."""

import pytest

from corpus.errors import RecordError
from corpus.text import Document
from linter.records import record_segments

HEAD = "- id: own-001\n  question: Why is tea hot?\n"


def words(text: str) -> list[tuple[str, str]]:
    document = Document("a.yaml", text)
    return [(s.text, document.slice(s.span)) for s in record_segments(document) or ()]


@pytest.mark.parametrize(
    "value",
    [
        "Tea is hot.", "'Tea is hot.'", '"Tea is hot."', "|\n    Tea is hot.", ">-\n      Tea is hot.", "[Tea is hot.]", "\n    - Tea is hot.",
        '["Tea is hot."]', "\n    - |\n      Tea is hot.",
    ],
)  # fmt: skip
def test_every_style_of_scalar_is_placed_exactly(value: str) -> None:
    """Plain, quoted, literal, folded and flow scalars give the same words at their place in the file."""
    for before in ("", "# é 𝔘 😀\n", "# a\r\n"):
        assert ("Tea is hot.", "Tea is hot.") in words(f"{before}{HEAD}  reference_answers: {value}\n")


@pytest.mark.parametrize(
    "value",
    [">\n    Tea is\n    hot.  Ice is\n    cold.", "|\n    Tea is\n    hot.  Ice is\n    cold.", '"Tea is\n    hot. Ice is\n    cold."'],
)
def test_sentences_that_run_over_lines(value: str) -> None:
    """A sentence over two lines is one, and its span covers both lines of the file."""
    found = words(f"{HEAD}  reference_answers: {value}\n")[1:]
    assert [text for text, _ in found] == ["Tea is hot.", "Ice is cold."]
    assert [" ".join(raw.split()) for _, raw in found] == ["Tea is hot.", "Ice is cold."]


def test_any_part_of_a_sentence_can_be_located() -> None:
    """Words behind a folded line break are underlined at their own place."""
    text = f"{HEAD}  reference_answers:\n    - >\n      Tea in the\n      morning is hot.\n"
    document = Document("a.yaml", text)
    segment = (record_segments(document) or [])[-1]
    at = segment.text.index("is hot")
    assert document.slice(segment.locate(at, at + 6)) == "is hot"


def test_what_is_false_on_purpose_is_never_linted() -> None:
    """False wordings, training wordings, marked answers and their edits are left alone; true fields are read, with what they are about."""
    fact = (
        "- code: OWN001\n  statement: Statement one.\n  applies_to: {package: flask}\n  true_wordings: [True one.]\n"
        "  false_wordings: [False one.]\n  near_misses: [Near one.]\n  explanation: Explained one.\n  sources: [{title: Title one.}]\n"
    )
    found = record_segments(Document("a.yaml", fact)) or []
    assert [s.text for s in found] == ["Statement one.", "True one.", "Near one.", "Explained one."]
    assert {s.context for s in found} == {"flask"}
    for other in (
        "- {fact: OWN001, label: 'false', text: A myth., writer: a}",
        "- {question: own-001, mark: 0, text: A myth.}",
        "- {find: one, put: A myth.}",
    ):
        assert record_segments(Document("a.yaml", other)) == []


def test_key_points_are_linted_under_their_question() -> None:
    """The text of a key point is read, its id is not."""
    found = (
        record_segments(
            Document("a.yaml", HEAD + '  reference_answers: []\n  key_points:\n    - {id: k1, text: "Tea is hot.", weight: 1}\n')
        )
        or []
    )
    assert [(s.text, s.context) for s in found][1:] == [("Tea is hot.", "Why is tea hot?")]


@pytest.mark.parametrize("text", ["", "a: 1\n", "- 1\n- 2\n", "words\n", "- {name: x}\n"])
def test_other_yaml_is_no_record(text: str) -> None:
    """YAML that holds nothing of ours is left to the reader of plain text."""
    assert record_segments(Document("a.yaml", text)) is None


def test_broken_yaml_is_an_error_with_its_place() -> None:
    """The linter names file and line."""
    with pytest.raises(RecordError, match=r"^a\.yaml:3: "):
        record_segments(Document("a.yaml", "- a: 1\n  b: [\n"))


def test_an_alias_is_read_once() -> None:
    """However often it is repeated, and where it stands within itself."""
    bomb = "- id: a\n  question: q\n  reference_answers: &a [&b [Flask is small.], *b, *b, *a]\n"
    assert [s.text for s in record_segments(Document("a.yaml", bomb)) or ()].count("Flask is small.") == 1
