"""Sets and frozensets: membership, size, order of iteration, and the algebra on them.

A set whose elements are known one by one is a list of candidates, each under the condition that it is in
the set; any other is a predicate. The order of iteration is arbitrary, but the same as long as the set does
not change. Facts about fresh symbols hold on every path, so each formula here must be true of every finite
set, whatever a path assumes. Must not import the evaluator.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable
from dataclasses import replace

import z3

from lift.verify.set_elements import (
    decode,
    encode,
    in_range,
    join,
    kind_of,
    object_of,
    plain,
    sort_of,
    unhashable,
)
from lift.verify.state import DictObject, Engine, SetObject, State
from lift.verify.types import TBool, TInt, TSet, Type
from lift.verify.values import (
    Exc,
    Seq,
    Term,
    Unsupported,
    Value,
    VBool,
    as_bool,
    as_int,
    concrete_seq,
    fresh_name,
    symbol_function,
    term_key,
)

NO = z3.BoolVal(False)
Entries = list[tuple[Term, Term]]
ORDER = "the order in which a set is iterated over"


# Making sets.


def listed(entries: Entries, element: Type | None, *, frozen: bool) -> SetObject:
    """A set of candidates; those whose condition holds differ from each other."""
    kept = [(z3.simplify(g), t) for g, t in entries]
    kept = [(g, t) for g, t in kept if not z3.is_false(g)]

    def has(term: Term) -> Term:
        return z3.Or([z3.And(g, term == t) for g, t in kept]) if kept else NO

    ones = [z3.If(g, z3.IntVal(1), z3.IntVal(0)) for g, _ in kept]
    size = z3.simplify(z3.Sum(ones)) if ones else z3.IntVal(0)
    return SetObject(has, lambda: size, element, frozen, tuple(kept))


def empty(*, frozen: bool = False) -> SetObject:
    """``set()`` or ``frozenset()``."""
    return listed([], None, frozen=frozen)


def fresh_set(engine: Engine, type_: TSet, name: str) -> SetObject:
    """A set of unknown size with unknown elements."""
    element = plain(type_.element)
    has = symbol_function(f"{name} has", sort_of(element), z3.BoolSort())
    size = z3.Int(fresh_name(f"len({name})"))
    whole = SetObject(has, lambda: size, element, type_.frozen)
    _in_order(engine, whole, has, size)
    k = z3.Const(fresh_name("k"), sort_of(element))
    fits = in_range(k, element)
    if fits is not None:
        engine.facts.append(z3.ForAll([k], z3.Implies(has(k), fits), patterns=[has(k)]))
    return whole


def of_values(engine: Engine, values: list[Value], *, frozen: bool) -> SetObject:
    """The set of definite values that can be hashed."""
    whole = empty(frozen=frozen)
    for value in values:
        whole = added(engine, whole, value)
    return whole


def of_sequence(engine: Engine, seq: Seq, *, frozen: bool) -> SetObject:
    """The set of the elements of a sequence.

    Raises:
        Unsupported: Elements that are not modelled in sets.
    """
    if seq.items is not None:
        return of_values(engine, list(seq.items), frozen=frozen)
    if seq.parts is not None:
        first, second = (of_sequence(engine, part, frozen=frozen) for part in seq.parts)
        return union(engine, first, second)
    key = ("set", term_key(z3.simplify(seq.length)), seq.key)
    found = engine.sets.get(key) if seq.key else None
    if found is None:
        found = _of_unknown(engine, seq)
        if seq.key and not engine.depth:
            engine.sets[key] = found
    return copy(found, frozen=frozen)


def _of_unknown(engine: Engine, seq: Seq) -> SetObject:
    element = kind_of(seq.get(z3.Int(fresh_name("sample"))))
    sort = sort_of(element)

    def at(index: Term) -> Term:
        term = encode(seq.get(index), element)
        if term is None:
            raise Unsupported("a set with elements of several kinds")
        return term

    i, j = z3.Int(fresh_name("i")), z3.Int(fresh_name("j"))
    inside = z3.And(i >= 0, i < seq.length)
    if engine.depth:
        # Inside the body of a quantifier no symbol can be made.
        return SetObject(
            lambda t: z3.Exists([i], z3.And(inside, at(i) == t)), lambda: _nowhere("the size"), element, False
        )
    has = symbol_function("set has", sort, z3.BoolSort())
    place = symbol_function("place", sort, z3.IntSort())
    k = z3.Const(fresh_name("k"), sort)
    engine.facts += [
        _for_all(i, z3.Implies(inside, has(at(i))), at(i)),
        z3.ForAll(
            [k],
            z3.Implies(has(k), z3.And(place(k) >= 0, place(k) < seq.length, at(place(k)) == k)),
            patterns=[has(k)],
        ),
    ]

    def count() -> Term:
        size = z3.Int(fresh_name("size"))
        apart = z3.ForAll([i, j], z3.Implies(z3.And(i >= 0, i < j, j < seq.length), at(i) != at(j)))
        engine.facts += [
            size >= 0,
            z3.Implies(seq.length >= 0, size <= seq.length),
            z3.Implies(seq.length > 0, size > 0),
            z3.Implies(seq.length >= 0, (size == seq.length) == apart),
        ]
        _in_order(engine, whole, has, size)
        return size

    whole = SetObject(has, _once(engine, count), element, False)
    return whole


def _nowhere(what: str) -> Term:
    raise Unsupported(f"{what} of a set for each element of a sequence of unknown length")


def _for_all(variable: Term, body: Term, trigger: Term) -> Term:
    """A quantified fact that is used wherever the trigger occurs, if it can be one."""
    applies = z3.is_app(trigger) and trigger.decl().kind() == z3.Z3_OP_UNINTERPRETED
    if applies and trigger.num_args() == 1 and trigger.arg(0).eq(variable):
        return z3.ForAll([variable], body, patterns=[trigger])
    return z3.ForAll([variable], body)


def of_keys(engine: Engine, obj: DictObject, *, frozen: bool) -> SetObject:
    """The set of the keys of a dictionary."""
    if obj.keys is not None and obj.keys.items is not None:
        return of_values(engine, list(obj.keys.items), frozen=frozen)
    if obj.key_type is None:
        return empty(frozen=frozen)
    if obj.keys is None:
        raise Unsupported("a set of the keys of a dictionary after a deletion")
    element = plain(obj.key_type)
    # As an integer each term is a key of its own, also where the keys are bools.
    as_key = TInt() if isinstance(element, TBool) else element
    return SetObject(lambda t: obj.has(decode(engine, t, as_key)), lambda: obj.size, element, frozen)


def copy(obj: SetObject, *, frozen: bool) -> SetObject:
    """A set with the same elements, perhaps in another order."""
    return replace(obj, frozen=frozen, memo={})


def _once(engine: Engine, make: Callable[[], Term]) -> Callable[[], Term]:
    @functools.cache
    def made() -> Term:
        if engine.depth:
            _nowhere("the size")
        return make()

    return made


# Looking into sets.


def contains(obj: SetObject, item: Value) -> Term:
    """``item in obj`` for a definite item that can be hashed."""
    if obj.element is None:
        return NO
    term = encode(item, obj.element)
    return NO if term is None else obj.has(term)


def lookup(state: State, obj: SetObject, item: Value) -> Term | None:
    """``item in obj`` for a definite item, None if that is a TypeError.

    A set that is looked for is taken as the frozenset of its elements.
    """
    is_set = isinstance(object_of(state, item), SetObject)
    return None if not is_set and unhashable(state, item) else contains(obj, item)


def membership(state: State, obj: SetObject, item: Value, node: ast.AST) -> VBool | Exc:
    """``item in obj`` for a definite item."""
    found = lookup(state, obj, item)
    if found is None:
        return Exc("TypeError", getattr(node, "lineno", 0), "an item that cannot be hashed, and so in no set")
    return VBool(found)


def order(engine: Engine, obj: SetObject) -> Seq:
    """The elements in the order of iteration, which is arbitrary but always the same for one object."""
    found = obj.memo.get("order")
    if obj.entries is None or len(obj.entries) > 1:
        engine.approximations.append((ORDER, None))
    if found is None:
        if engine.depth and (obj.entries is None or len(obj.entries) > 1):
            _nowhere("iterating over a set, or the order")
        found = _listed_order(engine, obj) if obj.entries is not None else _symbolic_order(engine, obj)
        obj.memo["order"] = found
    return found


def _listed_order(engine: Engine, obj: SetObject) -> Seq:
    entries = obj.entries or ()
    size = obj.count()
    if not entries or obj.element is None:
        return concrete_seq([])
    element, known = obj.element, as_int(size)
    if len(entries) == 1:
        only = decode(engine, entries[0][1], element)
        return concrete_seq([only]) if known == 1 else Seq(size, lambda _: only, None, ())
    terms = [z3.Const(fresh_name("element"), sort_of(element)) for _ in entries]
    for n, term in enumerate(terms):
        one_of = z3.Or([z3.And(g, term == t) for g, t in entries])
        engine.facts.append(z3.Implies(size > n, z3.And(one_of, *(term != other for other in terms[:n]))))
    values = [decode(engine, t, element) for t in terms]
    if known is not None:
        return concrete_seq(values[:known])
    return Seq(size, concrete_seq(values).get, None, (fresh_name("order"),))


def _symbolic_order(engine: Engine, obj: SetObject) -> Seq:
    assert obj.element is not None
    has = symbol_function("member", sort_of(obj.element), z3.BoolSort())
    k = z3.Const(fresh_name("k"), sort_of(obj.element))
    engine.facts.append(z3.ForAll([k], has(k) == obj.has(k)))
    return _in_order(engine, obj, has, obj.count())


def _in_order(engine: Engine, obj: SetObject, has: Callable[[Term], Term], size: Term) -> Seq:
    """Number the elements of a set, one by one."""
    assert obj.element is not None
    element = obj.element
    sort = sort_of(element)
    at = symbol_function("element", z3.IntSort(), sort)
    position = symbol_function("position", sort, z3.IntSort())
    k, i = z3.Const(fresh_name("k"), sort), z3.Int(fresh_name("i"))
    engine.facts += [
        size >= 0,
        z3.ForAll(
            [k],
            z3.Implies(has(k), z3.And(position(k) >= 0, position(k) < size, at(position(k)) == k)),
            patterns=[has(k)],
        ),
        z3.ForAll(
            [i],
            z3.Implies(z3.And(i >= 0, i < size), z3.And(has(at(i)), position(at(i)) == i)),
            patterns=[at(i)],
        ),
        # The smallest instance, so that "not empty" yields an element without a trigger.
        z3.Implies(size > 0, has(at(z3.IntVal(0)))),
    ]
    obj.memo["order"] = Seq(size, lambda j: decode(engine, at(j), element), None, (fresh_name("order"),))
    return obj.memo["order"]


def some_element(engine: Engine, obj: SetObject) -> Term:
    """An element of a set that is not empty, any of them: as a term."""
    assert obj.element is not None
    if obj.entries is not None and len(obj.entries) == 1:
        return obj.entries[0][1]
    engine.approximations.append(("which element of a set is taken", None))
    term = z3.Const(fresh_name("taken"), sort_of(obj.element))
    engine.facts.append(z3.Implies(obj.count() > 0, obj.has(term)))
    return term


# Sets made of others.


def added(engine: Engine, obj: SetObject, value: Value) -> SetObject:
    """The set with one element more, a definite value that can be hashed."""
    element = join(engine, obj.element, kind_of(value))
    assert element is not None
    term = encode(value, element)
    assert term is not None
    return _with_term(obj, z3.BoolVal(True), term, element)


def _with_term(obj: SetObject, guard: Term, term: Term, element: Type) -> SetObject:
    fresh = z3.And(guard, z3.Not(obj.has(term)))
    if obj.entries is not None:
        return listed([*obj.entries, (fresh, term)], element, frozen=obj.frozen)
    return SetObject(
        lambda t: z3.Or(z3.And(guard, t == term), obj.has(t)),
        lambda: obj.count() + z3.If(fresh, z3.IntVal(1), z3.IntVal(0)),
        element,
        obj.frozen,
    )


def removed(obj: SetObject, term: Term) -> SetObject:
    """The set without an element that may be in it."""
    if obj.entries is not None:
        left = [(z3.And(g, t != term), t) for g, t in obj.entries]
        return listed(left, obj.element, frozen=obj.frozen)
    return SetObject(
        lambda t: z3.And(t != term, obj.has(t)),
        lambda: obj.count() - z3.If(obj.has(term), z3.IntVal(1), z3.IntVal(0)),
        obj.element,
        obj.frozen,
    )


def union(engine: Engine, a: SetObject, b: SetObject) -> SetObject:
    """``a | b``, of the kind of the first."""
    element = join(engine, a.element, b.element)
    if b.element is None:
        return copy(a, frozen=a.frozen)
    if a.element is None:
        return copy(b, frozen=a.frozen)
    assert element is not None
    if b.entries is not None:
        whole = replace(a, element=element, memo={})
        for guard, term in b.entries:
            whole = _with_term(whole, guard, term, element)
        return whole
    return SetObject(
        lambda t: z3.Or(a.has(t), b.has(t)),
        lambda: a.count() + b.count() - _common(engine, a, b),
        element,
        a.frozen,
    )


def intersection(engine: Engine, a: SetObject, b: SetObject) -> SetObject:
    """``a & b``, of the kind of the first."""
    if not _comparable(a, b):
        return empty(frozen=a.frozen)
    element = join(engine, a.element, b.element)
    for one, other in ((a, b), (b, a)):
        if one.entries is not None:
            both = [(z3.And(g, other.has(t)), t) for g, t in one.entries]
            return listed(both, element, frozen=a.frozen)
    return SetObject(lambda t: z3.And(a.has(t), b.has(t)), lambda: _common(engine, a, b), element, a.frozen)


def difference(engine: Engine, a: SetObject, b: SetObject) -> SetObject:
    """``a - b``, of the kind of the first."""
    if not _comparable(a, b):
        return copy(a, frozen=a.frozen)
    if a.entries is not None:
        left = [(z3.And(g, z3.Not(b.has(t))), t) for g, t in a.entries]
        return listed(left, a.element, frozen=a.frozen)
    return SetObject(
        lambda t: z3.And(a.has(t), z3.Not(b.has(t))),
        lambda: a.count() - _common(engine, a, b),
        a.element,
        a.frozen,
    )


def symmetric_difference(engine: Engine, a: SetObject, b: SetObject) -> SetObject:
    """``a ^ b``, of the kind of the first."""
    if not _comparable(a, b) or (a.entries is not None and b.entries is not None):
        return union(engine, difference(engine, a, b), difference(engine, b, a))
    return SetObject(
        lambda t: z3.Xor(a.has(t), b.has(t)),
        lambda: a.count() + b.count() - 2 * _common(engine, a, b),
        join(engine, a.element, b.element),
        a.frozen,
    )


def _comparable(a: SetObject, b: SetObject) -> bool:
    """Whether an element of one may equal an element of the other."""
    return a.element is not None and b.element is not None and sort_of(a.element) == sort_of(b.element)


def _common(engine: Engine, a: SetObject, b: SetObject) -> Term:
    """How many elements two sets have in common."""
    for one, other in ((a, b), (b, a)):
        if one.entries is not None:
            hits = [z3.If(z3.And(g, other.has(t)), z3.IntVal(1), z3.IntVal(0)) for g, t in one.entries]
            return z3.Sum(hits) if hits else z3.IntVal(0)
        known = one.memo.get(("common", id(other)))
        if known is not None:
            return known[0]
    if engine.depth:
        _nowhere("the size")
    count = z3.Int(fresh_name("common"))
    # The other set is kept, since its number would be given to another object once it is gone.
    a.memo["common", id(b)] = count, b
    assert a.element is not None
    k = z3.Const(fresh_name("k"), sort_of(a.element))
    engine.facts += [
        count >= 0,
        count <= a.count(),
        count <= b.count(),
        (count == a.count()) == _within(a, b),
        (count == b.count()) == _within(b, a),
        (count == 0) == z3.ForAll([k], z3.Not(z3.And(a.has(k), b.has(k)))),
    ]
    return count


# Comparing sets.


def _within(a: SetObject, b: SetObject) -> Term:
    if a.element is None:
        return z3.BoolVal(True)
    if not _comparable(a, b):
        return a.count() == 0
    if a.entries is not None:
        return z3.And([z3.Implies(g, b.has(t)) for g, t in a.entries])
    k = z3.Const(fresh_name("k"), sort_of(a.element))
    return z3.ForAll([k], z3.Implies(a.has(k), b.has(k)))


def subset(engine: Engine, a: SetObject, b: SetObject) -> Term:
    """``a <= b``."""
    inside = _within(a, b)
    if _comparable(a, b) and not (a.entries is not None and b.entries is not None) and not engine.depth:
        back = _within(b, a)
        engine.facts += [
            z3.Implies(inside, a.count() <= b.count()),
            z3.Implies(z3.And(inside, a.count() == b.count()), back),
        ]
    return inside


def proper_subset(engine: Engine, a: SetObject, b: SetObject) -> Term:
    """``a < b``."""
    return z3.And(subset(engine, a, b), z3.Not(_within(b, a)))


def equal(engine: Engine, a: SetObject, b: SetObject) -> Term:
    """``a == b``."""
    if not _comparable(a, b):
        return z3.And(a.count() == 0, b.count() == 0)
    if a.entries is not None and b.entries is not None:
        return z3.And(_within(a, b), _within(b, a))
    assert a.element is not None
    k = z3.Const(fresh_name("k"), sort_of(a.element))
    same = z3.ForAll([k], a.has(k) == b.has(k))
    if not engine.depth:
        engine.facts.append(z3.Implies(same, a.count() == b.count()))
    return same


def disjoint(a: SetObject, b: SetObject) -> Term:
    """``a.isdisjoint(b)``."""
    if not _comparable(a, b):
        return z3.BoolVal(True)
    for one, other in ((a, b), (b, a)):
        if one.entries is not None:
            return z3.And([z3.Not(z3.And(g, other.has(t))) for g, t in one.entries])
    assert a.element is not None
    k = z3.Const(fresh_name("k"), sort_of(a.element))
    return z3.ForAll([k], z3.Not(z3.And(a.has(k), b.has(k))))


def ordered(engine: Engine, symbol: str, a: SetObject, b: SetObject) -> Term:
    """``a < b`` and the like."""
    relation = {"<=": subset, ">=": subset, "<": proper_subset, ">": proper_subset}[symbol]
    return relation(engine, b, a) if symbol.startswith(">") else relation(engine, a, b)


def is_empty(obj: SetObject) -> Term:
    """Whether nothing is in it."""
    return z3.Not(z3.Or([g for g, _ in obj.entries])) if obj.entries is not None else obj.count() == 0


def known_empty(obj: SetObject) -> bool:
    """Whether plainly nothing is in it."""
    return as_bool(is_empty(obj)) is True
