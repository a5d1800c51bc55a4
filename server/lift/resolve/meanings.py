"""What a clause means, by example: a call that it allows and one that it forbids.

Only expressions of lift's own making are evaluated here, over values that are written here: nothing of the
user's code runs. Those that call anything but a few builtins and methods of strings give no example.
"""

from __future__ import annotations

import ast
import builtins
import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lift.resolve.phrases import Value

_BUILTINS = ("all", "any", "len", "sorted", "sum", "max", "min", "set", "abs")
_METHODS = ("startswith", "endswith", "lower", "upper")
_MOST = 4000

_NUMBERS: tuple[Any, ...] = (3, 2, 5, 1, 4, 10, 0, -1, 12)
_POOLS: Mapping[str, tuple[Any, ...]] = {
    "number": _NUMBERS,
    "text": ("ab", "a", "B", "abc", ""),
    "truth": (True, False),
    "mapping": ({"a": 1}, {}),
    "set": ({1, 2}, {1}, set()),
}
_NUMBER_LISTS: tuple[Any, ...] = ([2, 1], [1, 2], [1, 1], [1, 2, 3], [2], [-1, 2], [0, 2], [], [*range(12)])
_TEXT_LISTS: tuple[Any, ...] = (["b", "a"], ["a", "b"], ["a", "a"], ["a"], [])


@dataclass(frozen=True)
class Examples:
    """A call that a clause allows and one that it forbids; empty where none was found."""

    allows: str = ""
    forbids: str = ""


def examples(expression: str, function: str, parameters: Sequence[Value], result: Value | None) -> Examples:
    """Examples for a clause of the phrasebook's making.

    Args:
        expression: In lift's notation.
        function: The function's name, for the calls.
        result: What is returned, for a clause under Ensures; None under Requires.
    """
    code = _compiled(expression)
    pools = [_pool(value) for value in parameters]
    if code is None or not all(pools) or (result is not None and not _pool(result)):
        return Examples()
    outcomes = _pool(result) if result is not None else ()
    kept: dict[bool, str] = {}
    for arguments in itertools.islice(itertools.product(*pools), _MOST):
        names = dict(zip((p.name for p in parameters), arguments, strict=True))
        call = f"{function}({', '.join(map(repr, arguments))})"
        if result is None:
            holds = _holds(code, names)
            if holds is not None:
                kept.setdefault(holds, call)
        else:
            found = dict(_judged(code, names, result, outcomes))
            if len(found) == 2:
                # One call with a right and a wrong result says more than two calls.
                return Examples(f"{call} → {found[True]}", f"{call} → {found[False]}")
            for holds, value in found.items():
                kept.setdefault(holds, f"{call} → {value}")
        if result is None and len(kept) == 2:
            break
    return Examples(kept.get(True, ""), kept.get(False, ""))


def _judged(
    code: Any, names: Mapping[str, Any], result: Value, outcomes: Sequence[Any]
) -> Iterator[tuple[bool, str]]:
    """A result that is allowed and one that is not, the plainer ones last so that they stay."""
    for value in reversed(outcomes):
        holds = _holds(code, {**names, result.name: value})
        if holds is not None:
            yield holds, repr(value)


def _pool(value: Value) -> tuple[Any, ...]:
    if value.family == "list":
        if "str" in value.type:
            return _TEXT_LISTS
        return _NUMBER_LISTS if value.numbers or "[" not in value.type else ()
    found = _POOLS.get(value.family, ())
    return (*found, None) if value.optional and found else found


def _compiled(expression: str) -> Any:
    """The expression's code; None if it does more than the phrasebook's do."""
    tree = ast.parse(expression, mode="eval")
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in _BUILTINS:
                continue
            case ast.Call(func=ast.Attribute(attr=name)) if name in _METHODS:
                continue
            case ast.Call():
                return None
            case ast.Attribute(attr=name) if name not in _METHODS:
                return None
    return compile(tree, "<clause>", "eval", dont_inherit=True)


def _holds(code: Any, names: Mapping[str, Any]) -> bool | None:
    """Whether the clause holds; None where it has no value."""
    scope = {"__builtins__": {name: getattr(builtins, name) for name in _BUILTINS}, **names}
    try:
        return bool(eval(code, scope))
    except Exception:
        return None
