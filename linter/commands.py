"""The commands of `linter` beside `check`: what the rules say, why, and the keeping of facts."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from corpus import Corpus
    from linter.lazy import LazyEncoder

__all__ = ["ExitStatus", "Folders", "open_corpus", "register"]


class ExitStatus(enum.IntEnum):
    """What the exit code of `linter` means."""

    CLEAN = 0
    FOUND = 1
    ERROR = 2


Folders = Annotated[list[Path] | None, typer.Option("--corpus", help="A folder with facts/ and questions/; may be repeated.")]


def register(app: typer.Typer) -> None:
    """Give the commands of this module to the command line."""
    for command in (explain, why, rules, prove, mine, units, schema):
        app.command()(command)
    new = typer.Typer(no_args_is_help=True, help="Begin a new record.")
    new.command("fact")(new_fact)
    new.callback()(_new)
    app.add_typer(new, name="new")


def _new() -> None:
    """Begin a new record."""


def open_corpus(folders: Iterable[Path] | None) -> Corpus:
    """The built-in corpus with the folders of VIVA_CORPUS and of the command line."""
    from corpus import load_corpus, load_settings

    return load_corpus([*load_settings().corpus, *(folders or ())])


def _lazy_encoder() -> LazyEncoder:
    from linter.lazy import LazyEncoder

    return LazyEncoder()


def explain(key: Annotated[str, typer.Argument(metavar="CODE|NAME")], corpus: Folders = None) -> None:
    """Tell what a rule says, why people get it wrong, examples and sources."""
    from linter.registry import Registry

    rule = Registry(open_corpus(corpus)).get(key)
    print(f"{rule.code} {rule.name} ({rule.severity})\n\n{rule.summary}\n\nWhy it is got wrong: {rule.why}\n")
    print("Wrong:", *(f"  - {text}" for text in rule.wrong[:5]), "\nRight:", *(f"  - {text}" for text in rule.right[:6]), sep="\n")
    if rule.sources:
        print("\nSources:", *(f"  - {s.title}: {s.url}" for s in rule.sources), sep="\n")


def why(
    text: Annotated[str, typer.Argument(help="One sentence.")],
    context: Annotated[str, typer.Option(help="The heading or question it stands under.")] = "",
    corpus: Folders = None,
) -> None:
    """Tell why a sentence is reported, or why not: fact, nearest wording, signals, and the words that carry it."""
    from corpus import load_settings
    from linter.checker import FactChecker
    from linter.report.why import told
    from linter.why import reasons

    settings, encoder = load_settings(), _lazy_encoder()
    checker = FactChecker(open_corpus(corpus), encoder, settings)
    pieces = [told(found) for found in reasons(checker, encoder, text, context)]
    print("\n\n".join(pieces) if pieces else "No fact is about this sentence, or none comes near to reporting it.")


def rules(corpus: Folders = None) -> None:
    """List every rule: code, name, severity, what is true."""
    from linter.registry import Registry

    for rule in Registry(open_corpus(corpus)).rules:
        print(f"{rule.code}  {rule.severity:7}  {rule.name}: {rule.summary}")


def prove(
    keys: Annotated[list[str] | None, typer.Argument(metavar="[CODE|NAME]...", help="Facts to prove; all when none is named.")] = None,
    history: Annotated[bool, typer.Option("--history", help="Also against the old releases that the proofs are marked with.")] = False,
    corpus: Folders = None,
) -> None:
    """Run the proofs of facts against the real packages; a fact whose proof fails is switched off until it holds again."""
    from linter.proving import PROVED, prove_facts
    from linter.report.proofs import summary, told

    known = open_corpus(corpus)
    facts = [known.fact(key) for key in keys] if keys else list(known.facts)
    failed = False
    outcomes = []
    for outcome in prove_facts(known, facts, history=history):
        outcomes.append(outcome)
        failed |= outcome.state != PROVED
        print(told(outcome))
    print(summary(facts, outcomes), file=sys.stderr)
    raise SystemExit(ExitStatus.FOUND if failed else ExitStatus.CLEAN)


def units(path: Path, corpus: Folders = None) -> None:
    """Print the question-and-answer units of a document as JSON lines."""
    import json

    from linter.units import matched_units

    for row in matched_units(path, open_corpus(corpus), _lazy_encoder()):
        print(json.dumps(row, ensure_ascii=False))


def schema(kind: Annotated[str, typer.Argument(help="facts, questions, wordings or answers")]) -> None:
    """Print the JSON Schema of a data file, for editors."""
    import json

    from corpus.load import schemas

    known = schemas()
    if kind not in known:
        raise usage(f"No schema {kind!r}; there are {', '.join(known)}.")
    print(json.dumps(known[kind], indent=1))


def mine(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    limit: Annotated[int, typer.Option(min=1, help="How many to show.")] = 50,
    corpus: Folders = None,
) -> None:
    """List claims that no fact covers, most frequent first: candidates for new facts."""
    from corpus.text import read_document
    from linter.engine import find_files
    from linter.mine import mine as found_in

    documents = (read_document(path, shown) for path, shown in find_files(paths))
    for one in found_in(documents, open_corpus(corpus), _lazy_encoder())[:limit]:
        more = f" and {len(one.places) - 3} more" if len(one.places) > 3 else ""
        print(f"{len(one.places):4}  {one.text}\n      {', '.join(one.places[:3])}{more}")


def new_fact(
    area: Annotated[str, typer.Argument(help="Letters of the code, such as FLK; the next free number is taken.")],
    name: Annotated[str, typer.Argument(help="What is true, in lower-case words joined by hyphens.")],
    corpus: Folders = None,
) -> None:
    """Print the skeleton of a new fact; add it to a file of facts/ and fill it in."""
    from linter.skeleton import skeleton

    sys.stdout.write(skeleton(open_corpus(corpus), area, name))


def usage(message: str) -> SystemExit:
    """One line on standard error, and the exit of a wrong call."""
    print(f"linter: {message}", file=sys.stderr)
    return SystemExit(ExitStatus.ERROR)
