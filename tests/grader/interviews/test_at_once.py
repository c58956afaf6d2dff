"""Two who work on one interview at the same time, over both databases: nothing is overwritten unseen, nothing is made twice."""

from __future__ import annotations

import threading

import pytest

from grader.interviews.errors import ConflictError, KeyReusedError, MissingError, StaleError


def test_two_who_type_in_one_box_do_not_overwrite_each_other(services, sitting, ann, bob):
    """The late one hears it, with the version that stands, and can read what the other wrote."""
    interviews, asked = services.interviews, sitting[1]
    interviews.save_draft(ann, asked.id, "ann was here", version=0)
    with pytest.raises(StaleError) as stale:
        interviews.save_draft(bob, asked.id, "bob was here", version=0)
    assert stale.value.current == 1
    draft = interviews.one_asked(bob, asked.id).draft
    assert (draft.text, draft.by) == ("ann was here", ann.id)
    assert interviews.save_draft(bob, asked.id, "ann was here", version=0) == draft, "the same text is never stale"
    assert interviews.save_draft(bob, asked.id, "both were here", version=1).version == 2


def test_two_who_rule_at_once_do_not_overrule_unseen(services, sitting, ann, bob):
    """Of two rulings on the same version one wins; and of many at the same moment exactly one."""
    interviews, asked = services.interviews, sitting[1]
    answer = interviews.hand_in(ann, asked.id, "the client", version=1)
    interviews.override(ann, answer.id, version=2, score=4)
    with pytest.raises(StaleError):
        interviews.override(bob, answer.id, version=2, score=1)

    won, lost = [], []

    def rule(score: float) -> None:
        try:
            won.append(interviews.override(bob, answer.id, version=3, score=score))
        except StaleError:
            lost.append(score)

    threads = [threading.Thread(target=rule, args=(score,)) for score in (1, 2, 3, 4, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 4)
    assert len(interviews.one_asked(ann, asked.id).answer.overrides) == 2


def test_the_same_key_makes_one_thing(services, ann, bob):
    """Also from five threads at once; another content with the key is refused; keys are each user's own."""
    interviews = services.interviews
    made: list[str] = []
    threads = [threading.Thread(target=lambda: made.append(interviews.add_candidate(ann, "Ada", key="k").id)) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 5
    assert len(set(made)) == 1
    with pytest.raises(KeyReusedError):
        interviews.add_candidate(ann, "Eva", key="k")
    assert interviews.add_candidate(bob, "Ada", key="k").id not in made
    assert len(interviews.candidates(ann)) == 2


def test_changes_name_the_version_they_stand_on(services, sitting, ann, bob):
    """Title and candidate: the late one is told."""
    interviews, interview = services.interviews, sitting[0]
    interviews.change_interview(ann, interview.id, version=1, title="Second round")
    with pytest.raises(StaleError):
        interviews.change_interview(bob, interview.id, version=1, title="Third round")
    with pytest.raises(StaleError):
        interviews.change_interview(bob, interview.id, version=1, stage="finished")
    interviews.change_candidate(ann, interview.candidate_id, version=1, name="Ada King")
    with pytest.raises(StaleError):
        interviews.change_candidate(bob, interview.candidate_id, version=1, name="Ada")
    assert interviews.candidate(ann, interview.candidate_id).name == "Ada King"


def test_dropping_and_typing_at_once_end_well(services, sitting, ann, bob):
    """One of them is late and hears it; neither waits for ever, and what was typed is not dropped."""
    interviews, interview = services.interviews, sitting[0]
    for n, question in enumerate(("adv-003", "flask-020", "more-014", "flask-006", "adv-005")):
        asked = interviews.ask(ann, interview.id, question)
        ends: list[str] = []

        def act(call, name: str, ends: list[str] = ends) -> None:
            try:
                call()
                ends.append(name)
            except (ConflictError, MissingError):
                ends.append("late")

        threads = [
            threading.Thread(target=act, args=(lambda a=asked: interviews.drop(ann, a.id), "dropped")),
            threading.Thread(target=act, args=(lambda a=asked, n=n: interviews.save_draft(bob, a.id, f"x{n}", version=0), "typed")),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(ends) in (["dropped", "late"], ["late", "typed"])
        assert (asked.id in {a.id for a in interviews.asked(ann, interview.id)}) == ("typed" in ends)


def test_handing_in_leaves_what_somebody_else_is_writing(services, sitting, ann, bob):
    """The answer is ann's; the box keeps bob's newer words."""
    asked = sitting[1]
    services.interviews.save_draft(ann, asked.id, "ann begins", version=0)
    services.interviews.save_draft(bob, asked.id, "bob's long notes", version=1)
    services.interviews.hand_in(ann, asked.id, "ann's answer", version=1)

    after = services.interviews.one_asked(ann, asked.id)
    assert (after.draft.text, after.answers[0].text) == ("bob's long notes", "ann's answer")
