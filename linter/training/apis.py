"""`python -m linter.training.apis FOLDER`: which public names releases of a package had that its newest release has not.

FOLDER holds one wheel or source distribution a release, fetched with `pip download --no-deps`. Nothing of them is run:
griffe reads the syntax trees. The result goes to `corpus/apis/<package>.json`.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tarfile
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import Version

from corpus.files import write_whole

__all__ = ["main", "removed", "series"]

MODULES = {
    "flask": "flask",
    "werkzeug": "werkzeug",
    "jinja2": "jinja2",
    "itsdangerous": "itsdangerous",
    "django": "django",
    "flask_sqlalchemy": "flask_sqlalchemy",
    "flask_login": "flask_login",
    "flask_babel": "flask_babel",
    "flask_jwt_extended": "flask_jwt_extended",
    "flask_wtf": "flask_wtf",
    "wtforms": "wtforms",
}
# Names that are private by their underscore and were used by everybody all the same.
_WELL_KNOWN = frozenset({"_request_ctx_stack", "_app_ctx_stack"})
_INNER = re.compile(
    r"(?:^|\.)(?:tests?|testsuite|_compat|_internal|six|locale|south_migrations|migrations|bin|project_template)(?:\.|$)"
    r"|^django\.(?:contrib\.gis|db\.backends|db\.migrations|core\.management\.commands|contrib\.\w+\.management)\."
)
_RELEASE = re.compile(r"(?P<name>[A-Za-z0-9_.-]+?)-(?P<version>\d+(?:\.\d+)+)(?:-|\.tar\.gz$|\.zip$)")
_PLAIN = frozenset("object Exception ValueError typing t Generic dict list str abc".split())  # bases that bring no names of their own
_MAX_BYTES = 200_000_000


def series(version: str) -> str:
    """`2.3.3` belongs to the series 2.3, which is what people name."""
    release = Version(version).release
    return f"{release[0]}.{release[1]}" if len(release) > 1 else str(release[0])


@dataclass(frozen=True, slots=True)
class Release:
    """The names of one release: those it defines or hands on, all that can be reached, and classes whose bases lie elsewhere."""

    public: frozenset[str]
    reachable: frozenset[str]
    open_classes: frozenset[str] = frozenset()


def removed(releases: dict[str, Release]) -> dict[str, list[str]]:
    """Names that an older release offers and the newest has not: the last series with the name, and the next one without.

    >>> old, new = frozenset({"a", "b"}), frozenset({"a"})
    >>> removed({"1.0.1": Release(old, old), "2.0.0": Release(new, new)})
    {'b': ['1.0', '2.0']}
    """
    order = sorted(releases, key=Version)
    newest = releases[order[-1]]
    offered = frozenset[str]().union(*(r.public for r in releases.values()))
    gone: dict[str, list[str]] = {}
    for name in sorted(offered - newest.reachable):
        # Of a module or class that is gone as a whole, that one is told; a class with foreign bases may have inherited the name.
        if name.rpartition(".")[0] not in newest.open_classes and not _under(name, gone):
            last = max(n for n, version in enumerate(order) if name in releases[version].reachable)
            gone[name] = [series(order[last]), series(order[last + 1])]
    return gone


def _under(name: str, gone: dict[str, list[str]]) -> bool:
    parts = name.split(".")
    return any(".".join(parts[:n]) in gone for n in range(1, len(parts)))


def _unpacked(archive: Path, target: Path) -> None:
    """Unpack what is Python, within bounds; no path leaves the folder."""
    if archive.suffix in {".whl", ".zip"}:
        with zipfile.ZipFile(archive) as opened:
            files = {i.filename: i.file_size for i in opened.infolist() if i.filename.endswith(".py")}
            if sum(files.values()) <= _MAX_BYTES:
                opened.extractall(target, list(files))  # noqa: S202 - zipfile itself keeps members inside the folder
        return
    with tarfile.open(archive) as tar:
        members = [m for m in tar.getmembers() if m.isfile() and m.name.endswith(".py")]
        if sum(m.size for m in members) <= _MAX_BYTES:
            tar.extractall(target, members, filter="data")


def _root(folder: Path, module: str) -> Path | None:
    """The folder on the search path that holds the package."""
    found = sorted(folder.rglob(f"{module}/__init__.py"), key=lambda path: len(path.parts))
    if not found:
        return None
    for inner in {path.parent for path in found[0].parent.rglob("*.py")}:
        (inner / "__init__.py").touch()  # griffe does not enter a folder without one (flask.sansio)
    return found[0].parent.parent


def _lazy_names(module: Any) -> Iterator[str]:
    """Names that a module's `__getattr__` still serves, with a warning."""
    if "__getattr__" in module.members and module.filepath:
        for node in ast.walk(ast.parse(module.filepath.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "__getattr__":
                yield from (
                    c.value for c in ast.walk(node) if isinstance(c, ast.Constant) and isinstance(c.value, str) and c.value.isidentifier()
                )


def _public(name: str) -> bool:
    return not name.startswith("_") or name in _WELL_KNOWN


def _names(module: Any, every: bool) -> Iterator[str]:
    """Dotted names of a module and below; with `every` also what it merely imported, else what it defines or hands on."""
    yield module.path
    yield from (f"{module.path}.{name}" for name in _lazy_names(module))
    for name, member in module.members.items():
        path = f"{module.path}.{name}"
        if not _public(name) or _INNER.search(path):
            continue
        if member.is_alias:
            if every or module.is_init_module or (module.exports is not None and name in module.exports):
                yield path
                yield from _members(member, path)
        elif member.is_module:
            yield from _names(member, every)
        else:
            yield path
            yield from _members(member, path)


def _members(owner: Any, path: str) -> Iterator[str]:
    """Public members of a class, inherited ones too; a last name `path.*` says that some bases lie outside the package."""
    try:
        if owner.is_class:
            yield from (f"{path}.{name}" for name in owner.all_members if _public(name))
            if _has_foreign_base(owner):
                yield f"{path}.*"
    except Exception:
        yield f"{path}.*"


def _has_foreign_base(owner: Any) -> bool:
    bases = [b if isinstance(b, str) else b.canonical_path for b in owner.bases]
    foreign = [b for b in bases if b.split(".")[0].split("[")[0] not in _PLAIN]
    return len(owner.resolved_bases) < len(foreign) or any(map(_has_foreign_base, owner.resolved_bases))


def names_of(archive: Path, module: str) -> Release:
    """All public dotted names of one release."""
    import griffe

    with tempfile.TemporaryDirectory() as folder:
        _unpacked(archive, Path(folder))
        root = _root(Path(folder), module)
        if root is None:
            raise SystemExit(f"{archive.name} holds no package {module}.")
        loaded = griffe.load(module, search_paths=[str(root)], allow_inspection=False, resolve_aliases=True, resolve_external=False)
        every = frozenset(_names(loaded, every=True))
        public = frozenset(_names(loaded, every=False))
    foreign = frozenset(name[:-2] for name in every if name.endswith(".*"))
    return Release(frozenset(n for n in public if not n.endswith(".*")), every, foreign)


def _written(record: dict[str, Any]) -> str:
    """JSON with one name a line, so that a new release shows as a short diff."""
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(when)}" for name, when in record["removed"].items())
    head = json.dumps({k: v for k, v in record.items() if k != "removed"})
    return f'{head[:-1]}, "removed": {{\n{rows}\n}}}}\n'


def main(arguments: list[str]) -> None:
    """Read every release under a folder and write what went missing, one file a package."""
    archives: dict[str, dict[str, Path]] = defaultdict(dict)
    for path in sorted(Path(arguments[0]).rglob("*")):
        match = _RELEASE.match(path.name)
        if path.is_file() and match:
            archives[re.sub(r"[-.]", "_", match["name"]).lower()][match["version"]] = path
    for package, by_version in sorted(archives.items()):
        if package not in MODULES or len(by_version) < 2:
            continue
        releases = {version: names_of(path, MODULES[package]) for version, path in by_version.items()}
        record = {"package": package, "releases": sorted(releases, key=Version), "removed": removed(releases)}
        target = Path(__file__).resolve().parents[2] / "corpus" / "apis" / f"{package}.json"
        write_whole(target, _written(record).encode())
        sys.stdout.write(f"{package}: {len(releases)} releases, {len(record['removed'])} names gone, {target.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main(sys.argv[1:])
