"""Types as far as the search for an annotation needs them: a name with arguments, joined and written out.

Must not know where the evidence for a type comes from.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """A type such as ``dict[str, int]``; an argument of None is not known yet.

    ``name`` is a builtin's or class's name, ``None`` for the type of None, ``Union`` for alternatives.
    """

    name: str
    args: tuple[Shape | None, ...] = ()

    def __str__(self) -> str:
        if self.name == "Union":
            parts = sorted((str(a) for a in self.args if a is not None), key=lambda t: t == "None")
            return " | ".join(parts)
        if not self.args or all(a is None for a in self.args):
            return self.name
        written = ["object" if a is None else str(a) for a in self.args]
        if self.name == "tuple" and self.args[-1] is VARIADIC:
            written[-1] = "..."
        return f"{self.name}[{', '.join(written)}]"


INT, FLOAT, STR, BOOL, BYTES, NONE = (Shape(n) for n in ("int", "float", "str", "bool", "bytes", "None"))
VARIADIC = Shape("...")
_NUMBERS = ("bool", "int", "float", "complex")
_ITERABLE: dict[str, tuple[str, ...]] = {
    "Sequence": ("Sequence",),
    **dict.fromkeys(
        ("Iterable", "Collection", "Sized"), ("Sequence", "Collection", "set", "frozenset", "dict")
    ),
}
_IMPORTS = {
    "Iterable": "from collections.abc import Iterable",
    "Sequence": "from collections.abc import Sequence",
    "Mapping": "from collections.abc import Mapping",
    "Callable": "from collections.abc import Callable",
    "Sized": "from collections.abc import Sized",
    "Fraction": "from fractions import Fraction",
    "Decimal": "from decimal import Decimal",
    "Path": "from pathlib import Path",
    "Any": "from typing import Any",
}


def list_of(element: Shape | None) -> Shape:
    return Shape("list", (element,))


def imports_of(text: str) -> tuple[str, ...]:
    """The import statements that an annotation's text needs."""
    return tuple(_IMPORTS[name] for name in sorted(names_in(text)) if name in _IMPORTS)


def names_in(text: str) -> set[str]:
    """The names that an annotation's text uses, quoted or not."""
    try:
        tree = ast.parse(text, mode="eval")
        if isinstance(tree.body, ast.Constant) and isinstance(tree.body.value, str):
            tree = ast.parse(tree.body.value, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set()
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def importable() -> set[str]:
    """The names that an edit can import."""
    return set(_IMPORTS)


def union(shapes: Iterable[Shape]) -> Shape | None:
    """One type for several values: numbers widen, containers of one kind join, the rest are alternatives."""
    parts: list[Shape] = []
    for shape in shapes:
        for part in shape.args if shape.name == "Union" else (shape,):
            if part is not None:
                parts = _added(parts, part)
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else Shape("Union", tuple(parts))


def _added(parts: list[Shape], new: Shape) -> list[Shape]:
    for place, old in enumerate(parts):
        joined = _join(old, new)
        if joined is not None:
            return [*parts[:place], joined, *parts[place + 1 :]]
    return [*parts, new]


def _join(one: Shape, other: Shape) -> Shape | None:
    """The common type of two, None if they are only alternatives."""
    if one == other:
        return one
    if {one.name, other.name} == {"int", "float"}:
        return FLOAT
    if one.name != other.name:
        return None
    if not one.args or not other.args:
        return one if one.args else other
    if one.name == "tuple":
        return _join_tuples(one, other)
    if len(one.args) != len(other.args):
        return None
    pairs = zip(one.args, other.args, strict=True)
    return Shape(one.name, tuple(union(s for s in pair if s is not None) for pair in pairs))


def _join_tuples(one: Shape, other: Shape) -> Shape | None:
    if len(one.args) == len(other.args) and VARIADIC not in (*one.args, *other.args):
        pairs = zip(one.args, other.args, strict=True)
        return Shape("tuple", tuple(union(s for s in pair if s is not None) for pair in pairs))
    element = union(a for a in (*one.args, *other.args) if a is not None and a is not VARIADIC)
    return Shape("tuple", (element, VARIADIC))


def from_annotation(text: str) -> Shape | None:
    """The type that an annotation's text names, None if it is beyond this module."""
    try:
        return _from_node(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _from_node(node: ast.expr) -> Shape | None:
    match node:
        case ast.Constant(value=None):
            return NONE
        case ast.Constant(value=str() as text):
            return from_annotation(text)
        case ast.Name(id="Any" | "object"):
            return None
        case ast.Name(id=name):
            return Shape({"List": "list", "Dict": "dict", "Set": "set", "Tuple": "tuple"}.get(name, name))
        case ast.Attribute(attr=name):
            return _from_node(ast.Name(id=name))
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return union(s for s in (_from_node(left), _from_node(right)) if s is not None)
        case ast.Subscript(value=value, slice=argument):
            return _subscripted(_from_node(value), argument)
    return None


def _subscripted(base: Shape | None, argument: ast.expr) -> Shape | None:
    if base is None:
        return None
    parts = argument.elts if isinstance(argument, ast.Tuple) else [argument]
    if base.name == "Optional":
        return union(s for s in (_from_node(parts[0]), NONE) if s is not None)
    if base.name == "Union":
        return union(s for s in map(_from_node, parts) if s is not None)
    if base.name == "Literal":
        return union(s for s in map(of_literal, parts) if s is not None)
    if base.name in ("Annotated", "Final"):
        return _from_node(parts[0])
    dots = isinstance(parts[-1], ast.Constant) and parts[-1].value is Ellipsis
    known: list[Shape | None] = [_from_node(p) for p in (parts[:-1] if dots else parts)]
    return Shape(base.name, (*known, VARIADIC) if dots else tuple(known))


def of_literal(node: ast.expr) -> Shape | None:
    """The type of a literal, a display of literals included; None if it is not one."""
    match node:
        case ast.Constant(value=value):
            return None if value is Ellipsis else Shape("None" if value is None else type(value).__name__)
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
            return of_literal(operand)
        case ast.JoinedStr():
            return STR
        case ast.List(elts=elements):
            return list_of(_elements(elements))
        case ast.Set(elts=elements):
            return Shape("set", (_elements(elements),))
        case ast.Tuple(elts=elements):
            return Shape("tuple", tuple(of_literal(e) for e in elements))
        case ast.Dict(keys=keys, values=values):
            named = [k for k in keys if k is not None]
            return Shape("dict", (_elements(named), _elements(values)))
    return None


def _elements(nodes: Iterable[ast.expr]) -> Shape | None:
    return union(s for s in (of_literal(n) for n in nodes) if s is not None)


def is_complete(shape: Shape) -> bool:
    """Whether no part of it is unknown; a bare ``list`` is not complete."""
    if shape.name in ("list", "set", "frozenset", "dict", "tuple") and not shape.args:
        return False
    return all(a is not None and (a is VARIADIC or is_complete(a)) for a in shape.args)


def accepts(wanted: Shape | None, given: Shape | None) -> bool:
    """Whether a value of type ``given`` may be passed where ``wanted`` is asked for; unknown parts may."""
    if wanted is None or given is None or wanted == given or wanted.name == "object":
        return True
    if given.name == "Union":
        return all(accepts(wanted, part) for part in given.args)
    if wanted.name == "Union":
        return any(accepts(part, given) for part in wanted.args)
    if wanted.name in _NUMBERS and given.name in _NUMBERS:
        return _NUMBERS.index(given.name) <= _NUMBERS.index(wanted.name)
    if wanted.name in ("Iterable", "Sequence", "Collection", "Sized"):
        if given.name not in ("list", "tuple", "str", "bytes", "range", *_ITERABLE[wanted.name]):
            return False
        inner = element_of(given)
        return not wanted.args or inner is None or accepts(wanted.args[0], inner)
    if wanted.name != given.name:
        return False
    if not wanted.args or not given.args:
        return True
    if VARIADIC in wanted.args:
        return all(accepts(wanted.args[0], part) for part in given.args if part is not VARIADIC)
    if VARIADIC in given.args or len(wanted.args) != len(given.args):
        return False
    return all(accepts(one, other) for one, other in zip(wanted.args, given.args, strict=True))


def is_number(shape: Shape | None) -> bool:
    """Whether it is a number's type."""
    return shape is not None and shape.name in _NUMBERS


def element_of(shape: Shape | None) -> Shape | None:
    """What iterating gives."""
    if shape is None:
        return None
    if shape.name in ("str", "bytes"):
        return STR if shape.name == "str" else INT
    if shape.name == "range":
        return INT
    if shape.name == "tuple":
        return union(a for a in shape.args if a is not None and a is not VARIADIC)
    return shape.args[0] if shape.args else None
