"""The check of one candidate, gate by gate: what a worker runs, and the only way into what is offered.

Each gate refuses with a sentence; what passes all of them comes back with its verdicts and its edits. Z3 is
imported when a candidate gets as far as its proof.
"""

from __future__ import annotations

import ast
import json
import time
from dataclasses import replace
from pathlib import Path

from lift_ir import ClauseResult, Frozen, Function, FunctionResult, Module, TextEdit, Verdict, weakest
from lift_ir.generation import BodyOrigin, Proposal, Rejection, Stage
from lift_ir.model import Provenance

from lift.resolve.loop import effects, gates, kept, trials, type_check
from lift.resolve.loop.draft import read
from lift.resolve.loop.installed import Installed
from lift.resolve.loop.placing import Placed, place
from lift.resolve.loop.refusal import Refusal
from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources

TESTS = 2000
"""On how many inputs a body is run of which something is not proved."""
_TESTS_OF_PROVED = 300
_FIRST, _FIRST_SECONDS = 24, 8.0
_PROOF_SHARE, _RUN_SHARE, _MUTANT_SECONDS = 0.4, 0.8, 2.0
_GOOD: tuple[Verdict, ...] = ("proved", "bounded", "tested")
_STATED = ("ensures", "raises", "example", "modifies", "invariant")


class Asked(Frozen):
    """A candidate, as it is handed to a worker.

    Attributes:
        code: The definition with the body that is proposed.
        imports: Import statements that it needs beside those in ``code``.
        roots: Folders in which the project's own modules are.
        tests: On how many inputs it is run where something is not proved.
    """

    code: str
    imports: tuple[str, ...] = ()
    origin: BodyOrigin = "model"
    provenance: Provenance = Provenance()
    prompt: str = ""
    round: int = 1
    roots: tuple[str, ...] = ()
    tests: int = TESTS


class Checked(Frozen):
    """What the check of a candidate says: one of the two is set."""

    proposal: Proposal | None = None
    rejection: Rejection | None = None


def check(
    module: Module,
    text: str,
    qualname: str,
    options: Options,
    details: str = "{}",
    sources: Sources = NOTHING,
) -> Checked:
    """Check one candidate for the body of a function; what a worker runs.

    Args:
        module: The IR of ``text``, the user's file without the candidate.
        options: With the time for all gates together in ``seconds``.
        details: JSON of an ``Asked``.
        sources: What the module imports from.

    Returns:
        The proposal, or why there is none. Never raises on what the candidate is.
    """
    asked = Asked.model_validate(json.loads(details))
    try:
        return Checked(proposal=_passed(module, text, qualname, options, asked, sources))
    except Refusal as refusal:
        return Checked(
            rejection=Rejection(
                code=asked.code,
                origin=asked.origin,
                stage=refusal.stage,
                reason=refusal.reason,
                clause=refusal.clause,
                counterexample=refusal.counterexample,
                held=refusal.held,
            )
        )


def _passed(
    module: Module, text: str, qualname: str, options: Options, asked: Asked, sources: Sources
) -> Proposal:
    deadline = time.monotonic() + options.seconds
    function = next((f for f in reversed(module.all_functions()) if f.qualname == qualname), None)
    if function is None:
        raise Refusal("parse", f"the file has no function {qualname}")
    own = kept.own_definition(text, qualname)
    draft = read(asked.code, function, own, asked.imports)
    kept.specification_stays(draft, function)
    tree = ast.parse(text)
    gates.names(draft, tree)
    installed = Installed(asked.roots, _folder(module.path), sources)
    wanted = gates.imports(draft, function, tree, installed)
    placed = place(text, function, own, draft, wanted)
    kept.rest_stays(text, placed.text, qualname, draft, placed.imports)
    after = kept.module_after(module, function, placed.text)
    changed = next(f for f in reversed(after.all_functions()) if f.qualname == qualname)
    effects.within(draft, function, changed, tree, sources)
    type_check.types(text, function, placed.text, changed, asked.roots)
    result, tests, bench = _judged(after, placed, changed, options, asked, sources, deadline)
    killed, mutants = _killed(bench, options, deadline)
    return Proposal(
        code=placed.code,
        edits=tuple(TextEdit(span=e.span, text=e.text) for e in placed.edits),
        added=placed.added,
        removed=placed.removed,
        result=result,
        tests=tests,
        mutants=mutants,
        killed=killed,
        origin=asked.origin,
        provenance=asked.provenance,
        prompt=asked.prompt,
        round=asked.round,
    )


def _folder(path: str) -> str | None:
    folder = Path(path.removeprefix("file://")).parent
    return str(folder) if folder.is_dir() else None


def _judged(
    after: Module,
    placed: Placed,
    changed: Function,
    options: Options,
    asked: Asked,
    sources: Sources,
    deadline: float,
) -> tuple[FunctionResult, int, trials.Bench | None]:
    """The verdicts, with what the runs add to them, and on how many inputs it was run.

    Raises:
        Refusal: A clause is refuted, or nothing decides it.
    """
    from lift.verify.check import check_function

    limits = replace(options, seconds=_PROOF_SHARE * options.seconds, backend="lift")
    if options.run_code:
        # Most wrong bodies show themselves at once, and one that never ends would use up the proof's time.
        first, _ = trials.prepare(after, placed.text, changed, sources, _FIRST)
        if first is not None:
            trials.run_all(first, limits, sources, min(deadline, time.monotonic() + _FIRST_SECONDS))
    result = check_function(after, placed.text, changed.qualname, limits, sources)
    good = sum(c.verdict in _GOOD for c in result.clauses if c.kind != "requires")
    refuted = next((c for c in result.clauses if c.verdict == "refuted"), None)
    if refuted is not None:
        raise trials.refusal_of(refuted, good)
    impossible = next((c for c in result.clauses if c.code == "inconsistent-spec"), None)
    if impossible is not None:
        raise Refusal("verify", impossible.message.split("\n")[0], clause=impossible.text, held=good)
    open_ = [c for c in result.clauses if c.verdict == "unknown"]
    seen, bench, why = trials.Trials(), None, options.forbidden
    if options.run_code:
        limit = asked.tests if open_ else min(asked.tests, _TESTS_OF_PROVED)
        bench, why = trials.prepare(after, placed.text, changed, sources, limit)
        if bench is not None:
            until = time.monotonic() + _RUN_SHARE * max(0.0, deadline - time.monotonic())
            seen = trials.run_all(bench, limits, sources, until)
    clauses = tuple(_with_runs(c, seen, bench, why, good) for c in result.clauses)
    _worth_offering(result, clauses, seen, why)
    verdict = weakest(tuple(c.verdict for c in clauses))
    return result.model_copy(update={"clauses": clauses, "verdict": verdict}), seen.tests, bench


def _with_runs(
    clause: ClauseResult, seen: trials.Trials, bench: trials.Bench | None, why: str | None, good: int
) -> ClauseResult:
    """A clause that no proof decided, as tested where enough runs judged it.

    Raises:
        Refusal: Nothing decides it.
    """
    if clause.verdict == "tested":
        count = max(clause.tests, _count(clause, seen, bench))
        return clause.model_copy(update={"tests": count})
    if clause.verdict != "unknown":
        return clause
    count = _count(clause, seen, bench)
    if clause.kind != "example" and seen.enough and count >= min(seen.tests, trials.LEAST):
        return clause.model_copy(
            update={"verdict": "tested", "tests": count, "code": None, "message": "", "evidence": ""}
        )
    stage: Stage = "examples" if clause.kind == "example" else "verify"
    doubt = clause.reason or "nothing was found out"
    runs = f"it was run on {seen.tests} inputs only" if bench is not None else why
    raise Refusal(
        stage,
        f"`{clause.text}` was neither proved nor tested: {doubt}; {runs}",
        clause=clause.text,
        held=good,
    )


def _count(clause: ClauseResult, seen: trials.Trials, bench: trials.Bench | None) -> int:
    """On how many inputs a clause was judged and held."""
    if bench is None:
        return 0
    if clause.kind in ("call", "requires"):
        # Each run met Requires, and would have ended in a call that broke its callee's.
        return seen.tests
    keys = [
        o.key for o in bench.wanted if (o.kind, o.text, o.span) == (clause.kind, clause.text, clause.span)
    ]
    return max((seen.held.get(k, 0) for k in keys), default=0)


def _worth_offering(
    result: FunctionResult, clauses: tuple[ClauseResult, ...], seen: trials.Trials, why: str | None
) -> None:
    """Refuse a body of which nothing was shown that anybody asked for, or that was never seen to end."""
    if not any(c.kind in _STATED and c.verdict in _GOOD for c in clauses):
        raise Refusal("verify", "the specification has no clause that a body could be checked against")
    if seen.tests == 0 and any(a.endswith(" ends") for a in result.assumptions):
        raise Refusal(
            "sandbox", f"it was not seen to come to an end on any input ({why or 'none met Requires'})"
        )


def _killed(bench: trials.Bench | None, options: Options, deadline: float) -> tuple[int, int]:
    if bench is None:
        return 0, 0
    from lift.resolve.loop.strength import killed_of, without_extras

    until = min(deadline, time.monotonic() + _MUTANT_SECONDS)
    return killed_of(without_extras(bench), options, until)
