"""What blocks what among the holes of a module, and in which order they can be filled.

A hole waits for another where filling that one narrows or decides it:

- a type for the type of what it is passed on to, a result's type for that of the value that is returned;
- a term for the types of the names beside it, and for the terms that it is compared with;
- a term in the code for what the clauses leave open, as a body does;
- a prose clause for the types of the names that it may speak of;
- an effect for the effects of the functions that are called;
- a body for everything else that its function leaves open, and for the bodies and types of the functions
  that its clauses call.

Works on text and specifications alone. Must not import a solver or a resolver: hovers ask for it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lift_ir import Class, Clause, Constraint, Function, Hole, Module, TypeHole

from lift.resolve.conjuncts import conjuncts
from lift.resolve.flows import Flow, flows_of

Owner = Function | Class
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class Graph:
    """The holes of a module and what is between them.

    Attributes:
        holes: Each with its constraints and ``depends_on``, by id, in an order in which they can be filled:
            what blocks a hole stands before it, except within a cycle.
        owners: Whose hole it is.
        blocks: Id → the holes that wait for it.
        cycles: Holes that wait for each other, so that one of them has to be filled first.
    """

    holes: Mapping[str, Hole] = field(default_factory=dict)
    owners: Mapping[str, Owner] = field(default_factory=dict)
    blocks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cycles: tuple[tuple[str, ...], ...] = ()

    @property
    def ready(self) -> tuple[str, ...]:
        """The holes that wait for nothing."""
        return tuple(key for key, hole in self.holes.items() if not hole.depends_on)

    def cycle_of(self, key: str) -> tuple[str, ...]:
        """The cycle that a hole is in, empty if it is in none."""
        return next((cycle for cycle in self.cycles if key in cycle), ())


def graph_of(module: Module, text: str) -> Graph:
    """The graph of a module's holes; of a text that does not parse, without what bodies and calls say."""
    owners: dict[str, Owner] = {}
    holes: dict[str, Hole] = {}
    for owner in (*module.classes, *module.all_functions()):
        for hole in owner.holes:
            holes[hole.id], owners[hole.id] = hole, owner
    flows = flows_of(module, text)
    waits = {key: _waits(hole, owners[key], module, flows) for key, hole in holes.items()}
    known = {key: tuple(w for w in found if w in holes and w != key) for key, found in waits.items()}
    cycles = _components(known)
    blocks: dict[str, list[str]] = {key: [] for key in holes}
    for key, found in known.items():
        for other in found:
            blocks[other].append(key)
    ordered: dict[str, Hole] = {}
    for group in cycles:
        for key in sorted(group, key=lambda k: _place(holes[k])):
            more = _constraints(holes[key], owners[key], flows)
            update = {"depends_on": known[key], "constraints": more}
            ordered[key] = holes[key].model_copy(update=update)
    return Graph(
        ordered,
        owners,
        {key: tuple(found) for key, found in blocks.items()},
        tuple(tuple(sorted(g, key=lambda k: _place(holes[k]))) for g in cycles if len(g) > 1),
    )


def linked(module: Module, text: str) -> tuple[tuple[Owner, Hole], ...]:
    """The holes of a module, each with its owner, in an order in which they can be filled."""
    graph = graph_of(module, text)
    return tuple((graph.owners[key], hole) for key, hole in graph.holes.items())


def label(graph: Graph, key: str) -> str:
    """A hole as a person would name it: ``type of f's xs``, ``?limit of f``, ``body of f``."""
    hole, owner = graph.holes[key], graph.owners[key].qualname
    match hole.hole:
        case "term" if _is_in_code(graph.owners[key], hole):
            return f"`...` at line {hole.span.start.line} of {owner}"
        case "type":
            return f"type of {owner}'s {'result' if hole.name == 'return' else hole.name}"
        case "term" | "effect":
            return f"?{hole.name} of {owner}"
        case "clause":
            return f"clause “{hole.name.replace('-', ' ')}” of {owner}"
        case _:
            return f"{hole.hole} of {owner}"


def _waits(hole: Hole, owner: Owner, module: Module, flows: Sequence[Flow]) -> tuple[str, ...]:
    found: Iterable[str]
    match hole.hole:
        case "type":
            found = (flow.target for flow in flows if flow.source == hole.id)
        case "term" if _is_in_code(owner, hole):
            stated = (h for h in owner.holes if h.hole in ("type", "term", "clause"))
            found = (h.id for h in stated if not _is_in_code(owner, h))
        case "term":
            found = (*_types_beside(hole, owner), *_terms_beside(hole, owner))
        case "clause":
            found = _types_spoken_of(hole, owner)
        case "effect":
            found = _callees_holes(owner, module, ("effect",))
        case "body":
            found = _before_a_body(hole, owner, module)
        case _:
            found = iter(())
    return tuple(dict.fromkeys(found))


def _is_in_code(owner: Owner, hole: Hole) -> bool:
    return isinstance(owner, Function) and any(h.id == hole.id for h in owner.terms_in_code())


def _types_beside(hole: Hole, owner: Owner) -> Iterator[str]:
    """The open types of the names in the clauses that a term stands in."""
    for clause in clauses_of(owner):
        if hole.id in clause.holes and clause.expression is not None:
            yield from _open_types(owner, set(_WORD.findall(clause.expression)))


def _terms_beside(hole: Hole, owner: Owner) -> Iterator[str]:
    """The terms that a term is compared with: neither says anything without the other."""
    names = {f"__hole_{h.name}": h.id for h in owner.holes if h.hole == "term" and h.id != hole.id}
    for clause in clauses_of(owner):
        if hole.id not in clause.holes or clause.expression is None or len(clause.holes) < 2:
            continue
        try:
            parts = conjuncts(ast.parse(clause.expression, mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for part in parts:
            named = {n.id for n in ast.walk(part) if isinstance(n, ast.Name)}
            if f"__hole_{hole.name}" in named:
                yield from (key for name, key in names.items() if name in named)


def _types_spoken_of(hole: Hole, owner: Owner) -> Iterator[str]:
    """The open types of the names in a prose bullet; where it names none, all that it may speak of."""
    clause = next((c for c in clauses_of(owner) if hole.id in c.holes), None)
    words = set(_WORD.findall(f"{clause.text} {clause.prose}")) if clause is not None else set()
    named = tuple(_open_types(owner, words))
    if named or not isinstance(owner, Function):
        yield from named
        return
    if any(p.name in words for p in owner.signature.parameters):
        return
    everything = {p.name for p in owner.signature.parameters}
    yield from _open_types(
        owner, everything | ({"result"} if clause and clause.kind != "requires" else set())
    )


def _open_types(owner: Owner, names: set[str]) -> Iterator[str]:
    if not isinstance(owner, Function):
        return
    for parameter in owner.signature.parameters:
        if parameter.name in names and isinstance(parameter.type, TypeHole):
            yield parameter.type.hole
    if names & {"result", "__return__"} and isinstance(owner.signature.returns, TypeHole):
        yield owner.signature.returns.hole


def _before_a_body(hole: Hole, owner: Owner, module: Module) -> Iterator[str]:
    yield from (h.id for h in owner.holes if h.hole in ("type", "term", "clause", "effect"))
    for holder in _class_of(owner, module):
        yield from (h.id for h in holder.holes if h.hole in ("term", "clause"))
    for callee in _called_in_clauses(owner, module):
        yield from (h.id for h in callee.holes if h.hole in ("type", "term", "clause", "body"))


def _callees_holes(owner: Owner, module: Module, kinds: tuple[str, ...]) -> Iterator[str]:
    if isinstance(owner, Function):
        for call in owner.calls:
            for callee in _named(module, owner, call.callee):
                yield from (h.id for h in callee.holes if h.hole in kinds)


def _called_in_clauses(owner: Owner, module: Module) -> Iterator[Function]:
    for clause in clauses_of(owner):
        if clause.expression is None or clause.kind == "example":
            continue
        try:
            tree = ast.parse(clause.expression, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                yield from _named(module, owner, ast.unparse(node.func))


def _named(module: Module, owner: Owner, callee: str) -> Iterator[Function]:
    """The functions of the module that a call in ``owner`` may mean."""
    head, _, name = callee.rpartition(".")
    around = owner.qualname.rpartition(".")[0]
    wanted = f"{around}.{name}" if head in ("self", "cls") else callee
    yield from (f for f in module.all_functions() if f.qualname == wanted and f is not owner)


def _class_of(owner: Owner, module: Module) -> Iterator[Class]:
    around = owner.qualname.rpartition(".")[0]
    yield from (c for c in module.classes if c.qualname == around)


def clauses_of(owner: Owner) -> tuple[Clause, ...]:
    """The clauses of a function, or the invariants of a class."""
    return owner.clauses if isinstance(owner, Function) else owner.invariants


def _constraints(hole: Hole, owner: Owner, flows: Sequence[Flow]) -> tuple[Constraint, ...]:
    """What extraction knows about a hole, with what the rest of the module asks of it."""
    found = [c.model_copy(update={"text": c.text.replace("__hole_", "?")}) for c in hole.constraints]
    if hole.hole == "type":
        for flow in flows:
            if hole.id in (flow.source, flow.target):
                found.append(Constraint(text=flow.text, origin="code", span=flow.span))
        if isinstance(owner, Function):
            for parameter in owner.signature.parameters:
                if parameter.name == hole.name and parameter.default is not None:
                    text = f"{parameter.name} = {parameter.default}"
                    found.append(Constraint(text=text, origin="default", span=parameter.span))
    elif hole.hole == "body" or _is_in_code(owner, hole):
        for clause in clauses_of(owner):
            if clause.expression is not None:
                found.append(Constraint(text=clause.text, origin=clause.kind, span=clause.span))
    elif hole.hole == "term":
        known = {(c.text, c.span) for c in found}
        for clause in clauses_of(owner):
            if hole.id in clause.holes and clause.expression is not None:
                if (clause.expression, clause.span) not in known and (clause.text, clause.span) not in known:
                    found.append(Constraint(text=clause.text, origin=clause.kind, span=clause.span))
    elif hole.hole == "effect" and isinstance(owner, Function):
        found += [
            Constraint(text=word, origin="body", span=owner.body_span) for word in owner.effects.effects
        ]
    unique = {(c.text, c.origin, c.span): c for c in found}
    return tuple(unique.values())


def _place(hole: Hole) -> tuple[int, int, str]:
    return hole.span.start.line, hole.span.start.column, hole.id


def _components(waits: Mapping[str, Sequence[str]]) -> list[list[str]]:
    """The strongly connected components, what is waited for first (Tarjan's algorithm, without recursion)."""
    number: dict[str, int] = {}
    lowest: dict[str, int] = {}
    stack: list[str] = []
    standing: set[str] = set()
    found: list[list[str]] = []
    for root in waits:
        if root in number:
            continue
        work: list[tuple[str, Iterator[str]]] = [(root, iter(waits[root]))]
        number[root] = lowest[root] = len(number)
        stack.append(root)
        standing.add(root)
        while work:
            key, rest = work[-1]
            following = next(rest, None)
            if following is None:
                work.pop()
                if work:
                    above = work[-1][0]
                    lowest[above] = min(lowest[above], lowest[key])
                if lowest[key] == number[key]:
                    cut = stack.index(key)
                    found.append(stack[cut:])
                    standing -= set(stack[cut:])
                    del stack[cut:]
            elif following not in number:
                number[following] = lowest[following] = len(number)
                stack.append(following)
                standing.add(following)
                work.append((following, iter(waits[following])))
            elif following in standing:
                lowest[key] = min(lowest[key], number[following])
    return found
