"""How the first words of a paragraph tell a new topic from a continued one."""

from __future__ import annotations

import re

__all__ = ["opening_weight"]

_CONTINUES = re.compile(
    r"(?:However|But|So|Then|Next|Also|Thus|Hence|Therefore|Moreover|Furthermore|Similarly|Finally|Additionally|Another|"
    r"Otherwise|Instead|Even|Now|Again|Because|These|This|Those|That|That's|They|It|It's|Its|There is a caveat|"
    r"Here|Please|Note|Keep in mind|Take note|Remember|As a result|In addition|In this|In these|Before we|The following|"
    r"The (?:main|above|same|other|first|second|key|disadvantage|advantage|difference)|You|If (?:you|we|a|the)|"
    r"When (?:you|used|compared|we|a|an|the|handling|to)|Once|After|Each|Both|Such|For (?:each|example|instance)|Whereas)\b"
)
_LABEL = re.compile(r"[A-Z][\w' -]{0,40}: ")
_DEFINES = re.compile(
    r"(?!There\b)(?:The |A |An )?[\"“]?(?:[\w.()/'-]+[\"”]? ){1,4}(?:is|are) (?:\w+ly )?(?:a|an|the|one|used|managed|defined|known)\b"
)
_GENERAL = re.compile(
    r"(?:In (?:the )?[A-Z][a-z]+|Internally|To [a-z]+|For [a-z]+ing|During|Use the|On the|One of the|"
    r"There are (?:a few|several|many|various|multiple|different))\b|[A-Z][\w-]+ (?:[\w-]+ ){0,2}(?:allows?|provides?|uses?|supports?|began|refers?|helps?)\b"
)
_ALSO = re.compile(r"[^.!?]{0,120}\b(?:also|as well|too)\b")
_EXAMPLE = re.compile(r"[^.!?]{0,40}, for (?:example|instance)\b")
_BACK = re.compile(r"[^.!?]{0,120}\b(?:this|these|such) [a-z]+|[^.!?]{0,120}\bdoing so\b")


def opening_weight(text: str) -> float:
    """Return how much a paragraph's opening speaks for a new unit: above 0 for, below 0 against."""
    label = _LABEL.match(text)
    weight = -0.5 if label else 0.0
    rest = text[label.end() :] if label else text
    if _CONTINUES.match(rest):
        weight -= 1.0
    if _DEFINES.match(rest):
        weight += 1.0
    elif _GENERAL.match(rest):
        weight += 0.6
    elif rest.startswith("The "):
        weight -= 0.4  # the definite article takes its thing for known
    if _ALSO.match(rest):
        weight -= 0.5
    if _BACK.match(rest) or _EXAMPLE.match(rest):
        weight -= 0.3
    return weight
