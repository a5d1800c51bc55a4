"""Enumerations of the module: their members, lookup by value, iteration.

A member is a constant with an identity of its own; one that is not known is a union of all of them. What
gives members another meaning (mixed-in types, special methods, aliases) makes the class unsupported.
"""

from __future__ import annotations

import ast

import z3

from lift.verify import operators
from lift.verify.state import Engine, Result, State
from lift.verify.symbols import constant
from lift.verify.values import Exc, Seq, Unsupported, Value, VBool, VClass, VMember, concrete_seq


def members(engine: Engine, name: str) -> tuple[VMember, ...]:
    """The members of an enumeration in order; nothing for another class.

    Raises:
        Unsupported: An enumeration outside the subset.
    """
    info = engine.program.classes.get(name)
    if info is None or info.members is None:
        return ()
    engine.program.class_info(name)
    names = tuple(n for n, _ in info.members)
    return tuple(VMember(name, n, names) for n in names)


def member(engine: Engine, owner: VClass, name: str) -> VMember | None:
    """``C.NAME``; None if the class has no such member."""
    return next((m for m in members(engine, owner.name) if m.name == name), None)


def value_of(engine: Engine, one: VMember) -> Value:
    """A member's value."""
    return constant(dict(engine.program.class_info(one.class_name).members or ())[one.name])


def lookup(engine: Engine, state: State, name: str, given: list[Value], node: ast.AST) -> list[Result]:
    """``C(value)``: the member with that value."""
    if len(given) != 1:
        raise Unsupported(f"looking up a member of {name} like this", node)
    out: list[Result] = []
    for path, wanted in operators.arms(engine, state, given[0]):
        if isinstance(wanted, VMember):
            if wanted.class_name != name:
                raise Unsupported(f"looking up a {wanted.class_name} in {name}", node)
            out.append((path, wanted))
            continue
        missed = [path]
        for one in members(engine, name):
            pending, missed = missed, []
            for then in pending:
                same = operators.equal(engine, then, value_of(engine, one), wanted)
                yes, no = engine.split(then, same)
                out += [(yes, one)] if yes else []
                missed += [no] if no else []
        out += [
            (p, Exc("ValueError", getattr(node, "lineno", 0), f"no {name} has that value")) for p in missed
        ]
    return out


def elements(engine: Engine, value: Value) -> Seq | None:
    """What iterating over an enumeration yields; None for anything else."""
    found = members(engine, value.name) if isinstance(value, VClass) else ()
    return concrete_seq(found) if found else None


def contains(engine: Engine, state: State, box: VClass, item: Value, node: ast.expr) -> list[Result]:
    """``item in C`` of an enumeration; what is no member is looked up by value in newer versions only."""
    results: list[Result] = []
    for path, one in operators.arms(engine, state, item):
        if not isinstance(one, VMember) or not members(engine, box.name):
            raise Unsupported(f"`in` the class {box.name}", node)
        results.append((path, VBool(z3.BoolVal(one.class_name == box.name))))
    return results
