"""All rules by code and name, and the choice among them: codes, names and prefixes as in ruff."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from corpus import Corpus
from linter.errors import UnknownRuleError
from linter.rule import RuleInfo, rule_of
from linter.rules import CLAIM_RULES, DOCUMENT_RULES
from linter.rules.manuals import MANUAL_RULES, OTHERWISE
from linter.suppress import UNUSED

__all__ = ["OFF", "Registry"]

OFF = frozenset({OTHERWISE.code})  # unless selected: right too seldom to speak unasked


class Registry:
    """The rules of a corpus, ordered by code."""

    def __init__(self, corpus: Corpus) -> None:
        rules = [
            *(rule_of(fact) for fact in corpus.facts),
            *(rule.info for rule in DOCUMENT_RULES),
            *(rule.info for rule in CLAIM_RULES),
            *MANUAL_RULES,
            UNUSED,
        ]
        self.rules = tuple(sorted(rules, key=lambda rule: rule.code))

    def get(self, key: str) -> RuleInfo:
        """The rule with this code or name, in any case; UnknownRuleError names the near ones."""
        for rule in self.rules:
            if key.casefold() in (rule.code.casefold(), rule.name.casefold()):
                return rule
        raise UnknownRuleError(key, self._near(key))

    def select(self, select: Sequence[str] = (), ignore: Sequence[str] = (), extend: Sequence[str] = ()) -> frozenset[str]:
        """Codes switched on: `select` (all but OFF when empty) and `extend`, less `ignore`; the longer selector wins, as in ruff."""
        on = {rule.code: (0 if not select else -1) for rule in self.rules}
        chosen = {code: not select and code not in OFF for code in on}
        for selectors, state in (((*select, *extend), True), (ignore, False)):
            for selector in selectors:
                length = 0 if selector.upper() == "ALL" else len(selector)
                for code in self._matching(selector):
                    if state and length == 0 and code in OFF:
                        continue  # ALL is all that speaks unasked
                    if length >= on[code]:
                        on[code], chosen[code] = length, state
        return frozenset(code for code, state in chosen.items() if state)

    def _matching(self, selector: str) -> list[str]:
        if selector.upper() == "ALL":
            return [rule.code for rule in self.rules]
        found = [r.code for r in self.rules if r.code.startswith(selector.upper()) or r.name == selector.lower()]
        if not selector or not found:
            raise UnknownRuleError(selector, self._near(selector))
        return found

    def _near(self, key: str) -> tuple[str, ...]:
        keys = {k.casefold(): k for r in self.rules for k in (r.code, r.name)}
        return tuple(keys[k] for k in difflib.get_close_matches(key.casefold()[:80], list(keys), n=3, cutoff=0.5))
