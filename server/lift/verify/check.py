"""The check of one function: tests in CPython, a proof, a search for counterexamples, and the verdicts.

Whatever is called refuted was run in CPython; whatever is called proved was shown on every path and held on
every input that was run. Z3 is imported when a check runs, not with this module, so that digests can be
computed in the editor's process.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lift_ir import (
    ClauseResult,
    Example,
    Function,
    FunctionResult,
    Module,
    Verdict,
    weakest,
)

from lift.verify import deep, found_invariants, runs, shrink, wording
from lift.verify.digests import digest_of, program_of
from lift.verify.options import Options
from lift.verify.program import Program
from lift.verify.refusals import all_unknown, unfit
from lift.verify.sources import NOTHING, Sources
from lift.verify.standing import Standing
from lift.verify.types import computes_with_floats
from lift.verify.wording import RECURSION_ENDS

if TYPE_CHECKING:
    from lift.verify.obligations import Obligation
    from lift.verify.prove import Exploration

_log = logging.getLogger(__name__)


def check_function(
    module: Module, text: str, qualname: str, options: Options, sources: Sources = NOTHING
) -> FunctionResult:
    """Check one function against its specification.

    Args:
        module: The module's IR, made from ``text``.
        qualname: Which function.
        options: Bounds and permissions.
        sources: The files and stubs that the module imports from.

    Returns:
        A verdict for each obligation; ``unknown`` with the reason where there is none. Never raises on
        what the code or its specification says.
    """
    from lift.verify.solvers.selection import using

    with _garbage_kept(), using(options.solvers):
        return _check(module, text, qualname, options, sources, frozenset())[0]


@contextlib.contextmanager
def _garbage_kept() -> Iterator[None]:
    """Keep the collector still meanwhile: a thread that frees a term while another one is in Z3 crashes both.

    Python collects in whichever thread allocates, and a context of Z3 is for one thread at a time.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _check(
    module: Module, text: str, qualname: str, options: Options, sources: Sources, above: frozenset[str]
) -> tuple[FunctionResult, frozenset[str]]:
    """Check a function, on whose result the checks of those above it wait.

    Returns:
        The result, and the functions above on whose specifications its proofs rely.
    """
    started = time.monotonic()
    program = program_of(module, text, sources)
    ir = next((f for f in module.all_functions() if f.qualname == qualname), None)
    if program is None or ir is None:
        line = ir.span.start.line if ir else 1
        return FunctionResult(name=qualname, line=line, verdict="unknown"), frozenset()
    digest = digest_of(module, text, qualname, options, sources)
    node = program.definition(qualname)
    line = ir.name_span.start.line
    base = FunctionResult(name=qualname, line=line, verdict="unchecked", digest=digest)
    reason = unfit(program, ir, node)
    if reason is not None and not (isinstance(node, ast.FunctionDef) and _has_examples(ir)):
        results = all_unknown(ir, *reason)
        verdict = weakest(tuple(r.verdict for r in results))
        return base.model_copy(update={"clauses": results, "verdict": verdict}), frozenset()
    from lift.verify.entry import Target
    from lift.verify.obligations import obligations_of, untyped

    assert isinstance(node, ast.FunctionDef)
    owner = next((c for c in module.classes if qualname == f"{c.qualname}.{ir.name}"), None)
    target = Target(program, ir, node, owner)
    state = Standing(
        target,
        options,
        started + options.seconds + (options.float_seconds if computes_with_floats(node) else 0.0),
        obligations_of(target),
        untyped=untyped(target.ir),
        sources=sources,
    )
    if reason is not None:
        _run_examples_only(state, *reason)
    else:
        _run_all(state, above)
    clauses = (*(state.results[o.key] for o in state.wanted), *state.calls)
    result = base.model_copy(
        update={
            "clauses": clauses,
            "verdict": _whole(clauses),
            "seconds": round(time.monotonic() - started, 3),
            "assumptions": tuple(sorted(state.assumptions)),
            "loops": state.loops,
        }
    )
    return result, frozenset(state.relied)


def _has_examples(ir: Function) -> bool:
    is_open = any(h.hole == "body" for h in ir.holes) or bool(ir.terms_in_code())
    return any(isinstance(c, Example) for c in ir.clauses) and not is_open


def _whole(clauses: tuple[ClauseResult, ...]) -> Verdict:
    """The verdict of a function, the weakest of its clauses'.

    Doctests are decided by a run each, but a function of which nothing else is known has been tested only.
    """
    verdict = weakest(tuple(c.verdict for c in clauses))
    return "tested" if verdict == "proved" and all(c.kind == "example" for c in clauses) else verdict


def _run_all(state: Standing, above: frozenset[str]) -> None:
    for obligation in state.wanted:
        if obligation.open:
            state.settle(obligation, "unchecked", reason=obligation.open)
    if state.options.run_code:
        with ThreadPoolExecutor(1) as executor:
            # The specification is checked for contradictions while CPython runs the tests.
            tests = executor.submit(_guarded, runs.try_inputs, state)
            consistency = _guarded(_consistency, state)
            tests.result()
        _apply_consistency(state, consistency)
    else:
        state.no_run = state.options.forbidden
        _apply_consistency(state, _guarded(_consistency, state))
    _settle_requires(state)
    if state.untyped:
        runs.settle_untyped(state)
    elif state.open:
        _guarded(lambda s: _prove(s, above), state)
        _guarded(_settle_trivial, state)
    may_search = state.options.run_code and not state.untyped
    if may_search and (state.open or state.undecided_calls):
        _guarded(_search, state)
    if state.options.backend != "lift" and may_search:
        _guarded(deep.deepen, state)
    if state.open and not state.untyped:
        _guarded(_explain, state)
    _give_up(state)
    if state.options.run_code:
        _guarded(shrink.shrink, state)
    if any(o.kind == "decreases" and state.results[o.key].verdict == "proved" for o in state.wanted):
        # Whatever calls back was compared with the measure as well, and is proved by itself.
        state.assumptions -= {RECURSION_ENDS} - state.inherited


def _run_examples_only(state: Standing, verdict: Verdict, reason: str, line: int | None) -> None:
    """Run the doctests of a function that is not modelled: CPython needs no model."""
    if state.options.run_code:
        _guarded(runs.run_examples, state)
    for obligation in state.open:
        more: dict[str, Any] = {}
        if verdict == "unknown":
            more = {"code": "unknown", "message": wording.unknown(obligation, reason, line)}
        state.settle(obligation, verdict, reason=reason, reason_line=line, **more)


def _guarded(function: Any, state: Standing) -> Any:
    """Run a step that may be left out; an error of ours in it is logged and never shown as a verdict."""
    try:
        return function(state)
    except Exception:
        _log.exception("Error in the check of %s", state.target.ir.qualname)
        return None


# Consistency of the specification.


def _consistency(state: Standing) -> Any:
    from lift.verify import consistency

    return consistency.examine(state.target, state.wanted, min(state.deadline, time.monotonic() + 1.5))


def _apply_consistency(state: Standing, found: Any) -> None:
    if found is None:
        return
    state.met |= found.satisfiable
    for obligation in state.open:
        if obligation.key in found.contradictory:
            state.settle(
                obligation, "unknown", **wording.inconsistent(obligation, found.contradictory[obligation.key])
            )
    state.trivial = dict(found.trivial)


def _settle_trivial(state: Standing) -> None:
    """Call a clause proved that follows from what is known, where the proof itself did not get that far.

    What follows from the result's type takes a body that returns such a result; what follows from the
    clauses before it takes that these are proved.
    """
    earlier = True
    for obligation in state.wanted:
        if obligation.kind != "ensures" or obligation.open:
            continue
        others = state.trivial.get(obligation.key)
        if others is not None and obligation.key not in state.results:
            from lift.verify.consistency import BY_CLAUSES

            by_clauses = others == BY_CLAUSES
            if earlier if by_clauses else _conforms(state, state.target.ir.qualname):
                state.settle(obligation, "proved")
        result = state.results.get(obligation.key)
        earlier = earlier and result is not None and result.verdict == "proved"


def _settle_requires(state: Standing) -> None:
    if not state.met and any(o.kind == "requires" for o in state.open):
        from lift.verify.consistency import is_met

        state.met = bool(_guarded(lambda s: is_met(s.target, s.deadline), state))
    for obligation in state.open:
        if obligation.kind != "requires":
            continue
        if state.met:
            state.settle(obligation, "proved", evidence="there are inputs that meet it")
        else:
            state.settle(obligation, "unknown", reason="no input was found that meets it")


# The proof.


def _prove(state: Standing, above: frozenset[str]) -> None:
    from lift.verify.prove import explore
    from lift.verify.state import Engine
    from lift.verify.values import forget_terms

    now = time.monotonic()
    share = 0.65 if state.options.run_code and state.no_run is None else 0.95
    loops_met = counting = False
    for inline, effort in ((False, 0), (False, 2), (False, 1), (True, 0), (True, 1)):
        if not state.open:
            return
        if (effort and not loops_met) or (effort == 2 and not counting):
            continue
        forget_terms()
        deadline = now + (state.deadline - now) * share * (1 if inline else 0.8)
        engine = Engine(
            state.target.program, False, deadline, target=state.target.ir.qualname, inline_specified=inline
        )
        engine.effort = effort
        result = explore(engine, state.target, state.provable)
        loops_met, counting = bool(engine.found_invariants), bool(engine.counting_loops)
        doubtful = _doubtful_callee(state, engine, above)
        earlier = dict(state.reasons)
        _take_proofs(state, engine, result, doubtful)
        if effort:
            # That many candidates took too long says less than why the likely ones did not do.
            state.reasons |= earlier
        if state.provable and loops_met and effort != 1:
            continue
        if not engine.contracts_used - {state.target.ir.qualname} or (doubtful is None and not state.open):
            break


def _doubtful_callee(state: Standing, engine: Any, above: frozenset[str]) -> str | None:
    """A callee whose specification the proof relied on although it is not proved itself."""
    me = state.target.ir.qualname
    if me in engine.contracts_used:
        state.relied.add(state.label)
        if not _conforms(state, me):
            return me
    for name in sorted(engine.contracts_used - {me}):
        label = name if ":" in name else state.target.program.sources.label(name)
        if label == state.label or label in above:
            # Mutual recursion: each proof may rely on the other, as with a recursive call.
            state.assumptions.add(RECURSION_ENDS)
            if ":" in name:
                # A function of another file that calls back: its measure is not compared with this one's.
                state.inherited.add(RECURSION_ENDS)
            state.relied.add(label)
            continue
        verdict, assumptions = _callee(state, name, above)
        if verdict != "proved":
            return name.replace(":", ".")
        state.assumptions |= assumptions
        state.inherited |= assumptions
    return None


def _callee(state: Standing, name: str, above: frozenset[str]) -> tuple[Verdict, frozenset[str]]:
    """A callee's verdict and what it assumes; a function of another module is named as its label."""
    sources = state.target.program.sources
    module, text = state.target.program.module, state.target.program.text
    where, foreign, name = name.rpartition(":")
    if foreign:
        source = next(s for s in sources.get(where) if s.kind == "file")
        module, text, sources = source.module, source.text, sources.seen_from(source)
    label = sources.label(name)
    key = digest_of(module, text, name, state.options, sources)
    if key in _callees:
        return _callees[key]
    left = state.deadline - time.monotonic()
    options = replace(state.options, seconds=max(0.2, left / 2), backend="lift")
    checked, relied = _check(module, text, name, options, sources, above | {state.label})
    verdict: Verdict = checked.verdict
    program = program_of(module, text, sources)
    if verdict == "proved" and (program is None or not _conforms(state, name, program)):
        verdict = "unknown"
    # One program a text: the check of another module had it see what that one imports.
    state.target.program.sources = state.sources
    found = verdict, frozenset(checked.assumptions)
    if relied <= {label}:
        # Otherwise it only holds if the functions above turn out to be proved.
        _callees[key] = found
    state.relied |= relied - {label}
    return found


_callees: dict[str, tuple[Verdict, frozenset[str]]] = {}


def _conforms(state: Standing, name: str, program: Program | None = None) -> bool:
    """Whether a callee's results are of its annotated type, which its callers rely on."""
    from lift.verify.conformity import returns_conform

    return returns_conform(program or state.target.program, name, min(state.deadline, time.monotonic() + 2))


def _take_proofs(state: Standing, engine: Any, result: Exploration, doubtful: str | None) -> None:
    for line, (callee, text) in result.calls.items():
        if not any(c.span.start.line == line for c in state.calls):
            state.calls.append(wording.undecided_call(callee, text, line))
    proved: list[Obligation] = []
    for obligation in state.provable:
        finding = result.findings.get(obligation.key)
        if finding is not None and finding.holds and (result.complete or result.vacuous):
            proved.append(obligation)
    if any(a.endswith(" ends") for a in engine.assumptions) and state.endless and not state.tests:
        for obligation in proved:
            state.reasons[obligation.key] = ("it ended on none of the inputs that it was run on", None)
        return
    unproved = _unproved_reliance(state, proved)
    if doubtful is None and unproved is None:
        # A call whose Requires may be broken is an obligation of its own; beyond it the proof assumes them.
        for obligation in proved:
            agreed = result.findings[obligation.key].agreed and result.paths > 0
            solvers = "Z3 and cvc5 agree" if agreed else engine.backend.name
            state.settle(obligation, "proved", evidence=wording.proof_evidence(result.paths, solvers))
        state.assumptions |= engine.assumptions if proved else set()
        if result.complete and (proved or not state.loops):
            state.loops = found_invariants.of(engine, state.target.node) or state.loops
    for obligation in state.open:
        finding = result.findings.get(obligation.key)
        if finding is None:
            continue
        why = finding.why or "a path was cut short"
        if doubtful is not None and obligation in proved:
            why = f"it relies on {doubtful}, whose specification is not proved"
        elif unproved is not None and obligation in proved:
            why = f"a recursive call relies on `{unproved.text}`, which is not proved"
        elif why == "not proved":
            why = wording.weak_spot(engine, state.options.forbidden)
        state.reasons[obligation.key] = (why, finding.line)


def _unproved_reliance(state: Standing, proved: list[Obligation]) -> Obligation | None:
    """What the proof assumed of a recursive call and did not show; then the induction does not close."""
    if state.label not in state.relied:
        return None
    catches = any(
        isinstance(n, ast.Try | ast.TryStar | ast.With) for n in ast.walk(state.target.program.tree)
    )
    for obligation in state.wanted:
        assumed = obligation.kind in ("ensures", "raises") and not obligation.open
        if not assumed and not (obligation.kind == "no-raise" and catches):
            continue
        result = state.results.get(obligation.key)
        if obligation not in proved and (result is None or result.verdict != "proved"):
            return obligation
    return None


# The search for counterexamples.


def _search(state: Standing) -> None:
    from lift.verify import trial
    from lift.verify.prove import explore
    from lift.verify.state import Engine
    from lift.verify.values import forget_terms

    fit = trial.runnable(state.target, state.wanted)
    if fit.program is None:
        return
    forget_terms()
    engine = Engine(
        state.target.program,
        True,
        state.deadline,
        target=state.target.ir.qualname,
        unroll=state.options.unroll,
        list_bound=state.options.list_bound,
    )
    result = explore(engine, state.target, state.provable)
    found = []
    suspects = [s for f in result.findings.values() for s in f.suspects[:3]] + result.call_suspects[:3]
    for entry, path, bad in suspects:
        case = trial.case_of(engine, state.target, entry, path, bad)
        if case is not None and case not in found:
            found.append(case)
    runs.learn(state, trial.try_cases(fit.program, found, max(1.0, state.deadline - time.monotonic()), 512))
    if not result.complete or engine.truncated:
        return
    for obligation in state.provable:
        finding = result.findings.get(obligation.key)
        if finding is not None and finding.holds and not finding.suspects and not state.calls:
            bounds = wording.bounds(state.options)
            reason = state.reasons.get(obligation.key, (None, None))[0]
            state.settle(
                obligation,
                "bounded",
                bounds=bounds,
                reason=reason,
                evidence=wording.proof_evidence(result.paths, engine.backend.name),
            )


def _explain(state: Standing) -> None:
    from lift.verify.promises import explain

    explain(state)


def _give_up(state: Standing) -> None:
    for obligation in state.open:
        why, line = state.reasons.get(obligation.key, (None, None))
        if why is None:
            why = state.no_run or "timeout"
        if state.options.untrusted and state.options.forbidden not in why:
            why = f"{why}; no input was tried, since {state.options.forbidden}"
        more: dict[str, Any] = {"code": "unknown", "message": wording.unknown(obligation, why, line)}
        if obligation.key in state.trivial:
            more = wording.trivial(obligation, state.trivial[obligation.key])
        state.settle(obligation, "unknown", reason=why, reason_line=line, **more)
