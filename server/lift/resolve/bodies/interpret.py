"""Runs expressions of a specification on values, without CPython's compiler and without the user's code.

Only operators, literals and a few functions of the language itself are known, and none of them can take
long: sizes are bounded. What CPython would raise is raised here as well; what is not known is ``Unreadable``.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

Run = Callable[[dict[str, Any]], Any]
"""An expression, to be run with a value for each name."""
_MOST_BITS = 512
_MOST_ITEMS = 2000


class Unreadable(Exception):
    """An expression that cannot be run here."""


class TooLarge(Exception):
    """A value that is too large to go on with."""


def _sized(value: Any) -> Any:
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise TooLarge
    if isinstance(value, str | list | tuple | set | frozenset | dict) and len(value) > _MOST_ITEMS:
        raise TooLarge
    return value


def _times(a: Any, b: Any) -> Any:
    for one, other in ((a, b), (b, a)):
        if isinstance(one, str | list | tuple) and isinstance(other, int) and len(one) * other > _MOST_ITEMS:
            raise TooLarge
    return a * b


def _power(a: Any, b: Any) -> Any:
    if not isinstance(a, int) or not isinstance(b, int) or b < 0 or a.bit_length() * b > _MOST_BITS:
        raise TooLarge
    return a**b


def _shifted(a: Any, b: Any) -> Any:
    if b > _MOST_BITS:
        raise TooLarge
    return a << b


def _range(*args: Any) -> range:
    found = range(*args)
    if len(found) > _MOST_ITEMS:
        raise TooLarge
    return found


def _implies(p: Any, q: Any) -> bool:
    return not p or bool(q)


_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: _times,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.LShift: _shifted,
    ast.RShift: operator.rshift,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.Not: operator.not_,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Invert: operator.invert,
}
_COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": abs,
    "all": all,
    "any": any,
    "bool": bool,
    "dict": dict,
    "divmod": divmod,
    "enumerate": enumerate,
    "int": int,
    "isinstance": isinstance,
    "len": len,
    "list": list,
    "max": max,
    "min": min,
    "ord": ord,
    "range": _range,
    "reversed": reversed,
    "set": set,
    "sorted": sorted,
    "str": str,
    "sum": sum,
    "tuple": tuple,
    "zip": zip,
}
_TYPES: dict[str, type] = {"int": int, "bool": bool, "str": str, "list": list, "tuple": tuple}
_METHODS: dict[type, frozenset[str]] = {
    str: frozenset(
        {"startswith", "endswith", "find", "isdigit", "isalpha", "isupper", "islower", "isspace", "isalnum"}
        | {"lower", "upper", "strip", "lstrip", "rstrip", "count", "index", "split", "join", "title"}
        | {"removeprefix", "removesuffix"}
    ),
    list: frozenset({"count", "index"}),
    tuple: frozenset({"count", "index"}),
    dict: frozenset({"get", "keys", "values", "items"}),
}


def runnable(node: ast.expr, constants: Mapping[str, Any]) -> Run:
    """An expression as something that can be run.

    Args:
        constants: Values of names that are not given when it is run.

    Raises:
        Unreadable: There is something in it that is not known here.
    """
    match node:
        case ast.Constant(value=value):
            return lambda env: value
        case ast.Name(id=name):
            return _name(name, constants)
        case ast.UnaryOp(op=op, operand=operand):
            unary, inner = _UNARY[type(op)], runnable(operand, constants)
            return lambda env: unary(inner(env))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
            binary, a, b = _BINARY[type(op)], runnable(left, constants), runnable(right, constants)
            if isinstance(op, ast.Mod):
                return lambda env: _remainder(a(env), b(env))
            return lambda env: _sized(binary(a(env), b(env)))
        case ast.BoolOp(op=op, values=values):
            return _junction([runnable(v, constants) for v in values], stop=isinstance(op, ast.Or))
        case ast.Compare():
            return _compared(node, constants)
        case ast.IfExp(test=test, body=body, orelse=orelse):
            c, t, e = (runnable(n, constants) for n in (test, body, orelse))
            return lambda env: t(env) if c(env) else e(env)
        case ast.Tuple(elts=elts) | ast.List(elts=elts) | ast.Set(elts=elts):
            parts = [runnable(e, constants) for e in elts]
            make = {ast.Tuple: tuple, ast.List: list, ast.Set: set}[type(node)]
            return lambda env: make(p(env) for p in parts)
        case ast.Dict(keys=keys, values=values) if None not in keys:
            pairs = [
                (runnable(k, constants), runnable(v, constants))
                for k, v in zip(keys, values, strict=True)
                if k
            ]
            return lambda env: {k(env): v(env) for k, v in pairs}
        case ast.Subscript(value=value, slice=place):
            return _subscript(value, place, constants)
        case ast.Call(keywords=[]):
            return _call(node, constants)
        case ast.GeneratorExp() | ast.ListComp() | ast.SetComp():
            made = {ast.GeneratorExp: list, ast.ListComp: list, ast.SetComp: set}[type(node)]
            rows = _rows(node.generators, runnable(node.elt, constants), constants)
            return lambda env: made(rows(env))
        case ast.JoinedStr(values=values):
            shown = [_formatted(v, constants) for v in values]
            return lambda env: _sized("".join(s(env) for s in shown))
    raise Unreadable(type(node).__name__)


def _name(name: str, constants: Mapping[str, Any]) -> Run:
    def run(env: dict[str, Any]) -> Any:
        return env[name] if name in env else constants[name]

    return run


def _remainder(a: Any, b: Any) -> Any:
    if isinstance(a, str):
        raise TooLarge
    return a % b


def _junction(parts: list[Run], *, stop: bool) -> Run:
    def run(env: dict[str, Any]) -> Any:
        value: Any = None
        for part in parts:
            value = part(env)
            if bool(value) is stop:
                break
        return value

    return run


def _compared(node: ast.Compare, constants: Mapping[str, Any]) -> Run:
    first = runnable(node.left, constants)
    others = [
        (_COMPARED[type(op)], runnable(c, constants))
        for op, c in zip(node.ops, node.comparators, strict=True)
    ]

    def run(env: dict[str, Any]) -> Any:
        left = first(env)
        for compare, other in others:
            right = other(env)
            if not compare(left, right):
                return False
            left = right
        return True

    return run


def _subscript(value: ast.expr, place: ast.expr, constants: Mapping[str, Any]) -> Run:
    inner = runnable(value, constants)
    if isinstance(place, ast.Slice):
        bounds = [runnable(b, constants) if b else None for b in (place.lower, place.upper, place.step)]
        return lambda env: inner(env)[slice(*(b(env) if b else None for b in bounds))]
    at = runnable(place, constants)
    return lambda env: inner(env)[at(env)]


def _call(node: ast.Call, constants: Mapping[str, Any]) -> Run:
    if isinstance(node.func, ast.Attribute):
        owner, attr = runnable(node.func.value, constants), node.func.attr
        args = [runnable(a, constants) for a in node.args]
        return lambda env: _sized(_method(owner(env), attr)(*(a(env) for a in args)))
    if not isinstance(node.func, ast.Name):
        raise Unreadable("a call")
    name = node.func.id
    if name == "implies" and len(node.args) == 2:
        p, q = (runnable(a, constants) for a in node.args)
        return lambda env: not p(env) or bool(q(env))
    if name == "old" and len(node.args) == 1:
        # Only for values that do not change, which the caller sees to.
        return runnable(node.args[0], constants)
    if name == "isinstance" and len(node.args) == 2 and isinstance(node.args[1], ast.Name):
        kind, value = _TYPES.get(node.args[1].id), runnable(node.args[0], constants)
        if kind is not None:
            return lambda env: isinstance(value(env), kind)
    if name not in _FUNCTIONS or name == "isinstance":
        raise Unreadable(f"{name}()")
    function, given = _FUNCTIONS[name], [runnable(a, constants) for a in node.args]
    if name in ("any", "all") and len(node.args) == 1 and isinstance(node.args[0], ast.GeneratorExp):
        generator = node.args[0]
        rows = _rows(generator.generators, runnable(generator.elt, constants), constants)
        return lambda env: function(rows(env))
    return lambda env: _sized(function(*(a(env) for a in given)))


def _method(owner: Any, attr: str) -> Any:
    if isinstance(owner, str) and attr == "replace":
        return lambda old, new: _replaced(owner, old, new)
    if attr not in _METHODS.get(type(owner), ()):
        raise TypeError(attr)
    return getattr(owner, attr)


def _replaced(text: str, old: str, new: str) -> str:
    if (len(text) + 1) * len(new) > 10 * _MOST_ITEMS:
        raise TooLarge
    return text.replace(old, new)


def _rows(generators: list[ast.comprehension], element: Run, constants: Mapping[str, Any]) -> Any:
    """The values of a comprehension, as they come."""
    if not generators:
        return lambda env: iter([element(env)])
    first = generators[0]
    source = runnable(first.iter, constants)
    conditions = [runnable(c, constants) for c in first.ifs]
    rest = _rows(generators[1:], element, constants)
    bind = _binding(first.target)

    def run(env: dict[str, Any]) -> Any:
        for value in source(env):
            inner = bind(dict(env), value)
            if all(c(inner) for c in conditions):
                yield from rest(inner)

    return run


def _binding(target: ast.expr) -> Callable[[dict[str, Any], Any], dict[str, Any]]:
    if isinstance(target, ast.Name):
        return lambda env, value: {**env, target.id: value}
    if isinstance(target, ast.Tuple) and all(isinstance(e, ast.Name) for e in target.elts):
        names = [e.id for e in target.elts if isinstance(e, ast.Name)]
        return lambda env, value: {**env, **dict(zip(names, value, strict=True))}
    raise Unreadable("a target")


def _formatted(node: ast.expr, constants: Mapping[str, Any]) -> Run:
    match node:
        case ast.Constant(value=value):
            return lambda env: value
        case ast.FormattedValue(value=value, conversion=-1 | 115, format_spec=None):
            inner = runnable(value, constants)
            return lambda env: str(inner(env))
    raise Unreadable("a format")
