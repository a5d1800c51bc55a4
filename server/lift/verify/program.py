"""The definitions of one module as the verifier sees them: functions, classes, constants, imports.

Built from the source text and its IR. Must not import z3: digests are computed from it in the editor's
process.
"""

from __future__ import annotations

import ast
import builtins
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field

from lift_ir import Class, Function, Module

from lift.verify.sources import NOTHING, Sources
from lift.verify.types import READ_NAMES, TClass, TUnknown, Type, parse_type

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

_TRANSPARENT = {"staticmethod", "classmethod", "override", "final", "typing.override", "typing.final"}
_CONTRACT_MODULES = ("icontract", "deal")
_DATACLASS = {"dataclass", "dataclasses.dataclass"}
_PURE_MODULES = frozenset(
    ["__future__", "typing", "typing_extensions", "collections.abc", "dataclasses", "abc"]
)


_TYPE_MODULES = frozenset(["typing", "typing_extensions", "collections", "builtins", "types"])


@dataclass(frozen=True)
class ClassInfo:
    """A class of the module.

    Attributes:
        fields: Declared attributes and their types, in order.
        frozen: Whether its attributes may not be set.
        dataclass: Whether ``__init__`` and ``__eq__`` are those of a dataclass.
        unsupported: Why instances are outside the subset, None if they are in it.
        methods: Definitions by name.
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


@dataclass
class Program:
    """A module's definitions.

    Attributes:
        functions: Module-level definitions by name, the last one where a name is defined again.
        constants: Module-level names that are bound once, to a constant.
        imports: Imported name → dotted origin.
        rebound: Names that the module binds more than once or in ways that are not followed.
        sources: What the module may import from.
    """

    module: Module
    text: str
    tree: ast.Module
    functions: dict[str, FunctionNode] = field(default_factory=dict)
    classes: dict[str, ClassInfo] = field(default_factory=dict)
    constants: dict[str, object] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    rebound: set[str] = field(default_factory=set)
    star_import: bool = False
    irs: dict[str, Function] = field(default_factory=dict)
    sources: Sources = NOTHING

    @functools.cached_property
    def nonlocals(self) -> frozenset[str]:
        """The names that some nested function binds in a function around it."""
        found = (n for n in ast.walk(self.tree) if isinstance(n, ast.Nonlocal))
        return frozenset(name for node in found for name in node.names)

    @functools.cached_property
    def notices_overflow(self) -> bool:
        """Whether the module handles or declares what CPython raises for sizes that no machine has."""
        declared = any(
            c.kind == "raises" and c.exception in ("OverflowError", "MemoryError")
            for ir in self.irs.values()
            for c in ir.clauses
        )
        return declared or any(isinstance(n, ast.Try | ast.TryStar | ast.With) for n in ast.walk(self.tree))

    def class_info(self, name: str) -> ClassInfo:
        """The class of a name.

        Raises:
            Unsupported: A class outside the subset.
        """
        from lift.verify.values import Unsupported

        info = self.classes.get(name)
        if info is None or name in self.rebound:
            raise Unsupported(f"the class {name}")
        if info.unsupported:
            raise Unsupported(f"the class {name} ({info.unsupported})", info.node)
        return info

    def definition(self, qualname: str) -> FunctionNode | None:
        """The definition of a function or method by its qualified name."""
        if "." not in qualname:
            return self.functions.get(qualname)
        class_name, _, method = qualname.rpartition(".")
        info = self.classes.get(class_name)
        return info.methods.get(method) if info else None

    def type_of(self, annotation: ast.expr | str | None) -> Type:
        """An annotation as a type, with the module's classes and imports in view."""
        if annotation is not None and self._shadowed(annotation):
            text = annotation if isinstance(annotation, str) else ast.unparse(annotation)
            return TUnknown(text)
        return parse_type(annotation, frozenset(self.classes))

    def _shadowed(self, annotation: ast.expr | str) -> bool:
        """Whether a name in the annotation means something else here than usual."""
        if isinstance(annotation, str):
            try:
                annotation = ast.parse(annotation.strip(), mode="eval").body
            except (SyntaxError, ValueError):
                return True
        names = {n.id for n in ast.walk(annotation) if isinstance(n, ast.Name)}
        own = self.functions.keys() | self.constants.keys() | self.rebound
        foreign = {n for n, o in self.imports.items() if o.partition(".")[0] not in _TYPE_MODULES}
        anything = self.star_import and bool(names & READ_NAMES - self.imports.keys())
        return anything or bool(names & (own | foreign))

    def is_builtin(self, name: str) -> bool:
        """Whether a free name means Python's built-in."""
        return (
            hasattr(builtins, name)
            and not self.star_import
            and name not in self.functions
            and name not in self.classes
            and name not in self.constants
            and name not in self.imports
            and name not in self.rebound
        )

    def exception_parents(self, name: str) -> tuple[str, ...] | None:
        """An exception class's names from itself to ``BaseException``; None if it is not known to be one."""
        chain: list[str] = []
        while name in self.classes and name not in chain:
            info = self.classes[name]
            if len(info.bases) != 1 or info.node.decorator_list or info.node.keywords:
                return None
            chain.append(name)
            name = info.bases[0]
            if name not in self.classes and not self.is_builtin(name):
                return None
        cls = getattr(builtins, name.rpartition(".")[2], None)
        if not (isinstance(cls, type) and issubclass(cls, BaseException)):
            return None
        return (*chain, *(c.__name__ for c in cls.__mro__ if issubclass(c, BaseException)))


def load(module: Module, text: str) -> Program:
    """Read a module's definitions.

    Raises:
        SyntaxError: The text does not parse.
    """
    tree = ast.parse(text)
    program = Program(module, text, tree)
    program.irs = {f.qualname: f for f in module.all_functions()}
    bound: dict[str, int] = {}
    _bind_block(program, tree.body, bound)
    program.rebound.update(name for name, times in bound.items() if times > 1)
    program.rebound.update(_unfollowed(program))
    for name in program.rebound:
        program.constants.pop(name, None)
    class_irs = {c.qualname: c for c in module.classes}
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            program.classes[node.name] = _read_class(node, class_irs.get(node.name))
    for name, info in list(program.classes.items()):
        program.classes[name] = _with_fields(program, info)
    return program


def _bind_block(program: Program, body: list[ast.stmt], bound: dict[str, int]) -> None:
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                program.functions[name] = node
                bound[name] = bound.get(name, 0) + 1
                continue
            case ast.ClassDef(name=name):
                bound[name] = bound.get(name, 0) + 1
                continue
            case ast.ImportFrom(module=origin, names=names, level=level):
                for alias in names:
                    if alias.name == "*":
                        if level > 0 or origin not in _PURE_MODULES:
                            program.star_import = True
                            # It may bind anew what was bound before it.
                            program.rebound.update(bound)
                        continue
                    where = "." * level + (f"{origin}.{alias.name}" if origin else alias.name)
                    _bind_import(program, alias.asname or alias.name, where, bound)
                continue
            case ast.Import(names=names):
                for alias in names:
                    shown = alias.asname or alias.name.partition(".")[0]
                    _bind_import(program, shown, alias.name if alias.asname else shown, bound)
                continue
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                bound[name] = bound.get(name, 0) + 1
                try:
                    literal = ast.literal_eval(value)
                except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                    program.rebound.add(name)
                else:
                    if _immutable(literal):
                        program.constants[name] = literal
                    else:
                        program.rebound.add(name)
                continue
            case ast.AnnAssign(target=ast.Name(id=name)):
                program.rebound.add(name)
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), body=inner):
                # A type checker's branch does not run: only what it imports for annotations is looked at.
                _bind_block(program, [n for n in inner if isinstance(n, ast.Import | ast.ImportFrom)], bound)
                _rebind(program, [n for n in inner if not isinstance(n, ast.Import | ast.ImportFrom)])
                _rebind(program, node.orelse)
                continue
        _rebind(program, [node])


def _rebind(program: Program, statements: list[ast.stmt]) -> None:
    """Give up following the names that statements bind."""
    for inner in [n for statement in statements for n in ast.walk(statement)]:
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            program.rebound.add(inner.id)
        elif isinstance(inner, FunctionNode | ast.ClassDef):
            program.rebound.add(inner.name)
        elif isinstance(inner, ast.alias):
            program.rebound.add((inner.asname or inner.name).partition(".")[0])
        elif isinstance(inner, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and inner.name:
            program.rebound.add(inner.name)
        elif isinstance(inner, ast.MatchMapping) and inner.rest:
            program.rebound.add(inner.rest)


def _bind_import(program: Program, name: str, origin: str, bound: dict[str, int]) -> None:
    if program.imports.get(name) != origin:
        bound[name] = bound.get(name, 0) + 1
    program.imports[name] = origin


def _unfollowed(program: Program) -> set[str]:
    """Names that something in the module gives another meaning than the statement that binds them."""
    found: set[str] = set()
    classes = {n.name for n in program.tree.body if isinstance(n, ast.ClassDef)}
    for node in ast.walk(program.tree):
        match node:
            case ast.Global(names=names):
                found.update(names)
            case ast.Attribute(value=ast.Name(id=name), attr=attribute, ctx=ast.Store() | ast.Del()):
                if (
                    name in classes
                    or name in program.imports
                    or (name in program.functions and attribute.startswith("__"))
                ):
                    found.add(name)
                elif name == "__builtins__" or program.imports.get(name) == "builtins":
                    program.star_import = True
            case ast.Call(func=ast.Name(id="setattr" | "delattr"), args=[ast.Name(id=name), *_]):
                found.update({name} & (classes | program.functions.keys() | program.imports.keys()))
            case ast.NamedExpr(target=ast.Name(id=name)) if name in program.constants or hasattr(
                builtins, name
            ):
                # Whether it stands in a function, whose own name it is, is not told apart.
                found.add(name)
    return found


def _immutable(value: object) -> bool:
    if isinstance(value, tuple):
        return all(map(_immutable, value))
    return value is None or isinstance(value, bool | int | str)


_HARMLESS = frozenset(
    ["__init__", "__post_init__", "__repr__", "__str__", "__format__", "__enter__", "__exit__"]
)
"""The special methods that give no operator, no attribute and no truth a meaning of their own."""


def _read_class(node: ast.ClassDef, ir: Class | None) -> ClassInfo:
    decorators = [ast.unparse(d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list]
    is_dataclass = any(d in _DATACLASS for d in decorators)
    why: str | None = None
    frozen = False
    for decorator in node.decorator_list:
        for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
            frozen |= keyword.arg == "frozen"
            if keyword.arg not in ("frozen", "slots"):
                why = f"the dataclass option {keyword.arg}"
    for text in decorators:
        if text not in _DATACLASS and not text.startswith(_CONTRACT_MODULES):
            why = f"decorated with {text}"
    bases = tuple(ast.unparse(b) for b in node.bases)
    if any(b not in ("object", "ABC", "abc.ABC") for b in bases) or node.keywords:
        why = why or "it has base classes"
    methods = {n.name: n for n in node.body if isinstance(n, FunctionNode)}
    special = {m for m in methods if m.startswith("__") and m.endswith("__")} - _HARMLESS
    if special:
        why = why or f"it defines {min(special)}"
    abstract = [d for m in methods.values() for d in m.decorator_list if "abstract" in ast.unparse(d)]
    if abstract:
        why = why or "its methods are abstract"
    return ClassInfo(node.name, node, ir, (), is_dataclass, why, methods, bases, frozen)


def _with_fields(program: Program, info: ClassInfo) -> ClassInfo:
    fields: dict[str, Type] = {}
    why = info.unsupported
    for statement in info.node.body:
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                text = ast.unparse(annotation)
                if "ClassVar" in text:
                    why = why or f"the class attribute {name}"
                    continue
                why = why or _odd_field(statement, text, dataclass=info.dataclass)
                fields[name] = program.type_of(annotation)
            case ast.Assign():
                names = [t.id for t in statement.targets if isinstance(t, ast.Name)]
                if names != ["__slots__"]:
                    why = why or f"the class attribute {', '.join(names)}"
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.ClassDef():
                pass
            case _ if not isinstance(statement, FunctionNode):
                why = why or "a statement in its body"
    init = info.methods.get("__init__")
    if isinstance(init, ast.FunctionDef):
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
                    fields.setdefault(name, _type_of_value(program, value, parameters))
    if fields.keys() & info.methods.keys():
        why = why or f"the method {min(fields.keys() & info.methods.keys())}, which is an attribute too"
    return ClassInfo(
        info.name,
        info.node,
        info.ir,
        tuple(fields.items()),
        info.dataclass,
        why,
        info.methods,
        info.bases,
        info.frozen,
    )


def _odd_field(statement: ast.AnnAssign, text: str, *, dataclass: bool) -> str | None:
    """Why an annotated name in a class's body is no plain attribute of its instances, None if it is one."""
    name = ast.unparse(statement.target)
    if not dataclass:
        return f"the class attribute {name}" if statement.value is not None else None
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


def self_type(qualname: str) -> TClass | None:
    """The type of ``self`` in a method, None for a function."""
    head, dot, _ = qualname.rpartition(".")
    return TClass(head) if dot and "<locals>" not in head and "." not in head else None


def refuses(program: Program, node: FunctionNode) -> str | None:
    """Why a definition's callers see something else than its body, None if they do not."""
    if isinstance(node, ast.AsyncFunctionDef):
        return "an async function"
    if any(isinstance(n, ast.Yield | ast.YieldFrom) for n in own_nodes(node)):
        return "a generator function"
    for decorator in node.decorator_list:
        text = ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
        origin = program.imports.get(text.partition(".")[0], "")
        root = text.partition(".")[0]
        if root in program.functions.keys() | program.classes.keys() | program.rebound:
            return f"the decorator {text}"
        if text in _TRANSPARENT or text.endswith((".setter",)):
            continue
        if origin.partition(".")[0] in _CONTRACT_MODULES:
            continue
        return f"the decorator {text}"
    return None


def own_nodes(node: ast.AST) -> list[ast.AST]:
    """The nodes of a body without those of the functions and classes defined inside it."""
    found: list[ast.AST] = []
    pending = list(ast.iter_child_nodes(node))
    while pending:
        one = pending.pop()
        found.append(one)
        if not isinstance(one, FunctionNode | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(one))
    return found


def resolved_names(program: Program, names: Iterable[str], attributes: Iterable[str]) -> set[str]:
    """Qualified names of the module's functions that ``names``, and ``attributes`` of anything, may mean."""
    found: set[str] = set()
    for name in names:
        if name in program.functions:
            found.add(name)
        elif name in program.classes:
            found.update(f"{name}.{m}" for m in program.classes[name].methods)
    for attribute in attributes:
        found.update(f"{c.name}.{attribute}" for c in program.classes.values() if attribute in c.methods)
    return found
