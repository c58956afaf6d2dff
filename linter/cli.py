"""The command `linter`: parse, call, render. Exit 0 nothing found, 1 something found, 2 called wrongly or unreadable input."""

from __future__ import annotations

import enum
import io
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from linter import commands
from linter.commands import ExitStatus, Folders, open_corpus

if TYPE_CHECKING:
    from corpus.text import Document
    from linter.engine import Engine, Problem, Result
    from linter.registry import Registry
    from linter.rule import RuleInfo
    from linter.targets import Targets

__all__ = ["ExitStatus", "app", "main"]

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help="Is this text true?")


class FormatName(enum.StrEnum):
    """How `check` tells its findings."""

    text = "text"
    concise = "concise"
    json = "json"
    jsonl = "jsonl"
    sarif = "sarif"
    github = "github"
    gitlab = "gitlab"
    junit = "junit"
    rdjson = "rdjson"


class FailOn(enum.StrEnum):
    """The least severity that makes `check` exit 1."""

    error = "error"
    warning = "warning"
    info = "info"


Targeted = Annotated[list[str] | None, typer.Option(help="A version the text is about, such as flask==2.2; may be repeated.")]
Codes = Annotated[list[str] | None, typer.Option(help="Codes, names or prefixes, comma-separated; may be repeated.")]


@app.command()
def check(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders (.txt, .md, .yaml); `-` is standard input.")],
    style: Annotated[FormatName, typer.Option("--format", help="How to tell it.")] = FormatName.text,
    select: Codes = None,
    ignore: Codes = None,
    extend_select: Codes = None,
    corpus: Folders = None,
    fail_on: Annotated[FailOn, typer.Option("--fail-on", help="Least severity that makes the exit code 1.")] = FailOn.warning,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit 0 even where something was found.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Judge every text anew.")] = False,
    statistics: Annotated[bool, typer.Option("--statistics", help="Count the findings by rule.")] = False,
    target: Targeted = None,
    baseline: Annotated[
        Path | None, typer.Option(help="A file of known findings, written by `linter baseline`: they are not told again.")
    ] = None,
    stdin_filename: Annotated[str, typer.Option("--stdin-filename", help="The path to show for standard input.")] = "<stdin>",
) -> None:
    """Report false statements at their exact words, with the truth and its source."""
    from linter.baseline import Baseline, read_baseline
    from linter.finding import SEVERITIES
    from linter.report import FORMATS

    registry, engine = _engine(corpus, select, ignore, extend_select, _targets(target, paths), use_cache=not no_cache)
    known = read_baseline(baseline) if baseline else Baseline()
    problems: list[Problem] = []
    worst, counts = -1, dict[str, int]()

    def results() -> Iterator[Result]:
        nonlocal worst
        for checked in _results(engine, paths, stdin_filename, problems):
            result = replace(checked, findings=known.new(checked.document, checked.findings))
            for finding in result.findings:
                worst = max(worst, SEVERITIES[finding.severity])
                counts[finding.code] = counts.get(finding.code, 0) + 1
            yield result

    rules = {rule.code: rule for rule in registry.rules}
    pieces = FORMATS[style.value](results(), rules)
    for piece in [] if statistics and style.value == "text" else pieces:
        sys.stdout.write(piece)
    if statistics:
        for _ in pieces:  # the count needs every finding, shown or not
            pass
        _print_counts(counts, rules, sys.stdout if style is FormatName.text else sys.stderr)
    elif style.value in ("text", "concise"):
        total = sum(counts.values())
        if total or not problems:
            print(f"{total} finding{'s' * (total != 1)}." if total else "Nothing found.", file=sys.stderr)
    if known.stale:
        print(f"linter: {known.stale} of the baseline's findings are gone; write it anew with `linter baseline`.", file=sys.stderr)
    for code, reason in engine.disabled.items():
        print(f"linter: {code} is off, its proof fails: {reason}", file=sys.stderr)
    for problem in problems:
        print(f"linter: {problem.message}", file=sys.stderr)
    if problems:
        raise SystemExit(ExitStatus.ERROR)
    found = worst >= SEVERITIES[fail_on.value] and not exit_zero
    raise SystemExit(ExitStatus.FOUND if found else ExitStatus.CLEAN)


@app.command("baseline")
def write_known(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    output: Annotated[Path, typer.Option(help="Where to write it.")] = Path("viva-baseline.json"),
    corpus: Folders = None,
    target: Targeted = None,
) -> None:
    """Write what is found now as known, so that `check --baseline FILE` tells only what is new."""
    from linter.baseline import write_baseline

    _, engine = _engine(corpus, None, None, None, _targets(target, paths), use_cache=True)
    problems: list[Problem] = []
    count = write_baseline(output, ((r.document, r.findings) for r in _results(engine, paths, "<stdin>", problems)))
    print(f"{output}: {count} findings.", file=sys.stderr)
    for problem in problems:
        print(f"linter: {problem.message}", file=sys.stderr)
    raise SystemExit(ExitStatus.ERROR if problems else ExitStatus.CLEAN)


@app.command("suppress")
def write_marks(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
    reason: Annotated[str, typer.Option(help="Why these findings may stand; it is written beside each.")] = "",
    select: Codes = None,
    ignore: Codes = None,
    extend_select: Codes = None,
    corpus: Folders = None,
    target: Targeted = None,
) -> None:
    """Write `viva: ignore[CODE]` into a comment beside each finding, and take out the marks that suppress nothing."""
    from linter.marking import mark_files

    if Path("-") in paths:
        raise commands.usage("suppress rewrites files; standard input is none.")
    _, engine = _engine(corpus, select, ignore, extend_select, _targets(target, paths), use_cache=True)
    problems: list[Problem] = []
    added = removed = 0
    left: list[str] = []
    for document, marked in mark_files(((r.document, r.findings) for r in _results(engine, paths, "", problems)), reason):
        added, removed = added + marked.added, removed + marked.removed
        left += [f"{document.path}:{document.position(f.span.start).line}: {f.code}" for f in marked.left]
    print(f"Findings suppressed: {added}. Marks taken out that suppressed nothing: {removed}.", file=sys.stderr)
    for place in left:
        print(f"linter: {place} has no place for a comment; `linter baseline` keeps it as known.", file=sys.stderr)
    for problem in problems:
        print(f"linter: {problem.message}", file=sys.stderr)
    raise SystemExit(ExitStatus.ERROR if problems else ExitStatus.FOUND if left else ExitStatus.CLEAN)


commands.register(app)


def main() -> None:
    """Entry point: every error of ours is one clear line and exit 2; a closed pipe is no error."""
    from corpus import CorpusError
    from linter.errors import LinterError

    for stream in (sys.stdout, sys.stderr):  # the same bytes whatever the locale
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app()
    except (CorpusError, LinterError) as error:
        print(f"linter: {error}", file=sys.stderr)
        raise SystemExit(ExitStatus.ERROR) from None
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(ExitStatus.CLEAN) from None


def _engine(
    folders: list[Path] | None,
    select: list[str] | None,
    ignore: list[str] | None,
    extend: list[str] | None,
    targets: Targets,
    *,
    use_cache: bool,
) -> tuple[Registry, Engine]:
    from corpus import load_settings
    from linter.cache import FindingsCache
    from linter.checker import FactChecker
    from linter.engine import Engine
    from linter.lazy import LazyEncoder
    from linter.registry import Registry
    from linter.rules.manuals import OTHERWISE
    from linter.targets import off

    settings = load_settings()
    corpus = open_corpus(folders)
    registry = Registry(corpus)
    active = registry.select(_split(select), _split(ignore), _split(extend)) - off(corpus.facts, targets)
    encoder, stance, witness = LazyEncoder(settings), None, None
    if OTHERWISE.code in active:  # no other run pays for these imports
        from corpus.meaning import load_stance
        from linter.manuals import ManualIndex, ManualWitness

        index = ManualIndex(settings.cache)
        index.require(OTHERWISE.code)  # the error before any model
        stance = load_stance(settings)
        witness = ManualWitness(index, encoder, stance)
    cache = FindingsCache(settings.cache, corpus, settings.model) if use_cache and witness is None else None
    return registry, Engine(corpus, FactChecker(corpus, encoder, settings, stance), active, cache, witness)


def _targets(given: list[str] | None, paths: list[Path]) -> Targets:
    """The versions asked for, or else what the linted folders pin; the user is told where those come from."""
    from linter.targets import parse_targets, pinned_near

    if given:
        return parse_targets(given)
    found, files = pinned_near(paths)
    if files:
        print(f"linter: for the versions pinned in {', '.join(map(str, files))}; --target says otherwise.", file=sys.stderr)
    return found


def _results(engine: Engine, paths: list[Path], stdin_filename: str, problems: list[Problem]) -> Iterator[Result]:
    from corpus import CorpusError
    from linter.engine import Problem

    files = [p for p in paths if str(p) != "-"]
    if len(files) < len(paths):
        try:
            yield engine.check(_stdin(stdin_filename))
        except CorpusError as error:
            problems.append(Problem(str(error)))
    for result in engine.check_paths(files):
        if isinstance(result, Problem):
            problems.append(result)
        else:
            yield result


def _stdin(shown: str) -> Document:
    from corpus.text.document import MAX_BYTES, document_of

    return document_of(sys.stdin.buffer.read(MAX_BYTES + 1), shown)


def _print_counts(counts: dict[str, int], rules: dict[str, RuleInfo], stream: TextIO) -> None:
    for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        print(f"{count:6}  {code}  {rules[code].name}", file=stream)


def _split(values: list[str] | None) -> list[str]:
    return [part.strip() for value in values or () for part in value.split(",") if part.strip()]


if __name__ == "__main__":
    main()
