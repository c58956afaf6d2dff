"""What is kept of a candidate: all of it in the export, nothing once they are erased."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from grader.interviews.errors import ErasedError, MissingError
from grader.wire import encode


def test_erasing_a_candidate_leaves_a_tombstone_and_not_a_word(services, store, sitting, ann, owner, database):
    """Interviews, answers, grades, overrides, notes, marks and keys are gone: from every table, and from SQLite's files."""
    interviews, (interview, asked) = services.interviews, sitting
    other = interviews.add_candidate(ann, "Grace Hopper")
    secret = "sesamstrasse"
    answer = interviews.hand_in(ann, asked.id, secret, version=1, key="a")
    interviews.override(ann, answer.id, version=2, score=1, why=secret, key="o")
    interviews.note(ann, interview.id, secret, key="n")
    interviews.note(ann, interview.id, secret, asked_id=asked.id)
    services.marks.mark(ann, "flask-014", secret, 0.5, answer_id=answer.id, key="m")
    services.marks.mark(ann, "flask-014", "nobody's answer", 0.5)

    stone = interviews.erase(owner, interview.candidate_id)

    assert interviews.tombstone(owner, interview.candidate_id) == stone
    for call in (interviews.candidate, interviews.export, interviews.erase):
        with pytest.raises(ErasedError):
            call(owner, interview.candidate_id)
    with pytest.raises(MissingError):
        interviews.interview(owner, interview.id)
    assert [c.id for c in interviews.candidates(owner)] == [other.id]
    assert [m.text for m in services.marks.state(owner, "flask-014").marks] == ["nobody's answer"]
    with store._engine.connect() as connection:
        tables = ["answers", "grades", "overrides", "notes", "asked", "interviews", "idempotency"]
        assert {t: connection.execute(text(f"SELECT count(*) FROM {t}")).scalar() for t in tables} == dict.fromkeys(tables, 0)
    if database.startswith("sqlite"):
        file = Path(database.removeprefix("sqlite:///"))
        for path in file.parent.glob(f"{file.name}*"):
            assert secret.encode() not in path.read_bytes(), path
            assert b"Lovelace" not in path.read_bytes(), path


def test_the_export_holds_everything(services, sitting, ann):
    """Every text somebody wrote about the candidate is in it, with the sealed grades, as plain JSON."""
    interviews, (interview, asked) = services.interviews, sitting
    answer = interviews.hand_in(ann, asked.id, "ANSWER", version=1)
    interviews.override(ann, answer.id, version=2, score=1, why="WHY")
    interviews.note(ann, interview.id, "NOTE1")
    interviews.note(ann, interview.id, "NOTE2", asked_id=asked.id)
    services.marks.mark(ann, "flask-014", "ANSWER", 0.25, answer_id=answer.id)
    whole = encode(interviews.export(ann, interview.candidate_id)).decode()
    for said in ("Ada Lovelace", "ada@example.org", "First round", "ANSWER", "WHY", "NOTE1", "NOTE2", "0.25", "owl-1", '"checksum"'):
        assert said in whole


def test_retention_erases_who_is_idle(services, sitting, ann, owner, clock):
    """Whoever has something younger stays."""
    interviews = services.interviews
    clock.now += timedelta(days=40)
    fresh = interviews.add_candidate(ann, "Grace Hopper")
    old = interviews.add_candidate(ann, "Old")
    clock.now += timedelta(days=40)
    interviews.add_interview(ann, fresh.id, "Yesterday")
    erased = interviews.erase_idle(owner, 30)
    assert {t.candidate_id for t in erased} == {sitting[0].candidate_id, old.id}
    assert [c.id for c in interviews.candidates(ann)] == [fresh.id]
