"""No word that was typed is lost: not by a reload, a lost connection, a killed server, nor by two people at one answer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from .conftest import Server, Visitor, answer_box, ask, new_interview, sign_up, wait_saved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FIRST = "Flask keeps the session in a cookie on the client"
THEN = ", and that cookie is signed with the SECRET_KEY."


def said(page: Page) -> str:
    """What stands in the box."""
    return answer_box(page).input_value()


def wait_said(page: Page, text: str) -> None:
    """Until the box holds this text."""
    page.wait_for_function("text => document.querySelector('.answer-box textarea')?.value === text", arg=text)


@pytest.fixture
def two(browser: Browser, server: Server, owner_state: str) -> Iterator[tuple[Visitor, Visitor]]:
    """Two browsers of one person: their tabs know nothing of each other but through the server."""
    visitors = (Visitor(browser, server, owner_state), Visitor(browser, server, owner_state))
    yield visitors
    for visitor in visitors:
        visitor.close()


def test_reload_in_the_middle_of_typing(visit: Callable[..., Visitor]) -> None:
    """Without a pause for the server to hear of it, the text is there again, the caret behind it, and typing goes on."""
    page = visit().page
    new_interview(page, "Reload")
    ask(page, "how do sessions work")
    answer_box(page).click()
    page.keyboard.type(FIRST, delay=3)
    page.reload()
    wait_said(page, FIRST)
    page.keyboard.type(THEN, delay=3)
    wait_said(page, FIRST + THEN)
    wait_saved(page)
    assert page.evaluate("Object.keys(localStorage).filter(k => k.startsWith('viva:draft')).length") == 0, "kept by the server: let go here"
    elsewhere = visit().page
    elsewhere.goto(page.url)
    wait_said(elsewhere, FIRST + THEN)


def test_many_reloads_while_typing(visit: Callable[..., Visitor]) -> None:
    """Ten reloads at moments that hit every state of saving; no letter missing, none twice, no false alarm about a second writer."""
    page = visit().page
    new_interview(page, "Reloads")
    ask(page, "how do sessions work")
    answer_box(page).click()
    whole = ""
    for turn in range(10):
        words = f"turn {turn} of many. "
        page.keyboard.type(words, delay=2)
        whole += words
        time.sleep(0.045 * turn)
        page.reload()
        wait_said(page, whole)
    wait_saved(page)
    assert page.locator(".conflict").count() == 0


def test_the_connection_is_lost_and_comes_back(visit: Callable[..., Visitor]) -> None:
    """The page says so, goes on taking words, and sends them when it can."""
    visitor = visit()
    page = visitor.page
    new_interview(page, "Offline")
    ask(page, "how do sessions work")
    answer_box(page).fill(FIRST)
    wait_saved(page)
    visitor.context.set_offline(True)
    page.evaluate("window.socket.io.engine.close()")  # an open socket outlives the browser's offline switch
    page.get_by_text("What you type is kept in this browser.").wait_for()
    answer_box(page).click()
    page.keyboard.press("End")
    page.keyboard.type(THEN)
    time.sleep(1)
    visitor.context.set_offline(False)
    wait_saved(page)
    assert said(page) == FIRST + THEN
    elsewhere = visit().page
    elsewhere.goto(page.url)
    wait_said(elsewhere, FIRST + THEN)


def test_the_server_is_killed_and_started_again(
    browser: Browser, make_server: Callable[..., Server], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """kill -9 in the middle of a sentence: the page goes on taking words, comes back by itself, is still signed in, and everything is kept."""
    server = make_server()
    state = sign_up(server, browser, tmp_path_factory.mktemp("state") / "owner.json")
    visitor = Visitor(browser, server, state)
    page = visitor.page
    new_interview(page, "Killed")
    ask(page, "how do sessions work")
    answer_box(page).click()
    page.keyboard.type(FIRST, delay=10)
    server.kill()
    page.keyboard.type(THEN, delay=10)
    page.get_by_text("What you type is kept in this browser.").wait_for()
    assert said(page) == FIRST + THEN
    server.start()
    page.wait_for_function("window.socket?.connected && window.did_handshake", timeout=60_000)
    wait_said(page, FIRST + THEN)
    wait_saved(page)
    page.keyboard.press("Control+Enter")
    page.locator(".asked-list .item", has_text="handed in").wait_for()
    elsewhere = Visitor(browser, server, state)
    elsewhere.page.goto(page.url)
    wait_said(elsewhere.page, FIRST + THEN)
    elsewhere.close()
    visitor.complaints = [said for said in visitor.complaints if "status of 503" not in said]  # the page that says: one moment, starting
    visitor.close()


def test_two_interviewers_see_each_other(two: tuple[Visitor, Visitor]) -> None:
    """What one types, asks, and rules appears at the other's without a reload."""
    one, other = two[0].page, two[1].page
    new_interview(one, "Shared")
    ask(one, "how do sessions work")
    other.goto(one.url)
    answer_box(one).fill(FIRST)
    wait_said(other, FIRST)
    other.wait_for_function("!isNaN(parseFloat(document.querySelector('.gauge .big b').textContent))")
    ask(other, "microframework")
    one.locator(".asked-list .item").nth(1).wait_for()
    assert said(one) == FIRST, "the other moved on; this page stays where it is"
    answer_box(other).fill("A small core.")
    answer_box(one).click()
    one.keyboard.press("End")
    one.keyboard.type(THEN, delay=10)
    wait_saved(one)
    assert (said(one), said(other)) == (FIRST + THEN, "A small core.")
    one.get_by_role("button", name="Agree").click()
    other.locator(".asked-list .item", has_text="your score").wait_for()


def test_two_interviewers_at_one_answer(two: tuple[Visitor, Visitor]) -> None:
    """Where both wrote, neither text is overwritten: the later one is shown both and chooses."""
    one, other = two[0].page, two[1].page
    new_interview(one, "Collision")
    ask(one, "how do sessions work")
    answer_box(one).fill("Start.")
    wait_saved(one)
    other.goto(one.url)
    wait_said(other, "Start.")
    two[1].context.set_offline(True)
    other.evaluate("window.socket.io.engine.close()")
    other.get_by_text("What you type is kept in this browser.").wait_for()
    answer_box(other).fill("Start. The other wrote this.")
    answer_box(one).fill("Start. One wrote this.")
    wait_saved(one)
    two[1].context.set_offline(False)
    other.get_by_role("alert").get_by_text("changed this answer while you were writing").wait_for()
    assert said(one) == "Start. One wrote this."
    other.get_by_role("button", name="Put theirs below mine").click()
    wait_saved(other)
    both = "Start. The other wrote this.\n\nStart. One wrote this."
    assert said(other) == both
    wait_said(one, both)


def test_an_answer_that_is_left_is_handed_in(visit: Callable[..., Visitor]) -> None:
    """Turning to another question, at once after the last key, hands in the whole text; coming back shows it."""
    page = visit().page
    new_interview(page, "Moves on")
    ask(page, "how do sessions work")
    ask(page, "microframework")
    answer_box(page).click()
    page.keyboard.type("A small core", delay=3)
    page.locator(".asked-list .item").first.click()
    page.locator("#question", has_text="sessions").wait_for()
    assert said(page) == ""
    page.locator(".asked-list .item").nth(1).click()
    wait_said(page, "A small core")
    wait_saved(page)
