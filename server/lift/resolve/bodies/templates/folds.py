"""Templates of one loop with something that is carried along: folded, scanned, collected under keys.

The step is an expression of what is carried and of the loop's own names. What is carried depends on the step
itself, so a step is first told from others on values that might be carried, and then run. Must not import z3.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lift.resolve.bodies.templates.scope import Inside, Scope
from lift.resolve.bodies.templates.terms import FAIL, Row, Term, grow, mark, name
from lift.resolve.bodies.templates.vocabulary import BOOL, INT, STR, Parser
from lift.verify.types import TDict, TInt, TList, TStr, Type

_CARRIED = "CARRIED"
_ROWS = 40
_COST = 2
LEAST = 5
"""What the cheapest of these loops costs."""


@dataclass(frozen=True)
class Fold:
    """A loop that carries something, filled.

    Attributes:
        values: What it returns on each row.
    """

    cost: int
    values: tuple[Any, ...]
    uses: frozenset[str]
    write: Callable[[], str]

    def written(self) -> list[str]:
        """Its body."""
        return [self.write()]


@dataclass(frozen=True)
class _Step:
    """What a round does to what is carried, and where it does it."""

    step: Term
    guard: Term | None = None

    @property
    def cost(self) -> int:
        return self.step.cost + (0 if self.guard is None else self.guard.cost)

    @property
    def uses(self) -> frozenset[str]:
        return self.step.uses | (frozenset() if self.guard is None else self.guard.uses)

    def after(self, row: Row, carried: Any) -> Any:
        now = {**row, _CARRIED: carried}
        if self.guard is not None:
            holds = self.guard.run(now)
            if holds is FAIL or not holds:
                return FAIL if holds is FAIL else carried
        return self.step.run(now)


@dataclass(frozen=True)
class Reach:
    """How far the steps go.

    Attributes:
        cost: Of a step, at most.
        cap: How many expressions are looked at for steps and guards.
        steps: How many of them are run, and how many guards.
        shown: What the first rows must give.
    """

    cost: int
    cap: int
    steps: int
    guards: int
    shown: tuple[Any, ...] = ()


def folds(scope: Scope, wanted: Type, places: list[Inside], reach: Reach) -> list[Fold]:
    """The loops of these templates that give a type, one for each behaviour, by cost."""
    found: list[Fold] = []
    for place in places:
        if place.source.cost > 1:
            continue
        if time.monotonic() > scope.deadline:
            break
        if isinstance(wanted, TInt | TStr) or wanted == BOOL:
            found += _folded(place, scope, wanted, reach, scan=False)
        elif isinstance(wanted, TList):
            found += _collected(place, scope, wanted, reach)
            if wanted.element in (INT, STR):
                found += _folded(place, scope, wanted.element, reach, scan=True)
        elif isinstance(wanted, TDict):
            found += _keyed(place, scope, wanted, reach)
    return sorted(found, key=lambda f: f.cost)


def _carried_values(type_: Type, row: Row) -> list[Any]:
    if type_ == INT:
        return [0, 1, -3, 4]
    if type_ == STR:
        return ["", "ab"]
    if type_ == BOOL:
        return [False, True]
    return [[], *(v[:2] for v in row.values() if isinstance(v, list))]


def _steps(place: Inside, carried: Type, reach: Reach) -> tuple[list[Term], list[Term]]:
    """Steps, and the guards that read what is carried or the loop's own names."""
    scope = place.scope
    some = scope.rows[:: max(1, len(scope.rows) // _ROWS)]
    rows: list[Row] = [{**row, _CARRIED: v} for row in some for v in _carried_values(carried, row)]
    inner = Scope(
        {**scope.types, _CARRIED: carried},
        rows,
        scope.constants,
        scope.operators,
        scope.clauses,
        scope.bound,
        scope.deadline,
    )
    leaves = [*inner.leaves(), *inner.seeds(place.source.own)]
    bank = grow(leaves, scope.operators, reach.cost, reach.cap, scope.deadline)
    own = frozenset(place.source.own)
    steps = [t for t in bank.of(carried) if _CARRIED in t.uses or t.uses & own]
    guards = [t for t in bank.of(BOOL) if t.uses & own]
    return steps, guards


def _starts(scope: Scope, type_: Type) -> list[Term]:
    """What is carried at first: constants, parameters, the first element of one."""
    leaves = [t for t in scope.leaves() if t.type == type_ and t.cost <= 2]
    for parameter, of in scope.types.items():
        if isinstance(of, TList) and of.element == type_:
            parser = Parser(scope.types, scope.rows, scope.operators)
            first = parser.term(ast.parse(f"{parameter}[0]", mode="eval").body, 2)
            leaves += [first] if first is not None else []
    return sorted(leaves, key=lambda t: t.cost)[:5]


def _folded(place: Inside, scope: Scope, carried: Type, reach: Reach, *, scan: bool) -> Iterator[Fold]:
    steps, guards = _steps(place, carried, reach)
    steps, guards = steps[: reach.steps], guards[: reach.guards]
    own = frozenset(place.source.own)
    whole = [_Step(s) for s in steps if _CARRIED in s.uses and s.uses & own]
    simple = [s for s in steps if s.cost <= 3 and not (s.uses & own and _CARRIED in s.uses)]
    whole += [_Step(s, g) for g in guards for s in simple[:12]]
    whole.sort(key=lambda s: s.cost)
    seen: set[Any] = set()
    for start in _starts(scope, carried):
        for step in whole:
            if time.monotonic() > scope.deadline:
                return
            values = _run(place, reach.shown, start, step, scan=scan)
            fold = _fold(place, scope, start, step, values, scan=scan)
            if fold is not None and (key := repr(values)) not in seen:
                seen.add(key)
                yield fold


def _run(place: Inside, shown: tuple[Any, ...], start: Term, step: _Step, *, scan: bool) -> tuple[Any, ...]:
    found: list[Any] = []
    for number, span in enumerate(place.spans):
        value = start.values[number] if span is not None else FAIL
        passed: list[Any] = []
        if value is not FAIL and span is not None:
            for row in place.scope.rows[span[0] : span[1]]:
                value = step.after(row, value)
                if value is FAIL:
                    break
                passed.append(value)
        found.append(FAIL if value is FAIL else passed if scan else value)
        if number < len(shown) and (found[-1] is FAIL or mark(found[-1]) != mark(shown[number])):
            return ()
        if number == 5 and all(v is FAIL for v in found):
            return tuple(found)
    return tuple(found)


def _fold(
    place: Inside, scope: Scope, start: Term, step: _Step, values: tuple[Any, ...], *, scan: bool
) -> Fold | None:
    if len(values) < len(scope.rows) or all(v is FAIL for v in values):
        return None
    cost = _COST + place.source.cost + start.cost + step.cost + scan
    uses = (step.uses | start.uses | _iterated(place)) & frozenset(scope.types)
    return Fold(cost, values, uses, lambda: _written(place, start, step, scan=scan))


def _iterated(place: Inside) -> frozenset[str]:
    texts = [text for _, text in place.source.loops]
    return frozenset(n.id for t in texts for n in ast.walk(ast.parse(t)) if isinstance(n, ast.Name))


def _loop(place: Inside) -> tuple[list[str], str]:
    """The lines that open the loops, and the indentation inside."""
    rows = ["    " * d + f"for {t} in {i}:" for d, (t, i) in enumerate(place.source.loops)]
    return rows, "    " * len(rows)


def _written(place: Inside, start: Term, step: _Step, *, scan: bool = False) -> str:
    carried = place.scope.fresh(*_called(step.step))
    rows, indent = _loop(place)
    result = place.scope.fresh("result", "results") if scan else carried
    before = [f"{result} = []"] if scan else []
    within: list[str] = []
    deeper = indent
    if step.guard is not None:
        within.append(f"{indent}if {_renamed(step.guard, carried)}:")
        deeper += "    "
    within.append(deeper + _assigned(step.step, carried))
    after = [f"{indent}{result}.append({carried})"] if scan else []
    return "\n".join([*before, f"{carried} = {start.text}", *rows, *within, *after, f"return {result}"])


def _called(step: Term) -> tuple[str, ...]:
    text = step.text
    if step.type == STR:
        return ("text", "result", "joined")
    if step.type == BOOL:
        return ("found", "holds")
    if isinstance(step.type, TList):
        return ("result", "found", "items")
    if "max(" in text or "min(" in text or _CARRIED not in text:
        return ("best", "chosen")
    return ("count", "number") if text == f"{_CARRIED} + 1" else ("total", "value")


def _renamed(term: Term, carried: str) -> str:
    return term.text.replace(_CARRIED, carried)


_IN_PLACE = {ast.Add: "+=", ast.Sub: "-=", ast.Mult: "*="}


def _assigned(step: Term, carried: str) -> str:
    match step.node:
        case ast.BinOp(left=ast.Name(id=one), op=ast.Add(), right=ast.List(elts=[value])) if one == _CARRIED:
            return f"{carried}.append({ast.unparse(value)})"
        case ast.BinOp(left=ast.Name(id=one), op=op, right=right) if (
            one == _CARRIED and type(op) in _IN_PLACE
        ):
            return f"{carried} {_IN_PLACE[type(op)]} {ast.unparse(right)}".replace(_CARRIED, carried)
        case ast.BinOp(left=left, op=ast.Add() | ast.Mult() as op, right=ast.Name(id=one)) if (
            one == _CARRIED and step.type == INT
        ):
            return f"{carried} {_IN_PLACE[type(op)]} {ast.unparse(left)}".replace(_CARRIED, carried)
    return f"{carried} = {_renamed(step, carried)}"


def _collected(place: Inside, scope: Scope, wanted: TList, reach: Reach) -> Iterator[Fold]:
    """Elements that go into a list where a condition on the list so far holds."""
    _, guards = _steps(place, wanted, reach)
    own = frozenset(place.source.own)
    appended = next(o for o in scope.operators if o.pattern == "_0 + [_1]" and o.gives == wanted)
    so_far = name(_CARRIED, wanted, [])
    # Only run later: these have no values of their own.
    adding = [
        Term(wanted, t.cost + 1, (), (appended, (so_far, t)), uses=t.uses | so_far.uses)
        for t in place.bank.of(wanted.element, 3)
        if t.uses & own
    ]
    start = next((t for t in scope.leaves() if t.type == wanted and t.text == "[]"), None)
    if start is None:
        return
    reading = [g for g in guards if _CARRIED in g.uses][: reach.guards]
    for add in adding[:8]:
        for guard in reading:
            step = _Step(add, guard)
            values = _run(place, reach.shown, start, step, scan=False)
            fold = _fold(place, scope, start, step, values, scan=False)
            if fold is not None:
                yield fold


def _keyed(place: Inside, scope: Scope, wanted: TDict, reach: Reach) -> Iterator[Fold]:
    """Dictionaries whose value under a key grows by each round that has it."""
    own = frozenset(place.source.own)
    keys = [k for k in place.bank.of(wanted.key, 3) if k.uses & own][:12]
    if isinstance(wanted.value, TList):
        values = [v for v in place.bank.of(wanted.value.element, 3) if v.uses & own][:12]
        for key in keys:
            for value in values:
                yield _grouped(place, scope, key, value)
        return
    if wanted.value not in (INT, STR):
        return
    steps, _ = _steps(place, wanted.value, reach)
    starts = [t for t in scope.leaves() if t.type == wanted.value and not t.uses and t.cost <= 2][:3]
    for key in keys:
        for start in starts:
            for step in [s for s in steps if _CARRIED in s.uses][:40]:
                yield _tallied(place, scope, key, start, step)


def _by_key(place: Inside, scope: Scope, round_: Callable[[Row, dict[Any, Any]], bool]) -> tuple[Any, ...]:
    found: list[Any] = []
    for span in place.spans[: len(scope.rows)]:
        if span is None:
            found.append(FAIL)
            continue
        result: dict[Any, Any] = {}
        fine = all(round_(row, result) for row in place.scope.rows[span[0] : span[1]])
        found.append(result if fine else FAIL)
    return tuple(found)


def _grouped(place: Inside, scope: Scope, key: Term, value: Term) -> Fold:
    def round_(row: Row, result: dict[Any, Any]) -> bool:
        k, v = key.run(row), value.run(row)
        if k is FAIL or v is FAIL:
            return False
        result.setdefault(k, []).append(v)
        return True

    def write() -> str:
        rows, indent = _loop(place)
        groups = place.scope.fresh("groups", "grouped")
        step = f"{indent}{groups}.setdefault({key.text}, []).append({value.text})"
        return "\n".join([f"{groups} = {{}}", *rows, step, f"return {groups}"])

    uses = (key.uses | value.uses | _iterated(place)) & frozenset(scope.types)
    cost = _COST + place.source.cost + key.cost + value.cost
    return Fold(cost, _by_key(place, scope, round_), uses, write)


def _tallied(place: Inside, scope: Scope, key: Term, start: Term, step: Term) -> Fold:
    def round_(row: Row, result: dict[Any, Any]) -> bool:
        k = key.run(row)
        if k is FAIL:
            return False
        result[k] = step.run({**row, _CARRIED: result.get(k, start.values[0])})
        return result[k] is not FAIL

    def write() -> str:
        rows, indent = _loop(place)
        counts = place.scope.fresh("counts" if step.type == INT else "texts", "found")
        now = f"{counts}.get({key.text}, {start.text})"
        line = f"{indent}{counts}[{key.text}] = {step.text.replace(_CARRIED, now)}"
        return "\n".join([f"{counts} = {{}}", *rows, line, f"return {counts}"])

    uses = (key.uses | step.uses | _iterated(place)) & frozenset(scope.types)
    cost = _COST + place.source.cost + key.cost + start.cost + step.cost
    return Fold(cost, _by_key(place, scope, round_), uses, write)
