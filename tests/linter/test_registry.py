"""Rules by code and name, and the choice among them."""

import pytest

from corpus import Corpus
from linter.errors import UnknownRuleError
from linter.registry import Registry


@pytest.fixture(scope="module")
def registry(corpus: Corpus) -> Registry:
    return Registry(corpus)


def test_rules_are_ordered_and_complete(registry: Registry, corpus: Corpus) -> None:
    """Every fact is a rule, beside the linter's own, in order of code."""
    codes = [rule.code for rule in registry.rules]
    assert codes == sorted(codes) and {f.code for f in corpus.facts} < set(codes) and "SUP001" in codes


def test_a_rule_answers_to_code_and_name(registry: Registry) -> None:
    """In any case; an unknown key names the near ones."""
    assert registry.get("flk012") is registry.get("session-cookie-client-side")
    with pytest.raises(UnknownRuleError, match="Did you mean WTF001"):
        registry.get("WTF01")


@pytest.mark.parametrize(
    ("select", "ignore", "extend", "inside", "outside"),
    [
        ([], [], [], ["FLK012", "SUP001"], []),
        (["FLK"], [], [], ["FLK012"], ["DJA001", "SUP001"]),
        (["flk012"], [], [], ["FLK012"], ["FLK001"]),
        (["session-cookie-client-side"], [], [], ["FLK012"], ["FLK001"]),
        ([], ["FLK"], [], ["DJA001"], ["FLK012"]),
        (["FLK012"], ["FLK"], [], ["FLK012"], ["FLK001"]),
        (["FLK"], ["FLK012"], [], ["FLK001"], ["FLK012"]),
        (["FLK"], [], ["DJA001"], ["FLK001", "DJA001"], ["DJA002"]),
        (["ALL"], ["FL"], [], ["DJA001"], ["FLK012"]),
        (["FLK012"], ["FLK012"], [], [], ["FLK012"]),
    ],
)  # fmt: skip
def test_the_longer_selector_wins(
    registry: Registry, select: list[str], ignore: list[str], extend: list[str], inside: list[str], outside: list[str]
) -> None:
    """Codes, names and prefixes choose as in ruff; of equal ones `ignore` wins."""
    active = registry.select(select, ignore, extend)
    assert set(inside) <= active and not set(outside) & active


def test_an_unknown_selector_is_an_error(registry: Registry) -> None:
    """A mistyped selector would otherwise silently check nothing."""
    with pytest.raises(UnknownRuleError, match="XYZ"):
        registry.select(["XYZ"])
