"""Everybody can use the pages: contrast, names of controls, order of focus, keyboard alone, phone width, light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page

from .conftest import Server, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDTHS = (1440, 900, 390)
# Text against what lies behind it, by WCAG 2.2; large text needs 3, other text 4.5. What is switched off is exempt.
FAINT = """() => {
  const parse = (c) => { const m = c.match(/[\\d.]+/g).map(Number); return c.startsWith('color(srgb') ? [m[0]*255, m[1]*255, m[2]*255, m[3] ?? 1] : [m[0], m[1], m[2], m[3] ?? 1]; };
  const over = (top, under) => top.slice(0, 3).map((v, i) => v * top[3] + under[i] * (1 - top[3]));
  const light = (c) => { const [r, g, b] = c.map((v) => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; }); return 0.2126*r + 0.7152*g + 0.0722*b; };
  const behind = (e) => { const layers = []; for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0) { layers.unshift(c); if (c[3] === 1) break; } }
    return layers.reduce((under, top) => over(top, under), [255, 255, 255]); };
  const found = [];
  for (const e of document.body.querySelectorAll('*')) {
    if (e.closest('.under, script, style, option, [disabled], .visually-hidden, .skip')) continue;
    const said = [...e.childNodes].filter((n) => n.nodeType === 3).map((n) => n.data).join('').trim();
    const box = e.getBoundingClientRect();
    const style = getComputedStyle(e);
    if (!said || !box.width || !box.height || style.visibility === 'hidden' || !e.checkVisibility()) continue;
    const back = behind(e), ink = over(parse(style.color), back);
    const [a, b] = [light(ink), light(back)].sort((x, y) => y - x);
    const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && +style.fontWeight >= 700);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < (large ? 3 : 4.5)) found.push(`${said.slice(0, 40)}: ${ratio.toFixed(2)}`);
  }
  return found;
}"""
NAMELESS = """() => [...document.querySelectorAll('input:not([type=hidden]), select, textarea, button, a[href]')].filter((e) => e.checkVisibility()).filter((e) => {
  const labelled = (e.getAttribute('aria-labelledby') || '').split(' ').map((i) => document.getElementById(i)?.textContent).join('');
  const name = labelled || e.getAttribute('aria-label') || [...(e.labels || [])].map((l) => l.textContent).join('') || e.textContent || e.title;
  return !name.trim(); }).map((e) => e.outerHTML.slice(0, 120))"""
TWICE = (
    "() => { const ids = [...document.querySelectorAll('[id]')].map((e) => e.id); return ids.filter((id, i) => ids.indexOf(id) !== i); }"
)


@pytest.fixture(scope="module")
def demo(make_server: Callable[..., Server]) -> Server:
    """A server with sample data, which anybody may look at."""
    server = make_server("--demo")
    server.heard(r"grader.app: ready")  # the sample data is made after the model is loaded
    return server


@pytest.fixture
def visitor(browser: Browser, demo: Server) -> Iterator[Visitor]:
    """Somebody who has a first look."""
    made = Visitor(browser, demo)
    yield made
    made.close()


def paths(page: Page) -> list[str]:
    """Every page, with data on it."""
    page.goto("/app/interviews")
    page.locator("a.main-link").first.wait_for()
    links = [str(link) for link in page.locator("a.main-link").evaluate_all("links => links.map(l => l.getAttribute('href'))")]
    ids = ",".join(link.rsplit("/", 1)[1] for link in links)
    own = [
        "interviews",
        "questions",
        "questions/flask-014",
        "facts",
        "facts/FLK012",
        "check",
        "calibration",
        "calibration/flask-014",
        "agreement",
        "people",
        "account",
    ]
    return [
        *(f"/app/{path}" for path in own),
        links[0],
        f"{links[-1]}",
        f"{links[-1]}/scorecard",
        f"/app/compare?ids={ids}",
        "/app/sign-in",
        "/app/nowhere",
    ]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_is_readable_named_and_fits(visitor: Visitor, theme: str) -> None:
    """AA contrast, a name for every control, no id twice, no sideways scrolling; at three widths, light and dark."""
    page = visitor.page
    page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    troubles = []
    for path in paths(page):
        page.goto(path)
        page.wait_for_function("window.did_handshake")
        page.wait_for_timeout(200)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(100)
            troubles += [f"{path} at {width}: too faint: {said}" for said in page.evaluate(FAINT)]
            if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                troubles.append(f"{path} at {width}: scrolls sideways")
        troubles += [f"{path}: no name: {html}" for html in page.evaluate(NAMELESS)]
        troubles += [f"{path}: id twice: {id_}" for id_ in page.evaluate(TWICE)]
        assert page.evaluate("document.documentElement.lang") == "en-US"
        assert page.locator("main.main").count() == 1, path
    visitor.complaints = [said for said in visitor.complaints if "status of 404" not in said]  # the page that is nowhere
    assert troubles == []
    page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<p style=\"color: #888; background: #999\">too faint</p><button></button><i id=main></i>')"
    )
    assert len(page.evaluate(FAINT)) == 1, "the measure measures"
    assert (len(page.evaluate(NAMELESS)), page.evaluate(TWICE)) == (1, ["main"])


def test_the_keyboard_goes_everywhere_in_the_order_of_reading(visitor: Visitor) -> None:
    """Tab first offers the way past the bar; focus is always visible; dialogs keep it and give it back."""
    page = visitor.page
    page.goto("/app/interviews")
    page.locator("a.main-link").first.wait_for()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the page"
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        place = page.evaluate(
            "(() => { const b = document.activeElement.getBoundingClientRect(); return [Math.round(b.top), getComputedStyle(document.activeElement).outlineStyle]; })()"
        )
        seen.append(place)
    assert all(outline != "none" for top, outline in seen if top > 0)
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("n")
    page.locator("dialog#new[open]").wait_for()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('dialog')")
    page.keyboard.press("Escape")
    page.locator("dialog#new").wait_for(state="hidden")


def test_states_are_told_in_words_too(visitor: Visitor) -> None:
    """No meaning by colour alone: key points, review, overrides, connection all have words."""
    page = visitor.page
    page.goto(next(path for path in paths(page) if path.endswith("scorecard")))
    page.locator("article.asked").first.wait_for()
    states = page.locator(".ledger li").evaluate_all("rows => rows.map(r => [r.className, r.textContent])")
    assert states and all(text.split(":")[0].lower().endswith(name) for name, text in states)


def test_theme_is_kept(visitor: Visitor) -> None:
    """Chosen once, it holds on every page and after a reload."""
    page = visitor.page
    page.emulate_media(color_scheme="light")
    page.goto("/app/interviews")
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.goto("/app/facts")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
