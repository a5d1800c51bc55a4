"""Floats as IEEE binary64, rounding to nearest as CPython's do, and their mixture with integers.

Where an operation has a formula in Z3's theory of floats it is that formula. Where it has none (the quotient
of two integers, the remainder, the float of an integer that is not known) the result is a function of its
operands of which only facts are known; ``solvers/reals.py`` knows what these functions mean.
"""

from __future__ import annotations

import ast
import math
import sys
from collections.abc import Callable

import z3

from lift.verify import operators
from lift.verify.state import Engine, Result, State
from lift.verify.values import (
    FLOAT,
    Term,
    Unsupported,
    Value,
    VBool,
    VFloat,
    VInt,
    VTuple,
    as_float,
    as_int,
    concrete_seq,
    float_term,
    float_value,
)

NEAREST = z3.RNE()
OF_INT = z3.Function("float of int", z3.IntSort(), FLOAT)
QUOTIENT = z3.Function("int / int", z3.IntSort(), z3.IntSort(), FLOAT)
REMAINDER = z3.Function("float % float", FLOAT, FLOAT, FLOAT)
FLOORED = z3.Function("float // float", FLOAT, FLOAT, FLOAT)
LESS = z3.Function("int < float", z3.IntSort(), FLOAT, z3.BoolSort())
SAME = z3.Function("int == float", z3.IntSort(), FLOAT, z3.BoolSort())
WHOLE = {
    name: z3.Function(f"{name} of float", FLOAT, z3.IntSort()) for name in ("int", "floor", "ceil", "round")
}
ROUNDED = z3.Function("round(float, int)", FLOAT, z3.IntSort(), FLOAT)
POWER = z3.Function("float ** int", FLOAT, z3.IntSort(), FLOAT)

_LARGEST = int(sys.float_info.max)
_TOO_LARGE = 2**1024 - 2**970
"""The least integer that rounds beyond the largest float."""


def is_nan(value: VFloat) -> Term:
    """Whether a float is a NaN."""
    return z3.fpIsNaN(value.term)


def is_finite(value: VFloat) -> Term:
    """Whether a float is neither infinite nor a NaN."""
    return z3.Not(z3.Or(z3.fpIsNaN(value.term), z3.fpIsInf(value.term)))


def _abstracted(engine: Engine, construct: str, node: ast.AST | None) -> None:
    """Note that a result is only known by facts.

    In the search for counterexamples too: it finds more inputs than there are, and each is replayed.
    """
    engine.approximations.append((construct, getattr(node, "lineno", None)))


def of_int(
    engine: Engine, state: State, value: Value, node: ast.AST
) -> tuple[State | None, VFloat, list[Result]]:
    """An int or bool as the nearest float, on the path on which there is one.

    Returns:
        That path, the float, and the end of the path on which the integer is too large.
    """
    term = operators.number(value)
    assert term is not None
    known = as_int(term)
    why = "int too large to convert to float"
    if known is not None:
        if abs(known) >= _TOO_LARGE:
            return None, float_value(0.0), [operators.raises(state, "OverflowError", node, why)]
        return state, float_value(float(known)), []
    inside = z3.And(term < _TOO_LARGE, term > -_TOO_LARGE)
    fits, ends = _in_range(engine, state, inside, why, node)
    _abstracted(engine, "the float of an integer", node)
    return fits, VFloat(_float_of(value, term)), ends


def _float_of(value: Value, term: Term) -> Term:
    if isinstance(value, VBool):
        return z3.If(value.term, float_term(1.0), float_term(0.0))
    return OF_INT(term)


def _in_range(
    engine: Engine, state: State, inside: Term, why: str, node: ast.AST
) -> tuple[State | None, list[Result]]:
    """The path on which an integer is in the range of floats.

    The other one is left out, and that is said, unless the module has something to say of it.
    """
    if "OverflowError" in engine.program.text:
        fits, beyond = engine.split(state, inside)
        return fits, [operators.raises(beyond, "OverflowError", node, why)] if beyond else []
    if not engine.feasible(state, z3.Not(inside)):
        return state, []
    engine.assumptions.add("no integer beyond the range of a float is converted to a float")
    return state.fork(inside), []


def as_float_value(
    engine: Engine, state: State, value: Value, node: ast.AST
) -> tuple[State | None, VFloat, list[Result]]:
    """A float, int or bool as a float; see ``of_int``."""
    if isinstance(value, VFloat):
        return state, value, []
    return of_int(engine, state, value, node)


# Order and equality.


def equal(engine: Engine, a: Value, b: Value) -> Term:
    """``a == b`` where one is a float and the other a number."""
    if isinstance(a, VFloat) and isinstance(b, VFloat):
        return z3.fpEQ(a.term, b.term)
    return _mixed(engine, "==", a, b)


def ordered(engine: Engine, symbol: str, a: Value, b: Value) -> Term:
    """An order comparison where one is a float and the other a number."""
    if isinstance(a, VFloat) and isinstance(b, VFloat):
        relation = {"<": z3.fpLT, "<=": z3.fpLEQ, ">": z3.fpGT, ">=": z3.fpGEQ}[symbol]
        return relation(a.term, b.term)
    return _mixed(engine, symbol, a, b)


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}


def _mixed(engine: Engine, symbol: str, a: Value, b: Value) -> Term:
    """An int against a float: by their exact values, as CPython compares, not by conversion."""
    if isinstance(a, VFloat):
        return _mixed(engine, _TURNED[symbol], b, a)
    assert isinstance(b, VFloat)
    if isinstance(a, VBool):
        one, zero = (_known_int(symbol, n, b.term) for n in (1, 0))
        return z3.If(a.term, one, zero)
    term = operators.number(a)
    assert term is not None
    left, right = as_int(term), as_float(b.term)
    if left is not None:
        return _known_int(symbol, left, b.term)
    if right is not None:
        return _known_float(symbol, term, right)
    _abstracted(engine, "comparing an int with a float", None)
    less, same = LESS(term, b.term), SAME(term, b.term)
    greater = z3.And(z3.Not(z3.fpIsNaN(b.term)), z3.Not(less), z3.Not(same))
    # The functions are false of a NaN; saying so here spares every solver a fact.
    less, same = (z3.And(z3.Not(z3.fpIsNaN(b.term)), t) for t in (less, z3.And(same, z3.Not(less))))
    return {"<": less, "<=": z3.Or(less, same), ">": greater, ">=": z3.Or(greater, same), "==": same}[symbol]


def _known_int(symbol: str, left: int, term: Term) -> Term:
    """A known integer against a float: by the float itself or by the floats around the integer."""
    below, above = _around(left)
    if below == above:
        one = float_term(below)
        relation = {"<": z3.fpLT, "<=": z3.fpLEQ, ">": z3.fpGT, ">=": z3.fpGEQ, "==": z3.fpEQ}[symbol]
        return relation(one, term)
    if symbol == "==":
        return z3.BoolVal(False)
    if symbol in ("<", "<="):
        return z3.fpGEQ(term, float_term(above))
    return z3.fpLEQ(term, float_term(below))


def _around(number: int) -> tuple[float, float]:
    """The greatest float that is not above an integer and the least that is not below it."""
    if abs(number) > _LARGEST:
        return (sys.float_info.max, math.inf) if number > 0 else (-math.inf, -sys.float_info.max)
    near = float(number)
    if near == number:
        return near, near
    return (
        (near, math.nextafter(near, math.inf)) if near < number else (math.nextafter(near, -math.inf), near)
    )


def _known_float(symbol: str, term: Term, right: float) -> Term:
    """An integer against a known float: by the integers around it."""
    if math.isnan(right):
        return z3.BoolVal(False)
    if math.isinf(right):
        return z3.BoolVal(symbol in (("<", "<=") if right > 0 else (">", ">=")))
    low, high = math.floor(right), math.ceil(right)
    return {
        "<": lambda: term < high,
        "<=": lambda: term <= low,
        ">": lambda: term > low,
        ">=": lambda: term >= high,
        "==": lambda: term == low if low == high else z3.BoolVal(False),
    }[symbol]()


def same_element(engine: Engine, state: State, a: VFloat, b: VFloat) -> Term:
    """``a is b or a == b``, as containers compare.

    Raises:
        Unsupported: Both may be a NaN, and it is open whether they are one object.
    """
    if a.origin == b.origin:
        return z3.BoolVal(True)
    if engine.feasible(state, z3.And(is_nan(a), is_nan(b))):
        raise Unsupported("floats in containers, which may be one NaN")
    return equal(engine, a, b)


def truth(value: VFloat) -> Term:
    """Whether a float is true: only the zeros are not."""
    return z3.Not(z3.fpIsZero(value.term))


# Arithmetic.


def involved(a: Value, b: Value) -> bool:
    """Whether both are numbers and one of them is a float."""
    floats = isinstance(a, VFloat), isinstance(b, VFloat)
    return any(floats) and all(
        f or operators.number(v) is not None for f, v in zip(floats, (a, b), strict=True)
    )


def arithmetic(engine: Engine, state: State, symbol: str, a: Value, b: Value, node: ast.AST) -> list[Result]:
    """A binary operator on numbers of which one at least is a float."""
    if symbol == "**":
        return _power(engine, state, a, b, node)
    if symbol not in ("+", "-", "*", "/", "//", "%"):
        kinds = f"{operators.class_name(state, a)} and {operators.class_name(state, b)}"
        return [
            operators.raises(state, "TypeError", node, f"unsupported operand types for {symbol}: {kinds}")
        ]
    first, left, results = as_float_value(engine, state, a, node)
    if first is None:
        return results
    path, right, more = as_float_value(engine, first, b, node)
    results += more
    if path is None:
        return results
    if symbol in ("+", "-", "*"):
        return [*results, (path, _plain(symbol, left, right))]
    fine, zero = engine.split(path, truth(right))
    if zero:
        results.append(operators.raises(zero, "ZeroDivisionError", node, "division by zero"))
    if fine:
        if symbol == "/":
            value: Value = _plain(symbol, left, right)
        else:
            value = _floored(engine, symbol, left, right, node)
        results.append((fine, value))
    return results


_OPERATIONS: dict[str, tuple[Callable[[Term, Term], Term], Callable[[float, float], float]]] = {
    "+": (lambda a, b: z3.fpAdd(NEAREST, a, b), lambda a, b: a + b),
    "-": (lambda a, b: z3.fpSub(NEAREST, a, b), lambda a, b: a - b),
    "*": (lambda a, b: z3.fpMul(NEAREST, a, b), lambda a, b: a * b),
    "/": (lambda a, b: z3.fpDiv(NEAREST, a, b), lambda a, b: a / b),
    "%": (REMAINDER, lambda a, b: a % b),
    "//": (FLOORED, lambda a, b: a // b),
}


def _plain(symbol: str, a: VFloat, b: VFloat) -> VFloat:
    known = as_float(a.term), as_float(b.term)
    on_terms, on_floats = _OPERATIONS[symbol]
    if known[0] is not None and known[1] is not None and not (symbol in "/%//" and known[1] == 0):
        return float_value(on_floats(*known))  # type: ignore[arg-type]
    return VFloat(on_terms(a.term, b.term))


def _floored(engine: Engine, symbol: str, a: VFloat, b: VFloat, node: ast.AST) -> VFloat:
    if as_float(a.term) is None or as_float(b.term) is None:
        _abstracted(engine, f"`{symbol}` of floats", node)
    return _plain(symbol, a, b)


def divide_ints(engine: Engine, state: State, a: Value, b: Value, node: ast.AST) -> list[Result]:
    """``a / b`` of two integers, whose divisor is not zero: the float nearest to the exact quotient."""
    left, right = operators.number(a), operators.number(b)
    assert left is not None
    assert right is not None
    known = as_int(left), as_int(right)
    why = "integer division result too large for a float"
    if known[0] is not None and known[1] is not None:
        try:
            return [(state, float_value(known[0] / known[1]))]
        except OverflowError:
            return [operators.raises(state, "OverflowError", node, why)]
    # A quotient of integers is no larger than its dividend.
    fits, results = _in_range(engine, state, z3.And(left < _TOO_LARGE, left > -_TOO_LARGE), why, node)
    if "OverflowError" in engine.program.text and results:
        raise Unsupported("`/` of integers beyond the range of a float", node)
    _abstracted(engine, "`/` of integers", node)
    return [*results, *([(fits, VFloat(QUOTIENT(left, right)))] if fits else [])]


def divmod_(engine: Engine, state: State, a: Value, b: Value, node: ast.AST) -> list[Result]:
    """``divmod(a, b)`` of numbers of which one at least is a float."""
    results: list[Result] = []
    for path, quotient in arithmetic(engine, state, "//", a, b, node):
        if not isinstance(quotient, VFloat):
            results.append((path, quotient))
            continue
        for then, rest in arithmetic(engine, path, "%", a, b, node):
            results.append(
                (then, VTuple(concrete_seq([quotient, rest])) if isinstance(rest, VFloat) else rest)
            )
    return results


def _power(engine: Engine, state: State, a: Value, b: Value, node: ast.AST) -> list[Result]:
    """``a ** b``, where C's ``pow`` leaves the last bit open but for what can be represented."""
    base = as_float(a.term) if isinstance(a, VFloat) else None
    exponent = as_float(b.term) if isinstance(b, VFloat) else as_int(operators.number(b))
    if exponent == 0:
        return [(state, float_value(1.0))]
    if exponent == 1 and isinstance(a, VFloat):
        return [(state, VFloat(a.term))]
    if exponent == 2 and isinstance(a, VFloat) and base is None:
        return _square(engine, state, a, node)
    raise Unsupported("`**` of floats", node)


def _square(engine: Engine, state: State, a: VFloat, node: ast.AST) -> list[Result]:
    """``x ** 2``, which raises where ``x * x`` is infinite, and of which the last bit may differ."""
    _abstracted(engine, "`**` of floats", node)
    size = z3.fpAbs(a.term)
    # The square root of the largest float lies between these two.
    low, high = float_term(1.3407807929942596e154), float_term(1.3407807929942598e154)
    results: list[Result] = []
    fine, beyond = engine.split(state, z3.Or(z3.fpIsInf(a.term), z3.Not(z3.fpGEQ(size, low))))
    if beyond:
        results.append(operators.raises(beyond, "OverflowError", node, "the result is too large for a float"))
        near = z3.fpLEQ(size, high)
        if engine.feasible(beyond, near):
            results.append((beyond.fork(near), VFloat(POWER(a.term, z3.IntVal(2)))))
    if fine:
        results.append((fine, VFloat(POWER(a.term, z3.IntVal(2)))))
    return results


def negate(op: ast.unaryop, value: VFloat, node: ast.AST) -> VFloat | None:
    """A unary operator on a float; None where it is a TypeError."""
    if isinstance(op, ast.USub):
        known = as_float(value.term)
        return VFloat(z3.fpNeg(value.term)) if known is None else float_value(-known)
    return VFloat(value.term) if isinstance(op, ast.UAdd) else None


def absolute(value: VFloat) -> VFloat:
    """``abs(x)``."""
    known = as_float(value.term)
    return VFloat(z3.fpAbs(value.term)) if known is None else float_value(abs(known))


def rounded(engine: Engine, value: VFloat, digits: int, node: ast.AST) -> VFloat:
    """``round(x, digits)`` to a number of digits that is not negative: the float nearest to that decimal."""
    known = as_float(value.term)
    if known is not None:
        return float_value(round(known, digits))
    _abstracted(engine, "round() of a float", node)
    return VFloat(ROUNDED(value.term, z3.IntVal(digits)))


# From floats to integers.

_EXACTLY: dict[str, Callable[[float], int]] = {
    "int": int,
    "floor": math.floor,
    "ceil": math.ceil,
    "round": round,
}


def to_int(engine: Engine, state: State, value: VFloat, how: str, node: ast.AST) -> list[Result]:
    """``int(x)``, ``math.floor(x)``, ``math.ceil(x)`` or ``round(x)``.

    Args:
        how: A key of ``WHOLE``.
    """
    results: list[Result] = []
    good, nan = engine.split(state, z3.Not(is_nan(value)))
    if nan:
        results.append(operators.raises(nan, "ValueError", node, "cannot convert float NaN to integer"))
    if good is None:
        return results
    fine, infinite = engine.split(good, z3.Not(z3.fpIsInf(value.term)))
    if infinite:
        results.append(
            operators.raises(infinite, "OverflowError", node, "cannot convert float infinity to integer")
        )
    if fine is None:
        return results
    known = as_float(value.term)
    if known is not None:
        return [*results, (fine, VInt(z3.IntVal(_EXACTLY[how](known))))]
    _abstracted(engine, f"{how}() of a float", node)
    return [*results, (fine, VInt(WHOLE[how](value.term)))]
