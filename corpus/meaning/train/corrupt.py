"""Turn a true sentence into a false one that looks like it, or into another true one: pairs that need no annotator.

Every change is small and made on both sides of the truth: negations go in and come out, words are exchanged in
sentences that stay true, so that no surface cue gives the label away.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

__all__ = ["NAME", "TRICKS", "corruptions", "lowered", "myths", "rewordings"]

_OPPOSITES = """
before/after first/last client/server request/response get/post synchronous/asynchronous global/local read/write start/stop
increase/decrease required/optional automatically/manually encode/decode encrypted/unencrypted thread/process enabled/disabled
enable/disable include/exclude includes/excludes older/newer earlier/later built-in/third-party public/private safe/unsafe
allowed/forbidden allow/forbid allows/prevents input/output mutable/immutable static/dynamic temporary/permanent always/never
inside/outside upper/lower ascending/descending left/right add/remove adds/removes added/removed adding/removing open/close
opens/closes create/delete creates/deletes created/deleted most/few more/less faster/slower larger/smaller higher/lower longer/shorter
minimum/maximum same/different success/failure valid/invalid true/false explicit/implicit explicitly/implicitly relative/absolute
parent/child sender/receiver accept/reject accepts/rejects single/multiple easy/difficult enter/leave load/save possible/impossible
development/production encoding/decoding header/body cookie/database stateless/stateful ignored/respected ignores/respects
present/absent known/unknown trusted/untrusted cached/uncached blocking/non-blocking lazy/eager lazily/eagerly
beginning/end top/bottom many/few full/empty internal/external with/without
""".split()
_OPPOSITE = {a: b for pair in _OPPOSITES for a, b in (pair.split("/"), reversed(pair.split("/")))}

_SYNONYMS = """
use/employ uses/employs used/employed make/create allow/permit allows/permits return/give returns/gives contain/hold contains/holds
show/display needs/requires need/require begins/starts ends/finishes get/obtain usually/normally often/frequently also/additionally
method/function developer/programmer easy/simple quick/fast big/large keep/retain keeps/retains stored/kept store/keep sends/transmits
send/transmit called/invoked call/invoke run/execute runs/executes change/modify changes/modifies error/failure
however/yet therefore/hence such/these several/multiple inside/within webpage/page provides/offers provide/offer
""".split()
_SYNONYM = {a: b for pair in _SYNONYMS for a, b in (pair.split("/"), reversed(pair.split("/")))}

_DENY = {
    r"\bis\b(?! not)": "is not", r"\bare\b(?! not)": "are not", r"\bwas\b(?! not)": "was not", r"\bcan\b(?!not| not)": "cannot",
    r"\bwill\b(?! not)": "will not", r"\bmust\b(?! not)": "need not", r"\bshould\b(?! not)": "should not", r"\bhas to\b": "does not have to",
    r"\bhave to\b": "do not have to", r"\bmay\b(?! not)": "can never", r"\bdoes\b(?! not)": "does not", r"\bdo\b(?! not)": "do not",
    r"\bhas\b(?! not| to)": "has no", r"\bneeds to\b": "does not need to",
}  # fmt: skip
_ASSERT = {
    r"\bis not\b|\bisn't\b": "is", r"\bare not\b|\baren't\b": "are", r"\bcannot\b|\bcan't\b|\bcan not\b": "can", r"\bwill not\b|\bwon't\b": "will",
    r"\bdoes not\b|\bdoesn't\b": "does", r"\bdo not\b|\bdon't\b": "do", r"\bshould not\b|\bshouldn't\b": "should", r"\bmust not\b": "may",
    r"\bhas no\b": "has", r"\bwas not\b|\bwasn't\b": "was", r"\bnever\b": "always", r"\bno longer\b": "still", r"\bthere is no\b": "there is a",
}  # fmt: skip
_CONTRACT = {"does not": "doesn't", "do not": "don't", "is not": "isn't", "are not": "aren't", "cannot": "can't", "will not": "won't"}
_VERB = re.compile(
    r"\b(returns|stores|keeps|uses|sends|calls|creates|raises|supports|provides|allows|includes|requires|adds|sets|handles|runs|loads"
    r"|contains|accepts|makes|takes|gives|works|means|applies|checks|starts|reads|writes|renders|protects|prevents|encrypts|signs)\b"
)
_QUANTIFIERS = {"all": "some", "every": "no", "each": "no", "any": "no", "some": "no", "none": "all", "no": "every", "both": "neither of",
                "only": "not only", "at least": "at most", "at most": "at least", "exactly": "at least", "most": "few"}  # fmt: skip
_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)*(?![\w])")
NAME = re.compile(
    r"\b(?:[A-Z][a-z]+(?:[A-Z]\w+)+|[a-z]+_\w+(?:\(\))?|(?!(?:NOT|MUST|DO|SURE|AND|OR|IS|NO|ALL|THE)\b)[A-Z]{2,}(?:_[A-Z]+)*|[A-Z][a-z]+-[A-Z]\w+|\w+\(\))(?!\w)"
)
_NAMES = frozenset("Flask Django Python Jinja Werkzeug Celery Gunicorn Redis Docker I".split())
_SCOPES = (("by default", "only when switched on"), ("automatically", "only on request"), ("when", "unless"), ("if", "unless"),
           ("instead of", "together with"), ("rather than", "as well as"))  # fmt: skip


def _choose(rng: np.random.Generator, found: Sequence[str]) -> str | None:
    return _one_of(rng, found) if found else None


def _one_of(rng: np.random.Generator, found: Sequence[str]) -> str:
    return found[int(rng.integers(len(found)))]


def _put(match: re.Match[str], text: str, new: str) -> str:
    if match.group()[:1].isupper() and not new[:1].isupper():
        new = new[:1].upper() + new[1:]
    return text[: match.start()] + new + text[match.end() :]


def _by_patterns(text: str, table: dict[str, str]) -> list[str]:
    return [_put(m, text, new) for pattern, new in table.items() for m in list(re.finditer(pattern, text))[:1]]


def _negated(text: str, rng: np.random.Generator, names: Sequence[str]) -> str | None:
    taken = _by_patterns(text, _ASSERT)
    if taken and rng.random() < 0.7:
        return _choose(rng, taken)
    given = _by_patterns(text, _DENY)
    verb = _VERB.search(text)
    if verb:
        given.append(_put(verb, text, "does not " + _base(verb.group())))
        if rng.random() < 0.3:
            given.append(_put(verb, text, "never " + verb.group()))
    return _choose(rng, given)


def _base(verb: str) -> str:
    if verb == "applies":
        return "apply"
    return verb[:-1]


def _word_swapped(table: dict[str, str]) -> Callable[[str, np.random.Generator, Sequence[str]], str | None]:
    pattern = re.compile(r"\b(" + "|".join(sorted(map(re.escape, table), key=len, reverse=True)) + r")\b", re.IGNORECASE)

    def swapped(text: str, rng: np.random.Generator, names: Sequence[str]) -> str | None:
        found = []
        for match in pattern.finditer(text):
            new = table[match.group().lower()]
            found.append(_put(match, text, new.upper() if match.group().isupper() and len(match.group()) > 1 else new))
        return _choose(rng, found)

    return swapped


def _renumbered(text: str, rng: np.random.Generator, names: Sequence[str]) -> str | None:
    matches = list(_NUMBER.finditer(text))
    if not matches:
        return None
    match = matches[int(rng.integers(len(matches)))]
    digits = match.group().split(".")
    place = int(rng.integers(len(digits)))
    value = int(digits[place][:6])
    digits[place] = str(max(0, value + int(rng.choice([-3, -2, -1, 1, 2, 3, 10, 100])) or value + 5))
    new = ".".join(digits)
    return _put(match, text, new) if new != match.group() else None


def _renamed(text: str, rng: np.random.Generator, names: Sequence[str]) -> str | None:
    matches = list(NAME.finditer(text))
    if not matches or not names:
        return None
    match = matches[int(rng.integers(len(matches)))]
    shape = _shape(match.group())
    others = [n for n in (names[int(i)] for i in rng.integers(len(names), size=60)) if _shape(n) == shape and n not in text]
    return text.replace(match.group(), others[0]) if others else None


def _shape(name: str) -> tuple[bool, bool, bool, bool]:
    return name.endswith("()"), "_" in name, name.isupper(), "-" in name


def _roles_swapped(text: str, rng: np.random.Generator, names: Sequence[str]) -> str | None:
    found = list(dict.fromkeys(m.group() for m in NAME.finditer(text)))
    for joint in (" instead of ", " rather than ", " but not ", " and not ", " before ", " after ", " than "):
        if joint in text:
            left, right = text.split(joint, 1)
            ends, starts = left.split(), re.split(r"([,.;)]| and | or )", right, maxsplit=1)
            tail = "".join(starts[1:])
            if ends and len(starts[0].split()) <= 3:
                return f"{' '.join(ends[:-1])} {starts[0]}{joint}{ends[-1]}{tail}".strip()
    if len(found) < 2:
        return None
    a, b = found[0], found[1]
    if a in b or b in a:
        return None
    return text.replace(a, "\0").replace(b, a).replace("\0", b)


def _rescoped(text: str, rng: np.random.Generator, names: Sequence[str]) -> str | None:
    found = []
    for a, b in _SCOPES:
        match = re.search(rf"\b{a}\b", text, re.IGNORECASE)
        if match:
            found.append(_put(match, text, b))
    return _choose(rng, found)


# name -> a function (text, rng, names) that returns the changed sentence, or None where it finds nothing to change
TRICKS: dict[str, Callable[[str, np.random.Generator, Sequence[str]], str | None]] = {
    "negation": _negated,
    "antonym": _word_swapped(_OPPOSITE),
    "number": _renumbered,
    "name": _renamed,
    "swap": _roles_swapped,
    "quantifier": _word_swapped(_QUANTIFIERS),
    "scope": _rescoped,
}


def corruptions(text: str, rng: np.random.Generator, names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield (trick, false sentence) in random order, each at most once; `names` are identifiers of the field."""
    for index in rng.permutation(len(TRICKS)):
        trick = list(TRICKS)[int(index)]
        changed = TRICKS[trick](text, rng, names)
        if changed and changed != text:
            yield trick, changed


_synonymous = _word_swapped(_SYNONYM)
_ASIDE = re.compile(r"\s\([^()]{3,60}\)")


def rewordings(text: str, rng: np.random.Generator) -> list[str]:
    """Return other sentences that say the same: synonyms, contraction, order of clauses, asides dropped, harmless frames."""
    found = []
    one = _synonymous(text, rng, ())
    if one:
        two = _synonymous(one, rng, ())
        found.append(two if two and two != text else one)
    for long, short in _CONTRACT.items():
        if long in text:
            found.append(text.replace(long, short))
        elif short in text:
            found.append(text.replace(short, long))
    if _ASIDE.search(text):
        found.append(_ASIDE.sub("", text))
    turned = re.match(r"^(If|When|Once) ([^,]{8,80}), (.{8,120})\.$", text)
    if turned:
        found.append(f"{turned[3][:1].upper()}{turned[3][1:]} {turned[1].lower()} {turned[2]}.")
    frame = _one_of(rng, ("Note that {}", "It is the case that {}", "As far as I know, {}", "In other words, {}", "so basically {}",
                          "It is not wrong to say that {}", "nobody doubts that {}", "{}, as the manual says"))  # fmt: skip
    found.append(frame.format(lowered(text) if not frame.startswith("{") else text.rstrip(".")))
    return found


_REFUTED = ("It is a myth that {}", "It is wrong to say that {}", "Many people think that {}, but this is not so.", "{}? No, that is a misconception.",
            "It isn't true that {}", "Contrary to what some say, it is not the case that {}", "I used to believe that {}; I was wrong.")  # fmt: skip
_ENDORSED = ("Many people think that {}, and they are right.", "Some doubt it, yet {}", "{}? Yes, exactly.", "It is often overlooked that {}",
             "Contrary to what some say, {}", "I used to doubt it, but {}")  # fmt: skip
_ASKED = ("Is it true that {}?", "Why do some say that {}?", "Explain whether {}.", "What would happen if {}?")


def myths(text: str, rng: np.random.Generator) -> dict[str, str]:
    """Return three frames around a sentence: `denied`, `affirmed`, `asked`."""
    inner = lowered(text).rstrip(". ")
    frames = {"denied": _REFUTED, "affirmed": _ENDORSED, "asked": _ASKED}
    return {name: _one_of(rng, options).format(inner) for name, options in frames.items()}


def lowered(text: str) -> str:
    """`text` as it stands within a sentence: with a small first letter, unless it is that of a name."""
    first = re.split(r"\W", text, maxsplit=1)[0]
    return text if first in _NAMES or first[1:] != first[1:].lower() or NAME.match(text) else text[:1].lower() + text[1:]
