"""Whether a change helps: the changed text is extracted and checked like any other text.

There is no second judge: what is proved here was proved by ``lift.verify.check``, with its smoke test and
its replay.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from lift_ir import ClauseResult, Function, FunctionResult, Module, Repair, RepairWay, TextEdit

from lift.edit import Edit, apply
from lift.extract import extract
from lift.resolve.repair.patient import RANKS, Patient, is_broken, key_of, shorter
from lift.source.text import Snapshot
from lift.verify.replay import Case

_CHECK_SHARE, _CALLER_SHARE = 0.4, 0.25
"""How much of the time for a function one check of a changed text may take, and one of a caller."""
_CALLERS = 4


@dataclass(frozen=True)
class Trial:
    """A changed text, and what its check says.

    Attributes:
        fixed: The obligations that were broken and are proved now, or are gone with the call that broke.
        whole: Whether every obligation that can be checked is proved.
        worse: Whether anything is worse than before.
    """

    module: Module
    text: str
    result: FunctionResult
    fixed: tuple[str, ...]
    whole: bool
    worse: bool

    @property
    def evidence(self) -> str:
        """``proved: 3 clauses, 4 paths``."""
        proved = [c for c in self.result.clauses if c.verdict == "proved" and c.kind != "requires"]
        paths = {p for c in proved for p in (c.evidence or "").split(", ") if p.endswith(("path", "paths"))}
        shown = f"proved: {len(proved)} {'clause' if len(proved) == 1 else 'clauses'}"
        shown += f", {max(paths, key=len)}" if paths else ""
        open_ = [c for c in self.result.clauses if c.verdict == "unchecked"]
        shown += f"; {len(open_)} cannot be checked" if open_ else ""
        still = sum(is_broken(c) for c in self.result.clauses)
        return shown + (f"; {still} still broken" if still else "")


def attempt(patient: Patient, edits: Sequence[Edit]) -> Trial | None:
    """Check the text after ``edits``; None if it does not parse, the function is gone or time ran out."""
    from lift.verify.check import check_function

    if patient.left <= 0.2:
        patient.ran_out = True
        return None
    patient.tried += 1
    text = apply(patient.text, edits)
    module = _extracted(patient, text)
    if module is None or function_in(module, patient.function.qualname) is None:
        return None
    options = shorter(patient.options, min(_CHECK_SHARE * patient.options.seconds, patient.left))
    result = check_function(module, text, patient.function.qualname, options, patient.sources)
    _learn(patient, result)
    return _judged(patient, module, text, result)


def _extracted(patient: Patient, text: str) -> Module | None:
    extraction = extract(Snapshot(patient.module.path, None, text))
    if extraction.error is not None or len(extraction.problems) > _problems_before(patient):
        return None
    return extraction.module


def _problems_before(patient: Patient) -> int:
    if patient.problems is None:
        patient.problems = len(extract(Snapshot(patient.module.path, None, patient.text)).problems)
    return patient.problems


def function_in(module: Module, qualname: str) -> Function | None:
    """The function of that name."""
    return next((f for f in module.all_functions() if f.qualname == qualname), None)


def _learn(patient: Patient, result: FunctionResult) -> None:
    """An input that breaks the changed text is worth trying on the next change as well."""
    for clause in result.clauses:
        found = clause.counterexample
        if is_broken(clause) and found is not None:
            case = Case(dict(found.arguments), tuple(found.setup))
            if case not in patient.bad and case not in patient.good:
                patient.bad.append(case)
                patient.blame.append(frozenset({key_of(clause)}))


def _judged(patient: Patient, module: Module, text: str, result: FunctionResult) -> Trial:
    before, after = _ranks(patient.result.clauses), _ranks(result.clauses)
    broken = {key_of(c) for c in patient.broken}
    gone = {key_of(c) for c in patient.broken if c.kind == "call"}
    fixed = tuple(sorted(k for k in broken if after.get(k, 4 if k in gone else 0) == 4))
    worse = any(after.get(k, rank) < rank for k, rank in before.items() if k not in broken)
    fresh = [c for c in result.clauses if key_of(c) not in before]
    worse = worse or any(RANKS[c.verdict] < 4 for c in fresh if c.verdict != "unchecked")
    worse = worse or _count_broken(result) > _count_broken(patient.result)
    # An open clause cannot be proved by anybody; the evidence says how many there are.
    closed = [c for c in result.clauses if c.verdict != "unchecked"]
    whole = bool(closed) and all(c.verdict == "proved" for c in closed)
    return Trial(module, text, result, fixed, whole, worse)


def _ranks(clauses: Sequence[ClauseResult]) -> dict[str, int]:
    found: dict[str, int] = {}
    for clause in clauses:
        key = key_of(clause)
        found[key] = min(found.get(key, 4), RANKS[clause.verdict])
    return found


def _count_broken(result: FunctionResult) -> int:
    return sum(Counter(key_of(c) for c in result.clauses if is_broken(c)).values())


def helps(patient: Patient, trial: Trial | None) -> bool:
    """Whether a broken obligation is proved, nothing is worse, and inputs are left to call it with."""
    if trial is None or not trial.fixed or trial.worse:
        return False
    return all(c.verdict == "proved" for c in trial.result.clauses if c.kind == "requires")


def repair_of(
    way: RepairWay, title: str, edits: Sequence[Edit], trial: Trial, breaks: tuple[str, ...] = ()
) -> Repair:
    """A repair as it leaves the worker."""
    evidence = trial.evidence
    if breaks:
        evidence += f"; may break the {'call' if len(breaks) == 1 else 'calls'} in {', '.join(breaks)}"
    texts = tuple(TextEdit(span=e.span, text=e.text) for e in edits)
    return Repair(way=way, title=title, edits=texts, evidence=evidence, fixes=trial.fixed, breaks=breaks)


def broken_callers(patient: Patient, trial: Trial) -> tuple[str, ...]:
    """The functions of the file whose calls may break what the changed text requires."""

    from lift.verify.check import check_function

    name, found = patient.function.name, []
    callers = [
        f
        for f in trial.module.all_functions()
        if f.qualname != patient.function.qualname and any(c.callee == name for c in f.calls)
    ]
    for caller in callers[:_CALLERS]:
        if not caller.specified:
            # Nothing is known of what it may be called with, so that its call is not shown to be fine.
            found.append(caller.qualname)
            continue
        options = shorter(patient.options, _CALLER_SHARE * patient.options.seconds)
        before = check_function(patient.module, patient.text, caller.qualname, options, patient.sources)
        after = check_function(trial.module, trial.text, caller.qualname, options, patient.sources)
        if _violates(after, name) and not _violates(before, name):
            found.append(caller.qualname)
    return tuple(found)


def _violates(result: FunctionResult, callee: str) -> bool:
    return any(c.kind == "call" and callee in c.message and c.verdict != "proved" for c in result.clauses)
