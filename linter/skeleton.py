"""The skeleton of a new fact: every field in order, with what belongs into it."""

from __future__ import annotations

import re

from corpus import Corpus
from linter.errors import SkeletonError

__all__ = ["skeleton"]

_TEMPLATE = """\
- code: {code}
  name: {name}
  statement: TODO one atomic true sentence.
  severity: error                     # error | warning | info
  applies_to: {{package: TODO, versions: ">=1.0"}}   # package: none for HTTP and the like
  history: []                         # - {{versions: "<2.0", statement: what was true then}}
  terms: [TODO]                       # lower-case words or stems, one of which stands in every sentence about the matter
  true_wordings:                      # at least 6, as different from each other as people are
{six_true}
  false_wordings:                     # at least 6: the misconception as people write it
{six_false}
  near_misses:                        # at least 3 true sentences that look false: another subject, an extension, a refuted myth
{three}
  explanation: TODO why people believe it.
  sources:
    - {{title: TODO, section: TODO, url: "https://", version: ""}}
  proof: {{none: "TODO why no program can show it, or corpus/proofs/test_....py::test_..."}}
"""


def skeleton(corpus: Corpus, area: str, name: str) -> str:
    """YAML of a new fact in `area` (such as FLK) under the next free code.

    Raises:
        SkeletonError: no area of two to four letters, no name in the form `what-is-true`, or a name that is taken.
    """
    area = area.strip().upper()
    if not re.fullmatch(r"[A-Z]{2,4}", area):
        raise SkeletonError(f"{area!r} is no area: two to four letters such as FLK")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", name):
        raise SkeletonError(f"{name!r} is no name: lower-case words joined by hyphens, such as session-cookie-client-side")
    if any(fact.name == name for fact in corpus.facts):
        raise SkeletonError(f"the name {name!r} is taken")
    numbers = [int(fact.code[len(area) :]) for fact in corpus.facts if re.fullmatch(rf"{area}\d+", fact.code)]
    if max(numbers, default=0) >= 999:
        raise SkeletonError(f"{area} has no free number left; begin another area")

    def lines(count: int) -> str:
        return "\n".join(f"    - TODO {n}" for n in range(1, count + 1))

    code = f"{area}{max(numbers, default=0) + 1:03d}"
    return _TEMPLATE.format(code=code, name=name, six_true=lines(6), six_false=lines(6), three=lines(3))
