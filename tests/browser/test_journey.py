"""An interview from the first visit to the PDF, as a person does it: real server, real model, real browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from .conftest import PASSWORD, Server, Visitor, answer_box, ask, new_interview, score, sign_in, sign_up, wait_saved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RIGHT = "By default Flask keeps the session in a cookie on the client. The cookie is signed with the SECRET_KEY, so it can be read but not changed."
WRONG = "Flask sessions are stored on the server by default, the browser only gets an id."


def test_a_whole_interview(visit: Callable[..., Visitor]) -> None:
    """New interview, three answers, override, scorecard, PDF, sign-out."""
    page = visit(None).page
    sign_in(page)
    new_interview(page, "Grace Hopper")
    page.get_by_text("Nothing asked yet").wait_for()
    for number, (words, said) in enumerate(
        (
            ("how do sessions work", WRONG),
            ("microframework", "It has a small core; extensions add the rest."),
            ("get and post", "GET reads, POST sends a body."),
        )
    ):
        ask(page, words)
        assert page.locator(".asked-list .item").count() == number + 1
        answer_box(page).fill(said)
        page.wait_for_function("!isNaN(parseFloat(document.querySelector('.gauge .big b').textContent))")
        wait_saved(page)
        if number == 0:
            assert float(score(page)) < 3, page.locator(".desk").inner_text()  # what is on the page tells more than a figure
            assert page.locator(".answer-box mark.false").count() > 0, "the false words are underlined where they were typed"
            assert "signed cookie on the client" in page.locator(".claim .truth").first.inner_text()
            page.get_by_text("Look at this one yourself").wait_for()
        page.keyboard.press("Control+Enter")
        page.locator(".asked-list .item", has_text="handed in").nth(number).wait_for()

    page.get_by_label("Why you rule so").fill("Explained it at the whiteboard")
    slider = page.get_by_label("Your score")
    slider.focus()
    slider.press("End")
    page.locator(".gauge.human .big b", has_text="5.0").wait_for()
    page.get_by_text("Explained it at the whiteboard").wait_for()
    page.get_by_role("link", name="Scorecard").click()
    page.wait_for_url("**/scorecard")
    page.get_by_role("heading", name="Grace Hopper").wait_for()
    assert page.locator("article.asked").count() == 3
    assert page.locator(".asked-score .human b").inner_text() == "5.0"
    assert "Explained it at the whiteboard" in page.locator(".ruling-line").inner_text()
    assert page.locator("mark.false").count() > 0

    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")
    for kind, start in (("CSV", b""), ("JSON", b"{")):
        with page.expect_download() as download:
            page.get_by_role("link", name=kind).click()
        body = download.value.path().read_bytes()
        assert body.startswith(start) and b"Grace Hopper" in body

    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    page.goto("/app/interviews")
    assert "/app/sign-in" in page.url


def test_sign_in_leads_where_one_was_going(visit: Callable[..., Visitor]) -> None:
    """A wrong password is refused without saying which half was wrong; the right one goes on; the cookie is for the server alone."""
    visitor = visit(None)
    page = visitor.page
    page.goto("/app/facts?q=session")
    page.wait_for_url("**/app/sign-in?**")
    page.get_by_label("Name").fill("Ada Owner")
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").click()
    page.get_by_text("Name or password is wrong.").wait_for()
    page.get_by_label("Name").fill("ada owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Facts").wait_for()
    assert "q=session" in page.url
    (cookie,) = (c for c in visitor.context.cookies() if c["name"] == "viva_session")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert page.evaluate("document.cookie") == ""


def test_a_key_point_is_corrected_in_one_click_and_the_score_follows(visit: Callable[..., Visitor]) -> None:
    """The machine's word stays readable beside the human's, and can be had back."""
    page = visit().page
    new_interview(page, "Alan Turing")
    ask(page, "how do sessions work")
    answer_box(page).fill("It is like a dictionary that remembers the user.")
    wait_saved(page)
    before = float(score(page))
    missing = page.locator(".point.missing").first
    said = missing.locator(".say span").inner_text()
    missing.get_by_role("button", name="Stated").click()
    point = page.locator(".point", has_text=said)
    point.get_by_text("machine: missing").wait_for()
    assert "stated" in (point.get_attribute("class") or "")
    assert float(score(page)) > before
    page.get_by_role("button", name="Take my word back").click()
    page.locator(".point.missing", has_text=said).wait_for()
    assert float(score(page)) == before


def test_notes_and_suggestions(visit: Callable[..., Visitor]) -> None:
    """A note stays with its question; the suggested question is asked by a key, without a mouse."""
    page = visit().page
    new_interview(page, "Margaret Hamilton")
    page.locator(".ask-next .item").first.wait_for()
    page.keyboard.press("Alt+g")
    page.locator("#question:not(:empty)").wait_for()
    page.keyboard.press("Alt+m")
    page.keyboard.type("Thinks aloud")
    page.get_by_role("button", name="Add note").click()
    page.locator(".notes li", has_text="Thinks aloud").wait_for()
    page.reload()
    page.locator(".notes li", has_text="Thinks aloud").wait_for()
    page.keyboard.press("Alt+g")
    page.locator(".asked-list .item").nth(1).wait_for()
    page.keyboard.press("Alt+k")
    page.locator(".notes li", has_text="Thinks aloud").wait_for()


def test_the_score_follows_the_typing_at_once(visit: Callable[..., Visitor]) -> None:
    """From the last key to the painted score; the bound is wide, since other tests share the cores. docs/pages.md has the measured figures."""
    page = visit().page
    new_interview(page, "Speedy")
    ask(page, "how do sessions work")
    took = type_and_measure(page, RIGHT.split(". "))
    assert len(took) == len(RIGHT.split(". "))
    assert sorted(took)[len(took) // 2] < 5_000


def type_and_measure(page: Page, pieces: list[str]) -> list[float]:
    """Milliseconds from the last key of each piece to the frame that shows the score of the text as it then stands."""
    page.evaluate(
        """() => { window.keyed = window.shown = 0;
        const box = document.querySelector('.answer-box');
        document.addEventListener('input', () => { window.keyed = performance.now(); }, true);
        new MutationObserver(() => { if (box.dataset.graded === 'true') requestAnimationFrame(() => { window.shown = performance.now(); }); })
          .observe(box, { attributes: true, attributeFilter: ['data-graded'] }); }"""
    )
    answer_box(page).click()
    took = []
    for piece in pieces:
        page.keyboard.type(piece + ". ", delay=20)
        page.wait_for_function("window.shown > window.keyed")
        page.wait_for_timeout(400)
        took.append(float(page.evaluate("window.shown - window.keyed")))
    return took


def test_corpus_pages_and_the_check(visit: Callable[..., Visitor]) -> None:
    """Questions and facts are found by words; a pasted false sentence is underlined with its truth and a link that names its fact."""
    page = visit().page
    page.goto("/app/questions")
    page.get_by_label("Search", exact=True).fill("microframework")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=microframework**")
    page.locator(".rows a").first.click()
    page.get_by_text("No fact objects to the references or key points.").wait_for()
    page.get_by_role("link", name="Check a text").click()
    page.get_by_label("Text", exact=True).fill(f"Flask is small. {WRONG}")
    page.locator("mark.false").first.wait_for()
    assert page.locator("mark.false").first.inner_text() in WRONG
    page.get_by_role("link", name="FLK012").first.click()
    page.wait_for_url(re.compile(r"/app/facts/FLK012"))
    assert page.get_by_role("heading", name="signed cookie on the client").is_visible()
    hrefs = page.locator(".reading a[target=_blank]").evaluate_all("links => links.map(l => l.href)")
    assert hrefs and all(href.startswith("https://") for href in hrefs)


def test_calibration_learns_from_marks(browser: Browser, make_server: Callable[..., Server], tmp_path: Path) -> None:
    """Two marked answers give an error to read; a mark can be taken back. On a server of its own: marks move later scores of the question."""
    server = make_server()
    visitor = Visitor(browser, server, sign_up(server, browser, tmp_path / "owner.json"))
    page = visitor.page
    for name, said in (("One", RIGHT), ("Two", WRONG), ("Three", "I do not know.")):
        new_interview(page, name)
        ask(page, "how do sessions work")
        answer_box(page).fill(said)
        wait_saved(page)
        page.keyboard.press("Control+Enter")
        page.locator(".asked-list .item", has_text="handed in").wait_for()
    page.goto("/app/calibration")
    page.locator(".rows a").first.click()
    for count in (1, 2):
        page.locator(".to-mark .levels").first.get_by_role("button", name="4 of 5").click()
        page.locator("tbody tr").nth(count - 1).wait_for()
    page.get_by_text("With your 2 marks").wait_for()
    page.get_by_role("button", name="Take back").first.click()
    page.get_by_text("Two marks are needed").wait_for()
    assert not page.get_by_text("With your 2 marks").is_visible()
    visitor.close()


def test_candidates_are_compared_on_the_same_questions(visit: Callable[..., Visitor]) -> None:
    """Two ticks and a click; raters that share an answer show in the agreement."""
    page = visit().page
    for name, said in (("Left", RIGHT), ("Right", WRONG)):
        new_interview(page, name, "To compare")
        ask(page, "how do sessions work")
        answer_box(page).fill(said)
        wait_saved(page)
        page.get_by_role("button", name="Agree").click()
        page.locator(".asked-list .item", has_text="your score").wait_for()
    page.goto("/app/interviews")
    page.get_by_label("Search interviews").fill("to compare")
    page.locator("tbody tr").nth(2).wait_for(state="detached")
    for name in ("Left", "Right"):
        page.get_by_label(f"Compare {name}, To compare").check()
    page.get_by_role("button", name="Compare 2").click()
    page.wait_for_url("**/app/compare**")
    cells = page.locator("tbody td .mini").all_inner_texts()
    assert len(cells) == 2 and int(cells[0].split()[0]) != int(cells[1].split()[0])
    page.goto("/app/agreement")
    assert "Ada Owner" in page.locator("tbody").inner_text()
