"""Smaller inputs for a counterexample, and the lines that it takes: what a person can follow.

Every smaller input is run in CPython like any other and taken only if it breaks the same clause. The order in
which inputs are tried depends on nothing but the first one, so that the same check shows the same input. Must
not import z3.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from typing import Any

from lift_ir import ClauseResult

from lift.verify import runs
from lift.verify.replay import Case
from lift.verify.replay import Program as ReplayProgram
from lift.verify.standing import Standing
from lift.verify.types import TUnknown, Type, is_of

_ROUNDS = 12
_BATCH = 48
_SECONDS = 2.0
_CASE_SECONDS = 0.1


def shrink(state: Standing) -> None:
    """Replace the counterexamples of a check by smaller ones, with the steps of their runs."""
    from lift.verify import trial

    refuted = [c for c in (*state.results.values(), *state.calls) if _shrinkable(c)]
    fit = trial.runnable(state.target, state.wanted) if refuted else None
    if fit is None or fit.program is None:
        return
    deadline = min(state.deadline, time.monotonic() + _SECONDS)
    types = _types(state)
    # A counterexample of one clause is often one of the next as well.
    smaller: list[dict[str, Any]] = []
    for clause in refuted:
        found = _smallest(state, fit.program, clause, types, smaller, deadline)
        if found is None:
            continue
        for key, known in state.results.items():
            if known is clause:
                state.results[key] = found
        state.calls = [found if known is clause else known for known in state.calls]


def _shrinkable(clause: ClauseResult) -> bool:
    return clause.verdict == "refuted" and clause.kind != "example" and clause.counterexample is not None


def _types(state: Standing) -> dict[str, Type]:
    args = state.target.node.args
    named = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return {a.arg: state.target.program.type_of(a.annotation) for a in named}


def _smallest(
    state: Standing,
    program: ReplayProgram,
    clause: ClauseResult,
    types: dict[str, Type],
    smaller: list[dict[str, Any]],
    deadline: float,
) -> ClauseResult | None:
    """The clause with the smallest counterexample that a few rounds find; None if it is not seen again."""
    assert clause.counterexample is not None
    given = dict(clause.counterexample.arguments)
    setup = clause.counterexample.setup
    values = {} if setup else _literals(given, types)
    best: ClauseResult | None = None
    rows = [values, *_smaller(values, types, smaller)]
    tried: set[str] = set()
    for _ in range(_ROUNDS):
        rows.sort(key=_size)
        cases = [Case(given | {n: repr(v) for n, v in row.items()}, setup) for row in rows]
        broken = _first_broken(state, program, clause, cases, deadline)
        if broken is None:
            break
        number, best = broken
        values = rows[number]
        tried.update(repr(row) for row in rows)
        rows = [row for row in _smaller(values, types, []) if repr(row) not in tried]
    if best is not None and values:
        smaller.append(values)
    return best


def _first_broken(
    state: Standing, program: ReplayProgram, clause: ClauseResult, cases: list[Case], deadline: float
) -> tuple[int, ClauseResult] | None:
    from lift.verify.trial import try_cases

    left = deadline - time.monotonic()
    if not cases or left <= 0:
        return None
    tried = try_cases(program, cases, left, min(512, state.options.memory_mb), _CASE_SECONDS, steps=True)
    for number, run in enumerate(tried):
        if run.status != "ok":
            continue
        again = Standing(state.target, state.options, state.deadline, state.wanted, sources=state.sources)
        again.tests = state.tests
        runs.learn(again, [run])
        again.tests = state.tests
        for found in (*again.results.values(), *again.calls):
            same = found.kind == clause.kind and found.text == clause.text and found.clause == clause.clause
            if same and found.verdict == "refuted" and found.code == clause.code:
                return number, found.model_copy(update={"tests": clause.tests})
    return None


# Smaller values.


def _literals(given: dict[str, str], types: dict[str, Type]) -> dict[str, Any]:
    """The arguments that are plain values of their types."""
    found: dict[str, Any] = {}
    for name, text in given.items():
        try:
            value = ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            continue
        if _fits(value, types.get(name)):
            found[name] = value
    return found


def _fits(value: object, type_: Type | None) -> bool:
    return type_ is not None and not isinstance(type_, TUnknown) and is_of(value, type_)


def _smaller(
    values: dict[str, Any], types: dict[str, Type], known: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Smaller arguments, and those that broke another clause, without repeats."""
    rows = [k for k in known if k.keys() == values.keys()]
    rows += _simpler(values, types)
    if len(rows) < _BATCH:
        # What two steps reach is tried at once: starting a process takes longer than a few runs.
        rows += [two for one in list(rows) for two in _simpler(one, types)]
    size = _size(values)
    distinct = {repr(row): row for row in rows if _size(row) < size}
    return [distinct[text] for text in list(distinct)[:_BATCH]]


def _simpler(values: dict[str, Any], types: dict[str, Type]) -> list[dict[str, Any]]:
    return [values | {n: v} for n, value in values.items() for v in _less(value) if _fits(v, types[n])]


def _less(value: Any) -> Iterator[Any]:
    """Values of the same kind that are simpler."""
    if isinstance(value, bool):
        if value:
            yield False
    elif isinstance(value, int):
        yield from (0, 1, -1, 2, -2, abs(value), value // 2, -(-value // 2))
        yield from (value - 1, value + 1, value - value % 10)
    elif isinstance(value, str | bytes):
        text: Any = value
        yield from _fewer(text, inside=False)
        if isinstance(value, str):
            for i in range(min(len(value), 16)):
                yield f"{value[:i]}a{value[i + 1 :]}"
    elif isinstance(value, list | tuple):
        yield from _fewer(value)
    elif isinstance(value, dict):
        items = list(value.items())
        yield from (dict(rest) for rest in _fewer(items, inside=False))
        for i, (key, old) in enumerate(items[:8]):
            for new in _less(old):
                yield dict([*items[:i], (key, new), *items[i + 1 :]])
    elif isinstance(value, set | frozenset) and all(isinstance(v, int | str) for v in value):
        yield from (type(value)(rest) for rest in _fewer(sorted(value, key=repr)))


def _fewer(value: Any, *, inside: bool = True) -> Iterator[Any]:
    half = len(value) // 2
    yield from (value[:0], value[:half], value[half:])
    for i in range(min(len(value), 16)):
        yield value[:i] + value[i + 1 :]
    for i in range(min(len(value), 8) if inside else 0):
        for new in _less(value[i]):
            yield type(value)([*value[:i], new, *value[i + 1 :]])


def _size(value: Any) -> tuple[int, int, str]:
    """How much there is to read: elements and digits, then how far from zero, then how it is written."""
    return _weight(value), _distance(value), repr(value)


def _weight(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(_weight(k) + _weight(v) for k, v in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return 1 + sum(map(_weight, value))
    return 1 + len(value) if isinstance(value, str | bytes) else len(str(value)) if value else 1


def _distance(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_distance(k) + _distance(v) for k, v in value.items())
    if isinstance(value, list | tuple | set | frozenset):
        return sum(map(_distance, value))
    if isinstance(value, str | bytes):
        return sum(abs(ord(c) - ord("a")) for c in value) if isinstance(value, str) else sum(value)
    return 2 * abs(value) + (value < 0) if isinstance(value, int) else 0
