"""`python -m linter.docs`: one page a rule in docs/rules, made from its record, and an index. `make docs` writes them, a test finds stale ones."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from corpus import Corpus, Fact, load_corpus
from linter.registry import OFF, Registry
from linter.rule import RuleInfo
from linter.rules.manuals import MOVED

__all__ = ["main", "pages"]

FOLDER = Path("docs") / "rules"
_SHOWN = 6  # examples of each kind on a page


def main() -> int:
    """Write the pages that changed and remove those of rules that are gone."""
    made = dict(pages(load_corpus()))
    FOLDER.mkdir(parents=True, exist_ok=True)
    for stale in (p for p in FOLDER.glob("*.md") if p.name not in made):
        stale.unlink()
    changed = [name for name, text in made.items() if not (FOLDER / name).is_file() or (FOLDER / name).read_text("utf-8") != text]
    for name in changed:
        (FOLDER / name).write_text(made[name], "utf-8")
    sys.stdout.write(f"{len(made)} pages, {len(changed)} written.\n")
    return 0


def pages(corpus: Corpus) -> Iterator[tuple[str, str]]:
    """(file name, text) of every page; the index is README.md."""
    facts = {fact.code: fact for fact in corpus.facts}
    rules = Registry(corpus).rules
    rows = [f"| [{r.code}]({r.code}.md) | {r.name} | {r.severity} | {_cell(r.summary)} |" for r in rules]
    head = f"# Rules\n\nMade by `make docs` from the records: {len(rules)} rules, {len(facts)} of them facts.\n\n"
    yield "README.md", head + "| code | name | severity | what is true, or asked for |\n|---|---|---|---|\n" + "\n".join(rows) + "\n"
    for rule in rules:
        yield f"{rule.code}.md", "\n\n".join(_parts(rule, facts.get(rule.code))) + "\n"


def _parts(rule: RuleInfo, fact: Fact | None) -> Iterator[str]:
    yield f"# {rule.code}: {rule.name}"
    yield f"**{rule.summary}**"
    yield f"Severity: {rule.severity}. {_switch(rule)}"
    yield f"## Why it is got wrong\n\n{rule.why}"
    yield "## Wrong\n\n" + _list(rule.wrong[:_SHOWN])
    yield "## Right\n\n" + _list((*fact.true_wordings[:_SHOWN], *fact.near_misses[:_SHOWN]) if fact else rule.right)
    if fact:
        yield "## Since\n\n" + _since(fact)
        yield "## Proof\n\n" + (f"`{fact.proof}`, run by `linter prove {fact.code}`." if isinstance(fact.proof, str) else fact.proof.none)
    if rule.sources:
        yield "## Sources\n\n" + _list([f"[{s.title}]({s.url})" for s in rule.sources])


def _switch(rule: RuleInfo) -> str:
    if rule.code == MOVED.code:
        return "Told by `linter manuals check`; `linter check` does not run it."
    by_default = (
        f"Off unless asked for with `--extend-select {rule.code}`." if rule.code in OFF else f"Switch it off with `--ignore {rule.code}`."
    )
    return f"{by_default} Silence one place with `viva: ignore[{rule.code}] reason`."


def _since(fact: Fact) -> str:
    applies = fact.applies_to
    if applies.package == "none":
        return "It belongs to no package's version."
    first = f"Holds for {applies.package}{'' if applies.versions == '*' else ' ' + applies.versions}."
    return "\n".join([first, *(f"- {past.versions}: {past.statement}" for past in fact.history)])


def _list(rows: tuple[str, ...] | list[str]) -> str:
    return "\n".join("- " + " ".join(row.split()) for row in rows)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    raise SystemExit(main())
