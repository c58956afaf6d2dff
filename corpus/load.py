"""Files to records: the one door to the data files of the corpus. Every error names file and line and says what to do."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import ValidationError

from corpus.errors import RecordError
from corpus.files import write_whole
from corpus.records import Answer, Edit, Fact, Plain, Question, Record, Twins, Wording
from corpus.settings import load_settings

__all__ = [
    "FailedProof",
    "Located",
    "builtin_folder",
    "compose_yaml",
    "corpus_files",
    "load_answers",
    "load_edits",
    "load_facts",
    "load_failed_proofs",
    "load_plain",
    "load_questions",
    "load_twins",
    "load_wordings",
    "parse_yaml",
    "save_failed_proofs",
    "schemas",
]

MAX_FILE_BYTES = 5_000_000
_KEPT_FROM = 20_000  # bytes; smaller files are parsed at once
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Located(Generic[R]):
    """A record and the place it was read from."""

    record: R
    path: str
    line: int

    @property
    def place(self) -> str:
        """`file:line`, as editors and terminals link it."""
        return f"{self.path}:{self.line}"


def builtin_folder() -> Path:
    """The folder of the built-in corpus: this package, in a checkout and in an installed wheel alike."""
    return Path(__file__).resolve().parent


def corpus_files(folder: Path, kind: str) -> list[Path]:
    """The YAML files of `folder/kind`, sorted; RecordError where `folder` is no corpus at all."""
    if not folder.is_dir():
        raise RecordError(str(folder), 1, "This corpus folder does not exist.", "name a folder with facts/ or questions/ inside.")
    if not (folder / "facts").is_dir() and not (folder / "questions").is_dir():
        raise RecordError(str(folder), 1, "This folder has neither facts/ nor questions/.", "put the YAML files into such sub-folders.")
    return sorted(p for p in (folder / kind).glob("*.y*ml") if p.suffix in {".yaml", ".yml"})


def load_facts(folder: Path) -> Iterator[Located[Fact]]:
    """Read every fact of `folder/facts/*.yaml`."""
    return _load(folder, "facts", Fact)


def load_questions(folder: Path) -> Iterator[Located[Question]]:
    """Read every question of `folder/questions/*.yaml`."""
    return _load(folder, "questions", Question)


def load_wordings(folder: Path) -> Iterator[Located[Wording]]:
    """Read every training sentence of `folder/wordings/*.yaml`."""
    return _load(folder, "wordings", Wording)


def load_answers(folder: Path) -> Iterator[Located[Answer]]:
    """Read every marked answer of `folder/answers/*.yaml`."""
    return _load(folder, "answers", Answer)


def load_edits(folder: Path) -> Iterator[Located[Edit]]:
    """Read every edit of an answer of `folder/edits/*.yaml`."""
    return _load(folder, "edits", Edit)


def load_twins(folder: Path) -> Iterator[Located[Twins]]:
    """Read every statement with its twins of `folder/twins/*.yaml`."""
    return _load(folder, "twins", Twins)


def load_plain(folder: Path) -> Iterator[Located[Plain]]:
    """Read every ordinary true sentence of `folder/plain/*.yaml`."""
    return _load(folder, "plain", Plain)


@dataclass(frozen=True, slots=True)
class FailedProof:
    """A statement whose proof failed, and how."""

    statement: str
    detail: str


def load_failed_proofs(folder: Path) -> dict[str, FailedProof]:
    """What `linter prove` left in `folder/proofs/failed.json`, by code of the fact; nothing where all proofs held."""
    path = folder / "proofs" / "failed.json"
    try:
        rows = json.loads(path.read_text("utf-8"))
        return {code: FailedProof(str(row["statement"]), str(row["detail"])) for code, row in rows.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecordError(str(path), 1, f"This is no record of failed proofs ({error}).", "remove it and run `linter prove`.") from None


def save_failed_proofs(folder: Path, failed: Mapping[str, FailedProof]) -> None:
    """Write what `load_failed_proofs` reads; no file where nothing failed."""
    path = folder / "proofs" / "failed.json"
    if failed:
        rows = {code: {"statement": one.statement, "detail": one.detail} for code, one in sorted(failed.items())}
        write_whole(path, (json.dumps(rows, indent=1, ensure_ascii=False) + "\n").encode())
    else:
        path.unlink(missing_ok=True)


def parse_yaml(path: Path) -> tuple[yaml.Node | None, str]:
    """The node tree (with places) and the text of a YAML file; RecordError where it cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordError(str(path), 1, f"The file cannot be read ({error.strerror}).", "check the path and its rights.") from None
    if len(data) > MAX_FILE_BYTES:
        raise RecordError(str(path), 1, f"The file has {len(data):,} bytes; {MAX_FILE_BYTES:,} are allowed.", "split it.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise RecordError(str(path), line, f"Byte {error.start} is not UTF-8.", "save the file as UTF-8.") from None
    return compose_yaml(str(path), text), text


def compose_yaml(path: str, text: str) -> yaml.Node | None:
    """The node tree of YAML text; `path` is for the message of the RecordError where it is not valid."""
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        problem = f"This is not valid YAML: {error.problem or error.context}."
        raise RecordError(path, line, problem, "quote the text or mend the indentation.") from None
    except yaml.reader.ReaderError as error:
        line = text[: max(0, error.position)].count("\n") + 1 if isinstance(error.position, int) else 1
        raise RecordError(path, line, f"This is not valid YAML: {error.reason}.", "remove the characters YAML does not allow.") from None
    except yaml.YAMLError as error:
        raise RecordError(path, 1, f"This is not valid YAML: {error}.", "mend the file.") from None
    except RecursionError:
        raise RecordError(path, 1, "This YAML is nested too deeply.", "flatten it; records have four levels at most.") from None
    return root


def schemas() -> dict[str, dict[str, Any]]:
    """JSON Schemas of the data files (each a list of records), by kind; for editors."""
    kinds: dict[str, type[Record]] = {
        "facts": Fact, "questions": Question, "wordings": Wording, "answers": Answer, "edits": Edit, "twins": Twins, "plain": Plain,
    }  # fmt: skip
    dialect = "https://json-schema.org/draft/2020-12/schema"
    out = {}
    for kind, record in kinds.items():
        item = record.model_json_schema()
        definitions = item.pop("$defs", {})
        out[kind] = {"$schema": dialect, "title": f"Viva {kind}", "type": "array", "items": item, "$defs": definitions}
    return out


def _load(folder: Path, kind: str, record: type[R]) -> Iterator[Located[R]]:
    for path in corpus_files(folder, kind):
        kept = _kept(path)
        found = _read_kept(kept, path, record) if kept else None
        if found is None:
            found = list(_parse(path, kind, record))
            if kept:
                _write_kept(kept, found)
        yield from found


def _parse(path: Path, kind: str, record: type[R]) -> Iterator[Located[R]]:
    root, _ = parse_yaml(path)
    if root is None:
        return
    if not isinstance(root, yaml.SequenceNode):
        raise RecordError(str(path), root.start_mark.line + 1, f"A file of {kind} is a list.", "begin each record with '- '.")
    for node in root.value:
        yield Located(_record(path, node, record), str(path), node.start_mark.line + 1)


def _kept(path: Path) -> Path | None:
    """Where the records of a large file are kept as JSON, which is read ten times as fast: under its content and this code."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    if len(data) < _KEPT_FROM:
        return None
    return load_settings().cache / "records" / f"{hashlib.sha256(_code() + data).hexdigest()[:40]}.json"


@cache
def _code() -> bytes:
    return b"".join((Path(__file__).parent / name).read_bytes() for name in ("records.py", "load.py"))


def _read_kept(kept: Path, path: Path, record: type[R]) -> list[Located[R]] | None:
    try:
        rows = json.loads(kept.read_text("utf-8"))
        return [Located(record.model_validate(row["record"]), str(path), row["line"]) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):  # not there yet, or damaged: it is made again
        return None


def _write_kept(kept: Path, found: Sequence[Located[R]]) -> None:
    rows = [{"line": one.line, "record": one.record.model_dump(mode="json")} for one in found]
    with contextlib.suppress(OSError):  # a folder that cannot be written costs time, never a record
        write_whole(kept, json.dumps(rows, ensure_ascii=False).encode())


def _record(path: Path, node: yaml.Node, record: type[R]) -> R:
    _refuse_double_fields(path, node)
    constructor: Any = yaml.SafeLoader("")
    try:
        value = constructor.construct_object(node, deep=True)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or node.start_mark
        raise RecordError(str(path), mark.line + 1, f"{error.problem}.", "use plain YAML without tags.") from None
    finally:
        constructor.dispose()
    if not isinstance(value, dict):
        raise RecordError(str(path), node.start_mark.line + 1, "A record is a mapping of fields.", "write 'field: value' lines.")
    try:
        return record.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        raise RecordError(str(path), _line(node, first["loc"]), *_explain(record, first)) from None


def _refuse_double_fields(path: Path, node: yaml.Node) -> None:
    """YAML's own readers let the last of two equal fields win without a word."""
    seen: dict[str, int] = {}
    for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
        line = key.start_mark.line + 1
        if key.value in seen:
            problem = f"{key.value} is given twice; first in line {seen[key.value]}."
            raise RecordError(str(path), line, problem, "keep one of the two.")
        if isinstance(key, yaml.ScalarNode):
            seen[key.value] = line


def _explain(record: type[Record], error: Any) -> tuple[str, str]:
    where = ".".join(str(part) for part in error["loc"]) or record.__name__.lower()
    match error["type"]:
        case "missing":
            return f"{where} is missing.", "add the field."
        case "extra_forbidden":
            return f"{where} is no field of a {record.__name__.lower()}.", f"use one of {', '.join(record.model_fields)}."
        case "value_error":
            return str(error["ctx"]["error"]) + ".", "change the record so that this holds."
        case _:
            got = str(error.get("input"))[:60]
            return f"{where}: {error['msg']} (got {got!r}).", "give a value the rule allows."


def _line(node: yaml.Node, where: Sequence[str | int]) -> int:
    """The line (from 1) of the deepest node on the way `where` points; the record's first line if none is there."""
    for part in where:
        if isinstance(node, yaml.MappingNode):
            found = next((v for k, v in node.value if getattr(k, "value", None) == str(part)), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            found = node.value[part]
        else:
            found = None
        if found is None:
            break
        node = found
    return int(node.start_mark.line) + 1
