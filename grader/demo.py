"""`python -m grader.demo [SOURCES]`: lint a folder of documents (or a small one of ours), then grade six answers to one question."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from corpus import Corpus
    from grader.pipeline import Pipeline
    from grader.records import Grade
    from linter.engine import Result
    from linter.finding import Finding

__all__ = ["ANSWERS", "main"]

QUESTION = "flask-014"
SHOWN = 8
_LINE = 150  # code points of a long line that are shown
_OWN = Path(__file__).with_name("demo.md")
ANSWERS = {
    "excellent": (
        "You use session like a dict: assign session['user_id'] = 7 in one request and read it back with session.get in the next, because "
        "Flask remembers the data of each visitor between requests. Before that works you have to configure a SECRET_KEY. Unless you change "
        "it, everything you put in travels in a cookie that lives in the visitor's browser. That cookie carries a signature, so tampering is "
        "noticed, yet it is not encrypted and anybody can read it. If the data must stay on the server, Flask-Session does that."
    ),
    "terse": "Dict-like object per client. Needs SECRET_KEY. Data sits in a signed, unencrypted cookie in the browser; Flask-Session moves it "
    "to the server.",
    "partial": "The session remembers things about one user from one request to the next, and you have to set a secret key before you use it.",
    "fluent but false": (
        "Flask stores session data on the server, in a temporary directory, and the browser only ever receives an opaque session id. The "
        "cookie is encrypted, so users cannot read what is in it. No secret key has to be set, because Flask makes one for you, and you "
        "read and write the values through the session object like a dictionary."
    ),
    "keyword list": "session, dictionary, secret key, cookie, signed, client, not encrypted, ItsDangerous, Flask-Session, server, requests",
    "off topic": "A blueprint groups views, templates and static files, so that a large application can be split into parts and registered "
    "under a prefix.",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Show both halves; always 0, for finding something is what is wanted here."""
    from corpus import CorpusError
    from grader.errors import GraderError
    from grader.pipeline import load_pipeline
    from linter.errors import LinterError

    given = list(sys.argv[1:] if arguments is None else arguments)
    console = Console(width=None if sys.stdout.isatty() else 140, highlight=False)
    try:
        pipeline = load_pipeline()
        _lint(console, pipeline.corpus, Path(given[0]) if given else None)
        _grade(console, pipeline)
    except (CorpusError, LinterError, GraderError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    return 0


def _lint(console: Console, corpus: Corpus, folder: Path | None) -> None:
    from linter import Engine, FactChecker, LazyEncoder
    from linter.engine import Problem
    from linter.registry import Registry

    place = folder if folder and folder.exists() else _OWN
    if folder and place is _OWN:
        console.print(f"{folder} is not there; a small document of our own instead.", style="dim")
    console.rule(f"[bold]Is this text true?[/]  {place.name}")
    rules = {rule.code: rule.name for rule in Registry(corpus).rules}
    engine = Engine(corpus, FactChecker(corpus, LazyEncoder()), frozenset(rules))
    results: list[Result] = []
    for result in engine.check_paths([place]):
        if isinstance(result, Problem):
            console.print(result.message, style="red", markup=False)
        else:
            results.append(result)
    found = [(result, finding) for result in results for finding in result.findings]
    for result, finding in islice(found, SHOWN):
        console.print(_shown(result, finding))
    if len(found) > SHOWN:
        console.print(f"... and {len(found) - SHOWN} more; `linter check {place}` shows them all.", style="dim")
    table = Table("findings", "code", "rule", title=f"{len(found)} findings in {len(results)} documents, by rule", title_justify="left")
    counts = Counter(finding.code for _, finding in found)
    for code, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
        table.add_row(str(count), code, rules[code])
    console.print(table)


def _shown(result: Result, finding: Finding) -> Padding:
    """Place and rule, the line with the words marked, the truth and where it is written."""
    start = result.document.position(finding.span.start)
    raw = result.document.line_text(start.line).replace("\t", " ").replace("\xa0", " ")
    at = start.column - 1
    left = max(0, min(at - 20, len(raw) - _LINE)) if len(raw) > _LINE else 0
    right = max(left + _LINE, min(len(raw), at + len(finding.text)))
    text = Text.assemble((f"{Path(finding.path).name}:{start.line}:{start.column} ", "cyan"), (f"{finding.code} {finding.name}\n", "bold"))
    text.append("…" if left else "").append(raw[left:at]).append(raw[at : at + len(finding.text)], style="underline red")
    text.append(raw[at + len(finding.text) : right]).append("…\n" if right < len(raw) else "\n")
    text.append(f"✓ {finding.truth or finding.message}\n", style="green")
    if finding.sources:
        text.append(f"  {finding.sources[0].title}  {finding.sources[0].url}", style="dim")
    return Padding(text, (0, 0, 1, 2))


def _grade(console: Console, pipeline: Pipeline) -> None:
    from grader.records import GradeRequest

    question = pipeline.corpus.question(QUESTION)
    console.rule(f"[bold]How good is this answer?[/]  {question.id}: {question.question}")
    table = Table("answer", "score", "verdict", "stated", "contradicted", "missing", "false claims", "review", show_lines=True)
    for kind, answer in ANSWERS.items():
        table.add_row(kind, *_row(pipeline.grade(GradeRequest(question_id=QUESTION, answer=answer))))
    console.print(table)
    for point in question.key_points:
        console.print(f"  {point.id} ({point.weight:g}) {point.text}", style="dim", markup=False)


def _row(grade: Grade) -> list[str | Text]:
    def points(state: str) -> str:
        return " ".join(p.id for p in grade.key_points if p.state == state) or "-"

    score = Text(f"{grade.score:.2f} of {grade.max_score:g}", style="bold")
    claims = "\n".join(f"{c.code} “{c.text}”" for c in grade.false_claims) or "-"
    review = grade.review_reasons[0] if grade.needs_review else "no"
    return [score, grade.verdict, points("stated"), points("contradicted"), points("missing"), Text(claims, style="red"), Text(review)]


if __name__ == "__main__":
    sys.exit(main())
