"""The scorecard: what a committee reads. Every figure comes with its reasons, and a human's word is shown as one."""

from __future__ import annotations

from fastapi import Request

from grader.interviews.records import Answer, Asked, Note
from grader.interviews.reports import Scorecard, TopicShare
from grader.interviews.services import Services
from grader.records import Grade, KeyPointState, State
from grader.web.frame import frame
from grader.web.pages.interview_verdict import GLYPHS, STATE_WORDS, VERDICTS, claim_card, issue_card
from grader.web.pages.interviews import stage_tag
from grader.web.pages.person import person_data
from grader.web.parts import day, el, empty, link, meter, moment, percent, text
from grader.web.visit import ROOT, Visit, page

__all__ = ["marked_answer", "register"]


def register(services: Services) -> None:
    """The page at /interviews/{id}/scorecard."""

    @page(services, "/interviews/{interview_id}/scorecard", "Scorecard")
    async def _(visit: Visit, request: Request) -> None:
        interview_id = request.path_params["interview_id"]
        card = await visit.do(visit.services.reports.scorecard, interview_id)
        with frame(visit, f"Scorecard: {card.candidate.name}", "/interviews"):
            _head(card, visit)
            if not card.questions:
                with empty("Nothing asked yet", "The scorecard fills as questions are answered."):
                    link("To the interview", f"{ROOT}/interviews/{interview_id}", "button")
                person_data(visit, card.candidate)
                return
            with el("div", "card-top"):
                _summary(card)
                _topics(card.topics)
            with el("section", "stack", aria_label="Questions").style("margin-top: 20px"):
                text("h2", "Question by question")
                for asked in card.questions:
                    _question(asked, visit)
            if card.notes:
                with el("section", "card notes").style("margin-top: 16px"):
                    text("h2", "Notes on the interview")
                    _notes(card.notes, visit)
            person_data(visit, card.candidate)


def _head(card: Scorecard, visit: Visit) -> None:
    interview = card.interview
    with el("div", "head"):
        with el("div", "grow"):
            text("h1", card.candidate.name)
            with el("div", "row"):
                text("span", interview.title, "small")
                stage_tag(interview.stage)
                text("span", f"{day(interview.created_at)}, by {visit.name_of(interview.created_by)}", "small")
        with el("div", "row no-print"):
            link("Interview", f"{ROOT}/interviews/{interview.id}", "button quiet")
            for words, end in (("PDF", "pdf"), ("CSV", "csv"), ("JSON", "json")):
                look = "button" if end == "pdf" else "button plain"
                link(
                    words,
                    f"/v1/interviews/{interview.id}/scorecard.{end}",
                    look,
                    download=f"scorecard-{interview.id[:8]}.{end}",
                    title=f"Save as {words}",
                )


def _summary(card: Scorecard) -> None:
    with el("section", "card gauge", aria_label="Overall"):
        with el("div", "big"):
            text("b", percent(card.share))
            answered = sum(asked.answer is not None for asked in card.questions)
            text("span", f"of full marks, over {answered} of {len(card.questions)} questions", "word")
        if card.share is not None:
            low, high = card.interval or (card.share, card.share)
            meter(card.share, low, high)
            text("p", f"Likely between {percent(low)} and {percent(high)}, overrides taken as certain.", "small").style("margin-top: 8px")
        with el("div", "row").style("margin-top: 12px"):
            text("span", f"Machine alone: {percent(card.machine)}", "tag")
            text("span", f"{card.overridden} ruled by a human", "tag human")
            text("span", f"{card.to_review} still to review", f"tag {'warn' if card.to_review else 'good'}")


def _topics(topics: tuple[TopicShare, ...]) -> None:
    with el("section", "card", aria_label="By topic"):
        text("h2", "By topic")
        with el("div", "bars", role="list"):
            for topic in topics:
                share = percent(topic.share) if topic.answered else "not answered"
                with el("div", "bar-row", role="listitem"):
                    text("span", topic.topic, "name")
                    with el("span", "track", aria_hidden="true"):
                        if topic.answered:
                            el("span", "fill").style(f"width: {100 * topic.share:.1f}%")
                            if abs(topic.machine - topic.share) > 0.005:
                                el("span", "tick-at", title="The machine alone").style(f"left: {100 * topic.machine:.1f}%")
                    text("span", share, "value num")
                    text("span", f"{topic.answered} of {topic.asked}", "small num")
        text("p", "A line marks where the machine alone would stand.", "small").style("margin-top: 8px")


def _question(asked: Asked, visit: Visit) -> None:
    answer = asked.answer
    with el("article", "card asked", id=f"q{asked.position}"):
        with el("div", "asked-head"):
            with el("div"):
                with el("div", "row"):
                    text("span", f"Question {asked.position}", "tag main")
                    text("span", asked.rubric.topic, "tag")
                    text("span", asked.rubric.level, "tag")
                    text("span", f"{asked.rubric.question_id}, version {asked.rubric.version}", "small")
                text("h3", asked.rubric.question, "wording")
            _score(answer, visit)
        if answer is None:
            text("p", "Not answered.", "small")
        else:
            with el("div", "two"):
                with el("div", "stack"):
                    marked_answer(answer.text, answer.grade)
                    text("p", f"Written down by {visit.name_of(answer.by)}, {moment(answer.at)}.", "small")
                    _rulings(answer, visit)
                with el("div", "stack"):
                    _ledger(answer)
            for issue in answer.grade.reference_issues:
                issue_card(issue)
        if asked.notes:
            with el("div", "notes"):
                text("h3", "Notes")
                _notes(asked.notes, visit)


def _score(answer: Answer | None, visit: Visit) -> None:
    with el("div", "asked-score"):
        if answer is None:
            text("b", "–")
            return
        ruling = answer.ruling
        with el("span", "figure human" if ruling else "figure"):
            text("b", f"{answer.score:.1f}")
            text("span", f" / {answer.grade.max_score:g}")
        if ruling:
            text("span", f"{visit.name_of(ruling.by)}: machine said {answer.grade.score:.1f}", "tag human")
        else:
            text("span", VERDICTS[answer.grade.verdict], "small")
            low, high = answer.grade.interval
            text("span", f"likely {low:.1f} to {high:.1f}", "small num")
            if answer.grade.needs_review and not answer.overrides:
                text("span", "to review", "tag warn")


def marked_answer(said: str, grade: Grade) -> None:
    """The answer with the quoted words underlined, each by its kind."""
    kinds = [""] * len(said)
    for kind in ("stated", "contradicted"):
        for point in grade.key_points:
            if point.evidence is not None and point.state == kind:
                kinds[point.evidence.start : point.evidence.end] = [kind] * (point.evidence.end - point.evidence.start)
    for claim in grade.false_claims:
        kinds[claim.start : claim.end] = ["false"] * (claim.end - claim.start)
    with el("p", "said-answer"):
        start = 0
        for end in range(1, len(said) + 1):
            if end == len(said) or kinds[end] != kinds[start]:
                text("mark" if kinds[start] else "span", said[start:end], kinds[start])
                start = end


def _ledger(answer: Answer) -> None:
    ruling = answer.ruling
    corrections = dict(ruling.corrections) if ruling else {}
    with el("ul", "ledger"):
        for point in answer.grade.key_points:
            _line(point, corrections.get(point.id))
    for claim in answer.grade.false_claims:
        with claim_card(claim):
            if ruling and claim.code in ruling.dismissed:
                text("span", "Dismissed by a human", "tag human")


def _line(point: KeyPointState, corrected: State | None) -> None:
    state = corrected or point.state
    with el("li", f"{state}"):
        text("span", GLYPHS[state], "glyph", aria_hidden="true")
        with el("span"):
            text("b", f"{STATE_WORDS[state]}: ")
            text("span", point.text)
            text("span", f" ({100 * point.weight:.0f} %)", "small")
            if corrected:
                text("span", f"corrected, the machine said {STATE_WORDS[point.state].lower()}", "tag human")


def _rulings(answer: Answer, visit: Visit) -> None:
    for override in answer.overrides:
        taken_back = override.score is None and not override.corrections and not override.dismissed
        with el("div", "ruling-line"):
            text("b", "Word taken back" if taken_back else f"Ruled {override.result:.1f}")
            text("span", f" by {visit.name_of(override.by)}, {moment(override.at)}")
            if override.why:
                text("p", f"“{override.why}”")


def _notes(notes: tuple[Note, ...], visit: Visit) -> None:
    with el("ul"):
        for note in notes:
            with el("li"):
                text("span", note.text)
                text("span", f"  {visit.name_of(note.by)}, {moment(note.at)}", "small")
