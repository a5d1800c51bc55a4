"""Templates of one loop as an expression: mapped, filtered, folded by a built-in function, searched, keyed.

Each filling is a term with its value on every sample row, so that fillings which do the same are one, and a
loop of statements with the same meaning where there is one. Must not import z3.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from lift.resolve.bodies.templates.scope import Inside
from lift.resolve.bodies.templates.terms import FAIL, Row, Term, splits
from lift.resolve.bodies.templates.vocabulary import BOOL, INT, STR, admits
from lift.verify.types import TDict, TList, TNone, TSet, TStr, TTuple, TUnion, Type

Combine = Callable[..., Any]
_MOST_DEFAULTS = 6


@dataclass(frozen=True)
class Shape:
    """A template with holes for expressions of given types.

    Attributes:
        takes: The types of its holes inside of the loop.
        outside: The type of the hole outside of it, such as the default of a search.
        combine: The value, from the holes' values in each round, one list a hole, and the one outside.
        pattern: Python with ``_0`` and ``_1`` for the holes, ``_9`` for that outside, ``FOR`` for the loop.
        loop: The same in statements; None if there are none. The line ``FOR`` opens the loops.
        statement: Whether it is only good as statements.
    """

    gives: Type
    takes: tuple[Type, ...]
    combine: Combine
    pattern: str
    loop: str | None = None
    cost: int = 1
    outside: Type | None = None
    statement: bool = False


def _chosen(values: Sequence[Any], chosen: Sequence[Any]) -> Any:
    found: list[Any] = []
    for value, keep in zip(values, chosen, strict=True):
        if keep is FAIL or (keep and value is FAIL):
            return FAIL
        if keep:
            found.append(value)
    return found


def _all_of(values: Sequence[Any]) -> Any:
    return FAIL if any(v is FAIL for v in values) else list(values)


def _then(combine: Callable[[list[Any]], Any], gather: Callable[..., Any]) -> Combine:
    def both(*columns: Any) -> Any:
        found = gather(*columns)
        return FAIL if found is FAIL else combine(found)

    return both


def _with_default(best: Callable[..., Any]) -> Combine:
    def combine(values: Sequence[Any], default: Any) -> Any:
        found = _all_of(values)
        return FAIL if found is FAIL else best(found, default=default)

    return combine


def _first(values: Sequence[Any], chosen: Sequence[Any], default: Any) -> Any:
    for value, keep in zip(values, chosen, strict=True):
        if keep is FAIL:
            return FAIL
        if keep:
            return value
    return default


def _last(values: Sequence[Any], chosen: Sequence[Any], default: Any) -> Any:
    return _first(list(reversed(values)), list(reversed(chosen)), default)


def _any(chosen: Sequence[Any]) -> Any:
    return _first([True] * len(chosen), chosen, False)


def _every(chosen: Sequence[Any]) -> Any:
    return _first([False] * len(chosen), [FAIL if c is FAIL else not c for c in chosen], True)


def _parted(values: Sequence[Any], chosen: Sequence[Any]) -> Any:
    yes = _chosen(values, chosen)
    if yes is FAIL:
        return FAIL
    no = _chosen(values, [not c for c in chosen])
    return FAIL if no is FAIL else (yes, no)


def _keyed(keys: Sequence[Any], values: Sequence[Any]) -> Any:
    if any(k is FAIL for k in keys) or any(v is FAIL for v in values):
        return FAIL
    return dict(zip(keys, values, strict=True))


def _keyed_if(keys: Sequence[Any], values: Sequence[Any], chosen: Sequence[Any]) -> Any:
    some_keys, some_values = _chosen(keys, chosen), _chosen(values, chosen)
    return FAIL if some_keys is FAIL or some_values is FAIL else _keyed(some_keys, some_values)


def shapes(wanted: Type, elements: Type | None) -> Iterator[Shape]:
    """The templates that give a type.

    Args:
        elements: What the loop's element is, where it has one name.
    """
    match wanted:
        case TList(element=e):
            yield Shape(wanted, (e,), _all_of, "[_0 FOR]", _BUILD)
            yield Shape(wanted, (e, BOOL), _chosen, "[_0 FOR if _1]", _BUILD_IF)
        case TSet(element=e, frozen=False):
            yield Shape(wanted, (e,), _then(set, _all_of), "{_0 FOR}", None)
            yield Shape(wanted, (e, BOOL), _then(set, _chosen), "{_0 FOR if _1}", None)
        case TDict(key=k, value=v):
            yield Shape(wanted, (k, v), _keyed, "{_0: _1 FOR}", _KEYED)
            yield Shape(wanted, (k, v, BOOL), _keyed_if, "{_0: _1 FOR if _2}", _KEYED_IF)
        case TStr():
            yield Shape(wanted, (STR,), _then("".join, _all_of), "''.join(_0 FOR)", _JOINED)
            yield Shape(wanted, (STR, BOOL), _then("".join, _chosen), "''.join(_0 FOR if _1)", _JOINED_IF)
        case TTuple(items=(TList(element=a), TList(element=b))) if a == b:
            yield Shape(
                wanted,
                (a, BOOL),
                _parted,
                "([_0 FOR if _1], [_0 FOR if not _1])",
                _PARTED,
            )
    if wanted == INT:
        yield Shape(INT, (INT,), _then(sum, _all_of), "sum(_0 FOR)", _SUMMED)
        yield Shape(INT, (INT, BOOL), _then(sum, _chosen), "sum(_0 FOR if _1)", _SUMMED_IF)
        yield Shape(INT, (BOOL,), lambda c: _then(len, _chosen)(c, c), "sum(1 FOR if _0)", _COUNTED, 0)
    if wanted == BOOL:
        yield Shape(BOOL, (BOOL,), _any, "any(_0 FOR)", _ANY)
        yield Shape(BOOL, (BOOL,), _every, "all(_0 FOR)", _EVERY)
    for arm in wanted.arms if isinstance(wanted, TUnion) else (wanted,):
        if isinstance(arm, TNone):
            continue
        if arm in (INT, STR) or (elements is not None and arm == elements):
            if arm in (INT, STR):
                for best in (max, min):
                    yield Shape(
                        arm,
                        (arm,),
                        _with_default(best),
                        f"{best.__name__}((_0 FOR), default=_9)",
                        None,
                        1,
                        arm,
                    )
                    yield Shape(arm, (arm,), _then(best, _all_of), f"{best.__name__}(_0 FOR)", None)
                    yield Shape(
                        arm, (arm, BOOL), _then(best, _chosen), f"{best.__name__}(_0 FOR if _1)", None
                    )
            yield Shape(
                wanted, (arm, BOOL), _first, "next((_0 FOR if _1), _9)", _FIRST, 1, wanted, statement=True
            )
            yield Shape(
                wanted, (arm, BOOL), _last, "next((_0 FOR if _1), _9)", _LAST, 2, wanted, statement=True
            )


_BUILD = "RESULT = []\nFOR\n    RESULT.append(_0)\nreturn RESULT"
_BUILD_IF = "RESULT = []\nFOR\n    if _1:\n        RESULT.append(_0)\nreturn RESULT"
_KEYED = "RESULT = {}\nFOR\n    RESULT[_0] = _1\nreturn RESULT"
_KEYED_IF = "RESULT = {}\nFOR\n    if _2:\n        RESULT[_0] = _1\nreturn RESULT"
_JOINED = "RESULT = ''\nFOR\n    RESULT += _0\nreturn RESULT"
_JOINED_IF = "RESULT = ''\nFOR\n    if _1:\n        RESULT += _0\nreturn RESULT"
_PARTED = (
    "CHOSEN = []\nREST = []\nFOR\n    if _1:\n        CHOSEN.append(_0)\n    else:\n"
    "        REST.append(_0)\nreturn (CHOSEN, REST)"
)
_SUMMED = "TOTAL = 0\nFOR\n    TOTAL += _0\nreturn TOTAL"
_SUMMED_IF = "TOTAL = 0\nFOR\n    if _1:\n        TOTAL += _0\nreturn TOTAL"
_COUNTED = "COUNT = 0\nFOR\n    if _0:\n        COUNT += 1\nreturn COUNT"
_ANY = "FOR\n    if _0:\n        return True\nreturn False"
_EVERY = "FOR\n    if not (_0):\n        return False\nreturn True"
_FIRST = "FOR\n    if _1:\n        return _0\nreturn _9"
_LAST = "BACK\n    if _1:\n        return _0\nreturn _9"
_LOCALS = {
    "RESULT": ("result", "found"),
    "CHOSEN": ("chosen", "matching"),
    "REST": ("rest", "others"),
    "TOTAL": ("total", "amount"),
    "COUNT": ("count", "number"),
}


def fillings(shape: Shape, place: Inside, outer: Sequence[Term], cost: int, extra: int = 0) -> Iterator[Term]:
    """The fillings of a template with a cost.

    Args:
        outer: What the hole outside of the loop may be filled with, smallest first.
        extra: What the template costs beside what it says itself.
    """
    left = cost - shape.cost - place.source.cost - extra
    if shape.pattern == "next((_0 FOR if _1), _9)" and shape.loop == _LAST and not _reversible(place):
        return
    if shape.outside is None:
        for holes in _holes(shape, place, left):
            yield _filled(shape, place, holes, None, cost)
        return
    for default in [t for t in outer if admits(shape.outside, t.type)][:_MOST_DEFAULTS]:
        for holes in _holes(shape, place, left - default.cost):
            yield _filled(shape, place, holes, default, cost)


def _reversible(place: Inside) -> bool:
    return len(place.source.loops) == 1 and place.source.cost <= 1


def _holes(shape: Shape, place: Inside, cost: int) -> Iterator[tuple[Term, ...]]:
    """Terms for the holes in the loop that cost so much together and read what the loop binds."""
    own, needs = frozenset(place.source.own), place.source.needs
    levels = [place.bank.by_type.get(t, {}) for t in shape.takes]
    for split in splits(cost, [list(level) for level in levels]):
        for terms in product(*(level[c] for level, c in zip(levels, split, strict=True))):
            if not needs <= frozenset[str]().union(*(t.uses for t in terms)):
                continue
            # A condition that is the same in every round belongs before the loop.
            if any(t.type == BOOL and not t.uses & own for t in terms):
                continue
            if len(terms) == 1 and shape.gives == terms[0].type and terms[0].text == place.source.element:
                continue
            yield terms


def _filled(shape: Shape, place: Inside, holes: tuple[Term, ...], default: Term | None, cost: int) -> Term:
    def value(columns: Sequence[Sequence[Any]], outside: Any) -> Any:
        if outside is FAIL:
            return FAIL
        try:
            return shape.combine(*columns, *([] if default is None else [outside]))
        except Exception:
            return FAIL

    values: list[Any] = []
    for number, span in enumerate(place.spans):
        if span is None:
            values.append(FAIL)
            continue
        columns = [t.values[span[0] : span[1]] for t in holes]
        values.append(value(columns, default.values[number] if default is not None else None))

    def evaluate(row: Row) -> Any:
        rounds = place.source.safe(row)
        if rounds is FAIL:
            return FAIL
        rows = [{**row, **one} for one in rounds]
        return value([[t.run(r) for r in rows] for t in holes], default.run(row) if default else None)

    uses = frozenset[str]().union(*(t.uses for t in holes), default.uses if default else ())
    uses = (uses | _read(place)) - frozenset(place.source.own)
    leaf = _Lazy(shape, place, holes, default)
    type_ = shape.gives
    return Filled(type_, cost, tuple(values), None, None, evaluate, uses, (), leaf)


def _read(place: Inside) -> frozenset[str]:
    names = {
        n.id for _, text in place.source.loops for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)
    }
    return frozenset(names & set(place.scope.types))


@dataclass(frozen=True)
class _Lazy:
    """A filling's text, written only where it is wanted."""

    shape: Shape
    place: Inside
    holes: tuple[Term, ...]
    default: Term | None

    def expression(self) -> str:
        """The filling as one expression."""
        if self.shape.loop == _LAST:
            ((target, iterable),) = self.place.source.loops
            return self._in(self.shape.pattern.replace("FOR", f"for {target} in {_back(iterable)}"))
        return self._in(self.shape.pattern.replace("FOR", self.place.source.comprehension))

    def statements(self) -> str | None:
        """The filling as statements."""
        if self.shape.loop is None:
            return None
        scope = self.place.scope
        text = self.shape.loop
        for word, wanted in _LOCALS.items():
            if word in text:
                text = text.replace(word, scope.fresh(*wanted))
        rows: list[str] = []
        depth = 0
        for row in text.split("\n"):
            if row in ("FOR", "BACK"):
                for target, iterable in self.place.source.loops:
                    shown = _back(iterable) if row == "BACK" else iterable
                    rows.append("    " * depth + f"for {target} in {shown}:")
                    depth += 1
                depth -= 1
            else:
                rows.append(("    " * depth if row.startswith(" ") else "") + row)
        return ast.unparse(ast.parse(self._in("\n".join(rows))))

    def _in(self, text: str) -> str:
        named = {f"_{n}": t.node for n, t in enumerate(self.holes)}
        if self.default is not None:
            named["_9"] = self.default.node

        class Fill(ast.NodeTransformer):
            def visit_Name(self, node: ast.Name) -> ast.expr:
                return named.get(node.id, node)

        return ast.unparse(Fill().visit(ast.parse(text)))


def _back(iterable: str) -> str:
    return f"reversed(list({iterable}))" if iterable.startswith("enumerate") else f"reversed({iterable})"


@dataclass(frozen=True, eq=False)
class Filled(Term):
    """A filled template, which is a term like any other."""

    lazy: _Lazy | None = None

    @property
    def node(self) -> ast.expr:  # type: ignore[override]
        """The filling as one expression."""
        assert self.lazy is not None
        return ast.parse(self.lazy.expression(), mode="eval").body

    @property
    def bodies(self) -> list[str]:
        """Bodies with this meaning, the plainest first."""
        assert self.lazy is not None
        expression = f"return {self.lazy.expression()}"
        loop = self.lazy.statements()
        if loop is None:
            return [expression]
        return [loop, expression] if self.lazy.shape.statement else [expression, loop]
