"""Interviews over both databases: nothing is lost, nothing is overwritten unseen, nothing that was said is changed."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from grader.interviews.errors import (
    ConflictError,
    InvalidError,
    MissingError,
    NotAllowedError,
)
from grader.wire import encode


def test_an_answer_is_graded_sealed_and_ruled_on(services, sitting, ann):
    """The whole way: draft, answer, correction, score by hand, ruling taken back; each step stays."""
    interviews, (interview, asked) = services.interviews, sitting
    preview = interviews.preview(ann, asked.id, "a cookie on the client by default", version=0)
    answer = interviews.hand_in(ann, asked.id, "a cookie on the client by default", version=1)
    assert answer.grade.score == preview.grade.score > 0

    corrected = interviews.override(ann, answer.id, version=2, corrections={"k1": "stated"}, why="she said so")
    assert corrected.score == interviews.try_corrections(ann, answer.id, {"k1": "stated"}) > answer.grade.score
    by_hand = interviews.override(ann, answer.id, version=3, score=4.5)
    assert by_hand.score == 4.5
    taken_back = interviews.override(ann, answer.id, version=4, why="the machine was right")
    assert (taken_back.score, taken_back.ruling) == (answer.grade.score, None)
    assert [o.number for o in taken_back.overrides] == [1, 2, 3]
    assert taken_back.overrides[0].why == "she said so"
    assert interviews.interview(ann, interview.id).stage == "running"


def test_the_question_is_asked_as_it_was(services, sitting, ann):
    """The rubric is copied: version, references and points stand in the interview itself."""
    asked, question = sitting[1], services.bank.question(ann, "flask-014")
    assert asked.rubric.question == question.question
    assert asked.rubric.key_points == question.key_points
    assert asked.rubric.version == services.bank.rubric(ann, "flask-014").version


def test_a_sealed_grade_holds_all_and_replays_to_the_same_bytes(services, sitting, ann, owl):
    """Input, output, signals, model, corpus, rubric; and when the model changes, the replay says what."""
    answer = services.interviews.hand_in(ann, sitting[1].id, "the client", version=1)
    (seal,) = services.interviews.seals(ann, answer.id)
    assert json.loads(seal.input)["answer"] == "the client"
    assert seal.output.encode() == encode(answer.grade)
    assert (seal.model, seal.corpus, seal.rubric) == ("owl-1", owl.corpus.version, sitting[1].rubric.version)
    assert json.loads(seal.signals)

    replayed = services.interviews.replay(ann, seal.id)
    assert (replayed.intact, replayed.same, replayed.changes) == (True, True, ())
    owl.version = "owl-2"
    changed = services.interviews.replay(ann, seal.id)
    assert not changed.same
    assert [(c.field, c.then, c.now) for c in changed.changes] == [("model", '"owl-1"', '"owl-2"')]


@pytest.mark.parametrize("table", ["answers", "grades", "overrides", "notes"])
def test_the_database_itself_refuses_to_change_what_was_said(store, services, sitting, ann, table):
    """Not our code alone: triggers stop an UPDATE and a DELETE by anybody."""
    interview, asked = sitting
    answer = services.interviews.hand_in(ann, asked.id, "the client", version=1)
    services.interviews.override(ann, answer.id, version=2, score=1)
    services.interviews.note(ann, interview.id, "hm")
    for statement in (f"UPDATE {table} SET id = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError), store._engine.begin() as connection:
            connection.execute(text(statement))
    assert services.interviews.one_asked(ann, asked.id).answer.score == 1


def test_a_key_covers_every_creation(services, sitting, ann):
    """Interview, question, answer, override, note, mark: sent again, they are there once."""
    interviews, (interview, asked) = services.interviews, sitting
    candidate = interview.candidate_id
    assert interviews.add_interview(ann, candidate, "T", key="i") == interviews.add_interview(ann, candidate, "T", key="i")
    assert interviews.ask(ann, interview.id, "adv-003", key="q").id == interviews.ask(ann, interview.id, "adv-003", key="q").id
    first = interviews.hand_in(ann, asked.id, "the client", version=1, key="a")
    assert interviews.hand_in(ann, asked.id, "the client", version=1, key="a") == first
    ruled = interviews.override(ann, first.id, version=2, score=2, key="o")
    assert interviews.override(ann, first.id, version=2, score=2, key="o") == ruled
    assert interviews.note(ann, interview.id, "hm", key="n") == interviews.note(ann, interview.id, "hm", key="n")
    assert services.marks.mark(ann, "flask-014", "x", 0.5, key="m") == services.marks.mark(ann, "flask-014", "x", 0.5, key="m")
    assert len(ruled.overrides) == 1
    assert len(interviews.notes(ann, interview.id)) == 1


def test_finishing_hands_in_what_was_typed(services, sitting, ann):
    """Nothing that was typed goes without a grade, and a finished interview takes no more answers until it is taken up again."""
    interviews, (interview, asked) = services.interviews, sitting
    interviews.save_draft(ann, asked.id, "the client", version=0)
    now = interviews.interview(ann, interview.id)
    done = interviews.change_interview(ann, interview.id, version=now.version, stage="finished")
    assert done.stage == "finished"
    answer = interviews.one_asked(ann, asked.id).answer
    assert answer.text == "the client"
    with pytest.raises(ConflictError, match="finished"):
        interviews.hand_in(ann, asked.id, "more", version=2)
    with pytest.raises(ConflictError, match="finished"):
        interviews.save_draft(ann, asked.id, "more", version=1)
    interviews.override(ann, answer.id, version=2, score=3)  # the committee may still rule and note
    interviews.note(ann, interview.id, "hm")
    again = interviews.change_interview(ann, interview.id, version=interviews.interview(ann, interview.id).version, stage="running")
    interviews.hand_in(ann, asked.id, "more", version=3)
    assert again.stage == "running"


def test_questions_are_asked_once_and_dropped_while_empty(services, sitting, ann):
    """Twice is a conflict; once something is written about it, it stays."""
    interviews, (interview, asked) = services.interviews, sitting
    with pytest.raises(ConflictError, match="already"):
        interviews.ask(ann, interview.id, "flask-014")
    second = interviews.ask(ann, interview.id, "adv-003")
    assert [a.position for a in interviews.asked(ann, interview.id)] == [1, 2]
    interviews.drop(ann, second.id)
    interviews.save_draft(ann, asked.id, "x", version=0)
    with pytest.raises(ConflictError, match="it stays"):
        interviews.drop(ann, asked.id)
    with pytest.raises(MissingError):
        interviews.one_asked(ann, second.id)


def test_a_viewer_reads_and_writes_nothing(services, sitting, ann, viewer):
    """Each method that writes refuses the role."""
    interviews, (interview, asked) = services.interviews, sitting
    answer = interviews.hand_in(ann, asked.id, "the client", version=1)
    refused = [
        lambda: interviews.add_candidate(viewer, "x"),
        lambda: interviews.change_candidate(viewer, interview.candidate_id, version=1, name="x"),
        lambda: interviews.add_interview(viewer, interview.candidate_id, "x"),
        lambda: interviews.change_interview(viewer, interview.id, version=1, title="x"),
        lambda: interviews.ask(viewer, interview.id, "adv-003"),
        lambda: interviews.drop(viewer, asked.id),
        lambda: interviews.save_draft(viewer, asked.id, "x", version=0),
        lambda: interviews.preview(viewer, asked.id, "x", version=0),
        lambda: interviews.hand_in(viewer, asked.id, "x", version=2),
        lambda: interviews.override(viewer, answer.id, version=2, score=1),
        lambda: interviews.note(viewer, interview.id, "x"),
        lambda: interviews.erase(viewer, interview.candidate_id),
        lambda: interviews.erase(ann, interview.candidate_id),
        lambda: interviews.erase_idle(ann, 1),
        lambda: interviews.export(viewer, interview.candidate_id),
        lambda: services.marks.mark(viewer, "flask-014", "x", 0.5),
        lambda: services.marks.unmark(viewer, "x"),
    ]
    for call in refused:
        with pytest.raises(NotAllowedError):
            call()
    assert interviews.lines(viewer)[0].answered == 1
    assert interviews.asked(viewer, interview.id)[0].answer.score == answer.score


BAD = [
    pytest.param("a\x00b", id="nul"),
    pytest.param("a\ud800b", id="half-a-character"),
    pytest.param("x" * 20_001, id="too-long"),
]


@pytest.mark.parametrize("words", BAD)
def test_text_that_no_database_keeps_is_refused_with_its_field(services, sitting, ann, words):
    """PostgreSQL keeps no NUL, UTF-8 no half characters: said before anything is written."""
    interviews, (interview, asked) = services.interviews, sitting
    calls = [
        (lambda: interviews.add_candidate(ann, words), "name"),
        (lambda: interviews.add_interview(ann, interview.candidate_id, words), "title"),
        (lambda: interviews.save_draft(ann, asked.id, words, version=0), "answer"),
        (lambda: interviews.hand_in(ann, asked.id, words, version=1), "answer"),
        (lambda: interviews.note(ann, interview.id, words), "note"),
        (lambda: services.marks.mark(ann, "flask-014", words, 0.5), "answer"),
    ]
    for call, field in calls:
        with pytest.raises(InvalidError) as invalid:
            call()
        assert invalid.value.field == field


def test_rulings_that_cannot_be_are_refused(services, sitting, ann):
    """A score off the scale, a key point that is none, a state that is none, a claim nobody made."""
    answer = services.interviews.hand_in(ann, sitting[1].id, "the client", version=1)
    for ruling in (
        {"score": 5.1},
        {"score": -0.1},
        {"score": float("nan")},
        {"corrections": {"k99": "stated"}},
        {"corrections": {"k1": "perhaps"}},
        {"dismissed": ["FLK012"]},
    ):
        with pytest.raises(InvalidError):
            services.interviews.override(ann, answer.id, version=2, **ruling)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("inf"), float("nan"), 1e7])
def test_an_interview_needs_a_scale(lite, ann, scale):
    """Full marks are above 0 and finite."""
    candidate = lite.interviews.add_candidate(ann, "Ada")
    with pytest.raises(InvalidError):
        lite.interviews.add_interview(ann, candidate.id, "T", max_score=scale)


def test_the_list_says_state_and_score(services, sitting, ann, owl):
    """Shares count overrides; only doubtful answers nobody ruled on are to review."""
    interviews, (interview, asked) = services.interviews, sitting
    second = interviews.ask(ann, interview.id, "adv-003")
    (line,) = interviews.lines(ann)
    assert (line.asked, line.answered, line.share, line.to_review) == (2, 0, None, 0)
    tiny = owl.tiny.grade
    owl.tiny.grade = lambda request, number=1: tiny(request, number).model_copy(update={"needs_review": True})
    answer = interviews.hand_in(ann, asked.id, "nothing of it", version=1)
    interviews.hand_in(ann, second.id, "nothing of it", version=1)
    (line,) = interviews.lines(ann, q="ada first")
    assert (line.asked, line.answered, line.share, line.to_review) == (2, 2, 0.0, 2)
    interviews.override(ann, answer.id, version=2, score=5)
    (line,) = interviews.lines(ann, stage="running")
    assert (line.share, line.to_review) == (0.5, 1)
    interviews.override(ann, answer.id, version=3)
    (line,) = interviews.lines(ann)
    assert (line.share, line.to_review) == (0.0, 1), "taken back, and looked at"
    assert interviews.lines(ann, q="grace") == []
    assert interviews.lines(ann, stage="finished") == []


def test_a_page_hears_of_changes(services, sitting, ann):
    """Each change tells a higher version; nobody hears after leaving."""
    interviews, (interview, asked) = services.interviews, sitting
    heard: list[int] = []
    leave = interviews.watch(interview.id, heard.append)
    interviews.save_draft(ann, asked.id, "x", version=0)
    answer = interviews.hand_in(ann, asked.id, "x", version=1)
    interviews.override(ann, answer.id, version=2, score=1)
    interviews.note(ann, interview.id, "hm")
    leave()
    interviews.note(ann, interview.id, "hm")
    assert heard == sorted(set(heard))
    assert len(heard) == 4
    assert interviews.interview(ann, interview.id).version == heard[-1] + 1


def test_without_the_model_what_needs_no_grade_works(store, services, sitting, ann):
    """While the model is being loaded, drafts are kept and lists are shown."""
    from grader.interviews.service import Interviews
    from grader.refusals import BusyError

    def busy() -> None:
        raise BusyError("The model is being loaded.")

    waiting = replace(services, interviews=Interviews(store, busy))
    assert waiting.interviews.save_draft(ann, sitting[1].id, "typed early", version=0).version == 1
    with pytest.raises(BusyError):
        waiting.interviews.preview(ann, sitting[1].id, "typed early and on", version=1)
    assert services.interviews.one_asked(ann, sitting[1].id).draft.text == "typed early and on", "kept before it was to be graded"
    assert len(waiting.interviews.lines(ann)) == 1


def test_a_mark_names_the_answer_it_is_of(services, sitting, ann):
    """Not an answer to another question, nor other words than were said."""
    asked = sitting[1]
    answer = services.interviews.hand_in(ann, asked.id, "the client", version=1)
    with pytest.raises(InvalidError, match="answer_id"):
        services.marks.mark(ann, "adv-003", "the client", 0.5, answer_id=answer.id)
    with pytest.raises(InvalidError, match="not what the candidate said"):
        services.marks.mark(ann, asked.rubric.question_id, "whatever", 0.5, answer_id=answer.id)
