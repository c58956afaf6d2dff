"""Linting starts light."""

import subprocess
import sys

CODE = """
import sys
from linter.cli import main
sys.argv = ["linter", "check", "-", "--no-cache", "--format", "concise"]
try:
    main()
except SystemExit as done:
    heavy = sorted({"torch", "sklearn", "transformers", "sentence_transformers", "scipy", "onnx", "fastapi"} & set(sys.modules))
    print(int(done.code), heavy)
"""


def test_linting_imports_no_heavy_library() -> None:
    """A sentence is judged, and neither torch nor scikit-learn nor the HTTP face was imported for it."""
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", CODE],
        input="Flask sessions are stored on the server side.",
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert ran.stdout.splitlines()[-1:] == ["1 []"], ran.stderr
