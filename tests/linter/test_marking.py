"""Marks are put where findings are to stand, and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from corpus.text import Document, Span
from linter.cli import app
from linter.errors import SuppressError
from linter.finding import Finding
from linter.marking import mark_files, marked
from linter.suppress import UNUSED

WRONG = "Flask sessions are stored on the server by default."


def _found(document: Document, words: str, code: str = "FLK012") -> Finding:
    start = document.text.index(words)
    span = Span(start, start + len(words))
    return Finding(code=code, name="x", severity="error", message="m", path=document.path, span=span, text=words)


@pytest.mark.parametrize(
    ("path", "text", "after"),
    [
        ("a.md", f"Intro.\r\n{WRONG}  \r\nEnd.", f"Intro.\r\n{WRONG} <!-- viva: ignore[FLK012] a quote -->  \r\nEnd."),
        ("a.md", f"{WRONG} <!-- viva: ignore[DJA001] b -->", f"{WRONG} <!-- viva: ignore[DJA001, FLK012] b -->"),
        ("a.yaml", f'a: "{WRONG}"\nb: 1\n', f'a: "{WRONG}"  # viva: ignore[FLK012] a quote\nb: 1\n'),
    ],
)
def test_a_mark_stands_in_a_comment_at_the_end_of_its_line(path: str, text: str, after: str) -> None:
    """Line breaks and what is there stay; a line that has a mark gets no second one."""
    document = Document(path, text)

    done = marked(document, [_found(document, WRONG)], "a quote")

    assert (done.text, done.added, done.left) == (after, 1, ())


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.txt", WRONG),
        ("a.md", f"```\n{WRONG}\n```\n"),
        ("a.yaml", f"a: |\n  One.\n  {WRONG}\n  Two.\n"),
        ("a.yaml", f'a: "One.\n  {WRONG}\n  Two."\n'),
    ],
)
def test_where_no_comment_can_stand_the_text_is_left(path: str, text: str) -> None:
    """A mark there would be read as text, or as code."""
    document = Document(path, text)
    finding = _found(document, WRONG)

    done = marked(document, [finding], "")

    assert (done.text, done.added, done.left) == (text, 0, (finding,))


@pytest.mark.parametrize(
    ("path", "text", "after"),
    [
        ("a.md", "One. <!-- viva: ignore[FLK012] why -->\nTwo.", "One.\nTwo."),
        ("a.md", "One.\n<!-- viva: ignore[FLK012] why -->\r\nTwo.", "One.\nTwo."),
        ("a.yaml", "a: 1  # viva: ignore[DJA001, FLK012] why\n", "a: 1  # viva: ignore[DJA001] why\n"),
        ("a.yaml", "# viva: ignore[FLK012] why\na: 1\n", "a: 1\n"),
    ],
)
def test_what_suppresses_nothing_is_taken_out(path: str, text: str, after: str) -> None:
    """The code alone where others stand beside it, else the comment, and its line where it has no other words."""
    document = Document(path, text)

    done = marked(document, [_found(document, "FLK012", UNUSED.code)], "")

    assert (done.text, done.removed) == (after, 1)


def test_yaml_says_the_same_with_its_marks() -> None:
    """Also where a text goes on over several lines, and on its last one."""
    text = f'a: "One.\n  {WRONG}"\nb: [x, "{WRONG} Twice."]\n'
    document = Document("a.yaml", text)
    findings = [_found(document, WRONG), _found(document, f"{WRONG} Twice.")]

    done = marked(document, findings, "b: c # d")

    assert done.added == 2 and yaml.safe_load(done.text) == yaml.safe_load(text)


def test_a_reason_that_would_end_its_comment_is_refused() -> None:
    """And no file is touched."""
    with pytest.raises(SuppressError, match="one line"):
        marked(Document("a.md", WRONG), [], "so --> there")


def test_files_keep_their_mark_of_order_and_their_mode(tmp_path: Path) -> None:
    """Only what is marked is written."""
    path, other = tmp_path / "a.md", tmp_path / "b.md"
    path.write_bytes(b"\xef\xbb\xbf" + WRONG.encode())
    path.chmod(0o600)
    other.write_text("Fine.", "utf-8")
    before = other.stat().st_mtime_ns
    document = Document(str(path), WRONG)

    done = list(mark_files([(document, [_found(document, WRONG)]), (Document(str(other), "Fine."), [])], ""))

    assert [m.added for _, m in done] == [1, 0]
    assert path.read_bytes().startswith(b"\xef\xbb\xbfFlask") and path.stat().st_mode & 0o777 == 0o600
    assert other.stat().st_mtime_ns == before


def test_the_command_makes_a_folder_clean(tmp_path: Path) -> None:
    """What it marks is told no more; what it marked in vain once is taken out; standard input cannot be rewritten."""
    page = tmp_path / "page.md"
    page.write_text(f"# Sessions\n\n{WRONG}\n\nPlain words. <!-- viva: ignore[FLK012] old -->\n", "utf-8")
    run = CliRunner()

    assert run.invoke(app, ["check", str(tmp_path)]).exit_code == 1
    told = run.invoke(app, ["suppress", str(tmp_path), "--reason", "quoted"])
    assert told.exit_code == 0 and "suppressed: 1. Marks taken out that suppressed nothing: 1." in told.output
    assert run.invoke(app, ["check", str(tmp_path)]).exit_code == 0
    assert "viva: ignore[FLK012] quoted -->" in page.read_text("utf-8") and "old" not in page.read_text("utf-8")
    assert run.invoke(app, ["suppress", "-"]).exit_code == 2
