"""The deep pass: another checker looks for inputs that break what lift's own check left open.

It can only add refutations, and each is a run in CPython of an input that it named. What is proved stays
proved and is not looked at again. Must not import z3 at the top.
"""

from __future__ import annotations

from lift.verify import runs
from lift.verify.standing import Standing

_CASE_SECONDS = 1.0
_REPLAY_SECONDS = 5.0
# A clause that holds within bounds may still break beyond them.
_MAY_STILL_BREAK = ("bounded",)


def deepen(state: Standing) -> None:
    """Ask the backend of the options for inputs, and take over what replays of them show."""
    from lift.verify import trial
    from lift.verify.peers import crosshair, missing

    within = {k: r for k, r in state.results.items() if r.verdict in _MAY_STILL_BREAK}
    if not (state.open or within or state.undecided_calls) or missing(state.options.backend) is not None:
        return
    fit = trial.runnable(state.target, state.wanted)
    if fit.program is None:
        return
    found = crosshair.inputs(
        state.target.program.module, fit.program, state.options.backend_seconds, state.options.memory_mb
    )
    for key in within:
        del state.results[key]
    try:
        memory_mb = min(512, state.options.memory_mb)
        runs.learn(state, trial.try_cases(fit.program, found, _REPLAY_SECONDS, memory_mb, _CASE_SECONDS))
    finally:
        for key, result in within.items():
            state.results.setdefault(key, result)
