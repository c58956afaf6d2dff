"""Python itself: threads and asyncio, names and objects, exceptions, pickles, memory, generators, decorators."""

import asyncio
import copy
import gc
import pickle
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from pydantic import validate_call


class Thing:
    """An object that can be watched by a weak reference."""

    def __init__(self) -> None:
        self.other: Any = None


def test_threads_share_one_interpreter_at_a_time() -> None:
    """PYT100: However many threads compute, they use no more processor time than the clock passed, so they gain nothing."""
    used: list[float] = []

    def compute() -> None:
        started, total = time.thread_time(), 0
        for number in range(200_000):
            total += number
        used.append(time.thread_time() - started)

    threads = [threading.Thread(target=compute) for _ in range(4)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - started
    assert sum(used) <= elapsed * 1.1  # were they parallel, four threads would use up to four seconds in each second


def test_coroutines_take_turns_at_await_on_one_thread() -> None:
    """PYT101: Coroutines interleave only where they await, all on one thread, so a computing one holds up the others."""
    steps: list[str] = []
    threads: set[int] = set()

    async def polite(name: str) -> None:
        for number in (1, 2):
            steps.append(f"{name}{number}")
            threads.add(threading.get_ident())
            await asyncio.sleep(0)

    async def rude(name: str) -> None:
        for number in (1, 2):
            steps.append(f"{name}{number}")
            threads.add(threading.get_ident())
            sum(range(20_000))

    async def both(kind: Callable[[str], Any]) -> None:
        await asyncio.gather(kind("a"), kind("b"))

    asyncio.run(both(polite))
    assert steps == ["a1", "b1", "a2", "b2"]
    steps.clear()
    asyncio.run(both(rude))
    assert steps == ["a1", "a2", "b1", "b2"]
    assert threads == {threading.get_ident()}


def test_a_default_argument_is_made_once() -> None:
    """PYT102: The default is evaluated by the def statement, not by the calls, which all share it."""
    made: list[list[int]] = []

    def new_list() -> list[int]:
        made.append([])
        return made[-1]

    def add(item: int, basket: list[int] = new_list()) -> list[int]:
        basket.append(item)
        return basket

    assert len(made) == 1  # before any call
    assert add(1) == [1]
    assert add(2) == [1, 2]
    assert add(3, []) == [3]
    assert made == [[1, 2]]


def test_type_hints_are_not_enforced() -> None:
    """PYT200: A call against the hints runs; only code that checks refuses it."""

    def double(number: int) -> int:
        return number * 2

    wrong: Any = "ab"
    assert double(wrong) == "abab"
    with pytest.raises(ValueError):
        validate_call(double)(wrong)


def test_is_compares_identity_and_equals_compares_values() -> None:
    """PYT201: Two equal lists are not the same object; two names of one list are."""
    first, second = [1, 2], [1, 2]
    third = first
    assert first == second
    assert first is not second
    assert first is third
    nan = float("nan")
    assert nan is nan
    assert not nan == nan  # noqa: SIM201


def test_arguments_are_passed_by_assignment() -> None:
    """PYT202: A mutation inside the function is seen outside, a new binding of the parameter is not, for every type."""

    def mutate(value: Any) -> int:
        value += [3]  # in place for a list
        return id(value)

    def rebind(value: Any) -> int:
        seen = id(value)
        value = "another"
        return seen

    items = [1, 2]
    assert mutate(items) == id(items)
    assert items == [1, 2, 3]
    for argument in (items, "text", 12345, (1,), Thing()):
        before = copy.copy(argument)
        assert rebind(argument) == id(argument)  # the very object arrives
        if not isinstance(argument, Thing):
            assert argument == before


def test_new_creates_and_init_initialises() -> None:
    """PYT203: __new__ makes the object that __init__ gets, and __init__ may return nothing but None."""
    steps: list[tuple[str, int]] = []

    class Watched:
        def __new__(cls) -> "Watched":
            made = super().__new__(cls)
            steps.append(("new", id(made)))
            return made

        def __init__(self) -> None:
            steps.append(("init", id(self)))

    class Returning:
        def __init__(self) -> None:
            return 1  # type: ignore[return-value]  # noqa: PLE0101

    watched = Watched()
    assert steps == [("new", id(watched)), ("init", id(watched))]
    assert isinstance(Thing.__new__(Thing), Thing)  # an object without any call of __init__
    assert not hasattr(Thing.__new__(Thing), "other")
    with pytest.raises(TypeError, match="should return None"):
        Returning()


def test_no_attribute_is_private() -> None:
    """PYT204: One underscore changes nothing, two only change the name, and both can be read and written from outside."""

    class Account:
        def __init__(self) -> None:
            self._owner = "ann"
            self.__balance = 10

        def balance(self) -> int:
            return self.__balance

    account: Any = Account()
    assert vars(account) == {"_owner": "ann", "_Account__balance": 10}
    assert account._owner == "ann"
    account._Account__balance = 99
    assert account.balance() == 99


def test_finally_runs_however_try_is_left() -> None:
    """PYT205: After success, an exception, return, break and continue alike."""
    ran: list[str] = []

    def leave(way: str) -> str:
        for _ in range(1):
            try:
                if way == "raise":
                    raise ValueError
                if way == "return":
                    return "returned"
                if way == "break":
                    break
                if way == "continue":
                    continue
            finally:
                ran.append(way)
        return "end"

    assert [leave(way) for way in ("success", "break", "continue", "return")] == ["end", "end", "end", "returned"]
    with pytest.raises(ValueError):
        leave("raise")
    assert ran == ["success", "break", "continue", "return", "raise"]


class Trap:
    """Pickles as a call of a function of the attacker's choice."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return eval, (f"open({str(self.path)!r}, 'w').write('run by the pickle')",)


def test_unpickling_runs_code(tmp_path: Path) -> None:
    """PYT206: Loading bytes is enough to run code that they bring, with no class of ours involved."""
    data = pickle.dumps(Trap(tmp_path / "trace"))
    assert b"Trap" not in data
    assert not (tmp_path / "trace").exists()
    pickle.loads(data)
    assert (tmp_path / "trace").read_text() == "run by the pickle"


def test_a_shallow_copy_shares_the_items() -> None:
    """PYT207: copy() and list() make a new list with the same items, deepcopy() copies the items too."""
    original = [[1], [2]]
    for shallow in (copy.copy(original), list(original), original[:], original.copy()):
        assert shallow is not original
        assert all(mine is theirs for mine, theirs in zip(shallow, original, strict=True))
    deep = copy.deepcopy(original)
    assert deep == original
    assert not any(mine is theirs for mine, theirs in zip(deep, original, strict=True))


def test_reference_counts_free_objects_and_gc_only_cycles() -> None:
    """PYT208: With the collector off a plain object dies at its last reference; only a cycle waits for gc.collect()."""
    gc.disable()
    try:
        thing = Thing()
        watch = weakref.ref(thing)
        del thing
        assert watch() is None
        one, two = Thing(), Thing()
        one.other, two.other = two, one
        watch = weakref.ref(one)
        del one, two
        assert watch() is not None
        gc.collect()
        assert watch() is None
    finally:
        gc.enable()


def test_a_generator_works_on_demand_and_once() -> None:
    """PYT209: Each value is computed when asked for, and an exhausted generator gives nothing more."""
    computed: list[int] = []

    def squares() -> Iterator[int]:
        for number in range(3):
            computed.append(number)
            yield number * number

    values = squares()
    assert computed == []
    assert next(values) == 0
    assert computed == [0]
    assert list(values) == [1, 4]
    assert list(values) == []
    assert computed == [0, 1, 2]


def test_wraps_copies_the_metadata() -> None:
    """PYT210: A decorator works without wraps, but its function then bears the wrapper's name and docstring."""

    def plain(function: Callable[[], str]) -> Callable[[], str]:
        def wrapper() -> str:
            return function().upper()

        return wrapper

    def careful(function: Callable[[], str]) -> Callable[[], str]:
        @wraps(function)
        def wrapper() -> str:
            return function().upper()

        return wrapper

    def greet() -> str:
        """Says hello."""
        return "hello"

    assert plain(greet)() == careful(greet)() == "HELLO"
    assert (plain(greet).__name__, plain(greet).__doc__) == ("wrapper", None)
    assert (careful(greet).__name__, careful(greet).__doc__, careful(greet).__module__) == ("greet", "Says hello.", greet.__module__)
