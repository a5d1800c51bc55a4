"""Candidate invariants made from the text of clauses: what a loop has done so far, in the clause's own words.

A clause speaks of the whole input and of the result. At the head of a round the same is often true with the
part done so far for the input (``xs[:i]``, ``range(i)``), with the returned expression or a variable for the
result, or with what is still to come added to what was gathered. Each such variant is a syntax tree over the
variables at the head, so that what is found can be shown. Whether one holds is decided in ``loops.py``.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

import z3

from lift.verify import contracts
from lift.verify.havoc import Changes
from lift.verify.operators import number
from lift.verify.state import Engine, ListObject, State
from lift.verify.subscripts import sub_sequence
from lift.verify.types import TBool, TInt, TNone, TStr
from lift.verify.values import (
    Term,
    Unsupported,
    Value,
    VInt,
    VRef,
    VStr,
    VTuple,
    VView,
)

_MOST = 160
_RESULT = ("result", "__return__")
_PLAIN_CALLS = {"len", "min", "max", "abs", "sum"}

ValueAt = Callable[[State], Value]


@dataclass(frozen=True)
class Variant:
    """A formula over the state at a loop's head.

    Attributes:
        tree: The formula; names that no variable can have stand for the values in ``names``.
        names: What such a name means in a state.
        stated: Whether Python could evaluate it at the head of the body, as an assert.
    """

    tree: ast.expr
    names: dict[str, ValueAt] = field(default_factory=dict)
    stated: bool = True

    @property
    def text(self) -> str:
        """The formula as source text."""
        return ast.unparse(self.tree)


@dataclass(frozen=True)
class Place:
    """A number that says how far a loop has come.

    Attributes:
        text: The variable that holds it, or a name of ours where none does.
        at: Its value in a state.
        stated: Whether the program has a variable for it.
    """

    text: str
    at: Callable[[State], Term]
    stated: bool = True


def judged(
    engine: Engine, hidden: frozenset[str], variant: Variant
) -> Callable[[State], contracts.Judgement]:
    """The formula as a function of a state.

    Args:
        hidden: The loop's own variables, which have no meaning at its head but by ``names``.
    """

    tree = ast.fix_missing_locations(variant.tree)

    def of(state: State) -> contracts.Judgement:
        visible = {k: v for k, v in state.locals.items() if not k.startswith("<") and k not in hidden}
        visible |= {name: value(state) for name, value in variant.names.items()}
        heap = engine.postconditions.entry_heap if engine.postconditions is not None else None
        return contracts.judge(engine, state, tree, visible, heap)

    return of


def variants(
    engine: Engine, entry: State, changes: Changes, places: list[Place], guard: ast.expr | None
) -> list[Variant]:
    """The variants of the clauses that are worth trying, the likeliest first.

    Args:
        entry: The state before the loop.
        changes: What the loop changes.
        places: How far the loop has come, in numbers.
        guard: The condition of a ``while`` loop.
    """
    found: dict[tuple[str, bool], Variant] = {}
    for one in _all(engine, entry, changes, places, guard):
        found.setdefault((ast.dump(one.tree), one.stated), one)
        if len(found) >= _MOST:
            break
    return list(found.values())


def _all(
    engine: Engine, entry: State, changes: Changes, places: list[Place], guard: ast.expr | None
) -> Iterator[Variant]:
    post = engine.postconditions
    if post is None:
        return
    old = {p for p, v in post.variables.items() if entry.locals.get(p) is not v or p in changes.variables}
    yield from _still_required(post, changes)
    conjuncts = [part for c in post.conjuncts for part in _links(c)]
    base = [_with_old(Variant(c), old, post.variables) for c in conjuncts]
    base += [v for b in base for v in _instances(b, entry, changes)]
    said: list[Variant] = []
    for one in base:
        said += list(_with_result(one, post, entry, changes))
    sequences = _sequences(engine, entry, post.variables)
    done: list[Variant] = []
    for one in said:
        done += [one, *_so_far(one, places, sequences)]
    yield from done
    yield from _untouched(entry, changes, places)
    for one in conjuncts:
        yield from _still_to_come(Variant(one), post, old, entry, changes)
    if guard is not None:
        for one in done:
            yield replace(one, tree=ast.BoolOp(ast.Or(), [guard, one.tree]))
    for one in said:
        yield from _by_variable(one, entry, changes)


def _links(conjunct: ast.expr) -> list[ast.expr]:
    """``a <= b < c`` as ``a <= b`` and ``b < c``: often only one of them is kept up by a loop."""
    if not isinstance(conjunct, ast.Compare) or len(conjunct.ops) < 2:
        return [conjunct]
    sides = [conjunct.left, *conjunct.comparators]
    return [ast.Compare(a, [op], [b]) for a, op, b in zip(sides[:-1], conjunct.ops, sides[1:], strict=True)]


def _still_required(post: object, changes: Changes) -> Iterator[Variant]:
    """What was required of a parameter, said of its present value."""
    for clause in post.requires:  # type: ignore[attr-defined]
        names = {n.id for n in ast.walk(clause) if isinstance(n, ast.Name)}
        if names & changes.variables.keys():
            for link in _links(clause):
                yield Variant(link)


# Names and places.


class _Rename(ast.NodeTransformer):
    """Replaces free names; a name that a comprehension or a lambda binds is another one."""

    def __init__(self, names: dict[str, ast.expr]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.expr:
        by = self.names.get(node.id)
        return copy.deepcopy(by) if by is not None and isinstance(node.ctx, ast.Load) else node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "old":
            return node
        self.generic_visit(node)
        return node


def _renamed(tree: ast.expr, names: dict[str, ast.expr]) -> ast.expr:
    return _Rename(names).visit(copy.deepcopy(tree))


def _name(text: str) -> ast.expr:
    return ast.Name(text, ast.Load())


def _uses(tree: ast.expr, names: Iterable[str]) -> bool:
    wanted = set(names)
    return any(isinstance(n, ast.Name) and n.id in wanted for n in ast.walk(tree))


def _with_old(one: Variant, old: set[str], variables: dict[str, Value]) -> Variant:
    """A parameter that the body assigns to means its value on entry; Python has no name for that."""
    used = [p for p in old if _uses(one.tree, [p])]
    if not used:
        return one
    tree = _renamed(one.tree, {p: _name(f"old({p})") for p in used})
    names: dict[str, ValueAt] = {f"old({p})": lambda _, v=variables[p]: v for p in used}
    return Variant(tree, {**one.names, **names}, stated=False)


def _numbers(entry: State, changes: Changes) -> list[str]:
    return [n for n, kind in changes.variables.items() if isinstance(kind, TInt) and not n.startswith("<")]


def _with_result(one: Variant, post: object, entry: State, changes: Changes) -> Iterator[Variant]:
    """What is returned in the place of the result."""
    if not _uses(one.tree, _RESULT):
        yield one
        return
    by: list[ast.expr] = []
    for returned in post.returned:  # type: ignore[attr-defined]
        names = {n.id for n in ast.walk(returned) if isinstance(n, ast.Name)} - _PLAIN_CALLS
        if names <= entry.locals.keys():
            by.append(returned)
    by += post.constants  # type: ignore[attr-defined]
    by += [_name(n) for n, k in changes.variables.items() if isinstance(k, TInt | TBool | TStr | TNone)][:4]
    seen: set[str] = set()
    for expression in by:
        if ast.dump(expression) not in seen:
            seen.add(ast.dump(expression))
            yield replace(one, tree=_renamed(one.tree, dict.fromkeys(_RESULT, expression)))


def _instances(one: Variant, entry: State, changes: Changes) -> Iterator[Variant]:
    """``all(… for a in A for b in B)`` for the ``a`` of the round of an outer loop."""

    class Strip(ast.NodeTransformer):
        def __init__(self, name: str) -> None:
            self.name, self.found = name, False

        def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
            first = node.generators[0]
            if len(node.generators) < 2 or not isinstance(first.target, ast.Name):
                return node
            self.found = True
            rest = ast.GeneratorExp(node.elt, node.generators[1:])
            return _renamed(rest, {first.target.id: _name(self.name)})

    if not any(isinstance(n, ast.GeneratorExp) and len(n.generators) > 1 for n in ast.walk(one.tree)):
        return
    held = [n for n, v in entry.locals.items() if isinstance(v, VInt) and n not in changes.variables]
    for name in [n for n in held if not n.startswith("<")][-2:]:
        strip = Strip(name)
        tree = strip.visit(copy.deepcopy(one.tree))
        if strip.found:
            yield replace(one, tree=tree)


# The part done so far.


def _sequences(engine: Engine, entry: State, variables: dict[str, Value]) -> list[tuple[str, ValueAt]]:
    found: list[tuple[str, ValueAt]] = []
    for name, value in variables.items():
        if isinstance(value, VStr) or (
            isinstance(value, VRef) and isinstance(entry.heap.get(value.address), ListObject)
        ):
            found.append((name, lambda _, v=value: v))
    return found


def _so_far(one: Variant, places: list[Place], sequences: list[tuple[str, ValueAt]]) -> Iterator[Variant]:
    used = [(n, v) for n, v in sequences if _uses(one.tree, [n])]
    for place in places:
        for low, high, text in _parts(place):
            parts = [(n, v, f"{n}[{text}]") for n, v in used]
            if parts:
                yield _cut(one, place, parts, low, high)
            if len(parts) > 1:
                yield from (_cut(one, place, [p], low, high) for p in parts)
        yield from _ranges(one, place)


def _parts(place: Place) -> Iterator[tuple[int | None, int | None, str]]:
    """The parts of a sequence at a place: from and to, as distances from it."""
    p = place.text
    yield None, 0, f":{p}"
    yield None, 1, f":{p} + 1"
    yield 0, None, f"{p}:"
    yield 1, None, f"{p} + 1:"


def _cut(
    one: Variant, place: Place, parts: list[tuple[str, ValueAt, str]], low: int | None, high: int | None
) -> Variant:
    names = dict(one.names)
    trees: dict[str, ast.expr] = {}
    for name, value, text in parts:
        trees[name] = _name(text)
        names[text] = _part(value, place, low, high)
    return Variant(_renamed(one.tree, trees), names, stated=one.stated and place.stated)


def _part(whole: ValueAt, place: Place, low: int | None, high: int | None) -> ValueAt:
    def of(state: State) -> Value:
        value = whole(state)
        if isinstance(value, VStr):
            size = z3.Length(value.term)
            begin, end = _ends(place.at(state), low, high, size)
            return VStr(z3.SubString(value.term, begin, z3.simplify(end - begin)))
        assert isinstance(value, VRef)
        obj = state.heap[value.address]
        assert isinstance(obj, ListObject)
        begin, end = _ends(place.at(state), low, high, obj.seq.length)
        return VView(ListObject(sub_sequence(obj.seq, begin, z3.simplify(end - begin))))

    return of


def _ends(at: Term, low: int | None, high: int | None, size: Term) -> tuple[Term, Term]:
    """Where a part begins and ends, within the sequence."""

    def clipped(term: Term) -> Term:
        return z3.If(term < size, z3.If(term > 0, term, z3.IntVal(0)), size)

    begin = z3.IntVal(0) if low is None else clipped(at + low)
    end = size if high is None else clipped(at + high)
    return begin, end


def _ranges(one: Variant, place: Place) -> Iterator[Variant]:
    """``range(a, b)`` up to, or from, a place."""

    class Bound(ast.NodeTransformer):
        def __init__(self, *, upper: bool, by: ast.expr) -> None:
            self.upper, self.by, self.found = upper, by, False

        def visit_Call(self, node: ast.Call) -> ast.expr:
            self.generic_visit(node)
            plain = isinstance(node.func, ast.Name) and node.func.id == "range" and not node.keywords
            if not plain or len(node.args) not in (1, 2):
                return node
            self.found = True
            first = ast.Constant(0) if len(node.args) == 1 else node.args[0]
            last = node.args[-1]
            args = [first, self.by] if self.upper else [self.by, last]
            if isinstance(args[0], ast.Constant) and args[0].value == 0:
                args = args[1:]
            return ast.Call(node.func, args, [])

    here = _name(place.text)
    after = ast.BinOp(here, ast.Add(), ast.Constant(1))
    before = ast.BinOp(here, ast.Sub(), ast.Constant(1))
    for upper, by in ((True, here), (True, after), (False, here), (False, after), (True, before)):
        bound = Bound(upper=upper, by=by)
        tree = bound.visit(copy.deepcopy(one.tree))
        if bound.found:
            names: dict[str, ValueAt] = {place.text: lambda s, p=place: VInt(p.at(s))}
            yield Variant(tree, {**one.names, **names}, stated=one.stated and place.stated)


def _untouched(entry: State, changes: Changes, places: list[Place]) -> Iterator[Variant]:
    """The part of a changed list that is as it was before the loop."""
    for name, value in entry.locals.items():
        if not isinstance(value, VRef) or value.address not in changes.objects or name in changes.variables:
            continue
        obj = entry.heap.get(value.address)
        if not isinstance(obj, ListObject):
            continue
        before = f"old({name})"
        names: dict[str, ValueAt] = {before: lambda _, o=obj: VView(o)}
        length = ast.Call(_name("len"), [_name(name)], [])
        bounds: list[tuple[ast.expr, ast.expr, list[Place]]] = []
        for p in places:
            here = _name(p.text)
            after = ast.BinOp(here, ast.Add(), ast.Constant(1))
            bounds += [(here, length, [p]), (after, length, [p]), (ast.Constant(0), here, [p])]
            bounds += [
                (here, ast.BinOp(_name(q.text), ast.Add(), ast.Constant(1)), [p, q])
                for q in places
                if q is not p
            ]
        for low, high, by in bounds:
            text = f"all({name}[at_] == before_[at_] for at_ in range(low_, high_))"
            tree = ast.parse(text, mode="eval").body
            tree = _renamed(tree, {"before_": _name(before), "low_": low, "high_": high})
            held: dict[str, ValueAt] = {p.text: lambda s, p=p: VInt(p.at(s)) for p in by}
            yield Variant(tree, {**names, **held}, stated=False)


# What is still to come.


def _still_to_come(
    one: Variant, post: object, old: set[str], entry: State, changes: Changes
) -> Iterator[Variant]:
    """``result == e(n)`` where the loop uses ``n`` up: gathered so far and still to come make the whole."""
    tree = one.tree
    if not isinstance(tree, ast.Compare) or len(tree.ops) != 1:
        return
    op, sides = tree.ops[0], (tree.left, tree.comparators[0])
    alone = [s for s in sides if isinstance(s, ast.Name) and s.id in _RESULT]
    others = [s for s in sides if not _uses(s, _RESULT)]
    variables = post.variables  # type: ignore[attr-defined]
    if len(alone) != 1 or len(others) != 1:
        return
    used = [p for p in old if _uses(others[0], [p]) and isinstance(entry.locals.get(p), VInt)]
    if not used or not isinstance(op, ast.Eq | ast.LtE | ast.GtE):
        return
    now = others[0]
    names: dict[str, ValueAt] = {f"old({p})": lambda _, v=variables[p]: v for p in used}
    whole = _renamed(now, {p: _name(f"old({p})") for p in used})
    turned = op if isinstance(op, ast.Eq) or sides[0] is alone[0] else _turned(op)
    for name in _numbers(entry, changes):
        for combine in (ast.Add(), ast.Mult()):
            gathered = ast.BinOp(_name(name), combine, now)
            yield Variant(ast.Compare(gathered, [turned], [whole]), names, stated=False)
    yield Variant(ast.Compare(now, [turned], [whole]), names, stated=False)


def _turned(op: ast.cmpop) -> ast.cmpop:
    return ast.GtE() if isinstance(op, ast.LtE) else ast.LtE()


def _by_variable(one: Variant, entry: State, changes: Changes) -> Iterator[Variant]:
    """A changed variable for a part of the clause: ``hi`` for ``lo + 1``, ``p`` for ``2 ** k``."""
    numbers = _numbers(entry, changes)
    parts = [n for n in ast.walk(one.tree) if isinstance(n, ast.BinOp) and _uses(n, numbers)]
    for part in parts[:6]:
        for name in numbers:
            if _uses(part, [name]):
                continue
            yield replace(one, tree=_swapped(one.tree, part, _name(name)))
            yield Variant(ast.Compare(_name(name), [ast.Eq()], [copy.deepcopy(part)]), one.names, one.stated)


def _swapped(tree: ast.expr, part: ast.expr, by: ast.expr) -> ast.expr:
    wanted = ast.dump(part)

    class Swap(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            if isinstance(node, ast.expr) and ast.dump(node) == wanted:
                return copy.deepcopy(by)
            return super().visit(node)

    swapped = Swap().visit(copy.deepcopy(tree))
    assert isinstance(swapped, ast.expr)
    return swapped


def place_of_element(first: Callable[[State], Value], text: str) -> Place:
    """A place that a loop's target holds: a number of a range, or the index of ``enumerate``."""

    def at(state: State) -> Term:
        value = first(state)
        if isinstance(value, VTuple) and value.seq.items:
            value = value.seq.items[0]
        term = number(value)
        if term is None:
            raise Unsupported("an index that is not a number")
        return term

    return Place(text, at)
