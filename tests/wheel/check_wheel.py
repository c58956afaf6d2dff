"""Builds the wheel, installs it into an empty environment outside the checkout, and uses it from there: lint, grade, serve.

Run by `make check`; needs a package index for the dependencies and the base model. Exit 0 and a last line `wheel: ok`, or the reason.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("torch", "sentence_transformers", "transformers", "ray")
RECORD = {"question_id": "flask-014", "answer": "Flask keeps session data in a cookie signed with the secret key."}
FALSE_SENTENCE = "Flask sessions are stored on the server."
TRUE_SENTENCE = "By default Flask keeps session data in a signed cookie on the client."


class WheelError(Exception):
    """The wheel does not do what a user needs; the message says what."""


def main() -> int:
    """Run every step; the folder of the trial goes away whatever happens."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="viva-wheel-") as folder:
        try:
            wheel = build(Path(folder))
            binaries = install(Path(folder), wheel)
            use(Path(folder), binaries)
        except (WheelError, subprocess.TimeoutExpired) as error:
            print(f"wheel: FAILED: {error}", file=sys.stderr)
            return 1
    print(f"wheel: ok ({time.monotonic() - started:.0f} s)")
    return 0


def build(folder: Path) -> Path:
    """The wheel of what git would commit, built from a copy, so that no leftover of the checkout gets in."""
    say("building the wheel from a clean copy")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        source, target = ROOT / name, folder / "source" / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    call([sys.executable, "-m", "build", "--wheel", "--outdir", str(folder / "dist"), str(folder / "source")], folder, dict(os.environ))
    wheels = list((folder / "dist").glob("*.whl"))
    if len(wheels) != 1:
        raise WheelError(f"expected one wheel, built {[w.name for w in wheels]}")
    say(f"built {wheels[0].name}, {wheels[0].stat().st_size / 1e6:.1f} MB")
    return wheels[0]


def install(folder: Path, wheel: Path) -> Path:
    """An empty environment with the wheel and what it depends on; nothing heavy may come with it."""
    say("installing it into an empty environment")
    venv.create(folder / "env", with_pip=True)
    binaries = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    pip = [str(binaries / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install", "-c", str(ROOT / "constraints.txt")]
    call([*pip, str(wheel)], folder, dict(os.environ), limit=600)
    probe = f"import importlib.util as u; print(*[n for n in {HEAVY!r} if u.find_spec(n)])"
    heavy = call([str(binaries / "python"), "-c", probe], folder, dict(os.environ)).strip()
    if heavy:
        raise WheelError(f"the installation brought {heavy}")
    say("neither torch nor another heavy package came with it")
    return binaries


def use(folder: Path, binaries: Path) -> None:
    """Lint, list, grade and serve from a foreign folder with an empty cache."""
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("VIVA_") and k != "PYTHONPATH"}
    environment["VIVA_CACHE"] = str(folder / "cache")
    place = call([str(binaries / "python"), "-c", "import corpus, linter, grader; print(corpus.__file__)"], elsewhere, environment).strip()
    expect(Path(place).is_relative_to(folder), f"corpus is imported from {place}, not from the wheel")

    (elsewhere / "notes.txt").write_text(f"{FALSE_SENTENCE}\n", "utf-8")
    (elsewhere / "good.txt").write_text(f"{TRUE_SENTENCE}\n", "utf-8")
    say("linting (the first start fetches the model) ...")
    out = call([str(binaries / "linter"), "check", "--format", "json", "notes.txt"], elsewhere, environment, codes=(1,), limit=600)
    found = json.loads(out)
    expect(len(found) == 1 and found[0]["span"] in FALSE_SENTENCE and found[0]["truth"], f"wrong findings: {out}")
    say(f"linter check: exit 1, {found[0]['code']} at line {found[0]['start']['line']}")
    call([str(binaries / "linter"), "check", "good.txt"], elsewhere, environment)
    say("linter check of a true sentence: exit 0")
    rules = call([str(binaries / "linter"), "rules"], elsewhere, environment).splitlines()
    expect(len(rules) >= 40, f"only {len(rules)} rules")
    say(f"linter rules: {len(rules)}")

    (elsewhere / "in.jsonl").write_text(json.dumps(RECORD) + "\n", "utf-8")
    out = call([str(binaries / "grader"), "grade", "--input", "in.jsonl"], elsewhere, environment)
    graded = json.loads(out)
    expect(0 < graded["score"] <= graded["max_score"] and len(graded["key_points"]) == 5, f"no grade: {out}")
    say(f"grader grade: {graded['score']} of {graded['max_score']:g}, {graded['verdict']}")
    with serving(binaries, elsewhere, environment) as url:
        answer = post(f"{url}/v1/grade", RECORD)
        with urllib.request.urlopen(f"{url}/app/sign-in", timeout=30) as page:
            expect(b"Sign in" in page.read(), "no page to sign in")
        with urllib.request.urlopen(f"{url}/app/interviews", timeout=30) as page:  # leads to the same page
            expect(page.url.startswith(f"{url}/app/sign-in"), f"not led to the sign-in page but to {page.url}")
    graded.pop("id"), answer.pop("id")
    expect(answer == graded, f"HTTP and command line differ:\n{answer}\n{graded}")
    say("grader serve: POST /v1/grade gives the same grade; the pages are there, over a database of its own")


@contextlib.contextmanager
def serving(binaries: Path, folder: Path, environment: dict[str, str]) -> Iterator[str]:
    """A server of the installed wheel on a free port, ready to grade."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [str(binaries / "grader"), "serve", "--port", str(port), "--database", f"sqlite:///{folder / 'viva.db'}"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            for _ in range(300):
                if server.poll() is not None:
                    break
                with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/readyz", timeout=5):
                    break
                time.sleep(0.2)
            expect(server.poll() is None, "the server ended: " + (folder / "server.log").read_text("utf-8", "replace")[-2000:])
            yield url
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def post(url: str, record: dict[str, Any]) -> dict[str, Any]:
    """One record by HTTP."""
    request = urllib.request.Request(url, json.dumps(record).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return dict(json.load(response))
    except urllib.error.HTTPError as error:
        raise WheelError(f"{url} answered {error.code}: {error.read()[:500]!r}") from None
    except OSError as error:
        raise WheelError(f"{url} gives no answer: {error}") from None


def call(command: Sequence[str], folder: Path, environment: dict[str, str], codes: Sequence[int] = (0,), limit: float = 300) -> str:
    """Standard output of a command that must end with one of `codes`."""
    done = subprocess.run(list(command), cwd=folder, env=environment, capture_output=True, text=True, timeout=limit, check=False)
    if done.returncode not in codes:
        told = (done.stderr or done.stdout).strip()[-2000:]
        shown = " ".join([Path(command[0]).name, *command[1:]])
        raise WheelError(f"`{shown}` ended with {done.returncode}, expected {codes[0]}:\n{told}")
    return done.stdout


def expect(holds: bool, otherwise: str) -> None:
    """Raise unless it holds."""
    if not holds:
        raise WheelError(otherwise)


def say(what: str) -> None:
    """Progress, at once."""
    print(f"wheel: {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
