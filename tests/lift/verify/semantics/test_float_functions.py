"""Functions of floats against CPython."""

from __future__ import annotations

import math

import pytest
from harness import agree

VALUES = (0.0, -0.0, 2.5, -2.5, 3.0, 1.005, 1e16, 5e-324, -math.inf, math.nan)
OF_ONE = (
    "math.sqrt(a)",
    "math.fabs(a)",
    "math.isnan(a)",
    "math.isinf(a)",
    "math.isfinite(a)",
    "math.floor(a)",
)
OF_ONE += (
    "math.ceil(a)",
    "math.trunc(a)",
    "a.is_integer()",
    "float(a)",
    "float(a) is a",
    "round(a, 2)",
    "a < math.inf",
)
OF_ONE += (
    "round(a, 0)",
    "round(a, None)",
    "round(a)",
    "math.isclose(a, 1)",
    "math.isclose(1, a, rel_tol=0.6)",
)
OF_ONE += ("math.isclose(a, 0.1, abs_tol=a)", "math.nan in [a, math.nan]", "a * math.pi", "math.sqrt(a) <= a")
OF_ONE += (
    "a - math.floor(a)",
    "float('nan') in [a]",
    "math.floor(a) <= a",
    "round(a, -1)",
    "a.hex()",
    "root(a)",
)
MODULE = "import math\nfrom math import sqrt as root\n"


@pytest.mark.parametrize("text", OF_ONE)
def test_functions_of_one_float(text: str) -> None:
    agree(f"{MODULE}def f(a: float):\n    return {text}\n", "f", [(x,) for x in VALUES])


@pytest.mark.parametrize("text", [t for t in OF_ONE if "a." not in t and "is a" not in t])
def test_functions_of_one_int(text: str) -> None:
    grid = [(0,), (-3,), (2**53 + 1,), (True,)]
    agree(f"{MODULE}def f(a: int):\n    return {text}\n", "f", grid, modes=(False,))


TEXTS = ("nan", "1.5", "-inf", " 1e3 ", "x", "", "1_0", "+.5")
OF_CONSTANTS = tuple(f"float({t!r})" for t in TEXTS)
OF_CONSTANTS += (
    "float()",
    "float(None)",
    "float(2**1024)",
    "float([])",
    "math.sqrt(-1)",
    "math.sqrt('a')",
    "math.sqrt()",
)
OF_CONSTANTS += (
    "round(2.675, 2)",
    "round(0.5)",
    "round(1.5)",
    "round(2.5)",
    "round(True, 1)",
    "math.floor(True)",
)
OF_CONSTANTS += (
    "math.isclose(1, 2, rel_tol=-1)",
    "math.nan == math.nan",
    "math.nan is math.nan",
    "math.inf + 1",
)
OF_CONSTANTS += (
    "math.pi",
    "math.exp(1)",
    "round('a', 1)",
    "math.isnan(2**1024)",
    "math.floor(2**1024)",
    "(1.5).is_integer(1)",
)


@pytest.mark.parametrize("text", OF_CONSTANTS)
def test_functions_of_constants(text: str) -> None:
    agree(f"{MODULE}def f():\n    return {text}\n", "f", [()])
