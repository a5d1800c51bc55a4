"""Bounds made from linear constraints, against brute force: nothing is lost, and nothing else is drawn."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st
from lift.resolve.testgen.linear import Linear, constraints, read
from lift.resolve.testgen.requires import Impossible, Plan, plan
from lift.verify.input_types import Kind, Types
from lift_ir import Module

NAMES = ("a", "b", "c")
BOX = range(-4, 5)
TYPES = Types(Module(path="x.py", digest=""), Kind("int"))


def planned(requires: list[str]) -> Plan:
    predicates = [ast.parse(text, mode="eval").body for text in requires]
    return plan(dict.fromkeys(NAMES, Kind("int")), predicates, TYPES, str)


class _Ranges:
    """What of Hypothesis a plan of integers speaks, as the test whether a value can be drawn."""

    @staticmethod
    def integers(low: int | None = None, high: int | None = None, **named: int) -> Callable[[int], bool]:
        low, high = named.get("min_value", low), named.get("max_value", high)
        return lambda v: (low is None or low <= v) and (high is None or v <= high)

    @staticmethod
    def just(only: int) -> Callable[[int], bool]:
        return lambda v: v == only


def drawn(found: Plan) -> Iterator[tuple[int, ...]]:
    """What a plan draws within the box, without what it assumes."""
    for values in itertools.product(BOX, repeat=len(NAMES)):
        named = dict(zip(NAMES, values, strict=True))
        scope: dict[str, Any] = {"st": _Ranges, "max": max, "min": min}
        for draw in found.draws:
            if not eval(draw.strategy, scope)(named[draw.name]):
                break
            scope[draw.name] = named[draw.name]
        else:
            yield values


def allowed(requires: list[str]) -> set[tuple[int, ...]]:
    whole = " and ".join(f"({text})" for text in requires)
    return {v for v in itertools.product(BOX, repeat=3) if eval(whole, dict(zip(NAMES, v, strict=True)))}


sides = st.sampled_from(["a", "b", "c", "a + b", "b - c", "2 * a", "c + 1", "0", "3", "-2", "a - 2 * b + 1"])
comparisons = st.builds("{} {} {}".format, sides, st.sampled_from(["<", "<=", ">", ">=", "=="]), sides)


@given(st.lists(comparisons, min_size=1, max_size=4))
def test_what_is_drawn_and_meets_what_is_assumed_is_what_requires_allows(requires: list[str]) -> None:
    try:
        found = planned(requires)
    except Impossible:
        assert not allowed(requires)
        return
    assumed = found.assumed
    kept = {v for v in drawn(found) if all(eval(text, dict(zip(NAMES, v, strict=True))) for text in assumed)}
    assert kept == allowed(requires)


unit_sides = st.sampled_from(["a", "b", "c", "a + 1", "b - 3", "0", "2"])
unit_comparisons = st.builds(
    "{} {} {}".format, unit_sides, st.sampled_from(["<", "<=", ">", ">="]), unit_sides
)


@given(st.lists(unit_comparisons, min_size=1, max_size=5))
def test_between_differences_nothing_is_left_to_assume(requires: list[str]) -> None:
    assume(all(set("abc") & set(text) for text in requires))
    try:
        found = planned(requires)
    except Impossible:
        return
    assert [text for text in found.assumed if text not in requires] == []
    # What is drawn first always leaves something for the others.
    assert all(text.count("a") + text.count("b") + text.count("c") != 1 for text in found.assumed)


def test_forms_are_read_and_written() -> None:
    form = read(ast.parse("2 * (a - b) + 3 - a", mode="eval").body, lambda n: isinstance(n, ast.Name))
    assert form == Linear((("a", 1), ("b", -2)), 3)
    assert str(form) == "a - 2 * b + 3"
    assert read(ast.parse("a * b", mode="eval").body, lambda n: isinstance(n, ast.Name)) is None
    assert constraints(Linear((("a", 2),)), ast.Gt(), Linear((), 3)) == [Linear((("a", 1),), -2)]
