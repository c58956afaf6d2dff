"""Still more of Python itself: attributes, methods, match, integers, map, lists, scope, exceptions, repr, ABCs, stars, lambdas, imports."""

import importlib
import sys
import types
from abc import ABC, ABCMeta, abstractmethod
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, ClassVar

import pytest


def test_class_attributes_are_shared() -> None:
    """PYT761: A list of the class is one list for all, one made in __init__ is not; assignment through self hides the class attribute."""

    class Cart:
        shared: ClassVar[list[str]] = []
        size = 1

        def __init__(self) -> None:
            self.own: list[str] = []

    first, second = Cart(), Cart()
    first.shared.append("tea")
    first.own.append("tea")
    assert (second.shared, second.own) == (["tea"], [])
    first.size = 5
    assert (second.size, Cart.size) == (1, 1)
    Cart.size = 7
    assert (first.size, second.size, Cart().shared) == (5, 7, ["tea"])


class Shape:
    @classmethod
    def of_class(cls, *rest: object) -> tuple[object, ...]:
        return (cls, *rest)

    @staticmethod
    def of_none(*rest: object) -> tuple[object, ...]:
        return rest


class Circle(Shape):
    pass


def test_class_methods_get_the_class_and_static_methods_nothing() -> None:
    """PYT762: On the class and on an instance alike; a subclass arrives as itself, and may override a static method."""
    assert Shape.of_class(1) == Shape().of_class(1) == (Shape, 1)
    assert Circle.of_class() == Circle().of_class() == (Circle,)
    assert Shape.of_none(1) == Shape().of_none(1) == (1,)
    assert type("Round", (Shape,), {"of_none": staticmethod(lambda: "new")})().of_none() == "new"


def test_match_picks_one_case_without_falling_through() -> None:
    """PYT763: Only the first fitting case runs, none fitting is no error, structures are taken apart, a bare name captures."""

    def run(subject: object) -> list[object]:
        done: list[object] = []
        match subject:
            case 1:
                done.append("one")
            case int():
                done.append("int")
            case {"name": name, "tags": [first, *_]}:
                done.extend([name, first])
        return done

    assert (run(1), run(2), run("other")) == (["one"], ["int"], [])
    assert run({"name": "Ada", "tags": ["x", "y"]}) == ["Ada", "x"]
    space: dict[str, Any] = {"RED": 1}
    exec("match 2:\n    case RED:\n        match = 'captured'", space)
    assert (space["RED"], space["match"]) == (2, "captured")


def test_an_int_has_no_largest_value() -> None:
    """PYT764: Beyond 64 bits it is exact and still an int; there is no long and no sys.maxint; a float does overflow."""
    big = sys.maxsize + 1
    assert type(big) is int and big > sys.maxsize and big - 1 == sys.maxsize
    assert (2**1000 + 1) - 2**1000 == 1
    assert sys.getsizeof(2**1000) > sys.getsizeof(1)
    assert not hasattr(sys, "maxint")
    for gone in ("long(1)", "10L"):
        with pytest.raises((NameError, SyntaxError)):
            eval(gone)
    with pytest.raises(OverflowError):
        float(10**400)


@pytest.mark.parametrize("make", [map, filter])
def test_map_and_filter_are_lazy_and_single_use(make: Callable[..., Any]) -> None:
    """PYT765: No call before a value is asked for, no length, no index, nothing left the second time; the list stays as it was."""
    calls: list[int] = []
    data = [3, 4]
    result = make(lambda x: calls.append(x) or x, data)
    assert not isinstance(result, list) and calls == []
    assert next(result) == 3 and calls == [3]
    assert (list(result), list(result), data) == ([4], [], [3, 4])
    with pytest.raises(TypeError):
        len(result)
    with pytest.raises(TypeError):
        result[0]


def test_a_list_is_an_array_of_references() -> None:
    """PYT766: A place costs one pointer whatever stands there, most appends allocate nothing, many front inserts cost far more."""
    pointer = sys.getsizeof([None] * 1001) - sys.getsizeof([None] * 1000)
    assert pointer == tuple.__itemsize__
    assert sys.getsizeof(["x" * 10**6] * 1000) == sys.getsizeof([None] * 1000)
    items: list[int] = []
    sizes = set()
    for number in range(10_000):
        items.append(number)
        sizes.add(sys.getsizeof(items))
    assert len(sizes) < 200  # it grows by leaps and not node by node
    assert best(lambda: items.insert(0, 0), items) > 5 * best(lambda: items.append(0), items)


def best(step: Callable[[], object], items: list[int]) -> float:
    """The shortest of several times of a few hundred steps on a long list."""
    times = []
    for _ in range(5):
        items[:] = range(100_000)
        start = perf_counter()
        for _ in range(200):
            step()
        times.append(perf_counter() - start)
    return min(times)


def test_sort_returns_none_and_sorted_a_new_list() -> None:
    """PYT767: sort() changes the list and gives None, sorted() leaves its argument, gives a list whatever it gets; both are stable."""
    items = [3, 1, 2]
    assert sorted(items) == [1, 2, 3] and items == [3, 1, 2]
    assert items.sort() is None and items == [1, 2, 3]  # type: ignore[func-returns-value]
    for source in ((2, 1), {2, 1}, {2: "b", 1: "a"}, iter([2, 1])):
        assert sorted(source) == [1, 2]
    assert not hasattr((), "sort") and not hasattr(set(), "sort")
    assert sorted(["bb", "a", "aa", "b"], key=len) == ["a", "b", "bb", "aa"]


def test_global_is_needed_only_for_assignment() -> None:
    """PYT768: Reading and changing in place need nothing; assignment makes a local name, unless global is declared."""
    space: dict[str, Any] = {"counter": 1, "entries": [1]}
    source = "def read(): return counter\ndef change(): entries.append(2)\ndef hide():\n counter = 5\n"
    exec(source + "def add():\n counter += 1\ndef rebind():\n global counter\n counter = 9", space)
    assert space["read"]() == 1
    space["change"]()
    space["hide"]()
    assert (space["entries"], space["counter"]) == ([1, 2], 1)
    with pytest.raises(UnboundLocalError):
        space["add"]()
    space["rebind"]()
    assert space["counter"] == 9
    with pytest.raises(SyntaxError):
        compile("x = 1\ndef f():\n nonlocal x\n x = 2", "<text>", "exec")


def bare(kind: type[BaseException]) -> str:
    try:
        raise kind
    except:  # noqa: E722
        return "caught"


def usual(kind: type[BaseException]) -> str:
    try:
        raise kind
    except Exception:
        return "caught"


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, ValueError])
def test_a_bare_except_catches_exit_and_interrupt(kind: type[BaseException]) -> None:
    """PYT769: It catches all three, except Exception only the ordinary error."""

    assert bare(kind) == "caught"
    if kind is ValueError:
        assert usual(kind) == "caught"
    else:
        with pytest.raises(kind):
            usual(kind)


def run_try(mode: str, done: list[str]) -> None:
    try:
        if mode == "return":
            return
        int("x" if mode == "raise" else "1")
    except ValueError:
        done.append("except")
    else:
        done.append("else")
        int("x" if mode == "late" else "1")
    finally:
        done.append("finally")


def test_try_else_runs_after_success_and_unguarded() -> None:
    """PYT770: Not after an exception nor a return; before finally; its own error passes the except clause of the same statement."""

    for mode, expected in {"fine": ["else"], "return": [], "raise": ["except"]}.items():
        run_try(mode, done := [])
        assert done == [*expected, "finally"]
    with pytest.raises(ValueError):
        run_try("late", done := [])
    assert done == ["else", "finally"]


def test_str_falls_back_to_repr_only() -> None:
    """PYT771: With __repr__ alone str() uses it; with __str__ alone repr() and a list do not."""
    one = type("One", (), {"__repr__": lambda self: "short"})()
    two = type("Two", (), {"__str__": lambda self: "short"})()
    assert (str(one), repr(one), f"{one}", str([one])) == ("short", "short", "short", "[short]")
    assert (str(two), f"{two}") == ("short", "short")
    assert repr(two) == object.__repr__(two) != "short"
    assert "short" not in str([two]) and "short" not in f"{two!r}"
    with pytest.raises(TypeError):
        str(type("Three", (), {"__str__": lambda self: 3})())


def test_only_missing_abstract_methods_under_abcmeta_forbid_instances() -> None:
    """PYT772: ABC alone forbids nothing, nor does abstractmethod alone; both do, till all is overridden, whatever the parameters."""

    def area(self: object) -> str:
        return "body"

    body = {"area": abstractmethod(area)}
    assert type("Empty", (ABC,), {})() and type("Plain", (), dict(body))()
    whole = ABCMeta("Whole", (ABC,), dict(body))
    part = ABCMeta("Part", (whole,), {})  # defining the incomplete subclass is no error
    for incomplete in (whole, part):
        with pytest.raises(TypeError, match="area"):
            incomplete()
    done: Any = ABCMeta("Done", (part,), {"area": lambda self, other=1: super(part, self).area()})
    assert done().area() == "body"


def test_args_is_a_tuple_and_kwargs_a_dict() -> None:
    """PYT773: Under any name, empty if nothing is passed; a parameter after them is keyword-only; the order of the two is fixed."""

    def collect(*values: int, last: int = 0, **options: int) -> tuple[object, ...]:
        return values, options, last

    assert collect() == ((), {}, 0)
    assert collect(1, 2, b=3, a=4, last=5) == ((1, 2), {"b": 3, "a": 4}, 5)
    assert [type(part) for part in collect()[:2]] == [tuple, dict]
    for wrong in ("def f(**kwargs, *args): pass", "def f(*a, *b): pass"):
        with pytest.raises(SyntaxError):
            compile(wrong, "<text>", "exec")
    args = kwargs = 1  # no reserved words
    assert args + kwargs == 2


def test_a_lambda_is_an_ordinary_function_of_one_expression() -> None:
    """PYT774: Same type and same bytecode as a def, any number of parameters, and no room for a statement."""
    short = lambda x, y=2, *rest: x + y  # noqa: E731

    def named(x: int, y: int = 2, *rest: int) -> int:
        return x + y

    assert type(short) is type(named) is types.FunctionType
    assert short.__code__.co_code == named.__code__.co_code
    assert short(1) == named(1) == 3
    for wrong in ("lambda: return 1", "lambda: x = 1", "lambda: while 1: pass", "lambda: try"):
        with pytest.raises(SyntaxError):
            compile(wrong, "<text>", "eval")


def test_a_module_runs_at_its_first_import_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PYT775: A second import gives the same object though the file has changed; a from-import runs all; out of sys.modules it runs anew."""
    name = "pyt775_module"
    file = tmp_path / f"{name}.py"
    file.write_text("value = 1\nother = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    space: dict[str, Any] = {}
    exec(f"from {name} import value", space)
    module = sys.modules[name]
    assert module.other == 1  # all of it was executed
    file.write_text("value = 22\nother = 22\n")
    importlib.invalidate_caches()
    assert importlib.import_module(name) is module and module.value == 1
    monkeypatch.delitem(sys.modules, name)
    assert importlib.import_module(name).value == 22
