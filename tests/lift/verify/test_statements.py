"""Whole checks of functions over every form of statement and of recursion, of which the truth is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import FunctionResult

DATA = Path(__file__).parent / "data"


def names(file: str) -> list[tuple[str, str]]:
    module = extract(Snapshot(file, None, (DATA / file).read_text())).module
    return [(file, f.qualname) for f in module.all_functions() if f.specified]


def check(file: str, qualname: str, *, run: bool = True) -> FunctionResult:
    text = (DATA / file).read_text()
    module = extract(Snapshot(file, None, text)).module
    return check_function(module, text, qualname, Options(run_code=run, seconds=20))


HOLD = [
    *names("statements_hold.py"),
    *names("measures_hold.py"),
    *names("classes_hold.py"),
    *names("instances_hold.py"),
]
BROKEN = [
    *names("statements_broken.py"),
    *names("measures_broken.py"),
    *names("classes_broken.py"),
    *names("instances_broken.py"),
]


@pytest.mark.parametrize(("file", "qualname"), HOLD)
def test_what_holds_is_proved(file: str, qualname: str) -> None:
    result = check(file, qualname)
    assert result.verdict == "proved", [(c.kind, c.text, c.verdict, c.reason) for c in result.clauses]


@pytest.mark.parametrize(("file", "qualname"), BROKEN)
def test_what_is_broken_is_refuted_and_never_proved(file: str, qualname: str) -> None:
    assert check(file, qualname).verdict == "refuted"
    assert check(file, qualname, run=False).verdict != "proved"


@pytest.mark.parametrize("qualname", [n for _, n in names("statements_open.py")])
def test_an_assert_whose_failure_is_hidden_is_not_proved(qualname: str) -> None:
    result = check("statements_open.py", qualname, run=False)
    assert next(c for c in result.clauses if c.kind == "assert").verdict == "unknown"


@pytest.mark.parametrize(("file", "qualname"), names("measures_hold.py"))
def test_a_measure_leaves_no_assumption(file: str, qualname: str) -> None:
    result = check(file, qualname, run=False)
    assert next(c for c in result.clauses if c.kind == "decreases").verdict == "proved"
    assert result.assumptions == ()


@pytest.mark.parametrize(("file", "qualname"), names("measures_broken.py"))
def test_a_measure_that_a_run_breaks_is_refuted_itself(file: str, qualname: str) -> None:
    result = check(file, qualname)
    clause = next(c for c in result.clauses if c.kind == "decreases")
    assert clause.verdict == "refuted"
    assert clause.message is not None
    assert clause.message.startswith("`Decreases: ")


LOOP = '''def f(n: int) -> int:
    """F.

    Ensures:
        - ``result == old(n) or result != old(n)``
    """
    {0}
    return n
'''


@pytest.mark.parametrize(
    ("body", "ends"),
    [
        ("while n > 0:\n        n -= 1", True),
        ("while n > 0:\n        n //= 2", True),
        ("while True:\n        if n >= 7:\n            break\n        n += 2", True),
        ("xs = [n]\n    while xs and n > 0:\n        n = n - 1", True),
        ("while n != 0:\n        n -= 1", False),
        ("while n > 0:\n        n = n if n == 5 else n - 1", False),
        ("while n < 0:\n        n -= 1", False),
    ],
)
def test_a_loop_whose_condition_tells_is_known_to_end(body: str, ends: bool) -> None:
    text = LOOP.format(body)
    module = extract(Snapshot("text.py", None, text)).module
    result = check_function(module, text, "f", Options(run_code=False, seconds=20))
    assert all(c.verdict == "proved" for c in result.clauses)
    assert (result.assumptions == ()) == ends
