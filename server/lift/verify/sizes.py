"""Numbers that CPython keeps in an index of the machine: sizes, positions and repetitions."""

from __future__ import annotations

import ast
import sys

import z3

from lift.verify.operators import raises
from lift.verify.state import Engine, Result, State
from lift.verify.values import Term, Unsupported

SIZES = "no size and no index is beyond sys.maxsize"


def as_size(engine: Engine, state: State, number_: Term, node: ast.AST) -> tuple[State | None, list[Result]]:
    """The path on which a number fits into an index of the machine, and the end of the one on which not.

    Where the module takes no notice of it, what CPython raises there says nothing about the code, and the
    second path is assumed away.

    Raises:
        Unsupported: The number never fits, and nothing takes notice.
    """
    fits, too_large = engine.split(state, z3.And(number_ <= sys.maxsize, number_ >= -sys.maxsize - 1))
    if not too_large:
        return fits, []
    if engine.program.notices_overflow:
        return fits, [raises(too_large, "OverflowError", node, "the number does not fit into an index")]
    if fits is None:
        raise Unsupported("a size or an index beyond sys.maxsize", node)
    engine.assumptions.add(SIZES)
    return fits, []
