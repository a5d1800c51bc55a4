"""Expressions by their size, and choices between them: what no elimination and no small grammar finds.

Terms that agree on all points are one term. Where no single term is right on all points, terms that are
right on some of them are joined by conditions into a tree, as in synthesis through unification. What comes
out is right on the points only.
"""

from __future__ import annotations

import ast
import operator
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lift.resolve.bodies.interpret import Unreadable
from lift.resolve.bodies.points import Points
from lift.resolve.bodies.readable import number
from lift.resolve.bodies.subject import plain
from lift.verify.types import TBool, TInt, TLiteral, TNone, TStr, TTuple, TUnion, Type

_UNDEFINED = object()
"""Where an expression has no value; whatever is computed with it raises."""
_MOST_TERMS = 12_000
_FULL = 5
"""Up to this size there is every term; beyond it only sums and the like of a large and a small one."""
_MOST_CONDITIONS = 700
_MOST_PAIRS = 40_000
_DEEPEST = 6
_PATIENCE = 1.0
_LONGEST_TEXT = 500
SIZES = (1, 3, 5, 7)
"""The sizes after which choices are tried."""


@dataclass(frozen=True)
class Term:
    """An expression with its value on each point."""

    node: ast.expr
    values: tuple[Any, ...]
    size: int


@dataclass(frozen=True)
class _Leaf:
    """A term that is right on some points, as bits."""

    node: ast.expr
    size: int
    right: int


class Enumeration:
    """The terms over some points, and what they are good for.

    Args:
        points: Inputs, and the judge of results.
        returns: The type of the result.
        wide: Whether operators come in that the specification does not use.
    """

    def __init__(self, points: Points, returns: Type, deadline: float, *, wide: bool) -> None:
        self.points = points
        self.returns = returns
        self.deadline = deadline
        self.wide = wide
        self.words = points.subject.words
        # Only of numbers is a choice often an expression as well, and a shorter one.
        self.patient = _FULL if self._wants(TInt) else 3
        self._max, self._min = _called("max"), _called("min")
        self.count = len(points.inputs)
        self.whole = (1 << self.count) - 1
        self.terms: dict[str, list[Term]] = {"int": [], "bool": [], "str": [], "other": []}
        self._seen: dict[str, set[tuple[Any, ...]]] = {k: set() for k in self.terms}
        self._conditions: list[_Leaf] = []
        self._trues: dict[int, int] = {}
        self.leaves: list[_Leaf] = []
        self._rights: set[int] = set()

    @property
    def late(self) -> bool:
        """Whether the time is over."""
        return time.monotonic() > self.deadline

    def answers(self) -> Iterator[ast.expr]:
        """Expressions that are right on all points; one that is held back while a shorter one may come."""
        self._start()
        held: ast.expr | None = None
        until = self.deadline
        for size in range(1, SIZES[-1] + 1):
            if size > 1:
                self._grow(size)
            for node in self._judged(size):
                if held is None or cost(node) <= cost(held):
                    yield node
                    return
            if held is not None and (size == self.patient or time.monotonic() > until):
                tree = self._unified() if size in SIZES and time.monotonic() < until else None
                yield held if tree is None or cost(held) <= cost(tree) else tree
                return
            if size in SIZES and held is None and not self.late:
                held = self._unified()
                until = min(self.deadline, time.monotonic() + _PATIENCE)
            if self.late or sum(map(len, self.terms.values())) > _MOST_TERMS:
                break
        if held is not None:
            yield held

    # Terms.

    def _add(self, kind: str, node: ast.expr, size: int, values: list[Any]) -> None:
        """Keep a term, unless there is one already with the same values."""
        if kind == "other":
            key = tuple((type(v).__name__, repr(v)) for v in values)
        else:
            key = tuple(values)
        if key in self._seen[kind] or all(v is _UNDEFINED for v in values):
            return
        self._seen[kind].add(key)
        self.terms[kind].append(Term(node, tuple(values), size))
        if kind == "bool":
            self._condition(node, size, values)

    def _condition(self, node: ast.expr, size: int, values: Sequence[Any]) -> None:
        bits = sum(1 << n for n, v in enumerate(values) if v is True)
        defined = all(v is True or v is False for v in values)
        if not defined or bits in (0, self.whole) or len(self._conditions) >= _MOST_CONDITIONS:
            return
        other = self.whole ^ bits
        if bits in self._trues or other in self._trues:
            return
        self._trues[bits] = len(self._conditions)
        self._conditions.append(_Leaf(node, size, bits))

    def _start(self) -> None:
        inputs = self.points.inputs
        for parameter in self.points.subject.parameters:
            node = ast.Name(parameter.name, ast.Load())
            self._parts(node, parameter.type, [i[parameter.name] for i in inputs])
        for constant in self.points.subject.constants:
            if isinstance(constant, bool):
                continue
            if isinstance(constant, int):
                self._constant("int", number(constant), constant)
            elif isinstance(constant, str) and len(constant) < 40:
                self._constant("str", ast.Constant(constant), constant)
        for value in (0, 1):
            self._constant("int", ast.Constant(value), value)
        if self._wants(TStr):
            self._constant("str", ast.Constant(""), "")
        if self._wants(TBool):
            for value in (True, False):
                self._constant("bool", ast.Constant(value), value)
        if self._wants(TNone):
            self._constant("other", ast.Constant(None), None)
        if isinstance(self.returns, TLiteral):
            for value in self.returns.values:
                if isinstance(value, str):
                    self._constant("str", ast.Constant(value), value)
        self._extremes()
        self._stated()

    def _constant(self, kind: str, node: ast.expr, value: object) -> None:
        self._add(kind, node, 1, [value] * self.count)

    def _extremes(self) -> None:
        """The smallest and the largest of several numbers, which would be long to put together by twos."""
        own = [t for t in self.terms["int"] if not isinstance(t.node, ast.Constant)]
        if self._wants(TInt) and 3 <= len(own) <= 6:
            for name, run in (("max", max), ("min", min)):
                call = ast.Call(ast.Name(name, ast.Load()), [t.node for t in own], [])
                self._add("int", call, 3, _mapped(run, *(t.values for t in own)))

    def _wants(self, kind: type) -> bool:
        arms = self.returns.arms if isinstance(self.returns, TUnion) else (self.returns,)
        return any(isinstance(a, kind) for a in arms)

    def _parts(self, node: ast.expr, type_: Type, values: list[Any]) -> None:
        """A parameter and what it consists of."""
        match type_:
            case TInt():
                self._add("int", node, 1, values)
            case TBool():
                self._add("bool", node, 1, values)
            case TStr() | TLiteral():
                self._add("str", node, 1, values)
            case TTuple(items=items):
                self._add("other", node, 1, values)
                for place, item in enumerate(items):
                    part = ast.Subscript(node, ast.Constant(place), ast.Load())
                    self._parts(part, item, [v[place] for v in values])
                return
            case _:
                self._add("other", node, 1, values)
        if not isinstance(type_, TInt | TBool) and "len" in self.words:
            call = ast.Call(ast.Name("len", ast.Load()), [node], [])
            self._add("int", call, 1, _mapped(len, values))

    def _stated(self) -> None:
        """What clauses compute from the arguments alone is as good as an argument."""
        subject = self.points.subject
        for tree in subject.ensures:
            for node in ast.walk(tree):
                inner = [n.id for n in ast.walk(node) if isinstance(n, ast.Name)]
                if not isinstance(node, ast.Compare | ast.BoolOp | ast.BinOp | ast.Call | ast.Subscript):
                    continue
                names = {p.name for p in subject.parameters}
                if subject.outcome in inner or not set(inner) & names or len(ast.unparse(node)) > 80:
                    continue
                try:
                    run = self.points.run_of(node)
                except Unreadable:
                    continue
                values = []
                for point in self.points.inputs:
                    try:
                        values.append(run(dict(point)))
                    except Exception:
                        values.append(_UNDEFINED)
                kinds = {type(v) for v in values if v is not _UNDEFINED}
                kind = {int: "int", bool: "bool", str: "str"}.get(kinds.pop()) if len(kinds) == 1 else None
                if kind is not None:
                    small = kind == "bool" or (len(inner) < 3 and isinstance(node, ast.Call))
                    self._add(kind, plain(node), 2 if small else 3, values)

    def _grow(self, size: int) -> None:
        self._unary(size)
        for left_size in range(1, size - 1):
            right_size = size - 1 - left_size
            for kind, op, run, commutes, divides in self._operators():
                lefts = [t for t in self.terms[kind] if t.size == left_size or (divides and _turned(t))]
                rights = [t for t in self.terms[kind] if t.size == right_size]
                if commutes and left_size > right_size and not (size > _FULL and right_size == 1):
                    continue
                if size > _FULL and (right_size > 1 or op in (self._max, self._min)):
                    continue
                for a in lefts:
                    if self.late or len(self.terms["int"]) + len(self.terms["str"]) > _MOST_TERMS:
                        return
                    for b in rights:
                        if divides and _turned(b):
                            # A negative divisor is right by accident only, and hard to read.
                            continue
                        self._combine(kind, op, run, a, b, size)
        if size <= 5:
            self._compare(size)
        if isinstance(self.returns, TTuple):
            self._tuples(size)

    def _combine(self, kind: str, op: Any, run: Any, a: Term, b: Term, size: int) -> None:
        self._add(kind, op(a.node, b.node), size, _mapped(run, a.values, b.values))

    def _unary(self, size: int) -> None:
        if self.words & {"USub", "Sub", "FloorDiv", "Mod", "abs"} or self.wide:
            for a in [t for t in self.terms["int"] if t.size == size - 1]:
                if isinstance(a.node, ast.Constant | ast.UnaryOp):
                    continue
                node = ast.UnaryOp(ast.USub(), a.node)
                self._add("int", node, size, _mapped(operator.neg, a.values))
                if "abs" in self.words or self.wide:
                    call = ast.Call(ast.Name("abs", ast.Load()), [a.node], [])
                    self._add("int", call, size, _mapped(abs, a.values))
        if not (self.terms["str"] or self._wants(TStr)):
            return
        if "str" in self.words or (self.wide and self._wants(TStr)):
            for a in [t for t in self.terms["int"] if t.size == size - 1]:
                if not isinstance(a.node, ast.Constant):
                    call = ast.Call(ast.Name("str", ast.Load()), [a.node], [])
                    self._add("str", call, size, _mapped(lambda v: str(_defined(v)), a.values))
        for name in ("lower", "upper", "strip"):
            if name in self.words:
                for a in [t for t in self.terms["str"] if t.size == size - 1]:
                    call = ast.Call(ast.Attribute(a.node, name, ast.Load()), [], [])
                    self._add("str", call, size, _mapped(operator.methodcaller(name), a.values))
        if self.words & {"Subscript", "len", "startswith", "endswith"}:
            self._slices(size)

    def _slices(self, size: int) -> None:
        for a in [t for t in self.terms["str"] if not isinstance(t.node, ast.Constant)]:
            for i in [t for t in self.terms["int"] if t.size == size - 1 - a.size]:
                x, y = a.values, i.values
                head = ast.Subscript(a.node, ast.Slice(None, i.node), ast.Load())
                tail = ast.Subscript(a.node, ast.Slice(i.node, None), ast.Load())
                self._add("str", head, size, _mapped(lambda s, n: s[: _defined(n)], x, y))
                self._add("str", tail, size, _mapped(lambda s, n: s[_defined(n) :], x, y))
                at = ast.Subscript(a.node, i.node, ast.Load())
                self._add("str", at, size, _mapped(operator.getitem, x, y))

    def _operators(self) -> Iterator[tuple[str, Any, Any, bool, bool]]:
        words, wide = self.words, self.wide
        if self._wants(TInt) or self._wants(TTuple) or {"len", "str", "Subscript"} & words or wide:
            yield "int", self._max, max, True, False
            yield "int", self._min, min, True, False
            yield "int", _binary(ast.Add), operator.add, True, False
            yield "int", _binary(ast.Sub), operator.sub, False, False
        if "Mult" in words or "FloorDiv" in words or "Mod" in words or wide:
            yield "int", _binary(ast.Mult), operator.mul, True, False
        if words & {"Mult", "FloorDiv", "Mod"} or wide:
            yield "int", _binary(ast.FloorDiv), operator.floordiv, False, True
            yield "int", _binary(ast.Mod), operator.mod, False, True
        if self._wants(TStr) and (words & {"Add", "JoinedStr"} or wide):
            yield "str", _binary(ast.Add), _together, False, False

    def _compare(self, size: int) -> None:
        """Comparisons of small terms, with constants and parameters first."""
        for left_size in range(1, size - 1):
            right_size = size - 1 - left_size
            if right_size > 1 and left_size > 1 and (left_size, right_size) != (2, 2):
                continue
            for kind in ("int", "str"):
                for a in [t for t in self.terms[kind] if t.size == left_size]:
                    if self.late or len(self._conditions) >= _MOST_CONDITIONS:
                        return
                    for b in [t for t in self.terms[kind] if t.size == right_size]:
                        if a is b or isinstance(a.node, ast.Constant):
                            continue
                        self._compared(kind, a, b, size)

    def _compared(self, kind: str, a: Term, b: Term, size: int) -> None:
        x, y = a.values, b.values
        ops: list[tuple[type[ast.cmpop], Any]] = [(ast.Eq, _equal)]
        if kind == "int":
            ops = [(ast.LtE, operator.le), (ast.Lt, operator.lt), *ops]
        elif {"Lt", "LtE", "Gt", "GtE"} & self.words and not isinstance(b.node, ast.Constant):
            ops.append((ast.LtE, operator.le))
        for op, run in ops:
            node = ast.Compare(a.node, [op()], [b.node])
            self._add("bool", node, size, _mapped(run, x, y))
        if kind == "str" and not isinstance(a.node, ast.Constant):
            for name in {"startswith", "endswith"} & self.words:
                call = ast.Call(ast.Attribute(a.node, name, ast.Load()), [b.node], [])
                self._add("bool", call, size, _mapped(lambda s, t, w=name: getattr(s, w)(t), x, y))

    def _tuples(self, size: int) -> None:
        """Tuples of terms whose sizes add up."""
        assert isinstance(self.returns, TTuple)
        kinds = [{TInt: "int", TBool: "bool", TStr: "str"}.get(type(i)) for i in self.returns.items]
        if len(kinds) != 2 or None in kinds:
            return
        first, second = (self.terms[k] for k in kinds if k is not None)
        tried = 0
        for a in first:
            for b in second:
                if a.size + b.size != size:
                    continue
                tried += 1
                if tried > _MOST_PAIRS or (tried % 256 == 0 and self.late):
                    return
                if all(self._pair_fits(n, a, b) for n in range(min(2, self.count))):
                    node = ast.Tuple([a.node, b.node], ast.Load())
                    self._add("other", node, size, _mapped(_pair, a.values, b.values))

    def _pair_fits(self, n: int, a: Term, b: Term) -> bool:
        x, y = a.values[n], b.values[n]
        return x is not _UNDEFINED and y is not _UNDEFINED and self.points.meets(n, (x, y))

    # What they are good for.

    def _judged(self, size: int) -> Iterator[ast.expr]:
        """The new terms that are right everywhere; those that are right somewhere are kept."""
        for kind in self._result_kinds():
            for term in self.terms[kind]:
                if term.size != size:
                    continue
                if self.late:
                    return
                right = 0
                for n, value in enumerate(term.values):
                    if value is not _UNDEFINED and self.points.meets(n, value):
                        right |= 1 << n
                    elif size > _FULL:
                        break
                if right == self.whole:
                    yield term.node
                elif right and size <= _FULL and right not in self._rights:
                    self._rights.add(right)
                    self.leaves.append(_Leaf(term.node, term.size, right))

    def _result_kinds(self) -> list[str]:
        kinds = [k for k, t in (("int", TInt), ("bool", TBool), ("str", TStr)) if self._wants(t)]
        if self._wants(TLiteral):
            kinds.append("str")
        return [*dict.fromkeys(kinds), "other"]

    def _unified(self) -> ast.expr | None:
        """A tree of conditions over terms that are right on all points together."""
        total = 0
        for leaf in self.leaves:
            total |= leaf.right
        if total != self.whole or not self._conditions:
            return None
        chosen = self._cover(self.whole)
        if len(chosen) > 12:
            return None
        return self._tree(self.whole, _DEEPEST)

    def _cover(self, points: int) -> list[_Leaf]:
        """Few terms that are right on these points together, by greed."""
        found: list[_Leaf] = []
        while points:
            best = max(self.leaves, key=lambda f: ((f.right & points).bit_count(), -f.size))
            if not best.right & points:
                return [*found, *self.leaves]
            found.append(best)
            points &= ~best.right
        return found

    def _tree(self, points: int, depth: int) -> ast.expr | None:
        single = [f for f in self.leaves if points & ~f.right == 0]
        if single:
            return min(single, key=lambda f: f.size).node
        if depth == 0 or self.late:
            return None
        scored: list[tuple[int, int, int, _Leaf]] = []
        for condition in self._conditions:
            yes, no = points & condition.right, points & ~condition.right
            if not yes or not no:
                continue
            cost = self._needed(yes) + self._needed(no)
            balance = abs(yes.bit_count() - no.bit_count())
            scored.append((cost, condition.size, balance, condition))
        scored.sort(key=lambda s: s[:3])
        for _, _, _, condition in scored[:3]:
            yes = self._tree(points & condition.right, depth - 1)
            no = self._tree(points & ~condition.right, depth - 1) if yes is not None else None
            if yes is not None and no is not None:
                return ast.IfExp(condition.node, yes, no)
        return None

    def _needed(self, points: int) -> int:
        """How many terms it takes, as far as greed can tell, with a large one for more than a small one."""
        return sum(10 + f.size for f in self._cover(points))


def cost(node: ast.expr) -> int:
    """How much there is to read in an expression; a call within a choice asks more of the reader."""
    inner = [n for n in ast.walk(node) if isinstance(n, ast.expr)]
    calls = sum(isinstance(n, ast.Call) for n in inner)
    choices = sum(isinstance(n, ast.IfExp) for n in inner)
    return len(inner) + choices + (calls if choices else -calls)


def _turned(term: Term) -> bool:
    """Whether it is a negative parameter: rounding up is dividing one of these."""
    return term.size == 2 and isinstance(term.node, ast.UnaryOp)


def _together(a: str, b: str) -> str:
    return a + b if len(a) + len(b) < _LONGEST_TEXT else _defined(_UNDEFINED)


def _mapped(run: Callable[..., Any], *vectors: Sequence[Any]) -> list[Any]:
    """A function of the values on each point; undefined where it raises."""
    try:
        return [run(*values) for values in zip(*vectors, strict=True)]
    except Exception:
        return [_value(run, values) for values in zip(*vectors, strict=True)]


def _value(run: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    try:
        return run(*values)
    except Exception:
        return _UNDEFINED


def _equal(a: Any, b: Any) -> bool:
    return _defined(a) == _defined(b)


def _pair(a: Any, b: Any) -> tuple[Any, Any]:
    return _defined(a), _defined(b)


def _defined(value: Any) -> Any:
    if value is _UNDEFINED:
        raise ValueError
    return value


def _binary(op: type[ast.operator]) -> Callable[[ast.expr, ast.expr], ast.expr]:
    return lambda a, b: ast.BinOp(a, op(), b)


def _called(name: str) -> Callable[[ast.expr, ast.expr], ast.expr]:
    return lambda a, b: ast.Call(ast.Name(name, ast.Load()), [a, b], [])
