"""What a function's body does, told by reading it once: calls, globals, what may change, effects.

Everything over-approximates: through aliases, methods that change their object, stores, augmented
assignment and calls that nothing is known of. What calls to the module's own functions do is left to
``lift.extract.linking``. Must not import other parts of lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from lift_ir import Call, EffectFacts, EffectWord

from lift.extract.aliases import Aliases, Root, Roots, resolve
from lift.extract.annotations import Mutability
from lift.extract.bindings import ModuleNames
from lift.extract.names import BUILTINS, argument_names
from lift.extract.scope import Edge, Walk
from lift.extract.walking import Def, walked
from lift.source import LineIndex

NO_EFFECTS = EffectFacts()


class BodyFacts(NamedTuple):
    """What a body does.

    Attributes:
        parameters: The function's parameters in order, positional ones first, without stars.
        positional: How many of them take positional arguments.
        mutates: Outside objects that it may change itself, as (name, attribute).
        reads: Module-level variables that it reads.
        writes: Module-level names that it binds or changes.
        effects: What its library calls do.
        opaque: Calls about which nothing is known.
        edges: Its calls of the module's own functions.
        facts: The same as IR, as far as the body itself tells.
    """

    parameters: tuple[str, ...] = ()
    positional: int = 0
    mutates: frozenset[tuple[str, str | None]] = frozenset()
    reads: frozenset[str] = frozenset()
    writes: frozenset[str] = frozenset()
    effects: frozenset[EffectWord] = frozenset()
    opaque: tuple[str, ...] = ()
    edges: tuple[Edge, ...] = ()
    facts: EffectFacts = NO_EFFECTS


class Body(NamedTuple):
    """A body once read.

    Attributes:
        facts: What it does.
        calls: Its calls.
        is_generator: Whether it yields.
        defines: Whether it defines functions or classes.
        loops: Its loops whose bodies start with an assertion.
    """

    facts: BodyFacts
    calls: tuple[Call, ...] = ()
    is_generator: bool = False
    defines: bool = False
    loops: tuple[ast.For | ast.AsyncFor | ast.While, ...] = ()


def effect_facts(
    reads: frozenset[str],
    writes: frozenset[str],
    mutates: frozenset[tuple[str, str | None]],
    effects: frozenset[EffectWord],
    opaque: Sequence[str],
) -> EffectFacts:
    """Facts in their canonical order; an attribute is not named where its whole object is."""
    if not (reads or writes or mutates or effects or opaque):
        return NO_EFFECTS
    return EffectFacts(
        globals_read=tuple(sorted(reads)),
        globals_written=tuple(sorted(writes)),
        mutates=tuple(
            sorted(
                n if a is None else f"{n}.{a}" for n, a in mutates if a is None or (n, None) not in mutates
            )
        ),
        effects=tuple(sorted(effects)),
        opaque_calls=tuple(dict.fromkeys(opaque)),
    )


def read_body(
    index: LineIndex, node: Def, names: ModuleNames, qualname: str, owner: str | None, receiver: str | None
) -> Body:
    """Reads a function's body."""
    walk = walked(index, node, names, qualname, owner, receiver)
    kinds, outer = walk.kinds, walk.outer
    own = walk.own - outer if outer else walk.own
    arguments = node.args
    free = walk.loads.difference(own, kinds)
    names.asked.update(free)
    bindings = names.bindings
    reads = frozenset([n for n in free if n in bindings and bindings[n].kind == "variable"])
    mutates: set[tuple[str, str | None]] = set()
    writes = set(outer & walk.own)

    def is_outside(name: str) -> bool:
        return name in kinds or name not in own

    def note(name: str, attribute: str | None, depth: int) -> None:
        if name in kinds:
            if _may_change(kinds[name], attribute, depth):
                mutates.add((name, attribute))
        elif depth <= 0 and (name in bindings or name not in BUILTINS):
            writes.add(name)

    aliases = walk.aliases
    for root in dict.fromkeys(walk.changes):
        for name, attribute, depth in _outside(root, aliases, is_outside):
            note(name, attribute, depth)
    for target, stored in dict.fromkeys(walk.stores):
        for name, attribute, depth in _outside((target, None, 0), aliases, is_outside):
            note(name, stored if attribute is None and depth == 0 else attribute, depth)
    changed, written = frozenset(mutates), frozenset(writes)
    effects, opaque = frozenset(walk.effects), tuple(walk.opaque)
    facts = BodyFacts(
        parameters=tuple(argument_names(arguments)),
        positional=len(arguments.posonlyargs) + len(arguments.args),
        mutates=changed,
        reads=reads,
        writes=written,
        effects=effects,
        opaque=opaque,
        edges=tuple([_outside_only(edge, walk, is_outside) for edge in walk.edges]),
        facts=effect_facts(reads, written, changed, effects, opaque),
    )
    return Body(facts, tuple(walk.calls), walk.generator, walk.defines, tuple(walk.loops))


def _outside(root: Root, aliases: Aliases, is_outside: Callable[[str], bool]) -> Iterable[Root]:
    """What a root may be outside the function; most names have no aliases, which is told at once."""
    name, attribute, _ = root
    if (name, None) not in aliases and (attribute is None or (name, attribute) not in aliases):
        return (root,) if is_outside(name) else ()
    return resolve(root, aliases, is_outside)


def body_too_deep(node: Def) -> Body:
    """What is said of a body that is nested too deeply to be read: it may do anything to what it is given."""
    arguments = node.args
    parameters = tuple(argument_names(arguments))
    mutates = frozenset((name, None) for name in parameters)
    opaque = ("code that is nested too deeply to be read",)
    nothing: frozenset[str] = frozenset()
    facts = BodyFacts(
        parameters=parameters,
        positional=len(arguments.posonlyargs) + len(arguments.args),
        mutates=mutates,
        opaque=opaque,
        facts=effect_facts(nothing, nothing, mutates, frozenset(), opaque),
    )
    return Body(facts, defines=True)


def _may_change(kind: Mutability, attribute: str | None, depth: int) -> bool:
    """Whether a root of a parameter of this kind can be changed at all."""
    if depth > 0 or kind is Mutability.NOTHING:
        return False
    return kind is not Mutability.ITSELF or (attribute is None and depth == 0)


def _outside_only(edge: Edge, walk: Walk, is_outside: Callable[[str], bool]) -> Edge:
    """The call with each argument as what it may be outside the function."""

    def resolved(roots: Roots) -> Roots:
        found: set[Root] = set()
        for root in roots:
            for name, attribute, depth in _outside(root, walk.aliases, is_outside):
                kind = walk.kinds.get(name)
                if depth <= 0 and (kind is None or _may_change(kind, attribute, depth)):
                    found.add((name, attribute, depth))
        return tuple(found)

    return Edge(
        edge.callee,
        edge.text,
        edge.receiver,
        tuple([resolved(roots) for roots in edge.positional]),
        tuple([(name, resolved(roots)) for name, roots in edge.keywords]),
    )
