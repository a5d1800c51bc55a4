"""``x in {…}``: a set that is written out only to look into it needs no object."""

from __future__ import annotations

import ast

import z3

from lift.verify import evaluate as expressions
from lift.verify import operators
from lift.verify.operators import arms, heap_object, raises
from lift.verify.state import DictObject, Engine, ListObject, Result, State
from lift.verify.values import (
    Exc,
    Unsupported,
    Value,
    VBool,
    VFloat,
    VInt,
    VNone,
    VStr,
    VTuple,
    VUnion,
)

_SCALAR = VNone | VBool | VInt | VFloat | VStr


def in_display(
    engine: Engine, state: State, op: ast.In | ast.NotIn, item: Value, node: ast.Set
) -> list[Result]:
    """``item in {…}`` or ``item not in {…}``.

    Raises:
        Unsupported: A value whose hash or equality is not known.
    """
    results: list[Result] = []
    for path, values in expressions.evaluate_all(engine, state, list(node.elts)):
        if isinstance(values, Exc):
            results.append((path, values))
            continue
        # The set is made, and so all its elements are hashed, before the item is.
        paths: list[tuple[State, list[Value]]] = [(path, [])]
        for value in [*values, item]:
            grown: list[tuple[State, list[Value]]] = []
            for then, done in paths:
                for last, definite in arms(engine, then, value):
                    if isinstance(heap_object(last, definite), ListObject | DictObject):
                        results.append(raises(last, "TypeError", node, "the value cannot be hashed"))
                    elif not _hashed(definite):
                        raise Unsupported(f"a {operators.class_name(last, definite)} in a set", node)
                    else:
                        grown.append((last, [*done, definite]))
            paths = grown
        for then, definite in paths:
            each = [operators.equal_element(engine, then, definite[-1], v) for v in definite[:-1]]
            found = z3.Or(each)
            results.append((then, VBool(z3.Not(found) if isinstance(op, ast.NotIn) else found)))
    return results


def _hashed(value: Value) -> bool:
    """Whether a value has a hash that agrees with its equality."""
    if isinstance(value, VUnion):
        return all(_hashed(v) for _, v in value.arms)
    if isinstance(value, VTuple):
        return value.seq.items is not None and all(map(_hashed, value.seq.items))
    return isinstance(value, _SCALAR)
