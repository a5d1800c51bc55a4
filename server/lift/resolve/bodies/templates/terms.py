"""Typed expressions of growing size over rows of sample values, one for each behaviour on those rows.

Two expressions that give the same on every row are one here, the smaller of them: that is what keeps the
number of expressions low enough to try them all. A row is an assignment of values to names; what raises there
is ``FAIL``. Values are computed by the operators' own functions, which are Python's: nothing of the user's is
run. Must not import z3.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any

from lift.verify.types import TBool, Type

_MOST_DIGITS = 10**15
_LONGEST = 300


class _Fail:
    """What an expression is that raises."""

    def __repr__(self) -> str:
        return "FAIL"


FAIL: Any = _Fail()

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Operator:
    """A way to make an expression of others.

    Attributes:
        pattern: Python with ``_0``, ``_1`` for the operands.
        word: As in ``Subject.words``: what the specification's own text would show of it; empty if that
            says nothing.
        takes: The operands' types.
        commutes: Whether the operands may be exchanged.
    """

    pattern: str
    word: str
    takes: tuple[Type, ...]
    gives: Type
    compute: Callable[..., Any]
    cost: int = 1
    commutes: bool = False

    def __call__(self, *values: Any) -> Any:
        return self.column([values])[0]

    def column(self, rows: Iterable[tuple[Any, ...]]) -> list[Any]:
        """Its value for each row of operands; all expressions go through here."""
        compute, bounded = self.compute, isinstance(self.gives, TBool)
        found: list[Any] = []
        for operands in rows:
            value = FAIL
            for one in operands:
                if one is FAIL:
                    break
            else:
                try:
                    value = compute(*operands)
                except Exception:
                    value = FAIL
                else:
                    if not bounded and _outsized(value):
                        value = FAIL
            found.append(value)
        return found


_SIZED = (str, list, tuple, dict, set, frozenset)


def _outsized(value: Any) -> bool:
    kind = value.__class__
    if kind is bool:
        return False
    if kind is int:
        return not -_MOST_DIGITS < value < _MOST_DIGITS
    return kind in _SIZED and len(value) > _LONGEST


@dataclass(frozen=True, eq=False)
class Term:
    """An expression with its values.

    Attributes:
        values: One for each row.
        made: The operator and its operands; None for a name, a constant or a filled template.
        leaf: The expression, where ``made`` is None.
        evaluate: Its value on another row, where ``made`` is None.
        uses: The names that it reads.
        loops: Statements with the same meaning that end in a return, for a filled template.
    """

    type: Type
    cost: int
    values: tuple[Any, ...]
    made: tuple[Operator, tuple[Term, ...]] | None = None
    leaf: ast.expr | None = None
    evaluate: Callable[[Row], Any] | None = None
    uses: frozenset[str] = frozenset()
    loops: tuple[str, ...] = ()

    @cached_property
    def node(self) -> ast.expr:
        """The expression; parts may be shared with others, so copy it before a change."""
        if self.made is None:
            assert self.leaf is not None
            return self.leaf
        operator, operands = self.made
        return filled(operator.pattern, [t.node for t in operands])

    @cached_property
    def text(self) -> str:
        """The expression as Python."""
        return ast.unparse(self.node)

    def run(self, row: Row) -> Any:
        """Its value on a row; ``FAIL`` if it raises there."""
        if self.made is None:
            assert self.evaluate is not None
            return self.evaluate(row)
        operator, operands = self.made
        return operator(*(t.run(row) for t in operands))


class _Fill(ast.NodeTransformer):
    def __init__(self, nodes: Sequence[ast.expr]) -> None:
        self.nodes = nodes

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id.startswith("_") and node.id[1:].isdigit():
            return self.nodes[int(node.id[1:])]
        return node


def filled(pattern: str, nodes: Sequence[ast.expr]) -> ast.expr:
    """A pattern with expressions in the places of ``_0``, ``_1``."""
    return _Fill(nodes).visit(ast.parse(pattern, mode="eval").body)


def name(of: str, type_: Type, rows: Sequence[Row], cost: int = 1) -> Term:
    """A name."""
    values = tuple(row.get(of, FAIL) for row in rows)
    node = ast.Name(of, ast.Load())
    return Term(type_, cost, values, None, node, lambda row: row.get(of, FAIL), frozenset({of}))


def constant(value: Any, type_: Type, rows: Sequence[Row], cost: int = 1) -> Term:
    """A constant, also a container's display without elements."""
    node = ast.parse(repr(value), mode="eval").body
    return Term(type_, cost, (value,) * len(rows), None, node, lambda row: value)


def apply(operator: Operator, operands: tuple[Term, ...], least: int = 0) -> Term:
    """An operator on expressions over the same rows."""
    values = tuple(operator.column(zip(*(t.values for t in operands), strict=True)))
    uses = frozenset[str]().union(*(t.uses for t in operands))
    cost = max(least, operator.cost + sum(t.cost for t in operands))
    return Term(operator.gives, cost, values, (operator, operands), uses=uses)


def mark(value: Any) -> Any:
    """Equal for two values if and only if no expression can tell them apart, but for identity."""
    kind = value.__class__
    if kind is int or kind is bool or kind is str:
        return (kind, value)
    if isinstance(value, set | frozenset):
        return (value.__class__, tuple(sorted(map(repr, value))))
    return repr(value)


def behaviour(term: Term) -> Any:
    """Equal for two expressions if and only if they are of one type and the same on every row."""
    return (term.type, tuple(map(mark, term.values)))


@dataclass
class Bank:
    """The expressions that were found, by type and cost.

    Attributes:
        cap: How many there may be.
        places: The order in which they were found, by ``id``.
    """

    cap: int
    by_type: dict[Type, dict[int, list[Term]]] = field(default_factory=dict)
    seen: dict[Any, Term] = field(default_factory=dict)
    places: dict[int, int] = field(default_factory=dict)

    def add(self, term: Term) -> bool:
        """Keep an expression if it is the first with its behaviour and does not raise everywhere."""
        if len(self.seen) >= self.cap or all(v is FAIL for v in term.values):
            return False
        key = behaviour(term)
        if key in self.seen:
            return False
        self.places[id(term)] = len(self.seen)
        self.seen[key] = term
        self.by_type.setdefault(term.type, {}).setdefault(term.cost, []).append(term)
        return True

    def of(self, type_: Type, most: int = 99) -> Iterator[Term]:
        """The expressions of a type up to a cost, smallest first."""
        levels = self.by_type.get(type_, {})
        for cost in sorted(levels):
            if cost <= most:
                yield from levels[cost]

    @property
    def full(self) -> bool:
        """Whether nothing more is kept."""
        return len(self.seen) >= self.cap


def grow(leaves: Iterable[Term], operators: Sequence[Operator], most: int, cap: int, deadline: float) -> Bank:
    """All expressions up to a cost over leaves, one for each behaviour, while there is room and time."""
    bank = Bank(cap)
    waiting: dict[int, list[Term]] = {}
    for leaf in leaves:
        waiting.setdefault(leaf.cost, []).append(leaf)
    for cost in range(1, most + 1):
        for leaf in waiting.get(cost, []):
            bank.add(leaf)
        for operator in operators:
            for operands in _operands(bank, operator, cost - operator.cost):
                bank.add(apply(operator, operands))
            if bank.full or time.monotonic() > deadline:
                return bank
    return bank


def _operands(bank: Bank, operator: Operator, cost: int) -> Iterator[tuple[Term, ...]]:
    """Operands that cost so much together, at least one of them no constant."""
    levels = [bank.by_type.get(t, {}) for t in operator.takes]
    # What is known of a list that was just written down is shorter without the list.
    shown = () if operator.gives == operator.takes[0] else _DISPLAYS
    for split in splits(cost, [list(level) for level in levels]):
        for operands in product(*(list(level[c]) for level, c in zip(levels, split, strict=True))):
            for one in operands:
                if one.uses:
                    break
            else:
                continue
            first = operands[0].made
            if first is not None and (
                first[0].pattern in shown or first[0].pattern == operator.pattern == "not _0"
            ):
                continue
            if operator.commutes and bank.places[id(operands[0])] > bank.places[id(operands[1])]:
                continue
            yield operands


_DISPLAYS = ("[_0]", "[_0] * _1", "_0 + [_1]", "[_1] + _0")


def splits(total: int, choices: Sequence[Sequence[int]]) -> Iterator[tuple[int, ...]]:
    """All ways to choose a number of each that sum to a total."""
    if not choices:
        if total == 0:
            yield ()
        return
    for first in choices[0]:
        if first <= total:
            for rest in splits(total - first, choices[1:]):
                yield (first, *rest)
