"""Runs of a candidate in the sandbox: on generated inputs, for what no proof decided and what no clause says.

Whatever is refused here was run in CPython. Z3 is imported when a candidate runs, not with this module.
"""

from __future__ import annotations

import ast
import itertools
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lift_ir import ClauseResult, Function, Module, Raised
from lift_ir.generation import Stage

from lift.resolve.loop.refusal import Refusal
from lift.resolve.loop.result_types import judgement
from lift.verify.options import Options
from lift.verify.sources import Sources

if TYPE_CHECKING:
    from lift.verify.entry import Target
    from lift.verify.obligations import Obligation
    from lift.verify.replay import Case, Check, Program, Run
    from lift.verify.standing import Standing

_CASE_SECONDS, _SECOND_CHANCE = 0.1, 1.5
"""Processor time for one input, and for one that was slow the first time although it is small."""
_MEMORY_MB = 512
_SMALL_NUMBER, _SMALL_LENGTH = 64, 16
"""What counts as a small input, on which a body has to come to an end."""
LEAST = 20
"""On how many inputs something has to be judged to be called tested, where there are as many."""
_TYPE, _SAME = "type:result", "same:"
_BATCH = 250
_CLAUSES = ("ensures:", "raises:", "modifies:", "invariant:")


@dataclass
class Trials:
    """What the runs of a candidate showed.

    Attributes:
        tests: How many inputs met Requires and came to an end.
        cases: How many inputs were made.
        held: By the key of an obligation, on how many inputs it was judged and held.
    """

    tests: int = 0
    cases: int = 0
    held: dict[str, int] = field(default_factory=dict)

    @property
    def enough(self) -> bool:
        """Whether something may be called tested."""
        return self.tests >= min(LEAST, self.cases) and self.tests > 0


@dataclass(frozen=True)
class Bench:
    """A function with what it takes to run it.

    Attributes:
        program: It and the definitions that it needs, with its clauses to judge.
        cases: Inputs, the simplest first.
    """

    target: Target
    wanted: Sequence[Obligation]
    program: Program
    cases: Sequence[Case]


def prepare(
    module: Module, text: str, function: Function, sources: Sources, limit: int
) -> tuple[Bench | None, str | None]:
    """What it takes to run a function on ``limit`` inputs, or why it cannot be run.

    Args:
        module: The IR of ``text``, which holds ``function`` with the candidate's body.
    """
    from lift.verify import inputs, trial
    from lift.verify.digests import program_of
    from lift.verify.entry import Target
    from lift.verify.obligations import obligations_of

    program = program_of(module, text, sources)
    node = program.definition(function.qualname) if program is not None else None
    if program is None or not isinstance(node, ast.FunctionDef):
        return None, "it cannot be run on its own"
    owner = next((c for c in module.classes if function.qualname == f"{c.qualname}.{function.name}"), None)
    target = Target(program, function, node, owner)
    wanted = obligations_of(target)
    fit = trial.runnable(target, wanted)
    if fit.program is None:
        return None, f"it cannot be run on its own: {fit.reason}"
    made, why = inputs.cases(function, module, trial.constants_of(target), limit)
    if not made:
        return None, why or "no inputs could be made"
    ran = replace(fit.program, checks=(*fit.program.checks, *_more_checks(function, node)))
    return Bench(target, wanted, ran, made), None


def run_all(bench: Bench, options: Options, sources: Sources, deadline: float) -> Trials:
    """Run the function on the inputs.

    Args:
        deadline: When to stop, on the monotonic clock.

    Raises:
        Refusal: A run broke a clause or the annotation, changed what it was given without being allowed to,
            did not end, or tried what the sandbox denies.
    """
    from lift.verify.obligations import untyped
    from lift.verify.standing import Standing

    open_types = untyped(bench.target.ir)
    standing = Standing(
        bench.target, options, deadline, list(bench.wanted), untyped=open_types, sources=sources
    )
    seen = Trials(cases=len(bench.cases))
    left = list(bench.cases)
    for size in itertools.chain((4, 20), itertools.repeat(_BATCH)):
        if not left or time.monotonic() >= deadline:
            return seen
        _one_batch(seen, standing, bench.program, left[:size])
        del left[:size]
    return seen


def _one_batch(seen: Trials, standing: Standing, program: Program, batch: Sequence[Case]) -> None:
    from lift.verify import runs
    from lift.verify.replay import run

    left = standing.deadline - time.monotonic()
    found = run(program, batch, seconds=max(0.2, left), per_case=_CASE_SECONDS, memory_mb=_MEMORY_MB)
    for case, one in zip(batch, found, strict=False):
        if one.status in ("timeout", "crashed", "broken"):
            _unfinished(standing, program, case, one)
    if not standing.untyped:
        # Without a type a value that a clause fails for may be none that the function is meant for.
        runs.learn(standing, found)
        _refuse_broken(standing, found)
    for one in found:
        if one.status == "ok":
            _count(seen, standing, one)


def _more_checks(function: Function, node: ast.FunctionDef) -> list[Check]:
    """What no clause says: the result is of the annotated type, and arguments stay as they were."""
    from lift.verify.replay import Check

    names = {p.name for p in function.signature.parameters}
    value = "__return__" if "result" in names else "result"
    found: list[Check] = []
    typed = judgement(node.returns, value)
    if typed is not None and not function.is_generator and not function.is_async:
        found.append(Check(_TYPE, "ensures", typed))
    return [*found, *(Check(_SAME + n, "ensures", f"{n} == old({n})") for n in _to_stay(function))]


_COMPARED = ("list", "dict", "set", "bytearray")


def _to_stay(function: Function) -> Iterable[str]:
    """Parameters that the body may change as far as its text tells, and that nothing allows it to change."""
    if any(c.kind == "modifies" for c in function.clauses):
        return
    named: set[str] = set()
    for clause in function.clauses:
        tree = ast.parse(clause.expression) if clause.expression and clause.kind != "example" else None
        for call in ast.walk(tree) if tree is not None else ():
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "old":
                named |= {n.id for n in ast.walk(call) if isinstance(n, ast.Name)}
    for parameter in function.signature.parameters:
        annotation = getattr(parameter.type, "text", "")
        if parameter.name in function.effects.mutates and parameter.name not in named:
            if annotation.partition("[")[0].lower() in _COMPARED:
                yield parameter.name


def _count(seen: Trials, standing: Standing, run: Run) -> None:
    seen.tests += 1
    for key, verdict in run.verdicts.items():
        if verdict.holds is True:
            seen.held[key] = seen.held.get(key, 0) + 1
        elif verdict.holds is False and key == _TYPE:
            shown = _outcome(run)
            raise Refusal("types", f"{run.call} returns {shown}, which is not of the annotated type")
        elif verdict.holds is False and key.startswith(_SAME):
            name = key.removeprefix(_SAME)
            raise Refusal("effects", f"{run.call} changes {name}, which Modifies does not name")
    if not (isinstance(run.outcome, Raised) and run.undeclared):
        for obligation in standing.wanted:
            if obligation.kind in ("no-raise", "assert", "decreases"):
                seen.held[obligation.key] = seen.held.get(obligation.key, 0) + 1


def _outcome(run: Run) -> str:
    value = getattr(run.outcome, "value", "nothing")
    return value if len(value) <= 60 else value[:57] + "..."


def _refuse_broken(standing: Standing, found: Sequence[Run]) -> None:
    broken = [r for r in (*standing.results.values(), *standing.calls) if r.verdict == "refuted"]
    if broken:
        judged = [(k, v.holds) for r in found for k, v in r.verdicts.items() if k.startswith(_CLAUSES)]
        failed = {k for k, holds in judged if holds is False}
        raise refusal_of(broken[0], len({k for k, holds in judged if holds} - failed))


def refusal_of(clause: ClauseResult, held: int) -> Refusal:
    """A clause that a run broke, as the reason why a candidate is not offered."""
    said = clause.message.split("\n")[0] or f"`{clause.text}` fails"
    stage: Stage = "examples" if clause.kind == "example" else "verify"
    return Refusal(stage, said, clause=clause.text, counterexample=clause.counterexample, held=held)


def _unfinished(standing: Standing, program: Program, case: Case, run: Run) -> None:
    """Refuse what did not end on a small input, or tried what the sandbox denies."""
    reason = run.reason or "it came to no end"
    call = _call(standing.target.ir, case)
    if "does not run in the sandbox" in reason:
        what = reason.partition(" does not run")[0]
        raise Refusal("sandbox", f"{call} tries to use {what}, which the sandbox denies")
    if run.status == "crashed":
        raise Refusal("sandbox", f"{call} ends the process that runs it: {reason}")
    if (run.status == "broken" and not reason.endswith("limit")) or not _is_small(case):
        return
    if time.monotonic() + 2 * _SECOND_CHANCE >= standing.deadline:
        return
    from lift.verify.replay import run as replay

    again = replay(program, [case], seconds=3 * _SECOND_CHANCE, per_case=_SECOND_CHANCE, memory_mb=_MEMORY_MB)
    if again and again[0].status in ("timeout", "broken", "crashed"):
        raise Refusal("sandbox", f"{call} does not come to an end: {again[0].reason or reason}")


def _call(function: Function, case: Case) -> str:
    given = ", ".join(f"{k}={v}" for k, v in case.arguments.items())
    text = f"{function.name}({given})"
    return text if len(text) <= 100 else text[:97] + "..."


def _is_small(case: Case) -> bool:
    return all(_is_small_value(text) for text in case.arguments.values())


def _is_small_value(text: str) -> bool:
    try:
        value: Any = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return len(text) <= 40
    pending: list[Any] = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, int | float) and not abs(one) <= _SMALL_NUMBER:
            return False
        if isinstance(one, str | bytes | list | tuple | set | frozenset | dict) and len(one) > _SMALL_LENGTH:
            return False
        if isinstance(one, list | tuple | set | frozenset):
            pending += one
        elif isinstance(one, dict):
            pending += [*one, *one.values()]
    return True
