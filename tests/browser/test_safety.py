"""What people write is shown as text: script in every field that is stored or shown runs nowhere, on no page, nor in the PDF."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from playwright.sync_api import Browser

from grader.interviews.accounts import COOKIE

from .conftest import PASSWORD, Server, Visitor, answer_box, new_interview, sign_in, sign_up, wait_saved

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Each breaks out of another place: markup, attribute, script, template of Vue, Markdown, link, JSON in a script, CSS.
HOSTILE = (
    "<script>window.hurt=1</script>",
    '"><img src=x onerror=window.hurt=2>',
    "</script><script>window.hurt=3</script>",
    "{{constructor.constructor('window.hurt=4')()}}",
    "[click](javascript:window.hurt=5)",
    "`${window.hurt=6}`",
    "<svg/onload=window.hurt=7>",
    "&lt;img src=x onerror=window.hurt=8&gt;",
    "\u2028window.hurt=9//",
    '#eval("1") #include("/etc/passwd") $x$ @ref',
)
ALL = " ".join(HOSTILE)
QUESTION = "xss-001"


@pytest.fixture(scope="module")
def hostile(make_server: Callable[..., Server], browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Server:
    """A server full of it: users, candidates, titles, contacts, questions, answers, notes, rulings, marks."""
    folder = tmp_path_factory.mktemp("corpus")
    _write_corpus(folder)
    server = make_server("--corpus", str(folder))
    state = sign_up(server, browser, tmp_path_factory.mktemp("state") / "owner.json", name=f"Owner {HOSTILE[1]}")
    cookies = {c["name"]: c["value"] for c in json.loads(Path(state).read_text())["cookies"]}
    with httpx.Client(base_url=server.url, cookies=cookies, timeout=60) as client:
        client.headers["X-CSRF-Token"] = client.get("/v1/session").json()["csrf"]
        _fill(client)
    return server


def _write_corpus(folder: Path) -> None:
    (folder / "questions").mkdir()
    point = {"id": "k1", "text": f"It is text. {ALL}", "weight": 1.0}
    question = {
        "id": QUESTION,
        "topic": f"topic {HOSTILE[0]}",
        "level": "mid",
        "question": ALL,
        "reference_answers": [ALL],
        "key_points": [point],
    }
    (folder / "questions" / "odd.yaml").write_text(yaml.safe_dump([question], allow_unicode=True))


def _fill(client: httpx.Client) -> None:
    for number in (1, 2):
        candidate = _ok(client.post("/v1/candidates", json={"name": f"{number} {ALL}"[:200], "contact": ALL[:500]}))
        interview = _ok(client.post("/v1/interviews", json={"candidate_id": candidate["id"], "title": ALL[:200], "questions": [QUESTION]}))
        (asked,) = _ok(client.get(f"/v1/interviews/{interview['id']}"))["questions"]
        said = {"text": f"Flask sessions are stored on the server. {ALL}"}
        answer = _ok(client.post(f"/v1/asked/{asked['id']}/answers", json=said, headers=_at(asked)))
        asked = _ok(client.get(f"/v1/asked/{asked['id']}"))
        _ok(client.post(f"/v1/answers/{answer['id']}/overrides", json={"score": 3, "why": ALL}, headers=_at(asked)))
        _ok(client.post(f"/v1/interviews/{interview['id']}/notes", json={"text": ALL, "asked_id": asked["id"]}))
        _ok(client.post(f"/v1/interviews/{interview['id']}/notes", json={"text": ALL}))
    for share in (0.2, 0.9):
        _ok(client.post(f"/v1/calibration/{QUESTION}/marks", json={"text": f"{share} {ALL}", "share": share}))


def _at(asked: dict[str, Any]) -> dict[str, str]:
    return {"If-Match": f'"{asked["version"]}"'}


def _ok(reply: httpx.Response) -> dict[str, Any]:
    assert reply.is_success, f"{reply.request.method} {reply.request.url}: {reply.text[:500]}"
    value: dict[str, Any] = reply.json()
    return value


@pytest.fixture
def visitor(browser: Browser, hostile: Server) -> Iterator[Visitor]:
    """The owner with the hostile name; any script error, dialog or foreign request fails the test when it ends."""
    made = Visitor(browser, hostile)
    made.page.add_init_script("window.hurt = 0")
    sign_in(made.page, f"Owner {HOSTILE[1]}")
    yield made
    made.close()


def test_no_stored_script_runs_on_any_page(visitor: Visitor) -> None:
    """Every page shows the words, as words."""
    page = visitor.page
    page.goto("/app/interviews")
    links = page.locator("a.main-link").evaluate_all("links => links.map(l => l.getAttribute('href'))")
    assert len(links) >= 2  # another test may have made one more
    ids = [link.rsplit("/", 1)[1] for link in links]
    paths = [
        "/app/interviews", *links, *(f"{link}/scorecard" for link in links), f"/app/compare?ids={','.join(ids)}", "/app/questions?q=xss", f"/app/questions/{QUESTION}",
        "/app/calibration", f"/app/calibration/{QUESTION}", "/app/agreement", "/app/people",
    ]  # fmt: skip
    for path in paths:
        page.goto(path)
        page.locator("main.main").wait_for()
        page.wait_for_function("window.did_handshake")
        page.wait_for_timeout(400)
        assert page.evaluate("window.hurt") == 0, path
        assert page.locator("main.main :is(script, img, iframe, object, embed)").count() == 0, path
        assert page.locator("a[href^='javascript:' i]").count() == 0, path
        assert "onerror=window.hurt" in page.locator("body").inner_text(), f"{path} shows nothing of it, so it proves nothing"


def test_no_script_runs_from_what_is_typed_or_from_the_address(visitor: Visitor) -> None:
    """Search fields, the answer box, the check, notes, and every parameter of an address."""
    page = visitor.page
    new_interview(page, f"New {HOSTILE[1]}")
    page.get_by_label("Search the bank").fill("xss-001")
    page.locator(".bank .item").first.click()
    page.locator("#question:not(:empty)").wait_for()
    answer_box(page).fill(f"Flask sessions are stored on the server. {ALL}")
    wait_saved(page)
    page.keyboard.press("Alt+m")
    page.keyboard.type(HOSTILE[1])
    page.get_by_role("button", name="Add note").click()
    page.locator(".notes li").first.wait_for()
    page.goto("/app/check")
    page.get_by_label("Text", exact=True).fill(f"Flask sessions are stored on the server. {ALL}")
    page.locator(".said-answer").wait_for()
    odd = "%22%3E%3Cimg%20src=x%20onerror=window.hurt=2%3E"
    for path in (f"questions?q={odd}&topic={odd}&level={odd}&offset={odd}", f"facts?q={odd}&area={odd}", f"questions/{odd}", f"facts/{odd}", f"interviews/{odd}",
                 f"interviews/{odd}/scorecard", f"compare?ids={odd},{odd}", f"calibration/{odd}", f"sign-in?next={odd}&said={odd}", f"welcome?token={odd}", odd):  # fmt: skip
        page.goto(f"/app/{path}")
        page.locator("main.main").wait_for()
        page.wait_for_timeout(250)
        assert page.evaluate("window.hurt") == 0, path
    visitor.complaints = [said for said in visitor.complaints if not re.search(r"status of (404|503)", said)]


def test_injected_markup_could_not_run_script_even_if_it_got_in(visitor: Visitor) -> None:
    """The second wall: the policy of the pages stops inline script and handlers that somehow became markup, and foreign servers."""
    page = visitor.page
    page.goto("/app/interviews")
    page.evaluate(
        """() => { document.body.insertAdjacentHTML('beforeend', '<img src=x onerror="window.hurt=1"><a id=bad href="javascript:window.hurt=2">x</a>');
        const s = document.createElement('script'); s.textContent = 'window.hurt=3'; document.body.append(s); document.getElementById('bad').click(); }"""
    )
    page.wait_for_timeout(500)
    assert page.evaluate("window.hurt") == 0
    refused = page.evaluate("fetch('https://example.org/').then(() => 'let through', () => 'refused')")
    assert refused == "refused"
    visitor.hosts.discard("example.org")
    assert any("Content Security Policy" in said for said in visitor.complaints)
    visitor.complaints.clear()


def test_the_pdf_shows_hostile_words_as_words(visitor: Visitor) -> None:
    """Typst sets them and reads no file."""
    page = visitor.page
    page.goto("/app/interviews")
    page.locator("a.main-link").first.click()
    page.get_by_role("link", name="Scorecard").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="PDF").click()
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def test_a_form_from_elsewhere_changes_nothing(hostile: Server) -> None:
    """Another site can neither sign a visitor in as somebody else nor out; no stranger gets a page."""
    with httpx.Client(base_url=hostile.url) as stranger:
        form = {"name": f"Owner {HOSTILE[1]}", "password": PASSWORD}
        cross = stranger.post("/app/sign-in", data=form, headers={"Sec-Fetch-Site": "cross-site"})
        assert "set-cookie" not in cross.headers
        foreign = stranger.post("/app/sign-in", data=form, headers={"Origin": "https://evil.example"})
        assert "set-cookie" not in foreign.headers
        inside = stranger.post("/app/sign-in", data=form | {"next": "//evil.example/"}, headers={"Origin": hostile.url})
        assert inside.headers["location"] == "/app/interviews"
        assert "HttpOnly" in inside.headers["set-cookie"]
        out = stranger.post("/app/sign-out", data={"csrf": "guessed"})
        assert out.status_code == 303
        assert stranger.get("/app/interviews", follow_redirects=False).status_code in {200, 303}
    with httpx.Client(base_url=hostile.url) as stranger:
        for path in ("interviews", "people", "questions", "facts", "check", "calibration", "agreement", "compare"):
            assert stranger.get(f"/app/{path}").status_code == 303


def test_people_sign_in_from_another_machine(make_server: Callable[..., Server], browser: Browser, tmp_path: Path) -> None:
    """Over plain HTTP a browser sends no Sec-Fetch headers: the form is known by its origin."""
    address = own_address()
    if address is None:
        pytest.skip("this machine has no address but its own loopback")
    server = make_server("--host", "0.0.0.0")
    server.url = f"http://{address}:{server.port}"
    state = sign_up(server, browser, tmp_path / "owner.json")
    assert [c["domain"] for c in json.loads(Path(state).read_text())["cookies"] if c["name"] == COOKIE] == [address]


def own_address() -> str | None:
    """What other machines call this one; nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        found: str = probe.getsockname()[0]
        return None if found.startswith("127.") else found
