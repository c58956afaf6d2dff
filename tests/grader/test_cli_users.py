"""`grader user`, `grader bank`, and what the other commands must not import."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from grader.cli import cli
from grader.interviews.accounts import Accounts
from grader.store.store import Store

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A command over a database of its own; (exit status, standard output, standard error)."""
    monkeypatch.setenv("VIVA_GRADER_DATABASE", f"sqlite:///{tmp_path / 'viva.db'}")

    def go(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        done = CliRunner().invoke(cli, arguments, input=stdin)
        return done.exit_code, done.stdout, done.stderr

    return go


def test_users_are_added_and_sign_in(run, tmp_path):
    """The password comes from standard input and is printed nowhere."""
    code, out, err = run("user", "add", "Ann", "--role", "owner", stdin=f"{PASSWORD}\n")
    assert (code, out) == (0, "owner Ann may sign in\n")
    assert PASSWORD not in out + err
    assert run("user", "add", "Bob", stdin=f"{PASSWORD}\r\n")[0] == 0
    assert run("user", "list")[1] == "Ann\towner\tactive\nBob\tinterviewer\tactive\n"
    store = Store(f"sqlite:///{tmp_path / 'viva.db'}")
    assert Accounts(store).sign_in("bob", PASSWORD).user.role == "interviewer"
    assert run("user", "password", "BOB", stdin="another horse battery\n")[0] == 0
    assert Accounts(store).sign_in("bob", "another horse battery")
    store.close()


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (("user", "add", "Ann", "--role", "king"), PASSWORD, "--role: owner, interviewer or viewer"),
        (("user", "add", "Ann"), "short", "password: has 12 to 200 characters"),
        (("user", "add", ""), PASSWORD, "name: must not be empty"),
        (("user", "password", "Nobody"), PASSWORD, "there is no user 'Nobody'"),
        (("user", "list", "--database", "mysql://u:geheim@h/d"), "", "no database Viva knows"),
        (("serve", "--demo", "--host", "0.0.0.0"), "", "demo: needs one worker"),
        (("serve", "--demo", "--workers", "2"), "", "demo: needs one worker"),
    ],
)
def test_a_wrong_call_ends_in_one_line(run, arguments, stdin, said):
    """Exit status 2, and no password in what is said."""
    code, out, err = run(*arguments, stdin=stdin)
    assert (code, out) == (2, "")
    assert said in err
    assert "geheim" not in err
    assert err.count("\n") == 1


def test_a_name_is_taken_once(run):
    """In any case."""
    run("user", "add", "Ann", stdin=PASSWORD)
    code, _, err = run("user", "add", "ANN", stdin=PASSWORD)
    assert code == 2
    assert "is taken" in err


def test_grading_and_linting_import_neither_pages_nor_database():
    """`grader grade` and the linter start as fast as before."""
    code = (
        "import sys, grader.cli, grader.pipeline, linter.cli, linter.checker;"
        "print(sorted({'nicegui', 'sqlalchemy', 'alembic', 'argon2', 'fastapi', 'typst', 'psycopg'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_questions_go_out_and_come_in(run, tmp_path):
    """Without a model, in every format; a wrong file names each row and changes nothing."""
    table = tmp_path / "own.csv"
    table.write_text("id,question,reference_1\nteam-001,What is a cookie?,A small text.\n", "utf-8")
    assert run("bank", "import", str(table))[:2] == (0, "1 new, 0 changed, 0 as they were\n")
    assert run("bank", "import", str(table))[1] == "0 new, 0 changed, 1 as they were\n"
    for kind in ("csv", "jsonl", "moodle", "gift", "qti"):
        out = tmp_path / f"all.{kind}"
        assert run("bank", "export", "--format", kind, "--topic", "imported", "--output", str(out))[0] == 0
        assert run("bank", "import", "--format", kind, str(out))[1] == "0 new, 0 changed, 1 as they were\n"
    table.write_text("id,question,reference_1\nteam-002,Why?,So.\nflask-014,What?,So.\nteam-004,,So.\n", "utf-8")
    code, said, err = run("bank", "import", str(table))
    assert (code, said) == (1, "")
    assert "row 3 (line 4): question: missing" in err
    assert "team-002" not in run("bank", "export")[1]
    assert run("bank", "export", "--format", "docx")[0] == 2
