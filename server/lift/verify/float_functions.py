"""Functions of floats: ``float``, ``round`` to digits, and those of ``math`` that are exact or bounded."""

from __future__ import annotations

import ast
import math
from collections.abc import Callable

import z3

from lift.verify import floats, operators
from lift.verify.state import Engine, InstanceObject, Result, State
from lift.verify.values import (
    Term,
    Unsupported,
    Value,
    VBool,
    VBuiltin,
    VFloat,
    VInt,
    VNone,
    VStr,
    as_float,
    as_int,
    as_str,
    float_value,
)

Arguments = list[Value]
_CONSTANTS = {name: float_value(getattr(math, name)) for name in ("pi", "e", "tau", "inf", "nan")}
"""One object each, as in CPython: ``math.nan`` is itself, although it does not equal itself."""


def of_math(engine: Engine, origin: str) -> Value | None:
    """What a name of the module ``math`` means; None for what is not known here, or is not that module.

    Args:
        origin: The dotted name, such as ``math.sqrt``.
    """
    module, _, name = origin.rpartition(".")
    if module != "math" or (origin not in FUNCTIONS and name not in _CONSTANTS):
        return None
    if not all(source.trusted for source in engine.program.sources.get("math")):
        # A file of that name.
        return None
    return VBuiltin(origin) if origin in FUNCTIONS else _CONSTANTS[name]


def of_attribute(engine: Engine, root: str, name: str) -> Value | None:
    """The same for an attribute of a name that is imported."""
    program = engine.program
    return None if root in program.rebound else of_math(engine, f"{program.imports.get(root)}.{name}")


def _number(
    engine: Engine, state: State, name: str, value: Value, node: ast.AST
) -> tuple[State | None, VFloat, list[Result]]:
    """An argument that is converted to a float; see ``floats.of_int``."""
    if isinstance(value, VFloat) or operators.number(value) is not None:
        return floats.as_float_value(engine, state, value, node)
    instance = isinstance(operators.heap_object(state, value), InstanceObject)
    if instance or not isinstance(value, operators.PLAIN):
        raise Unsupported(f"{name}() of a {operators.class_name(state, value)}", node)
    why = f"{name}() of a {operators.class_name(state, value)}"
    return None, float_value(0.0), [operators.raises(state, "TypeError", node, why)]


def _arity(state: State, name: str, args: Arguments, least: int, most: int, node: ast.AST) -> list[Result]:
    if least <= len(args) <= most:
        return []
    return [operators.raises(state, "TypeError", node, f"{name}() got {len(args)} arguments")]


def _float(
    engine: Engine, state: State, args: Arguments, _: dict[str, Value], node: ast.Call
) -> list[Result]:
    bad = _arity(state, "float", args, 0, 1, node)
    if bad or not args:
        return bad or [(state, float_value(0.0))]
    if isinstance(args[0], VStr):
        text = as_str(args[0].term)
        if text is None:
            raise Unsupported("float() of a string", node)
        try:
            return [(state, float_value(float(text)))]
        except ValueError:
            return [operators.raises(state, "ValueError", node, "could not convert string to float")]
    path, value, results = _number(engine, state, "float", args[0], node)
    return [*results, *([(path, value)] if path else [])]


def _test(name: str, formula: Callable[[VFloat], Term]) -> Callable[..., list[Result]]:
    def run(
        engine: Engine, state: State, args: Arguments, _: dict[str, Value], node: ast.Call
    ) -> list[Result]:
        bad = _arity(state, name, args, 1, 1, node)
        if bad:
            return bad
        path, value, results = _number(engine, state, name, args[0], node)
        return [*results, *([(path, VBool(formula(value)))] if path else [])]

    return run


def _absolute(
    engine: Engine, state: State, args: Arguments, _: dict[str, Value], node: ast.Call
) -> list[Result]:
    bad = _arity(state, "fabs", args, 1, 1, node)
    if bad:
        return bad
    path, value, results = _number(engine, state, "fabs", args[0], node)
    return [*results, *([(path, floats.absolute(value))] if path else [])]


def _root(engine: Engine, state: State, args: Arguments, _: dict[str, Value], node: ast.Call) -> list[Result]:
    bad = _arity(state, "sqrt", args, 1, 1, node)
    if bad:
        return bad
    path, value, results = _number(engine, state, "sqrt", args[0], node)
    if path is None:
        return results
    negative, fine = engine.split(path, z3.fpLT(value.term, float_value(0.0).term))
    if negative:
        results.append(operators.raises(negative, "ValueError", node, "math domain error"))
    if fine:
        known = as_float(value.term)
        root = VFloat(z3.fpSqrt(floats.NEAREST, value.term))
        results.append((fine, root if known is None else float_value(math.sqrt(known))))
    return results


def _whole(name: str, how: str) -> Callable[..., list[Result]]:
    def run(
        engine: Engine, state: State, args: Arguments, _: dict[str, Value], node: ast.Call
    ) -> list[Result]:
        bad = _arity(state, name, args, 1, 1, node)
        if bad:
            return bad
        if isinstance(args[0], VFloat):
            return floats.to_int(engine, state, args[0], how, node)
        term = operators.number(args[0])
        if term is not None:
            return [(state, VInt(term))]
        return _number(engine, state, name, args[0], node)[2]

    return run


def _close(
    engine: Engine, state: State, args: Arguments, keyword: dict[str, Value], node: ast.Call
) -> list[Result]:
    """``math.isclose``, by the formula of CPython's ``Modules/mathmodule.c``."""
    if keyword.keys() - {"rel_tol", "abs_tol"} or len(args) != 2:
        raise Unsupported("math.isclose() with these arguments", node)
    given = [*args, keyword.get("rel_tol", float_value(1e-9)), keyword.get("abs_tol", float_value(0.0))]
    path: State | None = state
    values: list[VFloat] = []
    results: list[Result] = []
    for one in given:
        assert path is not None
        path, value, more = _number(engine, path, "isclose", one, node)
        results += more
        values.append(value)
        if path is None:
            return results
    a, b, relative, absolute = (v.term for v in values)
    zero = float_value(0.0).term
    wrong, fine = engine.split(path, z3.Or(z3.fpLT(relative, zero), z3.fpLT(absolute, zero)))
    if wrong:
        why = "tolerances must be non-negative"
        results.append(operators.raises(wrong, "ValueError", node, why))
    if fine:
        near = floats.NEAREST
        difference = z3.fpAbs(z3.fpSub(near, b, a))
        within = [z3.fpLEQ(difference, z3.fpAbs(z3.fpMul(near, relative, x))) for x in (b, a)]
        infinite = z3.Or(z3.fpIsInf(a), z3.fpIsInf(b))
        close = z3.Or(*within, z3.fpLEQ(difference, absolute))
        results.append((fine, VBool(z3.Or(z3.fpEQ(a, b), z3.And(z3.Not(infinite), close)))))
    return results


def round_to_digits(engine: Engine, state: State, value: Value, digits: Value, node: ast.AST) -> list[Result]:
    """``round(x, n)`` of a number."""
    if isinstance(digits, VNone) and isinstance(value, VFloat):
        return floats.to_int(engine, state, value, "round", node)
    term = operators.number(digits)
    count = None if term is None else as_int(term)
    if count is None or not 0 <= count <= 300:
        raise Unsupported("round() to digits that are not a small known number", node)
    if not isinstance(value, VFloat):
        whole = operators.number(value)
        if whole is None:
            raise Unsupported("round() of this", node)
        return [(state, VInt(whole))]
    return [(state, floats.rounded(engine, value, count, node))]


def method(
    engine: Engine, state: State, value: VFloat, name: str, args: Arguments, node: ast.Call
) -> list[Result]:
    """A method of a float.

    Raises:
        Unsupported: One that is not modelled.
    """
    if name != "is_integer":
        raise Unsupported(f"float.{name}()", node)
    if args:
        return [operators.raises(state, "TypeError", node, "is_integer() takes no arguments")]
    whole = z3.fpRoundToIntegral(z3.RTZ(), value.term)
    return [(state, VBool(z3.And(floats.is_finite(value), z3.fpEQ(whole, value.term))))]


FUNCTIONS: dict[str, Callable[..., list[Result]]] = {
    "float": _float,
    "math.isnan": _test("isnan", floats.is_nan),
    "math.isinf": _test("isinf", lambda v: z3.fpIsInf(v.term)),
    "math.isfinite": _test("isfinite", floats.is_finite),
    "math.fabs": _absolute,
    "math.sqrt": _root,
    "math.floor": _whole("floor", "floor"),
    "math.ceil": _whole("ceil", "ceil"),
    "math.trunc": _whole("trunc", "int"),
    "math.isclose": _close,
}
"""By the name that ``VBuiltin`` carries."""
KEYWORDS = frozenset({"math.isclose"})
