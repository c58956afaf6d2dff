"""The commands of `linter` beside `check`: what the rules say, why, and the keeping of facts."""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from corpus import Corpus, Fact
    from linter.lazy import LazyEncoder
    from linter.manuals import ManualIndex

__all__ = ["ExitStatus", "Folders", "open_corpus", "register"]


class ExitStatus(enum.IntEnum):
    """What the exit code of `linter` means."""

    CLEAN = 0
    FOUND = 1
    ERROR = 2


Folders = Annotated[list[Path] | None, typer.Option("--corpus", help="A folder with facts/ and questions/; may be repeated.")]


def register(app: typer.Typer) -> None:
    """Give the commands of this module to the command line."""
    for command in (explain, why, rules, prove, mine, units, schema, stale):
        app.command()(command)
    new = typer.Typer(no_args_is_help=True, help="Begin a new record.")
    new.command("fact")(new_fact)
    new.callback()(_new)
    app.add_typer(new, name="new")
    manuals = typer.Typer(no_args_is_help=True, help="Manuals of packages, indexed below the cache folder as evidence.")
    for name, manual_command in (("add", add_manuals), ("list", list_manuals), ("remove", remove_manuals), ("check", check_manuals)):
        manuals.command(name)(manual_command)
    app.add_typer(manuals, name="manuals")


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

    known = open_corpus(corpus)
    rule = Registry(known).get(key)
    print(f"{rule.code} {rule.name} ({rule.severity})\n\n{rule.summary}\n\nWhy it is got wrong: {rule.why}\n")
    print("Wrong:", *(f"  - {text}" for text in rule.wrong[:5]), "\nRight:", *(f"  - {text}" for text in rule.right[:6]), sep="\n")
    if rule.sources:
        print("\nSources:", *(f"  - {s.title}: {s.url}" for s in rule.sources), sep="\n")
    fact = next((fact for fact in known.facts if fact.code == rule.code), None)
    if fact is not None:
        _print_evidence(fact)


def _print_evidence(fact: Fact) -> None:
    """Where the manual is indexed, its passage next to the fact; a damaged index must not keep the rule from being explained."""
    from linter.errors import ManualError
    from linter.manuals import nearest
    from linter.report.manuals import evidence

    try:
        found = nearest(fact, fact.applies_to.package, _manuals(), _lazy_encoder())
    except ManualError as error:
        print(f"linter: {error}", file=sys.stderr)
        return
    if found is not None:
        print(f"\n{evidence(found)}")


def _manuals() -> ManualIndex:
    from corpus import load_settings
    from linter.manuals import ManualIndex

    return ManualIndex(load_settings().cache)


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


def schema(kind: Annotated[str, typer.Argument(help="facts, questions, wordings, answers, edits, twins or plain")]) -> None:
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


def add_manuals(
    requirements: Annotated[
        list[str], typer.Argument(metavar="REQUIREMENT...", help="NAME==VERSION, or the path of a source distribution.")
    ],
) -> None:
    """Fetch source distributions, read their documentation and index it; no code of them runs."""
    from linter.manuals import obtain

    index, encoder = _manuals(), _lazy_encoder()
    for requirement in requirements:
        manual = obtain(requirement)
        shown = sys.stderr.isatty()

        def progress(done: int, total: int, label: str = manual.label, shown: bool = shown) -> None:
            if shown:
                print(f"\r{label}: {done} of {total} sentences", end="\n" if done == total else "", file=sys.stderr, flush=True)

        index.add(manual, encoder, progress)
        print(f"{manual.name}=={manual.version}: {len(manual.passages)} sentences of {len(manual.pages)} pages.")


def list_manuals() -> None:
    """List the indexed manuals and their sizes."""
    from linter.report.manuals import listed

    for name, version, size in _manuals().names():
        print(listed(name, version, size))


def remove_manuals(
    names: Annotated[list[str], typer.Argument(metavar="NAME...", help="NAME for all its releases, or NAME==VERSION.")],
) -> None:
    """Forget indexed manuals."""
    from linter.manuals import parse_release

    index = _manuals()
    for given in names:
        name, version = parse_release(given) if "==" in given else (given, None)
        gone = index.remove(name, version)
        if not gone:
            raise usage(f"No manual of {given} is indexed; `linter manuals list` shows which are.")
        print(f"Removed {', '.join(f'{name} {one}' for one in gone)}.")


def check_manuals(
    keys: Annotated[list[str] | None, typer.Argument(metavar="[CODE|NAME]...", help="Facts to check; all when none is named.")] = None,
    corpus: Folders = None,
) -> None:
    """Look up every source of the facts in the indexed manuals; one that is not where it should be is MAN001."""
    from linter.manuals import Tally, check_sources
    from linter.report.manuals import problem

    known, index, tally = open_corpus(corpus), _manuals(), Tally()
    releases = index.names()
    if not releases:
        raise usage("No manual is indexed; `linter manuals add flask==3.1.2` adds one.")
    facts = [known.fact(key) for key in keys] if keys else list(known.facts)
    places = {located.record.code: located.place for located in known.located_facts}
    found = list(check_sources(facts, [index.load(name, version).manual for name, version, _ in releases], tally))
    for one in found:
        print(problem(places[one.fact.code], one))
    covered = f"{tally.checked} sources looked up, {tally.uncovered} of sites or versions that are not indexed"
    print(f"{covered}; {len(found)} do not lead where they say.", file=sys.stderr)
    raise SystemExit(ExitStatus.FOUND if found else ExitStatus.CLEAN)


def stale(
    old: Annotated[list[str], typer.Option("--from", metavar="NAME==VERSION", help="The release the facts were written for.")],
    new: Annotated[list[str], typer.Option("--to", metavar="NAME==VERSION", help="The release to compare with; one for each --from.")],
    corpus: Folders = None,
) -> None:
    """List facts whose passages in the manual changed between two indexed releases, with the old and the new words."""
    from linter.manuals import parse_release, stale_facts
    from linter.report.manuals import stale as told

    index, encoder = _manuals(), _lazy_encoder()
    before, after = dict(map(parse_release, old)), dict(map(parse_release, new))
    if before.keys() != after.keys():
        raise usage(
            f"--from and --to must name the same packages; {', '.join(sorted(before.keys() ^ after.keys()))} is named on one side alone."
        )
    facts = open_corpus(corpus).facts
    count = 0
    for name, version in before.items():
        was, now = (index.load(name, index.resolve(name, one)) for one in (version, after[name]))
        for found in stale_facts(facts, was, now, encoder):
            count += 1
            print(told(found), end="\n\n")
    print(f"{count} facts to look at again.", file=sys.stderr)
    raise SystemExit(ExitStatus.FOUND if count else ExitStatus.CLEAN)


def usage(message: str) -> SystemExit:
    """One line on standard error, and the exit of a wrong call."""
    print(f"linter: {message}", file=sys.stderr)
    return SystemExit(ExitStatus.ERROR)
