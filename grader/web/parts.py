"""The building blocks of the pages: plain HTML elements. Text is always text here, never markup, whoever wrote it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from nicegui.element import Element
from nicegui.elements.mixins.text_element import TextElement
from nicegui.events import GenericEventArguments

__all__ = [
    "button",
    "day",
    "el",
    "empty",
    "field",
    "link",
    "meter",
    "mini",
    "moment",
    "on_event",
    "on_submit",
    "on_value",
    "percent",
    "safe_href",
    "select",
    "source_link",
    "text",
]

Handler = Callable[[], Any] | Callable[[], Awaitable[Any]]


def el(tag: str, classes: str = "", **attributes: Any) -> Element:
    """An element; `aria_label` becomes aria-label, `for_` for. Attributes of None are left out."""
    return _dress(Element(tag), classes, attributes)


def text(tag: str, said: str, classes: str = "", **attributes: Any) -> TextElement:
    """An element that holds a text."""
    element = TextElement(tag=tag, text=said)
    _dress(element, classes, attributes)
    return element


def _dress(element: Element, classes: str, attributes: dict[str, Any]) -> Element:
    if classes:
        element.classes(classes)
    given = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items() if value is not None}
    if given:
        element.props.update(given)
    return element


def button(said: str, do: Handler | None = None, classes: str = "", *, shortcut: str | None = None, **attributes: Any) -> TextElement:
    """A button; `do` runs on the server, `shortcut` presses it from anywhere on the page."""
    attributes.setdefault("type", "button")
    made = text("button", said, f"button {classes}", data_shortcut=shortcut, **attributes)
    if do is not None:
        on_event(made, "click", do)
    return made


def on_event(element: Element, event: str, do: Handler, *, js: str = "() => emit()") -> Element:
    """Run `do`, which takes nothing, when something happens to an element."""

    def call() -> Any:
        return do()

    return element.on(event, call, js_handler=js)


def on_submit(form: Element, do: Handler, *, reset: bool = False) -> Element:
    """Run `do` when a form is sent, in place of the browser's own sending."""
    return on_event(form, "submit", do, js="(e) => { e.preventDefault(); emit(); " + ("e.target.reset(); }" if reset else "}"))


def link(said: str, to: str, classes: str = "", **attributes: Any) -> TextElement:
    """A link within the pages."""
    return text("a", said, classes, href=to, **attributes)


def safe_href(url: str) -> str | None:
    """The address where it is one of the web, else None: a link never runs a script."""
    return url if url.startswith(("https://", "http://")) else None


def source_link(title: str, url: str) -> TextElement:
    """A source outside; opens beside the page, which stays as it is."""
    href = safe_href(url)
    return text("a" if href else "span", title or url, href=href, target="_blank", rel="noopener noreferrer")


def field(label: str, name: str, *, hint: str = "", **attributes: Any) -> Element:
    """A labelled input; returns the input."""
    with el("div", "field"):
        text("label", label, for_=name)
        made = el("input", id=name, name=name, aria_describedby=f"{name}-hint" if hint else None, **attributes)
        if hint:
            text("span", hint, "hint", id=f"{name}-hint")
    return made


def select(label: str, name: str, choices: list[tuple[str, str]], chosen: str = "", *, hidden_label: bool = False) -> Element:
    """A labelled choice of (value, words); returns the select."""
    with el("div", "field"):
        text("label", label, "visually-hidden" if hidden_label else "", for_=name)
        with el("select", id=name, name=name) as made:
            for value, words in choices:
                text("option", words, value=value, selected=True if value == chosen else None)
    return made


def on_value(element: Element, hear: Callable[[str], Any], event: str = "input", *, pause: float = 0.0) -> Element:
    """Call `hear` with the value of an input; after `pause` seconds of quiet where given."""

    def take(event: GenericEventArguments) -> Any:
        return hear(str(event.args))

    js = "(e) => emit(e.target.value)"
    return element.on(event, take, js_handler=js, throttle=pause, leading_events=not pause)


def empty(title: str, words: str) -> Element:
    """What is shown where there is nothing yet; put the way out into it."""
    with el("div", "empty") as made:
        text("h2", title)
        text("p", words)
    return made


def percent(share: float | None) -> str:
    """A share of full marks in words."""
    return "–" if share is None else f"{100 * share:.0f} %"


def mini(share: float | None, *, human: bool = False) -> Element:
    """A small bar with its figure."""
    with el("span", "mini") as made:
        with el("span", "meter", aria_hidden="true"):
            el("span", f"fill {'human' if human else ''}").style(f"width: {100 * (share or 0):.1f}%")
        text("span", percent(share))
    return made


def meter(share: float, low: float, high: float, *, human: float | None = None) -> Element:
    """The score on its scale with its interval, all as shares; `human`: where a person puts it. Say the same in words beside it."""
    with el("div", "meter", aria_hidden="true") as made:
        el("span", "band").style(f"left: {100 * low:.1f}%; width: {100 * max(high - low, 0.01):.1f}%")
        el("span", "at").style(f"left: {100 * share:.1f}%")
        if human is not None:
            el("span", "human-at").style(f"left: {100 * human:.1f}%")
    return made


def moment(at: datetime | None) -> str:
    """Day and time, UTC."""
    return at.strftime("%d %b %Y, %H:%M") if at else ""


def day(at: datetime) -> str:
    """The day, UTC."""
    return at.strftime("%d %b %Y")
