"""Sources are looked up in the manual of their version: what leads there is silent, what does not is told with what is there."""

from collections.abc import Callable
from pathlib import Path

import pytest

from corpus.records import Fact, Source
from linter.manuals import Tally, check_sources, read_manual

SITE = "https://kettle.example/en/2.0"


def fact(**source: str) -> Fact:
    sentences = {key: [f"{key} {n}." for n in range(6)] for key in ("true_wordings", "false_wordings", "near_misses")}
    given = Source(**{"title": "Heating", "version": "2.0", **source})
    return Fact(
        code="KET001", name="kettle-boils", statement="The kettle boils water at ninety degrees.", applies_to={"package": "kettle"},
        terms=["kettle"], explanation="Kettles differ.", sources=[given], proof={"none": "no kettle"}, **sentences,
    )  # fmt: skip


@pytest.mark.parametrize(
    "source",
    [
        {"url": f"{SITE}/heating/#boiling", "section": "Boiling"},
        {"url": f"{SITE}/heating.html", "section": "boiling"},
        {"url": f"{SITE}/heating/", "section": "Introduction"},
        {"url": f"{SITE}/heating/", "section": "Boiling, MAX_WATER"},
        {"url": f"{SITE}/heating/#boiling", "section": "Boiling: at ninety degrees"},
        {"url": f"{SITE}/heating/#MAX_WATER", "section": "MAX_WATER"},
        {"url": f"{SITE}/heating/#LID", "section": "LID"},
        {"url": f"{SITE}/api/#kettle.Kettle.pour", "section": "Kettle.pour()"},
        {"url": f"{SITE}/api/#kettle.Kettle.drink", "section": "kettle.Kettle.drink"},  # Cup, in another distribution, may have it
        {"url": f"{SITE}/", "section": "Welcome", "title": "Kettle"},
        {"url": "https://kettle.example/en/stable/guide/", "section": ""},
        {"url": "https://kettle.example/heating/", "section": "Heating"},
    ],
)
def test_what_leads_there_is_silent(sdist: Callable[..., Path], source: dict[str, str]) -> None:
    tally = Tally()
    assert [p.problem for p in check_sources([fact(**source)], [read_manual(sdist())], tally)] == []
    assert (tally.checked, tally.uncovered) == (1, 0)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ({"url": f"{SITE}/heating/", "section": "Boiling water"}, "no section 'Boiling water'; nearest: 'Boiling'"),
        ({"url": f"{SITE}/heating/#cooling", "section": "Boiling"}, "no place #cooling"),
        ({"url": f"{SITE}/guide/", "section": "Boiling"}, "not in 'guide' but in 'heating'"),
        ({"url": f"{SITE}/warming/", "section": "Boiling"}, "no page /en/2.0/warming/; 'Boiling' stands in 'heating'"),
        ({"url": f"{SITE}/heating/#boiling", "section": "Cooking"}, "is called 'Boiling', not 'Cooking'"),
        ({"url": f"{SITE}/changes/#version-2-1", "section": "Version 2.1"}, "no place #version-2-1; nearest: 'Version 2.0'"),
    ],
)
def test_what_does_not_is_told(sdist: Callable[..., Path], source: dict[str, str], said: str) -> None:
    (found,) = check_sources([fact(**source)], [read_manual(sdist())])
    assert said in found.problem


@pytest.mark.parametrize(
    "source",
    [
        {"url": "https://pot.example/heating/", "section": "None"},
        {"url": "https://kettle.example/en/1.0/heating/", "section": "None", "version": "1.0"},
        {"url": "https://kettle.example/heating/", "section": "None", "version": "3"},
    ],
)
def test_other_sites_and_versions_are_counted_and_passed_by(sdist: Callable[..., Path], source: dict[str, str]) -> None:
    tally = Tally()
    assert not list(check_sources([fact(**source)], [read_manual(sdist())], tally))
    assert (tally.checked, tally.uncovered) == (0, 1)


def test_the_edition_of_the_address_is_looked_up(sdist: Callable[..., Path]) -> None:
    """Release notes of 1.0 stand in the edition 2.0 of the site."""
    manuals = [
        read_manual(sdist("1.0")),
        read_manual(sdist("2.0", **{"docs/new.rst": "New\n===\n\nSpout\n-----\n\nIt has a spout of copper now.\n"})),
    ]
    assert not list(check_sources([fact(url=f"{SITE}/new/", section="Spout", version="1.0")], manuals))
