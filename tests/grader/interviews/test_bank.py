"""Import into the bank: all or nothing, the same file twice changes nothing, and what is asked keeps its wording."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from corpus.errors import UnknownQuestionError
from grader.exchange.formats import FORMATS
from grader.interviews.errors import ImportRefusedError, NotAllowedError


def lines(*records: dict) -> bytes:
    """JSON lines."""
    return b"".join(json.dumps(r).encode() + b"\n" for r in records)


def record(id_: str = "", question: str = "What is a cookie?", **more) -> dict:
    """A question of the team's own."""
    point = {"text": "It is a small text.", "id": "k1", "weight": 1}
    return {"question": question, "reference_answers": ["A small text."], "key_points": [point], **({"id": id_} if id_ else {}), **more}


def test_own_questions_are_asked_like_ours(services, ann):
    """Imported, found, asked, graded."""
    done = services.bank.import_questions(ann, lines(record("team-001", topic="web")), "jsonl")
    assert done.added == ("team-001",)
    assert services.bank.questions(ann, q="cookie", topic="web").total == 1
    candidate = services.interviews.add_candidate(ann, "Ada")
    interview = services.interviews.add_interview(ann, candidate.id, "T", questions=["team-001"])
    asked = services.interviews.asked(ann, interview.id)[0]
    assert services.interviews.hand_in(ann, asked.id, "A text.", version=1).grade.score == 5


def test_a_question_that_left_the_bank_still_has_its_marks(services, store, ann):
    """The list of what was marked shows it without its words, and the others all the same."""
    services.bank.import_questions(ann, lines(record("team-001"), record("team-002", question="What is a header?")), "jsonl")
    for id_ in ("team-001", "team-002"):
        services.marks.mark(ann, id_, "A text.", 1)
    with store.writing() as tx:
        tx.bank._session.execute(text("DELETE FROM questions WHERE id = 'team-001'"))

    assert {id_ for id_, *_ in services.marks.questions(ann)} == {"team-001", "team-002"}
    asked = services.bank.asked_by_id(ann)
    assert asked["team-002"] == "What is a header?" and "flask-014" in asked and "team-001" not in asked


def test_a_file_with_an_error_leaves_no_trace(services, ann):
    """Neither the good rows before it nor those after."""
    bad = record("team-002", key_points=[{"text": "x", "id": "k1", "weight": 0.5}])
    with pytest.raises(ImportRefusedError) as refused:
        services.bank.import_questions(ann, lines(record("team-001"), bad, record("team-003", facts=["XXX999"])), "jsonl")
    assert [(e.row, e.line) for e in refused.value.rows] == [(2, 2), (3, 3)]
    with pytest.raises(UnknownQuestionError):
        services.bank.question(ann, "team-001")


def test_the_corpus_keeps_its_ids_and_an_id_stands_once(services, ann):
    """Said by row, before anything is written."""
    with pytest.raises(ImportRefusedError, match=r"row 2.*is a question of the corpus"):
        services.bank.import_questions(ann, lines(record("team-001"), record("flask-014", "Other?")), "jsonl")
    with pytest.raises(ImportRefusedError, match=r"row 2.*twice"):
        services.bank.import_questions(ann, lines(record("team-001"), record("team-001", "Other?")), "jsonl")
    assert [q.id for q in services.bank.questions(ann, q="team").items if q.id.startswith("team-")] == []


def test_the_same_file_twice_changes_nothing(services, ann):
    """Also without ids; and a changed wording is a new rubric, while what was asked stays as it was."""
    first = services.bank.import_questions(ann, lines(record(), record("", "What is WSGI?")), "jsonl")
    assert first.added == ("own-001", "own-002")
    again = services.bank.import_questions(ann, lines(record("", "What is WSGI?"), record()), "jsonl")
    assert (again.added, again.changed, set(again.unchanged)) == ((), (), {"own-001", "own-002"})

    candidate = services.interviews.add_candidate(ann, "Ada")
    interview = services.interviews.add_interview(ann, candidate.id, "T", questions=["own-001"])
    before = services.interviews.asked(ann, interview.id)[0].rubric
    changed = services.bank.import_questions(ann, lines(record(reference_answers=["Another text."])), "jsonl")
    assert changed.changed == ("own-001",)
    assert services.bank.rubric(ann, "own-001").version != before.version
    assert services.interviews.asked(ann, interview.id)[0].rubric == before


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_bank_moves_house(services, ann, name):
    """Exported and imported again: the same questions, unchanged."""
    services.bank.import_questions(
        ann, lines(record("team-001", topic="web"), record("team-002", "Why?", topic="web", level="senior")), "jsonl"
    )
    data = services.bank.export_questions(ann, name, topic="web")
    done = services.bank.import_questions(ann, data, name)
    assert (done.added, done.changed, done.unchanged) == ((), (), ("team-001", "team-002"))


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_marked_answers_come_in_once_and_go_out(services, ann, kind):
    """Shares, or scores with their scale; a second import adds nothing; the export has them, and no candidate's name."""
    rows = [
        {"question_id": "flask-014", "answer": "=cookie, on the client", "share": 0.75},
        {"question_id": "flask-014", "answer": "server", "score": "1", "max_score": "5"},
    ]
    data = (
        lines(*rows)
        if kind == "jsonl"
        else b"question_id,answer,share,score,max_score\nflask-014,'=cookie on,0.75,,\nflask-014,server,,1,5\n"
    )
    assert services.bank.import_answers(ann, data, kind) == 2
    assert services.bank.import_answers(ann, data, kind) == 0
    assert [m.share for m in services.marks.state(ann, "flask-014").marks] == [0.75, 0.2]
    candidate = services.interviews.add_candidate(ann, "Ada Lovelace")
    interview = services.interviews.add_interview(ann, candidate.id, "T", questions=["flask-014"])
    services.interviews.hand_in(ann, services.interviews.asked(ann, interview.id)[0].id, "said aloud", version=1)
    out = services.bank.export_answers(ann, kind).decode()
    assert "said aloud" in out
    assert "server" in out
    assert "Lovelace" not in out


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"answer": "x", "share": 1}, "question_id: missing"),
        ({"question_id": "flask-014", "share": 1}, "answer: missing"),
        ({"question_id": "flask-014", "answer": "x"}, "give share"),
        ({"question_id": "flask-014", "answer": "x", "share": 2}, "must lie in"),
        ({"question_id": "flask-014", "answer": "x", "share": "much"}, "is no number"),
        ({"question_id": "flask-014", "answer": "x", "score": 1, "max_score": 0}, "cannot be"),
        ({"question_id": "flask-14", "answer": "x", "share": 1}, "Did you mean"),
        ({"question_id": "flask-014", "answer": "a\x00", "share": 1}, "NUL"),
    ],
)
def test_wrong_marks_are_refused_by_row(lite, ann, row, said):
    """And none of the file is taken."""
    good = {"question_id": "flask-014", "answer": "good", "share": 1}
    with pytest.raises(ImportRefusedError, match="row 2") as refused:
        lite.bank.import_answers(ann, lines(good, row), "jsonl")
    assert said in str(refused.value)
    assert lite.marks.state(ann, "flask-014").marks == ()


def test_viewers_import_nothing(lite, viewer):
    """Nor take the candidates' words out of the house."""
    for call in (
        lambda: lite.bank.import_questions(viewer, lines(record()), "jsonl"),
        lambda: lite.bank.import_answers(viewer, b"", "csv"),
        lambda: lite.bank.export_answers(viewer, "csv"),
    ):
        with pytest.raises(NotAllowedError):
            call()
