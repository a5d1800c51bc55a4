"""The operators that bodies are made of, instantiated for the types at hand, and the specification's own.

An operator that the specification uses itself costs less than one that it does not mention. Must not import
z3.
"""

from __future__ import annotations

import ast
import operator as ops
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lift.resolve.bodies.templates.terms import FAIL, Operator, Row, Term, apply, constant, name
from lift.verify.types import (
    TBool,
    TDict,
    TInt,
    TList,
    TLiteral,
    TNone,
    TSet,
    TStr,
    TTuple,
    TTupleOf,
    TUnion,
    Type,
)

INT, BOOL, STR, NONE = TInt(), TBool(), TStr(), TNone()
_MOST_ROUNDS = 120


def element(type_: Type) -> Type | None:
    """What a loop over it runs through; None if it is nothing to loop over."""
    match type_:
        case TList(element=e) | TTupleOf(element=e) | TSet(element=e):
            return e
        case TDict(key=key):
            return key
        case TStr():
            return STR
    return None


def parts(types: Iterable[Type]) -> list[Type]:
    """The types with those of their elements, in a stable order."""
    found: dict[Type, None] = {}
    waiting = list(types)
    while waiting:
        one = waiting.pop(0)
        if one in found:
            continue
        found[one] = None
        match one:
            case TList(element=e) | TTupleOf(element=e) | TSet(element=e):
                waiting.append(e)
            case TDict(key=k, value=v):
                waiting += [k, v]
            case TTuple(items=items):
                waiting += items
            case TUnion(arms=arms):
                waiting += arms
    return list(found)


def _range(n: int) -> range:
    return range(max(n, -1)) if n <= _MOST_ROUNDS else 1 // 0  # type: ignore[return-value]


def _power(a: int, b: int) -> int:
    return a**b if 0 <= b <= 12 and abs(a) < 1000 else FAIL


def _number(text: str) -> int:
    return int(text) if len(text) < 12 else FAIL


def _numbers() -> Iterator[Operator]:
    two = (INT, INT)
    yield Operator("_0 + _1", "Add", two, INT, ops.add, 1, True)
    yield Operator("_0 - _1", "Sub", two, INT, ops.sub)
    yield Operator("_0 * _1", "Mult", two, INT, ops.mul, 1, True)
    yield Operator("_0 // _1", "FloorDiv", two, INT, ops.floordiv)
    yield Operator("_0 % _1", "Mod", two, INT, ops.mod)
    yield Operator("_0 ** _1", "Pow", two, INT, _power, 2)
    yield Operator("-_0", "USub", (INT,), INT, ops.neg, 2)
    yield Operator("abs(_0)", "abs", (INT,), INT, abs)
    yield Operator("min(_0, _1)", "min", two, INT, min, 1, True)
    yield Operator("max(_0, _1)", "max", two, INT, max, 1, True)


def _truths() -> Iterator[Operator]:
    yield Operator("_0 and _1", "And", (BOOL, BOOL), BOOL, lambda a, b: a and b)
    yield Operator("_0 or _1", "Or", (BOOL, BOOL), BOOL, lambda a, b: a or b)
    yield Operator("not _0", "Not", (BOOL,), BOOL, ops.not_)


def _compared(type_: Type) -> Iterator[Operator]:
    two = (type_, type_)
    if isinstance(type_, TBool | TNone | TUnion):
        return
    yield Operator("_0 == _1", "Eq", two, BOOL, ops.eq, 1, True)
    yield Operator("_0 != _1", "NotEq", two, BOOL, ops.ne, 1, True)
    if isinstance(type_, TInt | TStr):
        yield Operator("_0 < _1", "Lt", two, BOOL, ops.lt)
        yield Operator("_0 <= _1", "LtE", two, BOOL, ops.le)


def _texts() -> Iterator[Operator]:
    yield Operator("_0 + _1", "Add", (STR, STR), STR, ops.add)
    yield Operator("_0 * _1", "Mult", (STR, INT), STR, lambda s, n: s * n if n < _MOST_ROUNDS else FAIL)
    yield Operator("str(_0)", "str", (INT,), STR, str)
    yield Operator("int(_0)", "int", (STR,), INT, _number)
    for method in ("upper", "lower", "strip", "title", "capitalize", "swapcase"):
        yield Operator(f"_0.{method}()", method, (STR,), STR, getattr(str, method))
    for method in ("isdigit", "isalpha", "isupper", "islower", "isalnum", "isspace"):
        yield Operator(f"_0.{method}()", method, (STR,), BOOL, getattr(str, method))
    for method in ("startswith", "endswith"):
        yield Operator(f"_0.{method}(_1)", method, (STR, STR), BOOL, getattr(str, method))
    yield Operator("_0.replace(_1, _2)", "replace", (STR, STR, STR), STR, str.replace)
    words = TList(STR)
    yield Operator("_0.split()", "split", (STR,), words, str.split)
    yield Operator("_0.split(_1)", "split", (STR, STR), words, str.split)
    yield Operator("_1.join(_0)", "join", (words, STR), STR, lambda xs, s: s.join(xs))
    yield Operator("list(_0)", "list", (STR,), words, list)
    yield Operator("_0[::-1]", "Subscript", (STR,), STR, lambda s: s[::-1])
    yield Operator("_0.find(_1)", "find", (STR, STR), INT, str.find)


def _sequences(type_: Type) -> Iterator[Operator]:
    """Of a list, a tuple of any length or a text."""
    inner = element(type_)
    assert inner is not None
    yield Operator("len(_0)", "len", (type_,), INT, len)
    yield Operator("not _0", "", (type_,), BOOL, ops.not_)
    yield Operator("_0[_1]", "Subscript", (type_, INT), inner, ops.getitem)
    yield Operator("_0[:_1]", "Slice", (type_, INT), type_, lambda s, n: s[:n])
    yield Operator("_0[_1:]", "Slice", (type_, INT), type_, lambda s, n: s[n:])
    yield Operator("_1 in _0", "In", (type_, inner), BOOL, ops.contains)
    yield Operator("_1 not in _0", "NotIn", (type_, inner), BOOL, lambda s, x: x not in s)
    yield Operator("_0.count(_1)", "count", (type_, inner), INT, lambda s, x: s.count(x))
    if isinstance(type_, TStr):
        return
    if isinstance(inner, TInt):
        yield Operator("sum(_0)", "sum", (type_,), INT, sum)
    if isinstance(inner, TInt | TStr):
        yield Operator("max(_0)", "", (type_,), inner, max)
        yield Operator("max(_0, default=_1)", "", (type_, inner), inner, lambda s, d: max(s, default=d))
        yield Operator("min(_0)", "", (type_,), inner, min)
        yield Operator("min(_0, default=_1)", "", (type_, inner), inner, lambda s, d: min(s, default=d))
    if isinstance(inner, TBool):
        yield Operator("all(_0)", "all", (type_,), BOOL, all)
        yield Operator("any(_0)", "any", (type_,), BOOL, any)
    yield Operator("_0.index(_1)", "", (type_, inner), INT, lambda s, x: s.index(x))


def _lists(type_: TList) -> Iterator[Operator]:
    inner = type_.element
    yield Operator("_0 + _1", "Add", (type_, type_), type_, ops.add)
    yield Operator("_0 + [_1]", "Add", (type_, inner), type_, lambda xs, x: [*xs, x])
    yield Operator("[_1] + _0", "Add", (type_, inner), type_, lambda xs, x: [x, *xs])
    yield Operator("_0[::-1]", "reversed", (type_,), type_, lambda xs: xs[::-1])
    yield Operator("[_0]", "List", (inner,), type_, lambda x: [x])
    yield Operator("[_0] * _1", "Mult", (inner, INT), type_, lambda x, n: [x] * n if n < 120 else FAIL)
    if isinstance(inner, TInt | TStr):
        yield Operator("sorted(_0)", "sorted", (type_,), type_, sorted)
        yield Operator("sorted(set(_0))", "set", (type_,), type_, lambda xs: sorted(set(xs)), 2)
        yield Operator(
            "sorted(_0, reverse=True)", "sorted", (type_,), type_, lambda xs: sorted(xs, reverse=True), 2
        )
    if isinstance(inner, TInt):
        yield Operator("list(range(_0))", "range", (INT,), type_, lambda n: list(_range(n)))
        yield Operator(
            "list(range(_0, _1))",
            "range",
            (INT, INT),
            type_,
            lambda a, b: list(range(a, b)) if b - a < _MOST_ROUNDS else FAIL,
        )
    if isinstance(inner, TInt | TStr | TBool | TTuple):
        yield Operator(
            "list(dict.fromkeys(_0))", "set", (type_,), type_, lambda xs: list(dict.fromkeys(xs)), 2
        )
    if isinstance(inner, TTuple) and len(inner.items) == 2:
        a, b = (TList(t) for t in inner.items)
        yield Operator("list(zip(_0, _1))", "zip", (a, b), type_, lambda xs, ys: list(zip(xs, ys)))  # noqa: B905


def _dictionaries(type_: TDict) -> Iterator[Operator]:
    key, value = type_.key, type_.value
    yield Operator("len(_0)", "len", (type_,), INT, len)
    yield Operator("_0[_1]", "Subscript", (type_, key), value, ops.getitem)
    yield Operator("_0.get(_1, _2)", "get", (type_, key, value), value, lambda d, k, v: d.get(k, v))
    yield Operator("_1 in _0", "In", (type_, key), BOOL, ops.contains)
    yield Operator("_1 not in _0", "NotIn", (type_, key), BOOL, lambda d, k: k not in d)
    yield Operator("list(_0)", "keys", (type_,), TList(key), list)
    yield Operator("list(_0.values())", "values", (type_,), TList(value), lambda d: list(d.values()))
    yield Operator(
        "list(_0.items())", "items", (type_,), TList(TTuple((key, value))), lambda d: list(d.items())
    )
    yield Operator("{**_0, **_1}", "Dict", (type_, type_), type_, lambda a, b: {**a, **b})
    yield Operator(
        "dict(zip(_0, _1))",
        "zip",
        (TList(key), TList(value)),
        type_,
        lambda a, b: dict(zip(a, b)),  # noqa: B905
    )


def _sets(type_: TSet) -> Iterator[Operator]:
    inner = type_.element
    yield Operator("len(_0)", "len", (type_,), INT, len)
    yield Operator("_1 in _0", "In", (type_, inner), BOOL, ops.contains)
    yield Operator("_0 | _1", "BitOr", (type_, type_), type_, ops.or_, 1, True)
    yield Operator("_0 & _1", "BitAnd", (type_, type_), type_, ops.and_, 1, True)
    yield Operator("_0 - _1", "Sub", (type_, type_), type_, ops.sub)
    kind = frozenset if type_.frozen else set
    yield Operator(f"{kind.__name__}(_0)", "set", (TList(inner),), type_, kind)
    if isinstance(inner, TInt | TStr):
        yield Operator("sorted(_0)", "sorted", (type_,), TList(inner), sorted)


def _tuples(type_: TTuple) -> Iterator[Operator]:
    for place, item in enumerate(type_.items):
        yield Operator(f"_0[{place}]", "Subscript", (type_,), item, lambda t, n=place: t[n])
    if type_.items:
        pattern = ", ".join(f"_{n}" for n in range(len(type_.items)))
        pattern += "," if len(type_.items) == 1 else ""
        yield Operator(f"({pattern})", "Tuple", type_.items, type_, lambda *items: items)


def operators(types: Iterable[Type]) -> list[Operator]:
    """All operators between types, from their parts, numbers and truth values."""
    every = parts([*types, INT, BOOL])
    found: list[Operator] = [*_numbers(), *_truths()]
    if STR in every:
        found += _texts()
        every += [TList(STR)] if TList(STR) not in every else []
    for type_ in every:
        found += _compared(type_)
        if isinstance(type_, TList | TTupleOf | TStr):
            found += _sequences(type_)
        if isinstance(type_, TList):
            found += _lists(type_)
        elif isinstance(type_, TDict):
            found += _dictionaries(type_)
        elif isinstance(type_, TSet):
            found += _sets(type_)
        elif isinstance(type_, TTuple):
            found += _tuples(type_)
    return found


_ALWAYS = {"", "NotIn", "NotEq", "Eq", "len", "Subscript", "In", "List", "Tuple", "Lt", "sorted"}


def weighed(found: Sequence[Operator], words: frozenset[str], extra: int = 2) -> list[Operator]:
    """The operators, with those that the specification does not show the use of dearer."""
    from dataclasses import replace

    also = words | {_FLIPPED[w] for w in words if w in _FLIPPED} | _ALWAYS
    return [o if o.word in also else replace(o, cost=o.cost + extra) for o in found]


_FLIPPED = {"Gt": "Lt", "GtE": "LtE", "Lt": "LtE", "LtE": "Lt", "all": "Not"}


class Parser:
    """The specification's own expressions as terms over rows."""

    def __init__(self, types: Mapping[str, Type], rows: Sequence[Row], known: Sequence[Operator]) -> None:
        self.types = types
        self.rows = rows
        self.known: dict[str, list[tuple[Operator, ast.expr]]] = {}
        for one in known:
            pattern = ast.parse(one.pattern, mode="eval").body
            self.known.setdefault(type(pattern).__name__, []).append((one, pattern))

    def term(self, node: ast.expr, cost: int | None = None) -> Term | None:
        """An expression as a term; None if it is made of something else."""
        found = self._term(_turned(node))
        if found is None or cost is None:
            return found
        return Term(
            found.type, cost, found.values, found.made, found.leaf, found.evaluate, found.uses, found.loops
        )

    def _term(self, node: ast.expr) -> Term | None:
        if isinstance(node, ast.Name):
            type_ = self.types.get(node.id)
            return None if type_ is None else name(node.id, type_, self.rows)
        value = _literal(node)
        if value is not None:
            return constant(value, type_of(value), self.rows)
        for one, pattern in self.known.get(type(node).__name__, []):
            holes: dict[int, ast.expr] = {}
            if not _matches(pattern, node, holes):
                continue
            operands = [self._term(holes[n]) for n in range(len(one.takes))]
            if all(t is not None and t.type == w for t, w in zip(operands, one.takes, strict=True)):
                return apply(one, tuple(t for t in operands if t is not None))
        return None


def _literal(node: ast.expr) -> int | str | None:
    match node:
        case ast.Constant(value=bool(value)):
            return value
        case ast.Constant(value=int(value)) | ast.Constant(value=str(value)):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return -value
    return None


def _turned(node: ast.expr) -> ast.expr:
    """``a > b`` as ``b < a`` everywhere: one form for each comparison."""

    class Turn(ast.NodeTransformer):
        def visit_Compare(self, node: ast.Compare) -> ast.expr:
            self.generic_visit(node)
            flipped = {ast.Gt: ast.Lt, ast.GtE: ast.LtE}.get(type(node.ops[0]))
            if len(node.ops) == 1 and flipped is not None:
                return ast.Compare(node.comparators[0], [flipped()], [node.left])
            return node

    return Turn().visit(ast.parse(ast.unparse(node), mode="eval").body)


def _matches(pattern: Any, node: Any, holes: dict[int, ast.expr]) -> bool:
    if isinstance(pattern, ast.Name) and pattern.id.startswith("_"):
        holes[int(pattern.id[1:])] = node
        return True
    if type(pattern) is not type(node):
        return False
    if isinstance(pattern, list):
        return len(pattern) == len(node) and all(
            _matches(p, n, holes) for p, n in zip(pattern, node, strict=True)
        )
    if isinstance(pattern, ast.AST):
        return all(
            _matches(getattr(pattern, f, None), getattr(node, f, None), holes) for f in pattern._fields
        )
    return pattern == node


def type_of(value: Any) -> Type:
    """The type of a plain constant."""
    if isinstance(value, bool):
        return BOOL
    return INT if isinstance(value, int) else STR


def admits(type_: Type, value: Type) -> bool:
    """Whether a value of one type may stand where another is wanted."""
    if type_ == value:
        return True
    if isinstance(type_, TUnion):
        return any(admits(arm, value) for arm in type_.arms)
    return isinstance(type_, TLiteral) and value in (INT, STR)
