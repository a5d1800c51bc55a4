"""What is said about reals in place of floats is true of the floats that CPython computes."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import pytest
import z3
from hypothesis import example, given
from hypothesis import strategies as st
from lift.verify import floats
from lift.verify.solvers.reals import relaxed
from lift.verify.values import FLOAT

MODE = z3.RNE()
LEAST, LARGEST = 5e-324, 1.7976931348623157e308
FLOATS = st.one_of(
    st.floats(),
    st.integers(-40, 40).map(lambda n: n * LEAST),
    st.floats(-1e-307, 1e-307),
    st.sampled_from([0.0, -0.0, 0.5, 1.0, 2.0**-1022, 2.0**-1021, LARGEST, math.inf, math.nan]),
)
OPERATIONS: dict[str, tuple[Callable[[Any, Any], Any], Callable[[float, float], float]]] = {
    "+": (lambda a, b: z3.fpAdd(MODE, a, b), operator.add),
    "-": (lambda a, b: z3.fpSub(MODE, a, b), operator.sub),
    "*": (lambda a, b: z3.fpMul(MODE, a, b), operator.mul),
    "/": (lambda a, b: z3.fpDiv(MODE, a, b), operator.truediv),
}


def constant(value: float) -> Any:
    return z3.FPVal(value, FLOAT) if not math.isnan(value) else z3.fpNaN(FLOAT)


def possible(*formulas: Any) -> bool:
    linear, definitions = relaxed(formulas)
    solver = z3.Solver()
    solver.add(*linear, *definitions)
    return solver.check() != z3.unsat


@pytest.mark.parametrize("symbol", OPERATIONS)
@given(FLOATS, FLOATS, FLOATS)
@example(3 * LEAST, 2.0, 0.0)
@example(LEAST, 0.5, LEAST)
@example(2.0**-1021, LEAST, 2.0**-1021)
@example(LARGEST, 2.0**970, LARGEST)
def test_operations(symbol: str, a: float, b: float, mark: float) -> None:
    symbolic, real = OPERATIONS[symbol]
    if symbol == "/" and b == 0:
        return
    value = real(a, b)
    x, y, other = (z3.FP(name, FLOAT) for name in "xyz")
    result = symbolic(x, y)
    given_ = [x == constant(a), y == constant(b), other == constant(mark)]
    assert possible(*given_, result == constant(value))
    if not any(map(math.isnan, (value, mark))):
        # How it compares with another float, and with its negative, is what proofs rest on.
        for one, sign in ((other, 1), (z3.fpNeg(other), -1)):
            truth = z3.fpLEQ(result, one)
            assert possible(*given_, truth if value <= sign * mark else z3.Not(truth))


@given(FLOATS)
@example(2.5)
@example(-0.5)
def test_round(x: float) -> None:
    if not math.isfinite(x):
        return
    a = z3.FP("a", FLOAT)
    whole = floats.WHOLE["round"](a)
    assert possible(a == constant(x), whole == round(x))
    if abs(round(x)) < 2**900:
        difference = z3.fpSub(MODE, floats.OF_INT(whole), a)
        assert possible(a == constant(x), difference == constant(round(x) - x))
