"""Small functions of the pages that keep strangers out."""

from __future__ import annotations

import pytest

from grader.web.entrance import _local
from grader.web.pages.browse import offset_of
from grader.web.parts import safe_href


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "//evil.example", " https://a.b", "vbscript:x", ""]
)
def test_only_web_addresses_become_links(url: str) -> None:
    """A source's address cannot run a script."""
    assert safe_href(url) is None


def test_web_addresses_stay() -> None:
    """Both kinds."""
    assert safe_href("https://a.b/c") == "https://a.b/c"
    assert safe_href("http://a.b/c") == "http://a.b/c"


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "https://evil.example", "", "evil", "/" + "x" * 500])
def test_signing_in_leads_nowhere_else(path: str) -> None:
    """Only paths of ours are gone on to."""
    assert _local(path) == "/interviews"


def test_signing_in_leads_on() -> None:
    """With its question."""
    assert _local("/facts?q=a") == "/facts?q=a"


@pytest.mark.parametrize(("given", "offset"), [(None, 0), ("", 0), ("50", 50), ("-1", 0), ("x", 0), ("99999999", 1_000_000), ("9" * 30, 0)])
def test_an_offset_is_a_small_number(given: str | None, offset: int) -> None:
    """Whatever stands in the address."""
    assert offset_of(given) == offset
