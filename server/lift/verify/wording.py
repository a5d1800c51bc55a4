"""How results are told to people: messages whose first line is complete in itself.

Speaks Python only: no solver's names, no internals. Must not import z3.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lift_ir import Call, ClauseResult, Counterexample, Example, Function, Position, Raised, Returned, Span

if TYPE_CHECKING:
    from lift.verify.obligations import Obligation
    from lift.verify.options import Options
    from lift.verify.replay import Run

_CUT = 200
RECURSION_ENDS = "the recursion ends"
"""What a proof over a recursive function assumes that has no measure."""


def counterexample(run: Run, failing: str) -> Counterexample:
    """The run as a counterexample."""
    assert run.outcome is not None
    return Counterexample(
        arguments=run.arguments,
        outcome=run.outcome,
        failing=failing,
        call=run.call,
        setup=run.setup,
        trace=run.trace,
    )


def came_out(run: Run) -> str:
    """``allocate(1, [1, 1]) returns [0, 0]``."""
    if isinstance(run.outcome, Raised):
        return f"{run.call} raises {run.outcome.exception}"
    assert isinstance(run.outcome, Returned)
    return f"{run.call} returns {_short(run.outcome.value)}"


def _short(text: str) -> str:
    return text if len(text) <= _CUT else text[:_CUT] + "…"


def refutation(ir: Function, obligation: Obligation, run: Run, detail: str) -> dict[str, Any]:
    """A clause that a run broke."""
    if obligation.kind == "raises":
        return _raises(ir, obligation, run, detail)
    failing = detail if detail and not isinstance(run.outcome, Raised) else ""
    tail = f", and {detail}" if failing else f": {detail}" if detail else ""
    label = f"Modifies: {obligation.text}" if obligation.kind == "modifies" else obligation.text
    return {
        "code": "refuted",
        "message": f"`{label}` fails: {came_out(run)}{tail}",
        "counterexample": counterexample(run, failing),
        "related": related(ir, run),
        "evidence": "run in CPython",
    }


def _raises(ir: Function, obligation: Obligation, run: Run, detail: str) -> dict[str, Any]:
    exception = getattr(obligation.clause, "exception", "the exception")
    if isinstance(run.outcome, Raised):
        how = f"raises {run.outcome.exception} although `{obligation.text}` is false"
    else:
        assert isinstance(run.outcome, Returned)
        how = f"returns {_short(run.outcome.value)} although `{obligation.text}` is true"
    return {
        "code": "refuted",
        "message": f"`{exception}: If {obligation.text}` fails: {run.call} {how}",
        "counterexample": counterexample(run, detail),
        "related": related(ir, run),
        "evidence": "run in CPython",
    }


def related(ir: Function, run: Run) -> tuple[tuple[Span, str], ...]:
    """Where the run ended, and which Requires its input meets."""
    found: list[tuple[Span, str]] = []
    line = run.outcome.line if run.outcome is not None else None
    if line is not None:
        word = "it raises here" if isinstance(run.outcome, Raised) else "it returns here"
        found.append((line_span(line), word))
    found += [(c.span, "the input meets this") for c in ir.clauses if c.kind == "requires"]
    return tuple(found)


def line_span(line: int) -> Span:
    """A line as a span of no width at its start; editors show the line."""
    place = Position(line=line, column=0)
    return Span(start=place, end=place)


def escaped(ir: Function, run: Run) -> dict[str, Any]:
    """An exception that nothing declares."""
    assert isinstance(run.outcome, Raised)
    where = f" at line {run.outcome.line}" if run.outcome.line else ""
    said = f" ({_short(run.outcome.message)})" if run.outcome.message else ""
    return {
        "code": "may-raise",
        "message": f"{run.call} raises {run.outcome.exception}{where}{said}, which Raises does not declare",
        "counterexample": counterexample(run, ""),
        "related": related(ir, run),
        "evidence": "run in CPython",
    }


def failed_assert(ir: Function, obligation: Obligation, run: Run) -> dict[str, Any]:
    """An assertion that a run broke."""
    return {
        "code": "refuted",
        "message": f"`assert {obligation.text}` fails for {run.call}",
        "counterexample": counterexample(run, f"{obligation.text} is false"),
        "related": related(ir, run),
        "evidence": "run in CPython",
    }


def failed_example(example: Example, run: Run) -> dict[str, Any]:
    """A doctest that shows something else."""
    first = (example.expression or "").split("\n")[0]
    if isinstance(run.outcome, Raised):
        got = f"raises {run.outcome.exception}"
    else:
        assert isinstance(run.outcome, Returned)
        shown = run.outcome.value.removeprefix("'").removesuffix("\\n'").removesuffix("'")
        got = f"gives {_short(shown) or 'nothing'}"
    return {
        "code": "refuted",
        "message": f"`>>> {first}` {got}, not {_short(example.want.strip()) or 'nothing'}",
        "counterexample": counterexample(run, ""),
        "evidence": "run in CPython",
    }


def violated_call(ir: Function, callee: str, text: str, run: Run) -> ClauseResult:
    """A call that broke the callee's Requires in a run."""
    assert isinstance(run.outcome, Raised)
    line = _line_of_call(ir, callee, run.outcome.line)
    shown = Counterexample(
        arguments=run.arguments,
        outcome=Raised(exception="CallBreaksRequires", message=text, line=line),
        failing=f"{callee} requires {text}",
        call=run.call,
        setup=run.setup,
        trace=run.trace,
    )
    return ClauseResult(
        kind="call",
        text=f"{callee} requires {text}",
        span=_call_span(ir, callee, line),
        verdict="refuted",
        code="call-violates",
        message=f"{run.call} calls {callee}, which requires `{text}`, and that is false there",
        counterexample=shown,
        evidence="run in CPython",
    )


def not_smaller(ir: Function, obligation: Obligation, run: Run) -> dict[str, Any]:
    """A recursive call that a run made without making the measure smaller."""
    assert isinstance(run.outcome, Raised)
    inner, _, outer = run.outcome.message.partition("\0")
    failing = f"{obligation.text} is {outer} and then, in the recursive call, {inner}"
    shown = counterexample(run, failing)
    line = run.outcome.line
    return {
        "code": "refuted",
        "message": f"`Decreases: {obligation.text}` fails: in {run.call}, {failing}",
        "counterexample": shown.model_copy(
            update={"outcome": Raised(exception="MeasureNotSmaller", message=failing, line=line)}
        ),
        "evidence": "run in CPython",
    }


def _line_of_call(ir: Function, callee: str, line: int | None) -> int:
    inside = line is not None and ir.span.start.line <= line <= ir.span.end.line
    if inside and line is not None:
        return line
    return next((c.span.start.line for c in ir.calls if _calls(c, callee)), ir.name_span.start.line)


def _calls(call: Call, callee: str) -> bool:
    """Whether a call may be of a function; of a method it names the object, and not the class."""
    owner, _, name = callee.rpartition(".")
    return call.callee == callee or (bool(owner) and call.callee.rpartition(".")[2] == name)


def _call_span(ir: Function, callee: str, line: int) -> Span:
    return next(
        (c.span for c in ir.calls if _calls(c, callee) and c.span.start.line == line), line_span(line)
    )


def undecided_call(callee: str, text: str, line: int) -> ClauseResult:
    """A call of which it was not shown that it meets the callee's Requires."""
    why = f"it was not shown that {callee}'s `{text}` holds at the call"
    return ClauseResult(
        kind="call",
        text=f"{callee} requires {text}",
        span=line_span(line),
        verdict="unknown",
        reason=why,
        reason_line=line,
        code="unknown",
        message=f"Could not decide the call of {callee} at line {line}: {why}",
    )


def inconsistent(obligation: Obligation, core: str) -> dict[str, Any]:
    """A specification that nothing can meet."""
    what = "No input meets Requires" if obligation.kind == "requires" else "No result meets Ensures"
    return {
        "code": "inconsistent-spec",
        "message": f"{what}: {core} contradict each other"
        if " and " in core
        else f"{what}: {core} is never true",
        "reason": f"{core}: no value makes it true",
    }


def trivial(obligation: Obligation, others: str) -> dict[str, Any]:
    """A clause that says nothing new."""
    return {
        "code": "trivial-clause",
        "message": f"`{obligation.text}` says nothing new: it follows from {others}",
        "evidence": f"follows from {others}",
    }


def proof_evidence(paths: int, solvers: str = "Z3") -> str:
    """What a proof rests on."""
    return f"{solvers}, {paths} path{'' if paths == 1 else 's'}"


def bounds(options: Options) -> str:
    """The bounds of a search that found nothing."""
    size = options.list_bound
    return (
        f"containers of at most {size} elements (dictionaries and inner containers of fewer), "
        f"loops of at most {options.unroll} rounds"
    )


def weak_spot(engine: Any, forbidden: str = "") -> str:
    """Why a proof failed although every construct is modelled.

    Args:
        forbidden: Why no input was tried, if the user's code may not run.
    """
    if engine.weak_loops:
        return (
            f"the loop at line {min(engine.weak_loops)} needs an invariant: an assert at the head of its body"
        )
    if engine.approximations:
        construct, line = engine.approximations[0]
        return (
            f"{construct} is not modelled exactly (line {line})"
            if line
            else f"{construct} is not modelled exactly"
        )
    if engine.contracts_used:
        names = ", ".join(sorted(engine.contracts_used))
        return f"the specification of {names} says too little for it"
    if engine.found_invariants:
        line = min(engine.found_invariants)
        return f"the loop at line {line} may need a stronger invariant: an assert at the head of its body"
    if forbidden:
        return f"no proof was found, and no input was tried, since {forbidden}"
    return "the solver found no proof, and no input that breaks it"


def untyped(names: tuple[str, ...]) -> str:
    """Why nothing can be proved of a function."""
    if len(names) == 1:
        return f"the parameter {names[0]} has no type"
    return f"the parameters {', '.join(names[:-1])} and {names[-1]} have no type"


def untyped_failure(names: tuple[str, ...], run: Run) -> str:
    """A run that breaks a clause, on an input that the function may not be meant for."""
    return f"it fails where {came_out(run)}, if that is an input: {untyped(names)}"


def unknown(obligation: Obligation, why: str, line: int | None) -> str:
    """The message of an undecided obligation."""
    where = f" (line {line})" if line is not None and "line" not in why else ""
    return f"Could not decide `{obligation.text}`: {why}{where}"
