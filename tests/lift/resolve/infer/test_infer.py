"""Inferred specifications: what has to be found, what must not be said, and that all of it is true."""

from __future__ import annotations

import functools

import pytest
from lift.edit import Edit, apply
from lift.extract import extract
from lift.resolve.infer.search import Inference, infer
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options

CLAMP = """\
def clamp(x: int, lo: int, hi: int) -> int:
    if x < lo:
        return lo
    if x > hi:
        return hi
    return x
"""
LARGEST = """\
def largest(xs: list[int]) -> int:
    best = xs[0]
    for x in xs:
        if x > best:
            best = x
    return best
"""
FIRST = '''\
def first(xs: list[int]) -> int | None:
    """The first one, if there is one.

    Args:
        xs: Where to look.
    """
    if not xs:
        return None
    return xs[0]
'''
MEAN = """\
def mean(xs: list[int]) -> int:
    return sum(xs) // len(xs)
"""
EVENS = """\
def evens(xs: list[int]) -> list[int]:
    return [x for x in xs if x % 2 == 0]
"""
FACTORIAL = """\
def factorial(n: int) -> int:
    if n <= 1:
        return 1
    return n * factorial(n - 1)
"""
COUNTER = """\
class Counter:
    n: int

    def bump(self, by: int) -> None:
        self.n += by
"""
ADD = """\
def add(a: int, b: int) -> int:
    return a + b
"""
UNTYPED = """\
def leap(year=2000):
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
"""
PARTIAL = '''\
def larger(a: int, b: int) -> int:
    """The larger one.

    Requires:
        - ``a >= 0``

    Ensures:
        - ``result >= a``
    """
    return a if a > b else b
'''
ROOT = """\
def root(n: int) -> int:
    'The root.'
    if n < 0:
        raise ValueError(n)
    return n if n < 2 else n - 1
"""
PICK = """\
def pick(xs: list[int], i: int) -> int:
    size = len(xs)
    if size == 0:
        raise LookupError("nothing to pick from")
    return xs[i % size]
"""
LOW_BITS = """\
def low_bits(x: int) -> int:
    return x % 4096
"""
ALL = {
    "root": ROOT,
    "pick": PICK,
    "clamp": CLAMP,
    "largest": LARGEST,
    "first": FIRST,
    "mean": MEAN,
    "evens": EVENS,
    "factorial": FACTORIAL,
    "Counter.bump": COUNTER,
    "leap": UNTYPED,
    "larger": PARTIAL,
}


@functools.cache
def inferred(text: str, qualname: str) -> Inference:
    module = extract(Snapshot("m.py", None, text)).module
    return infer(module, text, qualname, Options())


def said(text: str, qualname: str) -> set[str]:
    return {c.text for c in inferred(text, qualname).clauses}


def written(text: str, found: Inference) -> str:
    return apply(text, [Edit(e.span, e.text) for e in found.edits])


@pytest.mark.parametrize(
    ("text", "name", "clauses"),
    [
        (CLAMP, "clamp", {"result in (x, lo, hi)"}),
        (LARGEST, "largest", {"len(xs) > 0", "all(v <= result for v in xs)", "result in xs"}),
        (FIRST, "first", {"result is None or result in xs", "(result is None) == (len(xs) == 0)"}),
        (MEAN, "mean", {"len(xs) > 0"}),
        (EVENS, "evens", {"all(x % 2 == 0 for x in result)"}),
        (COUNTER, "Counter.bump", {"self.n == old(self.n) + by"}),
        (UNTYPED, "leap", {"implies(result, year % 4 == 0)"}),
        (ROOT, "root", {"ValueError if n < 0"}),
        (PICK, "pick", {"LookupError if len(xs) == 0", "result in xs"}),
    ],
)
def test_what_has_to_be_found(text, name, clauses):
    assert clauses <= said(text, name)


@pytest.mark.parametrize(
    ("text", "name", "clauses"),
    [
        # It would only say the body again.
        (ADD, "add", {"result == a + b", "result == b + a"}),
        # The types say so already.
        (EVENS, "evens", {"len(result) >= 0", "result is not None"}),
        # True of most inputs only: lo may be larger than hi.
        (CLAMP, "clamp", {"result >= lo", "lo <= result <= hi", "result <= hi"}),
        (FACTORIAL, "factorial", {"result == n", "result > n"}),
        # It raises on purpose, so that its caller may try.
        (PICK, "pick", {"len(xs) > 0"}),
        # One value of many.
        (LOW_BITS, "low_bits", {"result != x - 1", "result != x + 1", "result != -x"}),
    ],
)
def test_what_must_not_be_said(text, name, clauses):
    assert not clauses & said(text, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(ALL))
def test_every_clause_is_proved_on_the_text_that_is_written_and_a_second_look_adds_nothing(name):
    text = ALL[name]
    found = inferred(text, name)
    assert 0 < len(found.clauses) <= 7
    after = written(text, found)
    extraction = extract(Snapshot("m.py", None, after))
    assert not extraction.problems
    result = check_function(extraction.module, after, name, Options())
    verdicts = {c.text: (c.verdict, c.code) for c in result.clauses}
    # The text of what is raised begins with the exception.
    expressions = [c.text.rpartition(" if ")[2] if c.kind == "raises" else c.text for c in found.clauses]
    assert {e: verdicts[e] for e in expressions} == dict.fromkeys(expressions, ("proved", None))
    assert inferred(after, name).clauses == ()


def test_the_rest_of_the_file_stays_as_it_is():
    before, after = "x  =  1   # odd\r\n\r\n", "\r\ny = {  }\r\n"
    text = before + CLAMP.replace("\n", "\r\n") + after
    new = written(text, inferred(text, "clamp"))
    assert new.startswith(before + "def clamp(x: int, lo: int, hi: int) -> int:\r\n")
    assert new.endswith("        return hi\r\n    return x\r\n" + after)
    assert "\n" not in new.replace("\r\n", "")


def test_sections_stand_before_the_arguments():
    new = written(FIRST, inferred(FIRST, "first"))
    assert new.index("Ensures:") < new.index("Args:")


def test_what_is_raised_stands_in_a_section_of_its_own_below_single_quotes_made_three():
    new = written(ROOT, inferred(ROOT, "root"))
    assert new.startswith('def root(n: int) -> int:\n    """The root.\n')
    assert "    Raises:\n        ValueError: If ``n < 0``.\n" in new


def test_what_a_docstring_says_of_an_exception_is_not_said_again():
    text = written(ROOT, inferred(ROOT, "root"))
    assert [c for c in inferred(text, "root").clauses if c.kind == "raises"] == []


def test_a_guessed_type_is_named_and_written():
    found = inferred(UNTYPED, "leap")
    assert "year is int" in found.assumptions
    assert "def leap(year: int = 2000):" in written(UNTYPED, found)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def f(x):\n    return x\n", "has no type"),
        ("async def f(x: int) -> int:\n    return x\n", "async"),
        ("def f(x: int) -> int:\n    return hash(x)\n", "hash"),
    ],
)
def test_what_is_not_modelled_is_named(text, reason):
    found = inferred(text, "f")
    assert found.clauses == ()
    assert reason in (found.reason or "")


def test_nothing_is_offered_where_code_may_not_run():
    module = extract(Snapshot("m.py", None, CLAMP)).module
    assert infer(module, CLAMP, "clamp", Options(run_code=False)).clauses == ()
