"""`grader`: the command line. Parses, calls, renders, exits by contract; heavy imports wait until a command needs them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer

from grader.admin import Database, bank, users
from grader.terminal import ExitStatus, complaints, fail

if TYPE_CHECKING:
    from grader.calibrating import Submitted
    from grader.pipeline import Pipeline
    from grader.records import GradeRequest
    from grader.wire import BadRecord, Grader

__all__ = ["ExitStatus", "cli", "main"]

BATCH = 64
BATCH_BYTES = 16_777_216
MAX_LINE_BYTES = 16_777_216

cli = typer.Typer(
    name="grader",
    help="Score free-text answers against reference answers. The scores assist a human.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
Folders = Annotated[list[Path] | None, typer.Option("--corpus", help="Folder with facts/ or questions/ of your own; repeatable.")]


cli.add_typer(users)
cli.add_typer(bank)


@cli.command()
def grade(
    source: Annotated[str, typer.Option("--input", "-i", help="File of JSON lines; - is standard input.")] = "-",
    target: Annotated[str, typer.Option("--output", "-o", help="File to write, whole or not at all; - is standard output.")] = "-",
    error_rate: Annotated[
        float | None, typer.Option(help="Of the scores without needs_review, at most this share may be off by more than a fifth.  [0.1]")
    ] = None,
    corpus: Folders = None,
) -> None:
    """Grade records, one JSON object a line; exit 0 if all were graded, 1 if some could not be, 2 if called wrongly."""
    from grader.jsonl import open_output

    with complaints(), _open_input(source) as stream:
        grader = _load(corpus, error_rate)
        bad = 0
        with open_output(None if target == "-" else Path(target)) as out:
            for batch in _batches(stream):
                bad += _write(grader, batch, out)
    if bad:
        typer.echo(f"grader: {bad} record{'s' if bad > 1 else ''} could not be graded", err=True)
        raise typer.Exit(ExitStatus.BAD_RECORDS)


@cli.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen at.  [127.0.0.1]")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen at; 0 takes a free one.  [8000]")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes.  [1]")] = None,
    database: Database = None,
    demo: Annotated[bool, typer.Option("--demo", help="Sample data in a throw-away database, nobody signs in: for a first look.")] = False,
    corpus: Folders = None,
) -> None:
    """Serve the HTTP API and the pages; VIVA_GRADER_* variables set the rest."""
    with complaints():
        from grader.settings import load_settings

        folders = tuple(corpus) if corpus else None
        settings = load_settings(host=host, port=port, workers=workers, corpus=folders, database=database, demo=demo or None)
        from grader import app

        app.serve(settings)


@cli.command()
def questions(
    topic: Annotated[str | None, typer.Option(help="Only of this topic.")] = None,
    level: Annotated[str | None, typer.Option(help="Only of this level: junior, mid or senior.")] = None,
    q: Annotated[str | None, typer.Option("--q", help="Only with these words.")] = None,
    corpus: Folders = None,
) -> None:
    """List the questions of the bank: id, level, topic and question, parted by tabs."""
    with complaints():
        from corpus.store import load_corpus
        from grader.bank import find_questions

        if level not in {None, "junior", "mid", "senior"}:
            fail(f"--level: junior, mid or senior, got {level!r}")
        bank = load_corpus(_folders(corpus))
        for found in find_questions(bank.questions, topic=topic, level=level, q=q):
            typer.echo("\t".join((found.id, found.level, found.topic, " ".join(found.question.split()))))
        sys.stdout.flush()


@cli.command()
def calibrate(
    source: Annotated[str, typer.Option("--input", "-i", help="File of JSON lines; - is standard input.")] = "-",
    form: Annotated[str, typer.Option("--format", help="text or json.")] = "text",
    corpus: Folders = None,
) -> None:
    """Show what marks do for the scores: records as for `grade`, with your `score` where you gave one.

    Per question: the error alone and with the marks (leave-one-out), after each mark, and which answer to mark next.
    """
    from grader.calibrating import as_text, survey
    from grader.wire import encode

    if form not in {"text", "json"}:
        fail(f"--format: text or json, got {form!r}")
    with complaints():
        with _open_input(source) as stream:
            records, bad = _submitted(stream)
        for refused in bad:
            typer.echo(f"grader: {refused}", err=True)
        found = survey(_load(corpus), records)
        typer.echo(encode(found).decode() if form == "json" else as_text(found))
    if bad:
        raise typer.Exit(ExitStatus.BAD_RECORDS)


@cli.command()
def evaluate(
    suite: Annotated[str, typer.Option(help="semeval, mohler, saf, gaps, gaming, blind, bare, planted or all.")] = "all",
    output: Annotated[Path | None, typer.Option(help="Page to write; sections of other suites stay. Standard output by default.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the data sets; VIVA_DATA or shared/data by default.")] = None,
    sample: Annotated[int | None, typer.Option(min=10, help="While developing: so many rows of each set, and no test split.")] = None,
    seed: Annotated[int, typer.Option(help="Of every draw.")] = 0,
) -> None:
    """Measure the grader beside three rivals: agreement with people, gaming, fairness, knowing when not to decide. Writes Markdown."""
    with complaints():
        from corpus.datasets import data_folder
        from grader.evaluation.report import OF_OURS, SUITES, evaluate_suites
        from grader.pipeline import load_pipeline

        names = tuple(SUITES) if suite == "all" else (suite,)
        if suite not in {"all", *SUITES}:
            fail(f"--suite: {', '.join(SUITES)} or all, got {suite!r}")
        folder = data or data_folder()
        if not (folder / "asag").is_dir() and not set(names) <= OF_OURS:
            fail(f"{folder} has no asag/: name the folder of the data sets with --data or VIVA_DATA")
        text = evaluate_suites(load_pipeline(), folder, names, output=output, at_most=sample, seed=seed)
        if output is None:
            typer.echo(text)


@cli.command()
def version() -> None:
    """Print the version."""
    from importlib import metadata

    try:
        typer.echo(f"grader {metadata.version('viva-grader')}")
    except metadata.PackageNotFoundError:
        typer.echo("grader (not installed)")


def main() -> None:
    """The console script."""
    cli()


def _load(corpus: list[Path] | None, error_rate: float | None = None) -> Pipeline:
    from grader.pipeline import load_pipeline
    from grader.settings import load_settings

    settings = load_settings(corpus=tuple(corpus) if corpus else None, error_rate=error_rate)
    return load_pipeline(settings.corpus, error_rate=settings.error_rate)


def _folders(corpus: list[Path] | None) -> tuple[Path, ...]:
    from grader.settings import load_settings

    return load_settings(corpus=tuple(corpus) if corpus else None).corpus


def _batches(stream: IO[bytes]) -> Iterator[list[GradeRequest | BadRecord]]:
    """Records in order, up to 64 together, fewer where they are large or nothing more has come yet."""
    from grader.jsonl import Idle, TooLong, read_lines
    from grader.refusals import RefusalError, TooLargeError
    from grader.wire import decode, read_item, refusal

    batch: list[GradeRequest | BadRecord] = []
    number = size = 0
    for line in read_lines(stream, MAX_LINE_BYTES):
        if not isinstance(line, Idle):
            if isinstance(line, bytes) and not line.strip():
                continue
            number += 1
            try:
                if isinstance(line, TooLong):
                    raise TooLargeError(MAX_LINE_BYTES, "line")
                size += len(line)
                batch.append(read_item(decode(line), number))
            except RefusalError as error:
                batch.append(refusal(error, number))
        if batch and (isinstance(line, Idle) or len(batch) >= BATCH or size >= BATCH_BYTES):
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _submitted(stream: IO[bytes]) -> tuple[list[Submitted], list[str]]:
    """Records with their scores, and a line about each that is none."""
    from grader.calibrating import MAX_RECORDS, read_submitted
    from grader.jsonl import TooLong, read_lines
    from grader.refusals import RefusalError, TooLargeError
    from grader.wire import decode

    records: list[Submitted] = []
    bad: list[str] = []
    lines = (line for line in read_lines(stream, MAX_LINE_BYTES) if isinstance(line, TooLong) or (isinstance(line, bytes) and line.strip()))
    for number, line in enumerate(lines, start=1):
        if number > MAX_RECORDS:
            fail(f"more than {MAX_RECORDS:,} records; give the answers of fewer questions at a time")
        try:
            if isinstance(line, TooLong):
                raise TooLargeError(MAX_LINE_BYTES, "line")
            records.append(read_submitted(decode(line), number))
        except RefusalError as error:
            bad.append(f"record {number}: {error}")
    return records, bad


def _write(grader: Grader, batch: list[GradeRequest | BadRecord], out: IO[bytes]) -> int:
    from grader.wire import BadRecord, encode, grade_items

    results = grade_items(grader, batch)
    out.write(b"".join(encode(result) + b"\n" for result in results))
    out.flush()
    return sum(isinstance(result, BadRecord) for result in results)


@contextmanager
def _open_input(source: str) -> Iterator[IO[bytes]]:
    if source == "-":
        if sys.stdin.isatty():
            typer.echo("grader: reading JSON lines from the terminal; Ctrl-D ends", err=True)
        yield sys.stdin.buffer
        return
    with Path(source).open("rb") as stream:
        yield stream


if __name__ == "__main__":
    main()
