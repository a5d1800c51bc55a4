"""Reads annotations for making inputs: wider than the verifier's subset, since CPython runs everything.

What is not known for certain is refused: an input that an annotation does not allow would be a false alarm.
Must not import z3.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from lift_ir import Attribute, Class, Module

_SIMPLE = {"int": "int", "float": "float", "str": "str", "bytes": "bytes", "bool": "bool", "None": "none"}
_SIMPLE |= {"object": "object", "Any": "object", "NoneType": "none"}
_GENERIC = {"list": "list", "set": "set", "frozenset": "frozenset", "dict": "dict"}
_GENERIC |= {"List": "list", "Set": "set", "FrozenSet": "frozenset", "Dict": "dict"}
_GENERIC |= {
    "MutableSequence": "list",
    "Sequence": "sequence",
    "Iterable": "sequence",
    "Collection": "sequence",
}
_GENERIC |= {"Reversible": "sequence", "Container": "sequence", "Iterator": "iterator"}
_GENERIC |= {"Mapping": "dict", "MutableMapping": "dict", "AbstractSet": "set", "MutableSet": "set"}
_ARITY = {"dict": 2}
_WRAPPERS = {"Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly"}
_MODULES = {
    "typing",
    "typing_extensions",
    "collections.abc",
    "abc",
    "builtins",
    "t",
    "tp",
    "te",
    "collections",
}
# A type variable's bound is not known here; integers and texts meet nearly all that are written.
_VARIABLE = re.compile(r"_?[TKVSU][0-9]?(_co|_contra)?$")
_PLAIN_BASES = {"object", "ABC", "abc.ABC", "DBC", "icontract.DBC"}
_ENUMS = {"Enum", "IntEnum", "StrEnum", "enum.Enum", "enum.IntEnum", "enum.StrEnum"}
_TUPLES = {"NamedTuple", "typing.NamedTuple"}
_DICTS = {"TypedDict", "typing.TypedDict"}


class Unreadable(Exception):
    """An annotation that no inputs can be made for; the text names it."""


@dataclass(frozen=True)
class Kind:
    """A type.

    Attributes:
        name: ``int``, ``list``, ``union``, ``class``, …
        args: What it is made of: elements, key and value, arms, items.
        text: The class's name, or a literal's text.
    """

    name: str
    args: tuple[Kind, ...] = ()
    text: str = ""


_HASHED = ("set", "frozenset", "dict")
_KEY = Kind("union", (Kind("int"), Kind("str"), Kind("none")))


class Types:
    """Annotations and classes of one module.

    Attributes:
        generic: Whether a type variable has been read.

    Args:
        variable: What a type variable means.
    """

    def __init__(self, module: Module, variable: Kind) -> None:
        self.generic = False
        self._variable = variable
        self._classes = {c.qualname: c for c in module.classes}
        self._shapes: dict[str, tuple[str, tuple[tuple[str, Kind], ...]]] = {}

    def read(self, text: str) -> Kind:
        """The type that an annotation means.

        Raises:
            Unreadable: It is not one that inputs can be made for.
        """
        try:
            return self._read(ast.parse(text.strip(), mode="eval").body, text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise Unreadable(f"the annotation {text}") from None

    def form(self, name: str) -> str:
        """How a class's values are made: ``enum``, ``named-tuple``, ``typed-dict``, ``instance`` or ``made``.

        The last is by its constructor, where it is not known what an instance holds.
        """
        return self._shape(name)[0]

    def members(self, name: str) -> tuple[tuple[str, Kind], ...]:
        """What an instance holds, or is made from; an enumeration's members, each of type ``none``."""
        return self._shape(name)[1]

    def _read(self, node: ast.expr, text: str) -> Kind:
        match node:
            case ast.Constant(value=None):
                return Kind("none")
            case ast.Constant(value=str(inner)):
                return self.read(inner)
            case ast.BinOp(left=left, op=ast.BitOr(), right=right):
                return _union([self._read(left, text), self._read(right, text)])
            case ast.Name() | ast.Attribute():
                return self._named(node, text)
            case ast.Subscript(value=head, slice=index):
                items = list(index.elts) if isinstance(index, ast.Tuple) else [index]
                return self._generic(_name_of(head), items, text)
        raise Unreadable(f"the annotation {text}")

    def _named(self, node: ast.expr, text: str) -> Kind:
        dotted = ast.unparse(node)
        if dotted in self._classes:
            return _union([Kind("class", text=name) for name in self._kinds(dotted)])
        name = _name_of(node)
        if name in _SIMPLE:
            return Kind(_SIMPLE[name])
        if name in _GENERIC:
            kind = _GENERIC[name]
            args = (Kind("object"),) * _ARITY.get(kind, 1)
            return Kind(kind, (_KEY, *args[1:]) if kind in _HASHED else args)
        if name in ("tuple", "Tuple"):
            return Kind("tuple-of", (Kind("object"),))
        if name == "AnyStr":
            return Kind("str")
        if name == "Hashable":
            return _KEY
        if _VARIABLE.match(name):
            self.generic = True
            return self._variable
        raise Unreadable(f"the annotation {text}")

    def _kinds(self, name: str) -> list[str]:
        """The classes of which an object of an annotated class may be: itself and what derives from it.

        Raises:
            Unreadable: No instances of it can be made.
        """
        found: list[str] = []
        for one in self._classes.values():
            if one.qualname == name or name in self._above(one):
                try:
                    self._shape(one.qualname)
                except Unreadable:
                    if one.qualname == name:
                        raise
                    continue
                found.append(one.qualname)
        return [n for n in found if not self._abstract(n)] or [name]

    def _abstract(self, name: str) -> bool:
        return any("abstract" in d for m in self._classes[name].methods for d in m.decorators)

    def _above(self, found: Class) -> set[str]:
        """The module's classes that a class derives from."""
        above: set[str] = set()
        pending = list(found.bases)
        while pending:
            base = pending.pop()
            if base in self._classes and base not in above:
                above.add(base)
                pending += self._classes[base].bases
        return above

    def _generic(self, head: str, items: list[ast.expr], text: str) -> Kind:
        if head in _WRAPPERS:
            return self._read(items[0], text)
        if head == "Literal":
            return _union([_literal(item, text) for item in items])
        if head in ("tuple", "Tuple"):
            if len(items) == 2 and isinstance(items[1], ast.Constant) and items[1].value is ...:
                return Kind("tuple-of", (self._read(items[0], text),))
            if len(items) == 1 and isinstance(items[0], ast.Tuple):
                return Kind("tuple")
            return Kind("tuple", tuple(self._read(i, text) for i in items))
        args = [self._read(item, text) for item in items]
        if head not in ("Optional", "Union") and any(_holds_iterator(a) for a in args):
            # Each look at it would use it up, unseen inside a container.
            raise Unreadable(f"the annotation {text}")
        if head == "Optional" and len(args) == 1:
            return _union([args[0], Kind("none")])
        if head == "Union":
            return _union(args)
        kind = _GENERIC.get(head)
        if kind is None or len(args) != _ARITY.get(kind, 1):
            raise Unreadable(f"the annotation {text}")
        if kind in _HASHED and args[0].name == "object":
            args[0] = _KEY
        if kind in _HASHED and not self._hashable(args[0]):
            raise Unreadable(f"the annotation {text}")
        return Kind(kind, tuple(args))

    def _hashable(self, kind: Kind) -> bool:
        if kind.name == "class":
            return self.form(kind.text) in ("enum", "named-tuple") or self._frozen(kind.text)
        if kind.name in ("union", "tuple", "tuple-of", "frozenset"):
            return all(map(self._hashable, kind.args))
        return kind.name in ("int", "float", "str", "bytes", "bool", "none", "literal")

    def _frozen(self, name: str) -> bool:
        found = self._classes[name]
        return any("dataclass" in d and "frozen=True" in d for d in found.decorators)

    def _shape(self, name: str) -> tuple[str, tuple[tuple[str, Kind], ...]]:
        if name not in self._shapes:
            # A class that holds itself is read to its end by the first reading.
            self._shapes[name] = ("instance", ())
            try:
                self._shapes[name] = self._read_class(self._classes[name])
            except Unreadable:
                del self._shapes[name]
                raise
        return self._shapes[name]

    def _read_class(self, found: Class) -> tuple[str, tuple[tuple[str, Kind], ...]]:
        bases = set(found.bases)
        if bases & _ENUMS:
            names = [a.name for a in found.attributes if a.default is not None and not a.name.startswith("_")]
            return "enum", tuple((name, Kind("none")) for name in names)
        if bases & (_TUPLES | _DICTS):
            form = "named-tuple" if bases & _TUPLES else "typed-dict"
            return form, tuple((a.name, self._attribute(found, a)) for a in found.attributes)
        attributes = self._attributes(found)
        constructor = next((m for m in found.methods if m.name == "__init__"), None)
        try:
            return "instance", tuple((a.name, self._attribute(found, a)) for a in attributes)
        except Unreadable:
            # Where it is not known what an instance holds, its constructor makes one that is right.
            if constructor is None:
                raise
        made = [p for p in constructor.signature.parameters[1:] if p.default is None]
        if any(p.style not in ("positional-only", "positional-or-keyword") for p in made):
            raise Unreadable(f"the class {found.name}")
        members: list[tuple[str, Kind]] = []
        for parameter in made:
            if parameter.type.kind != "type":
                raise Unreadable(f"the class {found.name}, whose attributes are not annotated")
            members.append((parameter.name, self.read(parameter.type.text)))
        return "made", tuple(members)

    def _attributes(self, found: Class) -> list[Attribute]:
        """The attributes of an instance, with those of base classes in the module."""
        inherited: dict[str, Attribute] = {}
        for base in found.bases:
            if base in _PLAIN_BASES or base.startswith("Generic["):
                continue
            if base not in self._classes or base == found.qualname:
                raise Unreadable(f"the class {found.name}, which derives from {base}")
            inherited |= {a.name: a for a in self._attributes(self._classes[base])}
        typed = {a.name: a for a in found.attributes if not _of_the_class(a)}
        return list((inherited | typed).values())

    def _attribute(self, found: Class, attribute: Attribute) -> Kind:
        if attribute.type is not None:
            return self.read(attribute.type.text)
        # ``self.x = x`` holds what the constructor's parameter is annotated with, as type checkers have it.
        constructor = next((m for m in found.methods if m.name == "__init__"), None)
        for parameter in constructor.signature.parameters[1:] if constructor else ():
            if parameter.name == attribute.name and parameter.type.kind == "type":
                return self.read(parameter.type.text)
        raise Unreadable(f"the class {found.name}, whose attribute {attribute.name} has no annotation")


def _holds_iterator(kind: Kind) -> bool:
    return kind.name == "iterator" or any(map(_holds_iterator, kind.args))


def _of_the_class(attribute: Attribute) -> bool:
    """Whether an attribute belongs to the class and not to its instances."""
    if attribute.type is None:
        return attribute.default is not None
    return "ClassVar" in attribute.type.text


def _name_of(node: ast.expr) -> str:
    """A name, also behind a module that is known to hold types; else nothing that is known."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and ast.unparse(node.value) in _MODULES:
        return node.attr
    return ""


def _union(arms: list[Kind]) -> Kind:
    flat: dict[Kind, None] = {}
    for arm in arms:
        flat.update(dict.fromkeys(arm.args if arm.name == "union" else (arm,)))
    return next(iter(flat)) if len(flat) == 1 else Kind("union", tuple(flat))


def _literal(node: ast.expr, text: str) -> Kind:
    value = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    if isinstance(value, ast.Constant) and isinstance(value.value, int | str | bytes | None):
        return Kind("literal", text=ast.unparse(node)) if value.value is not None else Kind("none")
    raise Unreadable(f"the annotation {text}")
