"""All ways to repair a function, one after the other, within the time that there is."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator

from lift_ir import FunctionResult, Module, Repair, Repairs

from lift.resolve.repair.patient import Patient, admit
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

_MOST_OF_A_WAY = 3
_MOST = 8


def find(
    module: Module,
    text: str,
    qualname: str,
    options: Options,
    details: str = "{}",
    sources: Sources = NOTHING,
) -> Repairs:
    """Look for repairs of a function; what a worker runs.

    Args:
        details: JSON with the function's ``result``, if it is known already.
        sources: What the module imports from.

    Returns:
        The repairs that were verified, the best first; none if nothing is broken.
    """
    given = json.loads(details).get("result")
    result = FunctionResult.model_validate(given) if given else None
    deadline = time.monotonic() + options.seconds
    function = next((f for f in module.all_functions() if f.qualname == qualname), None)
    line = function.span.start.line if function else 1
    patient = admit(module, text, qualname, options, result, deadline, sources)
    if patient is None:
        return Repairs(function=qualname, line=line)
    found: list[Repair] = []
    for way, share in _ways(patient):
        patient.deadline = min(deadline, time.monotonic() + share * options.seconds)
        found += itertools.islice(way(patient), _MOST_OF_A_WAY)
    return Repairs(
        function=qualname,
        line=line,
        repairs=tuple(found[:_MOST]),
        tried=patient.tried,
        complete=not patient.ran_out,
    )


def _ways(patient: Patient) -> list[tuple[Callable[[Patient], Iterator[Repair]], float]]:
    """The ways in the order in which they are shown, each with its share of the time.

    A broken promise is first a slip in the code; an exception that escapes is first an input too many.
    """
    from lift.resolve.repair import body, clauses, invariants, preconditions

    inner = [(invariants.repairs, 0.4), (body.repairs, 0.5)]
    outer = [(preconditions.repairs, 0.4), (clauses.repairs, 0.25)]
    refuted = any(c.code == "refuted" for c in patient.broken)
    return [*inner, *outer] if refuted else [*outer, *inner]
