"""Counterexamples that a person can follow: the smallest inputs, and the lines on the way."""

from __future__ import annotations

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift.verify.replay import Case, Program, run
from lift_ir import ClauseResult


def refuted(source: str, qualname: str = "f") -> ClauseResult:
    module = extract(Snapshot("file:///shrink.py", None, source)).module
    result = check_function(module, source, qualname, Options(seconds=20))
    return next(c for c in result.clauses if c.verdict == "refuted")


def function(parameters: str, clauses: str, body: str, returns: str = "int") -> str:
    return f'def f({parameters}) -> {returns}:\n    """F.\n\n{clauses}\n    """\n{body}\n'


def ensures(*texts: str) -> str:
    return "    Ensures:\n" + "".join(f"        - ``{t}``\n" for t in texts)


def requires(*texts: str) -> str:
    return "    Requires:\n" + "".join(f"        - ``{t}``\n" for t in texts) + "\n"


SMALLEST = {
    "an int": (function("x: int", ensures("result < 500"), "    return x"), "f(500)"),
    "a positive one": (
        function("x: int", ensures("result * result < 500"), "    return x"),
        "f(23)",
    ),
    "within Requires": (
        function("x: int", requires("x % 7 == 3", "x > 50") + ensures("result < 0"), "    return x"),
        "f(52)",
    ),
    "a list": (function("xs: list[int]", ensures("result < 2"), "    return len(xs)"), "f([0, 0])"),
    "its elements": (
        function("xs: list[int]", ensures("result < 20"), "    return sum(x for x in xs if x > 5)"),
        "f([20])",
    ),
    "a string": (
        function("s: str", ensures("result < 3"), "    return len(s)"),
        "f('aaa')",
    ),
    "a dictionary": (
        function("d: dict[str, int]", ensures("result == 0"), "    return len(d)"),
        "f({'': 0})",
    ),
    "several parameters": (
        function("a: int, b: int, c: bool", ensures("result < 10"), "    return a + b if c else 0"),
        "f(5, 5, True)",
    ),
    "an exception": (
        function("x: int", ensures("True"), "    return 1 // max(41 - x, 0)"),
        "f(41)",
    ),
    "an assertion": (function("x: int", ensures("True"), "    assert x < 77\n    return x"), "f(77)"),
}


@pytest.mark.parametrize(("source", "call"), SMALLEST.values(), ids=SMALLEST)
def test_the_smallest_input_is_shown(source, call):
    found = refuted(source).counterexample
    assert found is not None
    if call == "f(5, 5, True)":
        # Any two that make ten are as small.
        assert sum(int(found.arguments[n]) for n in "ab") == 10
    else:
        assert found.call == call


def test_a_value_of_a_literal_type_or_a_tuple_keeps_its_type():
    source = function(
        'k: Literal["one", "two"], p: tuple[int, int]',
        ensures("result < 100"),
        '    return p[0] + p[1] if k == "two" else 0',
    )
    found = refuted("from typing import Literal\n\n" + source).counterexample
    assert found is not None
    assert found.arguments["k"] == "'two'"
    assert len(eval(found.arguments["p"])) == 2
    assert sum(eval(found.arguments["p"])) == 100


def test_the_same_check_shows_the_same_input():
    source = function("a: int, b: int", ensures("result < 1000"), "    return a * b + a")
    assert len({refuted(source).message for _ in range(3)}) == 1


LOOP = """\
def f(xs: list[int]) -> int:
    total = 0
    for x in xs:
        if x > 0:
            total += x
    return total
"""


def steps(source: str, arguments: dict[str, str], name: str = "f"):
    parameters = tuple((n, "positional-or-keyword") for n in arguments)
    [found] = run(Program(source, "a.py", name, parameters), [Case(arguments)], seconds=10, steps=True)
    return [(s.line, s.variables, s.skipped) for s in found.trace], found


def test_each_line_says_what_it_changed():
    found, _ = steps(LOOP, {"xs": "[2, -1]"})
    assert found == [
        (2, {"total": "0"}, 0),
        (3, {"x": "2"}, 0),
        (4, {}, 0),
        (5, {"total": "2"}, 0),
        (3, {"x": "-1"}, 0),
        (4, {}, 0),
        (3, {}, 0),
        (6, {}, 0),
    ]


def test_a_change_inside_a_container_is_a_change():
    found, _ = steps("def f(xs: list[int]) -> None:\n    xs.append(1)\n    xs[0] = 5\n", {"xs": "[]"})
    assert found == [(2, {"xs": "[1]"}, 0), (3, {"xs": "[5]"}, 0)]


def test_of_a_long_run_the_first_and_the_last_lines_are_kept():
    found, _ = steps("def f(n: int) -> int:\n    while n > 0:\n        n -= 1\n    return n\n", {"n": "1000"})
    assert len(found) < 100
    assert found[0][1] == {}
    assert found[1] == (3, {"n": "999"}, 0)
    assert found[-3:] == [(3, {"n": "0"}, 0), (2, {}, 0), (4, {}, 0)]
    assert sum(skipped for _, _, skipped in found) + len(found) == 2002


def test_a_recursive_function_is_followed_in_its_first_call_only():
    source = "def f(n: int) -> int:\n    if n == 0:\n        return 0\n    m = f(n - 1)\n    return m\n"
    found, _ = steps(source, {"n": "3"})
    assert [line for line, _, _ in found] == [2, 4, 5]


def test_a_large_value_is_cut_short():
    found, _ = steps("def f(n: int) -> int:\n    s = 'a' * n\n    return len(s)\n", {"n": "100000"})
    assert len(found[0][1]["s"]) <= 81


def test_what_comes_out_is_what_comes_out_without_following_it():
    _, found = steps("def f(x: int) -> int:\n    y = x\n    return 1 // y\n", {"x": "0"})
    assert found.outcome is not None
    assert (found.outcome.kind, found.outcome.line) == ("raised", 3)
    assert [s.line for s in found.trace] == [2, 3]
