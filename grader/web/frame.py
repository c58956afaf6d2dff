"""What surrounds every page: the bar with the ways to go, theme, who is here; messages; and a way past all this for the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nicegui import ui
from nicegui.element import Element

from grader.web.parts import button, el, link, text

if TYPE_CHECKING:
    from grader.web.visit import Visit

__all__ = ["bare", "frame", "icon", "shortcuts"]

PAGES = (
    ("Interviews", "/interviews"),
    ("Questions", "/questions"),
    ("Facts", "/facts"),
    ("Check a text", "/check"),
    ("Calibration", "/calibration"),
    ("Agreement", "/agreement"),
)
_ICONS = {
    "theme": ("M12 3a9 9 0 1 0 9 9 7 7 0 0 1-9-9Z",),
    "keys": ("M3 7h18v10H3Z", "M7 11h.01M11 11h.01M15 11h.01M8 14h8"),
}


def icon(name: str) -> None:
    """A drawing beside words or a label; screen readers pass over it."""
    with el("svg", viewBox="0 0 24 24", aria_hidden="true"):
        for path in _ICONS[name]:
            el("path", d=path)


@contextmanager
def frame(visit: Visit, title: str, here: str = "", *, classes: str = "") -> Iterator[Element]:
    """Bar and main part; what is made inside stands in the main part."""
    ui.page_title(f"{title} · Viva")
    link("Skip to the page", "#main", "skip")
    with el("header", "bar"):
        _brand()
        with el("nav", aria_label="Pages"):
            for name, path in _pages(visit):
                link(name, f"/app{path}", aria_current="page" if path == here else None)
        with el("div", "who"):
            with el("button", "icon-button", type="button", data_theme_switch="", aria_label="Light or dark", title="Light or dark"):
                icon("theme")
            link(visit.user.name, "/app/account", "small")
            if visit.csrf:
                with el("form", method="post", action="/app/sign-out"):
                    el("input", type="hidden", name="csrf", value=visit.csrf)
                    button("Sign out", None, "quiet slim", type="submit")
    if visit.services.demo is not None and not visit.csrf:
        text("p", "Demo: sample data, open to whoever reaches this page. Start without --demo to work.", "demo")
    with el("main", f"main {classes}", id="main", tabindex="-1") as main:
        yield main


@contextmanager
def bare(title: str) -> Iterator[Element]:
    """A page for those who are not in yet."""
    ui.page_title(f"{title} · Viva")
    with el("main", "main narrow", id="main") as main:
        _brand()
        yield main


def shortcuts(pairs: list[tuple[str, str]]) -> None:
    """A dialog that lists the keys of this page, opened by `?`, and the button that opens it."""
    with el(
        "button",
        "icon-button",
        type="button",
        data_opens="keys",
        data_shortcut="?",
        aria_label="Keyboard shortcuts",
        title="Keyboard shortcuts (?)",
    ):
        icon("keys")
    with el("dialog", id="keys", aria_labelledby="keys-title"):
        text("h2", "Keyboard", id="keys-title")
        with el("table"), el("tbody"):
            for keys, what in pairs:
                with el("tr"):
                    with el("td"):
                        text("kbd", keys)
                    text("td", what)
        with el("div", "actions"):
            button("Close", None, "plain", data_closes="")


def _pages(visit: Visit) -> tuple[tuple[str, str], ...]:
    return (*PAGES, ("People", "/people")) if visit.user.role == "owner" else PAGES


def _brand() -> None:
    with el("a", "brand", href="/app/interviews"):
        text("span", "✓", "mark", aria_hidden="true")
        text("span", "Viva")
