"""What the commands share: exit statuses, and errors as one line on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

import typer

__all__ = ["ExitStatus", "complaints", "fail"]


class ExitStatus(IntEnum):
    """What the command tells the shell."""

    OK = 0
    BAD_RECORDS = 1
    CALLED_WRONGLY = 2


@contextmanager
def complaints() -> Iterator[None]:
    """Errors of our own and of files end as one line on standard error and exit status 2; a closed pipe ends in silence."""
    from corpus.errors import CorpusError
    from grader.errors import GraderError
    from linter.errors import LinterError

    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody reads: let the last flush succeed
        raise typer.Exit(ExitStatus.BAD_RECORDS) from None
    except OSError as error:
        fail(f"{error.filename or 'file'}: {error.strerror or error}")
    except (CorpusError, GraderError, LinterError) as error:
        fail(str(error))


def fail(message: str) -> NoReturn:
    """Say it and end with exit status 2."""
    typer.secho(f"grader: {message}", err=True, fg=typer.colors.RED)  # coloured on a terminal only
    raise typer.Exit(ExitStatus.CALLED_WRONGLY)
