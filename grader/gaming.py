"""Answers written for the machine: lists of terms, copies, orders, padding, hidden characters. Each asks for a human look."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from corpus.meaning.contrast import analyse, words
from corpus.records import KeyPoint
from corpus.text.sentences import sentence_bounds
from grader.records import Gaming
from grader.signals import question_copy, sentence_likeness
from grader.word_order import load_order

__all__ = ["GAMING_REASONS", "as_read", "find_gaming", "matter", "without_asides"]

GAMING_REASONS = {
    "keyword_list": "reads like a list of key words",
    "question_copied": "mostly repeats the question",
    "reference_copied": "is a copy of the reference answer",
    "orders": "gives orders to the grader",
    "shuffled_words": "strings words together in no order",
    "repetition": "repeats itself",
    "hidden_characters": "contains hidden or look-alike characters",
}
# An answer speaks of the matter; a sentence that speaks of its own grading is meant for the grader.
_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b[^.!?\n]{0,40}\b(?:rubric|instructions?|key points?|(?<!by[ -])reference|grading|criteria|prompt|(?:previous|above) \w+ions?)\b"
    r"|\b(?:give|award|assign|grant|deserves?|worth|set)\b[^.!?\n]{0,30}\b(?:full|maximum|max|perfect|highest|top|all)\b[^.!?\n]{0,20}\b(?:marks?|score|points?|grade|credit)\b"
    r"|\b(?:dear|note to(?: the)?|attention)\s+(?:grader|examiner|marker|evaluator|reviewer|ai|assistant)s?\b|\bsystem prompt\b|\byou are (?:now )?(?:a|an|the) (?:grader|examiner|ai|assistant)\b"
    r"|\b(?:grade|mark|score|rate|accept|treat|count|consider|regard) (?:this|my answer|me|it)\b[^.!?\n]{0,25}\b(?:correct|right|complete|full|perfect|\d+\s*(?:/|out of)\s*\d+|5|10|100)\b"
    r"|\b(?:set|mark|treat|count|consider|assume|regard)\b[^.!?\n]{0,50}\b(?:key points?|reference answer|rubric)\b"
    r"|\b(?:this|my) (?:answer|submission)\b[^.!?\n]{0,40}\b(?:is|was|has been|covers|contains|deserves|meets|matches|states)\b[^.!?\n]{0,40}\b(?:correct|complete|approved|checked|verified|key points?|full|perfect|rubric|reference)\b"
    r"|\b(?:examiner|grader|marker|evaluator)s?\b[^.!?\n]{0,40}\b(?:approved|agreed|confirmed|accepted|must|should|will)\b"
    r"|\b(?:label|verdict|prediction)\s*[:=]\s*[\"']?(?:correct|right|true|stated|support\w*|entail\w*|pass(?:ed)?|full|[1-5]\b)(?![\w.(])"
    r"|\b(?:right |correct |final )?(?:score|grade|mark)\b[^.!?\n]{0,30}\b\d+\s*(?:/|out of)\s*\d+\b|\bcompare[^.!?\n]{0,20} with the reference\b",
    re.IGNORECASE,
)
_GRADE_RECORD = re.compile(r"\{[^{}]*[\"'](?:verdict|needs_review|max_score)[\"']\s*:[^{}]*\}")
# Words of whoever grades, and what is asked of them: two of the first, or one of each, in one sentence.
_GRADING = re.compile(
    r"\b(?:full marks?|top marks?|maximum marks?|the maximum|(?<!question )marks? of|mark (?:is|as|every|all|1)|mark ?=|scores? of|scor(?:es|ing) this|grade \d+|rubric|criteri(?:a|on)|key points?"
    r"|(?:every|each|all) (?:the )?points?|examiner|grader|evaluator|reviewers? (?:must|should|shall|will|has|have|is|are|may|can|agreed|confirmed|accepted|approved)|evaluation|k1|calibration set|hiring (?:lead|manager)|best possible result|full score)\b",
    re.IGNORECASE,
)
_WANTED = re.compile(
    r"\b(?:return|confirm|output|enter|award|record(?:ed)?|stated|covered|fulfilled|satisfied|as met|passed|perfect|100 ?(?:%|per ?cent)|instruct(?:ed|ion)|notice|skip|whatever)\b",
    re.IGNORECASE,
)
_HIDDEN = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Letters of other alphabets that look like Latin ones.
_LATIN = dict(zip("асеорхуіјѕԁһԛԝАВСЕНІЈКМОРЅТХУαονρτικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aceopxyijsdhqwABCEHIJKMOPSTXYaovptikABEZHIKMNOPTYX", strict=True))
_MIXED = re.compile(r"\b(?=\w*[A-Za-z])(?=\w*[\u0370-\u03ff\u0400-\u04ff])\w{3,}\b")
_LINE = re.compile(r"[^\r\n]+")
MIN_LIST = 5
_MIN_ASIDE = 5  # words; what is shorter may be a "No, wait."
# What answers in a word, and what takes back something said before, belongs to the answer whatever its words; so does every negation.
_TAKES_BACK = re.compile(
    r"\b(?:wrong|scratch|forget|disregard|ignore|withdr\w+|retract\w*|sorry|wait|actually|correct(?:ion|ing)?|mistak\w+|nonsense|lie[sd]?|take\b[^.!?]{0,40}\bback"
    r"|second thoughts?|backwards|opposite|revers\w+|other way|contrary|instead|rather|strike|mixed up|confus\w+|swap\w*|vice versa)\b"
    r"|^\W*(?:yes|yeah|yep|true|right|exactly)\b",
    re.IGNORECASE,
)
# Words that claim certainty and say nothing of the matter.
_EMPHASIS = re.compile(
    r"\b(?:really|absolutely|definitely|certainly|obviously|clearly|undoubtedly|undeniably|surely|truly|of course|without (?:a|any) doubt|trust me|believe me)\b,? ?",
    re.IGNORECASE,
)


def find_gaming(answer: str, question: str, references: Sequence[str]) -> tuple[Gaming, ...]:
    """Suspicions about one answer, each kind at most once, in the order of GAMING_REASONS."""
    tokens = [w for w in words(answer) if w[0].isalnum()]
    found = {
        "keyword_list": _keyword_list(answer, tokens),
        "question_copied": _copied_question(answer, question, tokens),
        "reference_copied": max((_copy(tokens, r) for r in references), default=0.0),
        "orders": 0.95 if _without_orders(answer) != answer else 0.0,
        "shuffled_words": 0.9 if load_order().is_shuffled(answer) else 0.0,
        "repetition": _repeated(tokens),
        "hidden_characters": _hidden(answer),
    }
    return tuple(Gaming(kind=kind, confidence=round(min(1.0, c), 4)) for kind, c in found.items() if c >= 0.5)


def as_read(answer: str) -> str:
    """The answer as it is read and marked; offsets stay.

    Look-alike letters become the Latin ones they stand for; a sentence that gives orders to the grader, and one that stands there
    already, becomes spaces: nothing is earned by either.
    """
    plain = "".join(_LATIN.get(c, c) for c in answer) if _MIXED.search(answer) else answer
    return _without_repeats(_without_orders(plain))


def without_asides(answer: str, about: Sequence[str]) -> str:
    """The answer with spaces for mere emphasis and for sentences that share no content word with any text of `about`; offsets stay.

    Of 1,509 sentences of our right answers 33 are such, asides nearly all; padding is made of them, and a long answer reads as a better
    one. An answer that is nothing else stays as it is, and what may take back something said before stays.
    """
    given = _stems(tuple(about))
    spans = [span for span in _sentences(answer) if any(c.isalnum() for c in answer[slice(*span)])]
    plain = _EMPHASIS.sub(lambda found: " " * len(found.group()), answer)
    beside = [span for span in spans if _is_aside(plain[slice(*span)], given)]
    if len(beside) < len(spans):
        for start, end in beside:
            plain = _blanked(plain, start, end)
    return plain if any(c.isalnum() for c in plain) else answer


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    """Bounds of the sentences of every line."""
    for line in _LINE.finditer(text):
        for start, end in sentence_bounds(line.group()):
            yield line.start() + start, line.start() + end


def matter(question: str, references: Sequence[str], points: Sequence[KeyPoint]) -> tuple[str, ...]:
    """All texts that say what a good answer speaks of."""
    return (question, *references, *(point.text for point in points))


@lru_cache(maxsize=1_000)
def _stems(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(stem for text in texts for stem in analyse(text).stems)


def _is_aside(sentence: str, given: frozenset[str]) -> bool:
    said = analyse(sentence)
    beside = said.n_words >= _MIN_ASIDE and bool(said.stems) and not said.cues and given.isdisjoint(said.stems)
    return beside and not _TAKES_BACK.search(sentence)


def _without_orders(answer: str) -> str:
    answer = _GRADE_RECORD.sub(lambda found: " " * len(found.group()), answer)
    for start, end in list(_sentences(answer)):
        if _is_order(answer[start:end]):
            answer = _blanked(answer, start, end)
    return answer


def _without_repeats(answer: str) -> str:
    seen: set[tuple[str, ...]] = set()
    for start, end in list(_sentences(answer)):
        said = tuple(w for w in words(answer[start:end]) if w[0].isalnum())
        if len(said) >= MIN_LIST and said in seen:
            answer = _blanked(answer, start, end)
        seen.add(said)
    return answer


def _blanked(answer: str, start: int, end: int) -> str:
    return answer[:start] + " " * (end - start) + answer[end:]


def _is_order(sentence: str) -> bool:
    if _ORDERS.search(sentence):
        return True
    said = {m.group().lower() for m in _GRADING.finditer(sentence)}
    return len(said) > 1 or bool(said and _WANTED.search(sentence))


def _keyword_list(answer: str, tokens: Sequence[str]) -> float:
    return 1 - sentence_likeness(answer) if len(tokens) >= MIN_LIST else 0.0


def _copied_question(answer: str, question: str, tokens: Sequence[str]) -> float:
    copied = question_copy(answer, question)
    return copied if len(tokens) >= 4 and copied >= 0.8 and len(analyse(answer).stems) >= 2 else 0.0


def _copy(tokens: Sequence[str], reference: str) -> float:
    """Share of the answer's five-word runs that stand in the reference; short answers are never copies."""
    n = 5
    theirs = [w for w in words(reference) if w[0].isalnum()]
    runs = {tuple(theirs[i : i + n]) for i in range(len(theirs) - n + 1)}
    mine = [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]
    if len(mine) < 8:
        return 1.0 if len(tokens) >= 6 and list(tokens) == theirs else 0.0
    share = sum(run in runs for run in mine) / len(mine)
    return share if share >= 0.8 else 0.0


def _repeated(tokens: Sequence[str]) -> float:
    grams = [tuple(tokens[i : i + 4]) for i in range(len(tokens) - 3)]
    if len(grams) < 8:
        return 0.0
    return 1.6 * (1 - len(set(grams)) / len(grams))


def _hidden(answer: str) -> float:
    if any(c in _HIDDEN for c in answer) or any(unicodedata.category(c) == "Cc" and c not in "\t\r\n" for c in answer):
        return 0.9
    return 0.8 if _MIXED.search(answer) else 0.0
