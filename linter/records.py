"""Our own YAML as text to lint: the fields that state truths, at their exact place in the file.

Never the false wordings, the training wordings or the marked answers: those are wrong on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from corpus.load import parse_yaml
from corpus.text import Document, Segment, Span, segments

__all__ = ["record_segments"]

_FACT_FIELDS = ("statement", "true_wordings", "near_misses", "explanation")
_QUESTION_FIELDS = ("question", "reference_answers", "key_points")


def record_segments(path: Path, document: Document) -> list[Segment] | None:
    """The segments to lint of a corpus file; None where the YAML holds no facts or questions.

    Raises:
        RecordError: The file is no valid YAML; the message names file and line.
    """
    root, _ = parse_yaml(path)
    records = root.value if isinstance(root, yaml.SequenceNode) else []
    found: list[Segment] = []
    known = False
    for record in records:
        fields = {k.value: v for k, v in record.value} if isinstance(record, yaml.MappingNode) else {}
        wanted = _FACT_FIELDS if "true_wordings" in fields else _QUESTION_FIELDS if "reference_answers" in fields else ()
        known = known or bool(wanted) or "label" in fields
        context = _context(fields)
        for name in wanted:
            for scalar in _scalars(fields[name]) if name in fields else ():
                found += _segments(document, scalar, context)
    return found if known else None


def _context(fields: dict[str, yaml.Node]) -> str:
    """The question, or for a fact the name of its package: what a bare sentence is about."""
    if "question" in fields:
        return str(fields["question"].value)
    applies = fields.get("applies_to")
    if isinstance(applies, yaml.MappingNode):
        return next((str(v.value) for k, v in applies.value if k.value == "package" and v.value != "none"), "")
    return ""


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _scalars(item)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == "text":
                yield from _scalars(value)


def _segments(document: Document, node: yaml.ScalarNode, context: str) -> Iterator[Segment]:
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in ("'", '"'):
        start, end = start + 1, end - 1
    elif node.style in ("|", ">"):
        start = document.text.find("\n", start) + 1
    # Markdown joins the wrapped lines of one paragraph, which is what YAML's folding means too.
    inner = Document("scalar.md", document.text[start:end])
    for segment in segments(inner):
        runs = tuple((at, raw + start) for at, raw in segment.runs)
        span = Span(segment.span.start + start, segment.span.end + start)
        yield replace(segment, span=span, context=context, runs=runs)
