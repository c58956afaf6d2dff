"""What answers about Python and its servers get wrong: environments, the GIL's interval, pickle, casts, loggers, gather, pools, signals."""

import asyncio
import logging
import logging.config
import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import cast

import pytest


def test_a_venv_does_not_see_the_packages_of_its_base(tmp_path: Path) -> None:
    """PYT811: The configuration of a new environment says that the base's packages are left out, unless asked for."""
    for flags, expected in (([], "false"), (["--system-site-packages"], "true")):
        folder = tmp_path / expected
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", *flags, str(folder)], check=True)
        assert f"include-system-site-packages = {expected}" in (folder / "pyvenv.cfg").read_text()
    seen = subprocess.run([tmp_path / "false" / "bin" / "python", "-c", "import flask"], capture_output=True, text=True, check=False)
    assert "No module named 'flask'" in seen.stderr


def test_the_switch_interval_is_five_milliseconds() -> None:
    """PYT813: A time, in seconds; there is no count of instructions any more."""
    assert sys.getswitchinterval() == pytest.approx(0.005)
    assert not hasattr(sys, "setcheckinterval")


class Counted:
    """Counts how often it was initialised."""

    made = 0

    def __init__(self, name: str) -> None:
        Counted.made += 1
        self.name = name


def test_unpickling_skips_init() -> None:
    """PYT814: The attribute is back, and nobody was called."""
    data = pickle.dumps(Counted("a"))
    before = Counted.made
    assert pickle.loads(data).name == "a" and Counted.made == before


def test_typing_cast_changes_nothing() -> None:
    """PYT815: A string that is cast to int is the same string."""
    value: object = "5"
    assert cast("int", value) is value


def test_dictconfig_disables_existing_loggers() -> None:
    """PYT816: A logger that is not named falls silent, unless the option is off."""
    for given, disabled in (({}, True), ({"disable_existing_loggers": False}, False)):
        logger = logging.getLogger(f"existing.{disabled}")
        logging.config.dictConfig({"version": 1, **given})
        assert logger.disabled is disabled


def test_gather_lets_the_others_run_on() -> None:
    """PYT817: The slow one ends after the exception has come out of gather."""

    async def main() -> list[str]:
        seen: list[str] = []

        async def slow() -> None:
            await asyncio.sleep(0.02)
            seen.append("slow")

        async def fails() -> None:
            raise LookupError

        with pytest.raises(LookupError):
            await asyncio.gather(slow(), fails())
        seen.append("raised")
        await asyncio.sleep(0.05)
        return seen

    assert asyncio.run(main()) == ["raised", "slow"]


def test_a_thread_pool_has_four_workers_more_than_cpus() -> None:
    """PYT818: And never more than 32."""
    with ThreadPoolExecutor() as pool:
        assert pool._max_workers == min(32, (os.cpu_count() or 1) + 4)


def test_gunicorn_finishes_a_request_upon_term(tmp_path: Path) -> None:
    """DEP911: A request under way is answered after TERM, and fails after QUIT."""
    (tmp_path / "slow.py").write_text(
        "import time\ndef app(environ, start):\n    time.sleep(1.0)\n    start('200 OK', [('Content-Length', '2')])\n    return [b'ok']\n"
    )
    answers = []
    for number in (signal.SIGTERM, signal.SIGQUIT):
        with subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "slow:app"], cwd=tmp_path, stderr=subprocess.PIPE, text=True
        ) as server:
            assert server.stderr
            port = next(int(line.split("127.0.0.1:")[1].split(" ")[0]) for line in server.stderr if "Listening at" in line)
            next(line for line in server.stderr if "Booting worker" in line)
            answer: list[bytes] = []
            asking = Thread(target=_ask, args=(port, answer))
            asking.start()
            time.sleep(0.5)
            server.send_signal(number)
            asking.join()
            server.communicate(timeout=20)
        answers.append(answer)
    assert answers[0] == [b"ok"] and answers[1] != [b"ok"]


def _ask(port: int, answer: list[bytes]) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        answer.append(connection.getresponse().read())
    except (ConnectionError, OSError):
        return
    finally:
        connection.close()
