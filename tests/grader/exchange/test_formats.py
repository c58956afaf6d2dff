"""Questions out and back in five formats; wrong files are refused by row, and files of strangers run nothing."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.records import Question
from grader.exchange.answers import read_answers
from grader.exchange.formats import FORMATS
from grader.exchange.gift import read_gift
from grader.exchange.moodle import read_moodle
from grader.exchange.qti import read_qti
from grader.exchange.rows import questions_of
from grader.exchange.tables import read_csv, read_jsonl
from grader.exchange.text import plain
from grader.interviews.errors import ImportRefusedError
from grader.interviews.sheet import plain_cell, write_sheet

NAMES = sorted(FORMATS)
LINES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=40).map(str.strip).filter(bool)
TEXTS = st.lists(LINES, min_size=1, max_size=3).map("\n".join)


def normal(text: str) -> str:
    """Point texts stand on one line where a format has one field for all."""
    return " ".join(text.split())


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Any question of a team; texts with all that formats escape."""
    count = draw(st.integers(1, 4))
    special = st.sampled_from(
        ["{=a}", "~b#", ":c::", "\\d\\n", "## Key points", "\\## x", "<p>&amp;</p>", "=1+1", 'a,b;"c"', "k1 (1.0): x", "// e"]
    )
    text = st.one_of(TEXTS, special, st.tuples(LINES, special).map("\n".join))
    return Question.model_validate(
        {
            "id": f"{draw(st.sampled_from(['team', 'ours']))}-{draw(st.integers(0, 999)):03}",
            "topic": draw(st.sampled_from(["web", "data bases", "Ünï"])),
            "level": draw(st.sampled_from(["junior", "mid", "senior"])),
            "question": draw(text),
            "reference_answers": draw(st.lists(text, min_size=1, max_size=3, unique=True)),
            "key_points": [{"id": f"k{n}", "text": draw(LINES.map(normal)), "weight": 1 / count} for n in range(1, count + 1)],
            "facts": draw(st.sampled_from([(), ("FLK012",), ("FLK012", "HTP001")])),
        }
    )


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(given_questions=st.lists(questions(), min_size=1, max_size=4, unique_by=lambda q: q.id))
def test_what_goes_out_comes_back(name, given_questions):
    """The very same questions, by every format; the same questions give the same bytes."""
    data = FORMATS[name].write(given_questions)
    assert data == FORMATS[name].write(given_questions)
    found, errors = questions_of(FORMATS[name].read(data))
    assert errors == []
    assert {q.id: q for _, q in found} == {q.id: q for q in given_questions}


@pytest.mark.parametrize("name", NAMES)
def test_the_whole_bank_comes_back(name, bank):
    """All questions of the corpus."""
    found, errors = questions_of(FORMATS[name].read(FORMATS[name].write(bank.questions)))
    assert errors == []
    there = [q.model_copy(update={"asked_in": ()}) for q in bank.questions]  # where a question was found is ours alone
    assert [q.model_copy(update={"asked_in": ()}) for _, q in sorted(found, key=lambda f: f[1].id)] == there


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=60, deadline=None)
@given(data=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(name, data):
    """No other error leaves a reader."""
    try:
        questions_of(FORMATS[name].read(data))
    except ImportRefusedError as refused:
        assert refused.rows


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_broken_files_are_read_or_refused(name, data):
    """The same for files that were cut or changed somewhere."""
    whole = FORMATS[name].write([data.draw(questions())])
    at = data.draw(st.integers(0, len(whole)))
    cut = whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + data.draw(st.integers(0, 20)) :]
    try:
        questions_of(FORMATS[name].read(cut))
    except ImportRefusedError as refused:
        assert refused.rows


def said(rows) -> list[str]:
    """What is wrong, row by row."""
    return [str(error) for error in questions_of(rows)[1]]


def test_each_wrong_row_is_named_with_its_line():
    """All of them at once, so that a file is mended in one go."""
    data = (
        b"id,question,level,reference_1,key_point_1,weight_1\n"
        b'team-001,"What,\nthen?",mid,So.,It is so.,1\n'
        b"team-002,,mid,So.,It is so.,1\n"
        b"team-003,What?,expert,So.,It is so.,1\n"
        b"team-004,What?,mid,So.,It is so.,0.5\n"
        b"team-005,What?,mid,So.,It is so.,half\n"
        b"team-006,What?,mid\n"
    )
    assert said(read_csv(data)) == [
        "row 2 (line 4): question: missing",
        "row 3 (line 5): level: input should be 'junior', 'mid' or 'senior', got \"expert\"",
        "row 4 (line 6): key_points: weights sum to 0.5, they must sum to 1",
        "row 5 (line 7): weight_1: 'half' is no number",
        "row 6 (line 8): reference answers: missing",
    ]


def test_a_plain_table_is_enough():
    """Question and reference: points are derived, weights are equal, semicolons and a byte order mark are fine."""
    found, errors = questions_of(
        read_csv("\ufeffquestion;reference_1\nWhat is a cookie?;A small text. The browser sends it back.\n".encode())
    )
    assert errors == []
    ((_, question),) = found
    assert (question.id, question.topic, question.level) == ("own-000", "imported", "mid")
    assert sum(p.weight for p in question.key_points) == pytest.approx(1)


def test_an_unknown_column_or_field_is_an_error():
    """Mostly a misspelt one."""
    assert "no such column 'refrence'" in said(read_csv(b"question,refrence\na,b\n"))[0]
    line = json.dumps({"question": "a", "reference_answers": ["b"], "answers": []}).encode()
    assert "answers: no such field" in said(read_jsonl(line))[0]
    assert said(read_jsonl(b'{"question": "a", "reference_answers": ["b"]}\n[1]\n{"a": 1, "a": 2}'))[0].startswith(
        "row 2 (line 2): is no JSON object"
    )


MOODLE = """<?xml version="1.0"?><quiz>
<question type="category"><category><text>$course$/top/Security</text></category></question>
<question type="essay"><name><text>XSS</text></name>
 <questiontext format="html"><text><![CDATA[<p>What is <b>XSS</b>?</p><script>alert(1)</script>]]></text></questiontext>
 <graderinfo format="html"><text><![CDATA[<p>Running foreign script in a page.</p>]]></text></graderinfo></question>
<question type="shortanswer"><name><text>code</text></name><questiontext format="plain_text"><text>Which status?</text></questiontext>
 <answer fraction="100"><text>404</text></answer><answer fraction="50"><text>four</text></answer><answer fraction="100"><text>Not Found</text></answer></question>
<question type="multichoice"><name><text>choose</text></name></question></quiz>"""


def test_moodle_files_of_others_are_read():
    """HTML becomes text, full marks become references, categories topics; a choice is refused by row."""
    found, errors = questions_of(read_moodle(MOODLE.encode()))
    assert [(q.topic, q.question, q.reference_answers) for _, q in found] == [
        ("Security", "What is XSS?", ("Running foreign script in a page.",)),
        ("Security", "Which status?", ("404", "Not Found")),
    ]
    assert [str(e) for e in errors] == ["row 3: 'choose': a question of type 'multichoice' has no free answer; essay and shortanswer have"]


GIFT = r"""// [id:team-007] [tag:level senior]
$CATEGORY: $course$/Web

::Status::Which status means \{not found\}? {=404 =%100%Not \= found #right }

// a comment
What is a cookie? {
  =A small text.

  =Text that the browser keeps.
  ####(0.5): It is text.
(0.5): The browser keeps it.
}

Is Flask small? {T}

Pick one {=a ~b}

How much? {#3:1}

Match {=a -> b =c -> d}

Half {=%50%a}

No answer here
"""


def test_gift_files_of_others_are_read():
    """Escapes, comments, empty lines within braces; what has no free answer is refused with its line."""
    found, errors = questions_of(read_gift(GIFT.encode()))
    assert [(q.question, q.reference_answers) for _, q in found] == [
        ("Which status means {not found}?", ("404", "Not = found")),
        ("What is a cookie?", ("A small text.", "Text that the browser keeps.")),
    ]
    assert [p.text for p in found[1][1].key_points] == ["It is text.", "The browser keeps it."]
    assert [(e.row, e.line) for e in errors] == [(3, 15), (4, 17), (5, 19), (6, 21), (7, 23), (8, 25)]


@pytest.mark.parametrize("read", [read_moodle, read_qti])
@pytest.mark.parametrize(
    "attack",
    [
        '<!DOCTYPE q [<!ENTITY x SYSTEM "file:///etc/passwd">]><quiz>&x;</quiz>',
        '<!DOCTYPE q [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><quiz>&b;</quiz>',
        '<!DOCTYPE quiz SYSTEM "http://127.0.0.1:1/x.dtd"><quiz/>',
    ],
    ids=["external-entity", "laughs", "foreign-dtd"],
)
def test_xml_of_strangers_opens_no_file_and_no_bomb(read, attack):
    """Document types are refused, whatever they would do."""
    try:
        errors = questions_of(read(attack.encode()))[1]
        said_ = str(errors[0])
    except ImportRefusedError as refused:
        said_ = str(refused)
    assert "declares a document type or entities" in said_


def zipped(**files: bytes) -> bytes:
    """A package."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in files.items():
            package.writestr(name.replace("__", "/") + ".xml", data)
    return out.getvalue()


def test_a_package_that_unpacks_to_a_flood_is_refused():
    """Sizes are counted while unpacking, not believed."""
    with pytest.raises(ImportRefusedError, match="too large"):
        read_qti(zipped(item=b"<a>" + b" " * 2_000_000 + b"</a>"))


def test_qti_items_with_other_interactions_are_refused_by_row():
    """And one that is broken does not hide the others."""
    choice = b'<qti-assessment-item identifier="c"><qti-item-body><qti-choice-interaction/></qti-item-body></qti-assessment-item>'
    old = b"<assessmentItem/>"
    good = b"""<q:qti-assessment-item xmlns:q="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="c">
      <q:qti-response-declaration><q:qti-correct-response><q:qti-value>A text.</q:qti-value></q:qti-correct-response></q:qti-response-declaration>
      <q:qti-item-body><q:p>About <q:em>cookies</q:em>.</q:p>
      <q:qti-extended-text-interaction><q:qti-prompt>What are they?</q:qti-prompt></q:qti-extended-text-interaction></q:qti-item-body></q:qti-assessment-item>"""
    found, errors = questions_of(read_qti(zipped(a=choice, b=old, c=b"<a", d=good)))
    assert [(q.question, q.reference_answers) for _, q in found] == [("About cookies.\nWhat are they?", ("A text.",))]
    assert [e.row for e in errors] == [1, 2, 3]


def test_hostile_files_end_soon():
    """What once cost the square of its size: thousands of lines in one answer, of marks in a comment, of open tags, of columns."""
    assert len(read_gift(b"q {\n" + b"a\n" * 100_000)) == 1
    assert read_gift(b"// " + b"[id:" * 50_000 + b"\nq {=a}")[0].fields["reference_answers"] == ["a"]
    assert len(read_gift(b"q {" + b"=a" * 50_000 + b"}")[0].fields["reference_answers"]) == 50_000
    assert plain("<a " * 20_000 + "<p>x</p>").endswith("x")
    with pytest.raises(ImportRefusedError, match="at most 200 columns"):
        read_csv(",".join(f"c{n}" for n in range(20_000)).encode() + b"\na\n")


def test_apostrophes_before_a_formula_come_back_however_many():
    """A cell of a thousand of them is a cell like any other."""
    for text in ("'" * 1500 + "x", "''=1+1", "=1+1", "'tis"):
        cells = write_sheet(["a"], [{"a": text}]).decode().splitlines()[1]
        assert plain_cell(cells.strip('"')) == text


def test_key_points_that_are_no_objects_are_refused_by_row():
    """With what they should be."""
    _, errors = questions_of(read_jsonl(b'{"question":"q","reference_answers":["a"],"key_points":["Flask is small"]}'))
    assert "each is an object" in errors[0].reason


def test_answers_to_a_question_id_that_is_no_text_are_refused_by_row():
    """Half a surrogate pair is no character."""
    good, errors = read_answers(b'{"question_id":"\\ud800","answer":"a","share":1}', "jsonl")
    assert (good, len(errors)) == ([], 1)
