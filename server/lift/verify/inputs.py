"""Makes inputs for a function from its annotations, simplest first, so that the first failure is readable.

Every arm of an annotation is covered: empty, short and longer containers, shared objects, and the numbers
and texts where code goes wrong. The same function gives the same inputs each time. Must not import z3 and
runs nothing: an input is Python text, for ``replay``.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, islice, product

from lift_ir import Function, Module, Parameter

from lift.verify.input_types import Kind, Types, Unreadable
from lift.verify.input_values import (
    CONTAINERS,
    SEQUENCES,
    Domain,
    Value,
    dict_of,
    group,
    integer,
    share,
    written,
)
from lift.verify.replay import Case

_MOST = 64  # Values of one parameter that are tried one by one.


Choice = tuple[Value | None, ...]
"""A value for each parameter; None leaves the parameter at its default."""


def cases(
    function: Function, module: Module, constants: Sequence[object], limit: int
) -> tuple[list[Case], str | None]:
    """Inputs for a function.

    Args:
        constants: Values that the code and its specification mention; inputs are made around them.
        limit: How many inputs at most.

    Returns:
        The inputs, simplest first, and None; or nothing and why none can be made.
    """
    found, reason, generic = _of_world(function, module, tuple(constants), limit, Kind("int"))
    if generic and found:
        # A type variable means one type throughout a call, so that the two never mix.
        texts, _, _ = _of_world(function, module, tuple(constants), limit // 3, Kind("str"))
        found = [*found[: limit - len(texts)], *texts]
    return found, reason


def _of_world(
    function: Function, module: Module, constants: tuple[object, ...], limit: int, variable: Kind
) -> tuple[list[Case], str | None, bool]:
    """Inputs in which a type variable means ``variable``, and whether there is one."""
    types = Types(module, variable)
    names = frozenset(p.name for p in function.signature.parameters)
    domain = Domain(types, constants, names)
    slots: list[_Slot] = []
    for parameter in _given(function, module):
        try:
            slots.append(_slot(domain, parameter))
        except Unreadable as unreadable:
            if parameter.default is None and not parameter.style.startswith("var-"):
                return [], f"no inputs can be made for {parameter.name}: {unreadable}", False
    if not slots:
        return [Case({})], None, False
    found: dict[object, tuple[int, Case]] = {}
    repeated = 0
    for choice in islice(_choices(domain, slots, limit), 20 * limit):
        # Of two truth values there are four pairs, however many are drawn.
        if len(found) >= limit or repeated > limit:
            break
        case = _case(slots, choice)
        if case is not None:
            before = len(found)
            key = (*case.arguments.items(), case.setup)
            found.setdefault(key, (sum(v.cost for v in choice if v is not None), case))
            repeated = 0 if len(found) > before else repeated + 1
    return [case for _, case in sorted(found.values(), key=lambda pair: pair[0])], None, types.generic


@dataclass(frozen=True)
class _Slot:
    """A parameter to choose a value for.

    Attributes:
        values: What is tried one by one, simplest first; None is the default.
    """

    parameter: Parameter
    kind: Kind
    values: tuple[Value | None, ...]


def _given(function: Function, module: Module) -> list[Parameter]:
    """The parameters that need an argument: not the class of a class method, nor the self of ``__init__``."""
    parameters = list(function.signature.parameters)
    owner = function.qualname.rpartition(".")[0]
    if owner and any(c.qualname == owner for c in module.classes) and parameters:
        if "classmethod" in function.decorators or function.name == "__init__":
            return parameters[1:]
    return parameters


def _slot(domain: Domain, parameter: Parameter) -> _Slot:
    if parameter.type.kind != "type":
        raise Unreadable("it has no annotation")
    kind = domain.types.read(parameter.type.text)
    if parameter.style == "var-positional":
        kind = Kind("tuple-of", (kind,))
    elif parameter.style == "var-keyword":
        kind = Kind("keywords", (kind,))
    values: list[Value | None] = list(domain.values(kind)[:_MOST])
    if parameter.default is not None:
        values.insert(min(1, len(values)), None)
    if not values:
        raise Unreadable(f"there is no value of type {parameter.type.text}")
    return _Slot(parameter, kind, tuple(values))


# Which combinations are tried.


def _choices(domain: Domain, slots: list[_Slot], limit: int) -> Iterator[Choice]:
    """Combinations in the order in which they are worth having; repetitions are possible."""
    related = islice(_related(domain, slots), limit // 3)
    covering = islice(_covering(slots), limit // 3)
    diagonal = islice(_diagonal(slots), limit // 4)
    yield from islice(_diagonal(slots), 8)
    yield from covering
    yield from related
    yield from diagonal
    yield from _drawn(domain, slots, limit)


def _diagonal(slots: list[_Slot]) -> Iterator[Choice]:
    """All combinations, those of simple values first."""
    last = sum(len(s.values) - 1 for s in slots)

    def of_sum(number: int, left: int) -> Iterator[Choice]:
        values = slots[number].values
        if number == len(slots) - 1:
            if left < len(values):
                yield (values[left],)
            return
        for rank in range(min(left, len(values) - 1), -1, -1):
            for rest in of_sum(number + 1, left - rank):
                yield (values[rank], *rest)

    for total in range(last + 1):
        yield from of_sum(0, total)


def _covering(slots: list[_Slot]) -> Iterator[Choice]:
    """Each value of each parameter once at least, among changing simple values of the others."""
    for rank in range(max(len(s.values) for s in slots)):
        for number, slot in enumerate(slots):
            if rank < len(slot.values):
                yield tuple(
                    slot.values[rank]
                    if n == number
                    else s.values[(rank * (n + 2) + 1) % min(len(s.values), 7)]
                    for n, s in enumerate(slots)
                )


def _drawn(domain: Domain, slots: list[_Slot], limit: int) -> Iterator[Choice]:
    """Combinations drawn with a fixed seed, with longer containers than those tried one by one."""
    luck = random.Random(20)
    for _ in range(10 * limit):
        choice: list[Value | None] = []
        for slot in slots:
            if luck.random() < 0.5:
                choice.append(luck.choice(slot.values[:24]))
            else:
                choice.append(domain.draw(slot.kind, luck))
        yield tuple(choice)


def _related(domain: Domain, slots: list[_Slot]) -> Iterator[Choice]:
    """Combinations in which arguments have to do with each other, taken from each relation in turn."""
    simple: Choice = tuple(next((v for v in s.values if v is not None), None) for s in slots)

    def placed(some: dict[int, Value]) -> Choice:
        return tuple(some.get(n, v) for n, v in enumerate(simple))

    relations: list[Iterator[dict[int, Value]]] = []
    for one, other in combinations(range(len(slots)), 2):
        relations.append(_same(domain, slots, one, other))
        relations.append(_same_length(domain, slots, one, other))
        for a, b in ((one, other), (other, one)):
            relations.append(_holding(domain, slots, a, b))
            relations.append(_length(domain, slots, a, b))
    while relations:
        left: list[Iterator[dict[int, Value]]] = []
        for relation in relations:
            found = next(relation, None)
            if found is not None:
                left.append(relation)
                yield placed(found)
        relations = left


def _same(domain: Domain, slots: list[_Slot], one: int, other: int) -> Iterator[dict[int, Value]]:
    """Two parameters are given one object, or equal values."""
    for arm in domain.arms(slots[one].kind):
        if arm in domain.arms(slots[other].kind):
            for value in domain.values(arm)[:10]:
                both = share(value) if domain.mutable(arm) else value
                yield {one: both, other: both}


def _same_length(domain: Domain, slots: list[_Slot], one: int, other: int) -> Iterator[dict[int, Value]]:
    """Two containers of one length: many preconditions ask for that."""
    for first, second in product(domain.arms(slots[one].kind), domain.arms(slots[other].kind)):
        if first.name in SEQUENCES and second.name in SEQUENCES:
            mine, yours = domain.values(first.args[0]), domain.values(second.args[0])
            if mine and yours:
                for length in (1, 2, 3):
                    for shift in (0, 1, 2):
                        a = tuple(mine[(shift + n) % min(len(mine), 6)] for n in range(length))
                        b = tuple(yours[(2 * shift + n) % min(len(yours), 6)] for n in range(length))
                        yield {one: group(first, a), other: group(second, b)}


def _holding(domain: Domain, slots: list[_Slot], one: int, other: int) -> Iterator[dict[int, Value]]:
    """A container holds what another parameter is: an element, a key, a shared row."""
    for outer, inner in product(domain.arms(slots[one].kind), domain.arms(slots[other].kind)):
        if outer.name not in CONTAINERS or inner not in domain.arms(outer.args[0]):
            continue
        for value in domain.values(inner)[1:5]:
            held = share(value) if domain.mutable(inner) else value
            more = domain.values(outer.args[0])
            if outer.name == "dict":
                contents = domain.values(outer.args[1])[:2]
                for content in contents:
                    yield {one: dict_of(((held, content),)), other: held}
                continue
            yield {one: group(outer, (held,)), other: held}
            if outer.name in SEQUENCES:
                yield {one: group(outer, (more[0], held)), other: held}
                yield {one: group(outer, (held, more[-1], held)), other: held}


def _length(domain: Domain, slots: list[_Slot], one: int, other: int) -> Iterator[dict[int, Value]]:
    """An integer near the length of a container or text."""
    if Kind("int") not in domain.arms(slots[other].kind):
        return
    for arm in domain.arms(slots[one].kind):
        if arm.name not in (*CONTAINERS, "str", "bytes"):
            continue
        for value in domain.values(arm)[:14]:
            length = len(value.parts) if arm.name in CONTAINERS else len(value.before) - 2
            for near in (length - 1, length, length + 1, -length, length // 2):
                yield {one: value, other: integer(near)}


# Writing a choice down.


def _case(slots: list[_Slot], choice: Choice) -> Case | None:
    """A choice as an input; None where no call can pass it."""
    left_out = False
    for slot, value in zip(slots, choice, strict=True):
        style = slot.parameter.style
        if value is None:
            left_out |= style in ("positional-only", "positional-or-keyword")
        elif left_out and (style == "positional-only" or (style == "var-positional" and value.parts)):
            return None
    setup: list[str] = []
    names: dict[int, str] = {}
    arguments = {
        slot.parameter.name: written(value, setup, names)
        for slot, value in zip(slots, choice, strict=True)
        if value is not None
    }
    return Case(arguments, tuple(setup))
