"""The proof: every path of a function with symbolic inputs, each obligation on each path."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import z3
from lift_ir import Raises, Requires

from lift.verify import contracts, execute, measures
from lift.verify.entry import Entry, Target, entries
from lift.verify.obligations import NO_RAISE, Obligation
from lift.verify.program import own_nodes
from lift.verify.state import BudgetExceeded, Engine, HeapObject, Normal, Return, State, Stop, Truncated
from lift.verify.values import NONE, Exc, Term, Unsupported, Value, floats_made


@dataclass
class Finding:
    """How an obligation stands after a run.

    Attributes:
        holds: It was shown on every path so far.
        why: The first reason why it was not.
        line: The line of that reason.
        agreed: Another solver said the same of every path so far.
        suspects: Paths on which it may fail, with the formula that says so.
    """

    holds: bool = True
    why: str | None = None
    line: int | None = None
    agreed: bool = True
    suspects: list[tuple[Entry, State, Term]] = field(default_factory=list)

    def fail(self, why: str, line: int | None = None) -> None:
        """Note that it was not shown."""
        self.holds = False
        if self.why is None:
            self.why, self.line = why, line


@dataclass
class Exploration:
    """The outcome of a run over all paths.

    Attributes:
        findings: By obligation key.
        paths: How many paths ended.
        calls: Calls that may break the callee's Requires: line → the callee and its clause.
        call_suspects: The paths on which they do.
        vacuous: No input at all meets Requires.
        complete: No path was cut short.
    """

    findings: dict[str, Finding]
    paths: int = 0
    calls: dict[int, tuple[str, str]] = field(default_factory=dict)
    call_suspects: list[tuple[Entry, State, Term]] = field(default_factory=list)
    vacuous: bool = False
    complete: bool = True


@dataclass(frozen=True)
class Post:
    """What loops take candidate invariants from."""

    variables: dict[str, Value]
    conjuncts: tuple[ast.expr, ...]
    constants: tuple[ast.expr, ...]
    entry_heap: dict[int, HeapObject]
    returned: tuple[ast.expr, ...] = ()
    requires: tuple[ast.expr, ...] = ()


def explore(
    engine: Engine,
    target: Target,
    wanted: list[Obligation],
    *,
    keep: int = 4,
    prepare: Callable[[Entry], Entry] | None = None,
) -> Exploration:
    """Run every path and judge the obligations at its end.

    Args:
        engine: Says whether this is a proof or a search for counterexamples.
        wanted: Obligations to judge.
        keep: How many suspect paths to keep for each.
        prepare: What each entry becomes before it is followed.
    """
    result = Exploration({o.key: Finding() for o in wanted})
    try:
        starts = entries(engine, target)
        if not starts and not engine.exploring:
            result.vacuous = True
        for entry in map(prepare, starts) if prepare is not None else starts:
            _from_entry(engine, target, entry, wanted, result, keep)
            if engine.exploring and wanted and all(f.suspects for f in result.findings.values()):
                break
    except Unsupported as stop:
        _fail_all(result, stop.construct, stop.line)
    except BudgetExceeded as stop:
        _fail_all(result, str(stop), None)
    except RecursionError:
        _fail_all(result, "an expression that is nested too deeply", target.node.lineno)
    except z3.Z3Exception as error:
        _fail_all(result, f"a formula that Z3 refuses ({str(error)[:60]})", None)
    if engine.truncated:
        result.complete = False
    return result


def _fail_all(result: Exploration, why: str, line: int | None) -> None:
    result.complete = False
    for finding in result.findings.values():
        finding.fail(why, line)


def _from_entry(
    engine: Engine, target: Target, entry: Entry, wanted: list[Obligation], result: Exploration, keep: int
) -> None:
    conjuncts = [
        c
        for o in wanted
        if o.kind == "ensures" and o.expression and not o.open
        for c in _conjuncts(o.expression)
    ]
    engine.postconditions = Post(
        entry.variables,
        tuple(conjuncts),
        _returned_constants(target),
        dict(entry.state.heap),
        _returned_expressions(target),
        _required(target),
    )
    engine.measure = measures.on_entry(engine, target.ir, entry)
    for state, signal in execute.run_block(engine, entry.state, target.node.body):
        result.paths += 1
        engine.check_time()
        _judge_path(engine, target, entry, state, signal, wanted, result, keep)


def _returned_constants(target: Target) -> tuple[ast.expr, ...]:
    """The constants that the body returns, or gives to what it returns: those of a search, for example."""
    found: dict[str, ast.expr] = {}
    nodes = list(own_nodes(target.node))
    names = {n.value.id for n in nodes if isinstance(n, ast.Return) and isinstance(n.value, ast.Name)}
    for node in nodes:
        gives = isinstance(node, ast.Assign) and any(
            isinstance(t, ast.Name) and t.id in names for t in node.targets
        )
        if isinstance(node, ast.Assign | ast.Return) and node.value is not None:
            try:
                value = ast.literal_eval(node.value)
            except (ValueError, TypeError, SyntaxError):
                continue
            searched = isinstance(node, ast.Return) or (gives and (value is None or isinstance(value, bool)))
            if searched and (value is None or isinstance(value, bool | int | str)):
                found[ast.unparse(node.value)] = node.value
    return tuple(found.values())[:4]


def _returned_expressions(target: Target) -> tuple[ast.expr, ...]:
    """What the body returns, where that is more than a constant."""
    found = [n.value for n in own_nodes(target.node) if isinstance(n, ast.Return) and n.value is not None]
    return tuple({ast.dump(e): e for e in found if not isinstance(e, ast.Constant)}.values())[:4]


def _required(target: Target) -> tuple[ast.expr, ...]:
    return tuple(
        part
        for clause in target.ir.clauses
        if isinstance(clause, Requires) and clause.expression is not None and not clause.holes
        for part in _conjuncts(clause.expression)
    )


def _conjuncts(expression: str) -> list[ast.expr]:
    tree = ast.parse(expression, mode="eval").body
    if isinstance(tree, ast.BoolOp) and isinstance(tree.op, ast.And):
        return list(tree.values)
    return [tree]


def _judge_path(
    engine: Engine,
    target: Target,
    entry: Entry,
    state: State,
    signal: Any,
    wanted: list[Obligation],
    result: Exploration,
    keep: int,
) -> None:
    match signal:
        case Stop(construct=construct, line=line):
            if engine.feasible(state, timeout_ms=300):
                _fail_all(result, construct, line)
        case Truncated():
            result.complete = False
        case Return() | Normal():
            value = signal.value if isinstance(signal, Return) else NONE
            _judge_return(engine, target, entry, state, value, wanted, result, keep)
        case Exc():
            _judge_raise(engine, target, entry, state, signal, wanted, result, keep)
        case _:
            _fail_all(result, "a jump out of the function", None)


def _judge_return(
    engine: Engine,
    target: Target,
    entry: Entry,
    state: State,
    value: Value,
    wanted: list[Obligation],
    result: Exploration,
    keep: int,
) -> None:
    outcome: dict[str, Value] = {**entry.variables, "__return__": value}
    if "result" not in outcome:
        outcome["result"] = value
    for obligation in wanted:
        finding = result.findings[obligation.key]
        if obligation.expression is None or len(finding.suspects) >= keep:
            continue
        if obligation.kind in ("ensures", "invariant", "modifies"):
            variables, heap = (
                (outcome, state.heap) if obligation.kind != "invariant" else (entry.variables, state.heap)
            )
            _settle(engine, finding, obligation, entry, state, variables, heap, negate=False)
        elif obligation.kind == "raises":
            clause = obligation.clause
            if isinstance(clause, Raises) and clause.exact:
                _settle(
                    engine, finding, obligation, entry, state, entry.variables, entry.state.heap, negate=True
                )


def _settle(
    engine: Engine,
    finding: Finding,
    obligation: Obligation,
    entry: Entry,
    state: State,
    variables: dict[str, Value],
    heap: dict[int, HeapObject],
    *,
    negate: bool,
) -> None:
    """Decide one obligation at the end of one path.

    Args:
        heap: The heap in which the expression is evaluated: the exit's, or the entry's for conditions.
        negate: Whether the expression must not hold.
    """
    assert obligation.expression is not None
    place = state
    if heap is not state.heap:
        place = state.fork()
        place.heap = {**state.heap, **heap}
    try:
        judgement = contracts.judge(engine, place, obligation.expression, variables, dict(entry.state.heap))
    except Unsupported as stop:
        finding.fail(f"{stop.construct} in the clause", obligation.span.start.line)
        return
    bad = judgement.holds if negate else judgement.fails
    decide(engine, finding, entry, state, bad)


def decide(engine: Engine, finding: Finding, entry: Entry, state: State, bad: Term) -> None:
    """Ask the solver whether a path can end badly."""
    patience = 2 if floats_made() else 1
    answer = engine.query(state, [bad], patience * (2000 if engine.exploring else 3000))
    if answer == "unsat":
        if not engine.exploring and finding.holds:
            _second_opinion(engine, finding, state, bad)
        return
    if engine.exploring:
        if answer == "sat":
            finding.suspects.append((entry, state, bad))
        else:
            finding.fail("timeout of the solver")
        return
    finding.suspects.append((entry, state, bad))
    finding.fail("not proved" if answer == "sat" else "timeout of the solver", state.return_line)


def _second_opinion(engine: Engine, finding: Finding, state: State, bad: Term) -> None:
    opinion = engine.backend.confirm([*engine.facts, *state.pc, bad], 1000)
    if opinion == "sat":
        finding.fail("the solvers disagree", state.return_line)
    finding.agreed &= opinion == "unsat"


def _judge_raise(
    engine: Engine,
    target: Target,
    entry: Entry,
    state: State,
    raised: Exc,
    wanted: list[Obligation],
    result: Exploration,
    keep: int,
) -> None:
    yes = z3.BoolVal(True)
    if raised.decreases:
        for obligation in [o for o in wanted if o.kind == "decreases"]:
            finding = result.findings[obligation.key]
            if len(finding.suspects) < keep:
                holds = finding.holds
                decide(engine, finding, entry, state, yes)
                if holds and finding.why == "not proved":
                    finding.why, finding.line = raised.why, raised.line
        return
    if raised.violated is not None:
        if engine.query(state, [], 2000) != "unsat":
            result.calls[raised.line] = raised.violated
            result.call_suspects.append((entry, state, yes))
        return
    allowed: list[Term] = []
    for clause in target.ir.clauses:
        if not isinstance(clause, Raises) or not _is_kind(engine, raised.type, clause.exception):
            continue
        if clause.expression is None or clause.holes:
            allowed = [yes]
            break
        place = state.fork()
        place.heap = {**state.heap, **entry.state.heap}
        try:
            judgement = contracts.judge(
                engine, place, clause.expression, entry.variables, dict(entry.state.heap)
            )
        except Unsupported as stop:
            _fail_all(result, f"{stop.construct} in the clause", clause.span.start.line)
            return
        allowed.append(judgement.fails)
    if allowed and allowed[0] is yes:
        return
    # It is fine where the condition of one declared clause holds: bad where all of them fail.
    bad = z3.And(allowed) if allowed else yes
    here = [o for o in wanted if o.kind == "assert" and o.line == raised.line and raised.asserted]
    declared = [
        o
        for o in wanted
        if o.kind == "raises"
        and isinstance(o.clause, Raises)
        and o.clause.exact
        and _is_kind(engine, raised.type, o.clause.exception)
    ]
    if not here and not declared:
        _judge_missed(engine, entry, state, bad, wanted, result)
    escapes = raised.type != "AssertionError" or not here
    implicit = [o for o in wanted if o.key == NO_RAISE] if escapes and not declared else []
    for obligation in [*here, *declared, *implicit]:
        finding = result.findings[obligation.key]
        if len(finding.suspects) < keep:
            before = finding.holds
            decide(engine, finding, entry, state, bad)
            if before and not finding.holds and finding.why == "not proved":
                finding.why = (
                    f"{raised.type} at line {raised.line}: {raised.why}"
                    if raised.why
                    else f"{raised.type} may be raised"
                )
                finding.line = raised.line


def _judge_missed(
    engine: Engine, entry: Entry, state: State, bad: Term, wanted: list[Obligation], result: Exploration
) -> None:
    """An undeclared exception comes in place of any that should be raised here."""
    for obligation in wanted:
        clause = obligation.clause
        if obligation.kind != "raises" or not isinstance(clause, Raises) or not clause.exact:
            continue
        finding = result.findings[obligation.key]
        place = state.fork(bad)
        _settle(engine, finding, obligation, entry, place, entry.variables, entry.state.heap, negate=True)


def _is_kind(engine: Engine, raised: str, declared: str) -> bool:
    name = declared.rpartition(".")[2]
    parents = engine.program.exception_parents(raised)
    if parents is None:
        return raised.rpartition(".")[2] == name
    known = engine.program.exception_parents(name)
    return (known[0] if known else name) in parents
