"""The inputs of a function as rows of values, for computing what expressions give on them.

Only literals are read, without running anything. Must not import z3.
"""

from __future__ import annotations

import ast
import copy
from typing import Any

from lift.resolve.bodies.subject import Subject
from lift.resolve.bodies.templates.terms import Row
from lift.verify.replay import Case

_MOST = 26
_LONGEST = 9
_HUGE = 10**6


def rows(subject: Subject) -> list[Row]:
    """Values of the parameters: what doctests show, what broke a body before, and a choice of the rest."""
    known = [k.arguments for k in subject.known]
    first = [r for c in subject.inputs[:8] if (r := _read(subject, c)) is not None]
    others = [r for c in subject.inputs[8:] if (r := _read(subject, c)) is not None]
    found: list[Row] = []
    for one in [*known, *first, *_spread(others)]:
        if one not in found and set(one) == {p.name for p in subject.parameters}:
            found.append(copy.deepcopy(dict(one)))
        if len(found) >= _MOST + len(known):
            break
    return found


def _spread(others: list[Row]) -> list[Row]:
    """The largest and a regular choice of the rest, taken in turn."""
    by_size = sorted(others, key=_size, reverse=True)
    regular = others[:: max(1, len(others) // _MOST)]
    mixed = [one for pair in zip(by_size, regular, strict=False) for one in pair]
    return [*mixed, *others]


def _size(row: Row) -> int:
    return sum(len(v) if isinstance(v, str | list | tuple | dict | set) else 0 for v in row.values())


def _read(subject: Subject, case: Case) -> Row | None:
    if case.setup:
        return None
    defaults = {p.name: p.default for p in subject.ir.signature.parameters if p.default is not None}
    try:
        found: dict[str, Any] = {
            p.name: _literal(case.arguments.get(p.name, defaults.get(p.name)) or "")
            for p in subject.parameters
        }
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return None if any(map(_outsized, found.values())) else found


def _literal(text: str) -> Any:
    return set() if text == "set()" else ast.literal_eval(text)


def _outsized(value: Any) -> bool:
    if isinstance(value, int | float):
        return abs(value) > _HUGE
    if isinstance(value, dict):
        return len(value) > _LONGEST or any(map(_outsized, value.values()))
    if isinstance(value, str):
        return len(value) > 4 * _LONGEST
    return isinstance(value, list | tuple | set) and (len(value) > _LONGEST or any(map(_outsized, value)))
