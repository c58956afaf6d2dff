"""What the pages to browse share: words, a filter, a list by pages. Everything that is looked for stands in the address."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from grader.web.parts import button, el, link, select, text

__all__ = ["LIMIT", "filters", "offset_of", "pager"]

LIMIT = 50


def filters(path: str, q: str, choices: list[tuple[str, str, list[tuple[str, str]], str]]) -> None:
    """A form over the list: words, and (label, name, choices, chosen) each. It works as a plain form, by address."""
    with el("form", "filter-row", method="get", action=path, role="search"):
        el("input", type="search", name="q", value=q, placeholder="Search", aria_label="Search", data_shortcut="/", maxlength=200)
        for label, name, options, chosen in choices:
            made = select(label, name, options, chosen, hidden_label=True)
            made.on("change", js_handler="(e) => e.target.form.requestSubmit()")
        button("Search", type="submit", classes="visually-hidden")


def offset_of(value: str | None) -> int:
    """The first row to show, from an address that anybody may have typed."""
    return min(int(value), 1_000_000) if value and value.isdigit() and len(value) < 9 else 0


def pager(path: str, asked: Mapping[str, str], offset: int, total: int) -> None:
    """Ways to the rows before and after."""
    with el("nav", "pager", aria_label="Pages of the list"):
        text("span", f"{min(offset + 1, total)} to {min(offset + LIMIT, total)} of {total}" if total else "", "small num")
        kept = {name: value for name, value in asked.items() if value}
        if offset > 0:
            link("Before", f"{path}?{urlencode({**kept, 'offset': max(0, offset - LIMIT)})}", "button plain slim", rel="prev")
        if offset + LIMIT < total:
            link("After", f"{path}?{urlencode({**kept, 'offset': offset + LIMIT})}", "button plain slim", rel="next")
