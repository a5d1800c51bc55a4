"""Repairs of broken functions: each is proved anew here, and run on inputs with known results."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lift.edit import Edit, apply
from lift.extract import extract
from lift.resolve.repair.search import find
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import FunctionResult, Module, Repair, Repairs

DATA = Path(__file__).parent / "data"
# Wall-clock time: enough for a machine that is busy with other tests.
OPTIONS = Options(seconds=60.0)


@cache
def module_of(name: str) -> tuple[Module, str]:
    text = (DATA / name).read_text()
    return extract(Snapshot(name, None, text)).module, text


def found(name: str, file: str = "broken.py") -> Repairs:
    return find(*module_of(file), name, OPTIONS)


def mended(text: str, repair: Repair) -> str:
    return apply(text, [Edit(e.span, e.text) for e in repair.edits])


def verdicts(text: str, name: str) -> FunctionResult:
    return check_function(extract(Snapshot("mended.py", None, text)).module, text, name, OPTIONS)


def call(text: str, name: str, *arguments: Any) -> Any:
    names: dict[str, Any] = {}
    exec(compile(text, "mended.py", "exec"), names)
    try:
        return names[name](*arguments)
    except Exception as error:
        return type(error).__name__


# Function, way, title, and what the mended function does: arguments and result.
MENDED = [
    ("biggest", "body", "Change `0` to `xs[0]`", [(([-3, -2],), -2), (([4],), 4)]),
    ("total", "body", "Change `range(n)` to `range(n + 1)`", [((4,), 10), ((0,), 0)]),
    ("absolute", "body", "Change `x > 0` to `x < 0`", [((-3,), 3), ((3,), 3)]),
    ("count", "body", "Change `1` to `0`", [(([1, 2, 1], 1), 2), (([], 1), 0)]),
    ("index_of", "body", "Change `1` to `0`", [(([5], 5), 0), (([5], 6), -1)]),
    ("clamp", "body", "Change `low` to `high`", [((9, 1, 4), 4), ((0, 1, 4), 1)]),
    ("is_even", "body", "Change `1` to `0`", [((4,), True), ((3,), False)]),
    (
        "inside",
        "body",
        "Change `low <= x or x <= high` to `low <= x and x <= high`",
        [((5, 1, 4), False)],
    ),
    ("last", "body", "Change `2` to `1`", [(([1, 2, 3],), 3)]),
    ("without_first", "body", "Change `2` to `1`", [(([1, 2, 3],), [2, 3])]),
    ("difference", "body", "Change `a - b` to `b - a`", [((2, 5), 3)]),
    ("smaller", "body", "Change `max` to `min`", [((2, 5), 2)]),
    ("product", "body", "Change `3` to `2`", [(([1, 2],), 6)]),
    ("power_of_two", "body", "Change `0` to `1`", [((0,), 1), ((3,), 8)]),
    ("first", "precondition", "Require len(xs) > 0", [(([7],), 7)]),
    ("mean", "precondition", "Require len(xs) > 0", [(([1, 4],), 2)]),
    ("quotient", "precondition", "Require b != 0 or safe", [((7, 2, False), 3), ((7, 0, True), 0)]),
    ("look_up", "precondition", "Require key in table", [(({"a": 1}, "a"), 1)]),
    ("letters", "precondition", "Require name is not None", [(("abc",), 3)]),
    ("half_below", "precondition", "Require k > 0", [((5,), 2)]),
    ("between", "precondition", "Require low <= high", [((1, 2), 1)]),
    ("ordered", "precondition", "Require high >= low", [((1, 2), 1)]),
    ("share_of", "precondition", "Require whole + 2 * others != 0", [((4, 3), 10)]),
    ("room_left", "precondition", "Require used + more <= 64", [((60, 4), 0)]),
    ("window_end", "precondition", "Require start + size <= len(xs)", [(([5, 6, 7], 1, 2), 7)]),
    ("first", "guard", "Raise ValueError if len(xs) == 0", [(([],), "ValueError"), (([7],), 7)]),
    ("mean", "guard", "Raise ValueError if len(xs) == 0", [(([],), "ValueError"), (([1, 4],), 2)]),
    (
        "quotient",
        "guard",
        "Raise ValueError if not (b != 0 or safe)",
        [((7, 0, False), "ValueError"), ((7, 0, True), 0)],
    ),
    ("letters", "guard", "Raise ValueError if name is None", [((None,), "ValueError"), (("abc",), 3)]),
    ("between", "guard", "Raise ValueError if low > high", [((2, 1), "ValueError"), ((1, 2), 1)]),
    ("half_below", "guard", "Raise ValueError if k <= 0", [((0,), "ValueError"), ((5,), 2)]),
    ("counted", "invariant", "Change the invariant `2` to `1`", [((3,), 3)]),
    ("counted_down", "invariant", "Change the invariant `0 < i < n` to `0 < i <= n`", [((3,), 0)]),
    ("doubled", "clause", "Weaken the clause to result == 2 * x", [((-3,), -6)]),
    ("below_both", "clause", "Weaken the clause to result <= a", [((1, 2), 1)]),
]


WEAKER = ("stops_short", "never")


@cache
def remembered(name: str) -> Repairs:
    return found(name)


@pytest.mark.parametrize(("name", "way", "title", "runs"), MENDED, ids=[f"{n}-{w}" for n, w, _, _ in MENDED])
def test_a_broken_function_is_mended(
    name: str, way: str, title: str, runs: list[tuple[tuple[Any, ...], Any]]
) -> None:
    repairs = remembered(name).repairs
    chosen = next((r for r in repairs if r.way == way and r.title.partition(" in line ")[0] == title), None)
    assert chosen is not None, [(r.way, r.title) for r in repairs]
    text = mended(module_of("broken.py")[1], chosen)
    result = verdicts(text, name)
    if way in ("body", "invariant"):
        assert {c.verdict for c in result.clauses} == {"proved"}
    assert all(c.verdict == "proved" for c in result.clauses if f"{c.kind}:{c.text}" in chosen.fixes)
    for arguments, expected in runs:
        assert call(text, name, *arguments) == expected


def test_at_least_one_repair_of_each_function_is_expected() -> None:
    functions = {f.name for f in module_of("broken.py")[0].functions} - {"half", "rows"}
    assert functions == {name for name, _, _, _ in MENDED}


@pytest.mark.parametrize("name", [f.name for f in module_of("beyond_repair.py")[0].functions])
def test_nothing_is_offered_that_is_not_shown(name: str) -> None:
    ways = {r.way for r in found(name, "beyond_repair.py").repairs}
    assert ways <= ({"clause"} if name in WEAKER else set())


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({name for name, _, _, _ in MENDED}))
def test_every_repair_that_is_offered_holds(name: str) -> None:
    """Whatever is offered: the text parses, what it is said to fix is proved, and nothing got worse."""
    before = {f"{c.kind}:{c.text}": c.verdict for c in verdicts(module_of("broken.py")[1], name).clauses}
    for repair in remembered(name).repairs:
        after = verdicts(mended(module_of("broken.py")[1], repair), name)
        now = {f"{c.kind}:{c.text}": c.verdict for c in after.clauses}
        assert repair.fixes
        for key in repair.fixes:
            assert before[key] == "refuted"
            assert repair.way == "clause" or key.startswith(("call", "assert")) or now[key] == "proved"
        assert all(now.get(k) == "proved" for k, v in before.items() if v == "proved")
