"""How many small slips in an accepted body the specification notices: what tells two accepted ones apart.

Runs rank; they prove nothing. Must not decide whether a candidate is offered.
"""

from __future__ import annotations

import time
from dataclasses import replace

from lift_ir import Raised

from lift.resolve.infer.mutants import mutants_of
from lift.resolve.infer.subject import Subject
from lift.resolve.loop.trials import Bench
from lift.verify.options import Options
from lift.verify.replay import Run

_INPUTS = 80
_LEAST_SECONDS = 0.3


def killed_of(bench: Bench, options: Options, deadline: float) -> tuple[int, int]:
    """The mutants that break a clause on some input, and those that differ from the body at all."""
    target = bench.target
    subject = Subject(
        target.program.module,
        target.program.text,
        target.ir,
        target.node,
        bench.program,
        list(bench.cases[:_INPUTS]),
        options,
        target.program.sources,
        {},
        deadline,
    )
    if subject.left < _LEAST_SECONDS:
        return 0, 0
    truth = {_key(r): _outcome(r) for r in subject.run((), seconds=1.0) if r.status == "ok"}
    killed = total = 0
    for body in mutants_of(subject):
        if time.monotonic() >= deadline - _LEAST_SECONDS:
            break
        runs = [r for r in subject.run((), body, seconds=0.6) if r.status == "ok" and _key(r) in truth]
        noticed = any(_noticed(r) for r in runs)
        if noticed or any(_outcome(r) != truth[_key(r)] for r in runs):
            total += 1
            killed += noticed
    return killed, total


def without_extras(bench: Bench) -> Bench:
    """The bench with the specification's own checks alone."""
    own = tuple(c for c in bench.program.checks if not c.key.startswith(("type:", "same:")))
    return replace(bench, program=replace(bench.program, checks=own))


def _noticed(run: Run) -> bool:
    return run.failed


def _key(run: Run) -> str:
    return repr(run.arguments)


def _outcome(run: Run) -> str:
    if isinstance(run.outcome, Raised):
        return f"raises {run.outcome.exception}"
    return run.outcome.value if run.outcome is not None else ""
