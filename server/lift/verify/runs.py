"""Runs of the function in CPython, and what they settle: doctests, generated inputs, a solver's inputs.

Whatever is called refuted was run here. Z3 is imported when a check runs, not with this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lift_ir import Example, Raised, Returned

from lift.verify import wording
from lift.verify.standing import Standing

if TYPE_CHECKING:
    from lift.verify.replay import Run

_TEST_SECONDS = 1.0
_CASE_SECONDS = 0.1
"""Processor time for one input. Inputs are tried simplest first, so a slow one is a large one."""

_TOO_LARGE = ("index-sized", "ssize_t", "too long", "too large to convert to C")


def try_inputs(state: Standing) -> None:
    from lift.verify import trial
    from lift.verify.guesses import typed_by_use
    from lift.verify.inputs import cases

    run_examples(state)
    fit = trial.runnable(state.target, state.wanted)
    if fit.program is None:
        state.no_run = f"it cannot be run on its own: {fit.reason}"
        return
    ir = typed_by_use(state.target.ir) if state.untyped else state.target.ir
    inputs, why = cases(
        ir, state.target.program.module, trial.constants_of(state.target), state.options.tests
    )
    if not inputs:
        state.no_run = why or "no inputs could be made"
        return
    seconds = min(_TEST_SECONDS, state.options.seconds / 3)
    runs = trial.try_cases(fit.program, inputs, seconds, min(512, state.options.memory_mb), _CASE_SECONDS)
    (_learn_untyped if state.untyped else learn)(state, runs)
    broken = [r for r in runs if r.status == "broken"]
    if broken and len(broken) == len(runs):
        state.no_run = broken[0].reason


def learn(state: Standing, runs: list[Run]) -> bool:
    """Take over what runs show; whether one of them refuted something."""
    before = len(state.results) + len(state.calls)
    fine = [r for r in runs if r.status == "ok"]
    state.endless |= any(r.status == "timeout" for r in runs)
    state.tests += len(fine)
    state.met |= bool(fine)
    for one in fine:
        _learn_one(state, one)
    return len(state.results) + len(state.calls) > before


def _learn_untyped(state: Standing, runs: list[Run]) -> None:
    """Take over what runs show of a function with parameters that have no type.

    A value that a clause fails for may be none that the function is meant for, so that nothing is refuted.
    """
    for run in runs:
        raised = run.outcome if isinstance(run.outcome, Raised) else None
        if run.status != "ok" or (raised is not None and run.undeclared):
            continue
        state.tests += 1
        state.met = True
        for obligation in state.open:
            verdict = run.verdicts.get(obligation.key)
            if verdict is not None and verdict.holds is not None:
                state.tried.add(obligation.key)
            if verdict is not None and verdict.holds is False:
                state.reasons.setdefault(obligation.key, (wording.untyped_failure(state.untyped, run), None))


def settle_untyped(state: Standing) -> None:
    """Call tested what held on every run; a proof takes types."""
    why = wording.untyped(state.untyped)
    for obligation in state.open:
        if obligation.key in state.tried and obligation.key not in state.reasons:
            state.settle(obligation, "tested", reason=why)
        else:
            state.reasons.setdefault(obligation.key, (why, state.target.node.lineno))


def _learn_one(state: Standing, run: Run) -> None:
    from lift.verify.trial import NOT_SMALLER, VIOLATION

    raised = run.outcome if isinstance(run.outcome, Raised) else None
    if raised is not None and _says_nothing(state, raised):
        return
    if raised is not None and raised.exception.endswith(VIOLATION):
        _call_violated(state, run, raised)
        return
    measured = [o for o in state.wanted if o.kind == "decreases"]
    if raised is not None and raised.exception == "RecursionError" and measured:
        # Comparing measures takes frames of its own, so that the limit came earlier than it would.
        return
    if raised is not None and raised.exception.endswith(NOT_SMALLER):
        for obligation in [o for o in state.open if o.kind == "decreases"]:
            state.settle(obligation, "refuted", **wording.not_smaller(state.target.ir, obligation, run))
        return
    for obligation in state.open:
        verdict = run.verdicts.get(obligation.key)
        if verdict is not None and verdict.holds is False:
            state.settle(
                obligation, "refuted", **wording.refutation(state.target.ir, obligation, run, verdict.detail)
            )
    if raised is None or not run.undeclared:
        return
    if any(v.holds is False for k, v in run.verdicts.items() if k.startswith("raises")):
        return
    for obligation in state.open:
        is_assert = raised.exception == "AssertionError" and obligation.line == raised.line
        if obligation.kind == "assert" and is_assert:
            state.settle(obligation, "refuted", **wording.failed_assert(state.target.ir, obligation, run))
            return
    if raised.exception == "AssertionError" and any(
        o.kind == "assert" and o.line == raised.line for o in state.wanted
    ):
        return
    for obligation in state.open:
        if obligation.kind == "no-raise":
            state.settle(obligation, "refuted", **wording.escaped(state.target.ir, run))


def _says_nothing(state: Standing, raised: Raised) -> bool:
    """Whether an exception says more of the harness or of unfinished code than of the function.

    An instance that was made without running its ``__init__`` has only the declared attributes, so that a
    missing one is no news. ``NotImplementedError`` marks a body that is still to be written. A size that the
    machine cannot have is assumed away in proofs too (see ``sizes.as_size``).
    """
    if raised.exception == "NotImplementedError":
        return True
    unnoticed = not state.target.program.notices_overflow
    if unnoticed and raised.exception == "OverflowError" and any(w in raised.message for w in _TOO_LARGE):
        return True
    made = [c.name for c in state.target.program.module.classes]
    return raised.exception == "AttributeError" and any(
        f"'{n}' object has no attribute" in raised.message for n in made
    )


def _call_violated(state: Standing, run: Run, raised: Raised) -> None:
    callee, _, text = raised.message.partition("\0")
    found = wording.violated_call(state.target.ir, callee, text, run)
    if any(c.verdict == "refuted" and c.text == found.text for c in state.calls):
        return
    state.calls = [c for c in state.calls if c.verdict == "refuted" or c.text != found.text] + [found]


def run_examples(state: Standing) -> None:
    from lift.verify import doctests, trial
    from lift.verify.replay import Case

    before: list[Example] = []
    for obligation in [o for o in state.wanted if o.kind == "example"]:
        example = obligation.clause
        assert isinstance(example, Example)
        try:
            program = doctests.program_of(state.target, example, before)
        except doctests.NotRunnable as reason:
            state.settle(obligation, "unchecked", reason=str(reason))
            continue
        finally:
            before.append(example)
        runs = trial.try_cases(program, [Case({})], 1.0, min(512, state.options.memory_mb))
        run = runs[0] if runs else None
        if run is None or run.status != "ok":
            state.settle(obligation, "unknown", reason=run.reason if run else "it did not run")
        elif isinstance(run.outcome, Returned) and all(v.holds for v in run.verdicts.values()):
            state.settle(obligation, "proved", evidence="ran in CPython, and it takes no input")
        else:
            state.settle(obligation, "refuted", **wording.failed_example(example, run))
