"""Found invariants as assertions: each text is proved anew here, and so is that it needs all of them."""

from __future__ import annotations

import json

import pytest
from lift.edit import Edit, apply
from lift.extract import extract
from lift.resolve.asserting import Asserted, task
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import FunctionResult

# Wall-clock time: enough for a machine that is busy with other tests.
OPTIONS = Options(seconds=60.0)

GCD = '''def gcd(a: int, b: int) -> int:
    """A common divisor.

    Requires:
        - ``a >= 0``
        - ``b >= 0``
        - ``a + b > 0``

    Ensures:
        - ``result > 0``
    """
    while b != 0:
        a, b = b, a % b
    return a
'''
DIGITS = '''def digits(n: int) -> int:
    """How many digits.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result >= 1``
    """
    c = 0
    if n == 0: c = 1
    while n > 0: c += 1; n //= 10
    return c
'''
UNTOLD = '''def known(xs: list[int], x: int) -> bool:
    """Whether it is there.

    Ensures:
        - ``result == any(y == x for y in xs)``
    """
    for y in xs:
        if y == x:
            return True
    return False
'''


def checked(text: str) -> FunctionResult:
    module = extract(Snapshot("loops.py", None, text)).module
    return check_function(module, text, module.all_functions()[0].qualname, OPTIONS)


def asserted(text: str, line: int) -> Asserted:
    module = extract(Snapshot("loops.py", None, text)).module
    name = module.all_functions()[0].qualname
    return task(module, text, name, OPTIONS, json.dumps({"line": line}))


def line_of(text: str, start: str) -> int:
    return next(n for n, row in enumerate(text.split("\n"), 1) if row.strip().startswith(start))


@pytest.mark.parametrize(
    ("text", "key"), [(GCD, "a + b > 0"), (DIGITS, "n > 0 or c >= 1")], ids=["gcd", "digits"]
)
def test_writes_the_few_that_the_proof_needs(text: str, key: str) -> None:
    found = asserted(text, line_of(text, "while"))
    expected = set(found.invariants)
    assert key in expected
    assert len(expected) == 2
    after = apply(text, [Edit(e.span, e.text) for e in found.edits])
    result = checked(after)
    assert result.verdict == "proved"
    assert {c.text for c in result.clauses if c.kind == "assert"} == expected
    assert not {i.text for loop in result.loops for i in loop.invariants} & expected


def test_says_why_where_python_has_no_words_for_it() -> None:
    found = asserted(UNTOLD, line_of(UNTOLD, "for"))
    assert not found.edits
    assert found.reason


def test_an_invariant_is_told_only_where_every_visit_keeps_it() -> None:
    text = '''def f(n: int, up: bool) -> int:
    """Count.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result == n``
    """
    total = 0
    for sign in (1, 2):
        c = 0 if sign == 1 else 5
        while c < n:
            c += 1
        total = n
    return total
'''
    result = checked(text)
    assert result.verdict == "proved"
    inner = [loop for loop in result.loops if loop.line == line_of(text, "while")]
    texts = {i.text for loop in inner for i in loop.invariants}
    assert "c >= 5" not in texts
    assert "c <= n" not in texts
