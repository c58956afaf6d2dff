"""The shape that all rules on samples share: a record, and a function that looks at one sample."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from corpus.text import Document, Segment, Span
from linter.finding import Finding
from linter.rule import RuleInfo
from linter.rules.code._faults import FaultKind
from linter.rules.code._guess import Language
from linter.rules.code._sample import Sample, samples

__all__ = ["CodeRule", "Place", "const", "first_fault", "is_warned", "keyword", "mentions"]

Place = tuple[ast.AST | Span, str]  # where, and what to do about it

MAX_FINDINGS = 200  # of one rule in one document: more would say nothing new
# Prose or a comment that shows the sample as what not to do.
_WARNED = re.compile(
    r"\b(?:vulnerab\w*|insecure\w*|unsafe\w*|dangerous\w*|never|do not|don['’]?t|avoid\w*|wrong\w*|bad|attack\w*|exploit\w*|malicious\w*|instead of"
    r"|incorrect\w*|anti-?pattern\w*|not (?:be )?(?:safe|secure|recommended|use\w*|do\w*|for production|in production))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class CodeRule:
    """A rule on samples: `look` yields places in one sample; `inline` asks it about calls in sentences too.

    With `warned` a sample that the text shows as a bad example is left alone; with `once` a question is told once,
    however many of its lines have the same cause.
    """

    info: RuleInfo
    look: Callable[[Sample], Iterator[Place]]
    languages: frozenset[Language] = frozenset({Language.PYTHON})
    inline: bool = False
    warned: bool = False
    once: bool = False

    def check(self, document: Document, found: Sequence[Segment]) -> Iterator[Finding]:
        """Yield findings in order of place, each place once."""
        seen: set[Span] = set()
        contexts: set[str] = set()
        for sample in samples(document, found):
            if sample.language not in self.languages or (sample.inline and not self.inline) or (self.warned and is_warned(sample)):
                continue
            for where, message in self.look(sample):
                span = sample.program.span(where) if isinstance(where, ast.AST) else where
                if span not in seen and not (self.once and sample.context in contexts):
                    seen.add(span)
                    contexts.add(sample.context)
                    yield self.info.finding(document, span, message)
                    if len(seen) >= MAX_FINDINGS:
                        return


def first_fault(sample: Sample, kind: FaultKind) -> Iterator[Place]:
    """The first fault of this kind, as a place; of several with one cause the first is told."""
    fault = next((f for f in sample.program.faults if f.kind is kind), None)
    if fault:
        yield fault.span, fault.message


def is_warned(sample: Sample) -> bool:
    """Whether the prose beside a sample, or a comment in it, shows it as what not to do."""
    return bool(_WARNED.search(sample.around) or _WARNED.search(sample.program.comments()))


def mentions(sample: Sample, pattern: re.Pattern[str]) -> bool:
    """Whether question, prose or comments speak of something."""
    return bool(pattern.search(sample.told))


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value given for a keyword."""
    return next((k.value for k in call.keywords if k.arg == name), None)


def const(node: ast.AST | None) -> object:
    """The value of a constant; None for anything else."""
    return node.value if isinstance(node, ast.Constant) else None
