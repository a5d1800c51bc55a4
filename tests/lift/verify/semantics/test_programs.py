"""Random programs and inputs: what the verifier says against what CPython does.

``LIFT_DEEP=N`` multiplies the number of examples by N, to hunt for what a quick run does not meet.
"""

from __future__ import annotations

import os

from harness import agree
from hypothesis import HealthCheck, Phase, given, settings
from programs import Case, cases, expression_case, program_case

DEEP = int(os.environ.get("LIFT_DEEP", "1"))
QUICK = settings(
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


@settings(QUICK, max_examples=60 * DEEP)
@given(cases(expression_case))
def test_expressions(case: Case) -> None:
    agree(case.source, "f", case.inputs)


@settings(QUICK, max_examples=40 * DEEP)
@given(cases(program_case))
def test_programs(case: Case) -> None:
    agree(case.source, "f", case.inputs)
