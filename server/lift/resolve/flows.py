"""Where a value goes on from a parameter: it is passed to another function, or returned as it is.

Each flow ties two types together, an open one to another that is open or written. Works on one module's
tree. Must not know how a type is found.
"""

from __future__ import annotations

import ast
import functools
import warnings
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from lift_ir import Class, Function, Module, Span, TypeHole

from lift.extract.nodes import span_of
from lift.source.positions import LineIndex

RETURN = "return"
Definition = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class End:
    """A place that has a type: a parameter of a function, or what it returns (``return``)."""

    function: Function
    name: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, End) and self._key == other._key

    def __hash__(self) -> int:
        # A function as a whole is large, and is hashed as a whole.
        return hash(self._key)

    @property
    def _key(self) -> tuple[str, int, str]:
        return self.function.qualname, self.function.name_span.start.line, self.name

    @property
    def hole(self) -> str | None:
        """The id of its type hole, None where the type is written."""
        written = self.type
        return written.hole if isinstance(written, TypeHole) else None

    @property
    def type(self) -> object:
        """What stands there as its type."""
        if self.name == RETURN:
            return self.function.signature.returns
        return next((p.type for p in self.function.signature.parameters if p.name == self.name), None)


@dataclass(frozen=True)
class Flow:
    """A value of ``start`` arrives at ``stop``.

    Attributes:
        exact: Whether nothing else can be meant by ``stop``'s type than ``start``'s: a parameter returned.
        text: What shows it, for people: ``g(x)``, ``return x``.
    """

    start: End
    stop: End
    text: str
    span: Span
    exact: bool = False

    @property
    def source(self) -> str | None:
        """The hole that waits: who passes a value on is decided by who takes it, a result by its value."""
        return self.start.hole if self.stop.name != RETURN else self.stop.hole

    @property
    def target(self) -> str:
        """The hole that is waited for, empty where that type is written."""
        return (self.stop.hole if self.stop.name != RETURN else self.start.hole) or ""


class _Key:
    """A module with its text, told apart by what they are made of: a module as a whole is costly to hash."""

    def __init__(self, module: Module, text: str) -> None:
        self.module, self.text = module, text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.module is other.module and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def flows_of(module: Module, text: str) -> tuple[Flow, ...]:
    """The flows between the functions of a module; none of a text that does not parse."""
    return _flows_of(_Key(module, text))


@functools.lru_cache(maxsize=4)
def _flows_of(key: _Key) -> tuple[Flow, ...]:
    module, text = key.module, key.text
    tree = parsed(text)
    if tree is None:
        return ()
    index = LineIndex(text)
    functions = module.all_functions()
    by_line = {f.name_span.start.line: f for f in functions}
    by_name = {f.qualname: f for f in functions}
    classes = {c.qualname: c for c in module.classes}
    found: list[Flow] = []
    for node in ast.walk(tree):
        if isinstance(node, Definition):
            owner = by_line.get(node.lineno)
            if owner is not None and owner.name == node.name:
                found += _of_function(index, owner, node, by_name, classes)
    return tuple(found)


def _of_function(
    index: LineIndex,
    owner: Function,
    node: Definition,
    functions: dict[str, Function],
    classes: dict[str, Class],
) -> Iterator[Flow]:
    names = {p.name for p in owner.signature.parameters if not p.style.startswith("var-")}
    steady = names - _rebound(node)

    def flow(start: End, stop: End, shown: ast.expr | ast.stmt, *, exact: bool = False) -> Flow:
        span = span_of(index, shown)
        return Flow(start, stop, " ".join(index.text_at(span).split()), span, exact)

    for inner in own_nodes(node):
        if isinstance(inner, ast.Call):
            callee = callee_of(inner, owner, functions, classes)
            if callee is None or callee is owner:
                continue
            for parameter, value in arguments_of(inner, callee):
                if isinstance(value, ast.Name) and value.id in steady:
                    yield flow(End(owner, value.id), End(callee, parameter), inner)
        elif isinstance(inner, ast.Return) and inner.value is not None and not owner.is_generator:
            value = inner.value
            if isinstance(value, ast.Name) and value.id in steady:
                yield flow(End(owner, value.id), End(owner, RETURN), inner, exact=True)
            elif isinstance(value, ast.Call):
                callee = callee_of(value, owner, functions, classes)
                if callee is not None and callee is not owner and callee.name != "__init__":
                    yield flow(End(callee, RETURN), End(owner, RETURN), inner, exact=True)


def tied(module: Module, text: str, end: End) -> tuple[End, ...]:
    """The other places with the same type variable: a value goes between them as it is."""
    found = {end}
    todo = [end]
    flows = flows_of(module, text)
    while todo:
        here = todo.pop()
        for flow in flows:
            for one, other in ((flow.start, flow.stop), (flow.stop, flow.start)):
                if one == here and other not in found:
                    found.add(other)
                    todo.append(other)
    return tuple(sorted(found - {end}, key=lambda e: (e.function.qualname, e.name)))


def parsed(text: str) -> ast.Module | None:
    """A text's tree without the warnings that Python has about it, None if it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes inside a function, without those of the functions and classes inside it."""
    todo = deque(ast.iter_child_nodes(node))
    while todo:
        inner = todo.popleft()
        yield inner
        if not isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            todo.extend(ast.iter_child_nodes(inner))


def callee_of(
    call: ast.Call, owner: Function | None, functions: dict[str, Function], classes: dict[str, Class]
) -> Function | None:
    """The function of the module that a call calls, as far as its name says."""
    match call.func:
        case ast.Name(id=name):
            if name in classes:
                return functions.get(f"{name}.__init__")
            nested = functions.get(f"{owner.qualname}.<locals>.{name}") if owner is not None else None
            return nested or functions.get(name)
        case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name) if owner is not None:
            return functions.get(f"{owner.qualname.rpartition('.')[0]}.{name}")
        case ast.Attribute(value=ast.Name(id=head), attr=name) if head in classes:
            return functions.get(f"{head}.{name}")
    return None


def arguments_of(call: ast.Call, callee: Function) -> Iterator[tuple[str, ast.expr]]:
    """The arguments of a call with the names of the parameters that they are bound to."""
    positional = [p.name for p in callee.signature.parameters if p.style.startswith("positional")]
    if is_method(callee) and not _is_unbound(call, callee):
        positional = positional[1:]
    for name, value in zip(positional, call.args, strict=False):
        if isinstance(value, ast.Starred):
            break
        yield name, value
    named = {
        p.name for p in callee.signature.parameters if p.style in ("positional-or-keyword", "keyword-only")
    }
    for keyword in call.keywords:
        if keyword.arg in named:
            yield keyword.arg, keyword.value


def is_method(function: Function) -> bool:
    """Whether its first parameter is bound by the way it is called."""
    around = function.qualname.rpartition(".")[0]
    static = any(d.rpartition(".")[2] == "staticmethod" for d in function.decorators)
    return bool(around) and not around.endswith("<locals>") and not static


def _is_unbound(call: ast.Call, callee: Function) -> bool:
    """``Cart.add(cart, 1)`` passes what ``cart.add(1)`` binds."""
    around = callee.qualname.rpartition(".")[0]
    bound_to_class = any(d.rpartition(".")[2] == "classmethod" for d in callee.decorators)
    written = isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) == around
    return written and not bound_to_class


def _rebound(node: Definition) -> set[str]:
    """The names that a function binds itself, so that they need not hold what was passed."""
    return {
        inner.id
        for inner in own_nodes(node)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store | ast.Del)
    }
