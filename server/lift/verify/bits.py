"""Bits of integers, which are two's complement of unbounded length in Python.

With a known operand everything is arithmetic: ``x & c`` picks runs of bits by division and remainder, and
``x | c`` is ``x + c - (x & c)``. Two unknown operands that are shown to lie within
bounds are bit-vectors.
"""

from __future__ import annotations

import ast

import z3

from lift.verify.state import Engine, State
from lift.verify.values import Term, Unsupported, as_int

_RUNS = 16
_WIDTHS = (8, 16, 32, 64)
_SHIFTS = 32


def bitwise(engine: Engine, state: State, symbol: str, a: Term, b: Term, node: ast.AST) -> Term:
    """``a & b``, ``a | b`` or ``a ^ b``.

    Raises:
        Unsupported: Neither is known nor are both within bounds.
    """
    x, y = as_int(a), as_int(b)
    if x is not None and y is not None:
        return z3.IntVal({"&": x & y, "|": x | y, "^": x ^ y}[symbol])
    for term, mask in ((a, y), (b, x)):
        both = None if mask is None else _masked(term, mask)
        if both is not None:
            return both if symbol == "&" else term + mask - both * (1 if symbol == "|" else 2)
    for width in _WIDTHS:
        limit = 1 << width
        outside = z3.Or(a < 0, b < 0, a >= limit, b >= limit)
        if not engine.feasible(state, outside):
            left: Term = z3.Int2BV(a, width)
            right: Term = z3.Int2BV(b, width)
            return z3.BV2Int(
                {"&": left & right, "|": left | right, "^": left ^ right}[symbol], is_signed=False
            )
    raise Unsupported(f"`{symbol}` on integers that are not known", node)


def _masked(term: Term, mask: int) -> Term | None:
    """``term & mask``; None where the mask has too many runs of ones."""
    if mask < 0:
        # What the mask keeps and what it drops make up the number.
        dropped = _masked(term, ~mask)
        return None if dropped is None else term - dropped
    parts: list[Term] = []
    low = 0
    while mask >> low:
        if not mask >> low & 1:
            low += 1
            continue
        length = 1
        while mask >> (low + length) & 1:
            length += 1
        # Z3's division by a positive number rounds down, as a shift of a negative number does.
        parts.append((term / (1 << low)) % (1 << length) * (1 << low) if low else term % (1 << length))
        low += length
    if len(parts) > _RUNS:
        return None
    return z3.Sum(parts) if len(parts) > 1 else parts[0] if parts else z3.IntVal(0)


def power_of_two(engine: Engine, state: State, exponent: Term, node: ast.AST) -> Term:
    """``2 ** exponent`` of an exponent that is not negative on this path.

    Raises:
        Unsupported: It may be large.
    """
    if engine.feasible(state, exponent > _SHIFTS):
        raise Unsupported("a shift by a number that may be large", node)
    result: Term = z3.IntVal(1 << _SHIFTS)
    for n in reversed(range(_SHIFTS)):
        result = z3.If(exponent == n, z3.IntVal(1 << n), result)
    return result


def bit_length(engine: Engine, state: State, term: Term, node: ast.AST) -> Term:
    """``n.bit_length()``.

    Raises:
        Unsupported: The number may be large.
    """
    known = as_int(term)
    if known is not None:
        return z3.IntVal(known.bit_length())
    limit = 1 << _WIDTHS[-1]
    if engine.feasible(state, z3.Or(term >= limit, term <= -limit)):
        raise Unsupported("bit_length() of an integer that may be large", node)
    size: Term = z3.If(term >= 0, term, -term)
    result: Term = z3.IntVal(_WIDTHS[-1])
    for n in reversed(range(_WIDTHS[-1])):
        result = z3.If(size < (1 << n), z3.IntVal(n), result)
    return result
