"""Which binding each name of Python code means: scopes as the language defines them, with places.

Clauses are read with the same rules, so that a variable of a comprehension is never taken for a parameter.
``symtable`` knows the same scopes without saying where in them a name stands. Must not know LSP, nor what a
specification is.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

Role = Literal[
    "parameter", "definition", "binding", "use", "import", "keyword", "clause", "target", "entry", "hole"
]
ScopeKind = Literal["module", "function", "class", "inner", "clause"]
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

RESULT = "->"
_NAME = r"[^\W\d]\w*"
_SPACE = r"(?:[ \t\f]|\\\r?\n)+"
_DEFINED = re.compile(rf"(?:async{_SPACE})?(?:def|class){_SPACE}({_NAME})")
_CAUGHT = re.compile(rf"\bas{_SPACE}({_NAME})[ \t\f]*:")
_WORDS = re.compile(_NAME)
_REST = re.compile(rf"\*\*\s*({_NAME})")


class Key(NamedTuple):
    """A binding: the scope that it is made in, and its name there; ``->`` for what a function returns."""

    scope: int
    name: str


@dataclass
class Scope:
    """A region in which names are bound.

    Attributes:
        number: Its place among the scopes of the text, 0 for the module.
        bound: The names that it binds.
        outer: Names that it declares global (True) or nonlocal (False).
        known: Names whose bindings are known beforehand.
        node: The definition that it belongs to.
    """

    number: int
    kind: ScopeKind
    parent: Scope | None
    node: ast.AST | None = None
    bound: set[str] = field(default_factory=set)
    outer: dict[str, bool] = field(default_factory=dict)
    known: dict[str, Key] = field(default_factory=dict)

    def key(self, name: str) -> Key:
        """The binding that a name means here."""
        scope, first = self, True
        while scope.parent is not None:
            if name in scope.known:
                return scope.known[name]
            if scope.outer.get(name) is True:
                break
            if name in scope.bound and name not in scope.outer and (first or scope.kind != "class"):
                return Key(scope.number, name)
            scope, first = scope.parent, False
        while scope.parent is not None:
            scope = scope.parent
        return Key(scope.number, name)


@dataclass(frozen=True)
class Occurrence:
    """A name in the text that means a binding.

    Attributes:
        start: Where it starts, in code points; -1 where that cannot be told.
        line: About where it stands, from 1.
    """

    start: int
    end: int
    key: Key
    role: Role
    line: int


@dataclass(frozen=True)
class Passed:
    """An argument that a call gives by name.

    Attributes:
        callee: What is called.
        scope: Where it is called.
    """

    callee: ast.expr
    name: str
    start: int
    end: int
    line: int
    scope: Scope

    def at_line(self, line: int) -> Passed:
        """The same at another line."""
        return replace(self, line=line)


@dataclass(frozen=True)
class Dotted:
    """A name behind a dot."""

    node: ast.Attribute
    start: int
    end: int
    line: int
    scope: Scope
    in_clause: bool

    def at_line(self, line: int) -> Dotted:
        """The same at another line."""
        return replace(self, line=line)


@dataclass(frozen=True)
class Pending:
    """A name whose binding is known once everything was read."""

    name: str
    start: int
    end: int
    scope: Scope
    role: Role
    line: int

    def at_line(self, line: int) -> Pending:
        """The same at another line."""
        return replace(self, line=line)


Place = Callable[[ast.AST], tuple[int, int]]


class Reader(ast.NodeVisitor):
    """Reads scopes and names out of a tree.

    Args:
        text: The whole text.
        place: Where a node starts and ends in it.
    """

    def __init__(self, text: str, place: Place) -> None:
        self.text = text
        self.place = place
        self.role: Role = "use"
        self.module = Scope(0, "module", None)
        self.scopes = [self.module]
        self.scope = self.module
        self.passed: list[Passed] = []
        self.functions: dict[int, Scope] = {}
        self.imports: list[tuple[ast.ImportFrom | ast.Import, ast.alias, int, Scope]] = []
        self.dotted: list[Dotted] = []
        self.pending: list[Pending] = []

    def occurrences(self) -> tuple[Occurrence, ...]:
        """Everything that was read, in the order of the text."""
        found = {
            (p.start, p.end, p.line, key := p.scope.key(p.name)): Occurrence(
                p.start, p.end, key, p.role, p.line
            )
            for p in self.pending
        }
        return tuple(sorted(found.values(), key=lambda o: (o.start, o.end)))

    def inside(self, kind: ScopeKind, parent: Scope, node: ast.AST | None = None) -> Scope:
        """A new scope."""
        scope = Scope(len(self.scopes), kind, parent, node)
        self.scopes.append(scope)
        return scope

    def read(self, nodes: ast.AST | list[ast.AST] | None, scope: Scope, role: Role = "use") -> None:
        """Reads nodes in a scope."""
        before, self.scope = self.scope, scope
        role_before, self.role = self.role, role
        for node in nodes if isinstance(nodes, list) else [nodes] if nodes is not None else []:
            self.visit(node)
        self.scope, self.role = before, role_before

    def note(self, name: str, start: int, scope: Scope, role: Role, line: int) -> None:
        """Notes that a name stands at a place; a place where something else stands is none."""
        end = start + len(name)
        if start < 0 or self.text[start:end] != name:
            start = end = -1
        self.pending.append(Pending(name, start, end, scope, role, line))

    # Definitions ----------------------------------------------------------------------------------------

    def visit_FunctionDef(self, node: FunctionNode) -> None:
        """A definition: its name is bound around it, its parameters inside."""
        self._bind_defined(node)
        around = self._with_type_parameters(node, self.scope)
        inner = self.inside("function", around, node)
        self.functions[id(node)] = inner
        inner.bound.update(argument.arg for argument in arguments_of(node.args))
        self.decorators(node, inner)
        self._parameters(node.args, inner, around)
        self.read(node.returns, around)
        self.read(list(node.body), inner)
        self.described(node, inner)

    visit_AsyncFunctionDef = visit_FunctionDef

    def decorators(self, node: FunctionNode | ast.ClassDef, inner: Scope) -> None:
        """Reads the decorators, which stand outside of what they decorate."""
        self.read(list(node.decorator_list), self.scope)

    def described(self, node: FunctionNode | ast.ClassDef, inner: Scope) -> None:
        """Reads what the docstring says; nothing here."""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """A class: its body is a scope that functions in it do not see."""
        self._bind_defined(node)
        around = self._with_type_parameters(node, self.scope)
        inner = self.inside("class", around, node)
        self.functions[id(node)] = inner
        self.decorators(node, inner)
        self.read([*node.bases, *node.keywords], around)
        self.read(list(node.body), inner)
        self.described(node, inner)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """A function without a name."""
        inner = self.inside("function", self.scope, node)
        inner.bound.update(argument.arg for argument in arguments_of(node.args))
        self._parameters(node.args, inner, self.scope)
        self.read(node.body, inner, self.role)

    def _parameters(self, arguments: ast.arguments, inner: Scope, around: Scope) -> None:
        role: Role = "target" if self.role == "clause" else "parameter"
        for argument in arguments_of(arguments):
            self.note(argument.arg, self.place(argument)[0], inner, role, argument.lineno)
            self.read(argument.annotation, around, self.role)
        defaults = [*arguments.defaults, *(d for d in arguments.kw_defaults if d is not None)]
        self.read(list(defaults), around, self.role)

    def _bind_defined(self, node: FunctionNode | ast.ClassDef) -> None:
        self.scope.bound.add(node.name)
        match = _DEFINED.match(self.text, self.place(node)[0])
        self.note(node.name, match.start(1) if match else -1, self.scope, "definition", node.lineno)

    def _with_type_parameters(self, node: ast.AST, scope: Scope) -> Scope:
        parameters = getattr(node, "type_params", None)
        if not parameters:
            return scope
        inner = self.inside("inner", scope)
        for parameter in parameters:
            inner.bound.add(parameter.name)
            self.note(parameter.name, self.place(parameter)[0], inner, "binding", parameter.lineno)
            self.read(getattr(parameter, "bound", None), inner)
        return inner

    # Comprehensions -------------------------------------------------------------------------------------

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        """A comprehension; its first iterable belongs to the scope around it."""
        self._comprehension(node.generators, [node.elt])

    visit_SetComp = visit_ListComp
    visit_GeneratorExp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> None:
        """The same with keys."""
        self._comprehension(node.generators, [node.key, node.value])

    def _comprehension(self, generators: list[ast.comprehension], heads: list[ast.expr]) -> None:
        inner = self.inside("inner", self.scope)
        self.read(generators[0].iter, self.scope, self.role)
        for number, generator in enumerate(generators):
            self.read(generator.target, inner, self.role)
            if number:
                self.read(generator.iter, inner, self.role)
            self.read(list(generator.ifs), inner, self.role)
        self.read(list(heads), inner, self.role)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        """``:=`` binds outside of the comprehensions around it."""
        scope = self.scope
        while scope.kind == "inner" and scope.parent is not None:
            scope = scope.parent
        self.read(node.target, scope, self.role)
        self.visit(node.value)

    # Names ----------------------------------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> None:
        """A name that is read, bound or deleted."""
        bound = not isinstance(node.ctx, ast.Load)
        if bound:
            self.scope.bound.add(node.id)
        stores: dict[Role, Role] = {"use": "binding", "clause": "target"}
        role = stores.get(self.role, self.role) if bound else self.role
        self.note(node.id, self.place(node)[0], self.scope, role, node.lineno)

    def visit_Global(self, node: ast.Global | ast.Nonlocal) -> None:
        """Names that are bound further out."""
        start, end = self.place(node)
        places = [m.start() for m in _WORDS.finditer(self.text, start, end)][1:]
        for number, name in enumerate(node.names):
            self.scope.outer[name] = isinstance(node, ast.Global)
            place = places[number] if number < len(places) else -1
            self.note(name, place, self.scope, "use", node.lineno)

    visit_Nonlocal = visit_Global

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        """Names that imports bind."""
        for alias in node.names:
            name = alias.asname or (
                alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name
            )
            if name == "*":
                continue
            start, end = self.place(alias)
            self.scope.bound.add(name)
            self.note(name, end - len(name) if alias.asname else start, self.scope, "import", node.lineno)
            self.imports.append((node, alias, start, self.scope))

    visit_ImportFrom = visit_Import

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        """``except E as name``."""
        if node.name is not None and node.type is not None:
            match = _CAUGHT.search(self.text, self.place(node.type)[1])
            self.scope.bound.add(node.name)
            place = match.start(1) if match else -1
            self.note(node.name, place, self.scope, "binding", node.lineno)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs | ast.MatchStar) -> None:
        """Patterns that bind."""
        if node.name is not None:
            self.scope.bound.add(node.name)
            place = self.place(node)[1] - len(node.name)
            self.note(node.name, place, self.scope, "binding", node.lineno)
        self.generic_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        """``{**rest}``."""
        if node.rest is not None:
            self.scope.bound.add(node.rest)
            found = list(_REST.finditer(self.text, *self.place(node)))
            self.note(node.rest, found[-1].start(1) if found else -1, self.scope, "binding", node.lineno)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """A name behind a dot, which belongs to no scope."""
        start = self.place(node)[1] - len(node.attr)
        if start >= 0 and self.text.startswith(node.attr, start):
            in_clause = self.role == "clause"
            self.dotted.append(
                Dotted(node, start, start + len(node.attr), node.lineno, self.scope, in_clause)
            )
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """A call, whose named arguments mean parameters of what is called."""
        self.generic_visit(node)
        callee = node.func
        if last_name(callee) == "partial" and node.args:
            callee = node.args[0]
        for keyword in node.keywords:
            if keyword.arg is not None:
                start = self.place(keyword)[0]
                end = start + len(keyword.arg)
                if self.text[start:end] != keyword.arg:
                    start = end = -1
                line = keyword.value.lineno
                self.passed.append(Passed(callee, keyword.arg, start, end, line, self.scope))


def arguments_of(arguments: ast.arguments) -> Iterator[ast.arg]:
    """The parameters in their order."""
    yield from (*arguments.posonlyargs, *arguments.args)
    if arguments.vararg is not None:
        yield arguments.vararg
    yield from arguments.kwonlyargs
    if arguments.kwarg is not None:
        yield arguments.kwarg


def by_name(arguments: ast.arguments) -> frozenset[str]:
    """The parameters that a call may give by their names."""
    return frozenset(argument.arg for argument in (*arguments.args, *arguments.kwonlyargs))


def last_name(node: ast.expr) -> str:
    """The last name of a dotted one, empty for anything else."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


@dataclass(frozen=True)
class Callees:
    """What calls mean, as far as names tell.

    Attributes:
        scopes: The scopes of functions and classes by their nodes' identity.
        definitions: Binding → the definitions that are bound to it; None among them stands for anything else.
    """

    scopes: Mapping[int, Scope]
    definitions: Mapping[Key, list[FunctionNode | ast.ClassDef | None]]

    def called(self, callee: ast.expr, scope: Scope) -> FunctionNode | None:
        """The function that a call runs; None where its name does not tell."""
        if isinstance(callee, ast.Name):
            found = self._only(scope.key(callee.id))
            return self._method(found, "__init__") if isinstance(found, ast.ClassDef) else found
        if isinstance(callee, ast.Attribute):
            owner = self._class(callee.value, scope)
            return self._method(owner, callee.attr) if owner is not None else None
        return None

    def _class(self, value: ast.expr, scope: Scope) -> ast.ClassDef | None:
        """The class that an expression is, or is an object of."""
        if isinstance(value, ast.Call):
            value = value.func
            found = self._only(scope.key(value.id)) if isinstance(value, ast.Name) else None
            return found if isinstance(found, ast.ClassDef) else None
        if not isinstance(value, ast.Name):
            return None
        key = scope.key(value.id)
        if self.definitions.get(key):
            found = self._only(key)
            return found if isinstance(found, ast.ClassDef) else None
        inner: Scope | None = scope
        while inner is not None and inner.number != key.scope:
            inner = inner.parent
        if inner is None or not isinstance(inner.node, FunctionNode):
            return None
        return self._of_parameter(value.id, inner.node, inner)

    def _of_parameter(self, name: str, node: FunctionNode, scope: Scope) -> ast.ClassDef | None:
        given = next((a for a in arguments_of(node.args) if a.arg == name), None)
        above = scope.parent
        if given is None or above is None:
            return None
        first = next(arguments_of(node.args), None)
        static = any(last_name(d) == "staticmethod" for d in node.decorator_list)
        if given is first and above.kind == "class" and not static:
            return above.node if isinstance(above.node, ast.ClassDef) else None
        if isinstance(given.annotation, ast.Name):
            found = self._only(above.key(given.annotation.id))
            return found if isinstance(found, ast.ClassDef) else None
        return None

    def _method(self, owner: ast.ClassDef, name: str) -> FunctionNode | None:
        found = self._only(Key(self.scopes[id(owner)].number, name))
        return found if isinstance(found, FunctionNode) else None

    def _only(self, key: Key) -> FunctionNode | ast.ClassDef | None:
        found = self.definitions.get(key, [])
        return found[0] if len(found) == 1 else None
