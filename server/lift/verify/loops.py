"""Loops: unrolled where the number of rounds is known or in search of a counterexample, else inductive.

In a proof everything that the body may change is forgotten at the loop's head, except what a set of
candidate invariants says. The candidates come from the asserts at the head of the body, from the
postconditions (with the variable in place of the result and the part done so far in place of the whole)
and from templates over the changed integers; the largest inductive subset is kept (Houdini: Flanagan and
Leino, "Houdini, an annotation assistant for ESC/Java", 2001).
"""

from __future__ import annotations

import ast

import z3

from lift.verify import assign as assignments
from lift.verify import comprehensions, execute, horn, invariants, iterators, operators, termination
from lift.verify import evaluate as expressions
from lift.verify.bound_names import bound_in
from lift.verify.havoc import Changes, forget, join_changes
from lift.verify.operators import arms, number, truth
from lift.verify.state import NORMAL, Ended, Engine, Jump, Normal, State, Stop, Truncated
from lift.verify.values import (
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VInt,
    fresh_name,
)

_EXACT_ROUNDS = 24


def run_while(engine: Engine, state: State, node: ast.While) -> list[Ended]:
    """A ``while`` loop."""
    return _run(engine, state, invariants.Loop(node, None, ""))


def run_for(engine: Engine, state: State, node: ast.For) -> list[Ended]:
    """A ``for`` loop."""
    own = engine.frame_nonlocals.get(state.frame, frozenset())
    if own & bound_in(ast.walk(node.target)):
        raise Unsupported("a loop over a variable of an enclosing function", node)
    iterators.check_loop(node, iterators.as_generator(engine, state, node.iter))
    out: list[Ended] = []
    for path, value in expressions.evaluate(engine, state, node.iter):
        if isinstance(value, Exc):
            out.append((path, value))
            continue
        for then, one in arms(engine, path, value):
            if not operators.is_iterable(then, one):
                why = f"a {operators.class_name(then, one)} is not iterable"
                out.append((then, Exc("TypeError", node.lineno, why)))
                continue
            seq = operators.sequence(engine, then, one, node)
            ends = _for_over(engine, then, node, seq)
            # The loop was handed the elements as they were; CPython looks at the container in each round.
            if any(s.heap[a] is not then.heap[a] for s, _ in ends for a in operators.sources(one)):
                raise Unsupported("changing a container while iterating over it", node)
            out += ends
    return out


def _for_over(engine: Engine, state: State, node: ast.For, seq: Seq) -> list[Ended]:
    if seq.items is None and engine.exploring:
        out: list[Ended] = []
        for path, known in comprehensions.concretise(engine, state, seq, node):
            assert isinstance(known, Seq)
            out += _unroll_for(engine, path, node, known)
        return out
    if seq.items is not None and (engine.exploring or len(seq.items) <= _EXACT_ROUNDS):
        return _unroll_for(engine, state, node, seq)
    return _run(engine, state, invariants.Loop(node, seq, f"<index {node.lineno}>"))


def _unroll_for(engine: Engine, state: State, node: ast.For, seq: Seq) -> list[Ended]:
    assert seq.items is not None
    paths = [state]
    out: list[Ended] = []
    if seq.items:
        engine.loop_visits.append((node, state, ()))
    for item in seq.items:
        grown: list[State] = []
        for path in paths:
            for start, failed in assignments.assign(engine, path.fork(), node.target, item):
                if failed:
                    out.append((start, failed))
                    continue
                for end, signal in execute.run_block(engine, start, node.body):
                    if isinstance(signal, Normal) or signal == Jump("continue"):
                        grown.append(end)
                    elif signal == Jump("break"):
                        out.append((end, NORMAL))
                    else:
                        out.append((end, signal))
        paths = grown
        if len(paths) + len(out) > engine.max_paths:
            raise Unsupported("a loop with too many paths", node)
    for path in paths:
        out += execute.run_block(engine, path, node.orelse) if node.orelse else [(path, NORMAL)]
    return out


def _run(engine: Engine, state: State, loop: invariants.Loop) -> list[Ended]:
    if loop.source is None and (engine.exploring or _counts_down(engine, state, loop)):
        return _unroll_while(engine, state, loop.node)
    return _inductive(engine, state, loop)


def _counts_down(engine: Engine, state: State, loop: invariants.Loop) -> bool:
    """Whether constants alone decide the guard, as in ``i = 0; while i < 3``: then unrolling is exact."""
    try:
        results = expressions.evaluate_test(engine, state, loop.node.test)  # type: ignore[union-attr]
    except Unsupported:
        return False
    if isinstance(loop.node, ast.While) and isinstance(loop.node.test, ast.Constant):
        return False
    return all(not isinstance(v, Exc) and _constant_truth(s, v) for s, v in results)


def _constant_truth(state: State, value: Value) -> bool:
    term = z3.simplify(truth(state, value))
    return z3.is_true(term) or z3.is_false(term)


def _unroll_while(engine: Engine, state: State, node: ast.While | ast.For) -> list[Ended]:
    assert isinstance(node, ast.While)
    paths = [state]
    out: list[Ended] = []
    engine.loop_visits.append((node, state, ()))
    rounds = engine.unroll * 2 if engine.exploring else _EXACT_ROUNDS * 2
    for _ in range(rounds + 1):
        grown: list[State] = []
        for path in paths:
            for then, value in expressions.evaluate_test(engine, path, node.test):
                if isinstance(value, Exc):
                    out.append((then, value))
                    continue
                go, done = engine.split(then, truth(then, value))
                if done:
                    out += execute.run_block(engine, done, node.orelse) if node.orelse else [(done, NORMAL)]
                if not go:
                    continue
                for end, signal in execute.run_block(engine, go, node.body):
                    if isinstance(signal, Normal) or signal == Jump("continue"):
                        grown.append(end)
                    elif signal == Jump("break"):
                        out.append((end, NORMAL))
                    else:
                        out.append((end, signal))
        paths = grown
        if not paths:
            return out
        if len(paths) + len(out) > engine.max_paths:
            break
    if engine.exploring:
        engine.truncated.append(node.lineno)
        return [*out, *((p, Truncated(node.lineno)) for p in paths)]
    return [*out, *((p, Stop("a loop with too many rounds to unroll", node.lineno)) for p in paths)]


def _inductive(engine: Engine, state: State, loop: invariants.Loop) -> list[Ended]:
    seen = len(engine.loop_visits)
    entry = state.fork()
    if loop.source is not None:
        entry.locals[loop.index] = VInt(z3.IntVal(0))
    ends = _round(engine, entry.fork(), loop)
    changes = _widened(entry, entry, loop, Changes({}, {}), ends)
    candidates = _candidates(engine, entry, loop, changes)
    computed = False
    equal: set[frozenset[tuple[str, int]]] = set()
    solve = engine.effort == 2 and _counts_only(entry, changes)
    while True:
        engine.check_time()
        # What was found of loops inside rests on candidates of this one that may have gone since.
        del engine.loop_visits[seen:]
        head = _head(engine, entry, loop, changes)
        assumed = _assume(head, candidates)
        ends = _round(engine, assumed, loop)
        wider = _widened(entry, head, loop, changes, ends)
        if wider != changes:
            changes = wider
            candidates = _candidates(engine, entry, loop, changes)
            computed, equal = False, set()
            continue
        kept = [c for c in candidates if _preserved(engine, ends, loop, c)]
        more: list[invariants.Candidate] = []
        dropped = len(kept) < len(candidates)
        if dropped or not computed:
            # Without a candidate that went, a path may be possible that keeps fewer equalities.
            computed = True
            again = [s for s, signal in ends if isinstance(signal, Normal) or signal == Jump("continue")]
            found = _wanted(engine, loop, invariants.equalities_of(entry, head, again, loop, changes))
            more = [c for c in found if c.equality not in equal and _established(engine, entry, c)]
            equal |= {c.equality for c in found}
        if not dropped and not more and solve:
            solve = False
            more = _solved(engine, entry, assumed, loop, changes, ends)
        if not dropped and not more:
            break
        kept += more
        candidates = kept
    if _counts_only(entry, changes):
        engine.counting_loops.add(loop.node.lineno)
    if isinstance(loop.node, ast.While) and not termination.ends(engine, assumed, loop.node, ends):
        engine.assumptions.add(f"the loop at line {loop.node.lineno} ends")
    if not any(c.text for c in candidates):
        engine.weak_loops.add(loop.node.lineno)
    engine.found_invariants[loop.node.lineno] = tuple(dict.fromkeys(c.text for c in candidates if c.text))
    engine.loop_visits.append((loop.node, head, tuple(candidates)))
    return _leave(engine, entry, assumed, loop, ends)


def _candidates(
    engine: Engine, entry: State, loop: invariants.Loop, changes: Changes
) -> list[invariants.Candidate]:
    """The candidates that hold before the first round."""
    made = _wanted(engine, loop, invariants.candidates_of(engine, entry, loop, changes))
    return [c for c in made if _established(engine, entry, c)]


def _wanted(
    engine: Engine, loop: invariants.Loop, candidates: list[invariants.Candidate]
) -> list[invariants.Candidate]:
    """The candidates that may be used for this loop: all, unless somebody asks what a few of them show."""
    allowed = engine.allowed_invariants.get(loop.node.lineno)
    return candidates if allowed is None else [c for c in candidates if allowed(c)]


def _counts_only(entry: State, changes: Changes) -> bool:
    """Whether a loop changes integers and nothing else."""
    return not changes.objects and all(isinstance(entry.locals.get(n), VInt) for n in changes.variables)


def _solved(
    engine: Engine, entry: State, head: State, loop: invariants.Loop, changes: Changes, ends: list[Ended]
) -> list[invariants.Candidate]:
    """Candidates from the Horn clauses of the loop, those that hold before the first round."""
    changed = [n for n in entry.locals if n in changes.variables or n == loop.index]
    if loop.source is not None:
        exits = [head.fork(number(head.locals[loop.index]) == loop.source.length)]
    else:
        assert isinstance(loop.node, ast.While)
        tests = expressions.evaluate(engine, head, loop.node.test)
        exits = [
            head_ for s, v in tests if not isinstance(v, Exc) for head_ in engine.split(s, truth(s, v))[1:]
        ]
    fixed = invariants.fixed_of(engine, entry, loop, changes)
    made = horn.found(engine, entry, head, ends, [e for e in exits if e], changed, fixed)
    more = _wanted(engine, loop, [invariants.formula(t, of, stated=stated) for t, stated, of in made])
    return [c for c in more if _established(engine, entry, c)]


def _leave(
    engine: Engine, entry: State, head: State, loop: invariants.Loop, ends: list[Ended]
) -> list[Ended]:
    """The paths after the loop: those on which the guard fails at the head, and those that jump out."""
    out: list[Ended] = []
    for path, signal in ends:
        if isinstance(signal, Normal) or signal == Jump("continue"):
            continue
        path = path.fork()
        path.locals.pop(loop.index, None)
        out.append((path, NORMAL if signal == Jump("break") else signal))
    exits: list[State] = []
    if loop.source is not None:
        at_end = head.fork(number(head.locals[loop.index]) == loop.source.length)
        exits = [s for s, failed in _bind_last(engine, entry, at_end, loop) if not failed]
    else:
        assert isinstance(loop.node, ast.While)
        for path, value in expressions.evaluate_test(engine, head, loop.node.test):
            if not isinstance(value, Exc):
                _, done = engine.split(path, truth(path, value))
                exits += [done] if done else []
    for path in exits:
        path = path.fork()
        path.locals.pop(loop.index, None)
        out += execute.run_block(engine, path, loop.node.orelse) if loop.node.orelse else [(path, NORMAL)]
    return out


def _bind_last(
    engine: Engine, entry: State, state: State, loop: invariants.Loop
) -> list[tuple[State, Exc | None]]:
    """The loop's variable after the loop: the last element, or what it was where there was no round."""
    assert isinstance(loop.node, ast.For)
    assert loop.source is not None
    some, none = engine.split(state, loop.source.length > 0)
    out: list[tuple[State, Exc | None]] = []
    if none:
        none = none.fork()
        for name in invariants.targets_of(loop):
            none.locals.pop(name, None)
            if name in entry.locals:
                none.locals[name] = entry.locals[name]
        out.append((none, None))
    if some and invariants.targets_of(loop) & _assigned(engine, loop.node.body):
        # The variable stays unsettled: reading it after the loop is not modelled.
        out.append((some.fork(), None))
    elif some:
        last = z3.simplify(loop.source.length - 1)
        out += assignments.assign(engine, some.fork(), loop.node.target, loop.source.get(last))
    return out


def _round(engine: Engine, head: State, loop: invariants.Loop) -> list[Ended]:
    """One round from an arbitrary state at the head."""
    if loop.source is None:
        assert isinstance(loop.node, ast.While)
        out: list[Ended] = []
        for path, value in expressions.evaluate_test(engine, head, loop.node.test):
            if isinstance(value, Exc):
                out.append((path, value))
                continue
            go, _ = engine.split(path, truth(path, value))
            if go:
                out += execute.run_block(engine, go, loop.node.body)
        return out
    assert isinstance(loop.node, ast.For)
    index = number(head.locals[loop.index])
    assert index is not None
    inside = head.fork(index < loop.source.length)
    if not engine.feasible(inside, index < loop.source.length):
        return []
    out = []
    for start, failed in assignments.assign(engine, inside.fork(), loop.node.target, loop.source.get(index)):
        if failed:
            out.append((start, failed))
            continue
        for end, signal in execute.run_block(engine, start, loop.node.body):
            if isinstance(signal, Normal) or signal == Jump("continue"):
                end = end.fork()
                end.locals[loop.index] = VInt(index + 1)
            out.append((end, signal))
    return out


def _assigned(engine: Engine, body: list[ast.stmt]) -> frozenset[str]:
    """The names that a body may bind, by itself or through a nested function that it calls."""
    direct = bound_in(n for statement in body for n in ast.walk(statement))
    return direct | engine.program.nonlocals


def _widened(
    entry: State, head: State, loop: invariants.Loop, changes: Changes, ends: list[Ended]
) -> Changes:
    again = [s for s, signal in ends if isinstance(signal, Normal) or signal == Jump("continue")]
    return join_changes(entry, head, again, changes, invariants.targets_of(loop) | {loop.index})


def _head(engine: Engine, entry: State, loop: invariants.Loop, changes: Changes) -> State:
    head = forget(engine, entry, changes, invariants.targets_of(loop))
    if loop.source is not None:
        index = z3.Int(fresh_name("index"))
        head.locals[loop.index] = VInt(index)
        head = head.fork(index >= 0, index <= loop.source.length)
    return head


def _assume(head: State, candidates: list[invariants.Candidate]) -> State:
    terms: list[Term] = []
    for candidate in candidates:
        try:
            terms.append(candidate.of(head).holds)
        except (Unsupported, z3.Z3Exception):
            continue
    return head.fork(*terms)


def _established(engine: Engine, entry: State, candidate: invariants.Candidate) -> bool:
    try:
        fails = candidate.of(entry).fails
    except (Unsupported, z3.Z3Exception):
        return False
    return not engine.feasible(entry, fails, timeout_ms=400)


def _preserved(
    engine: Engine, ends: list[Ended], loop: invariants.Loop, candidate: invariants.Candidate
) -> bool:
    for path, signal in ends:
        if not (isinstance(signal, Normal) or signal == Jump("continue")):
            continue
        try:
            fails = candidate.of(path).fails
        except (Unsupported, z3.Z3Exception):
            return False
        if engine.feasible(path, fails, timeout_ms=600):
            return False
    return True
