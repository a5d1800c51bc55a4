"""Specifications written into code: the text before and after, and that what is written does enforce them."""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from typing import Any

import pytest
from lift.edit import Failure, apply
from lift.edit.enforce import Style, enforce
from lift.extract import extract
from lift.source.text import Snapshot

PUSH = '''\
def push(xs: list[int], n: int) -> int:
    """Append.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``xs == old(xs) + [n]``
        - ``implies(n > 3, result > len(old(xs)))``
        - ``?more``
        - In words
    """
    xs.append(n)
    if n > 3:
        return len(xs)  # many
    return 0
'''
DECORATED = (
    """\
import icontract
import copy


@icontract.snapshot(lambda xs: copy.deepcopy(xs), name="old_0")
@icontract.require(lambda n: n >= 0)
@icontract.ensure(lambda xs, n, OLD: xs == OLD.old_0 + [n])
@icontract.ensure(lambda n, result, OLD: not n > 3 or result > len(OLD.old_0))
"""
    + PUSH
)
ASSERTED = (
    "import copy\n\n\n"
    + PUSH.partition("    xs.append")[0]
    + """\
    assert n >= 0
    old_0 = copy.deepcopy(xs)
    xs.append(n)
    if n > 3:
        result = len(xs)
        assert xs == old_0 + [n]
        assert not n > 3 or result > len(old_0)
        return result  # many
    result = 0
    assert xs == old_0 + [n]
    assert not n > 3 or result > len(old_0)
    return result
"""
)


def enforced(text: str, style: Style, name: str | None = None) -> str | Failure:
    module = extract(Snapshot("m.py", None, text)).module
    function = next(f for f in module.all_functions() if name in (None, f.qualname))
    edits = enforce(text, function, style)
    return edits if isinstance(edits, Failure) else apply(text, edits)


@pytest.mark.parametrize(("style", "after"), [("icontract", DECORATED), ("assert", ASSERTED)])
def test_before_and_after(style: Style, after: str) -> None:
    assert enforced(PUSH, style) == after


@pytest.mark.parametrize("style", ["icontract", "assert"])
def test_a_second_time_there_is_nothing_to_write(style: Style) -> None:
    once = enforced(PUSH, style)
    assert isinstance(once, str)
    twice = enforced(once, style)
    assert isinstance(twice, Failure)
    assert "already" in twice.reason


@pytest.mark.parametrize("style", ["icontract", "assert"])
def test_line_ends_and_indentation_stay(style: Style) -> None:
    body = "".join(f"\t{line}\n" if line else "\n" for line in PUSH.replace("    ", "\t").splitlines())
    text = (
        ("class Stack:\n" + body)
        .replace("\n", "\r\n")
        .replace("(xs: list[int], n", "(self, xs: list[int], n")
    )
    after = enforced(text, style)
    assert isinstance(after, str)
    assert after.count("\n") == after.count("\r\n")
    compile(after, "m.py", "exec")


def called(text: str, *arguments: Any) -> str:
    """What a call does: the value, or the kind of the exception."""
    names: dict[str, Any] = {}
    # icontract reads the source of its conditions.
    linecache.cache["m.py"] = (len(text), None, text.splitlines(True), "m.py")
    exec(compile(text, "m.py", "exec", dont_inherit=True), names)
    function: Callable[..., Any] = next(v for k, v in names.items() if k == "push")
    try:
        return repr(function(*arguments))
    except AssertionError:
        return "AssertionError"


@pytest.mark.parametrize("style", ["icontract", "assert"])
@pytest.mark.parametrize(
    "source",
    [PUSH, PUSH.replace("xs.append(n)", "xs.insert(0, n)"), PUSH.replace("return len(xs)", "return 0")],
)
def test_what_is_written_notices_what_the_clauses_forbid(style: Style, source: str) -> None:
    after = enforced(source, style)
    assert isinstance(after, str)
    for xs, n in itertools.product(([], [7], [1, 2]), (-1, 0, 5)):
        before, now = list(xs), list(xs)
        value = int(called(source, now, n))
        kept = now == [*before, n] and (n <= 3 or value > len(before))
        assert called(after, list(xs), n) == (repr(value) if n >= 0 and kept else "AssertionError")


NONE = '''\
def show(n: int) -> None:
    """Print.

    Ensures:
        - ``n == old(n)``
        - ``result is None``
    """
    if n > 3:
        return
    print(n)
'''


def test_a_function_that_returns_nothing_is_asserted_at_its_end() -> None:
    after = enforced(NONE, "assert")
    assert isinstance(after, str)
    assert after.endswith(
        "    print(n)\n    result = None\n    assert n == old_0\n    assert result is None\n"
    )
    assert (
        "        result = None\n        assert n == old_0\n        assert result is None\n        return\n"
        in after
    )


POSITIVE = '    """F.\n\n    Ensures:\n        - ``result > 0``"""\n'
LARGER = '    """F.\n\n    Ensures:\n        - ``__return__ > result``"""\n'


@pytest.mark.parametrize(
    ("source", "style", "why"),
    [
        ("def f(x):\n    return x\n", "assert", "nothing that can be evaluated"),
        (
            'def f(x):\n    """F.\n\n    Ensures:\n        - ``?x``\n    """\n    return x\n',
            "icontract",
            "nothing",
        ),
        (f"def f(x):\n{POSITIVE}    yield x\n", "assert", "generator"),
        (f"def f(x):\n{POSITIVE}    if x: return x\n    return 1\n", "assert", "line 6 shares its line"),
        (f"def push(result):\n{LARGER}    return 1\n", "icontract", "as a parameter is called"),
    ],
)
def test_why_nothing_is_written(source: str, style: Style, why: str) -> None:
    found = enforced(source, style)
    assert isinstance(found, Failure)
    assert why in found.reason


def test_a_parameter_called_result_is_told_from_the_result() -> None:
    after = enforced(f"def push(result):\n{LARGER}    return result\n", "assert")
    assert isinstance(after, str)
    assert "    returned = result\n    assert returned > result\n    return returned\n" in after
    assert called(after, 1) == "AssertionError"
