"""For programs: JSON, JSON lines, SARIF 2.1.0, reviewdog, GitLab, JUnit and GitHub annotations."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from linter.engine import Result
from linter.report.base import record, region, rows
from linter.rule import RuleInfo

__all__ = ["github", "gitlab", "json_array", "jsonl", "junit", "rdjson", "sarif"]

_SARIF_LEVEL = {"error": "error", "warning": "warning", "info": "note"}
_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_NO_CONTROLS = {i: " " for i in range(32) if i not in (9, 10, 13)}


def json_array(results: Iterable[Result], rules: dict[str, RuleInfo]) -> Iterator[str]:
    """One array, ordered by path, line, column."""
    del rules
    found = [record(document, finding) for document, finding in rows(results)]
    yield json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def jsonl(results: Iterable[Result], rules: dict[str, RuleInfo]) -> Iterator[str]:
    """One record a line, as soon as it is found."""
    del rules
    for document, finding in rows(results):
        yield json.dumps(record(document, finding), ensure_ascii=False) + "\n"


def github(results: Iterable[Result], rules: dict[str, RuleInfo]) -> Iterator[str]:
    """Workflow commands that GitHub shows as annotations."""
    del rules
    level = {"error": "error", "warning": "warning", "info": "notice"}
    for document, finding in rows(results):
        line, column, end_line, end_column = region(document, finding)
        place = f"file={_property(finding.path)},line={line},endLine={end_line},col={column},endColumn={end_column}"
        title = _property(f"{finding.code} {finding.name}")
        yield f"::{level[finding.severity]} {place},title={title}::{_data(finding.message)}\n"


def sarif(results: Iterable[Result], rules: dict[str, RuleInfo]) -> Iterator[str]:
    """SARIF 2.1.0 with every rule's record; columns are code points, as the run declares."""
    found = []
    for document, finding in rows(results):
        line, column, end_line, end_column = region(document, finding)
        place = {"startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column}
        location = {"artifactLocation": {"uri": quote(finding.path)}, "region": {**place, "snippet": {"text": finding.text}}}
        found.append(
            {
                "ruleId": finding.code,
                "level": _SARIF_LEVEL[finding.severity],
                "message": {"text": finding.message},
                "locations": [{"physicalLocation": location}],
                "rank": round(finding.confidence * 100, 2),
            }
        )
    driver = {
        "name": "viva",
        "version": _version(),
        "rules": [_sarif_rule(rule) for rule in rules.values()],
    }
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": found}
    yield json.dumps({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=1) + "\n"


def rdjson(results: Iterable[Result], rules: dict[str, RuleInfo]) -> Iterator[str]:
    """Reviewdog's diagnostic format; its columns count UTF-8 bytes."""
    del rules
    found = []
    for document, finding in rows(results):
        line, column, end_line, end_column = region(document, finding)

        def place(at: int, col: int) -> dict[str, int]:
            return {"line": at, "column": len(document.line_text(at)[: col - 1].encode()) + 1}  # noqa: B023 - used at once

        found.append(
            {
                "message": finding.message,
                "severity": finding.severity.upper(),
                "code": {"value": finding.code, **({"url": finding.sources[0].url} if finding.sources else {})},
                "location": {"path": finding.path, "range": {"start": place(line, column), "end": place(end_line, end_column)}},
            }
        )
    yield json.dumps({"source": {"name": "viva"}, "diagnostics": found}, ensure_ascii=False, indent=1) + "\n"


def gitlab(results: Iterable[Result], rules: dict[str, RuleInfo]) -> Iterator[str]:
    """GitLab code quality; the fingerprint outlives moved lines, since it is made of code, path and words."""
    del rules
    severity = {"error": "major", "warning": "minor", "info": "info"}
    seen: dict[str, int] = {}
    found = []
    for document, finding in rows(results):
        line, _, end_line, _ = region(document, finding)
        key = f"{finding.code}\n{finding.path}\n{finding.text}"
        seen[key] = seen.get(key, 0) + 1
        found.append(
            {
                "description": finding.message,
                "check_name": finding.code,
                "fingerprint": hashlib.sha256(f"{key}\n{seen[key]}".encode("utf-8", "replace")).hexdigest(),
                "severity": severity[finding.severity],
                "location": {"path": finding.path, "lines": {"begin": line, "end": end_line}},
            }
        )
    yield json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def junit(results: Iterable[Result], rules: dict[str, RuleInfo]) -> Iterator[str]:
    """One test case a document, failed where something was found."""
    del rules
    cases, failures, count = [], 0, 0
    for result in results:
        count += 1
        lines = []
        for finding in result.findings:
            line, column, _, _ = region(result.document, finding)
            lines.append(f"{line}:{column}: {finding.code} {finding.message}")
        body = ""
        if lines:
            failures += 1
            title = quoteattr(f"{len(lines)} finding{'s' * (len(lines) != 1)}")
            body = f"<failure message={title}>{escape(_xml(chr(10).join(lines)))}</failure>"
        name = quoteattr(_xml(result.document.path))
        cases.append(f'  <testcase classname="viva" name={name}>{body}</testcase>\n')
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield f'<testsuite name="viva" tests="{count}" failures="{failures}">\n{"".join(cases)}</testsuite>\n'


def _sarif_rule(rule: RuleInfo) -> dict[str, Any]:
    out: dict[str, Any] = {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": rule.why},
        "defaultConfiguration": {"level": _SARIF_LEVEL[rule.severity]},
    }
    if rule.sources:
        out["helpUri"] = rule.sources[0].url
    return out


def _version() -> str:
    try:
        return version("viva-grader")
    except PackageNotFoundError:  # run from a checkout that is not installed
        return "0"


def _xml(value: str) -> str:
    return value.translate(_NO_CONTROLS)


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
