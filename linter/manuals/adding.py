"""From a requirement or a file to a manual: fetched, read, and thrown away again."""

from __future__ import annotations

import tempfile
from pathlib import Path

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from linter.errors import ManualError
from linter.manuals.fetch import IndexSettings, fetch_sdist, index_settings
from linter.manuals.read import read_manual
from linter.manuals.records import Manual

__all__ = ["obtain", "parse_release"]

_ARCHIVES = (".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".zip")


def parse_release(text: str) -> tuple[str, Version]:
    """Read `flask==3.1.2`.

    Raises:
        ManualError: it is not of this form.
    """
    name, joint, number = (part.strip() for part in text.partition("=="))
    try:
        if joint and name.replace("-", "").replace("_", "").replace(".", "").isalnum() and name.isascii():
            return canonicalize_name(name), Version(number)
    except InvalidVersion:
        pass
    raise ManualError(repr(text), "that is no release; write for example flask==3.1.2, or the path of a source distribution")


def obtain(requirement: str, settings: IndexSettings | None = None) -> Manual:
    """The manual of `name==version`, from the package index, or of a source distribution given as a path.

    Raises:
        ManualError: it cannot be had or read.
    """
    path = Path(requirement)
    if path.is_file() or requirement.endswith(_ARCHIVES):
        return read_manual(path)
    name, version = parse_release(requirement)
    with tempfile.TemporaryDirectory(prefix="viva-manual-") as folder:
        manual = read_manual(fetch_sdist(name, version, Path(folder), settings or index_settings()))
    if (manual.name, manual.version) != (name, version):
        raise ManualError(requirement, f"the index gave {manual.label} instead; nothing was kept")
    return manual
