"""The classes of one module: attributes, methods along the bases, properties, constants, enumerations.

Whatever gives an operator, an attribute or the making of an instance a meaning that is not modelled makes the
class unsupported, with the reason. Must not import z3: digests are computed from it in the editor's process.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lift_ir import Class

from lift.verify.types import TUnknown, Type

if TYPE_CHECKING:
    from lift.verify.program import Program

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef
PLAIN_BASES = frozenset(["object", "ABC", "abc.ABC"])
ENUM_BASES = frozenset(["Enum", "enum.Enum"])
_DATACLASS = {"dataclass", "dataclasses.dataclass"}
_CONTRACT_MODULES = ("icontract", "deal")
_OPTIONS = frozenset(["frozen", "slots", "order", "repr", "match_args"])

HARMLESS = frozenset(
    ["__init__", "__post_init__", "__repr__", "__str__", "__format__", "__enter__", "__exit__"]
)
"""The special methods that give no operator, no attribute and no truth a meaning of their own."""

_STEMS = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor", "lshift", "rshift")
_FOLLOWED = frozenset(
    [f"__{before}{stem}__" for stem in (*_STEMS, "matmul") for before in ("", "r", "i")]
    + [f"__{name}__" for name in ("eq", "ne", "lt", "le", "gt", "ge", "neg", "pos", "invert", "abs")]
    + [f"__{name}__" for name in ("bool", "len", "contains", "getitem", "setitem", "delitem", "call", "hash")]
)
"""The special methods that operators and built-ins are followed into (see ``instance_operators.py``)."""

_ORDER = frozenset(["__lt__", "__le__", "__gt__", "__ge__"])


@dataclass(frozen=True)
class ClassInfo:
    """A class of the module.

    Attributes:
        fields: Attributes of an instance and their types, in order, those of the bases first.
        dataclass: Whether ``__init__`` and ``__eq__`` are those of a dataclass.
        unsupported: Why instances are outside the subset, None if they are in it.
        methods: Own definitions by name; for a property that which gets it.
        bases: The bases as they are written.
        frozen: Whether its attributes may not be set.
        order: Whether it is ordered as a dataclass is, by its fields.
        setters: Own definitions that set a property, by the property's name.
        constants: Attributes of the class that nothing in the module changes, with those of the bases.
        initial: What attributes an instance has before ``__init__`` runs, and their values, from the class.
        ancestors: The module's classes that it derives from, itself first.
        abstract: Whether no instance of the very class can be made.
        members: For an enumeration its members' values by name, in order; else None.
    """

    name: str
    node: ast.ClassDef
    ir: Class | None
    fields: tuple[tuple[str, Type], ...]
    dataclass: bool
    unsupported: str | None
    methods: dict[str, FunctionNode] = field(default_factory=dict)
    bases: tuple[str, ...] = ()
    frozen: bool = False
    order: bool = False
    setters: dict[str, FunctionNode] = field(default_factory=dict)
    constants: dict[str, object] = field(default_factory=dict)
    initial: dict[str, object] = field(default_factory=dict)
    ancestors: tuple[str, ...] = ()
    abstract: bool = False
    members: tuple[tuple[str, object], ...] | None = None


def read_classes(program: Program, irs: dict[str, Class]) -> None:
    """Read the module's classes into the program, bases before what derives from them."""
    for node in program.tree.body:
        if isinstance(node, ast.ClassDef):
            # The names are needed to read annotations that refer to later classes.
            program.classes[node.name] = ClassInfo(node.name, node, irs.get(node.name), (), False, None)
    changed = _stored_names(program)
    for name, info in list(program.classes.items()):
        program.classes[name] = _read(program, info, changed)


def _stored_names(program: Program) -> frozenset[str]:
    """The attributes that something in the module sets or deletes, of whatever object."""
    found: set[str] = set()
    for node in ast.walk(program.tree):
        match node:
            case ast.Attribute(attr=name, ctx=ast.Store() | ast.Del()):
                found.add(name)
            case ast.Attribute(attr="__dict__" | "__setattr__" | "__delattr__") | ast.Name(id="vars"):
                return _Everything()
            case ast.Call(
                func=ast.Name(id="setattr" | "delattr"), args=[_, ast.Constant(value=str(name)), *_]
            ):
                found.add(name)
            case ast.Call(func=ast.Name(id="setattr" | "delattr")):
                return _Everything()
    return frozenset(found)


class _Everything(frozenset[str]):
    """Every name there is: something sets attributes whose names are not known."""

    def __contains__(self, item: object) -> bool:
        return True


def _read(program: Program, info: ClassInfo, changed: frozenset[str]) -> ClassInfo:
    node = info.node
    bases = tuple(ast.unparse(b) for b in node.bases)
    if set(bases) & ENUM_BASES and _means(program, bases[0], "enum"):
        return _read_enum(replace(info, bases=bases))
    methods, setters, odd = _methods(program, node)
    above, why = _base(program, bases, node)
    info = replace(info, bases=bases, methods=methods, setters=setters)
    info, options = _decorated(info)
    why = why or options or odd
    special = {m for m in methods if m.startswith("__") and m.endswith("__")} - HARMLESS
    if special - _FOLLOWED:
        why = why or f"it defines {min(special - _FOLLOWED)}"
    if info.order and special & _ORDER:
        why = why or f"it defines {min(special & _ORDER)}"
    if above is not None:
        why = why or _mismatch(info, above)
    fields, constants, initial, wrong = _body(program, info, changed)
    why = why or wrong
    inherited = dict(above.fields) if above else {}
    fields = {**inherited, **fields, **_set_in_init(program, info, {**inherited, **fields})}
    constants = {
        **({k: v for k, v in above.constants.items() if k not in fields} if above else {}),
        **constants,
    }
    initial = {**(above.initial if above else {}), **initial}
    clash = (fields.keys() | constants.keys()) & {m for c in _line(program, info, above) for m in c.methods}
    if clash:
        why = why or f"the method {min(clash)}, which is an attribute too"
    if info.ir is not None and info.ir.invariants and above is not None:
        inherited_methods = [m for c in _line(program, info, above)[1:] for m in c.methods]
        if any(not m.startswith("_") for m in inherited_methods):
            why = why or f"methods of {above.name}, which may break its invariants"
    return replace(
        info,
        fields=tuple(fields.items()),
        unsupported=why,
        constants=constants,
        initial=initial,
        ancestors=(info.name, *(above.ancestors if above else ())),
        abstract=bool(_abstract(info, above, program)),
    )


def _line(program: Program, info: ClassInfo, above: ClassInfo | None) -> list[ClassInfo]:
    return [info, *(program.classes[n] for n in (above.ancestors if above else ()))]


def _means(program: Program, written: str, module: str) -> bool:
    """Whether a name as written is that of a module of the standard library."""
    head, _, rest = written.partition(".")
    return (
        program.imports.get(head) == (module if rest else f"{module}.{head}") and head not in program.rebound
    )


def _base(
    program: Program, bases: tuple[str, ...], node: ast.ClassDef
) -> tuple[ClassInfo | None, str | None]:
    own = [b for b in bases if b not in PLAIN_BASES]
    if node.keywords or len(own) > 1:
        return None, "it has several base classes"
    if not own:
        return None, None
    above = program.classes.get(own[0])
    if above is None or own[0] in program.rebound or not above.ancestors:
        return None, f"it derives from {own[0]}"
    if above.members is not None:
        return None, f"it derives from the enumeration {own[0]}"
    return above, above.unsupported and f"it derives from {own[0]}: {above.unsupported}"


def _mismatch(info: ClassInfo, above: ClassInfo) -> str | None:
    if info.dataclass != above.dataclass and (info.dataclass or above.fields):
        return f"one of it and {above.name} is a dataclass and the other is not"
    init = info.methods.get("__init__")
    if init is not None and not info.dataclass and above.fields and not _calls_super(init):
        return f"its __init__ does not call that of {above.name}"
    return None


def _calls_super(init: FunctionNode) -> bool:
    for statement in init.body:
        match statement:
            case ast.Expr(
                value=ast.Call(
                    func=ast.Attribute(value=ast.Call(func=ast.Name(id="super"), args=[]), attr="__init__")
                )
            ):
                return True
    return False


def _methods(
    program: Program, node: ast.ClassDef
) -> tuple[dict[str, FunctionNode], dict[str, FunctionNode], str | None]:
    methods: dict[str, FunctionNode] = {}
    setters: dict[str, FunctionNode] = {}
    why: str | None = None
    for one in node.body:
        match one:
            case ast.Assign(targets=[ast.Name(id=alias)], value=ast.Name(id=name)) if (
                alias.startswith("__") and name in methods and not methods[name].decorator_list
            ):
                methods[alias] = methods[name]
        if not isinstance(one, FunctionNode):
            continue
        written = [ast.unparse(d) for d in one.decorator_list]
        if f"{one.name}.setter" in written and one.name in methods:
            setters[one.name] = one
            continue
        if one.name in methods:
            why = f"it defines {one.name} more than once"
        if any(w.endswith((".getter", ".deleter")) for w in written):
            why = f"the property {one.name}"
        methods[one.name] = one
    return methods, setters, why


def is_property(method: FunctionNode) -> bool:
    """Whether a definition is read like an attribute."""
    return any(ast.unparse(d) == "property" for d in method.decorator_list)


def is_abstract(method: FunctionNode) -> bool:
    """Whether a definition only says what deriving classes define."""
    return any("abstract" in ast.unparse(d) for d in method.decorator_list)


def _abstract(info: ClassInfo, above: ClassInfo | None, program: Program) -> set[str]:
    """The abstract methods that nothing defines."""
    found: set[str] = set()
    for one in reversed(_line(program, info, above)):
        for name, method in one.methods.items():
            found.discard(name)
            if is_abstract(method):
                found.add(name)
    return found


def _decorated(info: ClassInfo) -> tuple[ClassInfo, str | None]:
    why: str | None = None
    frozen = order = is_dataclass = False
    for decorator in info.node.decorator_list:
        text = ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
        is_dataclass |= text in _DATACLASS
        if text not in _DATACLASS and not text.startswith(_CONTRACT_MODULES):
            why = f"decorated with {text}"
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) and text in _DATACLASS else ():
            on = isinstance(keyword.value, ast.Constant) and keyword.value.value is True
            frozen |= keyword.arg == "frozen" and on
            order |= keyword.arg == "order" and on
            if (
                not isinstance(keyword.value, ast.Constant)
                or keyword.arg not in _OPTIONS
                or (keyword.arg == "match_args" and not on)
            ):
                why = f"the dataclass option {keyword.arg}"
    return replace(info, dataclass=is_dataclass, frozen=frozen, order=order), why


Read = tuple[dict[str, Type], dict[str, object], dict[str, object], str | None]


def _body(program: Program, info: ClassInfo, changed: frozenset[str]) -> Read:
    """The fields, the constants and the initial values that the body of a class gives."""
    fields: dict[str, Type] = {}
    constants: dict[str, object] = {}
    initial: dict[str, object] = {}
    why: str | None = None
    for statement in info.node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value):
                text = ast.unparse(annotation)
                if "ClassVar" not in text and (info.dataclass or value is None):
                    why = why or (_odd_field(statement, text) if info.dataclass else None)
                    fields[name] = program.type_of(annotation)
                    continue
                literal, known = _literal(value)
                if not known:
                    why = why or f"the class attribute {name}"
                elif name not in changed:
                    constants[name] = literal
                elif "ClassVar" in text:
                    why = why or f"the class attribute {name}, which changes"
                else:
                    fields[name] = program.type_of(annotation)
                    initial[name] = literal
            case ast.Assign(targets=[ast.Name(id="__slots__")]):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=other)) if (
                name in info.methods and info.methods[name] is info.methods.get(other)
            ):
                pass
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                literal, known = _literal(value)
                if not known or name in changed or name.startswith("__"):
                    why = why or f"the class attribute {name}"
                else:
                    constants[name] = literal
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.ClassDef():
                pass
            case _ if not isinstance(statement, FunctionNode):
                why = why or "a statement in its body"
    return fields, constants, initial, why


def _literal(value: ast.expr | None) -> tuple[object, bool]:
    """A constant's value, and whether it is one that cannot change."""
    if value is None:
        return None, False
    try:
        found = ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None, False
    return found, immutable(found)


def immutable(value: object) -> bool:
    """Whether a constant is of a kind that the subset knows and that cannot change."""
    if isinstance(value, tuple):
        return all(map(immutable, value))
    return value is None or isinstance(value, bool | int | str)


def _set_in_init(program: Program, info: ClassInfo, known: dict[str, Type]) -> dict[str, Type]:
    init = info.methods.get("__init__")
    if not isinstance(init, ast.FunctionDef) or not init.args.args:
        return {}
    fields: dict[str, Type] = {}
    parameters = {
        a.arg: a.annotation for a in [*init.args.posonlyargs, *init.args.args, *init.args.kwonlyargs]
    }
    for node in ast.walk(init):
        match node:
            case ast.AnnAssign(
                target=ast.Attribute(value=ast.Name(id="self"), attr=name), annotation=annotation
            ):
                fields[name] = program.type_of(annotation)
            case ast.Assign(targets=[ast.Attribute(value=ast.Name(id="self"), attr=name)], value=value):
                if name not in known:
                    fields.setdefault(name, _type_of_value(program, value, parameters))
    properties = {n for n, m in info.methods.items() if is_property(m)}
    return {n: t for n, t in fields.items() if n not in properties}


def _odd_field(statement: ast.AnnAssign, text: str) -> str | None:
    """Why an annotated name in a dataclass is no plain attribute of its instances, None if it is one."""
    name = ast.unparse(statement.target)
    if "InitVar" in text or "KW_ONLY" in text:
        return f"the field {name}"
    if isinstance(statement.value, ast.Call):
        plain = {"default", "default_factory", "repr", "hash", "metadata"}
        if any(k.arg not in plain for k in statement.value.keywords):
            return f"the options of the field {name}"
    return None


def _type_of_value(program: Program, value: ast.expr, parameters: dict[str, ast.expr | None]) -> Type:
    """The declared type of what ``__init__`` stores, where it is plain; else unknown.

    An attribute without an annotation may hold anything later on, so only a parameter's own annotation
    is taken over: type checkers infer the attribute's type the same way.
    """
    if isinstance(value, ast.Name) and parameters.get(value.id) is not None:
        return program.type_of(parameters[value.id])
    return TUnknown("an attribute without an annotation")


def _read_enum(info: ClassInfo) -> ClassInfo:
    """An enumeration whose members are distinct constants."""
    members: dict[str, object] = {}
    why: str | None = None
    if len(info.bases) != 1 or info.node.keywords or info.node.decorator_list:
        why = "an enumeration of another kind"
    for statement in info.node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                literal, known = _literal(value)
                if not known or name.startswith("_") or name in ("name", "value", "mro") or name in members:
                    why = why or f"the member {name}"
                if any(literal == other for other in members.values()):
                    why = why or f"the member {name}, which is another name of a member"
                members[name] = literal
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.FunctionDef():
                pass
            case _:
                why = why or "a statement in its body"
    methods = {n.name: n for n in info.node.body if isinstance(n, FunctionNode)}
    special = {m for m in methods if m.startswith("_")}
    if special:
        why = why or f"it defines {min(special)}"
    if not members:
        why = why or "an enumeration without members"
    return replace(
        info,
        unsupported=why,
        methods=methods,
        ancestors=(info.name,),
        members=tuple(members.items()),
        frozen=True,
    )
