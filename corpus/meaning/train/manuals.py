"""Sentences of the manuals: fetched from the package index while training, read, and never kept in the project.

Source distributions hold the documentation of their release. Only their archives are opened; limits bound what is read.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.text.rst import unmarked
from corpus.text.sentences import sentence_bounds

__all__ = ["MANUALS", "Passage", "fetch_manuals", "read_manuals"]

MANUALS = ("celery==5.5.3", "django==5.2.8", "flask==3.1.2", "flask-login==0.6.3", "flask-sqlalchemy==3.1.1", "flask-wtf==1.2.2", "gunicorn==23.0.0",
           "jinja2==3.1.6", "werkzeug==3.1.3", "wtforms==3.2.1")  # fmt: skip
_FETCH_SECONDS = 180
_MAX_FILE = 2 << 20
_MAX_FILES = 3000
_SKIPPED = re.compile(r"/(?:releases|changes|changelog|history|whatsnew|internals|licen[cs]e|locale)", re.IGNORECASE)
_WORDS = range(6, 36)


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence of a manual: where it stands and what it says."""

    package: str
    page: str
    text: str


def fetch_manuals(folder: Path, requirements: tuple[str, ...] = MANUALS) -> list[Path]:
    """Download the source distributions into `folder` (pip builds their metadata in its own isolation); return those that came."""
    folder.mkdir(parents=True, exist_ok=True)
    for requirement in requirements:
        name, version = requirement.split("==")
        if list(folder.glob(f"{name.replace('-', '[-_]')}-{version}.*")):
            continue
        command = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--no-binary", ":all:", "-d", str(folder), requirement]
        try:
            subprocess.run(command, check=True, timeout=_FETCH_SECONDS)
        except (subprocess.SubprocessError, OSError) as error:
            print(f"{requirement}: the manual cannot be had ({error}); going on without it", file=sys.stderr)
    return sorted(p for p in folder.iterdir() if p.name.endswith((".tar.gz", ".zip")))


def read_manuals(archives: list[Path]) -> list[Passage]:
    """Return the prose sentences of the documentation in the archives, in order, each sentence once."""
    known: dict[str, Passage] = {}
    for archive in archives:
        package = archive.name.split("-")[0]
        for page, data in _pages(archive):
            for text in _sentences(data):
                known.setdefault(text.lower(), Passage(package, page, text))
    return list(known.values())


def _pages(archive: Path) -> Iterator[tuple[str, str]]:
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as file:
            names = [i for i in file.infolist() if _is_page(i.filename) and i.file_size <= _MAX_FILE][:_MAX_FILES]
            for info in names:
                yield info.filename, file.read(info).decode("utf-8", "replace")
        return
    with tarfile.open(archive) as tar:
        members = [m for m in tar if m.isfile() and _is_page(m.name) and m.size <= _MAX_FILE][:_MAX_FILES]
        for member in members:
            opened = tar.extractfile(member)
            if opened is not None:
                yield member.name, opened.read().decode("utf-8", "replace")


def _is_page(name: str) -> bool:
    return "/docs/" in name and name.endswith((".rst", ".txt", ".md")) and not _SKIPPED.search(name)


def _sentences(page: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", page.replace("\r\n", "\n")):
        lines = block.split("\n")
        if lines[0].startswith((" ", "\t", "..", "#", "|", "+", "=", "$", ">", ":")) or "::" in lines[0]:
            continue
        text = unmarked(" ".join(line.strip() for line in lines))
        for start, end in sentence_bounds(text):
            sentence = text[start:end].strip()
            if (
                len(sentence.split()) in _WORDS
                and sentence[:1].isupper()
                and sentence.endswith(".")
                and not re.search(r"[`|<>{}\\]|::|==", sentence)
            ):
                yield sentence
