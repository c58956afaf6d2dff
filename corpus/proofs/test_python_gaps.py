"""Python's decorators, iterators, MRO, assignment, strings, loops with else, scopes, keys, lookups, __main__ and except clauses."""

import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest


def test_decorators_run_at_the_def_from_the_bottom_up() -> None:
    """PYT640: Factories run downwards, the decorators upwards, all at the def; calls run the wrappers from the outside in."""
    seen: list[str] = []

    def tell(name: str) -> Callable[..., Any]:
        seen.append(f"factory {name}")

        def decorator(function: Callable[..., Any]) -> Callable[..., Any]:
            seen.append(f"decorate {name}")

            def wrapper() -> None:
                seen.append(f"call {name}")
                function()

            return wrapper

        return decorator

    @tell("top")
    @tell("bottom")
    def view() -> None:
        seen.append("view")

    assert seen == ["factory top", "factory bottom", "decorate bottom", "decorate top"]
    seen.clear()
    view()
    view()
    assert seen == ["call top", "call bottom", "view"] * 2


def test_a_list_is_iterable_and_no_iterator() -> None:
    """PYT641: next() refuses containers; iter() makes a new iterator from them each time, and an iterator gives itself."""
    for container in ([1, 2], (1, 2), {1: 2}, "ab", range(2), {1, 2}):
        assert isinstance(container, Iterable) and not isinstance(container, Iterator)
        with pytest.raises(TypeError, match="not an iterator"):
            next(container)  # type: ignore[call-overload]
        assert iter(container) is not iter(container)
        iterator = iter(container)
        assert iter(iterator) is iterator and hasattr(iterator, "__next__")
    numbers = [1, 2]
    assert [list(numbers), list(numbers)] == [[1, 2], [1, 2]]
    iterator = iter(numbers)
    assert [list(iterator), list(iterator)] == [[1, 2], []]

    class OnlyNext:
        def __next__(self) -> int:
            return 1

    with pytest.raises(TypeError, match="not iterable"):
        iter(OnlyNext())  # type: ignore[call-overload]


def test_a_shared_base_comes_once_after_its_subclasses() -> None:
    """PYT642: In a diamond the order is D, B, C, A; bases listed in a contradictory order are refused."""
    A = type("A", (), {"name": lambda self: "A"})
    B = type("B", (A,), {})
    C = type("C", (A,), {"name": lambda self: "C"})
    assert type("D", (B, C), {}).__mro__[1:] == (B, C, A, object)
    assert type("D", (C, B), {}).__mro__[1:] == (C, B, A, object)
    assert type("D", (B, C), {})().name() == "C"  # depth first would find A's
    with pytest.raises(TypeError, match="consistent method resolution"):
        type("E", (A, B), {})


def test_assignment_copies_nothing() -> None:
    """PYT643: Two names, one object; rebinding one name leaves the other."""
    for value in ([1], {1: 1}, {1}, bytearray(b"a"), 10**30, "text"):
        other = value
        assert other is value
    first = [1]
    second = first
    second.append(2)
    assert first == [1, 2]
    for copied in (list(first), first.copy(), first[:]):
        copied.append(3)
    assert first == [1, 2]
    second = [9]
    assert (first, second) == ([1, 2], [9])


def test_string_methods_leave_the_string() -> None:
    """PYT644: The methods return the result; an index can be neither assigned nor deleted, and no name is changed by them."""
    text = " flask "
    assert (text.upper(), text.strip(), text.replace("fl", "t")) == (" FLASK ", "flask", " task ")
    assert text == " flask "
    with pytest.raises(TypeError, match="does not support item assignment"):
        text[0] = "F"  # type: ignore[index]
    with pytest.raises(TypeError, match="item deletion"):
        del text[0]  # type: ignore[attr-defined]
    old = text
    text += "!"
    assert (old, text) == (" flask ", " flask !")


def test_else_of_a_loop_runs_without_break() -> None:
    """PYT645: No pass at all and continue count as a normal end; break skips the else clause."""

    def search(numbers: list[int], stop: int) -> str:
        for number in numbers:
            if number == stop:
                break
            continue
        else:
            return "else"
        return "broke"

    assert [search([], 1), search([2, 3], 1), search([1, 2], 1), search([2, 1], 1)] == ["else", "else", "broke", "broke"]

    def count(start: int, stop: int) -> str:
        while start < 3:
            start += 1
            if start == stop:
                break
        else:
            return "else"
        return "broke"

    assert [count(0, 9), count(3, 9), count(0, 2)] == ["else", "else", "broke"]


def test_blocks_have_no_scope() -> None:
    """PYT646: Names of if, for, with, while and try stay; those of comprehensions and the name after as in except do not."""

    def names() -> dict[str, Any]:
        if True:
            in_if = 1
        for in_for in range(3):
            in_loop = in_for
        while True:
            in_while = 1
            break
        with Path(__file__).open(encoding="utf-8") as in_with:
            pass
        try:
            in_try = 1
            raise ValueError
        except ValueError as in_except:  # noqa: F841
            pass
        [in_comprehension * 2 for in_comprehension in "ab"]
        return locals()

    found = names()
    assert set(found) == {"in_if", "in_for", "in_loop", "in_while", "in_with", "in_try"}
    assert (found["in_for"], found["in_loop"], found["in_with"].closed) == (2, 2, True)


def test_keys_are_hashable() -> None:
    """PYT647: Numbers, None, tuples, frozensets, functions and plain objects are keys; lists, dicts and sets are refused."""

    class Plain:
        pass

    for key in (1, 1.5, None, True, (1, "a"), frozenset({1}), b"a", Plain(), Plain, len):
        assert {key: "value"}[key] == "value" and key in {key}
    for bad in ([1], {1: 1}, {1}, bytearray(b"a"), (1, [2])):
        with pytest.raises(TypeError, match="unhashable"):
            {bad: 1}
        with pytest.raises(TypeError, match="unhashable"):
            {bad}


class Counted:
    """Counts how often it is compared."""

    compared = 0

    def __init__(self, number: int) -> None:
        self.number = number

    def __hash__(self) -> int:
        return hash(self.number)

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return isinstance(other, Counted) and self.number == other.number


def test_in_walks_a_list_and_hashes_in_a_set() -> None:
    """PYT648: For a missing value a list of n takes n comparisons, even if it is sorted; a set or dict takes almost none."""
    for size in (100, 1000):
        items = [Counted(number) for number in range(size)]
        for container, least, most in ((items, size, size), (tuple(items), size, size), (set(items), 0, 5), (dict.fromkeys(items), 0, 5)):
            Counted.compared = 0
            assert Counted(-5) not in container
            assert least <= Counted.compared <= most
        Counted.compared = 0
        assert Counted(-5) not in dict.fromkeys(range(size), Counted(1)).values()
        assert Counted.compared == size


def test_name_is_main_only_for_what_was_started(tmp_path: Path) -> None:
    """PYT649: Run, also with -m, it is __main__; imported it is the module's name; the rest of the file runs in both cases."""
    code = "print('top', __name__)\ndef main(): print('main')\nif __name__ == '__main__': print('guard')\n"
    (tmp_path / "tool.py").write_text(code, encoding="utf-8")

    def run(*arguments: str) -> list[str]:
        done = subprocess.run([sys.executable, *arguments], cwd=tmp_path, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    assert run("tool.py") == run("-m", "tool") == ["top __main__", "guard"]
    assert run("-c", "import tool") == ["top tool"]


def test_the_first_matching_except_clause_runs() -> None:
    """PYT650: The first that fits runs and no other, however well it fits; its own exception is not caught beside it."""

    def general_first(error: Exception) -> list[str]:
        seen = []
        try:
            raise error
        except Exception:
            seen.append("general")
        except ValueError:
            seen.append("special")
        return seen

    def special_first(error: Exception) -> list[str]:
        seen = []
        try:
            raise error
        except ValueError:
            seen.append("special")
        except Exception:
            seen.append("general")
        return seen

    assert general_first(ValueError()) == general_first(KeyError()) == ["general"]
    assert (special_first(ValueError()), special_first(UnicodeError()), special_first(KeyError())) == (
        ["special"],
        ["special"],
        ["general"],
    )
    with pytest.raises(KeyError):
        try:
            raise ValueError
        except ValueError:
            raise KeyError from None
        except KeyError:
            pass
