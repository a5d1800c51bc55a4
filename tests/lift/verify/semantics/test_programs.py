"""Random programs and inputs: what the verifier says against what CPython does.

``LIFT_DEEP=N pytest -m slow`` runs N programs of each sort, to hunt for what a quick run does not meet.
"""

from __future__ import annotations

import os

import pytest
from harness import agree
from hypothesis import HealthCheck, given, settings
from lift.verify import arithmetic
from programs import Case, cases, expression_case, program_case

DEEP = int(os.environ.get("LIFT_DEEP", "0"))
QUICK = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


@settings(QUICK, max_examples=40)
@given(cases(expression_case))
def test_expressions(case: Case) -> None:
    agree(case.source, "f", case.inputs)


@settings(QUICK, max_examples=25)
@given(cases(program_case))
def test_programs(case: Case) -> None:
    agree(case.source, "f", case.inputs)


@pytest.mark.slow
@pytest.mark.skipif(not DEEP, reason="LIFT_DEEP is not set")
@pytest.mark.parametrize("make", [expression_case, program_case])
def test_deep(make: object) -> None:
    @settings(QUICK, max_examples=max(1, DEEP))
    @given(cases(make))  # type: ignore[arg-type]
    def hunt(case: Case) -> None:
        agree(case.source, "f", case.inputs)

    hunt()


def test_a_wrong_rule_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arithmetic, "floor_divide", lambda a, b: a / b)
    with pytest.raises(AssertionError, match="UNSOUND"):
        agree("def f(a: int, b: int):\n    return a // b\n", "f", [(7, -2)])


def test_a_lost_path_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    from lift.verify.state import Engine

    monkeypatch.setattr(Engine, "split", lambda self, state, condition: (state.fork(condition), None))
    with pytest.raises(AssertionError, match="UNSOUND"):
        agree("def f(a: int):\n    return 1 if a else 2\n", "f", [(0,)])
