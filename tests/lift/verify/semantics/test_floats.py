"""Floats against CPython: every operator on every pair of kinds, with the values where floats go wrong."""

from __future__ import annotations

import itertools
import math

import pytest
from harness import agree
from hypothesis import example, given
from hypothesis import strategies as st

FLOATS = (0.0, -0.0, 1.0, -1.5, 0.1, 3.0, 1e308, -1.7e308, 5e-324, 2.0**53, math.inf, -math.inf, math.nan)
FEW = (0.0, -0.0, 1.0, -2.5, 0.1, 1e308, math.inf, math.nan)
BINARY = ("+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "and", "or", "is", "&", "<<")
NUMBERS = ("0.0", "-0.0", "0.1", "-2.5", "1e308", "1e999", "0", "-3", "2**53 + 1", "2**1024", "True")
NUMBERS += ("2**1024 - 2**970", "2**1024 - 2**970 - 1")


@pytest.mark.parametrize("op", BINARY)
def test_two_floats(op: str) -> None:
    grid = list(itertools.product(FEW, repeat=2))
    agree(f"def f(a: float, b: float):\n    return a {op} b\n", "f", grid, modes=(False,))


@pytest.mark.parametrize("op", [op for op in BINARY if op not in ("is", "<<")])
def test_constants(op: str) -> None:
    pairs = [p for p in itertools.product(NUMBERS, NUMBERS) if "." in "".join(p) or op == "/"]
    for left, right in pairs:
        agree(f"def f():\n    return ({left}) {op} ({right})\n", "f", [()], modes=(False,))


@pytest.mark.parametrize("op", [*BINARY, "**", "in"])
def test_a_float_and_another_kind(op: str) -> None:
    for left, right in itertools.product(("0.0", "1.5"), ("None", "'a'", "(1.0,)", "[0.5]", "3", "True")):
        for text in (f"({left}) {op} ({right})", f"({right}) {op} ({left})"):
            agree(f"def f():\n    return {text}\n", "f", [()], modes=(False,))


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize("constant", ["3", "2**53 + 1", "0", "-(2**1024)", "True"])
def test_a_float_and_a_known_number(op: str, constant: str) -> None:
    for text in (f"a {op} {constant}", f"{constant} {op} a"):
        agree(f"def f(a: float):\n    return {text}\n", "f", [(x,) for x in FLOATS], modes=(False,))


@pytest.mark.parametrize("op", BINARY)
@pytest.mark.parametrize("constant", ["0.5", "-0.0", "9007199254740992.0", "-1e999"])
def test_an_int_and_a_known_float(op: str, constant: str) -> None:
    grid = [(n,) for n in (0, -3, 2**53 + 1, True, -(10**300))]
    for text in (f"a {op} {constant}", f"{constant} {op} a"):
        agree(f"def f(a: int):\n    return {text}\n", "f", grid, modes=(False,))


@pytest.mark.parametrize("op", BINARY)
def test_a_float_and_an_int(op: str) -> None:
    grid = list(itertools.product((0.0, -2.5, 1e308, math.nan), (0, -3, 2**53 + 1, True)))
    agree(f"def f(a: float, b: int):\n    return a {op} b\n", "f", grid, modes=(False,))
    agree(f"def f(a: float, b: int):\n    return b {op} a\n", "f", grid[::3], modes=(False,))
    agree(f"def f(a: float, b: bool):\n    return a {op} b\n", "f", [(x, True) for x in FEW], modes=(False,))


UNARY = ("-a", "+a", "~a", "not a", "abs(a)", "bool(a)", "int(a)", "round(a)", "a == a", "a is a", "a in [a]")
UNARY += (
    "a in (0.0, 1)",
    "[a] == [a]",
    "(a, 1) == (a, 1.0)",
    "[a].count(a)",
    "[a, 0.0].index(a)",
    "min(a, 1.0)",
)
UNARY += (
    "max(a, 1)",
    "min(1, a)",
    "max([0.5, a, 2])",
    "sum([a])",
    "sum((a, 0.1))",
    "sum([a, 1, 2])",
    "sum([], a)",
)
UNARY += (
    "isinstance(a, float)",
    "isinstance(a, (int, bool))",
    "a if a else 0",
    "divmod(a, 0.3)",
    "divmod(7, a)",
)
UNARY += ("a ** 0", "a ** 1", "a ** 2", "a ** 2.0", "a ** -1", "a ** 0.5", "[1, 2][a]", "'x' * a", "range(a)")
UNARY += (
    "sorted([a, 1.0])",
    "a in {1: 2}",
    "{a: 1}",
    "a in range(3)",
    "len(a)",
    "a < 'x'",
    "a < None",
    "1 in a",
)
UNARY += ("str(a)", "f'{a}'", "(a, 1) < (a, 2)", "(1.0, a) < (1, 0.5)", "a[0]", "list(a)", "a.is_integer()")
UNARY += (
    "0 < a < 1",
    "0 <= a <= 2**53 + 1",
    "int(a) == a",
    "round(a, 1)",
    "float(a)",
    "float('nan')",
    "a + [1]",
)


@pytest.mark.parametrize("text", UNARY)
def test_one_float(text: str) -> None:
    agree(f"def f(a: float):\n    return {text}\n", "f", [(x,) for x in (*FLOATS, 2.5, 0.5, -0.5)])


MEMBERS = (
    "a in xs",
    "xs.count(a)",
    "xs == [a]",
    "[x for x in xs] == xs",
    "xs == xs",
    "xs[:] == xs",
    "any(xs)",
)
MEMBERS += (
    "[x * 1.0 for x in xs] == [x * 1.0 for x in xs]",
    "max(xs)",
    "sorted(xs)",
    "sum(xs)",
    "a in tuple(xs)",
)


@pytest.mark.parametrize("text", MEMBERS)
def test_lists_of_floats(text: str) -> None:
    grid = list(
        itertools.product(([], [1.0], [math.nan], [0.0, math.nan], [-0.0, 1.5]), (1.0, math.nan, 0.0))
    )
    agree(f"def f(xs: list[float], a: float):\n    return {text}\n", "f", grid)


@given(st.lists(st.floats(min_value=0.0), max_size=30), st.booleans())
@example([1.7976931348623157e308, 1e308, 5e-324], False)
@example([math.inf, 1.0], True)
def test_no_rounding_takes_a_sum_past_zero(xs: list[float], negative: bool) -> None:
    total = sum([-x for x in xs]) if negative else sum(xs)
    assert total <= 0 if negative else total >= 0


@pytest.mark.parametrize("start", ["", ", 0", ", 0.0", ", 1", ", 0.5"])
def test_sums(start: str) -> None:
    grid = [([],), ([-0.0],), ([0.1],), ([math.nan],), ([0.1, 0.2, 0.3],), ([1e308, 1e308],), ([-1.5, -2.0],)]
    agree(f"def f(xs: list[float]):\n    return sum(xs{start})\n", "f", grid, modes=(False,))
