"""Operators that the module's classes define: which special method CPython calls, and on whom.

A binary operator asks the left operand, then the right one for the reflected method; an operand whose class
derives from the other's is asked first. ``NotImplemented`` hands the question on. What the classes do not
define is what every object does: equality is identity, and other operators are a TypeError.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

import z3

from lift.verify import calls, instances, operators, sizes
from lift.verify import evaluate as expressions
from lift.verify.classes import ClassInfo
from lift.verify.operators import arms, heap_object, raises
from lift.verify.state import Engine, HeapObject, InstanceObject, Result, State
from lift.verify.values import (
    Exc,
    Term,
    Unsupported,
    Value,
    VBool,
    VBuiltin,
    VFunction,
    VInt,
    VRef,
    VStr,
    VUnion,
    VView,
    fresh_count,
)

NOT_IMPLEMENTED = VBuiltin("NotImplemented")

ARITHMETIC = {
    "+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow",
    "&": "and", "|": "or", "^": "xor", "<<": "lshift", ">>": "rshift", "@": "matmul",
}  # fmt: skip
"""The operators and the stems of their methods."""

_STEM = {
    ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "truediv", ast.FloorDiv: "floordiv",
    ast.Mod: "mod", ast.Pow: "pow", ast.BitAnd: "and", ast.BitOr: "or", ast.BitXor: "xor",
    ast.LShift: "lshift", ast.RShift: "rshift", ast.MatMult: "matmul",
}  # fmt: skip
_REFLECTED = {"__eq__": "__eq__", "__ne__": "__ne__", "__lt__": "__gt__", "__gt__": "__lt__"}
_REFLECTED |= {"__le__": "__ge__", "__ge__": "__le__"}
COMPARISONS = frozenset(_REFLECTED)
ORDER = {"<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}
UNARY = {ast.USub: "__neg__", ast.UAdd: "__pos__", ast.Invert: "__invert__"}

Answer = Callable[[State], list[Result]]


def _instance(state: State, value: Value) -> InstanceObject | None:
    obj = heap_object(state, value)
    return obj if isinstance(obj, InstanceObject) else None


def concerns(state: State, value: Value, names: frozenset[str]) -> bool:
    """Whether a value may be an instance whose class defines one of these methods."""
    if isinstance(value, VUnion):
        return any(concerns(state, v, names) for _, v in value.arms)
    obj = _instance(state, value)
    return obj is not None and bool(obj.special & names)


def _call(
    engine: Engine, state: State, owner: Value, name: str, given: list[Value], node: ast.AST
) -> list[Result]:
    obj = _instance(state, owner)
    assert obj is not None
    method = instances.special(engine, state, owner, obj, name, node)
    assert method is not None
    return calls.call_function(engine, state, method, given, {}, node)


def _defining(engine: Engine, obj: InstanceObject, name: str) -> ClassInfo | None:
    """The class that a special method of an instance comes from, written out or made by ``dataclass``."""
    program = engine.program
    for owner in program.class_info(obj.class_name).ancestors:
        info = program.classes[owner]
        made = info.dataclass and (name == "__eq__" or (info.order and name in ORDER.values()))
        if name in info.methods or made:
            return info
    return None


# Operators with two operands.


def binary(
    engine: Engine, state: State, symbol: str, a: Value, b: Value, node: ast.AST, *, in_place: bool = False
) -> list[Result] | None:
    """``a op b`` of definite operands; None where neither is an instance that defines the operator.

    Args:
        in_place: It is ``a op= b``.
    """
    stem = ARITHMETIC[symbol]
    plain, reflected, changing = f"__{stem}__", f"__r{stem}__", f"__i{stem}__"
    one, other = _instance(state, a), _instance(state, b)
    wanted = frozenset([plain, changing] if in_place else [plain])
    if not (one and one.special & wanted) and not (other and reflected in other.special):
        return None
    if isinstance(a, VStr) and symbol == "%":
        raise Unsupported("`%` formatting", node)
    attempts: list[Answer] = []
    left = (lambda s: _call(engine, s, a, plain, [b], node)) if one and plain in one.special else None
    right = (lambda s: _call(engine, s, b, reflected, [a], node)) if other else None
    if other is None or reflected not in other.special or (one and one.class_name == other.class_name):
        right = None
    first = False
    if one and other and right is not None and left is not None:
        below = engine.program.is_subclass(other.class_name, one.class_name)
        # Only a method that is defined anew goes first.
        theirs, ours = _defining(engine, other, reflected), _defining(engine, one, reflected)
        first = below and one.class_name != other.class_name and theirs is not ours
    if in_place and one and changing in one.special:
        attempts.append(lambda s: _call(engine, s, a, changing, [b], node))
    attempts += [t for t in ((right, left) if first else (left, right)) if t is not None]

    def fails(path: State) -> list[Result]:
        kinds = f"{operators.class_name(path, a)} and {operators.class_name(path, b)}"
        for value in (a, b):
            if _instance(path, value) is None and not isinstance(value, operators.PLAIN):
                raise Unsupported(f"`{symbol}` on a {operators.class_name(path, value)}", node)
        return [raises(path, "TypeError", node, f"unsupported operand types for {symbol}: {kinds}")]

    return _in_turn(engine, state, attempts, fails, node)


def _in_turn(
    engine: Engine, state: State, attempts: list[Answer], last: Answer, node: ast.AST
) -> list[Result]:
    """The answer of the first method that does not say ``NotImplemented``."""
    if not attempts:
        return last(state)
    out: list[Result] = []
    for path, value in attempts[0](state):
        if isinstance(value, Exc):
            out.append((path, value))
            continue
        for then, one in arms(engine, path, value):
            if one == NOT_IMPLEMENTED:
                out += _in_turn(engine, then, attempts[1:], last, node)
            else:
                out.append((then, operators.kept(one, node)))
    return expressions.merge(state, out)


def compare(
    engine: Engine, state: State, name: str, a: Value, b: Value, node: ast.AST
) -> list[Result] | None:
    """``a < b`` and its like of definite operands; None where no class defines what is asked.

    Args:
        name: The method that the operator asks the left operand for.
    """
    one, other = _instance(state, a), _instance(state, b)
    asked = frozenset(
        [name, _REFLECTED[name], "__eq__", "__ne__"]
        if name in ("__eq__", "__ne__")
        else [name, _REFLECTED[name]]
    )
    if not any(obj and obj.special & asked for obj in (one, other)):
        return None
    for value, obj in ((a, one), (b, other)):
        if obj is None and not isinstance(value, operators.PLAIN):
            raise Unsupported(f"comparing a {operators.class_name(state, value)}", node)
    if isinstance(a, VRef) and isinstance(b, VRef) and operators.maybe_same(state, a, b):
        raise Unsupported("comparing instances that may be one object", node)
    if one and other and one.class_name == other.class_name and not _defining(engine, one, "__eq__"):
        if isinstance(a, VView) or isinstance(b, VView):
            raise Unsupported("comparing instances that may be one object", node)

    def left(path: State) -> list[Result]:
        return _compared(engine, path, name, a, b, node)

    def right(path: State) -> list[Result]:
        return _compared(engine, path, _REFLECTED[name], b, a, node)

    attempts: list[Answer] = []
    attempts += [left] if one else []
    attempts += [right] if other else []
    if one and other and one.class_name != other.class_name:
        # Unlike for arithmetic, a class below goes first even where it defines nothing anew.
        if engine.program.is_subclass(other.class_name, one.class_name):
            attempts.reverse()

    def otherwise(path: State) -> list[Result]:
        if name in ("__eq__", "__ne__"):
            same = isinstance(a, VRef) and isinstance(b, VRef) and a.address == b.address
            return [(path, VBool(z3.BoolVal(same == (name == "__eq__"))))]
        kinds = f"{operators.class_name(path, a)} and {operators.class_name(path, b)}"
        return [raises(path, "TypeError", node, f"no order between {kinds}")]

    return _in_turn(engine, state, attempts, otherwise, node)


def _compared(engine: Engine, state: State, name: str, a: Value, b: Value, node: ast.AST) -> list[Result]:
    """What one operand says: its class's method, or what classes do without one."""
    obj = _instance(state, a)
    assert obj is not None
    owner = _defining(engine, obj, name)
    if owner is not None and name in owner.methods:
        return _call(engine, state, a, name, [b], node)
    if owner is not None:
        return _of_dataclass(engine, state, owner, name, a, b, node)
    if name == "__ne__":
        out: list[Result] = []
        for path, value in _compared(engine, state, "__eq__", a, b, node):
            if isinstance(value, Exc):
                out.append((path, value))
                continue
            for then, one in arms(engine, path, value):
                if one == NOT_IMPLEMENTED:
                    out.append((then, one))
                else:
                    out += expressions.bind(
                        tested(engine, then, one, node),
                        lambda s, v: [(s, VBool(z3.Not(operators.truth(s, v))))],
                    )
        return out
    if name == "__eq__" and isinstance(b, VRef) and isinstance(a, VRef) and a.address == b.address:
        return [(state, VBool(z3.BoolVal(True)))]
    return [(state, NOT_IMPLEMENTED)]


def _of_dataclass(
    engine: Engine, state: State, owner: ClassInfo, name: str, a: Value, b: Value, node: ast.AST
) -> list[Result]:
    """A comparison that ``dataclass`` makes: of the fields that its class has, for one and the same class."""
    one, other = _instance(state, a), _instance(state, b)
    assert one is not None
    if other is None or one.class_name != other.class_name:
        return [(state, NOT_IMPLEMENTED)]
    if owner.name != one.class_name:
        raise Unsupported(f"comparing instances of {one.class_name}, which inherits how", node)
    if name == "__eq__":
        return [(state, VBool(equal_fields(engine, state, one, other)))]
    op = {"__lt__": ast.Lt, "__le__": ast.LtE, "__gt__": ast.Gt, "__ge__": ast.GtE}[name]()
    return operators.ordered(engine, state, op, a, b, node)


def equal_instances(engine: Engine, state: State, a: HeapObject | None, b: HeapObject | None) -> Term:
    """Equality of instances whose classes write no comparison out: identity, or that of a dataclass."""
    if isinstance(a, InstanceObject) and isinstance(b, InstanceObject) and a.class_name == b.class_name:
        info = engine.program.class_info(a.class_name)
        if not info.dataclass:
            if any(engine.program.classes[c].dataclass for c in info.ancestors):
                raise Unsupported(f"comparing instances of {info.name}, which inherits how")
            return z3.BoolVal(False)
        return equal_fields(engine, state, a, b)
    return z3.BoolVal(False)


def equal_fields(engine: Engine, state: State, a: InstanceObject, b: InstanceObject) -> Term:
    """Whether all attributes of two instances of one dataclass are equal."""
    left, right = dict(a.fields), dict(b.fields)
    if left.keys() != right.keys():
        raise Unsupported("comparing instances with other attributes than declared")
    return z3.And([operators.equal_element(engine, state, left[k], right[k]) for k in left])


def equality(engine: Engine, state: State, a: Value, b: Value) -> Term | None:
    """``a == b`` as a formula where a class defines it; None where none does.

    Raises:
        Unsupported: A comparison that may raise, change something, or is not determined by its operands.
    """
    node = ast.Constant(None)
    before = fresh_count()
    found = compare(engine, state, "__eq__", a, b, node)
    if found is None:
        return None
    terms: list[Term] = []
    for path, value in found:
        if isinstance(value, Exc) or not path.same_store(state, grown=True):
            raise Unsupported("an `__eq__` that may raise or change something")
        terms.append(z3.And(expressions.delta(state, path), operators.truth(path, value)))
    if fresh_count() != before:
        # Where the operands depend on a variable that is bound around them, new symbols could not.
        raise Unsupported("an `__eq__` that is not determined by what it compares")
    return z3.Or(terms)


def augmented(
    engine: Engine, state: State, op: ast.operator, a: Value, b: Value, node: ast.AST
) -> list[Result]:
    """``a op= b`` of an instance.

    Raises:
        Unsupported: Nothing defines it.
    """
    symbol = next(s for s, stem in ARITHMETIC.items() if stem == _STEM[type(op)])
    out: list[Result] = []
    for path, right in arms(engine, state, b):
        found = binary(engine, path, symbol, a, right, node, in_place=True)
        if found is None:
            raise Unsupported(f"`op=` on a {operators.class_name(path, a)}", node)
        out += found
    return out


# Truth, length, items.


def tested(engine: Engine, state: State, value: Value, node: ast.AST) -> list[Result]:
    """The paths on which ``bool(value)`` ends, each with a value that ``operators.truth`` knows."""
    if not concerns(state, value, frozenset(["__bool__", "__len__"])):
        return [(state, value)]
    out: list[Result] = []
    for path, one in arms(engine, state, value):
        obj = _instance(path, one)
        if obj is None or not obj.special & {"__bool__", "__len__"}:
            out.append((path, one))
        elif "__bool__" in obj.special:
            for then, said in _call(engine, path, one, "__bool__", [], node):
                if isinstance(said, VInt) and not said.maybe_bool:
                    out.append(raises(then, "TypeError", node, "__bool__ should return bool"))
                elif not isinstance(said, VBool | Exc):
                    raise Unsupported(f"the truth value of a {obj.class_name}", node)
                else:
                    out.append((then, said))
        else:
            sizes = length(engine, path, one, node)
            out += [(s, VBool(v.term != 0) if isinstance(v, VInt) else v) for s, v in sizes]
    return expressions.merge(state, out)


def length(engine: Engine, state: State, value: Value, node: ast.AST) -> list[Result]:
    """``len(value)`` of an instance.

    Raises:
        Unsupported: A class without a length, or one whose length is no int.
    """
    obj = _instance(state, value)
    if obj is None or "__len__" not in obj.special:
        raise Unsupported(f"len() of a {operators.class_name(state, value)}", node)
    out: list[Result] = []
    for path, said in _call(engine, state, value, "__len__", [], node):
        term = None if isinstance(said, Exc) else operators.number(said)
        if isinstance(said, Exc):
            out.append((path, said))
            continue
        if term is None:
            raise Unsupported(f"len() of a {obj.class_name}", node)
        fine, negative = engine.split(path, term >= 0)
        out += [raises(negative, "ValueError", node, "__len__() should return >= 0")] if negative else []
        if fine:
            fits, large = sizes.as_size(engine, fine, term, node)
            out += [*large, *([(fits, VInt(term))] if fits else [])]
    return out


def contains(engine: Engine, state: State, box: Value, item: Value, node: ast.expr) -> list[Result] | None:
    """``item in box`` of an instance that defines it, None of anything else."""
    obj = _instance(state, box)
    if obj is None or "__contains__" not in obj.special:
        return None
    out: list[Result] = []
    for path, said in _call(engine, state, box, "__contains__", [item], node):
        out += (
            [(path, said)]
            if isinstance(said, Exc)
            else expressions.bind(
                tested(engine, path, said, node), lambda s, v: [(s, VBool(operators.truth(s, v)))]
            )
        )
    return out


def invoke(
    engine: Engine, state: State, name: str, owner: Value, given: list[Value], node: ast.AST
) -> list[Result] | None:
    """A special method with these arguments, None if the value is no instance that has it."""
    obj = _instance(state, owner)
    if obj is None or name not in obj.special:
        return None
    return [
        (s, v if isinstance(v, Exc) else operators.kept(v, node))
        for s, v in _call(engine, state, owner, name, given, node)
    ]


def callable_of(engine: Engine, state: State, value: Value, node: ast.AST) -> VFunction | None:
    """The ``__call__`` of an instance that has one, bound to it."""
    obj = _instance(state, value)
    if obj is None or "__call__" not in obj.special:
        return None
    return instances.special(engine, state, value, obj, "__call__", node)
