"""Documents, places in them, and what they are made of: sentences, items, rows, headings, questions, code."""

from corpus.text.document import MAX_BYTES, Document, Position, Span, UnreadableError, read_document
from corpus.text.segment import Segment, SegmentKind
from corpus.text.segments import segments
from corpus.text.units import Unit, units

__all__ = [
    "MAX_BYTES",
    "Document",
    "Position",
    "Segment",
    "SegmentKind",
    "Span",
    "Unit",
    "UnreadableError",
    "read_document",
    "segments",
    "units",
]
