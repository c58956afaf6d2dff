"""Python as it is asked for: del, small ints, generators, hints, try, wheels, virtual environments, and how pytest runs tests."""

import dis
import subprocess
import sys
import timeit
import typing
import zipfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest


def test_del_removes_a_name_only() -> None:
    """PYT803: The object answers under its other name, __del__ is not called, and goes with its last reference."""
    gone: list[int] = []
    thing = type("Thing", (), {"__del__": lambda self: gone.append(1)})
    first = second = thing()
    kept = [second]
    del first
    with pytest.raises(UnboundLocalError):
        first  # noqa: F821
    assert gone == [] and kept[0] is second

    def drop(one: object) -> None:
        del one

    drop(second)
    del second
    assert gone == []
    kept.clear()
    assert gone == [1]


def test_small_integers_are_cached() -> None:
    """PYT804: Made at run time, -5 and 256 are the same object each time, -6 and 257 are not, and all are equal."""
    last = 256 if sys.version_info < (3, 15) else 1024
    same = [n for n in range(-300, 2000) if int(str(n)) is int(str(n))]
    assert same == list(range(-5, last + 1))
    assert int("257") == int("257")


def test_a_generator_may_return_a_value() -> None:
    """PYT805: The value is in StopIteration and comes out of yield from, not out of a loop; an async generator does not compile."""

    def rows() -> Generator[int, None, str]:
        yield from (1, 2)
        return "done"

    def outer() -> Generator[int, None, None]:
        heard.append((yield from rows()))

    heard: list[str] = []
    assert list(rows()) == list(outer()) == [1, 2]
    assert heard == ["done"]
    generator = rows()
    with pytest.raises(StopIteration) as stopped:
        [next(generator) for _ in range(3)]
    assert stopped.value.value == "done"
    with pytest.raises(SyntaxError, match="async generator"):
        compile("async def f():\n    yield 1\n    return 2", "", "exec")


def test_built_in_collections_are_generic() -> None:
    """PYT806: Evaluated at run time, without an import, they are hints, which convert and check nothing; typing's names are aliases."""

    def total(prices: list[int], names: dict[str, int]) -> tuple[int, ...]:
        return tuple(prices)

    hints = typing.get_type_hints(total)
    assert hints == {"prices": list[int], "names": dict[str, int], "return": tuple[int, ...]}
    old, new = typing.List[int], list[int]  # noqa: UP006
    assert typing.get_origin(old) is typing.get_origin(new) is list
    assert typing.get_args(old) == typing.get_args(new) == (int,)
    assert len(list[int](["a"])) == 1  # type: ignore[list-item]
    assert type(list[int]()) is list
    with pytest.raises(TypeError, match="not subscriptable"):
        eval("int[str]")


def test_a_try_block_executes_nothing_of_its_own() -> None:
    """PYT807: Until an exception comes the same instructions run as without try, but for NOPs; a raise takes a multiple of the time."""

    def plain(data: dict[str, int]) -> int:
        return data["a"]

    def guarded(data: dict[str, int]) -> int:
        try:
            return data["a"]
        except KeyError:
            return 0

    def steps(function: Any) -> list[str]:
        names = [one.opname for one in dis.get_instructions(function) if one.opname != "NOP"]
        return names[: next(n for n, name in enumerate(names) if name.startswith("RETURN"))]

    assert steps(guarded) == steps(plain)
    assert guarded.__code__.co_exceptiontable and not plain.__code__.co_exceptiontable
    fine = min(timeit.repeat(lambda: guarded({"a": 1}), number=2000, repeat=9))
    raising = min(timeit.repeat(lambda: guarded({"b": 1}), number=2000, repeat=9))
    assert raising > 1.5 * fine


def test_a_wheel_contains_the_sources(tmp_path: Path) -> None:
    """PYT808: setuptools builds a zip file with the module word for word and no bytecode; pip makes that when it installs."""
    source = "def secret():\n    return 'in plain view'  # a comment\n"
    (tmp_path / "shop.py").write_text(source)
    (tmp_path / "pyproject.toml").write_text(
        "[build-system]\nrequires = ['setuptools']\nbuild-backend = 'setuptools.build_meta'\n"
        "[project]\nname = 'shop'\nversion = '1'\n[tool.setuptools]\npy-modules = ['shop']\n"
    )
    code = "from setuptools.build_meta import build_wheel; build_wheel('.')"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("shop.py").decode() == source
        assert not [name for name in archive.namelist() if ".pyc" in name or "setup.py" in name]
    assert wheel.name == "shop-1-py3-none-any.whl"
    options = ["--disable-pip-version-check", "install", "--no-index", "--no-deps", "--target", "site"]
    subprocess.run([sys.executable, "-m", "pip", *options, wheel.name], cwd=tmp_path, capture_output=True, check=True)
    assert (tmp_path / "site/shop.py").read_text() == source
    assert list((tmp_path / "site/__pycache__").glob("shop.*.pyc"))


def test_a_virtual_environment_cannot_be_moved(tmp_path: Path) -> None:
    """PYT809: It has no standard library, names its base and its path in full, and moved, activates the old place."""
    old, new = tmp_path / "old", tmp_path / "new"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--symlinks", str(old)], check=True)
    activate = '. "$0/bin/activate"; echo "$VIRTUAL_ENV"; command -v python'

    def activated(folder: Path) -> list[str]:
        return subprocess.run(["sh", "-c", activate, str(folder)], capture_output=True, text=True, check=False).stdout.splitlines()

    assert activated(old) == [str(old), str(old / "bin/python")]
    assert not list(old.rglob("asyncio"))
    code = "import os, sys; print(sys.prefix, os.__file__.startswith(sys.prefix + os.sep))"
    inside = subprocess.run([str(old / "bin/python"), "-c", code], capture_output=True, text=True, check=True).stdout
    assert inside.split() == [str(old), "False"]
    assert f"home = {Path(sys.base_prefix)}" in (old / "pyvenv.cfg").read_text()
    old.rename(new)
    assert activated(new)[0] == str(old)
    assert str(new / "bin/python") not in activated(new)


def test_pytest_runs_tests_one_after_another(tmp_path: Path) -> None:
    """PYT810: Tests of two files share process and thread and never overlap, in the order of the files; -n is unknown."""
    test = "import os, threading, time\ndef note(what):\n    with open('log', 'a') as log:\n"
    test += "        print(what, os.getpid(), threading.get_ident(), file=log)\n"
    for name in ("a", "b"):
        body = "".join(f"def test_{n}():\n    note('start'); time.sleep(0.05); note('end')\n" for n in range(2))
        (tmp_path / f"test_{name}.py").write_text(test + body)
    command = [sys.executable, "-Bm", "pytest", "-q", "-p", "no:cacheprovider"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    lines = [line.split() for line in (tmp_path / "log").read_text().splitlines()]
    assert [line[0] for line in lines] == ["start", "end"] * 4
    assert len({tuple(line[1:]) for line in lines}) == 1
    refused = subprocess.run([*command, "-n", "2"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert refused.returncode == 4 and "-n" in refused.stderr
