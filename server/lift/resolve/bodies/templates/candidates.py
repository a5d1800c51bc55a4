"""Bodies of growing size from all templates, one for each behaviour on the sample inputs.

Must not import z3: nothing is decided here.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from lift.resolve.bodies.subject import Subject
from lift.resolve.bodies.templates import folds, samples
from lift.resolve.bodies.templates.changes import changes
from lift.resolve.bodies.templates.scope import Inside, Scope, Source, bound_names, inside, sources
from lift.resolve.bodies.templates.shapes import Filled, Shape, fillings, shapes
from lift.resolve.bodies.templates.terms import FAIL, Bank, Term, grow, mark
from lift.resolve.bodies.templates.vocabulary import (
    BOOL,
    INT,
    NONE,
    STR,
    admits,
    element,
    operators,
    parts,
    type_of,
    weighed,
)
from lift.verify.types import TDict, TList, TLiteral, TUnion, Type


@dataclass(frozen=True)
class Stage:
    """How far one pass over the templates goes.

    Attributes:
        inner: The cost of an expression inside of a loop, and how many there may be.
        outer: The same outside of loops.
        total: The cost of a body.
        folds: How far loops go that carry something.
    """

    inner: tuple[int, int]
    outer: tuple[int, int]
    total: int
    folds: folds.Reach


STAGES = (
    Stage((4, 160), (4, 400), 9, folds.Reach(3, 400, 30, 8)),
    Stage((6, 900), (7, 3000), 11, folds.Reach(5, 1200, 120, 30)),
    Stage((9, 4000), (9, 9000), 16, folds.Reach(7, 4000, 500, 60)),
)
_UNUSED, _CONSTANT = 2, 5
_NESTED = 120
_DEFAULTS = 8


def candidates(subject: Subject) -> Iterator[str]:
    """Bodies, small ones first; those that read every parameter before those that do not.

    A body that a doctest contradicts is left out. Nothing else is decided here.
    """
    for group in groups(subject):
        yield from group


def groups(subject: Subject, stages: Sequence[Stage] = STAGES) -> Iterator[list[str]]:
    """Bodies as ``candidates`` gives them; those with one meaning together, the plainest first.

    An empty group says that there is more to come: who waits for a batch may go on with what there is.
    """
    rows = samples.rows(subject)
    if not rows:
        return
    seen: set[Any] = set()
    for stage in stages:
        scope = _scope(subject, rows)
        for meaning in _ordered(subject, scope, stage):
            if meaning is None:
                yield []
                continue
            key = tuple(map(mark, meaning.values))
            if key in seen or not _agrees(subject, meaning):
                continue
            seen.add(key)
            yield meaning.bodies()
        if time.monotonic() > subject.deadline:
            return


@dataclass(frozen=True)
class Meaning:
    """Bodies with one meaning.

    Attributes:
        values: What they return for each row.
    """

    cost: int
    values: tuple[Any, ...]
    bodies: Callable[[], list[str]]


Made = tuple[int, Meaning, frozenset[str]]
"""What it costs, what it is, and what it reads."""


def _agrees(subject: Subject, meaning: Meaning) -> bool:
    """Whether it returns what the doctests show; they are the first rows."""
    if all(v is FAIL for v in meaning.values):
        return False
    shown = [k.result for k in subject.known]
    return all(mark(v) == mark(w) for v, w in zip(meaning.values, shown, strict=False))


def _scope(subject: Subject, rows: list[Any]) -> Scope:
    types = {p.name: p.type for p in subject.parameters}
    clauses = (*subject.ensures, *subject.requires, *(g.condition for g in subject.raises))
    every = parts([*types.values(), subject.returns, *([STR] if subject.by_example else [])])
    result = {subject.outcome: subject.returns}
    # What a clause says of the result, a search may ask of each element or place.
    arms = subject.returns.arms if isinstance(subject.returns, TUnion) else (subject.returns,)
    bound = {subject.outcome: next((a for a in arms if a != NONE), NONE)}
    bound |= bound_names(clauses, {**types, **result})
    found = weighed(operators(every), subject.words | (_EVERYTHING if subject.known else frozenset()))
    if subject.form is not None:
        found += changes(subject.returns)
    if subject.by_example:
        clauses = (*clauses, *(ast.parse(i, mode="eval").body for i in _IDIOMS))
        bound |= {"__number__": INT, "__text__": STR}
    return Scope(
        types,
        rows,
        _constants(subject, every),
        found,
        clauses,
        bound,
        subject.deadline,
        frozenset({subject.ir.name}),
    )


_EVERYTHING = frozenset(
    {"Add", "Sub", "Mult", "Mod", "FloorDiv", "And", "Or", "Not", "sum", "max", "min", "upper", "lower"}
    | {"reversed", "count", "LtE", "Slice", "join", "str", "abs", "get", "set", "range"}
    | {"int", "split", "title"}
)
"""What examples alone may well mean: they show no operator."""

_IDIOMS = (
    *("__number__ % 2 == 0", "__number__ % 2 == 1", "__number__ > 0", "__number__ * __number__"),
    *("__text__[0].upper()", "__text__.isdigit()", "__text__.isalpha()", "__text__[0].isupper()"),
)
"""What is asked and made of elements so often that it is worth a try before its size has its turn."""


def _constants(subject: Subject, every: list[Type]) -> list[tuple[Any, Type, int]]:
    """The specification's own first; 0, 1, the empty ones and the like always."""
    found: dict[Any, tuple[Any, Type, int]] = {}

    def add(value: Any, type_: Type, cost: int) -> None:
        found.setdefault((repr(value), type_), (value, type_, cost))

    for value in subject.constants:
        if isinstance(value, int | str) and not isinstance(value, bool):
            add(value, type_of(value), 1)
    for type_ in [*every, INT, BOOL]:
        if type_ == INT:
            for number, cost in ((0, 1), (1, 1), (2, 2), (-1, 2)):
                add(number, INT, cost)
        elif type_ == BOOL:
            add(True, BOOL, 2)
            add(False, BOOL, 2)
        elif type_ == STR:
            add("", STR, 2)
            add(" ", STR, 3)
        elif isinstance(type_, TList):
            add([], type_, 2)
        elif isinstance(type_, TDict):
            add({}, type_, 2)
        elif isinstance(type_, TUnion) and NONE in type_.arms:
            add(None, NONE, 1)
        elif isinstance(type_, TLiteral):
            for value in type_.values:
                add(value, type_of(value), 1)
    for text in _shown_texts(subject):
        add(text, STR, 2)
    return list(found.values())


def _shown_texts(subject: Subject) -> Iterator[str]:
    """The texts that doctests show as results, which no input holds."""
    results = [k.result for k in subject.known if isinstance(k.result, str)]
    if 0 < len(set(results)) <= 4:
        # A text that only one call shows is an answer to that call, unless clauses say more of it.
        yield from sorted({r for r in results if subject.ensures or results.count(r) > 1})


def _ordered(subject: Subject, scope: Scope, stage: Stage) -> Iterator[Meaning | None]:
    """All bodies up to the stage's cost, by their cost with what makes them unlikely."""
    used = _mentioned(subject)
    waiting: dict[int, list[Meaning]] = {}
    for made in _made(subject, scope, stage):
        if made is None:
            yield None
            continue
        cost, meaning, uses = made
        late = cost + (_UNUSED * len(used - uses) if uses else _CONSTANT + len(used))
        waiting.setdefault(late, []).append(meaning)
        for ready in sorted(c for c in waiting if c <= cost):
            yield from waiting.pop(ready)
        if time.monotonic() > subject.deadline:
            return
    for ready in sorted(waiting):
        yield from waiting[ready]


def _mentioned(subject: Subject) -> frozenset[str]:
    names = {n.id for tree in subject.ensures for n in ast.walk(tree) if isinstance(n, ast.Name)}
    every = {p.name for p in subject.parameters if p.name != "self"}
    return frozenset(names & every if subject.ensures else every)


def _made(subject: Subject, scope: Scope, stage: Stage) -> Iterator[Made | None]:
    """Bodies by rising cost; None at the end of each."""
    wanted = subject.returns
    most, cap = stage.outer
    outer = scope.bank(most, cap)
    plain = [t for type_ in outer.by_type if admits(wanted, type_) for t in outer.of(type_)]
    small = sorted((t for type_ in outer.by_type for t in outer.of(type_, 2)), key=lambda t: t.cost)
    places = [p for s in sources(scope) if (p := inside(scope, s, *stage.inner)) is not None]
    pieces: list[Term] = []
    types = [t for t in [*parts([wanted]), INT, BOOL] if t != wanted]
    types += [TList(t) for t in parts([*scope.types.values()]) if t in (INT, STR) and TList(t) not in types]
    partials = list(_unless_empty(scope, outer, wanted))
    loops: list[folds.Fold] = []
    shown = tuple(k.result for k in subject.known)
    for cost in range(1, stage.total + 1):
        for term in plain:
            if term.cost == cost:
                yield cost, Meaning(cost, term.values, partial(_expression, term)), term.uses
        for place in places:
            for shape in shapes(wanted, _element(place)):
                for term in fillings(shape, place, small, cost, _extra(subject, shape)):
                    assert isinstance(term, Filled)
                    yield cost, Meaning(cost, term.values, partial(_filling, term)), term.uses
                    pieces.append(term)
            for type_ in dict.fromkeys(types):
                for shape in shapes(type_, _element(place)):
                    if not shape.statement and len(pieces) < 40 * _NESTED and cost <= stage.total // 2:
                        pieces += fillings(shape, place, small, cost)
        for made in partials:
            if made[0] == cost:
                yield made
        if cost == folds.LEAST:
            loops = folds.folds(scope, wanted, places, replace(stage.folds, shown=shown))
        for fold in loops:
            if fold.cost == cost:
                yield cost, Meaning(cost, fold.values, fold.written), fold.uses
        yield None
        if time.monotonic() > scope.deadline:
            return
    yield from _joined(scope, stage, wanted, pieces)


def _unless_empty(scope: Scope, outer: Bank, wanted: Type) -> Iterator[Made]:
    """``xs[0] if xs else None``: what only raises where there is nothing in a container, and a default."""
    defaults = [t for type_ in outer.by_type if admits(wanted, type_) for t in outer.of(type_, 2)]
    partial_ = [
        t
        for type_ in outer.by_type
        for t in outer.of(type_)
        if any(v is FAIL for v in t.values) and admits(wanted, t.type)
    ]
    for one, type_ in scope.types.items():
        if element(type_) is None:
            continue
        empty = [not row[one] for row in scope.rows]
        for term in partial_:
            if any((v is FAIL) != e for v, e in zip(term.values, empty, strict=True)):
                continue
            for default in defaults[:_DEFAULTS]:
                values = zip(term.values, default.values, strict=True)
                cost = term.cost + default.cost + 2
                text = f"return {term.text} if {one} else {default.text}"
                meaning = Meaning(
                    cost, tuple(d if v is FAIL else v for v, d in values), partial(list, [text])
                )
                yield cost, meaning, term.uses | default.uses


def _joined(scope: Scope, stage: Stage, wanted: Type, pieces: list[Term]) -> Iterator[Made]:
    """Filled templates as parts of larger expressions: sorted, reversed, counted, compared, in a tuple."""
    distinct: dict[Any, Term] = {}
    for term in sorted(pieces, key=lambda t: t.cost):
        if isinstance(term, Filled) and term.lazy is not None and not term.lazy.shape.statement:
            distinct.setdefault((term.type, tuple(map(mark, term.values))), term)
    chosen: list[Term] = []
    for type_ in dict.fromkeys(t.type for t in distinct.values()):
        chosen += [t for t in distinct.values() if t.type == type_][:_NESTED]
    leaves = [*scope.leaves(), *chosen]
    bank = grow(leaves, scope.operators, stage.total, stage.outer[1] * 2, scope.deadline)
    for type_ in list(bank.by_type):
        if admits(wanted, type_):
            for term in bank.of(type_):
                yield term.cost, Meaning(term.cost, term.values, partial(_expression, term)), term.uses


def _extra(subject: Subject, shape: Shape) -> int:
    """Sums are everywhere; where nothing speaks of one they come later."""
    speaks = subject.words & {"sum", "count", "len", "Add"} or subject.known
    return 0 if speaks or not shape.pattern.startswith("sum(") else 3


def _filling(term: Filled) -> list[str]:
    return term.bodies


def _expression(term: Term) -> list[str]:
    return [f"return {term.text}"]


def _element(place: Inside) -> Type | None:
    source: Source = place.source
    return source.own.get(source.element) if source.element is not None else None
