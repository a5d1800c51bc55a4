"""How much of an object an annotation allows to change. Imports nothing of lift."""

from __future__ import annotations

import ast
from enum import Enum


class Mutability(Enum):
    """What of a parameter's object may change: nothing, only itself, its parts too, or who knows what."""

    NOTHING = "nothing"
    ITSELF = "itself"
    PARTS = "parts"
    CLASS = "class"


_IMMUTABLE = frozenset(
    [
        *("int", "float", "complex", "bool", "str", "bytes", "None", "NoneType", "range", "slice", "Decimal"),
        *(
            "Fraction",
            "date",
            "datetime",
            "time",
            "timedelta",
            "timezone",
            "Path",
            "PurePath",
            "PurePosixPath",
        ),
        *(
            "PosixPath",
            "UUID",
            "Literal",
            "LiteralString",
            "AnyStr",
            "Text",
            "Pattern",
            "Match",
            "EllipsisType",
        ),
        *(
            "Callable",
            "Hashable",
            "SupportsIndex",
            "SupportsInt",
            "SupportsFloat",
            "Number",
            "Integral",
            "Real",
        ),
    ]
)
_FROZEN_CONTAINERS = frozenset(["tuple", "Tuple", "frozenset", "FrozenSet"])
_CONTAINERS = frozenset(
    [
        *(
            "list",
            "List",
            "set",
            "Set",
            "dict",
            "Dict",
            "deque",
            "Deque",
            "Sequence",
            "MutableSequence",
            "Mapping",
        ),
        *("MutableMapping", "Iterable", "Iterator", "Collection", "AbstractSet", "MutableSet", "defaultdict"),
        *("DefaultDict", "OrderedDict", "Counter", "bytearray", "memoryview", "array", "Container", "Sized"),
        *("Generator", "Reversible", "KeysView", "ValuesView", "ItemsView", "ChainMap"),
    ]
)
_TRANSPARENT = frozenset(["Optional", "Union", "Annotated", "Final", "ClassVar", "Required", "NotRequired"])
_RANK = [Mutability.NOTHING, Mutability.ITSELF, Mutability.PARTS, Mutability.CLASS]


def mutability(note: ast.expr | None) -> Mutability:
    """What an annotation says; without one everything may change."""
    if note is None:
        return Mutability.PARTS
    if isinstance(note, ast.Constant):
        if note.value is None:
            return Mutability.NOTHING
        if isinstance(note.value, str) and note.value.isidentifier():
            return _of_name(note.value)
        return Mutability.PARTS
    if isinstance(note, ast.BinOp):
        return _weakest([note.left, note.right])
    if isinstance(note, ast.Subscript):
        return _of_subscript(note)
    name = _last(note)
    return Mutability.PARTS if name is None else _of_name(name)


def _of_name(name: str) -> Mutability:
    if name in _IMMUTABLE:
        return Mutability.NOTHING
    if name in _CONTAINERS or name in _FROZEN_CONTAINERS or name in {"Any", "object", "type", "Type"}:
        return Mutability.PARTS
    return Mutability.CLASS


def _of_subscript(note: ast.Subscript) -> Mutability:
    name = _last(note.value)
    members = list(note.slice.elts) if isinstance(note.slice, ast.Tuple) else [note.slice]
    members = [m for m in members if not (isinstance(m, ast.Constant) and m.value is ...)]
    if name in {"Literal", "Callable", "Pattern", "Match"}:
        return Mutability.NOTHING
    if name == "Annotated":
        return mutability(members[0]) if members else Mutability.PARTS
    if name in _TRANSPARENT:
        return _weakest(members)
    if name in _CONTAINERS or name in _FROZEN_CONTAINERS:
        inside = _weakest(members)
        if inside is not Mutability.NOTHING:
            return Mutability.PARTS
        return Mutability.NOTHING if name in _FROZEN_CONTAINERS else Mutability.ITSELF
    return Mutability.CLASS


def _weakest(members: list[ast.expr]) -> Mutability:
    return max((mutability(member) for member in members), key=_RANK.index, default=Mutability.PARTS)


def _last(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None
