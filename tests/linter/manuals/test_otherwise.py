"""Claims without a fact are held against the manual, when asked for; the real models read them."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from corpus import load_corpus, load_encoder, load_settings
from linter.cli import main
from linter.manuals import ManualIndex, read_manual
from linter.registry import OFF, Registry

TRUE = "The Kettle boils water at ninety degrees by default."
FALSE = "The Kettle never boils water at ninety degrees by default."


@pytest.fixture
def lint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(text: str, *words: str) -> tuple[int, str, str]:
        (tmp_path / "text.md").write_text(text)
        monkeypatch.setattr(sys, "argv", ["linter", "check", str(tmp_path / "text.md"), *words])
        with pytest.raises(SystemExit) as caught:
            main()
        streams = capsys.readouterr()
        return int(caught.value.code or 0), streams.out, streams.err

    return call


def test_it_is_off_unless_asked_for() -> None:
    """As its precision has not been shown; a prefix or the code switches it on."""
    registry = Registry(load_corpus())
    assert "MAN002" not in registry.select(["ALL"])
    assert {"MAN002"} == OFF and "MAN002" not in registry.select() and "MAN001" in registry.select()
    assert registry.select(["MAN"]) == {"MAN001", "MAN002"} and "MAN002" in registry.select(extend=["MAN002"])


def test_without_a_manual_it_says_what_to_do(
    lint: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for, it does not pretend that nothing was found."""
    monkeypatch.setattr(ManualIndex, "names", lambda self: [])
    status, _, told = lint(FALSE, "--select", "MAN002")
    assert status == 2 and "linter manuals add" in told


def test_what_the_manual_denies_is_told_with_its_passage(
    lint: Callable[..., tuple[int, str, str]], sdist: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """At the sentence, with package, version and page; what the manual says too, and what names no indexed package, is silent."""
    index = ManualIndex(tmp_path / "cache")
    index.add(read_manual(sdist("2.0")), load_encoder(load_settings()))
    monkeypatch.setattr("linter.manuals.ManualIndex", lambda cache: index)

    status, told, _ = lint(f"{FALSE}\n\n{TRUE}\n\n{FALSE.replace('Kettle', 'pot')}\n", "--select", "MAN002", "--format", "concise")
    assert status == 0 and told.count("MAN002") == 1  # a hint fails no build
    assert "text.md:1:1" in told and "kettle 2.0" in told and "heating" in told
