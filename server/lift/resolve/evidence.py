"""What speaks for the type of a parameter or a result: callers, the default, clauses, its uses.

The types of other open places are found by the same means while they are needed, so that what is known of
one hole reaches those that it is tied to; a place that is being looked at already says nothing meanwhile,
which keeps evidence from counting for itself. Nothing here runs the user's code or asks a type checker.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Literal

from lift_ir import Clause, Function, Module, Parameter, TypeExpr

from lift.resolve.context import Neighbour
from lift.resolve.flows import (
    RETURN,
    Definition,
    End,
    Flow,
    arguments_of,
    callee_of,
    flows_of,
    is_method,
    own_nodes,
    parsed,
)
from lift.resolve.shapes import NONE, Shape, from_annotation, is_complete, of_literal, union
from lift.resolve.uses import Known, Taken, Use, locals_of, type_of, uses_of

Kind = Literal["caller", "default", "clause", "body", "flow", "jedi"]
_SETTLED = 0.4
_DEEPEST = 3
# How many places are looked at for the sake of one: a large module in which all is open ties them all.
_MOST_PLACES = 20
_MOST_CALLS = 20
# How much it says that a value goes on to a place whose type is certain.
_PASSED = 0.65


@dataclass(frozen=True)
class Evidence:
    """A type with what speaks for it.

    Attributes:
        weight: How strongly, from 0 to 1, see ``lift.resolve.holes``.
        origin: What is counted together: ten uses in one body are one opinion.
        text: What it is, for people.
        line: The line it stands in, from 1; 0 where that says nothing.
    """

    shape: Shape
    weight: float
    kind: Kind
    origin: str
    text: str
    line: int = 0

    @property
    def is_value(self) -> bool:
        """Whether it is a value that is passed, and not an opinion about one."""
        return self.kind in ("caller", "default")


@dataclass(frozen=True)
class Program:
    """A module's tree with its definitions and calls looked up once.

    Attributes:
        calls: Called name (the last part) → calls with the function that they stand in.
        definitions: Line of the name behind ``def`` → the definition.
    """

    tree: ast.Module
    calls: Mapping[str, tuple[tuple[Definition | None, ast.Call], ...]]
    definitions: Mapping[int, Definition]


@functools.lru_cache(maxsize=8)
def program_of(text: str) -> Program | None:
    """The program of a text, None if it does not parse."""
    tree = parsed(text)
    if tree is None:
        return None
    calls: dict[str, list[tuple[Definition | None, ast.Call]]] = {}
    definitions: dict[int, Definition] = {}
    todo: list[tuple[Definition | None, ast.AST]] = [(None, tree)]
    while todo:
        around, node = todo.pop()
        if isinstance(node, Definition):
            around = node
            definitions[node.lineno] = node
        elif isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", None)
            if isinstance(name, str):
                calls.setdefault(name, []).append((around, node))
        todo.extend((around, child) for child in ast.iter_child_nodes(node))
    ordered = {n: tuple(sorted(c, key=lambda pair: pair[1].lineno)) for n, c in calls.items()}
    return Program(tree, ordered, definitions)


@dataclass(frozen=True)
class Guess:
    """The type of a place with how sure it is; 1 where it is written."""

    shape: Shape
    weight: float


@dataclass
class Inquiry:
    """One look at a module: what is known of its places so far.

    Attributes:
        neighbours: Other texts that may call its functions.
        name: The module's dotted name, or its file's name without the ending.
    """

    module: Module
    text: str
    program: Program
    neighbours: tuple[Neighbour, ...] = ()
    name: str = ""
    _functions: _Functions = field(init=False)
    _flows: tuple[Flow, ...] = field(init=False)
    _open: set[End] = field(default_factory=set)
    _settled: dict[End, Guess | None] = field(default_factory=dict)
    _looked_at: int = 0

    def __post_init__(self) -> None:
        self._functions = _Functions(self)
        self._flows = flows_of(self.module, self.text)

    def of(self, function: Function, name: str) -> list[Evidence]:
        """All that speaks for the type of ``name``, a parameter of ``function`` or ``return``."""
        node = self._definition(function)
        if node is None:
            return []
        end = End(function, name)
        self._open.add(end)
        try:
            return list(self._gathered(end, node))
        finally:
            self._open.discard(end)

    def settled(self, end: End) -> Shape | None:
        """The type of a place: the written one, or the one that much speaks for."""
        guess = self.guess(end)
        return None if guess is None else guess.shape

    def guess(self, end: End) -> Guess | None:
        """The same with how sure it is."""
        written = _shape_of(end.type)
        if written is not None:
            return Guess(written, 1.0)
        if end.hole is None or end in self._open or len(self._open) >= _DEEPEST:
            return self._settled.get(end)
        if end not in self._settled:
            if self._looked_at >= _MOST_PLACES:
                return None
            self._looked_at += 1
            self._settled[end] = best_of(self.of(end.function, end.name))
        return self._settled[end]

    def _gathered(self, end: End, node: Definition) -> Iterator[Evidence]:
        function, name = end.function, end.name
        known = self._known(function)
        inside = locals_of(node, known)
        if name == RETURN:
            yield from _specified("result", function, known)
            yield from _returned(node, function, inside)
        else:
            parameter = next((p for p in function.signature.parameters if p.name == name), None)
            if parameter is None:
                return
            if parameter.style == "var-positional" or parameter.style == "var-keyword":
                # An annotation of ``*xs`` says what each element is, which none of the uses of ``xs`` shows.
                return
            yield from _default(parameter)
            yield from self._callers(function, parameter)
            yield from _specified(name, function, known)
            yield from self._body(name, node, function, inside)
        yield from self._returned_as(end)

    def _known(self, function: Function, only: set[str] | None = None) -> Known:
        """The names in a function as far as their types are known, beside those that are being looked at."""
        names: dict[str, Shape] = {}
        for parameter in function.signature.parameters:
            if only is not None and parameter.name not in only:
                continue
            shape = self.settled(End(function, parameter.name))
            if shape is None and parameter.default is not None:
                shape = next((e.shape for e in _default(parameter) if e.shape != NONE), None)
            if shape is not None and not parameter.style.startswith("var-"):
                names[parameter.name] = shape
        result = self.settled(End(function, RETURN)) if only is None or "result" in only else None
        if result is not None:
            names["result"] = names["__return__"] = result
        names.update(self._attributes(function))
        for hole in function.holes:
            if hole.hole == "term" and hole.type and (shape := from_annotation(hole.type)) is not None:
                names[f"__hole_{hole.name}"] = shape
        return Known(names, self._functions, self._takes(function))

    def _takes(self, function: Function | None) -> Callable[[ast.Call], Iterator[Taken]]:
        def takes(call: ast.Call) -> Iterator[Taken]:
            callee = callee_of(call, function, self._functions.by_qualname, self._functions.classes)
            if callee is None:
                return
            for name, value in arguments_of(call, callee):
                guess = self.guess(End(callee, name)) if isinstance(value, ast.Name) else None
                if guess is not None:
                    yield Taken(value, guess.shape, _PASSED * guess.weight)

        return takes

    def _attributes(self, function: Function) -> dict[str, Shape]:
        around = function.qualname.rpartition(".")[0]
        owner = next((c for c in self.module.classes if c.qualname == around), None)
        if owner is None:
            return {}
        shapes = ((a.name, _shape_of(a.type)) for a in owner.attributes)
        return {f"self.{name}": shape for name, shape in shapes if shape is not None}

    def _callers(self, function: Function, parameter: Parameter) -> Iterator[Evidence]:
        name = function.name
        if name == "__init__":
            name = function.qualname.split(".")[-2]
        for around, call in self.program.calls.get(name, ())[:_MOST_CALLS]:
            value = argument_of(call, function, parameter)
            if value is None or not _may_mean(call, function):
                continue
            caller = self._function_at(around)
            if caller is not None and End(caller, getattr(value, "id", "")) == End(function, parameter.name):
                continue
            shape = self._argument_type(value, caller, around)
            if shape is not None:
                label = f"the call in line {call.lineno}"
                yield Evidence(shape, 0.7, "caller", f"caller {call.lineno}", label, call.lineno)
        yield from self._called_in_clauses(function, parameter)
        for neighbour in self.neighbours:
            yield from self._elsewhere(neighbour, function, parameter, name)

    def _called_in_clauses(self, function: Function, parameter: Parameter) -> Iterator[Evidence]:
        """Clauses of other functions that call this one."""
        for other in self._functions.by_line.values():
            for clause in other.clauses if other is not function else ():
                if clause.expression is None or function.name not in clause.expression:
                    continue
                tree = clause_tree(clause)
                for call in ast.walk(tree) if tree is not None else ():
                    if not isinstance(call, ast.Call):
                        continue
                    called = callee_of(call, other, self._functions.by_qualname, self._functions.classes)
                    value = argument_of(call, function, parameter) if called is function else None
                    shape = self._argument_type(value, other, None) if value is not None else None
                    if shape is not None:
                        text = f"the clause {short(clause.text)} of {other.qualname}"
                        yield Evidence(shape, 0.6, "clause", f"clause {clause.id}", text)

    def _elsewhere(
        self, neighbour: Neighbour, function: Function, parameter: Parameter, name: str
    ) -> Iterator[Evidence]:
        program = program_of(neighbour.text)
        if program is None:
            return
        meant = _imported(program.tree, self.name, name)
        typed = _typed_in(neighbour.text)
        for alias in sorted(program.calls.keys() & (meant.names.keys() | {name})):
            for around, call in program.calls[alias]:
                if not meant.is_meant(call, function, self.name):
                    continue
                value = argument_of(call, function, parameter)
                if value is None:
                    continue
                names = typed.get(around.lineno, {}) if around is not None else {}
                known = Known(names, {})
                shape = type_of(value, locals_of(around, known) if around is not None else known)
                if shape is not None:
                    place = f"{PurePath(neighbour.path).as_posix()}:{call.lineno}"
                    yield Evidence(shape, 0.7, "caller", f"caller {place}", f"the call in {place}")

    def _argument_type(
        self, value: ast.expr, caller: Function | None, around: Definition | None
    ) -> Shape | None:
        """The type of an argument; of the caller's names only those are looked at that it is made of."""
        literal = of_literal(value)
        if literal is not None and is_complete(literal):
            return literal
        names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        if caller is not None and names <= {p.name for p in caller.signature.parameters}:
            return type_of(value, self._known(caller, names))
        return type_of(value, self._known_in(caller, around))

    def _known_in(self, caller: Function | None, around: Definition | None) -> Known:
        known = Known({}, self._functions, self._takes(None)) if caller is None else self._known(caller)
        return known if around is None else locals_of(around, known)

    def _body(self, name: str, node: Definition, function: Function, known: Known) -> Iterator[Evidence]:
        found: tuple[Use, ...] = uses_of(name, list(node.body), known)
        for use in found:
            if use.passed:
                text = f"{short(use.text)}, which takes {use.shape}"
                yield Evidence(use.shape, use.weight, "flow", f"flow {use.text}", text)
            else:
                yield Evidence(use.shape, use.weight * 0.8, "body", "body", f"its use in {short(use.text)}")
        attributes = self._attributes(function)
        for inner in own_nodes(node):
            match inner:
                case ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id="self"), attr=attribute)],
                    value=ast.Name(id=given),
                ) if given == name and f"self.{attribute}" in attributes:
                    shape = attributes[f"self.{attribute}"]
                    yield Evidence(shape, 0.7, "flow", f"flow self.{attribute}", f"self.{attribute}: {shape}")

    def _returned_as(self, end: End) -> Iterator[Evidence]:
        """What is returned as it is has the result's type."""
        for flow in self._flows:
            if flow.start == end and flow.exact and flow.stop != end:
                guess = self.guess(flow.stop)
                if guess is not None:
                    text = f"{short(flow.text)}, whose type is {guess.shape}"
                    origin = f"flow {flow.stop.function.qualname}"
                    yield Evidence(guess.shape, _PASSED * guess.weight, "flow", origin, text)

    def _definition(self, function: Function) -> Definition | None:
        found = self.program.definitions.get(function.name_span.start.line)
        return found if found is not None and found.name == function.name else None

    def _function_at(self, node: Definition | None) -> Function | None:
        if node is None:
            return None
        return self._functions.by_line.get(node.lineno)


class _Functions(Mapping[str, Shape]):
    """What the functions of a module return, looked at when somebody asks."""

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry
        functions = inquiry.module.all_functions()
        self.by_qualname = {f.qualname: f for f in functions}
        self.by_line = {f.name_span.start.line: f for f in functions}
        self.classes = {c.qualname: c for c in inquiry.module.classes}
        self._by_name = {f.name: f for f in functions}
        self._shapes = {c.name: Shape(c.name) for c in inquiry.module.classes}

    def __getitem__(self, name: str) -> Shape:
        if name in self._shapes:
            return self._shapes[name]
        shape = self._inquiry.settled(End(self._by_name[name], RETURN))
        if shape is None:
            raise KeyError(name)
        return shape

    def __iter__(self) -> Iterator[str]:
        return iter({**self._by_name, **self._shapes})

    def __len__(self) -> int:
        return len({**self._by_name, **self._shapes})


@dataclass(frozen=True)
class _Imported:
    """How a text names a function or class of another module.

    Attributes:
        names: Names that are bound to it.
        modules: Names that are bound to its module.
    """

    names: Mapping[str, str]
    modules: frozenset[str]
    classes: frozenset[str]

    def is_meant(self, call: ast.Call, function: Function, _module: str) -> bool:
        match call.func:
            case ast.Name(id=name):
                return name in self.names and (not is_method(function) or function.name == "__init__")
            case ast.Attribute(value=value, attr=name) if name == function.name:
                if is_method(function):
                    # Any object with such a method may be meant; one of a class that is imported here is.
                    return function.qualname.split(".")[-2] in self.classes
                return ast.unparse(value) in self.modules
        return False


def _imported(tree: ast.Module, module: str, name: str) -> _Imported:
    last = module.rpartition(".")[2]
    names: dict[str, str] = {}
    modules: set[str] = set()
    classes: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            source = node.module or ""
            for alias in node.names:
                if source.rpartition(".")[2] == last:
                    classes.add(alias.name)
                    if alias.name == name:
                        names[alias.asname or alias.name] = name
                elif alias.name == last:
                    modules.add(alias.asname or alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.rpartition(".")[2] == last:
                    modules.add(alias.asname or alias.name)
    return _Imported(names, frozenset(modules), frozenset(classes))


@functools.lru_cache(maxsize=64)
def _typed_in(text: str) -> dict[int, dict[str, Shape]]:
    """The annotated parameters of each function of a text, by the line of its ``def``."""
    program = program_of(text)
    found: dict[int, dict[str, Shape]] = {}
    for line, node in program.definitions.items() if program is not None else ():
        given = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        shapes = (
            (a.arg, from_annotation(ast.unparse(a.annotation)) if a.annotation else None) for a in given
        )
        found[line] = {name: shape for name, shape in shapes if shape is not None}
    return found


def argument_of(call: ast.Call, function: Function, parameter: Parameter) -> ast.expr | None:
    """What a call passes as ``parameter``, None if that cannot be seen."""
    for keyword in call.keywords:
        if keyword.arg == parameter.name:
            return keyword.value
    positional = [p for p in function.signature.parameters if p.style.startswith("positional")]
    place = next((n for n, p in enumerate(positional) if p.name == parameter.name), None)
    if place is None:
        return None
    place -= is_method(function)
    if not 0 <= place < len(call.args):
        return None
    before = call.args[: place + 1]
    return None if any(isinstance(a, ast.Starred) for a in before) else call.args[place]


def _may_mean(call: ast.Call, function: Function) -> bool:
    """Whether a call of this name can be one of ``function``: methods are called on something."""
    if isinstance(call.func, ast.Name):
        return not is_method(function) or function.name == "__init__"
    return is_method(function) or function.qualname != function.name or isinstance(call.func, ast.Attribute)


def best_of(evidence: Iterable[Evidence]) -> Guess | None:
    """The type that enough speaks for to build on it; None as long as a part of it is unknown."""
    found = list(evidence)
    groups: dict[str, list[Evidence]] = {}
    for piece in found:
        if piece.shape != NONE:
            groups.setdefault(family(piece.shape), []).append(piece)
    nones = [e for e in found if e.shape == NONE]
    if not groups:
        weight = weight_of(nones)
        return Guess(NONE, weight) if weight >= _SETTLED else None
    first = max(groups.values(), key=weight_of)
    shape, weight = union(e.shape for e in first), weight_of(first)
    if shape is None or weight < _SETTLED or not is_complete(shape):
        return None
    return Guess((union((shape, NONE)) or shape) if nones else shape, weight)


def family(shape: Shape) -> str:
    """Types that may be one type with more known about it are counted together."""
    return "number" if shape.name in ("int", "float") else shape.name


def weight_of(group: Iterable[Evidence]) -> float:
    """The weight of pieces together, where each origin counts once."""
    best: dict[str, float] = {}
    for piece in group:
        best[piece.origin] = max(best.get(piece.origin, 0.0), piece.weight)
    doubt = 1.0
    for weight in best.values():
        doubt *= 1.0 - weight
    return 1.0 - doubt


def _shape_of(written: object) -> Shape | None:
    return from_annotation(written.text) if isinstance(written, TypeExpr) else None


def _default(parameter: Parameter) -> Iterator[Evidence]:
    if parameter.default is None:
        return
    try:
        node = ast.parse(parameter.default, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    shape = type_of(node, Known({}, {}))
    if shape is not None:
        yield Evidence(shape, 0.6, "default", "default", f"the default {short(parameter.default)}")


def _specified(name: str, function: Function, known: Known) -> Iterator[Evidence]:
    for clause in function.clauses:
        tree = clause_tree(clause)
        if tree is not None:
            for use in uses_of(name, [tree], known):
                text = f"the clause {short(clause.text)}"
                origin = f"clause {clause.id}"
                yield Evidence(use.shape, use.weight, "clause", origin, text, clause.span.start.line)


def clause_tree(clause: Clause) -> ast.AST | None:
    """The expression of a clause that says something about values, None if it has none."""
    if clause.expression is None or clause.kind in ("example", "modifies", "effect"):
        return None
    try:
        return ast.parse(clause.expression, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _returned(node: Definition, function: Function, known: Known) -> Iterator[Evidence]:
    if function.is_generator:
        return
    shapes: list[Shape] = []
    unknown = False
    for statement in own_nodes(node):
        if isinstance(statement, ast.Return):
            shape = NONE if statement.value is None else type_of(statement.value, known)
            unknown = unknown or shape is None
            shapes.extend([] if shape is None else [shape])
    if not shapes and not unknown and not isinstance(node.body[-1], ast.Raise) and not _is_open(function):
        yield Evidence(NONE, 0.6, "body", "body", "no return gives a value")
    joined = union(shapes)
    if joined is not None:
        yield Evidence(joined, 0.4 if unknown else 0.8, "body", "body", "what it returns")


def _is_open(function: Function) -> bool:
    return any(hole.hole == "body" for hole in function.holes)


def short(text: str) -> str:
    """A text that fits into a message."""
    flat = " ".join(text.split())
    return flat if len(flat) <= 50 else flat[:47] + "..."
