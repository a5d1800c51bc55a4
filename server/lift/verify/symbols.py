"""Fresh symbolic values of a type.

In a proof a container has a symbolic size and its elements are uninterpreted functions of the index; in
the search for counterexamples the path splits into small concrete sizes, so that Z3 sees no quantifier.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import z3

from lift.verify import sets
from lift.verify.set_elements import encode, plain
from lift.verify.state import DictObject, Engine, ListObject, State
from lift.verify.types import (
    TBool,
    TClass,
    TDict,
    TEnum,
    TFloat,
    TInt,
    TList,
    TLiteral,
    TNone,
    TSet,
    TStr,
    TTuple,
    TTupleOf,
    TUnion,
    TUnknown,
    Type,
)
from lift.verify.values import (
    FALSE,
    FLOAT,
    NONE,
    TRUE,
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    VBuiltin,
    VFloat,
    VInt,
    VMember,
    VRef,
    VStr,
    VTuple,
    VUnion,
    VView,
    concrete_seq,
    float_value,
    fresh_name,
    int_value,
    str_value,
    symbol_function,
)

Family = Callable[..., Value]

_DEPTH = 2
"""How many instances beyond a first one are looked into, one inside the other."""

FARTHER = VBuiltin("<farther>")
"""Stands for an instance beyond that; whoever reads it meets ``Unsupported``."""


def constant(value: object) -> Value:
    """The symbolic form of a Python constant.

    Raises:
        Unsupported: A constant outside the subset.
    """
    if value is None:
        return NONE
    if isinstance(value, bool):
        return TRUE if value else FALSE
    if isinstance(value, int):
        return int_value(value)
    if isinstance(value, float):
        return float_value(value)
    if isinstance(value, str):
        return str_value(value)
    if isinstance(value, tuple):
        return VTuple(concrete_seq([constant(v) for v in value]))
    raise Unsupported(f"a {type(value).__name__} constant")


def key_sort(type_: Type | None) -> Term:
    """The Z3 sort of dictionary keys of a type.

    Raises:
        Unsupported: Keys that are not all of one scalar kind.
    """
    match type_:
        case TInt() | TBool():
            return z3.IntSort()
        case TStr():
            return z3.StringSort()
        case TLiteral(values=values) if all(isinstance(v, str) for v in values):
            return z3.StringSort()
    raise Unsupported("dictionary keys that are not int or str")


def key_term(value: Value, sort: Term) -> Term | None:
    """The key as a term of the sort; None if a key of its kind cannot be in such a dictionary.

    Raises:
        Unsupported: A float, which may equal an integer.
    """
    if sort == z3.IntSort():
        if isinstance(value, VFloat):
            raise Unsupported("a float as a key of a dictionary of integers")
        if isinstance(value, VInt):
            return value.term
        if isinstance(value, VBool):
            return z3.If(value.term, z3.IntVal(1), z3.IntVal(0))
        return None
    return value.term if isinstance(value, VStr) else None


def key_value(term: Term, type_: Type | None = None) -> Value:
    """The key that a term stands for.

    Args:
        type_: The type of the keys; an ``int`` may be a bool.
    """
    if isinstance(type_, TBool):
        return VBool(term != 0)
    return VInt(term, maybe_bool=True) if term.sort() == z3.IntSort() else VStr(term)


def family(engine: Engine, type_: Type, name: str, sorts: tuple[Term, ...], depth: int = 0) -> Family:
    """A function from index terms to values of a type, with nothing known of it.

    Containers and instances inside are views: whether two of them are one object is left open, so they can
    only be read.

    Args:
        depth: How many instances it is in already.

    Raises:
        Unsupported: A type outside the subset.
    """

    def function(part: str, result: Term) -> Callable[..., Term]:
        if not sorts:
            symbol = z3.Const(fresh_name(f"{name}{part}"), result)
            return lambda *_: symbol
        return symbol_function(f"{name}{part}", *sorts, result)

    match type_:
        case TInt():
            f = function("", z3.IntSort())
            return lambda *i: VInt(f(*i), maybe_bool=True)
        case TBool():
            f = function("", z3.BoolSort())
            return lambda *i: VBool(f(*i))
        case TFloat():
            f = function("", FLOAT)
            return lambda *i: VFloat(f(*i))
        case TStr():
            f = function("", z3.StringSort())
            return lambda *i: VStr(f(*i))
        case TNone():
            return lambda *i: NONE
        case TLiteral(values=values):
            arms = [constant(v) for v in values]
            return _one_of(function("|which", z3.IntSort()), [lambda *i, v=v: v for v in arms])
        case TUnion(arms=types):
            members = [family(engine, t, f"{name}|{n}", sorts, depth) for n, t in enumerate(types)]
            return _one_of(function("|which", z3.IntSort()), members)
        case TTuple(items=types):
            members = [family(engine, t, f"{name}.{n}", sorts, depth) for n, t in enumerate(types)]
            return lambda *i: VTuple(concrete_seq([m(*i) for m in members]))
        case TTupleOf(element=element):
            seq = _seq_family(engine, element, name, sorts, function, depth)
            return lambda *i: VTuple(seq(*i))
        case TList(element=element):
            seq = _seq_family(engine, element, name, sorts, function, depth)
            return lambda *i: VView(ListObject(seq(*i)))
        case TDict():
            raise Unsupported("a dictionary inside another container")
        case TSet():
            raise Unsupported("a set inside another container")
        case TEnum(name=enum, members=names):
            found = [VMember(enum, n, names) for n in names]
            return _one_of(function("|which", z3.IntSort()), [lambda *i, v=v: v for v in found])
        case TClass(name=class_name):
            return _instances(engine, class_name, name, sorts, depth)
        case TUnknown(text=text):
            raise Unsupported(f"the type {text}")


def _one_of(which: Callable[..., Term], members: list[Family]) -> Family:
    last = len(members) - 1

    def get(*i: Term) -> Value:
        tag = which(*i)
        arms = [
            (tag <= 0 if n == 0 and last else tag >= last if n == last else tag == n, m(*i))
            for n, m in enumerate(members)
        ]
        return VUnion(tuple(arms)) if len(arms) > 1 else arms[0][1]

    return get


def _instances(engine: Engine, class_name: str, name: str, sorts: tuple[Term, ...], depth: int) -> Family:
    """Instances that are reached through others.

    There may be any number of them, one inside the other, so beyond a depth nothing is said.
    """
    if engine.exploring:
        raise Unsupported(f"an instance of {class_name} inside a container")
    if depth > _DEPTH:
        return lambda *_: FARTHER
    made: list[Family] = []
    for kind in engine.program.kinds(class_name):
        fields = [
            (attribute, family(engine, type_, f"{name}.{attribute}", sorts, depth + 1))
            for attribute, type_ in engine.program.class_info(kind).fields
        ]
        made.append(
            lambda *i, kind=kind, fields=fields: VView(engine.instance(kind, [(a, f(*i)) for a, f in fields]))
        )
    which = z3.Const(fresh_name(f"{name}|which"), z3.IntSort()) if not sorts else None
    tag = symbol_function(f"{name}|which", *sorts, z3.IntSort()) if sorts else lambda *_: which
    return _one_of(tag, made)


def _seq_family(
    engine: Engine,
    element: Type,
    name: str,
    sorts: tuple[Term, ...],
    function: Callable[[str, Term], Callable[..., Term]],
    depth: int,
) -> Callable[..., Seq]:
    length = function("|len", z3.IntSort())
    elements = family(engine, element, f"{name}[]", (*sorts, z3.IntSort()), depth)
    number = fresh_name("seq")

    def seq(*i: Term) -> Seq:
        raw = length(*i)
        # Asserting that every length is nonnegative would take a quantifier, so the term itself clips.
        size = z3.If(raw >= 0, raw, z3.IntVal(0))
        return Seq(size, lambda j: elements(*i, j), None, (number, *(t.sexpr() for t in i)))

    return seq


def fresh_seq(engine: Engine, element: Type, name: str, minimum: int = 0) -> Seq:
    """A sequence of unknown length with unknown elements."""
    length = z3.Int(fresh_name(f"len({name})"))
    engine.facts.append(length >= minimum)
    elements = family(engine, element, f"{name}[]", (z3.IntSort(),))
    return Seq(length, lambda i: elements(i), None, (fresh_name("seq"),))


def fresh_dict(engine: Engine, type_: TDict, name: str) -> DictObject:
    """A dictionary of unknown size with unknown keys in an unknown order."""
    sort = key_sort(type_.key)
    has = symbol_function(f"{name} has", sort, z3.BoolSort())
    values = family(engine, type_.value, f"{name}[]", (sort,))
    size = z3.Int(fresh_name(f"len({name})"))
    key_at = symbol_function(f"{name} key", z3.IntSort(), sort)
    position = symbol_function(f"{name} position", sort, z3.IntSort())
    k, i = z3.Const(fresh_name("k"), sort), z3.Int(fresh_name("i"))
    engine.facts += [
        size >= 0,
        z3.ForAll(
            [k],
            z3.Implies(has(k), z3.And(position(k) >= 0, position(k) < size, key_at(position(k)) == k)),
            patterns=[has(k)],
        ),
        z3.ForAll(
            [i],
            z3.Implies(z3.And(i >= 0, i < size), z3.And(has(key_at(i)), position(key_at(i)) == i)),
            patterns=[key_at(i)],
        ),
        # The smallest instance, so that "not empty" yields a key without a trigger.
        z3.Implies(size > 0, has(key_at(z3.IntVal(0)))),
    ]

    def contains(key: Value) -> Term:
        term = key_term(key, sort)
        return z3.BoolVal(False) if term is None else has(term)

    def get(key: Value) -> Value:
        term = key_term(key, sort)
        if term is None:
            raise Unsupported("a key of another kind")
        return values(term)

    keys = Seq(size, lambda j: key_value(key_at(j), type_.key), None, (fresh_name("seq"),))
    return DictObject(contains, get, size, keys, type_.key, type_.value)


def fresh(engine: Engine, state: State, type_: Type, name: str) -> list[tuple[State, Value]]:
    """A value of a type about which nothing else is known.

    Returns:
        One path and value in a proof; one for each small shape in the search for counterexamples.

    Raises:
        Unsupported: A type outside the subset.
    """
    if engine.exploring:
        return _explore(engine, state, type_, name)
    if isinstance(type_, TClass):
        found: list[tuple[State, Value]] = []
        for kind in engine.program.kinds(type_.name):
            path = state.fork()
            found.append((path, fresh_instance(engine, path, kind, name)))
        return found
    state = state.fork()
    return [(state, _symbolic(engine, state, type_, name))]


def _symbolic(engine: Engine, state: State, type_: Type, name: str) -> Value:
    match type_:
        case TList(element=element):
            return engine.allocate(state, ListObject(fresh_seq(engine, element, name)), owned=False)
        case TDict():
            return engine.allocate(state, fresh_dict(engine, type_, name), owned=False)
        case TSet():
            return engine.allocate(state, sets.fresh_set(engine, type_, name), owned=False)
        case TClass(name=class_name):
            kinds = engine.program.kinds(class_name)
            made = [fresh_instance(engine, state, kind, name) for kind in kinds]
            return _one_of(_tag(name), [lambda *i, v=v: v for v in made])()
        case TTuple(items=types):
            items = [_symbolic(engine, state, t, f"{name}.{n}") for n, t in enumerate(types)]
            return VTuple(concrete_seq(items))
        case TTupleOf(element=element):
            return VTuple(fresh_seq(engine, element, name))
        case TUnion(arms=types):
            arms = [_symbolic(engine, state, t, f"{name}|{n}") for n, t in enumerate(types)]
            return _one_of(_tag(name), [lambda *i, v=v: v for v in arms])()
    return family(engine, type_, name, ())()


def _tag(name: str) -> Callable[..., Term]:
    tag = z3.Int(fresh_name(f"{name}|which"))
    return lambda *_: tag


def fresh_instance(engine: Engine, state: State, class_name: str, name: str) -> VRef:
    """An instance whose declared attributes have values of their types.

    Raises:
        Unsupported: A class outside the subset, or an attribute of a type outside it.
    """
    info = engine.program.class_info(class_name)
    fields: list[tuple[str, Value]] = []
    for attribute, type_ in info.fields:
        inner = f"{name}.{attribute}"
        if engine.program.endless(type_):
            fields.append((attribute, family(engine, type_, inner, ())()))
        else:
            fields.append((attribute, _symbolic(engine, state, type_, inner)))
    return engine.allocate(state, engine.instance(class_name, fields), owned=False)


def _explore(
    engine: Engine, state: State, type_: Type, name: str, depth: int = 0
) -> list[tuple[State, Value]]:
    bound = max(1, engine.list_bound - depth)
    match type_:
        case TInt():
            return [(state, VInt(z3.Int(fresh_name(name))))]
        case TList(element=element) | TTupleOf(element=element):
            done: list[tuple[State, Value]] = []
            for size in range(bound + 1):
                for path, items in _explore_all(
                    engine, state, [(element, f"{name}[{i}]") for i in range(size)], depth + 1
                ):
                    seq = concrete_seq(items)
                    if isinstance(type_, TTupleOf):
                        done.append((path, VTuple(seq)))
                        continue
                    path = path.fork()
                    done.append((path, engine.allocate(path, ListObject(seq), owned=False)))
            return done
        case TTuple(items=types):
            wanted = [(t, f"{name}.{n}") for n, t in enumerate(types)]
            return [(p, VTuple(concrete_seq(v))) for p, v in _explore_all(engine, state, wanted, depth)]
        case TUnion(arms=types):
            return [
                r
                for n, t in enumerate(types)
                for r in _explore(engine, state.fork(), t, f"{name}|{n}", depth)
            ]
        case TLiteral(values=values):
            return [(state.fork(), constant(v)) for v in values]
        case TEnum(name=enum, members=names):
            return [(state.fork(), VMember(enum, n, names)) for n in names]
        case TDict(key=key, value=value):
            key_sort(key)
            done = []
            for size in range(min(bound, 2) + 1):
                wanted = [
                    t for i in range(size) for t in ((key, f"{name} key {i}"), (value, f"{name} value {i}"))
                ]
                for path, flat in _explore_all(engine, state, wanted, depth + 1):
                    entries = list(zip(flat[::2], flat[1::2], strict=True))
                    done.append(_explored_dict(engine, path, type_, entries))
            return done
        case TSet(element=element):
            plain(element)
            done = []
            for size in range(min(bound, 3) + 1):
                wanted = [(element, f"{name} element {i}") for i in range(size)]
                for path, items in _explore_all(engine, state, wanted, depth + 1):
                    done.append(_explored_set(engine, path, type_, items))
            return done
        case TClass(name=class_name):
            done = []
            if name.count(".") > _DEPTH:
                engine.truncated.append(0)
                return []
            for kind in engine.program.kinds(class_name):
                info = engine.program.class_info(kind)
                wanted = [(t, f"{name}.{a}") for a, t in info.fields]
                for path, values in _explore_all(engine, state, wanted, depth + 1):
                    path = path.fork()
                    fields = tuple(zip((a for a, _ in info.fields), values, strict=True))
                    done.append((path, engine.allocate(path, engine.instance(kind, fields), owned=False)))
            return done
    return [(state, family(engine, type_, name, ())())]


def _explored_set(engine: Engine, state: State, type_: TSet, items: list[Value]) -> tuple[State, Value]:
    element = plain(type_.element)
    terms = [encode(v, element) for v in items]
    path = state.fork(*(a != b for a, b in itertools.combinations(terms, 2)))
    entries = [(z3.BoolVal(True), t) for t in terms]
    return path, engine.allocate(path, sets.listed(entries, element, frozen=type_.frozen), owned=False)


def _explored_dict(
    engine: Engine, state: State, type_: TDict, entries: list[tuple[Value, Value]]
) -> tuple[State, Value]:
    sort = key_sort(type_.key)
    terms = [key_term(k, sort) for k, _ in entries]
    different = [a != b for a, b in itertools.combinations(terms, 2)]
    path = state.fork(*different)
    return path, engine.allocate(path, concrete_dict(entries, type_.key, type_.value), owned=False)


def concrete_dict(
    entries: list[tuple[Value, Value]], key_type: Type | None, value_type: Type | None = None
) -> DictObject:
    """A dictionary with these entries, whose keys are known to be distinct."""
    from lift.verify.values import choose

    if not entries:
        return DictObject(
            lambda _: z3.BoolVal(False), _no_entry, z3.IntVal(0), concrete_seq([]), key_type, value_type
        )
    sort = key_sort(key_type)
    terms = [key_term(k, sort) for k, _ in entries]

    def contains(key: Value) -> Term:
        term = key_term(key, sort)
        return z3.BoolVal(False) if term is None else z3.Or([term == t for t in terms])

    def get(key: Value) -> Value:
        term = key_term(key, sort)
        result = entries[-1][1]
        for (_, value), there in reversed(list(zip(entries[:-1], terms[:-1], strict=True))):
            result = choose(term == there, value, result)
        return result

    keys = concrete_seq([k for k, _ in entries])
    return DictObject(contains, get, z3.IntVal(len(entries)), keys, key_type, value_type)


def _no_entry(_: Value) -> Value:
    raise Unsupported("an entry of an empty dictionary")


def _explore_all(
    engine: Engine, state: State, wanted: list[tuple[Type, str]], depth: int
) -> list[tuple[State, list[Value]]]:
    paths: list[tuple[State, list[Value]]] = [(state, [])]
    for type_, name in wanted:
        grown: list[tuple[State, list[Value]]] = []
        for path, values in paths:
            for then, value in _explore(engine, path, type_, name, depth):
                grown.append((then, [*values, value]))
        if len(grown) > 200:
            engine.truncated.append(0)
            grown = grown[:200]
        paths = grown
    return paths
