"""More of Python itself: dicts, closures, super(), ranges, bytes, tuples, with, coroutines, hints, imports, logging, bytecode."""

import asyncio
import importlib
import importlib.util
import inspect
import itertools
import subprocess
import sys
from dataclasses import FrozenInstanceError, dataclass
from pathlib import Path
from typing import Any, Optional, Union, overload

import pytest
from pydantic import BaseModel, ValidationError


def run_python(*arguments: str) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a Python of its own, which obeys no environment."""
    done = subprocess.run([sys.executable, "-I", *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_dict_keeps_the_order_of_insertion() -> None:
    """PYT701: Whatever the hashes, keys come as they were put in; a new value moves none, a new insertion goes last."""
    for keys in itertools.permutations(["pear", "apple", "fig", 7, (1, 2)]):
        assert list(dict.fromkeys(keys)) == list(keys)
    data = {"b": 1, "a": 2, "c": 3}
    data["b"] = 9
    assert list(data) == ["b", "a", "c"]
    data["a"] = data.pop("a")
    assert list(data) == ["b", "c", "a"]
    code = "print(*dict.fromkeys('hgfedcba'), sep='')"
    assert {run_python("-c", code)[1] for _ in range(3)} == {"hgfedcba\n"}  # whatever the seed of the hashes


def test_closures_look_names_up_when_called() -> None:
    """PYT702: Functions of a loop share its variable; a default value, evaluated at the def, does not."""
    late, early = [lambda: i for i in range(3)], [lambda i=i: i for i in range(3)]
    assert [function() for function in late] == [2, 2, 2]
    assert [function() for function in early] == [0, 1, 2]

    def outer() -> tuple[int, int]:
        value = 1

        def inner() -> int:
            return value

        first = inner()
        value = 2
        return first, inner()

    assert outer() == (1, 2)


class Base:
    def visit(self) -> list[str]:
        return ["Base"]


class Left(Base):
    def visit(self) -> list[str]:
        return ["Left", *super().visit()]


class Right(Base):
    def visit(self) -> list[str]:
        return ["Right", *super().visit()]


class Both(Left, Right):
    def visit(self) -> list[str]:
        return ["Both", *super().visit()]


def test_super_goes_on_to_the_next_class_of_the_mro() -> None:
    """PYT703: In a diamond Left's super() leads to Right, which is none of its bases; each class comes once; bad orders are refused."""
    assert Left().visit() == ["Left", "Base"]
    assert Both().visit() == ["Both", "Left", "Right", "Base"]  # depth first would have Base before Right
    assert [cls.__name__ for cls in Both.__mro__] == ["Both", "Left", "Right", "Base", "object"]
    assert type("Turned", (Right, Left), {})().visit() == ["Right", "Left", "Base"]  # the bases' order counts
    with pytest.raises(TypeError, match="order"):
        type("Impossible", (Base, Left), {})


def test_a_range_is_a_lazy_reusable_sequence() -> None:
    """PYT704: Its size does not grow, it can be indexed, measured and gone through again, and is no iterator; xrange is no more."""
    numbers = range(3)
    assert list(numbers) == list(numbers) == [0, 1, 2]
    assert sys.getsizeof(range(10**9)) == sys.getsizeof(range(10)) < sys.getsizeof([0] * 100)
    assert 10**12 - 1 not in range(0, 10**12, 2)  # at once; so many steps would take hours
    assert (range(10**12)[-1], len(range(10**12))) == (10**12 - 1, 10**12)
    with pytest.raises(TypeError, match="not an iterator"):
        next(numbers)  # type: ignore[call-overload]
    assert next(iter(numbers)) == 0
    with pytest.raises(NameError):
        eval("xrange(3)")


def test_text_and_bytes_are_never_mixed_silently() -> None:
    """PYT705: They cannot be joined, are never equal and are not found for each other; encode() and decode() convert."""
    text, data = "abc", b"abc"
    with pytest.raises(TypeError):
        text + data  # type: ignore[operator]
    assert data not in {text: 1}
    assert (text.encode(), data.decode()) == (data, text)
    assert not hasattr(text, "decode") and not hasattr(data, "encode")
    assert str(data) == "b'abc'"
    assert (data[0], text[0]) == (97, "a")
    assert (len("ß"), len("ß".encode())) == (1, 2)


def test_a_list_in_a_tuple_can_change_and_cannot_be_hashed() -> None:
    """PYT706: The list in it grows, its places cannot be assigned; with a list it has no hash, without one it has."""
    inner = [1]
    pair: tuple[Any, ...] = (inner, 2)
    inner.append(3)
    assert pair == ([1, 3], 2)
    with pytest.raises(TypeError):
        pair[0] = 5  # type: ignore[index]
    with pytest.raises(TypeError, match="unhashable"):
        hash(pair)
    assert {("a", 1): "found"}[("a", 1)] == "found"


class Manager:
    def __init__(self, answer: bool | None) -> None:
        self.answer, self.left = answer, [object]

    def __enter__(self) -> "Manager":
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool | None:
        self.left.append(kind)
        return self.answer


def test_a_with_block_cleans_up_and_lets_the_exception_through(tmp_path: Path) -> None:
    """PYT707: __exit__ is called after an error and after none; only a true answer suppresses."""
    for answer in (None, False):
        manager = Manager(answer)
        with pytest.raises(ValueError, match="mine"), manager:
            raise ValueError("mine")
        assert manager.left == [object, ValueError]
    with Manager(True) as manager:
        raise ValueError
    with manager:
        assert manager.left == [object, ValueError]
    assert manager.left[2] is None
    with pytest.raises(KeyError), (tmp_path / "file").open("w") as file:
        raise KeyError
    assert file.closed
    with pytest.raises(FileNotFoundError), (tmp_path / "missing").open():
        pass


@pytest.mark.filterwarnings("ignore:coroutine")
def test_calling_an_async_function_runs_nothing() -> None:
    """PYT708: The call gives a coroutine and runs no line, not even in a running loop; awaiting it does, once."""
    ran: list[str] = []

    async def job(name: str) -> str:
        ran.append(name)
        return name

    async def main() -> None:
        forgotten, awaited = job("forgotten"), job("awaited")
        assert inspect.iscoroutine(forgotten)
        await asyncio.sleep(0.01)
        assert ran == []
        assert await awaited == "awaited"
        with pytest.raises(RuntimeError, match="already awaited"):
            await awaited

    asyncio.run(main())
    assert ran == ["awaited"]


class Person(BaseModel):
    age: Optional[int]  # noqa: UP045
    name: str | None = None


def test_optional_only_permits_none() -> None:
    """PYT709: The parameter stays required, to Python and to Pydantic; only a default makes it possible to leave it out."""

    def required(x: Optional[int]) -> int | None:  # noqa: UP045
        return x

    with pytest.raises(TypeError, match="missing 1 required"):
        required()  # type: ignore[call-arg]
    assert required(None) is None
    assert Optional[int] == Union[int, None] == int | None  # noqa: UP007, UP045
    with pytest.raises(ValidationError, match="Field required"):
        Person()  # type: ignore[call-arg]
    assert Person(age=None).name is None


def test_a_dataclass_is_mutable_and_unhashable_unless_frozen() -> None:
    """PYT710: Fields can be assigned, equal ones are equal, hash() and < fail; a frozen one is the other way about."""

    @dataclass
    class Plain:
        x: int

    @dataclass(frozen=True)
    class Frozen:
        x: int

    plain = Plain(1)
    plain.x = 2
    assert plain == Plain(2)
    for refused in (hash, lambda one: one < Plain(3)):
        with pytest.raises(TypeError):
            refused(plain)
    assert {Frozen(1): "found"}[Frozen(1)] == "found"
    with pytest.raises(FrozenInstanceError):
        Frozen(1).x = 2  # type: ignore[misc]


def test_a_folder_without_init_py_is_importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PYT711: Modules of a bare folder import, relatively too, and no file is made; with an __init__.py its code runs once."""
    for folder in ("bare_shop", "full_shop"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "models.py").write_text("price = 5")
        (tmp_path / folder / "views.py").write_text("from .models import price")
    (tmp_path / "full_shop" / "__init__.py").write_text("import sys; sys.full_shop_runs = getattr(sys, 'full_shop_runs', 0) + 1")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "full_shop_runs", 0, raising=False)
    for folder in ("bare_shop", "full_shop"):
        assert importlib.import_module(f"{folder}.views").price == 5
        assert importlib.import_module(f"{folder}.models").price == 5
    assert not (tmp_path / "bare_shop" / "__init__.py").exists()
    assert sys.modules["bare_shop"].__spec__.origin is None  # type: ignore[union-attr]
    assert sys.full_shop_runs == 1  # type: ignore[attr-defined]


def test_unconfigured_logging_shows_warnings_only() -> None:
    """PYT712: By the root or by a logger of one's own: debug and info vanish, warning and error go to stderr; configured, all come."""
    speak = "[getattr(l, n)(n) for l in (logging.getLogger('own'), logging) for n in ('debug', 'info', 'warning', 'error')]"
    _, out, plain = run_python("-c", f"import logging; {speak}")
    assert out == ""
    assert plain.split() == ["warning", "error", "WARNING:root:warning", "ERROR:root:error"]
    _, _, empty = run_python("-c", f"import logging; logging.basicConfig(); {speak}")
    assert "debug" not in empty and "info" not in empty
    _, _, configured = run_python("-c", f"import logging; logging.basicConfig(level=logging.DEBUG); {speak}")
    assert "DEBUG:own:debug" in configured and "INFO:root:info" in configured


def test_source_is_compiled_whole_before_it_runs(tmp_path: Path) -> None:
    """PYT713: A syntax error on the last line keeps the first from running, a NameError does not; imports leave bytecode."""
    for name, last in (("syntax", "x = = 1"), ("name", "unknown")):
        (tmp_path / f"{name}.py").write_text(f"print('first')\n{last}\n")
    assert run_python(str(tmp_path / "syntax.py"))[1] == ""
    assert run_python(str(tmp_path / "name.py"))[1] == "first\n"
    (tmp_path / "module.py").write_text("x = 1")
    assert run_python("-c", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import module")[0] == 0
    (cached,) = (tmp_path / "__pycache__").iterdir()
    assert cached.read_bytes().startswith(importlib.util.MAGIC_NUMBER)


def test_assert_is_left_out_by_the_optimising_option() -> None:
    """PYT714: With -O a false assert passes and its expression is not evaluated; without it, AssertionError is raised."""
    code = "assert print('evaluated')\nprint('went on')"
    status, out, errors = run_python("-c", code)
    assert (status, out) == (1, "evaluated\n")
    assert "AssertionError" in errors
    assert run_python("-O", "-c", code) == (0, "went on\n", "")


def test_text_and_numbers_are_not_converted_implicitly() -> None:
    """PYT715: '5' + 1 and '10' < 9 are refused, '5' is not 5, though a name may go from int to str."""
    value: Any = 5
    assert type(value) is int
    value = "5"
    for refused in (lambda: value + 1, lambda: 1 + value, lambda: value < 9, lambda: None + 1):  # type: ignore[operator]
        with pytest.raises(TypeError):
            refused()
    assert value != 5


def test_a_second_def_replaces_the_first() -> None:
    """PYT716: The later of two methods of one name is all there is, typing.overload or not."""

    class Shape:
        def area(self, r: int) -> int:
            return 3 * r * r

        def area(self, a: int, b: int) -> int:  # noqa: F811
            return a * b

    @overload
    def double(x: int) -> int: ...
    def double(x: Any) -> Any:
        return "the one", x

    assert Shape().area(2, 3) == 6
    with pytest.raises(TypeError):
        Shape().area(2)  # type: ignore[call-arg]
    assert double(1) == ("the one", 1)
