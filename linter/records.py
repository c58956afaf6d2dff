"""Our own YAML as text to lint: the fields that state truths, at their exact place in the file.

Never the false wordings, the training sentences, the marked answers or their edits: many of those are wrong on purpose.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import yaml

from corpus.load import compose_yaml
from corpus.text import Document, Segment, segments

__all__ = ["is_yaml", "record_segments"]

_FACT_FIELDS = ("statement", "true_wordings", "near_misses", "explanation")
# What facts, twins, wordings, answers, edits and ordinary sentences are known by.
_TRAINING_FIELDS = {"false_wordings", "false", "label", "mark", "put", "writer"}
_QUESTION_FIELDS = ("question", "reference_answers", "key_points")


def is_yaml(path: str) -> bool:
    """Whether a document shown under this path is read as YAML."""
    return Path(path).suffix.lower() in {".yaml", ".yml"}


def record_segments(document: Document) -> list[Segment] | None:
    """The segments to lint of a corpus file; None where the YAML holds no records of ours.

    Raises:
        RecordError: The document is no valid YAML; the message names file and line.
    """
    root = compose_yaml(document.path, document.text)
    records = root.value if isinstance(root, yaml.SequenceNode) else []
    found: list[Segment] = []
    known = False
    for record in records:
        fields = {k.value: v for k, v in record.value} if isinstance(record, yaml.MappingNode) else {}
        wanted = _FACT_FIELDS if "true_wordings" in fields else _QUESTION_FIELDS if "reference_answers" in fields else ()
        known = known or bool(wanted) or not fields.keys().isdisjoint(_TRAINING_FIELDS)
        context = _context(fields)
        for name in wanted:
            for scalar in _scalars(fields[name]) if name in fields else ():
                found += _segments(document, scalar, context)
    return found if known else None


def _context(fields: dict[str, yaml.Node]) -> str:
    """The question, or for a fact the name of its package: what a bare sentence is about."""
    question = fields.get("question")
    if isinstance(question, yaml.ScalarNode):
        return str(question.value)
    applies = fields.get("applies_to")
    if isinstance(applies, yaml.MappingNode):
        return next((str(v.value) for k, v in applies.value if k.value == "package" and v.value != "none"), "")
    return ""


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """The texts below a node, each once, however often an alias repeats it."""
    waiting, seen = [node], set[int]()
    while waiting:
        here = waiting.pop()
        if id(here) in seen:
            continue
        seen.add(id(here))
        if isinstance(here, yaml.ScalarNode):
            yield here
        elif isinstance(here, yaml.SequenceNode):
            waiting += reversed(here.value)
        elif isinstance(here, yaml.MappingNode):
            waiting += reversed([value for key, value in here.value if key.value == "text"])


def _segments(document: Document, node: yaml.ScalarNode, context: str) -> Iterator[Segment]:
    start, end = node.start_mark.index, node.end_mark.index
    if node.style in ("'", '"'):
        start, end = start + 1, end - 1
    elif node.style in ("|", ">"):
        start = document.text.find("\n", start) + 1
    inner, starts = _without_indent(document.text, start, end)
    # Markdown joins the wrapped lines of one paragraph, which is what YAML's folding means too.
    for segment in segments(inner):
        runs = tuple(_raw_runs(segment, starts))
        moved = replace(segment, context=context, runs=runs)
        yield replace(moved, span=moved.locate(0, len(moved.text)))


def _without_indent(text: str, start: int, end: int) -> tuple[Document, list[tuple[int, int]]]:
    """A scalar's lines without YAML's indentation (Markdown would take it for code), and (offset there, offset here) of each."""
    lines, starts, at = [], [], 0
    region = text[start:end]
    for n, line in enumerate(re.split(r"(?<=\n)|(?<=\r)(?!\n)", region)):
        kept = line.lstrip(" \t") if n or start == 0 or text[start - 1] in "\r\n" else line
        starts.append((at, start + len(line) - len(kept)))
        lines.append(kept)
        at += len(kept)
        start += len(line)
    return Document("scalar.md", "".join(lines)), starts


def _raw_runs(segment: Segment, starts: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The segment's runs in the file, parted where a line begins."""
    ends = [at for at, _ in segment.runs[1:]] + [len(segment.text) + 1]
    for (at, inner), end in zip(segment.runs, ends, strict=True):
        line = max(n for n, (offset, _) in enumerate(starts) if offset <= inner)
        yield at, starts[line][1] + inner - starts[line][0]
        for offset, raw in starts[line + 1 :]:
            if offset - inner < end - at:
                yield at + offset - inner, raw
