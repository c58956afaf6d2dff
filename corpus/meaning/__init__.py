"""Meaning: texts to vectors, pairs to stance. Importing it loads no model library."""

from __future__ import annotations

from corpus.meaning.assessor import VERDICTS, Assessor
from corpus.meaning.cached import CachedEncoder
from corpus.meaning.cross import CrossAssessor, CrossStance, load_assessor, load_stance
from corpus.meaning.encoder import Encoder, OnnxEncoder, SentenceTransformerEncoder, load_encoder
from corpus.meaning.source import ModelCorruptError, ModelMissingError
from corpus.meaning.stance import Stance

__all__ = [
    "VERDICTS",
    "Assessor",
    "CachedEncoder",
    "CrossAssessor",
    "CrossStance",
    "Encoder",
    "ModelCorruptError",
    "ModelMissingError",
    "OnnxEncoder",
    "SentenceTransformerEncoder",
    "Stance",
    "load_assessor",
    "load_encoder",
    "load_stance",
]
