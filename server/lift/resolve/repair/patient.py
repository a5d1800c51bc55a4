"""The function under repair: what is broken, and the inputs that are known to break it or to be fine.

Whatever runs the user's code here runs it in the sandbox.
"""

from __future__ import annotations

import ast
import time
from dataclasses import dataclass, field, replace
from typing import Any

from lift_ir import ClauseResult, Function, FunctionResult, Module

from lift.source.positions import LineIndex
from lift.verify.options import Options
from lift.verify.replay import Case, Run
from lift.verify.replay import Program as ReplayProgram
from lift.verify.sources import NOTHING, Sources

BROKEN_CODES = ("refuted", "may-raise", "call-violates")
_INPUTS = 120
_RUN_SECONDS = 1.0
_CASE_SECONDS = 0.1
UNDECLARED = "undeclared"
RANKS = {"refuted": 0, "unchecked": 1, "unknown": 1, "tested": 2, "bounded": 3, "proved": 4}


@dataclass
class Patient:
    """A function with a result that says what is broken.

    Attributes:
        index: The lines of ``text``.
        result: The result of its check.
        obligations: What each key of a run's verdicts stands for, as in ``key_of``.
        program: The function with what it needs to run on its own.
        bad: Inputs that meet Requires and break something.
        blame: For each bad input the keys of what it breaks, ``UNDECLARED`` for an exception that escapes.
        good: Inputs that meet Requires and break nothing.
        deadline: When to stop looking, on the monotonic clock.
        problems: How many problems the text's specification has, once they are counted.
        sources: What the module imports from.
        abduced: The conditions that cvc5 named, once it was asked.
        tried: How many changes were tried so far.
    """

    module: Module
    text: str
    function: Function
    node: ast.FunctionDef
    options: Options
    index: LineIndex
    result: FunctionResult
    program: ReplayProgram
    deadline: float
    bad: list[Case] = field(default_factory=list)
    good: list[Case] = field(default_factory=list)
    blame: list[frozenset[str]] = field(default_factory=list)
    tried: int = 0
    ran_out: bool = False
    obligations: dict[str, str] = field(default_factory=dict)
    problems: int | None = None
    abduced: list[str] | None = None
    sources: Sources = NOTHING
    target: Any = None

    @property
    def broken(self) -> tuple[ClauseResult, ...]:
        """The obligations that a run in CPython broke."""
        return tuple(c for c in self.result.clauses if is_broken(c))

    @property
    def left(self) -> float:
        """The seconds that are left."""
        return self.deadline - time.monotonic()


def is_broken(clause: ClauseResult) -> bool:
    """Whether it is refuted by a run, and not merely open or trivial."""
    return clause.verdict == "refuted" and clause.code in BROKEN_CODES


def key_of(clause: ClauseResult) -> str:
    """How an obligation is known before and after a change."""
    return f"{clause.kind}:{clause.text}"


def admit(
    module: Module,
    text: str,
    qualname: str,
    options: Options,
    result: FunctionResult | None,
    deadline: float,
    sources: Sources = NOTHING,
) -> Patient | None:
    """Look at a function and run it; None if nothing in it is broken or it cannot be run on its own."""
    from lift.verify import trial
    from lift.verify.check import check_function
    from lift.verify.digests import program_of
    from lift.verify.entry import Target
    from lift.verify.inputs import cases
    from lift.verify.obligations import obligations_of

    function = next((f for f in module.all_functions() if f.qualname == qualname), None)
    program = program_of(module, text, sources)
    if function is None or program is None or not options.run_code:
        return None
    node = program.definition(qualname)
    if not isinstance(node, ast.FunctionDef):
        return None
    if result is None:
        result = check_function(module, text, qualname, options, sources)
    if not any(is_broken(c) for c in result.clauses):
        return None
    owner = next((c for c in module.classes if qualname == f"{c.qualname}.{function.name}"), None)
    target = Target(program, function, node, owner)
    wanted = obligations_of(target)
    fit = trial.runnable(target, wanted)
    if fit.program is None:
        return None
    index = LineIndex(text)
    patient = Patient(module, text, function, node, options, index, result, fit.program, deadline)
    patient.target, patient.sources = target, sources
    patient.obligations = {o.key: f"{o.kind}:{o.text}" for o in wanted}
    known = [case for c in result.clauses if (case := _case_of(c)) is not None]
    made, _ = cases(function, module, trial.constants_of(target), _INPUTS)
    _sort(patient, [*known, *_from_doctests(function), *made])
    return patient if patient.bad else None


def _case_of(clause: ClauseResult) -> Case | None:
    found = clause.counterexample
    return None if found is None else Case(dict(found.arguments), tuple(found.setup))


def _from_doctests(function: Function) -> list[Case]:
    """The calls that doctests make with literals: inputs that a person cared about."""
    found: list[Case] = []
    names = [p.name for p in function.signature.parameters]
    for clause in function.clauses:
        if clause.kind != "example" or not clause.expression:
            continue
        try:
            tree = ast.parse(clause.expression)
        except (SyntaxError, ValueError):
            continue
        for call in ast.walk(tree):
            if not (isinstance(call, ast.Call) and ast.unparse(call.func) == function.name):
                continue
            given = {**dict(zip(names, call.args, strict=False)), **{k.arg: k.value for k in call.keywords}}
            try:
                literal = {str(k): repr(ast.literal_eval(v)) for k, v in given.items()}
            except (ValueError, TypeError, SyntaxError):
                continue
            found.append(Case(literal))
    return found


def _sort(patient: Patient, inputs: list[Case]) -> None:
    for case, run in zip(inputs, run_on(patient, inputs), strict=False):
        remember(patient, case, run)


def remember(patient: Patient, case: Case, run: Run) -> None:
    """Keep an input by what it did."""
    if run.status != "ok":
        return
    if not run.failed:
        if case not in patient.good:
            patient.good.append(case)
    elif case not in patient.bad:
        patient.bad.append(case)
        names = patient.obligations
        broken = {names.get(k, k) for k, v in run.verdicts.items() if v.holds is False}
        patient.blame.append(frozenset(broken | ({UNDECLARED} if run.undeclared else set())))


def run_on(patient: Patient, inputs: list[Case], program: ReplayProgram | None = None) -> list[Run]:
    """Run the function, or another program, on inputs in the sandbox."""
    from lift.verify.trial import try_cases

    seconds = min(_RUN_SECONDS, max(0.1, patient.left))
    memory = min(512, patient.options.memory_mb)
    return try_cases(program or patient.program, inputs, seconds, memory, _CASE_SECONDS)


def breaking(patient: Patient, clause: ClauseResult) -> list[Case]:
    """The known inputs that break one obligation."""
    own = _case_of(clause)
    key = key_of(clause) if clause.kind in ("ensures", "raises", "modifies", "invariant") else UNDECLARED
    found = [c for c, blame in zip(patient.bad, patient.blame, strict=False) if key in blame]
    return [*found, own] if own is not None and own not in found else found


def shorter(options: Options, seconds: float) -> Options:
    """The same bounds with less time."""
    return replace(options, seconds=max(0.3, min(options.seconds, seconds)))
