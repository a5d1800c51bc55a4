"""Symbolic values: what a Python expression may be on one path.

A value knows its Python kind exactly; only its content is a Z3 term. Where the kind is open, a
``VUnion`` lists the possibilities under guards that are disjoint and exhaustive. Containers with
identity live in the heap (``state.py``); a ``VRef`` is their address. Sequences are Python closures from
an index term to a value rather than arrays: selecting from an update is then done before Z3 sees it.
"""

from __future__ import annotations

import ast
import itertools
import math
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import z3

Term = Any
"""A Z3 expression. The z3 package has no usable types, so the alias names the intent."""


class Unsupported(Exception):
    """A construct that is not modelled; the path that meets it ends in ``unknown``."""

    def __init__(self, construct: str, node: ast.AST | None = None) -> None:
        super().__init__(construct)
        self.construct = construct
        self.line: int | None = getattr(node, "lineno", None)


@dataclass(frozen=True)
class VNone:
    """``None``."""


@dataclass(frozen=True)
class VBool:
    """A bool."""

    term: Term


@dataclass(frozen=True)
class VInt:
    """An unbounded integer.

    Attributes:
        maybe_bool: The object may be a bool, since an ``int`` annotation admits one. Arithmetic gives a
            real int; only what looks at the class (``str``, ``isinstance``) must care.
    """

    term: Term
    maybe_bool: bool = False


_origins = itertools.count()
_float_made = [False]


def _next_origin() -> int:
    _float_made[0] = True
    return next(_origins)


def floats_made() -> bool:
    """Whether a float was made since all terms were forgotten: where not, no formula need be searched."""
    return _float_made[0]


@dataclass(frozen=True)
class VFloat:
    """A float, as a Z3 term of the sort Float64.

    Attributes:
        origin: Which object it is: equal origins mean one object, different ones leave that open. Only a NaN
            cares, which is a member of a list that holds this very object although it equals nothing.
    """

    term: Term
    origin: int = field(default_factory=_next_origin)


@dataclass(frozen=True)
class VStr:
    """A string, as a Z3 sequence of code points."""

    term: Term


@dataclass(frozen=True)
class Seq:
    """An immutable sequence of values.

    Attributes:
        length: Number of elements, a nonnegative integer term.
        get: The element at an index term; only meaningful within bounds.
        items: The elements when their number is known.
        key: Identity of the contents, for functions defined over them (sums); equal keys mean equal contents.
        parts: The two sequences that it was put together from, one after the other.
    """

    length: Term
    get: Callable[[Term], Value]
    items: tuple[Value, ...] | None = None
    key: tuple[object, ...] = ()
    parts: tuple[Seq, Seq] | None = None


@dataclass(frozen=True)
class VTuple:
    """A tuple."""

    seq: Seq


@dataclass(frozen=True)
class VView:
    """A container whose identity is not known: it may be read, but neither changed nor compared by ``is``.

    Attributes:
        object: A heap object (``ListObject`` or ``DictObject``).
    """

    object: Any


@dataclass(frozen=True)
class VRef:
    """The object at an address of the heap."""

    address: int


@dataclass(frozen=True)
class VUnion:
    """One of several values; the guards are disjoint and one of them is true."""

    arms: tuple[tuple[Term, Value], ...]


@dataclass(frozen=True)
class VRange:
    """A range object."""

    start: Term
    stop: Term
    step: Term


@dataclass(frozen=True)
class VIterable:
    """What can only be iterated: enumerate, zip, reversed, dictionary views, generators.

    CPython makes its elements when they are asked for, and an iterator hands each out once. So this value
    only lives between the call that makes it and the one that uses it up; to keep it is not modelled.

    Attributes:
        seq: The elements, as they are now.
        sources: Addresses of the containers that they come from.
    """

    seq: Seq
    what: str
    sources: frozenset[int] = frozenset()


@dataclass(frozen=True)
class VFunction:
    """A function defined by the source.

    Attributes:
        node: Its definition, a ``def`` or a ``lambda``.
        qualname: Its qualified name when it is a function of the module, else None.
        frame: The frame that its free variables live in, None for a function of the module.
        defaults: Values of its defaults by parameter, evaluated when it was defined.
    """

    node: ast.FunctionDef | ast.Lambda
    qualname: str | None
    frame: int | None
    defaults: tuple[tuple[str, Value], ...] = ()
    receiver: Value | None = None


@dataclass(frozen=True)
class VBuiltin:
    """A built-in function or type."""

    name: str


@dataclass(frozen=True)
class VMethod:
    """A method of a built-in type bound to its object."""

    receiver: Value
    name: str


@dataclass(frozen=True)
class VClass:
    """A class: one of the module, or a built-in exception."""

    name: str


@dataclass(frozen=True)
class VImported:
    """A module, or a function of another one that is known by its contract.

    Attributes:
        name: Its dotted name.
        found: What is known of it (see ``sources.py``).
    """

    name: str
    found: Any = field(compare=False, repr=False)


@dataclass(frozen=True)
class VMember:
    """A member of an enumeration of the module.

    Attributes:
        members: The names of all members of its class.
    """

    class_name: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class VException:
    """An exception object.

    Attributes:
        or_subclass: Its class may be one below ``type``, since a callee's declaration admits that.
    """

    type: str
    or_subclass: bool = False


Value = (
    VNone
    | VBool
    | VInt
    | VFloat
    | VStr
    | VTuple
    | VView
    | VRef
    | VUnion
    | VRange
    | VIterable
    | VFunction
    | VBuiltin
    | VMethod
    | VClass
    | VImported
    | VException
    | VMember
)

UNSETTLED = VBuiltin("<unsettled>")
"""Stands for a variable that may or may not have a value; whoever reads it meets ``Unsupported``."""

NONE = VNone()
TRUE = VBool(z3.BoolVal(True))
FALSE = VBool(z3.BoolVal(False))


@dataclass(frozen=True)
class Exc:
    """The outcome of an expression or statement that raises.

    Attributes:
        type: Name of the exception's class.
        line: Line that raised it, from 1.
        why: What raised it, for people.
        violated: The clause of a callee whose Requires a call breaks; then nothing is raised in CPython.
        asserted: Whether an assert statement raised it.
        decreases: It is a recursive call whose measure may not be smaller; ``violated`` names the measure.
        or_subclass: Whether its class may be a subclass of the one that is named.
    """

    type: str
    line: int
    why: str = ""
    violated: tuple[str, str] | None = None
    asserted: bool = False
    or_subclass: bool = False
    decreases: bool = False


_numbers = itertools.count()


def fresh_name(stem: str) -> str:
    """A name that no other symbol has."""
    return f"{stem}!{next(_numbers)}"


def fresh_count() -> int:
    """How many fresh names were given so far; a difference shows that an evaluation made symbols."""
    global _numbers
    now = next(_numbers)
    _numbers = itertools.count(now)
    return now


def int_value(value: int) -> VInt:
    """An integer constant."""
    return VInt(z3.IntVal(value))


FLOAT = z3.Float64()
"""The sort of floats, IEEE binary64."""


def float_term(value: float) -> Term:
    """A float constant, made from its bits so that no decimal text stands between."""
    if math.isnan(value):
        return z3.fpNaN(FLOAT)
    bits = int.from_bytes(struct.pack(">d", value), "big")
    return z3.simplify(z3.fpBVToFP(z3.BitVecVal(bits, 64), FLOAT))


def float_value(value: float) -> VFloat:
    """A float constant."""
    return VFloat(float_term(value))


def as_float(term: Term) -> float | None:
    """The number that a float term is, None if it is not a constant."""
    term = term if z3.is_fp_value(term) else z3.simplify(term)
    if not z3.is_fp_value(term):
        return None
    if term.isNaN():
        return math.nan
    bits: Term = z3.simplify(z3.fpToIEEEBV(term))
    return struct.unpack(">d", bits.as_long().to_bytes(8, "big"))[0]


def str_value(text: str) -> VStr:
    """A string constant.

    Raises:
        Unsupported: A character beyond U+2FFFE, the last but one that Z3 knows, or a lone surrogate.
    """
    if any(ord(c) > 0x2FFFE or 0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise Unsupported("a string with characters beyond U+2FFFE or surrogates")
    return VStr(
        z3.StringVal("".join(c if " " <= c <= "~" and c != "\\" else f"\\u{{{ord(c):x}}}" for c in text))
    )


def concrete_seq(items: Sequence[Value]) -> Seq:
    """A sequence whose elements are known one by one."""
    frozen = tuple(items)

    def get(index: Term) -> Value:
        position = as_int(index)
        if position is not None and 0 <= position < len(frozen):
            return frozen[position]
        if not frozen:
            raise Unsupported("an element of an empty sequence")
        result = frozen[-1]
        for i in reversed(range(len(frozen) - 1)):
            result = choose(index == i, frozen[i], result)
        return result

    return Seq(z3.IntVal(len(frozen)), get, frozen, ("items", *(value_key(v) for v in frozen)))


def symbol_function(stem: str, *sorts: Term) -> Term:
    """A fresh uninterpreted function; the last sort is its result's."""
    return z3.Function(fresh_name(stem), *sorts)


def as_int(term: Term) -> int | None:
    """The number that an integer term is, None if it is not a constant."""
    term = term if z3.is_int_value(term) else z3.simplify(term)
    return term.as_long() if z3.is_int_value(term) else None


def as_bool(term: Term) -> bool | None:
    """The truth value that a term plainly is, None if it takes a solver to tell."""
    if z3.is_true(term):
        return True
    if z3.is_false(term):
        return False
    term = z3.simplify(term)
    return True if z3.is_true(term) else False if z3.is_false(term) else None


def as_str(term: Term) -> str | None:
    """The text that a string term is, None if it is not a constant."""
    term = term if z3.is_string_value(term) else z3.simplify(term)
    return decode_string(term) if z3.is_string_value(term) else None


def decode_string(term: Term) -> str:
    r"""The text of a Z3 string constant, whose printed form writes characters as ``\u{…}``."""
    import re

    raw = term.as_string()
    return re.sub(r"\\u\{([0-9a-fA-F]+)\}|\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1] or m[2], 16)), raw)


_kept: dict[tuple[str, int], object] = {}


def term_key(term: Term) -> int:
    """The term's number; the term is kept alive, since Z3 gives the numbers of dead terms to new ones."""
    _kept["term", term.get_id()] = term
    return term.get_id()


def term_of_key(key: object) -> Term | None:
    """The term that a key was made from."""
    return _kept.get(("term", key)) if isinstance(key, int) else None


def forget_terms() -> None:
    """Let go of all terms that were kept for their keys; no key may be used across this call."""
    _kept.clear()
    _float_made[0] = False


def value_key(value: Value) -> object:
    """A hashable identity: equal keys mean equal values."""
    match value:
        case VInt(term=t) | VBool(term=t) | VStr(term=t):
            return (type(value).__name__, term_key(t))
        case VFloat(term=t, origin=o):
            return ("VFloat", term_key(t), o)
        case VTuple(seq=s) if s.key:
            return ("tuple", term_key(s.length), s.key)
        case VUnion(arms=arms):
            return ("union", *((term_key(g), value_key(v)) for g, v in arms))
        case VNone():
            return "None"
        case VMember(class_name=c, name=n):
            return ("member", c, n)
    _kept["object", id(value)] = value
    return ("object", id(value))


def choose(condition: Term, left: Value, right: Value) -> Value:
    """The value that is ``left`` where the condition holds and ``right`` elsewhere."""
    known = as_bool(condition)
    if known is not None:
        return left if known else right
    if left == right:
        return left
    match left, right:
        case VInt(), VInt():
            return VInt(z3.If(condition, left.term, right.term), left.maybe_bool or right.maybe_bool)
        case VBool(), VBool():
            return VBool(z3.If(condition, left.term, right.term))
        case VFloat(), VFloat():
            return VFloat(z3.If(condition, left.term, right.term))
        case VStr(), VStr():
            return VStr(z3.If(condition, left.term, right.term))
        case VTuple(), VTuple() if (
            left.seq.items is not None
            and right.seq.items is not None
            and len(left.seq.items) == len(right.seq.items)
        ):
            pairs = zip(left.seq.items, right.seq.items, strict=True)
            return VTuple(concrete_seq([choose(condition, a, b) for a, b in pairs]))
    arms: list[tuple[Term, Value]] = []
    for guard, value in ((condition, left), (z3.Not(condition), right)):
        for inner, arm in value.arms if isinstance(value, VUnion) else ((z3.BoolVal(True), value),):
            _add_arm(arms, z3.And(guard, inner), arm)
    return VUnion(tuple(arms)) if len(arms) > 1 else arms[0][1]


def _add_arm(arms: list[tuple[Term, Value]], guard: Term, value: Value) -> None:
    """Add an arm, joining it with one of the same scalar kind so that unions stay small."""
    for i, (other, there) in enumerate(arms):
        same_scalar = type(there) is type(value) and isinstance(value, VInt | VBool | VFloat | VStr | VNone)
        if same_scalar or there == value:
            joined = choose(other, there, value) if not isinstance(value, VNone) else value
            arms[i] = (z3.Or(other, guard), joined)
            return
    arms.append((guard, value))


def substitute(value: Value, variable: Term, by: Term) -> Value:
    """The value with one constant replaced by a term, everywhere in it."""

    def on(term: Term) -> Term:
        return z3.substitute(term, (variable, by))

    match value:
        case VInt(term=t, maybe_bool=m):
            return VInt(on(t), m)
        case VBool(term=t):
            return VBool(on(t))
        case VFloat(term=t):
            return VFloat(on(t))
        case VStr(term=t):
            return VStr(on(t))
        case VTuple(seq=s):
            return VTuple(substitute_seq(s, variable, by))
        case VUnion(arms=arms):
            return VUnion(tuple((on(g), substitute(v, variable, by)) for g, v in arms))
        case VRange():
            return VRange(on(value.start), on(value.stop), on(value.step))
        case VView(object=o) if hasattr(o, "seq"):
            return VView(type(o)(substitute_seq(o.seq, variable, by)))
        case VView(object=o) if hasattr(o, "fields"):
            return VView(replace(o, fields=tuple((n, substitute(v, variable, by)) for n, v in o.fields)))
        case VNone() | VBuiltin() | VClass() | VException() | VMember() | VRef():
            return value
    raise Unsupported(f"a {kind_name(value)} computed for each element")


def substitute_seq(seq: Seq, variable: Term, by: Term) -> Seq:
    """A sequence with one constant replaced by a term."""
    if seq.items is not None:
        return concrete_seq([substitute(v, variable, by) for v in seq.items])
    length = z3.substitute(seq.length, (variable, by))

    def get(i: Term) -> Value:
        if not mentions(i, variable):
            return substitute(seq.get(i), variable, by)
        # The index may speak of the same constant, which is bound elsewhere there: it must stay as it is.
        hole = z3.Int(fresh_name("hole"))
        return substitute(substitute(seq.get(hole), variable, by), hole, i)

    key = (*seq.key, "at", term_key(variable), term_key(by)) if seq.key else ()
    return Seq(length, get, None, key)


def mentions(term: Term, variable: Term) -> bool:
    """Whether a constant occurs in a term."""
    return not z3.substitute(term, (variable, z3.Int("another"))).eq(term)


def kind_name(value: Value) -> str:
    """What Python calls the class of a value, for messages."""
    names: dict[type, str] = {
        VNone: "NoneType", VBool: "bool", VInt: "int", VFloat: "float", VStr: "str",
        VTuple: "tuple", VRange: "range",
        VFunction: "function", VBuiltin: "builtin", VMethod: "method", VClass: "type",
        VException: "exception", VMember: "member",
        VImported: "name of another module", VUnion: "value of several types",
        VRef: "container", VView: "container",
    }  # fmt: skip
    return value.what if isinstance(value, VIterable) else names[type(value)]


def floor_divide(a: Term, b: Term) -> Term:
    """Python's ``a // b`` for ``b != 0``.

    Z3's ``div`` is Euclidean, so a negative divisor flips both signs.
    """
    divisor = as_int(b)
    if divisor is not None:
        return a / b if divisor > 0 else (-a) / (-b)
    return z3.If(b > 0, a / b, (-a) / (-b))


def modulo(a: Term, b: Term) -> Term:
    """Python's ``a % b`` for ``b != 0``: the sign follows the divisor."""
    divisor = as_int(b)
    if divisor is not None:
        return a % b if divisor > 0 else -((-a) % (-b))
    return z3.If(b > 0, a % b, -((-a) % (-b)))
