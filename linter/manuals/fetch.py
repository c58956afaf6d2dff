"""Source distributions from the package index that pip is configured for. Files alone are fetched: no code of a package runs.

`pip download` builds metadata, which runs the package's build code; so the simple index (PEP 503 and its JSON form, PEP 691) is
asked directly, with the addresses and certificates of pip's own configuration, and every file is checked against the hash there.
"""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html.parser import HTMLParser
from http.client import HTTPException
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urldefrag, urljoin, urlsplit, urlunsplit

from packaging.utils import InvalidSdistFilename, canonicalize_name, parse_sdist_filename
from packaging.version import Version

from linter.errors import ManualError

__all__ = ["IndexSettings", "fetch_sdist", "index_settings"]

_PYPI = "https://pypi.org/simple"
_SECONDS = 60
_MAX_PAGE = 40 << 20
_MAX_FILE = 200 << 20
_HASHES = ("sha256", "sha384", "sha512")
_ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """Where packages come from: addresses of simple indexes in the order they are asked, and a file of certificates."""

    urls: tuple[str, ...] = (_PYPI,)
    certificates: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    url: str
    hash_name: str
    digest: str


def index_settings() -> IndexSettings:
    """What `pip config list` says; PyPI where it says nothing. Addresses that are no http(s) are left out."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    try:
        printed = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        printed = ""
    found: dict[str, str] = {}
    for line in printed.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.strip().rpartition(".")
        if section in ("global", "install", "download", ":env:") and (name not in found or section == ":env:"):
            found[name] = _unquoted(value)
    urls = [found.get("index-url") or _PYPI, *found.get("extra-index-url", "").split()]
    return IndexSettings(tuple(u.rstrip("/") for u in urls if urlsplit(u).scheme in ("https", "http")), found.get("cert", ""))


def _unquoted(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (ValueError, SyntaxError):
        return value


def fetch_sdist(name: str, version: Version, folder: Path, settings: IndexSettings) -> Path:
    """Download the source distribution of a release into `folder`.

    Raises:
        ManualError: no index has it, none can be reached, or the file is not what the index says.
    """
    problem = "pip is configured for no index that is an http(s) address; give the path of a source distribution"
    for url in settings.urls:
        try:
            files = _files(f"{url}/{canonicalize_name(name)}/", settings)
            chosen = _chosen(files, name, version)
            if chosen is not None:
                return _download(chosen, folder, settings)
            problem = f"{_shown(url)} has no source distribution of this version; give the path of one"
        except urllib.error.HTTPError as error:
            error.close()
            problem = f"{_shown(url)} answers {error.code}; is name and version right? The path of a source distribution does as well"
        except (OSError, HTTPException, ValueError) as error:
            reason = getattr(error, "reason", None) or error
            problem = f"{_shown(url)} cannot be read ({reason}); the path of a source distribution does as well"
    raise ManualError(f"{name}=={version}", problem)


def _chosen(files: Iterator[_File], name: str, version: Version) -> _File | None:
    """The source distribution of exactly this release; a .tar.gz before others."""
    found = []
    for file in files:
        try:
            if parse_sdist_filename(file.name) == (canonicalize_name(name), version):
                found.append(file)
        except InvalidSdistFilename:
            continue
    return min(found, key=lambda file: not file.name.endswith(".tar.gz"), default=None)


def _files(url: str, settings: IndexSettings) -> Iterator[_File]:
    with _opened(url, settings, _ACCEPT) as (stream, kind, final):
        data = _read(stream, _MAX_PAGE)
    if kind.endswith("json"):
        for row in json.loads(data)["files"]:
            hashes = row.get("hashes", {})
            known = next((h for h in _HASHES if h in hashes), "")
            yield _File(str(row["filename"]), urljoin(final, str(row["url"])), known, str(hashes.get(known, "")))
        return
    page = _Links()
    page.feed(data.decode("utf-8", "replace"))
    for link in page.links:
        address, mark = urldefrag(urljoin(final, link))
        kind, _, digest = mark.partition("=")
        known = kind if kind in _HASHES else ""
        yield _File(unquote(urlsplit(address).path.rsplit("/", 1)[-1]), address, known, digest if known else "")


class _Links(HTMLParser):
    """The addresses of a PEP 503 page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the address of a link."""
        self.links += [value for key, value in attrs if tag == "a" and key == "href" and value]


def _download(file: _File, folder: Path, settings: IndexSettings) -> Path:
    if not file.hash_name:
        raise ManualError(file.name, "the index gives no SHA-2 hash for it, so it cannot be checked; give the path of a file you trust")
    path = folder / Path(file.name).name
    with _opened(file.url, settings, "*/*") as (stream, _, _), path.open("wb") as target:
        _copy(stream, target, file.name)
    with path.open("rb") as written:
        digest = hashlib.file_digest(written, file.hash_name).hexdigest()
    if digest != file.digest.lower():
        path.unlink()
        raise ManualError(
            file.name, f"what came has not the {file.hash_name} that the index gives; try again, and distrust the index if it stays"
        )
    return path


def _copy(stream: IO[bytes], target: IO[bytes], name: str) -> None:
    left = _MAX_FILE
    while piece := stream.read(1 << 20):
        left -= len(piece)
        if left < 0:
            raise ManualError(name, f"it is larger than {_MAX_FILE >> 20} MB")
        target.write(piece)


def _read(stream: IO[bytes], limit: int) -> bytes:
    data = stream.read(limit + 1)
    if len(data) > limit:
        raise ValueError("the page is too long")
    return data


@contextmanager
def _opened(url: str, settings: IndexSettings, accept: str) -> Iterator[tuple[IO[bytes], str, str]]:
    """The open answer, its content type and final address; names and passwords in an address are sent to its own host alone."""
    parts = urlsplit(url)
    if parts.scheme not in ("https", "http"):
        raise ValueError(f"{parts.scheme}: is no address to fetch from")
    bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    request = urllib.request.Request(bare, headers={"Accept": accept, "User-Agent": "viva-linter"})  # noqa: S310 - http(s), seen above
    if parts.username:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(pair.encode()).decode())
    context = ssl.create_default_context(cafile=settings.certificates or None)
    with urllib.request.urlopen(request, timeout=_SECONDS, context=context) as answer:  # noqa: S310
        yield answer, answer.headers.get_content_type(), answer.url


def _shown(url: str) -> str:
    """An address without name and password."""
    return urlsplit(url).netloc.rpartition("@")[2]
