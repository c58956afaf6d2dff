"""A source distribution becomes pages, places and sentences; no code of it runs."""

from collections.abc import Callable
from pathlib import Path

import pytest

from linter.errors import ManualError
from linter.manuals import read_manual


def test_pages_places_and_sentences(sdist: Callable[..., Path]) -> None:
    manual = read_manual(sdist())
    assert (manual.label, manual.site) == ("kettle 2.0", "https://kettle.example/")
    assert [page.name for page in manual.pages] == ["api", "changes", "guide", "heating", "index"]
    found = {(p.page, p.section, p.text) for p in manual.passages}
    assert found == {
        ("index", "Kettle", "Welcome to the documentation of Kettle."),
        ("heating", "Boiling", "The kettle boils water at ninety degrees by default."),
        ("heating", "MAX_WATER", "The lid is closed while the water is boiling."),
        ("guide", "Guide", "Pour the tea slowly into a warm cup."),
        ("api", "Kettle", "Boils water for as many cups as fit in."),
        ("api", "Kettle.metal", "The metal that the kettle is made of."),
        ("api", "Kettle.pour", "Pours what is in it until nothing is left."),
    }
    boiling = next(p for p in manual.passages if p.section == "Boiling")
    assert (boiling.file, boiling.line) == ("docs/heating.rst", 7)


def test_what_was_once_so_is_a_place_and_no_evidence(sdist: Callable[..., Path]) -> None:
    manual = read_manual(sdist())
    changes = next(page for page in manual.pages if page.name == "changes")
    assert [place.title for place in changes.places] == ["Changes", "Version 2.0"]


def test_a_class_with_a_base_elsewhere_is_open(sdist: Callable[..., Path]) -> None:
    manual = read_manual(sdist())
    kinds = {(place.kind, place.title) for page in manual.pages if page.name == "api" for place in page.places}
    assert {("open", "Kettle"), ("object", "Kettle.pour"), ("object", "Kettle.metal")} <= kinds


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"PKG-INFO": "Name: Kettle\nVersion: new\n"}, "neither PKG-INFO nor the file name"),
        (
            dict.fromkeys(("docs/index.rst", "docs/heating.rst", "docs/api.rst", "docs/guide.md", "docs/changes.rst")),
            "no documentation",
        ),
    ],
)
def test_what_is_no_manual_is_told(sdist: Callable[..., Path], changed: dict[str, str | None], said: str) -> None:
    with pytest.raises(ManualError, match=said):
        read_manual(sdist(**changed))


def test_broken_modules_and_pages_that_include_each_other_do_no_harm(sdist: Callable[..., Path]) -> None:
    loop = "Guide\n=====\n\n.. include:: loop.rst\n\nA sentence that stands here once.\n"
    path = sdist(**{"docs/loop.rst": loop, "docs/other.rst": loop, "src/kettle/bad.py": "def (", "src/kettle/nul.py": "\0"})
    texts = [p.text for p in read_manual(path).passages if p.page == "loop"]
    assert texts == ["A sentence that stands here once."]
