"""Arithmetic operators on numbers, strings and sequences."""

from __future__ import annotations

import ast

import z3

from lift.verify import bits, floats, merging, operators, set_methods, sizes
from lift.verify.state import (
    DictObject,
    Engine,
    InstanceObject,
    ListObject,
    Result,
    SetObject,
    State,
)
from lift.verify.values import (
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    VFloat,
    VInt,
    VNone,
    VRange,
    VRef,
    VStr,
    VTuple,
    VView,
    as_int,
    as_str,
    concrete_seq,
    floor_divide,
    fresh_name,
    modulo,
)

_SYMBOL = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>", ast.MatMult: "@",
}  # fmt: skip


def arithmetic(
    engine: Engine, state: State, op: ast.operator, a: Value, b: Value, node: ast.AST
) -> list[Result]:
    """A binary operator."""
    results: list[Result] = []
    for path, left in operators.arms(engine, state, a):
        for then, right in operators.arms(engine, path, b):
            results += _arithmetic(engine, then, op, left, right, node)
    return results


def _arithmetic(
    engine: Engine, state: State, op: ast.operator, a: Value, b: Value, node: ast.AST
) -> list[Result]:
    symbol = _SYMBOL[type(op)]
    own = operators.instance_operators().binary(engine, state, symbol, a, b, node)
    if own is not None:
        return own
    if isinstance(a, VBool) and isinstance(b, VBool) and symbol in "&|^":
        term = {"&": z3.And, "|": z3.Or, "^": z3.Xor}[symbol](a.term, b.term)
        return [(state, VBool(term))]
    if floats.involved(a, b):
        return floats.arithmetic(engine, state, symbol, a, b, node)
    left, right = operators.number(a), operators.number(b)
    if left is not None and right is not None:
        return _integers(engine, state, symbol, left, right, node, (a, b))
    if symbol == "+":
        joined = operators.concatenate(engine, state, a, b)
        if joined is not None:
            return [(state, joined)]
    if symbol == "*" and (left is None) != (right is None):
        sequence_, times = (a, right) if left is None else (b, left)
        counted, results = sizes.as_size(engine, state, times, node)
        repeated = _repeat(engine, counted, sequence_, times, node) if counted else []
        if repeated is not None:
            return [*results, *repeated]
    if symbol == "%" and isinstance(a, VStr):
        raise Unsupported("`%` formatting", node)
    first, second = operators.heap_object(state, a), operators.heap_object(state, b)
    if symbol == "|" and isinstance(first, DictObject) and isinstance(second, DictObject):
        return [merging.union(engine, state, first, second, node)]
    if isinstance(first, SetObject) and isinstance(second, SetObject) and symbol in set_methods.OPERATORS:
        return set_methods.combine(engine, state, symbol, first, second)
    for one in (a, b):
        obj = operators.heap_object(state, one)
        if isinstance(obj, InstanceObject) or not isinstance(
            one, VNone | VInt | VBool | VFloat | VStr | VTuple | VRef | VView | VRange
        ):
            raise Unsupported(f"`{symbol}` on a {operators.class_name(state, one)}", node)
        if isinstance(obj, DictObject) and symbol == "|":
            raise Unsupported("merging dictionaries", node)
    kinds = f"{operators.class_name(state, a)} and {operators.class_name(state, b)}"
    why = f"unsupported operand types for {symbol}: {kinds}"
    return [operators.raises(state, "TypeError", node, why)]


def _integers(
    engine: Engine, state: State, symbol: str, a: Term, b: Term, node: ast.AST, given: tuple[Value, Value]
) -> list[Result]:
    plain = {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b}
    if symbol in plain:
        return [(state, VInt(plain[symbol]()))]
    if symbol in ("//", "%", "/"):
        fine, zero = engine.split(state, b != 0)
        results: list[Result] = []
        if zero:
            results.append(operators.raises(zero, "ZeroDivisionError", node, "division by zero"))
        if fine and symbol == "/":
            results += floats.divide_ints(engine, fine, *given, node)
        elif fine:
            results.append((fine, VInt(floor_divide(a, b) if symbol == "//" else modulo(a, b))))
        return results
    if symbol == "**":
        return _power(engine, state, a, b, node)
    shift = as_int(b)
    if symbol == "<<" and shift is not None and 0 <= shift <= 4096:
        return [(state, VInt(a * (1 << shift)))]
    if symbol == ">>" and shift is not None and 0 <= shift <= 4096:
        return [(state, VInt(floor_divide(a, z3.IntVal(1 << shift))))]
    if symbol in ("<<", ">>") and shift is not None and shift < 0:
        return [operators.raises(state, "ValueError", node, "negative shift count")]
    if symbol in ("<<", ">>"):
        return _shift(engine, state, symbol, a, b, node)
    if symbol in ("&", "|", "^"):
        # Two bools give a bool, and an int parameter may be one.
        maybe_bool = all(isinstance(v, VBool) or (isinstance(v, VInt) and v.maybe_bool) for v in given)
        return [(state, VInt(bits.bitwise(engine, state, symbol, a, b, node), maybe_bool))]
    raise Unsupported(f"`{symbol}` on integers that are not known", node)


def _shift(engine: Engine, state: State, symbol: str, a: Term, b: Term, node: ast.AST) -> list[Result]:
    """A shift by a number that is not known."""
    fine, negative = engine.split(state, b >= 0)
    results = [operators.raises(negative, "ValueError", node, "negative shift count")] if negative else []
    if fine:
        factor = bits.power_of_two(engine, fine, b, node)
        results.append((fine, VInt(a * factor if symbol == "<<" else floor_divide(a, factor))))
    return results


def negate(engine: Engine, state: State, op: ast.unaryop, value: Value, node: ast.expr) -> list[Result]:
    """A unary operator."""
    if isinstance(op, ast.Not):
        return [(state, VBool(z3.Not(operators.truth(state, value))))]
    results: list[Result] = []
    for path, operand in operators.arms(engine, state, value):
        term = operators.number(operand)
        if isinstance(operand, VFloat):
            signed = floats.negate(op, operand, node)
            bad = operators.raises(path, "TypeError", node, "bad operand type for a unary operator: float")
            results.append(bad if signed is None else (path, signed))
            continue
        if term is None:
            name = operators.instance_operators().UNARY[type(op)]
            own = operators.instance_operators().invoke(engine, path, name, operand, [], node)
            if own is not None:
                results += own
                continue
            instance = isinstance(operators.heap_object(path, operand), InstanceObject)
            if isinstance(operand, VNone | VStr | VTuple | VRef | VView) and not instance:
                why = f"bad operand type for a unary operator: {operators.class_name(path, operand)}"
                results.append(operators.raises(path, "TypeError", node, why))
                continue
            raise Unsupported(f"a unary operator on a {operators.class_name(path, operand)}", node)
        signed = {ast.USub: -term, ast.UAdd: term, ast.Invert: -term - 1}[type(op)]
        results.append((path, VInt(signed)))
    return results


def power_modulo(engine: Engine, state: State, given: list[Value], node: ast.AST) -> list[Result]:
    """``pow(a, b, m)`` with a small known exponent."""
    terms = [operators.number(v) for v in given]
    exponent = None if terms[1] is None else as_int(terms[1])
    if None in terms or exponent is None or not 0 <= exponent <= 8:
        raise Unsupported("pow() with a modulus", node)
    fine, zero = engine.split(state, terms[2] != 0)  # type: ignore[operator]
    results = [operators.raises(zero, "ValueError", node, "pow() 3rd argument cannot be 0")] if zero else []
    for path, power in _power(engine, fine, terms[0], terms[1], node) if fine else []:
        assert isinstance(power, VInt)
        results.append((path, VInt(modulo(power.term, terms[2]))))
    return results


def _power(engine: Engine, state: State, a: Term, b: Term, node: ast.AST) -> list[Result]:
    exponent, base = as_int(b), as_int(a)
    if exponent is not None and base is not None and 0 <= exponent <= 4096 and abs(base) <= 1 << 64:
        return [(state, VInt(z3.IntVal(base**exponent)))]
    if exponent is not None and 0 <= exponent <= 8:
        product: Term = z3.IntVal(1)
        for _ in range(exponent):
            product = a if as_int(product) == 1 else product * a
        return [(state, VInt(product))]
    raise Unsupported("`**` with an exponent that is not a small constant", node)


def _repeat(engine: Engine, state: State, value: Value, times: Term, node: ast.AST) -> list[Result] | None:
    from lift.verify import contracts

    count = as_int(times)
    obj = operators.heap_object(state, value)
    if isinstance(value, VStr):
        text = as_str(value.term)
        if count is not None and count <= 64:
            parts = [value.term] * max(0, count)
            joined = z3.Concat(*parts) if len(parts) > 1 else parts[0] if parts else z3.StringVal("")
            return [(state, VStr(joined))]
        if text == "":
            return [(state, value)]
        engine.approximate("`*` of a string by a number that is not known", node)
        result = z3.String(fresh_name("repeated"))
        size = z3.If(times > 0, times, z3.IntVal(0))
        engine.facts.append(z3.Length(result) == z3.Length(value.term) * size)
        return [(state, VStr(result))]
    seq = obj.seq if isinstance(obj, ListObject) else value.seq if isinstance(value, VTuple) else None
    if seq is None:
        return None
    if count is not None and seq.items is not None and count * len(seq.items) <= 256:
        repeated = concrete_seq(list(seq.items) * max(0, count))
    elif seq.items is not None and len(seq.items) == 1 and not contracts.reachable(state, seq.items[0]):
        only = seq.items[0]
        size = z3.If(times > 0, times, z3.IntVal(0))
        repeated = Seq(z3.simplify(size), lambda i: only, None, ())
    else:
        raise Unsupported("`*` of a sequence by a number that is not known", node)
    if isinstance(value, VTuple):
        return [(state, VTuple(repeated))]
    state = state.fork()
    return [(state, engine.allocate(state, ListObject(repeated)))]
