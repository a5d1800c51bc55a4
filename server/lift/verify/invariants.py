"""Candidate invariants of a loop: from asserts, templates, the guard and the postconditions.

A candidate is a formula of a state at the loop's head. Which of them hold is decided in ``loops.py``.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import z3

from lift.verify import contracts, equalities, weakenings
from lift.verify.found_invariants import ROUNDS
from lift.verify.havoc import Changes
from lift.verify.operators import number
from lift.verify.state import Engine, ListObject, State
from lift.verify.symbols import constant
from lift.verify.types import TStr
from lift.verify.values import (
    Seq,
    Term,
    Unsupported,
    Value,
    VInt,
    VRef,
    VStr,
    VView,
    as_int,
    term_of_key,
)


@dataclass(frozen=True)
class Loop:
    """A loop in one form: ``while`` has no source, ``for`` runs over a sequence by a hidden index."""

    node: ast.While | ast.For
    source: Seq | None
    index: str


@dataclass(frozen=True)
class Candidate:
    """A candidate invariant: a formula of a state at the loop's head.

    Attributes:
        text: The invariant for people, empty for a template that is not worth showing.
        of: The formula, given the state; may raise ``Unsupported``.
        stated: Whether the text could stand as an assert at the head of the loop's body.
        equality: The coefficients, by the name of what they belong to, where it is a linear equality.
    """

    text: str
    of: Callable[[State], contracts.Judgement]
    stated: bool = False
    equality: frozenset[tuple[str, int]] = frozenset()


def candidates_of(engine: Engine, entry: State, loop: Loop, changes: Changes) -> list[Candidate]:
    """The candidates, the likeliest first; more of them where a first attempt found no proof."""
    found: list[Candidate] = []
    found += _written(engine, entry, loop)
    found += _templates(entry, loop, changes)
    found += _from_guard(engine, entry, loop)
    if engine.postconditions is not None:
        found += _from_postconditions(engine, entry, loop, changes)
    if engine.effort != 1:
        return found[:80]
    hidden = targets_of(loop)
    guard = loop.node.test if isinstance(loop.node, ast.While) else None
    made = weakenings.variants(engine, entry, changes, _places(entry, loop, changes), guard)
    return found[:80] + [Candidate(v.text, weakenings.judged(engine, hidden, v), v.stated) for v in made]


def _places(entry: State, loop: Loop, changes: Changes) -> list[weakenings.Place]:
    """How far the loop has come: its target or the number of its rounds, and the counters that it changes."""
    found: list[weakenings.Place] = []
    if loop.source is not None:
        assert isinstance(loop.node, ast.For)
        source, target = loop.source, loop.node.target
        counts = source.key[:1] == ("range",)
        if isinstance(target, ast.Tuple) and isinstance(target.elts[0], ast.Name):
            call = loop.node.iter
            counts = (
                isinstance(call, ast.Call) and ast.unparse(call.func) == "enumerate" and len(call.args) == 1
            )
            target = target.elts[0]
        index = loop.index
        if counts and isinstance(target, ast.Name) and target.id != "_":
            found.append(
                weakenings.place_of_element(lambda s: source.get(number(s.locals[index])), target.id)
            )
        else:
            name = next(n for n in ROUNDS if n not in entry.locals)
            found.append(weakenings.Place(name, lambda s: number(s.locals[index]), stated=False))
    for name, value in entry.locals.items():
        if name in changes.variables and isinstance(value, VInt) and not name.startswith("<"):
            found.append(weakenings.Place(name, _variable(name)))
    return found[:4]


def _variable(name: str) -> Callable[[State], Term]:
    def of(state: State) -> Term:
        term = number(state.locals[name])
        if term is None:
            raise Unsupported("a variable of several types")
        return term

    return of


def _in_state(
    engine: Engine, loop: Loop, expression: str, extra: dict[str, Value]
) -> Callable[[State], contracts.Judgement]:
    """An expression over the variables at the head, where the loop's own ones have no meaning."""
    hidden = targets_of(loop)

    def of(state: State) -> contracts.Judgement:
        visible = {k: v for k, v in state.locals.items() if not k.startswith("<") and k not in hidden}
        heap = engine.postconditions.entry_heap if engine.postconditions is not None else None
        return contracts.judge(engine, state, expression, {**visible, **extra}, heap)

    return of


def _written(engine: Engine, entry: State, loop: Loop) -> Iterator[Candidate]:
    """The asserts that a person wrote at the head of the body, and the conjuncts of each."""
    for statement in loop.node.body:
        if not isinstance(statement, ast.Assert):
            return
        test = statement.test
        both = isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And)
        parts = test.values if isinstance(test, ast.BoolOp) and both else [test]
        for part in parts:
            text = ast.unparse(part)
            plain = _in_state(engine, loop, text, {})
            if loop.source is None:
                yield Candidate(text, plain, stated=True)
                continue
            yield Candidate(text, _with_next(engine, loop, text), stated=True)


def _with_next(engine: Engine, loop: Loop, text: str) -> Callable[[State], contracts.Judgement]:
    """A statement about the element that the next round would see, where there is one.

    A range has a next number also when it has ended, so there the statement is made at the end too.
    """
    source = loop.source
    assert source is not None
    assert isinstance(loop.node, ast.For)
    ranged = source.key[:1] == ("range",)

    def of(state: State) -> contracts.Judgement:
        index = number(state.locals[loop.index])
        assert index is not None
        extra: dict[str, Value] = {}
        if isinstance(loop.node.target, ast.Name):  # type: ignore[union-attr]
            extra[loop.node.target.id] = source.get(index)  # type: ignore[union-attr]
        judgement = _in_state(engine, loop, text, extra)(state)
        if ranged:
            return judgement
        there = index < source.length
        return contracts.Judgement(z3.Implies(there, judgement.holds), z3.And(there, judgement.fails))

    return of


def formula(text: str, of: Callable[[State], Term], *, stated: bool = False) -> Candidate:
    """A candidate from a term that is never undefined."""

    def judge(state: State) -> contracts.Judgement:
        term = of(state)
        return contracts.Judgement(term, z3.Not(term))

    return Candidate(text, judge, stated)


def measures_of(entry: State, loop: Loop, changes: Changes) -> list[equalities.Measure]:
    """The integers that the loop changes: variables, and lengths of lists."""
    integers = {k for k, v in entry.locals.items() if isinstance(v, VInt) and not k.startswith("<")}
    names = {v.address: k for k, v in entry.locals.items() if isinstance(v, VRef)}
    lists = [a for a in changes.objects if a in names and isinstance(entry.heap.get(a), ListObject)]
    # In the order of the text, so that what is found reads the same each time.
    changed = [n for n in entry.locals if n in changes.variables]
    found: list[equalities.Measure] = [(n, _variable(n)) for n in changed if n in integers]
    found += [(f"len({names[a]})", _length(a)) for a in lists]
    for name, kind in changes.variables.items():
        value = entry.locals.get(name)
        if isinstance(value, VStr) and isinstance(kind, TStr):
            found.append((f"len({name})", _text_length(name)))
    return found


def _length(address: int) -> Callable[[State], Term]:
    def of(state: State) -> Term:
        obj = state.heap[address]
        if not isinstance(obj, ListObject):
            raise Unsupported("not a list")
        return obj.seq.length

    return of


def _text_length(name: str) -> Callable[[State], Term]:
    def of(state: State) -> Term:
        value = state.locals[name]
        if not isinstance(value, VStr):
            raise Unsupported("not a string")
        return z3.Length(value.term)

    return of


def equalities_of(
    entry: State, head: State, ends: list[State], loop: Loop, changes: Changes
) -> list[Candidate]:
    """The linear equalities between what the loop changes."""
    measures = measures_of(entry, loop, changes)
    unnamed = ""
    if loop.source is not None:
        place = _places(entry, loop, changes)[0]
        measures.append((place.text, place.at))
        unnamed = "" if place.stated else place.text
    kept, found = equalities.conserved(measures, entry, head, ends)
    names = [name for name, _ in kept]
    fixed = {term.get_id(): name for name, term in _fixed(entry, loop, changes)}
    out: list[Candidate] = []
    for coefficients, total in found:
        known = as_int(total)
        said = str(known) if known is not None else fixed.get(total.get_id(), "")
        text = equalities.shown(names, coefficients, said) if said else ""
        told = not any(c and n == unnamed for c, n in zip(coefficients, names, strict=True))

        def of(state: State, c: tuple[int, ...] = coefficients, total: Term = total) -> Term:
            return z3.Sum([x * m(state) for x, (_, m) in zip(c, kept, strict=True) if x]) == total

        named = frozenset((n, c) for n, c in zip(names, coefficients, strict=True) if c)
        out.append(replace(formula(text, of, stated=bool(text) and told), equality=named))
    return out


def _fixed(entry: State, loop: Loop, changes: Changes) -> list[tuple[str, Term]]:
    """The integers in scope that the loop leaves alone; what its target was before is no such thing."""
    found: list[tuple[str, Term]] = []
    own = targets_of(loop)
    for name, value in entry.locals.items():
        if name.startswith("<") or name in changes.variables or name in own:
            continue
        obj = entry.heap.get(value.address) if isinstance(value, VRef) else None
        if isinstance(value, VInt):
            found.append((name, value.term))
        elif isinstance(value, VStr):
            found.append((f"len({name})", z3.Length(value.term)))
        elif isinstance(value, VRef) and isinstance(obj, ListObject) and value.address not in changes.objects:
            found.append((f"len({name})", obj.seq.length))
    return found


def fixed_of(engine: Engine, entry: State, loop: Loop, changes: Changes) -> list[tuple[str, Term]]:
    """The integers that the loop leaves alone, and the parameters on entry, as they are written."""
    found = _fixed(entry, loop, changes)
    known = {term.get_id() for _, term in found}
    if engine.postconditions is not None:
        for name, value in engine.postconditions.variables.items():
            if isinstance(value, VInt) and value.term.get_id() not in known:
                found.append((f"old({name})", value.term))
    return found


def _templates(entry: State, loop: Loop, changes: Changes) -> Iterator[Candidate]:
    """Bounds of changed integers and lengths by their entry values and by the other integers in scope."""
    measures = measures_of(entry, loop, changes)
    index = _variable(loop.index)
    for name, of in measures:
        start = of(entry)
        known = as_int(start)
        shown = "" if known is None else str(known)
        say = bool(shown)
        lower, upper = f"{name} >= {shown}" if shown else "", f"{name} <= {shown}" if shown else ""
        yield formula(lower, lambda s, of=of, start=start: of(s) >= start, stated=say)
        yield formula(upper, lambda s, of=of, start=start: of(s) <= start, stated=say)
        if known != 0:
            yield formula(f"{name} >= 0", lambda s, of=of: of(s) >= 0, stated=True)
        if loop.source is not None:
            yield formula("", lambda s, of=of, st=start: of(s) <= st + index(s))
            if known != 0:
                yield formula("", lambda s, of=of: of(s) <= index(s))
    fixed = sorted(_fixed(entry, loop, changes), key=lambda f: f[0] == loop.index)
    for name, of in measures:
        for other, term in fixed[:4]:
            yield formula(f"{name} <= {other}", lambda s, of=of, t=term: of(s) <= t, stated=True)
            yield formula(f"{name} < {other}", lambda s, of=of, t=term: of(s) < t, stated=True)
            yield formula(f"{name} >= {other}", lambda s, of=of, t=term: of(s) >= t, stated=True)
    for first, left in measures[:4]:
        for second, right in measures[:4]:
            if first != second:
                text = f"{first} <= {second}"
                yield formula(text, lambda s, a=left, b=right: a(s) <= b(s), stated=True)


def _from_guard(engine: Engine, entry: State, loop: Loop) -> Iterator[Candidate]:
    """What a strict guard becomes when it has just failed: ``i < n`` gives ``i <= n``."""
    if not isinstance(loop.node, ast.While):
        return
    test = loop.node.test
    parts = test.values if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) else [test]
    for part in parts:
        match part:
            case ast.Compare(left=left, ops=[ast.Lt()], comparators=[right]):
                text = f"{ast.unparse(left)} <= {ast.unparse(right)}"
            case ast.Compare(left=left, ops=[ast.Gt()], comparators=[right]):
                text = f"{ast.unparse(left)} >= {ast.unparse(right)}"
            case ast.Compare(left=left, ops=[ast.LtE()], comparators=[right]):
                text = f"{ast.unparse(left)} <= {ast.unparse(right)} + 1"
            case ast.Compare(left=left, ops=[ast.GtE()], comparators=[right]):
                text = f"{ast.unparse(left)} >= {ast.unparse(right)} - 1"
            case _:
                continue
        yield Candidate(text, _in_state(engine, loop, text, {}), stated=True)


def _from_postconditions(engine: Engine, entry: State, loop: Loop, changes: Changes) -> Iterator[Candidate]:
    """Each postcondition with a changed variable as the result and the part done so far as the input."""
    post = engine.postconditions
    results: list[tuple[str, Callable[[State], Value]]] = []
    for name in [n for n, kind in changes.variables.items() if kind is not None]:
        results.append((name, lambda s, n=name: s.locals[n]))
    for name, value in entry.locals.items():
        mine = isinstance(value, VRef) and value.address in changes.objects
        if mine and name not in changes.variables and name not in targets_of(loop):
            results.append((name, lambda s, n=name: s.locals[n]))
    for node in post.constants:
        known = constant(ast.literal_eval(node))
        results.append((ast.unparse(node), lambda s, v=known: v))
    for conjunct in [c for p in post.conjuncts for c in (p, *_over_result(p))]:
        uses_result = any(
            isinstance(n, ast.Name) and n.id in ("result", "__return__") for n in ast.walk(conjunct)
        )
        text = ast.unparse(conjunct)
        for name, value_of in results if uses_result else [("", None)]:
            for label, inputs, stated in _progress(engine, entry, loop, changes):

                def of(
                    state: State, value_of: object = value_of, inputs: object = inputs, text: str = text
                ) -> contracts.Judgement:
                    variables = {**post.variables, **inputs(state)}  # type: ignore[operator]
                    if value_of is not None:
                        value = value_of(state)  # type: ignore[operator]
                        variables |= {"result": value, "__return__": value}
                    return contracts.judge(engine, state, text, variables, post.entry_heap)

                old = {p: f"old({p})" for p in post.variables if p in changes.variables}
                said = {**old, **label}
                shown = _renamed(conjunct, {"result": name, "__return__": name, **said}) if name else ""
                used = {n.id for n in ast.walk(conjunct) if isinstance(n, ast.Name)} & old.keys()
                yield Candidate(shown, of, stated=stated and not used - label.keys())


def _over_result(conjunct: ast.expr) -> list[ast.expr]:
    """The same statement about the result so far: ``range(len(xs))`` becomes ``range(len(result))``."""

    class Bound(ast.NodeTransformer):
        changed = False

        def visit_Call(self, node: ast.Call) -> ast.expr:
            self.generic_visit(node)
            is_range = isinstance(node.func, ast.Name) and node.func.id == "range" and len(node.args) == 1
            if is_range and ast.unparse(node.args[0]) != "len(result)":
                self.changed = True
                return ast.parse("range(len(result))", mode="eval").body
            return node

    bound = Bound()
    changed = bound.visit(copy.deepcopy(conjunct))
    return [changed] if bound.changed else []


def _renamed(node: ast.expr, names: dict[str, str]) -> str:
    class Rename(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            text = names.get(node.id)
            return ast.parse(text, mode="eval").body if text else node

    return ast.unparse(Rename().visit(copy.deepcopy(node)))


Inputs = Callable[[State], dict[str, Value]]
Progress = tuple[dict[str, str], Inputs, bool]
"""How parameters are written and what they are; whether the program has names for it."""


def _progress(engine: Engine, entry: State, loop: Loop, changes: Changes) -> Iterator[Progress]:
    """The ways to say how far the loop has come, as values of the parameters: a prefix, a count."""
    yield {}, lambda state: {}, True
    post = engine.postconditions
    if loop.source is not None:
        place = _places(entry, loop, changes)[0]
        for label, inputs in _for_progress(entry, loop, post.variables, place):
            yield label, inputs, place.stated
        return
    assert isinstance(loop.node, ast.While)
    for part in ast.walk(loop.node.test):
        match part:
            case ast.Compare(
                left=ast.Name(id=name), ops=[ast.Lt() | ast.LtE() | ast.NotEq() as op], comparators=[right]
            ):
                offset = 1 if isinstance(op, ast.LtE) else 0
                found = _while_progress(engine, entry, loop, name, right, offset, post.variables)
                yield from ((label, inputs, True) for label, inputs in found)


def _while_progress(
    engine: Engine,
    entry: State,
    loop: Loop,
    name: str,
    bound: ast.expr,
    offset: int,
    variables: dict[str, Value],
) -> Iterator[tuple[dict[str, str], Inputs]]:
    shift = 0
    if (
        isinstance(bound, ast.BinOp)
        and isinstance(bound.right, ast.Constant)
        and isinstance(bound.right.value, int)
    ):
        shift = (
            bound.right.value
            if isinstance(bound.op, ast.Add)
            else -bound.right.value
            if isinstance(bound.op, ast.Sub)
            else 0
        )
        bound = bound.left
    move = offset + shift
    if isinstance(bound, ast.Name) and isinstance(variables.get(bound.id), VInt):
        shown = f"{name} - {move}" if move > 0 else f"{name} + {-move}" if move else name

        def counted(state: State) -> dict[str, Value]:
            term = number(state.locals[name])
            if term is None:
                raise Unsupported("a variable of several types")
            return {bound.id: VInt(z3.simplify(term - move))}

        yield {bound.id: shown}, counted
    elif (
        isinstance(bound, ast.Call)
        and isinstance(bound.func, ast.Name)
        and bound.func.id == "len"
        and len(bound.args) == 1
    ):
        inner = bound.args[0]
        if isinstance(inner, ast.Name) and inner.id in variables:
            yield from _prefixes(
                {inner.id: variables[inner.id]}, lambda s: number(s.locals[name]), name, entry
            )


def _for_progress(
    entry: State, loop: Loop, variables: dict[str, Value], place: weakenings.Place
) -> Iterator[tuple[dict[str, str], Inputs]]:
    source = loop.source
    assert source is not None

    def index(state: State) -> Term | None:
        return number(state.locals[loop.index])

    target = place.text
    if source.key[:1] == ("range",):
        start = number(source.get(z3.IntVal(0)))
        assert start is not None
        for name, value in variables.items():
            if not isinstance(value, VInt):
                continue
            # The range ends so far from the parameter, and the count is as far from what is done so far.
            distance = _distance(source, start, value.term)
            if distance is None:
                continue

            def counted(state: State, n: str = name, d: int = distance) -> dict[str, Value]:
                at = index(state)
                assert at is not None
                return {n: VInt(z3.simplify(at + start - d))}

            shown = (
                f"{target} - {distance}"
                if distance > 0
                else f"{target} + {-distance}"
                if distance
                else target
            )
            yield {name: shown}, counted
    sequences: dict[str, Value] = {
        k: v
        for k, v in variables.items()
        if isinstance(v, VRef) and isinstance(entry.heap.get(v.address), ListObject)
    }
    sequences |= {k: v for k, v in variables.items() if isinstance(v, VStr)}
    offset: Term = z3.IntVal(0)
    if source.key[:1] == ("range",):
        first = number(source.get(z3.IntVal(0)))
        offset = first if first is not None else offset
    elif source.key[:1] == ("from",):
        begin = term_of_key(source.key[1])
        offset = begin if begin is not None else offset

    def done(state: State) -> Term | None:
        at = index(state)
        return None if at is None else z3.simplify(at + offset)

    for name, value in sequences.items():
        yield from _prefixes({name: value}, done, place.text, entry)
    if len(sequences) > 1:
        yield from _prefixes(sequences, done, place.text, entry)


def _distance(source: Seq, start: Term, parameter: Term) -> int | None:
    """By how much the end of a range with step 1 lies beyond a parameter, if that is a constant."""
    solver = z3.Solver()
    solver.set("timeout", 50)
    solver.add(source.length > 0)
    for distance in (0, 1, -1, 2):
        solver.push()
        solver.add(source.length + start != parameter + distance)
        if solver.check() == z3.unsat:
            return distance
        solver.pop()
    return None


def _prefixes(
    sequences: dict[str, Value], done: Callable[[State], Term | None], shown: str, entry: State
) -> Iterator[tuple[dict[str, str], Inputs]]:
    def cut(state: State) -> dict[str, Value]:
        upto = done(state)
        if upto is None:
            raise Unsupported("a variable of several types")
        found: dict[str, Value] = {}
        for name, value in sequences.items():
            if isinstance(value, VStr):
                found[name] = VStr(z3.SubString(value.term, 0, upto))
                continue
            assert isinstance(value, VRef)
            obj = state.heap[value.address]
            assert isinstance(obj, ListObject)
            size = z3.If(upto < obj.seq.length, z3.If(upto > 0, upto, z3.IntVal(0)), obj.seq.length)
            found[name] = VView(ListObject(Seq(size, obj.seq.get, None, obj.seq.key)))
        return found

    yield {n: f"{n}[:{shown}]" for n in sequences}, cut


def targets_of(loop: Loop) -> frozenset[str]:
    """The variables that each round of a ``for`` loop sets first."""
    if isinstance(loop.node, ast.While):
        return frozenset()
    return frozenset(n.id for n in ast.walk(loop.node.target) if isinstance(n, ast.Name))
