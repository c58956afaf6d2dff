"""The versions a text is about decide which facts are held against it."""

from pathlib import Path

import pytest
from packaging.version import Version

from corpus import load_corpus
from linter.errors import TargetError
from linter.targets import off, parse_targets, pinned_near, since

CORPUS = load_corpus()


@pytest.mark.parametrize(
    ("target", "code", "is_off"),
    [
        ("flask==2.2", "FLK019", True),
        ("flask==2.2.5", "FLK020", True),
        ("Flask==3.1.3", "FLK020", False),
        ("flask==3.2", "FLK100", True),
        ("werkzeug==2.0", "FLK107", True),
        ("django==2.2", "DJA005", True),
        ("django==5.2", "DJA005", False),
        ("flask==2.2", "FLK012", False),
        ("flask==2.2", "DJA005", False),
    ],
)
def test_a_fact_is_off_where_another_thing_was_true(target: str, code: str, is_off: bool) -> None:
    assert (code in off(CORPUS.facts, parse_targets([target]))) is is_off


def test_without_targets_every_fact_holds() -> None:
    assert not off(CORPUS.facts, {})


@pytest.mark.parametrize("given", ["flask", "flask>=2", "==2", "flask==two", "flask 2==2", "", "flask==2.2; rm"])
def test_a_target_that_is_none_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(TargetError, match=r"flask==2\.2"):
        parse_targets([given])


def test_two_versions_of_one_package_are_refused() -> None:
    assert parse_targets(["flask==2.2", "Flask==2.2"]) == {"flask": Version("2.2")}
    with pytest.raises(TargetError, match=r"2\.2"):
        parse_targets(["flask==2.2", "flask==2.3"])


def test_pins_of_the_linted_folder_are_read(tmp_path: Path) -> None:
    pins = 'Flask==2.2.5  # old\ndjango>=4\n-r other.txt\nrequests==2.*\nwerkzeug==2.2.3 ; python_version > "3"\ncelery==5.0; python_version < "3"\n'
    (tmp_path / "requirements.txt").write_text(pins)
    found, files = pinned_near([tmp_path, tmp_path / "none.txt"])
    assert found == {"flask": Version("2.2.5"), "werkzeug": Version("2.2.3")} and files == [tmp_path / "requirements.txt"]


def test_the_message_of_a_changed_fact_says_what_held_before() -> None:
    assert since(CORPUS.fact("FLK020")).startswith("In flask <2.2: before_first_request registered")
    assert not since(CORPUS.fact("FLK012"))


def test_pins_with_hashes_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    """As pip-compile and Windows write them."""
    (tmp_path / "requirements.txt").write_text("\ufeffflask==2.2.5 \\\n    --hash=sha256:00\nwerkzeug==2.2.3 --hash=sha256:00\n", "utf-8")
    assert pinned_near([tmp_path])[0] == {"flask": Version("2.2.5"), "werkzeug": Version("2.2.3")}
