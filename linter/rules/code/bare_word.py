"""COD007 bare-word: a word that lost its quotes."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from linter.finding import SourceLink
from linter.rule import RuleInfo
from linter.rules.code._rule import CodeRule, Place, const
from linter.rules.code._sample import Sample

__all__ = ["RULE"]


_TEXT_KEY = re.compile(r"(?:title|name|label|text|message|description|status|city|country|color|colour|song|artist|author)$", re.IGNORECASE)


def _look(sample: Sample) -> Iterator[Place]:
    """In a dictionary of texts a capitalised name that nothing defines, under a key that wants a text."""
    if "*" in sample.program.imports:
        return
    for node in sample.program.nodes(ast.Dict):
        others = [value for value in node.values if not isinstance(value, ast.Name)]
        if not others or not all(isinstance(const(value), str) for value in others):
            continue
        for key, value in zip(node.keys, node.values, strict=True):
            if (
                isinstance(value, ast.Name)
                and value.id.istitle()
                and value.id not in sample.program.bound
                and _TEXT_KEY.match(str(const(key)))
            ):
                yield value, f"Nothing defines `{value.id}`; the text has lost its quotes."


RULE = CodeRule(
    RuleInfo(
        code="COD007",
        name="bare-word",
        severity="error",
        summary="A text in a sample stands in quotes.",
        why="Without its quotes the word is a name that nothing defines, and the line fails with NameError.",
        wrong=("song = {'title': Yesterday, 'artist': 'Beatles'}\nprint(song['title'])",),
        right=("song = {'title': 'Yesterday', 'artist': 'Beatles'}\nprint(song['title'])",),
        sources=(SourceLink("Python: NameError", "https://docs.python.org/3/library/exceptions.html#NameError"),),
    ),
    _look,
)
