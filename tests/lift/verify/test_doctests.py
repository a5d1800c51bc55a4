"""Doctests are run as doctest runs them, and functions without types are tried and never refuted."""

from __future__ import annotations

import doctest
import textwrap

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import FunctionResult

MODULE = '''
import collections

LIMIT = 3
state = []
state.append(1)


class Point:
    def __init__(self, x):
        self.x = x

    def __repr__(self):
        return f"Point({{self.x}})"


def other(n):
    print("other", n, sep="-")
    return n + LIMIT


def generated(n):
    yield from range(n)


def f(x):
    r"""Doubles.

{examples}
    """
    if x == 7:
        raise LookupError("unlucky", x)
    return x + x
'''

HOLD = {
    "shown": ">>> f(2)\n4",
    "printed": ">>> print(f(2), f(3))\n4 6",
    "printed by a callee": ">>> other(1)\nother-1\n4",
    "nothing": ">>> x = f(1)\n>>> x\n2",
    "None": ">>> state.append(2)\n>>> len(state)\n2",
    "a loop": ">>> for i in range(2):\n...     i\n0\n1",
    "a multi-line string": ">>> f('''a\n... b''')\n'a\\nba\\nb'",
    "an import": ">>> import math\n>>> math.gcd(4, 6)\n2",
    "an import of a name": ">>> from math import gcd\n>>> gcd(4, 6)\n2",
    "a generator": ">>> list(generated(3))\n[0, 1, 2]",
    "an instance": ">>> Point(f(2))\nPoint(4)",
    "a module": ">>> collections.Counter('aa')\nCounter({'a': 2})",
    "an exception": ">>> f(7)\nTraceback (most recent call last):\nLookupError: ('unlucky', 7)",
    "a traceback's lines": (
        ">>> f(7)\nTraceback (most recent call last):\n  File 'x', line 1\nLookupError: ('unlucky', 7)"
    ),
    "an ellipsis": ">>> list(range(20))  # doctest: +ELLIPSIS\n[0, 1, ..., 19]",
    "white space": ">>> [f(1), f(2)]  # doctest: +NORMALIZE_WHITESPACE\n[2,\n4]",
    "a blank line": ">>> print('a\\n\\nb')\na\n<BLANKLINE>\nb",
    "an exception's detail": (
        ">>> f(7)  # doctest: +IGNORE_EXCEPTION_DETAIL\nTraceback (most recent call last):\nLookupError: x"
    ),
    "a hash in a string": ">>> f('# doctest: +SKIP')\n'# doctest: +SKIP# doctest: +SKIP'",
}
FAIL = {
    "another value": ">>> f(2)\n5",
    "nothing printed": ">>> print(f(2))",
    "no exception": ">>> f(2)\nTraceback (most recent call last):\nLookupError: ('unlucky', 7)",
    "another exception": ">>> f(7)\nTraceback (most recent call last):\nKeyError: ('unlucky', 7)",
    "another message": ">>> f(7)\nTraceback (most recent call last):\nLookupError: 7",
    "an exception": ">>> f(7)\n26",
    "another spacing": ">>> [f(1), f(2)]\n[2,\n4]",
    "no ellipsis": ">>> [1, 2, 3]\n[1, ...]",
    "an ellipsis too many": ">>> [1, 2]  # doctest: +ELLIPSIS\n[1, ..., 3]",
}


def source(examples: str) -> str:
    return MODULE.format(examples=textwrap.indent(examples, "    "))


def check(text: str, qualname: str = "f") -> FunctionResult:
    found = extract(Snapshot("text.py", None, text))
    return check_function(found.module, text, qualname, Options(seconds=20))


def passes(text: str) -> bool:
    """What doctest itself says."""
    names: dict[str, object] = {"__name__": "text"}
    exec(compile(text, "text.py", "exec"), names)
    tests = doctest.DocTestFinder().find(names["f"], "f", globs=names, module=False)  # type: ignore[arg-type]
    runner = doctest.DocTestRunner(verbose=False)
    for test in tests:
        runner.run(test, out=lambda _: None)
    return runner.failures == 0


@pytest.mark.parametrize("examples", HOLD.values(), ids=list(HOLD))
def test_a_doctest_that_holds_has_been_run(examples: str) -> None:
    assert passes(source(examples))
    result = check(source(examples))
    assert result.verdict == "tested", [(c.text, c.verdict, c.reason, c.message) for c in result.clauses]


@pytest.mark.parametrize("examples", FAIL.values(), ids=list(FAIL))
def test_a_doctest_that_fails_is_refuted(examples: str) -> None:
    assert not passes(source(examples))
    assert check(source(examples)).verdict == "refuted"


@pytest.mark.parametrize(
    ("examples", "reason"),
    [
        (">>> f(2)  # doctest: +SKIP\n5", "skipped"),
        (">>> f(2)  # doctest: +REPORT_NDIFF\n4", "REPORT_NDIFF"),
        (">>> from math import *\n>>> gcd(2, 4)\n2", "import *"),
    ],
)
def test_a_doctest_that_cannot_run_on_its_own_says_why(examples: str, reason: str) -> None:
    clauses = check(source(examples)).clauses
    assert any(c.verdict == "unchecked" and reason in (c.reason or "") for c in clauses)


@pytest.mark.parametrize(("want", "verdict"), [("4", "tested"), ("5", "refuted")])
def test_a_doctest_may_name_the_module_that_it_stands_in(want: str, verdict: str) -> None:
    assert check(source(f">>> text.f(2)\n{want}")).verdict == verdict


def test_a_doctest_of_a_generator_runs_although_its_body_is_not_modelled() -> None:
    result = check(
        'def f(n: int):\n    """F.\n\n    >>> list(f(2))\n    [0, 1]\n    """\n    yield from range(n)\n'
    )
    assert {c.kind: c.verdict for c in result.clauses} == {"example": "proved", "no-raise": "unknown"}


UNTYPED = '''
def f(x, low=0):
    """F.

    Ensures:
        - ``{clause}``

    >>> f(3)
    3
    """
    if low < 0:
        raise ValueError("low")
    return x
'''


def test_what_holds_on_every_run_of_an_untyped_function_is_tested() -> None:
    result = check(UNTYPED.format(clause="result == x"))
    assert result.verdict == "tested"
    ensures = next(c for c in result.clauses if c.kind == "ensures")
    assert ensures.tests > 20
    assert ensures.reason == "the parameters x and low have no type"
    assert not any(c.kind == "no-raise" for c in result.clauses)


def test_a_run_that_breaks_a_clause_of_an_untyped_function_refutes_nothing() -> None:
    result = check(UNTYPED.format(clause="result > 3"))
    ensures = next(c for c in result.clauses if c.kind == "ensures")
    assert ensures.verdict == "unknown"
    assert "if that is an input" in (ensures.reason or "")


def test_code_that_only_reads_the_interpreter_runs() -> None:
    text = (
        "import sys, random, datetime\nfrom sys import maxsize\n\n"
        'def f(n: int) -> int:\n    """F.\n\n    >>> f(1) == sys.maxsize\n    True\n    """\n'
        "    return maxsize\n"
    )
    assert next(c for c in check(text).clauses if c.kind == "example").verdict == "proved"
    written = text.replace("return maxsize", 'return sys.stdout.write("x")')
    clause = next(c for c in check(written).clauses if c.kind == "example")
    assert clause.verdict == "unknown"
    assert "sys.stdout" in (clause.reason or "")
