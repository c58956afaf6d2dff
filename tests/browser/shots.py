"""Screenshots of every page at three widths, and how long a score takes: written to docs/pages/ and docs/pages.md. Run by `make shots`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.browser.conftest import CHROMIUM, ROOT, Server, answer_box, ask, new_interview, wait_saved
from tests.browser.test_journey import type_and_measure

FOLDER = ROOT / "docs" / "pages"
WIDTHS = {1440: 900, 900: 1100, 390: 844}
SPOKEN = (
    "By default the session is a cookie on the client. It is signed with the SECRET_KEY, so the user can read it but not change it. "
    "You use it like a dictionary. Flask sessions are stored on the server by default."
)
PIECES = [
    "By default the session lives in a cookie on the client", "It is signed with the SECRET_KEY", "so the user can read it but not change it",
    "You use it like a dictionary", "Sessions are stored on the server", "session.permanent makes it last longer", "Put no passwords into it",
    "The size of a cookie is limited to about four kilobytes", "Flask-Session keeps it on the server instead", "and then only an id is sent",
]  # fmt: skip
PAGES = {
    "sign-in": "Sign in", "interviews": "The list of interviews", "interview": "An interview, live", "scorecard": "Scorecard", "compare": "Comparison",
    "questions": "Questions", "question": "One question", "facts": "Facts", "fact": "One fact", "check": "Check a text", "calibration": "Calibration of a question",
    "agreement": "Agreement of raters",
}  # fmt: skip


def main() -> None:
    """Serve sample data, look at every page, write what was seen."""
    if CHROMIUM is None:
        raise SystemExit("needs Chromium: apt-get install chromium, or name it in CHROMIUM")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder), "--demo")
        server.start()
        server.heard(r"grader.app: ready")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            took = _shoot(browser, server)
            version = browser.version
        finally:
            browser.close()
            server.stop()
    (ROOT / "docs" / "pages.md").write_text(_text(took, version), "utf-8")


def _shoot(browser: Browser, server: Server) -> list[float]:
    context = browser.new_context(base_url=server.url, color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    page.goto("/app/interviews")
    page.set_default_timeout(120_000)
    paths = _prepare(page)
    took = type_and_measure(_blank(page), PIECES)
    for name, path in paths.items():
        for width, height in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": height})
            _open(page, name, path)
            page.screenshot(path=FOLDER / f"{name}-{width}.png")
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 1440, "height": 900})
    for name in ("interview", "scorecard"):
        _open(page, name, paths[name])
        page.screenshot(path=FOLDER / f"{name}-dark.png")
    return took


def _prepare(page: Page) -> dict[str, str]:
    """Make the sample data fuller: an interview under way, rulings, marks. Returns the path of each page."""
    page.set_viewport_size({"width": 1440, "height": 900})
    links = [str(a) for a in page.locator("a.main-link").evaluate_all("links => links.map(l => l.getAttribute('href'))")]
    for link in links[1:]:
        page.goto(link)
        page.locator(".asked-list .item").first.wait_for()
        take_up = page.get_by_role("button", name="Take up again")
        if take_up.count():
            take_up.click()
            page.get_by_role("button", name="Finish", exact=True).wait_for()
        page.locator(".asked-list .item").nth(1).click()
        page.get_by_role("button", name="Agree").click()
        page.locator(".asked-list .item", has_text="your score").first.wait_for()
        page.get_by_role("button", name="Finish", exact=True).click()
        page.wait_for_url("**/scorecard")
    page.goto("/app/calibration/flask-014")
    for count, share in enumerate(("4.5 of 5", "1 of 5", "2 of 5")):
        page.locator(".to-mark .levels").first.get_by_role("button", name=share, exact=True).click()
        page.locator("tbody tr").nth(count).wait_for()
    new_interview(page, "Grace Hopper", "Backend, first round")
    ask(page, "get and post")
    answer_box(page).fill("GET reads and POST sends. GET has its data in the query string, request.args; POST in the body, request.form.")
    wait_saved(page)
    page.get_by_role("button", name="Agree").click()
    page.locator(".asked-list .item", has_text="your score").wait_for()
    ask(page, "how do sessions work")
    answer_box(page).fill(SPOKEN)
    wait_saved(page)
    page.get_by_label("New note").fill("Explains it with a drawing; knows why the key must stay secret.")
    page.get_by_role("button", name="Add note").click()
    page.locator(".notes li").wait_for()
    ids = ",".join(link.rsplit("/", 1)[1] for link in links)
    return {
        "sign-in": "/app/sign-in", "interviews": "/app/interviews", "interview": page.url.removeprefix(page.url.split("/app/")[0]),
        "scorecard": f"{links[-1]}/scorecard", "compare": f"/app/compare?ids={ids}", "questions": "/app/questions", "question": "/app/questions/flask-014",
        "facts": "/app/facts", "fact": "/app/facts/FLK012", "check": "/app/check", "calibration": "/app/calibration/flask-014", "agreement": "/app/agreement",
    }  # fmt: skip


def _blank(page: Page) -> Page:
    """A tab with an interview whose answer box is empty."""
    other = page.context.new_page()
    new_interview(other, "Stopwatch", "How fast")
    ask(other, "how do sessions work")
    return other


def _open(page: Page, name: str, path: str) -> None:
    page.goto(path)
    page.wait_for_function("window.did_handshake")
    if name == "check":
        page.get_by_label("Text", exact=True).fill("Flask is small at its core. " + SPOKEN)
        page.locator("mark.false").first.wait_for()
    if name == "interview":
        page.locator(".answer-box mark").first.wait_for()
    page.wait_for_timeout(500)


def _text(took: list[float], browser: str) -> str:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    ordered = sorted(took)
    load = os.getloadavg()[0]
    lines = [
        "# The pages",
        "",
        f"Made by `make shots` on {datetime.now(UTC):%Y-%m-%d} at commit {commit}: Chromium {browser}, sample data of `grader serve --demo`.",
        "",
        "## How fast the score follows",
        "",
        f"From the last key to the frame that shows the score of the whole text, in the browser; {len(took)} pauses in one answer that grows to 80 words: "
        f"median {statistics.median(took):.0f} ms, slowest {ordered[-1]:.0f} ms, on {os.cpu_count()} cores at a load of {load:.1f} by other work. "
        "120 ms of it is the pause itself, which tells a hesitation from a letter.",
        "",
        f"All: {', '.join(f'{t:.0f}' for t in took)} ms.",
        "",
    ]
    for name, title in PAGES.items():
        lines += [f"## {title}", "", *(f"![{title}, {width} pixels wide](pages/{name}-{width}.png)" for width in WIDTHS), ""]
        if (FOLDER / f"{name}-dark.png").exists():
            lines += [f"![{title}, dark](pages/{name}-dark.png)", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
