"""What a template's holes may be made of: sample rows, names with types, constants, operators.

The names that a loop binds are chosen here as well: ``x`` from ``xs``, ``word`` from ``words``. Must not
import z3.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from lift.resolve.bodies.templates.terms import FAIL, Bank, Operator, Row, Term, constant, grow, name
from lift.resolve.bodies.templates.vocabulary import INT, STR, Parser, element
from lift.verify.types import TDict, TInt, TList, TStr, TTuple, TTupleOf, Type

_MOST_ROWS = 420
_SEED_COST = 2


@dataclass
class Scope:
    """Where expressions are looked for.

    Attributes:
        types: The names that may be read.
        rows: Values of them.
        constants: Constants with type and cost.
        clauses: What the specification says of the result, for its sub-expressions.
        bound: Names that those clauses bind, with types.
    """

    types: dict[str, Type]
    rows: list[Row]
    constants: list[tuple[Any, Type, int]]
    operators: list[Operator]
    clauses: tuple[ast.expr, ...]
    bound: dict[str, Type]
    deadline: float
    taken: frozenset[str] = frozenset()

    def leaves(self) -> Iterator[Term]:
        """Names and constants, and what the specification itself says with them."""
        for one, type_ in self.types.items():
            yield name(one, type_, self.rows)
        for value, type_, cost in self.constants:
            yield constant(value, type_, self.rows, cost)

    def seeds(self, own: Mapping[str, Type]) -> Iterator[Term]:
        """The clauses' sub-expressions, with a loop's own names in the places of those that they bind."""
        parser = Parser(self.types, self.rows, self.operators)
        seen: set[str] = set()
        for node in _expressions(self.clauses):
            free = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & set(self.bound)
            choices = [[o for o, t in own.items() if t == self.bound[b]] for b in sorted(free)]
            for chosen in product(*choices):
                renamed = _renamed(node, dict(zip(sorted(free), chosen, strict=True)))
                text = ast.unparse(renamed)
                if text in seen:
                    continue
                seen.add(text)
                term = parser.term(renamed)
                if term is not None and term.uses:
                    dear = _SEED_COST + 2 * sum(isinstance(n, ast.BoolOp) for n in ast.walk(renamed))
                    yield parser.term(renamed, min(term.cost, dear)) or term

    def bank(
        self, most: int, cap: int, own: Mapping[str, Type] | None = None, more: Iterable[Term] = ()
    ) -> Bank:
        """Expressions up to a cost."""
        leaves = [*self.leaves(), *self.seeds(own or {}), *more]
        return grow(leaves, self.operators, most, cap, self.deadline)

    def fresh(self, *wanted: str) -> str:
        """The first name that is still free."""
        for one in [*wanted, *(f"{wanted[0]}_{n}" for n in range(2, 99))]:
            if one not in self.types and one not in self.taken and not keyword.iskeyword(one):
                return one
        raise AssertionError(wanted)


def _expressions(clauses: Iterable[ast.expr]) -> Iterator[ast.expr]:
    kinds = (ast.Compare, ast.Call, ast.BinOp, ast.Subscript, ast.BoolOp, ast.UnaryOp)
    for clause in clauses:
        for node in ast.walk(clause):
            if isinstance(node, kinds):
                yield node


def _renamed(node: ast.expr, names: Mapping[str, str]) -> ast.expr:
    copied = ast.parse(ast.unparse(node), mode="eval").body
    for one in ast.walk(copied):
        if isinstance(one, ast.Name) and one.id in names:
            one.id = names[one.id]
    return copied


def bound_names(clauses: Iterable[ast.expr], types: Mapping[str, Type]) -> dict[str, Type]:
    """The names that comprehensions in the clauses bind, where what they run through has a type."""
    found: dict[str, Type] = {}
    for clause in clauses:
        for node in ast.walk(clause):
            if isinstance(node, ast.comprehension):
                _bind(node.target, _element_of(node.iter, {**types, **found}), found)
    return found


def _bind(target: ast.expr, type_: Type | None, found: dict[str, Type]) -> None:
    if isinstance(target, ast.Name) and type_ is not None:
        found[target.id] = type_
    elif isinstance(target, ast.Tuple) and isinstance(type_, TTuple):
        for one, item in zip(target.elts, type_.items, strict=False):
            _bind(one, item, found)


def _element_of(node: ast.expr, types: Mapping[str, Type]) -> Type | None:
    match node:
        case ast.Name(id=one) if one in types:
            return element(types[one])
        case ast.Subscript(value=ast.Name(id=one)) if one in types:
            inner = element(types[one])
            if isinstance(node.slice, ast.Slice):
                return inner
            return None if inner is None else element(inner)
        case ast.Call(func=ast.Name(id="range")):
            return INT
        case ast.Call(func=ast.Name(id="enumerate"), args=[inside, *_]):
            one_type = _element_of(inside, types)
            return None if one_type is None else TTuple((INT, one_type))
        case ast.Call(func=ast.Name(id="zip"), args=inside):
            items = [_element_of(i, types) for i in inside]
            return TTuple(tuple(i for i in items if i is not None)) if all(items) else None
        case ast.Call(func=ast.Attribute(value=ast.Name(id=one), attr="items")):
            of = types.get(one)
            return TTuple((of.key, of.value)) if isinstance(of, TDict) else None
        case ast.Call(func=ast.Attribute(value=ast.Name(id=one), attr="values")):
            of = types.get(one)
            return of.value if isinstance(of, TDict) else None
        case ast.Call(func=ast.Name(id="set" | "sorted" | "reversed" | "list"), args=[inside]):
            return _element_of(inside, types)
    return None


@dataclass(frozen=True)
class Source:
    """What a loop runs through.

    Attributes:
        loops: Target and iterable of each ``for``, outermost first, as Python.
        own: The names that it binds.
        rounds: What they are in each round, for a row of the function's arguments; ``FAIL`` if it raises.
        element: The one name whose value is the element, if there is one.
        index: The one name whose value is its place, if there is one.
    """

    loops: tuple[tuple[str, str], ...]
    own: dict[str, Type]
    rounds: Callable[[Row], list[Row]] = field(compare=False)
    cost: int = 0
    element: str | None = None
    index: str | None = None

    @property
    def needs(self) -> frozenset[str]:
        """The names without which a plainer loop does the same."""
        inner = [target for target, iterable in self.loops if iterable in self.own]
        return frozenset(inner) if inner else frozenset(self.own)

    @property
    def comprehension(self) -> str:
        """``for x in xs``."""
        return " ".join(f"for {target} in {iterable}" for target, iterable in self.loops)

    def safe(self, row: Row) -> list[Row]:
        """The rounds; FAIL if it raises or there are too many."""
        try:
            found = self.rounds(row)
        except Exception:
            return FAIL
        return found if len(found) <= 60 else FAIL


def sources(scope: Scope) -> list[Source]:
    """What a function over these parameters may loop through, the plainest first."""
    found: list[Source] = []
    i = scope.fresh("i", "k", "place")
    j = scope.fresh("j", "m", "other")
    lists = [(p, t) for p, t in scope.types.items() if isinstance(t, TList | TTupleOf | TStr)]
    for p, type_ in lists:
        inner = element(type_)
        assert inner is not None
        x = scope.fresh(*singulars(p, type_))
        found.append(_each(p, x, inner))
        found.append(_enumerated(p, i, x, inner))
        found.append(_places(p, i))
        nested = element(inner) if not isinstance(inner, TStr) else None
        if nested is not None:
            y = scope.fresh(*singulars(x, inner), "value")
            found.append(_nested(p, x, y, inner, nested))
        found.append(_adjacent(p, x, scope, inner))
        found.append(_pairs(p, i, j))
    patterns = {o.pattern: o.cost for o in scope.operators}
    for p, type_ in scope.types.items():
        if isinstance(type_, TStr) and patterns.get("_0.split()", 9) <= 1:
            found.append(_words(p, scope.fresh("word", "part")))
        if isinstance(type_, TInt) and patterns.get("str(_0)", 9) <= 1:
            found.append(_digits(p, scope.fresh("digit", "char")))
        if isinstance(type_, TDict):
            key, value = scope.fresh("key", "name"), scope.fresh("value", "amount")
            found.append(_each(p, key, type_.key))
            found.append(_items(p, key, value, type_))
        elif isinstance(type_, TInt):
            found.append(_counted(p, i, 0))
            found.append(_counted(p, i, 1))
    for n, (p, type_) in enumerate(lists):
        for q, other in lists[n + 1 :]:
            found.append(_zipped(p, q, type_, other, scope))
    return found


def _each(p: str, x: str, inner: Type) -> Source:
    return Source(((x, p),), {x: inner}, lambda row: [{x: v} for v in row[p]], 0, x)


def _words(p: str, word: str) -> Source:
    return Source(((word, f"{p}.split()"),), {word: STR}, lambda row: [{word: w} for w in row[p].split()], 1)


def _digits(p: str, digit: str) -> Source:
    return Source(((digit, f"str({p})"),), {digit: STR}, lambda row: [{digit: d} for d in str(row[p])], 1)


def _enumerated(p: str, i: str, x: str, inner: Type) -> Source:
    return Source(
        ((f"{i}, {x}", f"enumerate({p})"),),
        {i: INT, x: inner},
        lambda row: [{i: n, x: v} for n, v in enumerate(row[p])],
        1,
        x,
        i,
    )


def _places(p: str, i: str) -> Source:
    return Source(
        ((i, f"range(len({p}))"),), {i: INT}, lambda row: [{i: n} for n in range(len(row[p]))], 1, None, i
    )


def _nested(p: str, x: str, y: str, inner: Type, nested: Type) -> Source:
    return Source(
        ((x, p), (y, x)), {x: inner, y: nested}, lambda row: [{x: v, y: w} for v in row[p] for w in v], 1, y
    )


def _adjacent(p: str, x: str, scope: Scope, inner: Type) -> Source:
    a, b = scope.fresh("before", "left"), scope.fresh("after", "right")
    return Source(
        ((f"{a}, {b}", f"zip({p}, {p}[1:])"),),
        {a: inner, b: inner},
        lambda row: [{a: v, b: w} for v, w in zip(row[p], row[p][1:])],  # noqa: B905
        2,
    )


def _pairs(p: str, i: str, j: str) -> Source:
    return Source(
        ((i, f"range(len({p}))"), (j, f"range({i} + 1, len({p}))")),
        {i: INT, j: INT},
        lambda row: [{i: n, j: m} for n in range(len(row[p])) for m in range(n + 1, len(row[p]))],
        3,
    )


def _items(p: str, key: str, value: str, type_: TDict) -> Source:
    return Source(
        ((f"{key}, {value}", f"{p}.items()"),),
        {key: type_.key, value: type_.value},
        lambda row: [{key: k, value: v} for k, v in row[p].items()],
    )


def _counted(p: str, i: str, first: int) -> Source:
    text = f"range(1, {p} + 1)" if first else f"range({p})"
    return Source(((i, text),), {i: INT}, lambda row: [{i: n} for n in range(first, row[p] + first)], 1, i)


def _zipped(p: str, q: str, one: Type, other: Type, scope: Scope) -> Source:
    a = scope.fresh(*singulars(p, one))
    b = next(n for n in [*singulars(q, other), "other", f"{a}_2"] if n != a and n not in scope.types)
    first, second = element(one), element(other)
    assert first is not None
    assert second is not None
    return Source(
        ((f"{a}, {b}", f"zip({p}, {q})"),),
        {a: first, b: second},
        lambda row: [{a: v, b: w} for v, w in zip(row[p], row[q])],  # noqa: B905
        1,
    )


def singulars(plural: str, type_: Type) -> list[str]:
    """Names for an element, the best first."""
    found: list[str] = []
    last = plural.rpartition("_")[2]
    if isinstance(type_, TStr):
        found += ["char", "letter"]
    elif last.endswith("ies") and len(last) > 4:
        found.append(last[:-3] + "y")
    elif last.endswith("s") and not last.endswith("ss") and len(last) > 1:
        found.append(last[:-1])
    return [*found, "row" if isinstance(element(type_), TList) else "item", "each", "one"]


@dataclass
class Inside:
    """The expressions inside of a loop.

    Attributes:
        spans: For each row of the function, where its rounds stand among ``scope.rows``; None if the
            loop's iterable raises there.
    """

    source: Source
    scope: Scope
    spans: list[tuple[int, int] | None]
    bank: Bank


def inside(scope: Scope, source: Source, most: int, cap: int) -> Inside | None:
    """The expressions that a loop's holes are filled with; None if no sample gives it a round."""
    rows: list[Row] = []
    spans: list[tuple[int, int] | None] = []
    for row in scope.rows:
        rounds = source.safe(row)
        if rounds is FAIL or len(rows) + len(rounds) > _MOST_ROWS:
            spans.append(None)
            continue
        spans.append((len(rows), len(rows) + len(rounds)))
        rows += [{**row, **one} for one in rounds]
    if not rows:
        return None
    inner = Scope(
        {**scope.types, **source.own},
        rows,
        scope.constants,
        scope.operators,
        scope.clauses,
        scope.bound,
        scope.deadline,
        scope.taken,
    )
    return Inside(source, inner, spans, inner.bank(most, cap, source.own))
