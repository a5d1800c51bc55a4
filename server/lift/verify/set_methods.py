"""Operators, methods and constructors of sets and frozensets on symbolic values.

What may be half done when CPython raises in the middle of it is not modelled, such as ``s.update`` with an
iterable that holds something without a hash.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from lift.verify import comprehensions, operators, sets
from lift.verify.operators import arms, heap_object, raises
from lift.verify.set_elements import decode, encode, unhashable
from lift.verify.state import DictObject, Engine, InstanceObject, Result, SetObject, State, change
from lift.verify.values import (
    NONE,
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    VRef,
    VUnion,
)

Arguments = list[Value]
Sets = list[tuple[State, "SetObject | Exc"]]

OPERATORS: dict[str, Callable[[Engine, SetObject, SetObject], SetObject]] = {
    "|": sets.union,
    "&": sets.intersection,
    "-": sets.difference,
    "^": sets.symmetric_difference,
}
_IN_PLACE = {ast.BitOr: "|", ast.BitAnd: "&", ast.Sub: "-", ast.BitXor: "^"}


def combine(engine: Engine, state: State, symbol: str, a: SetObject, b: SetObject) -> list[Result]:
    """``a | b`` and the like: a new set of the kind of the first."""
    path = state.fork()
    return [(path, engine.allocate(path, OPERATORS[symbol](engine, a, b)))]


def in_place(
    engine: Engine, state: State, left: Value, obj: SetObject, op: ast.operator, right: Value, node: ast.AST
) -> list[Result]:
    """``left |= right`` and the like on a set; the value is the set itself."""
    symbol = _IN_PLACE.get(type(op))
    other = heap_object(state, right)
    if isinstance(other, InstanceObject) or not isinstance(right, operators.PLAIN):
        raise Unsupported(f"`op=` of a set and a {operators.class_name(state, right)}", node)
    if symbol is None or not isinstance(other, SetObject):
        kind = operators.class_name(state, right)
        return [raises(state, "TypeError", node, f"unsupported operand types: set and {kind}")]
    path = state.fork()
    change(path, _address(left, node), OPERATORS[symbol](engine, obj, other), node)
    return [(path, left)]


def _address(value: Value, node: ast.AST) -> int:
    if not isinstance(value, VRef):
        raise Unsupported("changing a container whose identity is not known", node)
    return value.address


def construct(
    engine: Engine, state: State, args: Arguments, _: dict[str, Value], node: ast.Call, *, frozen: bool
) -> list[Result]:
    """``set(…)`` or ``frozenset(…)``."""
    name = "frozenset" if frozen else "set"
    if len(args) > 1:
        return [raises(state, "TypeError", node, f"{name}() got {len(args)} arguments")]
    obj = heap_object(state, args[0]) if args else None
    if frozen and isinstance(obj, SetObject) and obj.frozen:
        return [(state, args[0])]
    made: Sets = as_sets(engine, state, args[0], node) if args else [(state, sets.empty())]
    return [allocated(engine, path, found, frozen=frozen) for path, found in made]


def allocated(engine: Engine, state: State, found: SetObject | Exc, *, frozen: bool) -> Result:
    """A new set with the elements of another one, or the exception that came instead."""
    if isinstance(found, Exc):
        return state, found
    path = state.fork()
    return path, engine.allocate(path, sets.copy(found, frozen=frozen))


def as_sets(engine: Engine, state: State, value: Value, node: ast.AST, *, partial: bool = False) -> Sets:
    """The set of what a definite value yields when it is iterated over.

    Args:
        partial: Whether it shows how far the iteration came when an element cannot be hashed.

    Raises:
        Unsupported: Elements that are not modelled in sets.
    """
    obj = heap_object(state, value)
    if isinstance(obj, SetObject):
        return [(state, obj)]
    if isinstance(obj, DictObject):
        return [(state, sets.of_keys(engine, obj, frozen=False))]
    if not operators.is_iterable(state, value):
        why = f"a {operators.class_name(state, value)} is not iterable"
        return [(state, Exc("TypeError", getattr(node, "lineno", 0), why))]
    found: Sets = []
    whole = operators.sequence(engine, state, value, node)
    for path, seq in comprehensions.concretise(engine, state, whole, node):
        assert isinstance(seq, Seq)
        found += of_sequence(engine, path, seq, node, partial=partial)
    return found


def of_sequence(engine: Engine, state: State, seq: Seq, node: ast.AST, *, partial: bool = False) -> Sets:
    """The set of the elements of a sequence; see ``as_sets``."""
    if seq.items is None:
        return [(state, sets.of_sequence(engine, seq, frozen=False))]
    found: Sets = []
    for path, items in _definite(engine, state, seq.items):
        if any(unhashable(path, item) for item in items):
            if partial:
                raise Unsupported("an element without a hash", node)
            found.append((path, Exc("TypeError", getattr(node, "lineno", 0), "unhashable type in a set")))
        else:
            found.append((path, sets.of_values(engine, items, frozen=False)))
    return found


def _definite(engine: Engine, state: State, items: tuple[Value, ...]) -> list[tuple[State, list[Value]]]:
    if not any(isinstance(v, VUnion) for v in items):
        return [(state, list(items))]
    paths: list[tuple[State, list[Value]]] = [(state, [])]
    for item in items:
        paths = [(s, [*done, v]) for path, done in paths for s, v in arms(engine, path, item)]
    return paths


# Methods. The path was copied by the caller, so that it may be changed in place.


def _set(state: State, value: Value) -> SetObject:
    obj = heap_object(state, value)
    assert isinstance(obj, SetObject)
    return obj


def _wrong(state: State, node: ast.Call, name: str) -> list[Result]:
    return [raises(state, "TypeError", node, f"the arguments of {name}() do not fit")]


def _add(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    if len(args) != 1:
        return _wrong(state, node, "add")
    address = _address(value, node)
    if unhashable(state, args[0]):
        return [raises(state, "TypeError", node, f"unhashable type: {operators.class_name(state, args[0])}")]
    change(state, address, sets.added(engine, _set(state, value), args[0]), node)
    return [(state, NONE)]


def _removal(*, strict: bool) -> Callable[..., list[Result]]:
    """``remove``, or ``discard``, which does not mind an element that is not there."""

    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        if len(args) != 1:
            return _wrong(state, node, "remove" if strict else "discard")
        address, obj = _address(value, node), _set(state, value)
        there = sets.lookup(state, obj, args[0])
        if there is None:
            kind = operators.class_name(state, args[0])
            return [raises(state, "TypeError", node, f"unhashable type: {kind}")]
        found, missing = engine.split(state, there)
        results: list[Result] = []
        if missing:
            why = "the element may not be in the set"
            results.append(raises(missing, "KeyError", node, why) if strict else (missing, NONE))
        if found:
            assert obj.element is not None
            term = encode(args[0], obj.element)
            assert term is not None
            found = found.fork()
            change(found, address, sets.removed(obj, term), node)
            results.append((found, NONE))
        return results

    return run


def _pop(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    if args:
        return _wrong(state, node, "pop")
    address, obj = _address(value, node), _set(state, value)
    nothing, some = engine.split(state, sets.is_empty(obj))
    results = [raises(nothing, "KeyError", node, "pop from an empty set")] if nothing else []
    if some:
        assert obj.element is not None
        some = some.fork()
        term = sets.some_element(engine, obj)
        change(some, address, sets.removed(obj, term), node)
        results.append((some, decode(engine, term, obj.element)))
    return results


def _clear(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    obj = _set(state, value)
    change(state, _address(value, node), sets.listed([], obj.element, frozen=False), node)
    return [(state, NONE)]


def _copy(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
    obj = _set(state, value)
    if obj.frozen:
        return [(state, value)]
    return [(state, engine.allocate(state, sets.copy(obj, frozen=False)))]


def _folded(
    engine: Engine, state: State, value: Value, symbol: str, args: Arguments, node: ast.Call, *, partial: bool
) -> Sets:
    """The set combined with what each argument yields, from left to right."""
    paths: Sets = [(state, _set(state, value))]
    for argument in args:
        grown: Sets = []
        for path, whole in paths:
            if isinstance(whole, Exc):
                grown.append((path, whole))
                continue
            for then, more in as_sets(engine, path, argument, node, partial=partial):
                if isinstance(more, Exc) and partial and (whole is not _set(path, value)):
                    raise Unsupported("a set of which some arguments cannot be taken", node)
                made = more if isinstance(more, Exc) else OPERATORS[symbol](engine, whole, more)
                grown.append((then, made))
        paths = grown
    return paths


def _combination(symbol: str, *, single: bool = False) -> Callable[..., list[Result]]:
    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        if single and len(args) != 1:
            return _wrong(state, node, "symmetric_difference")
        # Which arguments are still looked at once nothing is left differs between versions of CPython.
        found = _folded(engine, state, value, symbol, args, node, partial=symbol != "|")
        return [allocated(engine, path, whole, frozen=_set(state, value).frozen) for path, whole in found]

    return run


def _change(symbol: str, *, single: bool = False) -> Callable[..., list[Result]]:
    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        if single and len(args) != 1:
            return _wrong(state, node, "symmetric_difference_update")
        address = _address(value, node)
        results: list[Result] = []
        for path, whole in _folded(engine, state, value, symbol, args, node, partial=True):
            if isinstance(whole, Exc):
                results.append((path, whole))
                continue
            path = path.fork()
            change(path, address, whole, node)
            results.append((path, NONE))
        return results

    return run


def _relation(
    name: str, holds: Callable[[Engine, SetObject, SetObject], Term], *, partial: bool
) -> Callable[..., list[Result]]:
    def run(engine: Engine, state: State, value: Value, args: Arguments, node: ast.Call) -> list[Result]:
        if len(args) != 1:
            return _wrong(state, node, name)
        obj = _set(state, value)
        return [
            (path, other if isinstance(other, Exc) else VBool(holds(engine, obj, other)))
            for path, other in as_sets(engine, state, args[0], node, partial=partial)
        ]

    return run


_READING: dict[str, Callable[..., list[Result]]] = {
    "copy": _copy,
    "union": _combination("|"),
    "intersection": _combination("&"),
    "difference": _combination("-"),
    "symmetric_difference": _combination("^", single=True),
    "issubset": _relation("issubset", sets.subset, partial=False),
    "issuperset": _relation("issuperset", lambda e, a, b: sets.subset(e, b, a), partial=True),
    "isdisjoint": _relation("isdisjoint", lambda e, a, b: sets.disjoint(a, b), partial=True),
}
_CHANGING: dict[str, Callable[..., list[Result]]] = {
    "add": _add,
    "remove": _removal(strict=True),
    "discard": _removal(strict=False),
    "pop": _pop,
    "clear": _clear,
    "update": _change("|"),
    "intersection_update": _change("&"),
    "difference_update": _change("-"),
    "symmetric_difference_update": _change("^", single=True),
}
METHODS: dict[tuple[str, str], Callable[..., list[Result]]] = {
    **{(kind, name): run for kind in ("set", "frozenset") for name, run in _READING.items()},
    **{("set", name): run for name, run in _CHANGING.items()},
}
