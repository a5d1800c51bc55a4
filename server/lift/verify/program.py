"""The definitions of one module as the verifier sees them: functions, classes, constants, imports.

Built from the source text and its IR. Must not import z3: digests are computed from it in the editor's
process.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field

from lift_ir import Function, Module

from lift.verify.bound_names import bound_by_class
from lift.verify.classes import HARMLESS, ClassInfo, FunctionNode, immutable, read_classes
from lift.verify.sources import NOTHING, Sources
from lift.verify.types import READ_NAMES, TClass, TUnknown, Type, parse_type, parts, with_enums

_TRANSPARENT = {"staticmethod", "classmethod", "override", "final", "typing.override", "typing.final"}
_CONTRACT_MODULES = ("icontract", "deal")
_PURE_MODULES = frozenset(
    ["__future__", "typing", "typing_extensions", "collections.abc", "dataclasses", "abc"]
)


FROZEN = "dataclasses.FrozenInstanceError"
"""What setting an attribute of a frozen dataclass raises, also where the module has no name for it."""

_TYPE_MODULES = frozenset(["typing", "typing_extensions", "collections", "builtins", "types"])


def _may_catch_overflow(node: ast.AST, defined: frozenset[str], others: frozenset[str]) -> bool:
    """Whether a statement may end an OverflowError or a MemoryError.

    Args:
        defined: Names that hide builtin ones.
        others: Names of other exceptions than those two and what is above them.
    """
    match node:
        case ast.Try(handlers=handlers, finalbody=final) | ast.TryStar(handlers=handlers, finalbody=final):
            leaves = (ast.Return, ast.Break, ast.Continue)
            if any(isinstance(inner, leaves) for part in final for inner in ast.walk(part)):
                return True
            caught = [h.type for h in handlers]
            types = [t for c in caught for t in (c.elts if isinstance(c, ast.Tuple) else [c])]
            plain = [t.id for t in types if isinstance(t, ast.Name)]
            wide = any(n not in others and (n in defined or _catches(n)) for n in plain)
            return wide or len(plain) < len(types)
    return isinstance(node, ast.With)


def _catches(name: str) -> bool:
    error = getattr(builtins, name, None)
    if not isinstance(error, type):
        return True
    return issubclass(OverflowError, error) or issubclass(MemoryError, error)


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
        stored = frozenset(
            n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        )
        defined = stored | {*self.functions, *self.classes, *self.imports, *self.rebound}
        others = frozenset(
            n for n, o in self.imports.items() if o == FROZEN and n not in stored | self.rebound
        )
        caught = any(_may_catch_overflow(n, defined, others) for n in ast.walk(self.tree))
        return declared or caught or self.star_import

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

    def method(self, class_name: str, name: str) -> tuple[str, FunctionNode] | None:
        """The class that a method of a class is defined in, and its definition there."""
        for owner in self.classes[class_name].ancestors or (class_name,):
            found = self.classes[owner].methods.get(name)
            if found is not None:
                return owner, found
        return None

    def special_methods(self, class_name: str) -> frozenset[str]:
        """The special methods that a class of the module or one above it writes out."""
        above = self.classes[class_name].ancestors or (class_name,)
        return frozenset(m for c in above for m in self.classes[c].methods if m[:2] == "__" == m[-2:])

    @functools.cached_property
    def special_definitions(self) -> tuple[str, ...]:
        """The qualified names of the special methods of all classes of the module that operators run."""
        return tuple(
            f"{c.name}.{m}"
            for c in self.classes.values()
            for m in c.methods
            if m[:2] == "__" == m[-2:] and m not in HARMLESS
        )

    def inside(self, type_: Type) -> frozenset[Type]:
        """A type and all that its values may hold, attributes among it.

        Raises:
            Unsupported: A class outside the subset.
        """
        found: set[Type] = set()
        pending = [type_]
        while pending:
            one = pending.pop()
            if one in found:
                continue
            found.add(one)
            pending += parts(one)
            if isinstance(one, TClass):
                for kind in self.kinds(one.name):
                    pending += [TClass(kind), *(t for _, t in self.class_info(kind).fields)]
        return frozenset(found)

    def endless(self, type_: Type) -> bool:
        """Whether values of a type may hold instances that hold instances of their own class in turn."""
        classes = [t for t in self.inside(type_) if isinstance(t, TClass)]
        return any(
            one in self.inside(inner) for one in classes for _, inner in self.class_info(one.name).fields
        )

    def setter(self, class_name: str, name: str) -> tuple[str, FunctionNode] | None:
        """The definition that sets a property, with the class that it stands in."""
        for owner in self.classes[class_name].ancestors:
            info = self.classes[owner]
            if name in info.methods:
                found = info.setters.get(name)
                return (owner, found) if found is not None else None
        return None

    def hidden_by_class(self, class_name: str, name: str) -> bool:
        """Whether a name means something else in the body of a class than in the module."""
        info = self.classes.get(class_name)
        return info is not None and name in bound_by_class(info.node)

    def is_subclass(self, name: str, of: str) -> bool:
        """Whether a class of the module is another one or derives from it."""
        return name == of or (name in self.classes and of in self.classes[name].ancestors)

    def kinds(self, name: str) -> tuple[str, ...]:
        """The classes of the module that an object of an annotated class may be of.

        Raises:
            Unsupported: One of them is outside the subset.
        """
        self.class_info(name)
        if self.classes[name].members is not None:
            from lift.verify.values import Unsupported

            raise Unsupported(f"a member of {name}")
        found = [c.name for c in self.classes.values() if name in c.ancestors or c.name == name]
        for other in found:
            self.class_info(other)
        concrete = [n for n in found if not self.classes[n].abstract]
        return tuple(concrete) or (name,)

    def type_of(self, annotation: ast.expr | str | None) -> Type:
        """An annotation as a type, with the module's classes and imports in view."""
        if annotation is not None and self._shadowed(annotation):
            text = annotation if isinstance(annotation, str) else ast.unparse(annotation)
            return TUnknown(text)
        read = parse_type(annotation, frozenset(self.classes))
        enums = {
            c.name: tuple(n for n, _ in c.members)
            for c in self.classes.values()
            if c.members is not None and c.unsupported is None and c.name not in self.rebound
        }
        return with_enums(read, enums) if enums else read

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
        # The abstract `Set` has more kinds of value than `typing.Set`, which is the built-in one.
        foreign |= {n for n, o in self.imports.items() if o == "collections.abc.Set"}
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
        cls: object = getattr(builtins, name.rpartition(".")[2], None)
        imported = name in self.imports and name not in self.rebound
        if name == FROZEN or (imported and self.imports[name] == FROZEN):
            cls = dataclasses.FrozenInstanceError
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
    read_classes(program, class_irs)
    _tell_properties_apart(program, module)
    return program


def _tell_properties_apart(program: Program, module: Module) -> None:
    """Let the name of a property mean the definition that gets it, not the one that sets it."""
    for info in program.classes.values():
        for name in info.setters:
            qualname = f"{info.name}.{name}"
            first = next((f for f in module.all_functions() if f.qualname == qualname), None)
            if first is not None:
                program.irs[qualname] = first


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
                    if immutable(literal):
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
        if text == "property" and program.is_builtin(text):
            continue
        if text in ("abstractmethod", "abc.abstractmethod") and origin.partition(".")[0] == "abc":
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
