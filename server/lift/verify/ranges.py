"""The numbers of a range as a sequence."""

from __future__ import annotations

import z3

from lift.verify.values import Seq, VInt, VRange, as_int, concrete_seq, floor_divide, term_key


def _count(start: int, stop: int, step: int) -> int:
    """The length of a range, which may be more than ``len`` can tell.

    Requires:
        - ``step != 0``

    Ensures:
        - ``result >= 0``
        - ``implies(step > 0 and start < stop, start + (result - 1) * step < stop <= start + result * step)``
        - ``implies(step < 0 and start > stop, start + (result - 1) * step > stop >= start + result * step)``
        - ``implies(step > 0 and start >= stop, result == 0)``
    """
    return max(0, (stop - start + step - (1 if step > 0 else -1)) // step)


def range_seq(value: VRange) -> Seq:
    """The numbers of a range."""
    start, stop, step = value.start, value.stop, value.step
    known = [as_int(t) for t in (start, stop, step)]
    if None not in known and _count(*known) <= 256:  # type: ignore[arg-type]
        return concrete_seq([VInt(z3.IntVal(n)) for n in range(*known)])  # type: ignore[arg-type]
    if known[2] == 1:
        length = z3.If(stop > start, stop - start, z3.IntVal(0))
    elif known[2] == -1:
        length = z3.If(start > stop, start - stop, z3.IntVal(0))
    else:
        up = z3.If(stop > start, floor_divide(stop - start + step - 1, step), z3.IntVal(0))
        down = z3.If(start > stop, floor_divide(start - stop - step - 1, -step), z3.IntVal(0))
        length = z3.If(step > 0, up, down)
    key = ("range", term_key(start), term_key(step))
    return Seq(z3.simplify(length), lambda i: VInt(start + i * step), None, key)
