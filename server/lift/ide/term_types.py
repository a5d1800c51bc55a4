"""What an expression in a clause is, told from annotations as far as it takes to know what follows a dot.

A guess that only orders and filters what is offered: whatever cannot be told is None, and nothing is claimed
of it. Reads the files that a module imports from, and runs nothing. Must not know LSP.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lift_ir import Class, Function, Module, TypeExpr

from lift.extract import extract
from lift.extract.bindings import Binding, bindings_of
from lift.ide.known_calls import BUILTINS, METHODS, MODULES
from lift.neighbours import Neighbours
from lift.source.text import Snapshot
from lift.verify.sources import absolute

_DEEPEST = 12
_LARGEST = 128 * 1024
# What lift calls a type → what the type is called here.
_PLAIN = {
    **{name: name for name in ("str", "int", "float", "bool", "list", "dict", "set", "frozenset", "tuple")},
    "List": "list",
    "Dict": "dict",
    "Set": "set",
    "FrozenSet": "frozenset",
    "Tuple": "tuple",
    "Sequence": "tuple",
    "MutableSequence": "list",
    "Mapping": "dict",
    "MutableMapping": "dict",
    "AbstractSet": "frozenset",
    "Collection": "iterable",
    "Iterable": "iterable",
    "Iterator": "iterable",
    "Generator": "iterable",
    "deque": "iterable",
    "defaultdict": "dict",
    "OrderedDict": "dict",
    "range": "range",
    "bytes": "bytes",
    "Literal": "literal",
}
_TRANSPARENT = frozenset(
    {"Annotated", "Final", "ClassVar", "Optional", "Required", "NotRequired", "ReadOnly"}
)


@dataclass(frozen=True)
class Home:
    """The module in which a type is written.

    Attributes:
        neighbours: The modules around the file that clauses are written in; None for none.
        package: What relative imports start from.
        label: Its dotted name, empty for the file itself.
    """

    module: Module
    text: str
    bindings: Mapping[str, Binding]
    neighbours: Neighbours | None = field(default=None, compare=False, repr=False)
    package: str = ""
    label: str = ""


@dataclass(frozen=True)
class Typed:
    """A type as it is written, and where."""

    note: ast.expr
    home: Home

    @property
    def text(self) -> str:
        """The type, as people read it."""
        try:
            return ast.unparse(self.note)
        except (RecursionError, ValueError):
            return ""


@dataclass(frozen=True)
class Member:
    """What may follow a dot.

    Attributes:
        owner: The type or class that has it.
        home: The label of the owner's module, ``builtins`` for built-in types.
    """

    name: str
    kind: str
    detail: str
    owner: str
    home: str = ""


def typed(text: str, home: Home) -> Typed | None:
    """A type's text as a type, None if it is none."""
    note = _parsed(text)
    return None if note is None else Typed(note, home)


@lru_cache(maxsize=512)
def _parsed(text: str) -> ast.expr | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def declared(note: object, home: Home) -> Typed | None:
    """The type that a signature or an attribute declares."""
    return typed(note.text, home) if isinstance(note, TypeExpr) else None


def plain(kind: Typed, depth: int = 0) -> Typed:
    """A type without what only says more about it: quotes, ``Annotated``, ``None`` as an alternative."""
    note = kind.note
    if depth > _DEEPEST:
        return kind
    if isinstance(note, ast.Constant) and isinstance(note.value, str):
        inner = typed(note.value, kind.home)
        return kind if inner is None else plain(inner, depth + 1)
    if isinstance(note, ast.BinOp) and isinstance(note.op, ast.BitOr):
        sides = [s for s in (note.left, note.right) if not (isinstance(s, ast.Constant) and s.value is None)]
        return plain(Typed(sides[0], kind.home), depth + 1) if len(sides) == 1 else kind
    if isinstance(note, ast.Subscript) and _last(note.value) in _TRANSPARENT:
        first = note.slice.elts[0] if isinstance(note.slice, ast.Tuple) and note.slice.elts else note.slice
        return plain(Typed(first, kind.home), depth + 1)
    return kind


def builtin_of(kind: Typed) -> str | None:
    """Which built-in type it is; None for a class of somebody's."""
    kind = plain(kind)
    note = kind.note.value if isinstance(kind.note, ast.Subscript) else kind.note
    name = _last(note)
    if name is None:
        return None
    binding = kind.home.bindings.get(name)
    if binding is not None and binding.kind != "import":
        return None
    found = _PLAIN.get(name)
    return "str" if found == "literal" and "'" in kind.text else found


def _last(note: ast.expr) -> str | None:
    if isinstance(note, ast.Attribute):
        return note.attr
    return note.id if isinstance(note, ast.Name) else None


def _arguments(kind: Typed) -> list[ast.expr]:
    note = plain(kind).note
    if not isinstance(note, ast.Subscript):
        return []
    return list(note.slice.elts) if isinstance(note.slice, ast.Tuple) else [note.slice]


def element(kind: Typed) -> Typed | None:
    """What one gets by going over a value of a type."""
    kind = plain(kind)
    name, arguments = builtin_of(kind), _arguments(kind)
    if name in {"str", "range", "bytes"}:
        return typed("str" if name == "str" else "int", kind.home)
    if name is None or not arguments:
        return None
    return Typed(arguments[0], kind.home)


def part(kind: Typed, number: int) -> Typed | None:
    """One part of a tuple's type."""
    kind = plain(kind)
    arguments = _arguments(kind)
    if builtin_of(kind) != "tuple" or not arguments:
        return None
    repeated = len(arguments) == 2 and isinstance(arguments[1], ast.Constant) and arguments[1].value is ...
    number = 0 if repeated else number
    return Typed(arguments[number], kind.home) if -len(arguments) <= number < len(arguments) else None


def class_of(kind: Typed) -> tuple[Class, Home] | None:
    """The class that a type names, with the module that it stands in."""
    kind = plain(kind)
    note = kind.note.value if isinstance(kind.note, ast.Subscript) else kind.note
    if isinstance(note, ast.Attribute):
        module = module_behind(note.value, kind.home)
        return None if module is None else _class_in(note.attr, module, 0)
    return _class_in(note.id, kind.home, 0) if isinstance(note, ast.Name) else None


def _class_in(name: str, home: Home, depth: int) -> tuple[Class, Home] | None:
    found = next((c for c in reversed(home.module.classes) if name in (c.qualname, c.name)), None)
    if found is not None:
        return found, home
    other = _import(name, home)
    return None if other is None or depth > _DEEPEST else _class_in(other[1], other[0], depth + 1)


def function_in(name: str, home: Home, depth: int = 0) -> tuple[Function, Home] | None:
    """The function that a module's name stands for, with the module that defines it."""
    found = next((f for f in reversed(home.module.functions) if f.qualname == name), None)
    if found is not None:
        return found, home
    other = _import(name, home)
    return None if other is None or depth > _DEEPEST else function_in(other[1], other[0], depth + 1)


def _import(name: str, home: Home) -> tuple[Home, str] | None:
    binding = home.bindings.get(name)
    if binding is None or binding.kind != "import" or "." not in binding.target:
        return None
    module, _, last = binding.target.rpartition(".")
    other = module_at(module, home)
    return None if other is None else (other, last)


def module_at(name: str, home: Home) -> Home | None:
    """The module of a dotted name as an import of ``home`` writes it, None if it cannot be read."""
    if home.neighbours is None:
        return None
    dotted = (absolute(name, home.package) or "").strip(".")
    sources = home.neighbours.find(dotted) if dotted else ()
    if not sources or len(sources[0].text) > _LARGEST:
        return None
    source = sources[0]
    module = source.module
    if not module.functions and not module.classes:
        # A text without a specification was not read as one before.
        module = _extracted(source.text)
    bindings = _bindings(source.text)
    return Home(module, source.text, bindings, home.neighbours, source.surroundings, source.name)


@lru_cache(maxsize=32)
def _extracted(text: str) -> Module:
    return extract(Snapshot("", None, text)).module


@lru_cache(maxsize=32)
def _bindings(text: str) -> Mapping[str, Binding]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bindings_of(text, ast.parse(text).body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}


def module_behind(note: ast.expr, home: Home) -> Home | None:
    """The module that a name or a dotted name stands for."""
    try:
        dotted = ast.unparse(note)
    except (RecursionError, ValueError):
        return None
    first, _, rest = dotted.partition(".")
    binding = home.bindings.get(first)
    if binding is None or binding.kind != "import":
        return None
    above, _, last = binding.target.rpartition(".")
    # ``from . import shop`` binds what is called ``..shop``: the package, a dot, the name.
    target = binding.target
    if above and not above.strip("."):
        target = f"{(absolute(above, home.package) or '').rstrip('.')}.{last}"
    return module_at(f"{target}.{rest}" if rest else target, home)


def ancestors(cls: Class, home: Home) -> Iterator[tuple[Class, Home]]:
    """A class and the classes that it derives from, as far as they can be read, each once."""
    queue, seen = [(cls, home)], set[tuple[str, str]]()
    while queue and len(seen) < _DEEPEST:
        cls, home = queue.pop(0)
        if (home.label, cls.qualname) in seen:
            continue
        seen.add((home.label, cls.qualname))
        yield cls, home
        for base in cls.bases:
            kind = typed(base, home)
            above = class_of(kind) if kind is not None else None
            if above is not None:
                queue.append(above)


def members(kind: Typed) -> Iterator[Member]:
    """What may follow the dot behind a value of a type: what changes the value is left out."""
    name = builtin_of(kind)
    if name is not None:
        for method, result in METHODS.get(name, {}).items():
            shown = _filled(result, kind, ())
            yield Member(method, "method", f"-> {shown}" if shown else "", name, "builtins")
        return
    found = class_of(kind)
    if found is not None:
        yield from members_of(*found)


def members_of(cls: Class, home: Home) -> Iterator[Member]:
    """The attributes and methods of a class and of those above it."""
    seen: set[str] = set()
    for owner, place in ancestors(cls, home):
        for attribute in owner.attributes:
            if attribute.name not in seen:
                seen.add(attribute.name)
                text = attribute.type.text if attribute.type is not None else attribute.default or ""
                yield Member(attribute.name, "field", text, owner.qualname, place.label)
        for method in owner.methods:
            if method.name in seen or method.name.startswith("__"):
                continue
            seen.add(method.name)
            if _is_property(method):
                yield Member(method.name, "property", _returned(method), owner.qualname, place.label)
            elif not method.effects.mutates and not method.effects.globals_written:
                yield Member(method.name, "method", signature_of(method), owner.qualname, place.label)


def _is_property(method: Function) -> bool:
    return any(d.rpartition(".")[2] in {"property", "cached_property"} for d in method.decorators)


def _returned(function: Function) -> str:
    returns = function.signature.returns
    return returns.text if isinstance(returns, TypeExpr) else ""


def signature_of(function: Function) -> str:
    """A function's parameters and result on one line."""
    return f"({', '.join(shown_parameters(function))}){shown_result(function)}"


def shown_parameters(function: Function) -> list[str]:
    """A function's parameters as its header writes them."""
    marks = {"var-positional": "*", "var-keyword": "**"}
    shown: list[str] = []
    for one in function.signature.parameters:
        note = f": {one.type.text}" if isinstance(one.type, TypeExpr) else ""
        default = f" = {one.default}" if one.default is not None else ""
        shown.append(f"{marks.get(one.style, '')}{one.name}{note}{default}")
    return shown


def shown_result(function: Function) -> str:
    """The end of a function's header, empty where it does not say what comes out."""
    returned = _returned(function)
    return f" -> {returned}" if returned else ""


def module_members(home: Home) -> Iterator[Member]:
    """What may follow the dot behind a module."""
    for name, detail in MODULES.get(home.label, {}).items():
        if name not in home.bindings:
            yield Member(name, "function", detail, "", home.label)
    for name, binding in home.bindings.items():
        if binding.kind == "import" or (name.startswith("_") and name.strip("_") != name):
            continue
        function = function_in(name, home) if binding.kind == "function" else None
        detail = signature_of(function[0]) if function is not None else ""
        kinds = {"function": "function", "class": "class"}
        yield Member(name, kinds.get(binding.kind, "constant"), detail, "", home.label)


def type_of(node: ast.expr, names: Mapping[str, Typed], home: Home, depth: int = 0) -> Typed | None:
    """The type of an expression of a clause.

    Args:
        names: The types of the names that are not the module's.
    """
    if depth > _DEEPEST:
        return None

    def inner(part: ast.expr) -> Typed | None:
        return type_of(part, names, home, depth + 1)

    match node:
        case ast.Name(id=name):
            return names.get(name) or _of_variable(name, home, depth)
        case ast.Constant(value=value):
            return typed(type(value).__name__, home) if isinstance(value, str | int | float | bytes) else None
        case ast.JoinedStr():
            return typed("str", home)
        case ast.List(elts=[first, *_]) | ast.Set(elts=[first, *_]):
            of = inner(first)
            shell = "list" if isinstance(node, ast.List) else "set"
            return typed(f"{shell}[{of.text}]" if of is not None else shell, of.home if of else home)
        case ast.ListComp():
            return typed("list", home)
        case ast.IfExp(body=body):
            return inner(body)
        case ast.BoolOp(values=[first, *_]):
            return inner(first)
        case ast.Compare():
            return typed("bool", home)
        case ast.BinOp(left=left):
            return inner(left)
        case ast.UnaryOp(op=op, operand=operand):
            return typed("bool", home) if isinstance(op, ast.Not) else inner(operand)
        case ast.Subscript(value=value, slice=index):
            whole = inner(value)
            return None if whole is None else _subscript(whole, index)
        case ast.Attribute(value=value, attr=name):
            whole = inner(value)
            return None if whole is None else _attribute(whole, name)
        case ast.Call():
            return _call(node, names, home, depth + 1)
    return None


def _of_variable(name: str, home: Home, depth: int) -> Typed | None:
    """The type of a module's variable, from its annotation or the value on its line."""
    binding = home.bindings.get(name)
    if binding is None:
        return None
    if binding.kind == "import":
        other = _import(name, home)
        return None if other is None else _of_variable(other[1], other[0], depth + 1)
    if binding.kind != "variable" or depth > _DEEPEST:
        return None
    found = re.search(
        rf"^{re.escape(name)}[ \t]*(?::[ \t]*([^=\n]+?))?[ \t]*=(?!=)[ \t]*([^\n]*)", home.text, re.M
    )
    if found is None:
        return None
    if found[1]:
        return typed(found[1], home)
    value = _parsed(found[2])
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return Typed(value.func, home) if class_of(Typed(value.func, home)) else None
    return None if value is None else type_of(value, {}, home, depth + 1)


def _subscript(whole: Typed, index: ast.expr) -> Typed | None:
    if isinstance(index, ast.Slice):
        return whole
    name, arguments = builtin_of(whole), _arguments(whole)
    if name == "str":
        return whole
    if name == "dict":
        return Typed(arguments[1], plain(whole).home) if len(arguments) == 2 else None
    if name == "tuple" and len(arguments) > 1:
        number = ast.unparse(index)
        return part(whole, int(number)) if re.fullmatch(r"-?\d{1,3}", number) else part(whole, 0)
    return element(whole) if name in {"list", "tuple", "range", "iterable"} else None


def _attribute(whole: Typed, name: str) -> Typed | None:
    found = class_of(whole) if builtin_of(whole) is None else None
    if found is None:
        return None
    for owner, home in ancestors(*found):
        for attribute in owner.attributes:
            if attribute.name == name and attribute.type is not None:
                return declared(attribute.type, home)
        for method in owner.methods:
            if method.name == name and _is_property(method):
                return declared(method.signature.returns, home)
    return None


def _call(node: ast.Call, names: Mapping[str, Typed], home: Home, depth: int) -> Typed | None:
    first = type_of(node.args[0], names, home, depth) if node.args else None
    if isinstance(node.func, ast.Attribute):
        whole = type_of(node.func.value, names, home, depth)
        if whole is None:
            module = module_behind(node.func.value, home)
            function = function_in(node.func.attr, module) if module is not None else None
            return None if function is None else declared(function[0].signature.returns, function[1])
        kind = builtin_of(whole)
        if kind is not None:
            result = METHODS.get(kind, {}).get(node.func.attr, "")
            return typed(_filled(result, whole, ()), whole.home) if result else None
        found = class_of(whole)
        for owner, place in ancestors(*found) if found is not None else ():
            for method in owner.methods:
                if method.name == node.func.attr:
                    return declared(method.signature.returns, place)
        return None
    if not isinstance(node.func, ast.Name):
        return None
    name = node.func.id
    if name == "old" and first is not None and name not in home.bindings:
        return first
    function = function_in(name, home)
    if function is not None:
        return declared(function[0].signature.returns, function[1])
    if name in home.bindings:
        kind = Typed(node.func, home)
        return kind if class_of(kind) is not None else None
    if name == "zip":
        rows = [type_of(a, names, home, depth) for a in node.args]
        parts = [element(row) if row is not None else None for row in rows]
        inside = ", ".join(one.text if one is not None else "object" for one in parts)
        return typed(f"list[tuple[{inside}]]", home) if parts else None
    result = BUILTINS.get(name)
    if not result or (first is None and "{" in result):
        return None
    if name in {"min", "max"} and len(node.args) > 1:
        return first
    filled = _filled(result, first, (first,)) if first is not None else result
    return typed(filled, first.home if first is not None else home) if filled else None


def _filled(template: str, whole: Typed, given: tuple[Typed | None, ...]) -> str:
    """A type's text with what is known put in; empty where something is not."""
    if "{" not in template:
        return template
    arguments = [Typed(a, whole.home).text for a in _arguments(whole)]
    of = element(whole)
    known = {"whole": plain(whole).text, "element": of.text if of is not None else "", "first": whole.text}
    if "{element}" in template and of is None:
        return ""
    try:
        return template.format(*arguments, **known)
    except IndexError:
        return ""
