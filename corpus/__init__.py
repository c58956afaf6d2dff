"""Ground floor: what is known, and what words mean."""

from corpus.errors import CorpusError, RecordError, UnknownFactError, UnknownQuestionError
from corpus.meaning import Encoder, Stance, load_encoder
from corpus.records import Answer, Fact, KeyPoint, Question, Source, Wording
from corpus.settings import Settings, load_settings
from corpus.store import Corpus, load_corpus

__all__ = [
    "Answer",
    "Corpus",
    "CorpusError",
    "Encoder",
    "Fact",
    "KeyPoint",
    "Question",
    "RecordError",
    "Settings",
    "Source",
    "Stance",
    "UnknownFactError",
    "UnknownQuestionError",
    "Wording",
    "load_corpus",
    "load_encoder",
    "load_settings",
]
