"""The shapes of prose lines: questions, headings, lines that introduce what follows, advertising."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["asks_alone", "is_closing", "is_filler", "is_heading", "is_question", "number_end", "question_end"]

_ASKED = r"Q(?:ue(?:s(?:tion)?)?)?"
# What a question is numbered or marked with: "7.", "(7)", "Q7:", "Ques 7 -", "[Q7]", "Q:", "Interviewer:".
_NUMBER = re.compile(
    rf"\s*(?:[\[(]?(?:{_ASKED}[ .:#]*)?\d{{1,3}}[\]).:]+|{_ASKED}[ .:#]*\d{{1,3}}(?:\s+[-–—])?|\[?{_ASKED}[\].:]+|Interviewer\s*:)\s+",
    re.IGNORECASE,
)
_ASKING = re.compile(
    r"\s*(?:What|How|Why|When|Where|Which|Who|Whose|Is|Are|Can|Could|Do|Does|Did|Should|Will|Would|In \w+, what)\b.*\?",
    re.DOTALL,
)
_TELLING = re.compile(
    r"\s*(?:Explain|Describe|Mention|Name|List|Define|Compare|Discuss|Differentiate|Distinguish|State|Give|Outline|"
    r"Tell me|Write|Difference between|Differences between)\b"
)
_HEADING_WORDS, _SHORT = 12, 6
_FILLER_WORDS = 30
_QUESTION = 200  # characters of a question without a number
_FILLER = re.compile(
    r"\b(?:interview questions?|questions? (?:and answers|in|on) \w+|frequently asked question|(?:this|popular|common) question)\b",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"\s*(?:Conclusion|Summary|Final (?:Thoughts|Words)|Wrapping Up|Leave a (?:Reply|Comment)|Subscribe|Read More|Related "
    r"(?:Posts|Articles)|References|Table of Contents|Comments|Share (?:this|on)|About the Author)\b.{0,60}$",
    re.IGNORECASE | re.DOTALL,
)
_ENDS = (".", ":", ";", ",", "!", "?", "\\")


def number_end(text: str) -> int:
    """Return where the words of a line begin behind its number or mark; 0 where it has none."""
    number = _NUMBER.match(text)
    return number.end() if number else 0


def is_question(text: str) -> bool:
    """Tell whether a numbered line asks: an interrogative with its mark, or `Explain ...`."""
    head = text[:400]
    return bool(_ASKING.match(head) or _TELLING.match(head)) or head.rstrip().endswith("?")


def asks_alone(text: str) -> bool:
    """Tell whether a line without a number is one plain question; `So, why ...?` is rhetoric."""
    line = text.strip()
    return line.endswith("?") and "." not in line[:-1] and len(line) <= _QUESTION and bool(_ASKING.match(line))


def question_end(sentences: Sequence[str]) -> int:
    """Return how many of the sentences, one at least, belong to the question itself."""
    asked = 1
    while asked < len(sentences) and (sentences[asked].endswith("?") or _TELLING.match(sentences[asked])):
        asked += 1
    return asked


def is_heading(text: str) -> bool:
    """Tell whether a line that stands alone is a heading: short, or in title case, and without an end."""
    line = text.strip()[:200]
    words = line.split()
    if not words or len(words) > _HEADING_WORDS or line.endswith(_ENDS) or not (line[0].isupper() or line[0].isdigit()):
        return False
    if ": " in line or " — " in line or " - " in line or (" – " in line[:-1] and len(words) > _SHORT) or ". " in line:
        return False
    long = [word for word in words if len(word) > 3]
    titled = sum(word[0].isupper() for word in long)
    return len(words) <= _SHORT or titled * 5 >= len(long) * 3


def is_filler(text: str) -> bool:
    """Tell whether a paragraph only advertises the collection (`a popular interview question`)."""
    words = text[:400].split()
    return len(words) <= _FILLER_WORDS and not text.rstrip().endswith(":") and bool(_FILLER.search(" ".join(words)))


def is_closing(text: str) -> bool:
    """Tell whether a heading opens what comes after the questions: conclusion, comments, subscription."""
    return bool(_CLOSING.match(text))
