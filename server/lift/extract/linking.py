"""Effects through calls: what a function does because the functions of its module that it calls do it.

A least fixed point over the module's own calls; a call that leads out of the module is opaque. Must not
import other parts of lift than this package.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from lift_ir import Class, EffectFacts, EffectWord

from lift.extract.aliases import Roots
from lift.extract.effects import BodyFacts, effect_facts
from lift.extract.scope import Edge

_PLAIN_BASES = frozenset(
    ["object", "ABC", "abc.ABC", "Generic", "Protocol", "NamedTuple", "Enum", "enum.Enum"]
)
# What a class without a method of its own does for one of these is known: nothing to its arguments.
_INHERITED = frozenset(
    ["__init__", "__new__", "__init_subclass__", "__repr__", "__str__", "__eq__", "__hash__"]
)


@dataclass
class _Summary:
    """What a function does so far, calls that were followed included."""

    body: BodyFacts
    mutates: set[tuple[str, str | None]]
    reads: set[str]
    writes: set[str]
    effects: set[EffectWord]
    opaque: dict[str, None]
    size: int = 0

    def grown(self) -> bool:
        """Whether it grew since the last time that this was asked."""
        size = sum(map(len, (self.mutates, self.reads, self.writes, self.effects, self.opaque)))
        size, self.size = self.size, size
        return self.size != size


@dataclass(frozen=True)
class _Program:
    """The functions of a module by qualified name, and the bases of its classes."""

    functions: Mapping[str, list[_Summary]]
    bases: Mapping[str, tuple[str, ...]]
    resolved: dict[str, tuple[str | None, bool]] = field(default_factory=dict)

    def target(self, callee: str) -> tuple[str | None, bool]:
        """What a call runs, as ``_resolve`` says."""
        if callee not in self.resolved:
            self.resolved[callee] = _resolve(self, callee)
        return self.resolved[callee]


def linked(bodies: Sequence[tuple[str, BodyFacts]], classes: Iterable[Class]) -> list[EffectFacts]:
    """The effects of every function, in the order in which they are given as (qualified name, body)."""
    summaries = [
        _Summary(b, set(b.mutates), set(b.reads), set(b.writes), set(b.effects), dict.fromkeys(b.opaque))
        if b.edges
        else None
        for _, b in bodies
    ]
    if not any(summaries):
        return [body.facts for _, body in bodies]
    functions: dict[str, list[_Summary]] = {}
    for number, (name, body) in enumerate(bodies):
        summary = summaries[number] or _Summary(
            body,
            set(body.mutates),
            set(body.reads),
            set(body.writes),
            set(body.effects),
            dict.fromkeys(body.opaque),
        )
        functions.setdefault(name, []).append(summary)
    program = _Program(functions, {cls.qualname: cls.bases for cls in classes})
    _grow([summary for summary in summaries if summary is not None], program)
    return [
        body.facts if summary is None else _facts(summary)
        for (_, body), summary in zip(bodies, summaries, strict=True)
    ]


def _grow(changing: Sequence[_Summary], program: _Program) -> None:
    """Follows calls until nothing grows; a function is looked at again when one that it calls grew."""
    callers: dict[int, list[_Summary]] = {}
    for caller in changing:
        for callee in dict.fromkeys(edge.callee for edge in caller.body.edges):
            name, _ = program.target(callee)
            for summary in program.functions.get(name or "", ()):
                callers.setdefault(id(summary), []).append(caller)
    # Callees tend to stand before their callers, and helpers behind: either way most settle at once.
    waiting = dict.fromkeys(range(len(changing)))
    place = {id(summary): number for number, summary in enumerate(changing)}
    while waiting:
        number = next(iter(waiting))
        del waiting[number]
        summary = changing[number]
        for edge in summary.body.edges:
            _follow(program, summary, edge)
        if summary.grown():
            waiting.update(dict.fromkeys(place[id(caller)] for caller in callers.get(id(summary), ())))


def _facts(summary: _Summary) -> EffectFacts:
    return effect_facts(
        frozenset(summary.reads),
        frozenset(summary.writes),
        frozenset(summary.mutates),
        frozenset(summary.effects),
        tuple(summary.opaque),
    )


def _follow(program: _Program, caller: _Summary, edge: Edge) -> None:
    """Adds what a call does to its caller."""
    name, shifted = program.target(edge.callee)
    if name is None:
        caller.opaque[edge.text] = None
        for roots in (*edge.positional, *(roots for _, roots in edge.keywords)):
            _change(caller, roots, None)
        return
    for callee in program.functions.get(name, ()):
        caller.reads |= callee.reads
        caller.writes |= callee.writes
        caller.effects |= callee.effects
        caller.opaque.update(callee.opaque)
        for parameter, attribute in tuple(callee.mutates):
            for roots in _given(callee.body, edge, parameter, shifted):
                _change(caller, roots, attribute)


def _change(caller: _Summary, roots: Roots, attribute: str | None) -> None:
    """Notes that what was given may change, or only an attribute of it."""
    for name, path, depth in roots:
        whole = path is not None or depth != 0
        target = (name, path if whole else attribute)
        if name in caller.body.parameters:
            caller.mutates.add(target)
        else:
            caller.writes.add(name)


def _given(callee: BodyFacts, edge: Edge, parameter: str, shifted: bool) -> Iterable[Roots]:
    """What a call may give to a parameter."""
    place = callee.parameters.index(parameter) - (1 if shifted else 0)
    if place < 0:
        return
    matched = False
    if place < callee.positional and place < len(edge.positional):
        yield edge.positional[place]
        matched = True
    elif place >= callee.positional:
        # Behind the positional parameters stand those that stars collect into.
        yield from edge.positional[max(callee.positional - (1 if shifted else 0), 0) :]
    for name, roots in edge.keywords:
        if name in {parameter, "*"} or (place >= callee.positional and name not in callee.parameters):
            if not (matched and name == "*"):
                yield roots


def _resolve(program: _Program, callee: str) -> tuple[str | None, bool]:
    """The qualified name of what a call runs, and whether its first parameter is given implicitly.

    An empty name stands for something that is known to do nothing; None for the unknown.
    """
    if callee.startswith("^"):
        owner, _, method = callee[1:].rpartition(".")
        return _inherited(program, program.bases.get(owner, ("?",)), method), False
    if callee in program.bases:
        found = _method(program, callee, "__init__", set())
        return found, True
    if callee in program.functions:
        return callee, False
    owner, _, method = callee.rpartition(".")
    if owner in program.bases:
        return _method(program, owner, method, set()), False
    return None, False


def _method(program: _Program, owner: str, method: str, seen: set[str]) -> str | None:
    """The method that an object of a class has."""
    if f"{owner}.{method}" in program.functions:
        return f"{owner}.{method}"
    if owner in seen:
        return None
    seen.add(owner)
    return _inherited(program, program.bases.get(owner, ("?",)), method, seen)


def _inherited(
    program: _Program, bases: tuple[str, ...], method: str, seen: set[str] | None = None
) -> str | None:
    """The method that the bases give, an empty name if it is one of ``object``'s."""
    for base in bases:
        name = base.partition("[")[0]
        if name in program.bases:
            found = _method(program, name, method, seen if seen is not None else set())
            if found != "":
                return found
        elif name not in _PLAIN_BASES:
            return None
    return "" if method in _INHERITED else None
