"""Which integers an open term may be, against every input of small domains in CPython."""

from __future__ import annotations

import lift.verify.entry  # noqa: F401  The verifier's modules know each other; this one comes first.
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.digests import program_of
from lift.verify.entry import Target
from lift.verify.term_bounds import Bounds, bounds_of

BODIES = (
    "x",
    "-x",
    "2 * x + 3",
    "x % 5",
    "x // 3",
    "abs(x) - 4",
    "max(x, 2)",
    "min(x, -1) if x < 3 else 7 - x",
)


def bounds(body: str, assumed: str, stated: str, **more: list[str]) -> Bounds | None:
    text = (
        f'def f(x: int) -> int:\n    """F.\n\n    Requires:\n        - ``{assumed}``\n\n'
        f'    Ensures:\n        - ``{stated}``\n    """\n    {body}\n'
    )
    module = extract(Snapshot("a.py", None, text)).module
    program = program_of(module, text)
    assert program is not None
    target = Target(program, module.functions[0], program.definition("f"), None)
    return bounds_of(target, "t", seconds=60, **more)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(BODIES),
    st.sampled_from(["result <= t", "result != t", "t < result + x", "result == t"]),
    st.integers(-8, 0),
    st.integers(0, 8),
    st.lists(st.integers(-20, 20), min_size=1, max_size=6),
)
def test_what_is_kept_is_kept_on_every_input(
    body: str, clause: str, low: int, high: int, values: list[int]
) -> None:
    made = bounds(f"return {body}", f"{low} <= x <= {high}", "True", ensures=[clause])
    assert made is not None
    results = [(x, eval(body, {"x": x})) for x in range(low, high + 1)]
    for value in values:
        kept = all(eval(clause, {"x": x, "result": r, "t": value}) for x, r in results)
        assert made.kept(value) == ("yes" if kept else "no")


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(BODIES), st.integers(-20, 20), st.integers(-60, 60))
def test_what_is_required_keeps_the_other_clauses(body: str, most: int, value: int) -> None:
    made = bounds(f"return {body}", "x >= -30", f"result <= {most}", requires=["x <= t"])
    assert made is not None
    kept = all(eval(body, {"x": x}) <= most for x in range(-30, value + 1))
    assert made.kept(value) == ("yes" if kept else "no")


@settings(max_examples=20, deadline=None)
@given(st.integers(-(10**9), 10**9), st.sampled_from(["x + {}", "3 * x - {}", "x - 2 * {}", "max(x, {})"]))
def test_a_value_in_the_code_is_solved_for(value: int, body: str) -> None:
    made = bounds(f"return {body.format('t')}", "True", f"result == {body.format(f'({value})')}")
    assert made is not None
    assert made.solution() == value


def test_what_cannot_be_kept_has_no_solution() -> None:
    made = bounds("return x + t", "True", "result == 2 * x")
    assert made is not None
    assert made.solution() is None
    assert made.kept(0) == "no"


@pytest.mark.parametrize("body", ["return nobody(x)", "import os\n    return nobody(os, x)"])
def test_a_body_that_is_not_modelled_says_nothing(body: str) -> None:
    assert bounds(body, "True", "True", ensures=["result <= t"]) is None
