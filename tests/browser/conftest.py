"""The real server as a process and headless Chromium before it. Every request a page makes is written down."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a long enough password"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
NOISE = re.compile(
    r"ERR_CONNECTION_REFUSED|ERR_INTERNET_DISCONNECTED|WebSocket connection|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|Cross-Origin-Opener-Policy header has been ignored"
)


class Server:
    """`grader serve` over one database file, on one port; it can be killed and started again."""

    def __init__(self, folder: Path, *options: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.database, self.options = folder / "viva.db", options
        self.said: list[str] = []
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start, and wait until it can grade."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("VIVA_GRADER_")}
        environment = kept | {"PYTHONUNBUFFERED": "1", "VIVA_GRADER_DATABASE": f"sqlite:///{self.database}"}
        command = [sys.executable, "-m", "grader.cli", "serve", "--port", str(self.port), *self.options]
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        stream = self._process.stderr
        assert stream is not None
        self._reader = threading.Thread(target=lambda: self.said.extend(iter(stream.readline, "")), daemon=True)
        self._reader.start()
        for _ in range(1800):
            assert self._process.poll() is None, "".join(self.said)
            try:
                if httpx.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        raise AssertionError("not ready after three minutes: " + "".join(self.said))

    def kill(self) -> None:
        """As a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._end()

    def stop(self) -> None:
        """As an operator would."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
        self._end()

    def _end(self) -> None:
        if self._process is not None and self._process.stderr is not None:
            self._process.wait()
            self._reader.join(5)
            self._process.stderr.close()

    def welcome(self) -> str:
        """The path of the link that makes the first owner, as the server printed it."""
        return self.heard(r"/app/welcome\?token=\S+")

    def heard(self, pattern: str) -> str:
        """The first words of the server's own that match, as soon as it has said them."""
        for _ in range(300):
            found = re.search(pattern, "".join(self.said))
            if found:
                return found.group()
            time.sleep(0.1)
        raise AssertionError(f"it did not say {pattern!r}: " + "".join(self.said))


@pytest.fixture(scope="module")
def make_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Servers that end with the module."""
    made: list[Server] = []

    def make(*options: str) -> Server:
        made.append(Server(tmp_path_factory.mktemp("viva"), *options))
        made[-1].start()
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture(scope="module")
def server(make_server: Callable[..., Server]) -> Server:
    """A server with an empty database, whose first owner is made in a browser by `owner_state`."""
    return make_server()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium of this machine; nothing is downloaded."""
    if CHROMIUM is None:
        pytest.fail("these tests need Chromium: apt-get install chromium, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Visitor:
    """One user's browser, with what it asked for and complained of."""

    def __init__(self, browser: Browser, server: Server, state: str | None = None, **options: object) -> None:
        self.server = server
        self.context: BrowserContext = browser.new_context(base_url=server.url, storage_state=state, **options)  # type: ignore[arg-type]
        self.hosts: set[str] = set()
        self.complaints: list[str] = []
        self.context.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc or urlsplit(request.url).scheme))
        self.page = self.open()

    def open(self) -> Page:
        """Another tab."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("websocket", lambda socket: self.hosts.add(urlsplit(socket.url).netloc))
        page.on("dialog", lambda dialog: (self.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" and not NOISE.search(said.text) else None)
        page.set_default_timeout(60_000)  # a shared core may be slow; the figures of speed are taken elsewhere
        return page

    def close(self) -> None:
        """Every page it saw stayed on this machine and ran without an error."""
        self.context.close()
        assert self.hosts <= {urlsplit(self.server.url).netloc, "data", "blob"}, f"requests left the machine: {self.hosts}"
        assert self.complaints == []


@pytest.fixture(scope="module")
def owner_state(server: Server, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The cookies of the first owner, made by the printed link."""
    return sign_up(server, browser, tmp_path_factory.mktemp("state") / "owner.json")


def sign_up(server: Server, browser: Browser, file: Path, name: str = "Ada Owner") -> str:
    """Make the first owner in a browser; returns the file with the cookies."""
    visitor = Visitor(browser, server)
    page = visitor.page
    page.goto(server.welcome())
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make it and sign in").click()
    page.wait_for_url("**/app/interviews")
    visitor.context.storage_state(path=file)
    visitor.close()
    return str(file)


@pytest.fixture
def visit(browser: Browser, server: Server, owner_state: str) -> Iterator[Callable[..., Visitor]]:
    """Browsers that are signed in as the owner, or with `state=None` are not, checked when the test ends."""
    made: list[Visitor] = []

    def make(state: str | None = owner_state, **options: object) -> Visitor:
        made.append(Visitor(browser, server, state, **options))
        return made[-1]

    yield make
    for visitor in made:
        visitor.close()


def sign_in(page: Page, name: str = "Ada Owner") -> None:
    """Through the form, for a session of one's own."""
    page.goto("/app/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Interviews", exact=True).wait_for()


def new_interview(page: Page, candidate: str, title: str = "Backend, first round") -> None:
    """Start an interview by hand."""
    page.goto("/app/interviews")
    page.wait_for_function("window.did_handshake")
    page.get_by_role("button", name="New interview").first.click()
    page.get_by_label("Candidate", exact=True).fill(candidate)
    page.get_by_label("Interview", exact=True).fill(title)
    page.get_by_role("button", name="Start").click()
    page.get_by_role("heading", name=candidate).wait_for()


def ask(page: Page, words: str) -> str:
    """Find a question in the bank by its words, ask it, and return it."""
    page.get_by_label("Search the bank").fill(words)
    offer = page.locator(".bank .item", has_text=re.compile(words, re.IGNORECASE)).first
    wording = offer.locator(".q").inner_text()
    offer.click()
    page.locator("#question", has_text=wording).wait_for()
    return wording


def answer_box(page: Page) -> Locator:
    """Where the answer is typed."""
    return page.locator(".answer-box textarea")


def score(page: Page) -> str:
    """The big figure."""
    return page.locator(".gauge .big b").inner_text()


def wait_saved(page: Page) -> None:
    """Until the server has said that it keeps all that stands in the box."""
    page.locator(".answer-foot .saved").wait_for()
