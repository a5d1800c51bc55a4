"""Annotations as types of the verified subset.

An annotation that lies outside it becomes ``TUnknown`` with the text, so that whoever needs a value of
that type can name what is missing. Must not import z3: the command line reads types too.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass


@dataclass(frozen=True)
class TInt:
    """``int``; by Python's typing rules a bool is one too."""


@dataclass(frozen=True)
class TBool:
    """``bool``."""


@dataclass(frozen=True)
class TFloat:
    """``float``, without the ints that Python's typing rules admit too: that they are left out is said."""


@dataclass(frozen=True)
class TStr:
    """``str``."""


@dataclass(frozen=True)
class TNone:
    """``None``."""


@dataclass(frozen=True)
class TList:
    """A list; read-only sequence annotations are read as a list of the same elements."""

    element: Type


@dataclass(frozen=True)
class TTuple:
    """A tuple of known length."""

    items: tuple[Type, ...]


@dataclass(frozen=True)
class TTupleOf:
    """``tuple[T, ...]``."""

    element: Type


@dataclass(frozen=True)
class TDict:
    """A dictionary."""

    key: Type
    value: Type


@dataclass(frozen=True)
class TSet:
    """A set, or a frozenset."""

    element: Type
    frozen: bool = False


@dataclass(frozen=True)
class TUnion:
    """One of several types; arms are flat and distinct."""

    arms: tuple[Type, ...]


@dataclass(frozen=True)
class TLiteral:
    """One of several constants."""

    values: tuple[object, ...]


@dataclass(frozen=True)
class TClass:
    """An instance of a class of the same module."""

    name: str


@dataclass(frozen=True)
class TEnum:
    """A member of an enumeration of the same module, with the names of all of them."""

    name: str
    members: tuple[str, ...]


@dataclass(frozen=True)
class TUnknown:
    """An annotation outside the subset, or none at all."""

    text: str


Type = (
    TInt
    | TBool
    | TFloat
    | TStr
    | TNone
    | TList
    | TTuple
    | TTupleOf
    | TDict
    | TSet
    | TUnion
    | TLiteral
    | TClass
    | TEnum
    | TUnknown
)

_SIMPLE: dict[str, Type] = {"int": TInt(), "bool": TBool(), "float": TFloat(), "str": TStr()}
_SIMPLE["None"] = TNone()
ABSTRACT = {
    "Sequence": "a list or a tuple",
    "MutableSequence": "a list",
    "Mapping": "a dict",
    "MutableMapping": "a dict",
}
"""The abstract containers that are read as the built-in ones, and as which."""
_LISTS = {"list", "List", "MutableSequence"}
_DICTS = {"dict", "Dict", "Mapping", "MutableMapping"}
_TUPLES = {"tuple", "Tuple"}
_SETS = {"set": False, "Set": False, "frozenset": True, "FrozenSet": True}
_WRAPPERS = {"Annotated", "Final", "Required", "NotRequired"}
_FORMS = {"Optional", "Union", "Literal"}
READ_NAMES = frozenset({*_SIMPLE, *ABSTRACT, *_LISTS, *_DICTS, *_TUPLES, *_SETS, *_WRAPPERS, *_FORMS})
"""The names that have a meaning in annotations, unless something else is bound to them."""
_PREFIXES = frozenset({"typing", "typing_extensions", "builtins", "t", "te", "tp"})


def parse_type(annotation: str | ast.expr | None, classes: frozenset[str] = frozenset()) -> Type:
    """Read an annotation.

    Args:
        annotation: Its text or tree; a string constant in it is a forward reference.
        classes: Names of the module's classes.

    Returns:
        The type; ``TUnknown`` where the subset ends. ``None`` (no annotation) is unknown as well.
    """
    if annotation is None:
        return TUnknown("no annotation")
    if isinstance(annotation, str):
        try:
            annotation = ast.parse(annotation.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return TUnknown(annotation)
    try:
        return _read(annotation, classes)
    except RecursionError:
        return TUnknown("a deeply nested annotation")


def _read(node: ast.expr, classes: frozenset[str]) -> Type:
    unknown = TUnknown(ast.unparse(node))
    match node:
        case ast.Constant(value=None):
            return TNone()
        case ast.Constant(value=str(text)):
            return parse_type(text, classes)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return union((_read(left, classes), _read(right, classes)))
        case ast.Name(id=name):
            return TClass(name) if name in classes else _SIMPLE.get(name, unknown)
        case ast.Attribute(value=ast.Name(id=prefix), attr=name) if prefix in _PREFIXES:
            return _SIMPLE.get(name, unknown)
        case ast.Subscript(value=ast.Attribute(value=ast.Name(id=prefix))) if prefix not in _PREFIXES:
            return unknown
        case ast.Subscript(value=ast.Name(id=head)) if head in classes:
            return unknown
        case ast.Subscript(value=ast.Name(id=head) | ast.Attribute(value=ast.Name(), attr=head), slice=index):
            items = list(index.elts) if isinstance(index, ast.Tuple) else [index]
            return _generic(head, items, classes) or unknown
    return unknown


def _generic(head: str, items: list[ast.expr], classes: frozenset[str]) -> Type | None:
    if head == "Optional" and len(items) == 1:
        return union((_read(items[0], classes), TNone()))
    if head == "Union":
        return union(tuple(_read(i, classes) for i in items))
    if head in _WRAPPERS and items:
        return _read(items[0], classes)
    if head == "Literal":
        values = [i.value for i in items if isinstance(i, ast.Constant)]
        negative = [
            -i.operand.value
            for i in items
            if isinstance(i, ast.UnaryOp)
            and isinstance(i.op, ast.USub)
            and isinstance(i.operand, ast.Constant)
            and type(i.operand.value) is int
        ]
        if len(values) + len(negative) != len(items):
            return None
        if any(not isinstance(v, int | str | bool | None) for v in values):
            return None
        return TLiteral((*values, *negative))
    if head in _LISTS and len(items) == 1:
        return TList(_read(items[0], classes))
    if head == "Sequence" and len(items) == 1:
        element = _read(items[0], classes)
        return union((TList(element), TTupleOf(element)))
    if head in _SETS and len(items) == 1:
        return TSet(_read(items[0], classes), _SETS[head])
    if head in _DICTS and len(items) == 2:
        return TDict(_read(items[0], classes), _read(items[1], classes))
    if head in _TUPLES:
        if len(items) == 2 and isinstance(items[1], ast.Constant) and items[1].value is Ellipsis:
            return TTupleOf(_read(items[0], classes))
        if len(items) == 1 and isinstance(items[0], ast.Tuple) and not items[0].elts:
            return TTuple(())
        return TTuple(tuple(_read(i, classes) for i in items))
    return None


def union(arms: tuple[Type, ...]) -> Type:
    """The union of types, flattened and without repeats."""
    flat: list[Type] = []
    for arm in arms:
        for one in arm.arms if isinstance(arm, TUnion) else (arm,):
            if one not in flat:
                flat.append(one)
    return flat[0] if len(flat) == 1 else TUnion(tuple(flat))


def unknown_part(type_: Type) -> str | None:
    """The text of the part of a type that lies outside the subset, None if there is none."""
    match type_:
        case TUnknown(text=text):
            return text
        case TList(element=e) | TTupleOf(element=e) | TSet(element=e):
            return unknown_part(e)
        case TTuple(items=items) | TUnion(arms=items):
            return next((t for t in map(unknown_part, items) if t), None)
        case TDict(key=k, value=v):
            return unknown_part(k) or unknown_part(v)
    return None


def parts(type_: Type) -> tuple[Type, ...]:
    """The types that a type is made of."""
    match type_:
        case TList(element=e) | TTupleOf(element=e) | TSet(element=e):
            return (e,)
        case TTuple(items=items) | TUnion(arms=items):
            return items
        case TDict(key=k, value=v):
            return (k, v)
    return ()


def holds_instances(type_: Type) -> bool:
    """Whether a value of the type is or contains an instance of a class."""
    match type_:
        case TClass():
            return True
        case TList(element=e) | TTupleOf(element=e) | TSet(element=e):
            return holds_instances(e)
        case TTuple(items=items) | TUnion(arms=items):
            return any(map(holds_instances, items))
        case TDict(key=k, value=v):
            return holds_instances(k) or holds_instances(v)
    return False


def has_floats(type_: Type) -> bool:
    """Whether a value of the type is or holds a float, instances left aside."""
    match type_:
        case TFloat():
            return True
        case TList(element=e) | TTupleOf(element=e) | TSet(element=e):
            return has_floats(e)
        case TUnion(arms=items):
            return TInt() not in items and any(map(has_floats, items))
        case TTuple(items=items):
            return any(map(has_floats, items))
        case TDict(key=k, value=v):
            return has_floats(k) or has_floats(v)
    return False


def computes_with_floats(*trees: ast.AST) -> bool:
    """Whether code names ``float``, divides, or has a float constant in it."""
    return any(
        (isinstance(n, ast.Name) and n.id == "float")
        or isinstance(n, ast.Div)
        or (isinstance(n, ast.Constant) and isinstance(n.value, float))
        for tree in trees
        for n in ast.walk(tree)
    )


def is_of(value: object, type_: Type) -> bool:
    """Whether a constant is of a type."""
    match type_:
        case TInt():
            return isinstance(value, int)
        case TBool():
            return isinstance(value, bool)
        case TFloat():
            return isinstance(value, float)
        case TStr():
            return isinstance(value, str)
        case TNone():
            return value is None
        case TUnion(arms=arms):
            return any(is_of(value, a) for a in arms)
        case TLiteral(values=values):
            return any(value == v and type(value) is type(v) for v in values)
        case TList(element=e):
            return isinstance(value, list) and all(is_of(v, e) for v in value)
        case TTupleOf(element=e):
            return isinstance(value, tuple) and all(is_of(v, e) for v in value)
        case TSet(element=e, frozen=frozen):
            return type(value) is (frozenset if frozen else set) and all(is_of(v, e) for v in value)  # type: ignore[attr-defined]
        case TTuple(items=items):
            same = isinstance(value, tuple) and len(value) == len(items)
            return same and all(is_of(v, t) for v, t in zip(value, items, strict=True))  # type: ignore[arg-type]
        case TDict(key=k, value=v):
            return isinstance(value, dict) and all(is_of(x, k) and is_of(y, v) for x, y in value.items())
    return False


def is_mutable(type_: Type) -> bool:
    """Whether a value of the type can change after it was made, at any depth."""
    match type_:
        case TList() | TDict() | TClass() | TUnknown():
            return True
        case TSet(element=e, frozen=frozen):
            return not frozen or is_mutable(e)
        case TTupleOf(element=e):
            return is_mutable(e)
        case TTuple(items=items) | TUnion(arms=items):
            return any(map(is_mutable, items))
    return False


def with_enums(type_: Type, enums: dict[str, tuple[str, ...]]) -> Type:
    """A type in which the names of enumerations mean their members."""
    match type_:
        case TClass(name=name) if name in enums:
            return TEnum(name, enums[name])
        case TList(element=e):
            return TList(with_enums(e, enums))
        case TTupleOf(element=e):
            return TTupleOf(with_enums(e, enums))
        case TSet(element=e, frozen=frozen):
            return TSet(with_enums(e, enums), frozen)
        case TTuple(items=items):
            return TTuple(tuple(with_enums(t, enums) for t in items))
        case TUnion(arms=arms):
            return union(tuple(with_enums(t, enums) for t in arms))
        case TDict(key=k, value=v):
            return TDict(with_enums(k, enums), with_enums(v, enums))
    return type_
