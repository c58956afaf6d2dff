"""Scorecards, comparison, agreement, suggestions and calibration, against numbers anybody can check by hand."""

from __future__ import annotations

import csv
import io
import math

import pytest

from grader.interviews.errors import ConflictError, InvalidError, MissingError
from grader.interviews.sheet import plain_cell, write_sheet


def held(lite, actor, name: str, answers: dict[str, str | None], title: str = "T"):
    """An interview with these answers; None: asked and not answered."""
    candidate = lite.interviews.add_candidate(actor, name)
    interview = lite.interviews.add_interview(actor, candidate.id, title, questions=list(answers))
    for asked, text in zip(lite.interviews.asked(actor, interview.id), answers.values(), strict=True):
        if text is not None:
            lite.interviews.hand_in(actor, asked.id, text, version=1)
    return interview, lite.interviews.asked(actor, interview.id)


def test_a_scorecard_means_what_it_says(lite, ann):
    """Means of shares by topic and in all; a ruled score has no interval left."""
    interview, asked = held(lite, ann, "Ada", {"flask-014": "nothing", "adv-003": "nothing", "flask-020": None})
    card = lite.reports.scorecard(ann, interview.id)
    assert (card.share, card.machine, card.overridden) == (0.0, 0.0, 0)
    assert card.interval == pytest.approx((0.0, math.sqrt(2) / 4), abs=1e-4), "two intervals of the whole scale, halved, over two answers"

    lite.interviews.override(ann, asked[0].answer.id, version=2, score=5)
    lite.interviews.override(ann, asked[1].answer.id, version=2, score=2.5)
    card = lite.reports.scorecard(ann, interview.id)
    assert (card.share, card.machine, card.overridden, card.interval) == (0.75, 0.0, 2, (0.75, 0.75))
    assert [(t.topic, t.share, t.machine, t.answered, t.asked) for t in card.topics] == [
        ("basics", 1.0, 0.0, 1, 2),
        ("advanced", 0.5, 0.0, 1, 1),
    ]


def test_an_empty_scorecard_claims_nothing(lite, ann):
    """None, not zero."""
    interview, _ = held(lite, ann, "Ada", {"flask-014": None})
    card = lite.reports.scorecard(ann, interview.id)
    assert (card.share, card.machine, card.interval) == (None, None, None)


def test_candidates_are_compared_on_what_they_share(lite, ann):
    """Only questions of the same wording that both answered count; one that one of them skipped is shown, not counted."""
    one, asked1 = held(lite, ann, "Ada", {"flask-014": "x", "adv-003": "x", "flask-020": "x"})
    two, asked2 = held(lite, ann, "Grace", {"adv-003": "x", "flask-014": None, "more-014": "x"})
    lite.interviews.override(ann, asked1[1].answer.id, version=2, score=5)
    lite.interviews.override(ann, asked2[0].answer.id, version=2, score=2)
    found = lite.reports.compare(ann, [two.id, one.id])
    assert found.candidates == ("Grace", "Ada")
    assert {row.question_id: [c and c.share for c in row.cells] for row in found.rows} == {"flask-014": [None, 0.0], "adv-003": [0.4, 1.0]}
    assert found.shares == (0.4, 1.0)
    for ids in ([one.id], [one.id, one.id], [str(i) for i in range(21)]):
        with pytest.raises(InvalidError):
            lite.reports.compare(ann, ids)
    with pytest.raises(MissingError):
        lite.reports.compare(ann, [one.id, "nobody"])


def test_raters_agree_as_by_hand(lite, ann, bob):
    """Ratings are last rulings and marks; kappa over six levels, bias and error in shares."""
    _, asked = held(lite, ann, "Ada", {"flask-014": "x", "adv-003": "x", "flask-020": "x"})
    for one, score in zip(asked, (5, 0, 5), strict=True):
        lite.interviews.override(ann, one.answer.id, version=2, score=score)
    lite.interviews.override(bob, asked[0].answer.id, version=3, score=4)
    lite.interviews.override(bob, asked[1].answer.id, version=3, score=1)
    lite.interviews.override(bob, asked[2].answer.id, version=3, score=2)
    lite.interviews.override(bob, asked[2].answer.id, version=4)  # bob takes this one back
    lite.marks.mark(bob, "flask-020", "x", 1.0, answer_id=asked[2].answer.id)
    found = {(a.rater, a.other): a for a in lite.reports.agreement(ann)}
    assert set(found) == {("machine", ann.id), ("machine", bob.id), (ann.id, bob.id)}
    machine = found["machine", ann.id]
    assert (machine.answers, machine.bias) == (3, pytest.approx(-2 / 3))
    assert machine.rmse == pytest.approx(math.sqrt(2 / 3))
    pair = found[ann.id, bob.id]
    assert pair.answers == 2
    assert pair.bias == pytest.approx(0.0)
    assert pair.rmse == pytest.approx(0.2)
    # by hand: seen cost 1 + 1; by chance (16 + 1 + 1 + 16) / 2
    assert pair.kappa == pytest.approx(1 - 2 / ((1 + 16 + 16 + 1) / 2))
    assert lite.reports.agreement(ann, question_id="more-014") == []


def test_suggestions_are_new_spread_and_explained(lite, ann):
    """Nothing asked before, topics that were not seen first, mid at the start; the same state gives the same list."""
    interview, _ = held(lite, ann, "Ada", {"flask-014": None})
    first = lite.reports.suggest(ann, interview.id, count=5)
    assert first == lite.reports.suggest(ann, interview.id, count=5)
    assert len({s.question.topic for s in first}) == 5
    assert "basics" not in {s.question.topic for s in first}
    assert "flask-014" not in {s.question.id for s in first}
    assert all(s.why for s in first)
    with pytest.raises(MissingError):
        lite.reports.suggest(ann, "nobody")


@pytest.mark.parametrize(("score", "level"), [(5, "senior"), (0, "junior"), (2.5, "mid")])
def test_the_level_follows_the_score(lite, ann, score, level):
    """A good answer at mid leads to senior, a poor one to junior, where the topic has such questions."""
    interview, (asked,) = held(lite, ann, "Ada", {"flask-014": "x"})
    lite.interviews.override(ann, asked.answer.id, version=2, score=score)
    levels = {s.question.level for s in lite.reports.suggest(ann, interview.id, count=20) if s.question.topic == "advanced"}
    assert level in levels


def test_what_others_were_asked_comes_first(lite, ann):
    """So that candidates can be compared."""
    held(lite, ann, "Grace", {"adv-012": None})
    interview, _ = held(lite, ann, "Ada", {"flask-014": None})
    chosen = next(s for s in lite.reports.suggest(ann, interview.id, count=14) if s.question.topic == "advanced")
    assert chosen.question.id == "adv-012"
    assert "asked in 1 other interview." in chosen.why


def test_the_csv_runs_nothing_in_a_spreadsheet(lite, ann):
    """A candidate called =cmd() stays text; each question has a line with all its words."""
    interview, asked = held(lite, ann, "=HYPERLINK(1)", {"flask-014": '-1+1, "quoted"\nand a line'}, title="@sum")
    lite.interviews.override(ann, asked[0].answer.id, version=2, score=1, why="+why")
    (line,) = csv.DictReader(io.StringIO(lite.reports.csv(ann, interview.id)))
    assert line["candidate"] == "'=HYPERLINK(1)"
    assert line["interview"] == "'@sum"
    assert line["answer"] == '\'-1+1, "quoted"\nand a line'
    assert line["why"] == "'+why"
    assert (line["score"], line["machine_score"], line["overridden_by"]) == ("1.0", "0.0", ann.id)


@pytest.mark.parametrize("text", ["=1", "'=1", "''=1", " =1", "plain", "'quoted'", "-", "", "\t=1", "@x"])
def test_cells_come_back_as_they_were(text):
    """The apostrophe is taken away again, and only ours."""
    (line,) = csv.DictReader(io.StringIO(write_sheet(["a"], [{"a": text}]).decode(), newline=""))
    assert plain_cell(line["a"] or "") == text
    assert (line["a"] or "x")[0] not in "=+-@\t"


def test_marks_calibrate_the_next_grade(lite, ann):
    """The grades that were given stay as they are; a mark of another wording does not count."""
    _, (asked,) = held(lite, ann, "Ada", {"flask-014": "nothing"})
    assert asked.answer.grade.score == 0
    lite.marks.mark(ann, "flask-014", "something", 0.8)
    assert lite.interviews.grade_draft(ann, asked.id, "nothing").score == pytest.approx(4.0)
    assert lite.interviews.one_asked(ann, asked.id).answer.grade.score == 0
    (mark,) = lite.marks.state(ann, "flask-014").marks
    lite.marks.unmark(ann, mark.id)
    assert lite.interviews.grade_draft(ann, asked.id, "nothing").score == 0
    with pytest.raises(MissingError):
        lite.marks.unmark(ann, mark.id)


def test_the_calibration_shows_the_error_and_what_to_mark(lite, ann):
    """Before and after, a curve from two marks on, and the unmarked answers, each text once."""
    _interview, (asked,) = held(lite, ann, "Ada", {"flask-014": "server"})
    held(lite, ann, "Grace", {"flask-014": "server"})
    state = lite.marks.state(ann, "flask-014")
    assert (state.before, state.after, state.curve) == (None, None, ())
    assert [t.text for t in state.next] == ["server"]
    for n, share in enumerate((0.5, 0.6, 0.4)):
        lite.marks.mark(ann, "flask-014", f"text {n}", share)
    state = lite.marks.state(ann, "flask-014")
    assert state.machine == (0.0, 0.0, 0.0)
    assert state.before == pytest.approx(math.sqrt((0.25 + 0.36 + 0.16) / 3))
    assert state.after < state.before
    assert [n for n, _ in state.curve] == [2, 3]
    assert state.curve[-1][1] == state.after
    assert lite.marks.questions(ann) == [("flask-014", 3, 2)]
    lite.marks.mark(ann, "flask-014", "server", 0.2, answer_id=asked.answer.id)
    assert lite.marks.questions(ann) == [("flask-014", 4, 1)]


def test_marks_have_bounds(lite, ann):
    """Shares in [0, 1], at most 200 a question, answers that exist."""
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(InvalidError):
            lite.marks.mark(ann, "flask-014", "x", share)
    with pytest.raises(MissingError):
        lite.marks.mark(ann, "flask-014", "x", 0.5, answer_id="nobody")
    for n in range(200):
        lite.marks.mark(ann, "adv-003", f"x{n}", 0.5)
    with pytest.raises(ConflictError):
        lite.marks.mark(ann, "adv-003", "one more", 0.5)


def test_the_bank_is_searched(lite, ann):
    """Topic, level, words; pages; topics are counted."""
    all_of_them = lite.bank.questions(ann, limit=1000)
    assert all_of_them.total == len(all_of_them.items) == sum(n for _, n in lite.bank.topics(ann))
    found = lite.bank.questions(ann, q="session flask", topic="basics", level="mid")
    assert "flask-014" in {q.id for q in found.items}
    page = lite.bank.questions(ann, limit=2, offset=1)
    assert page.items == all_of_them.items[1:3]


def test_facts_are_browsed_and_texts_linted(lite, ann):
    """By area and words; a clean question has no flaws."""
    areas = dict(lite.library.areas(ann))
    assert areas["FLK"] == lite.library.facts(ann, area="FLK").total
    assert lite.library.facts(ann, q="signed cookie").total >= 1
    assert lite.library.lint(ann, "Anything.") == ()
    assert lite.library.flaws_of_question(ann, lite.bank.question(ann, "flask-014")) == {}
