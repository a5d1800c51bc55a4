"""``in`` on the keys and the items of a dictionary."""

from __future__ import annotations

import ast

import z3

from lift.verify import operators
from lift.verify.state import DictObject, Engine, Result, State
from lift.verify.values import Unsupported, Value, VBool, VIterable, VTuple, as_bool


def contains(engine: Engine, state: State, view: VIterable, item: Value, node: ast.expr) -> list[Result]:
    """``item in d.keys()`` or ``item in d.items()``, which ask the dictionary as it is now."""
    found = [state.heap[a] for a in view.sources]
    obj = found[0] if len(found) == 1 else None
    if not isinstance(obj, DictObject):
        raise Unsupported(f"`in` a {view.what} object", node)
    results: list[Result] = []
    for path, one in operators.arms(engine, state, item):
        if view.what == "dict_keys":
            results.append(operators.hash_error(path, one, node) or (path, VBool(obj.has(one))))
        elif not isinstance(one, VTuple) or one.seq.items is None:
            raise Unsupported("`in` a dict_items object", node)
        elif len(one.seq.items) != 2:
            results.append((path, VBool(z3.BoolVal(False))))
        else:
            key, value = one.seq.items
            for then, name in operators.arms(engine, path, key):
                bad = operators.hash_error(then, name, node)
                there = z3.BoolVal(False) if bad else obj.has(name)
                if not bad and as_bool(there) is not False:
                    there = z3.And(there, operators.equal_element(engine, then, obj.get(name), value))
                results.append(bad or (then, VBool(there)))
    return results
