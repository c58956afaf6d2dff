"""Testing: pytest, unittest and its patches, coverage, fixtures."""

import importlib.metadata
import subprocess
import sys
from pathlib import Path
from textwrap import dedent


def run(folder: Path, files: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    """Runs a module of Python on some files, in a process of its own."""
    for name, text in files.items():
        (folder / name).write_text(dedent(text))
    return subprocess.run([sys.executable, "-B", "-m", *command], cwd=folder, capture_output=True, text=True, check=False)


QUIET = ("pytest", "-q", "-p", "no:cacheprovider", "-p", "no:cov", "-p", "no:anyio")


def test_pytest_runs_unittest_classes_and_functions(tmp_path: Path) -> None:
    """TST300: A distribution of its own runs both kinds, with setUp and tearDown; the standard library has only unittest."""
    test = """
    import unittest
    steps = []
    class TestOld(unittest.TestCase):
        def setUp(self):
            steps.append("set up")
        def tearDown(self):
            steps.append("torn down")
        def test_old(self):
            self.assertEqual(steps, ["set up"])
    def test_plain():
        assert steps == ["set up", "torn down"]
    """
    done = run(tmp_path, {"test_both.py": test}, *QUIET)
    assert "2 passed" in done.stdout, done.stdout
    assert "unittest" in sys.stdlib_module_names
    assert "pytest" not in sys.stdlib_module_names
    assert importlib.metadata.metadata("pytest")["Name"] == "pytest"
    bare = subprocess.run([sys.executable, "-I", "-S", "-c", "import unittest, pytest"], capture_output=True, text=True, check=False)
    assert "No module named 'pytest'" in bare.stderr


def test_patch_where_the_name_is_looked_up(tmp_path: Path) -> None:
    """TST301: Patching the defining module leaves a name imported elsewhere alone; patching the importing one works."""
    code = """
    from unittest.mock import patch
    import by_module, by_name
    with patch("services.send", return_value="patched"):
        print(by_name.call(), by_module.call())
    with patch("by_name.send", return_value="patched"):
        print(by_name.call(), by_module.call())
    print(by_name.call(), by_module.call())
    """
    files = {
        "services.py": "def send(): return 'real'",
        "by_name.py": "from services import send\ndef call(): return send()",
        "by_module.py": "import services\ndef call(): return services.send()",
        "main.py": code,
    }
    done = run(tmp_path, files, "main")
    assert done.stdout.splitlines() == ["real patched", "patched real", "real real"], done.stderr


def test_full_coverage_proves_nothing_right(tmp_path: Path) -> None:
    """TST302: A test that checks nothing covers every line and branch of a function that is wrong."""
    code = "def largest(a, b):\n    if a > b:\n        return b\n    return a\n"
    test = "from code_under_test import largest\ndef test_it():\n    largest(1, 2)\n    largest(2, 1)\n"
    files = {"code_under_test.py": code, "test_it.py": test}
    done = run(tmp_path, files, "pytest", "-q", "-p", "no:cacheprovider", "--cov=code_under_test", "--cov-branch", "--cov-report=term")
    assert "1 passed" in done.stdout, done.stdout
    row = next(line for line in done.stdout.splitlines() if line.startswith("code_under_test.py"))
    assert row.split()[-1] == "100%"
    namespace: dict[str, object] = {}
    exec(code, namespace)
    assert namespace["largest"](1, 2) == 1  # type: ignore[operator]


def test_a_fixture_is_made_for_each_test_by_default(tmp_path: Path) -> None:
    """TST303: Without a scope each test gets an object of its own; a module's or session's fixture is shared."""
    test = """
    import pytest
    made = {"plain": 0, "module": 0, "session": 0}
    @pytest.fixture
    def plain():
        made["plain"] += 1
        return []
    @pytest.fixture(scope="module")
    def module():
        made["module"] += 1
        return []
    @pytest.fixture(scope="session")
    def session():
        made["session"] += 1
        return []
    def test_one(plain, module, session):
        for items in (plain, module, session):
            items.append(1)
    def test_two(plain, module, session):
        assert (plain, module, session) == ([], [1], [1])
    def test_made():
        assert made == {"plain": 2, "module": 1, "session": 1}
    """
    done = run(tmp_path, {"test_scopes.py": test}, *QUIET)
    assert "3 passed" in done.stdout, done.stdout
