"""What clauses say of each other, against every value of small domains in CPython."""

from __future__ import annotations

import itertools
from functools import cache

import lift.verify.entry  # noqa: F401  The verifier's modules know each other; this one comes first.
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.clause_space import Space, space_of
from lift.verify.digests import program_of
from lift.verify.entry import Target
from lift_ir import Function

HEAD = "def f(x: int, xs: list[int], b: bool) -> int:\n"
DOMAIN = range(-7, 8)
LISTS = [list(v) for n in range(3) for v in itertools.product((-1, 0, 2), repeat=n)]


def target(requires: str = "", head: str = HEAD) -> Target:
    section = f"\n    Requires:\n        - ``{requires}``\n" if requires else ""
    text = f'{head}    """F.\n{section}\n    Ensures:\n        - ``result == ?r``\n    """\n    ...\n'
    module = extract(Snapshot("a.py", None, text)).module
    (ir,) = module.all_functions()
    assert isinstance(ir, Function)
    program = program_of(module, text)
    assert program is not None
    node = program.definition("f")
    return Target(program, ir, node, None)


@cache
def space(requires: str = "", *, shapes: int = 0) -> Space:
    found = space_of(target(requires), after=True, unknowns=["__hole_r"], shapes=shapes, seconds=600)
    assert found is not None
    return found


NUMBERS = st.sampled_from(
    ["x", "result", "len(xs)", "0", "1", "-2", "3", "x + 1", "result - x", "abs(x)", "min(x, 2)"]
)
CLAUSES = st.one_of(
    st.builds("{} {} {}".format, NUMBERS, st.sampled_from(["<=", "<", "==", "!="]), NUMBERS),
    st.builds("implies(b, {} <= {})".format, NUMBERS, NUMBERS),
    st.builds("all(v <= {} for v in xs)".format, NUMBERS),
    st.builds("result in xs and {} < {}".format, NUMBERS, NUMBERS),
)


def truths(clause: str, requires: str = "True") -> list[bool]:
    scope = {"implies": lambda p, q: not p or q}
    code, assumed = compile(clause, "<clause>", "eval"), compile(requires, "<clause>", "eval")
    places = itertools.product(range(-4, 5), range(-4, 5), LISTS, (True, False))
    states = ({**scope, "x": x, "result": r, "xs": xs, "b": b} for x, r, xs, b in places)
    return [bool(eval(code, state)) for state in states if eval(assumed, state)]


@settings(max_examples=40, deadline=None)
@given(CLAUSES, CLAUSES, st.sampled_from(["True", "x >= 0", "len(xs) > 0"]))
def test_what_follows_holds_of_every_value(given_: str, follows: str, requires: str) -> None:
    answer = space(requires).implies((), given_, follows)
    pairs = list(zip(truths(given_, requires), truths(follows, requires), strict=True))
    counterexample = any(a and not b for a, b in pairs)
    if answer == "yes":
        assert not counterexample
    if counterexample:
        assert answer == "no"


@settings(max_examples=30, deadline=None)
@given(CLAUSES, CLAUSES)
def test_what_can_be_met_is_met_by_the_example(one: str, other: str) -> None:
    both = [a and b for a, b in zip(truths(one), truths(other), strict=True)]
    small = space(shapes=3)
    if any(both):
        assert space().possible([one, other]) == "yes"
    if space().possible([one, other]) == "no":
        assert not any(both)
    found = small.example([one], [other])
    if found is not None:
        scope = {"implies": lambda p, q: not p or q, **{k: eval(v) for k, v in found.items()}}
        assert eval(one, scope)
        assert not eval(other, scope)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(["x", "0", "x + 2"]),
    st.sampled_from(["x", "5", "x - 1", "abs(x)", "2 * x"]),
    st.sampled_from(["-3 <= x <= 3", "0 <= x <= 5", "x == 2"]),
)
def test_every_argument_has_a_result_or_not(low: str, high: str, requires: str) -> None:
    arguments = [x for x in DOMAIN if eval(requires, {"x": x})]
    sides = [(eval(low, {"x": x}), eval(high, {"x": x})) for x in arguments]
    left = [side for side in sides if side[0] > side[1]]
    assert space(requires).answerable([f"{low} <= result", f"result <= {high}"]) == ("no" if left else "yes")


def test_an_open_term_is_what_the_clauses_let_it_be() -> None:
    assert space().value(["__hole_r > 40", "result == __hole_r", "result < 42"], "__hole_r") == 41
    assert space().value(["__hole_r > 40", "__hole_r < 41"], "__hole_r") is None


def test_a_clause_outside_the_subset_decides_nothing() -> None:
    odd = "nobody_knows(result)"
    assert space().implies((), odd, "x > 0") == "unknown"
    assert space().possible([odd]) == "unknown"
    assert space().answerable([odd]) == "unknown"
    assert space(shapes=2).example([odd]) is None


@pytest.mark.parametrize(
    "head", ["def f(x, xs: list[int]) -> int:\n", "def f(x: int):\n", "def f(x: int, *xs: int) -> int:\n"]
)
def test_without_types_there_is_nothing_to_compare(head: str) -> None:
    assert space_of(target(head=head), after=True) is None
