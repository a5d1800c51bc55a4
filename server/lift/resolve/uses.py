"""What the way a name is used says about its type: in clauses and in the body of its function.

Each use is a piece of evidence with a weight; none of them is certain, since Python asks for no types.
Must not import a type checker.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lift.resolve.shapes import (
    BOOL,
    BYTES,
    FLOAT,
    INT,
    NONE,
    STR,
    Shape,
    element_of,
    from_annotation,
    is_number,
    list_of,
    of_literal,
    union,
)

_INTEGER_ONLY = (ast.FloorDiv, ast.Mod, ast.LShift, ast.RShift, ast.BitAnd, ast.BitOr, ast.BitXor)
_TEXT_METHODS = (
    *("casefold", "encode", "endswith", "format", "isalnum", "isalpha", "isdigit", "isspace", "join"),
    *("lower", "lstrip", "rstrip", "split", "splitlines", "startswith", "strip", "title", "upper", "zfill"),
)
_METHODS: dict[str, Shape] = {
    **dict.fromkeys(_TEXT_METHODS, STR),
    **dict.fromkeys(("append", "extend", "insert", "sort", "reverse"), Shape("list", (None,))),
    **dict.fromkeys(("items", "keys", "values", "setdefault"), Shape("dict", (None, None))),
    **dict.fromkeys(("union", "intersection", "difference", "issubset", "issuperset"), Shape("set", (None,))),
    **dict.fromkeys(("bit_length", "to_bytes"), INT),
    **dict.fromkeys(("is_integer", "hex"), FLOAT),
    "decode": BYTES,
}
_ORDERED = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)


@dataclass(frozen=True)
class Use:
    """One piece of evidence.

    Attributes:
        shape: The type that the use speaks for.
        weight: How strongly, from 0 to 1.
        text: The use as it is written.
        passed: Whether the name is passed on there, so that it has the type of what takes it.
    """

    shape: Shape
    weight: float
    text: str
    passed: bool = False


@dataclass(frozen=True)
class Taken:
    """An argument of a call, with the type that the called function takes it as, and how sure that is."""

    value: ast.expr
    shape: Shape
    weight: float


@dataclass(frozen=True)
class Known:
    """The types of the other names, of what functions return, and of what they take."""

    names: Mapping[str, Shape]
    functions: Mapping[str, Shape]
    takes: Callable[[ast.Call], Iterable[Taken]] | None = None

    def with_names(self, names: Mapping[str, Shape]) -> Known:
        """The same functions, seen among other names."""
        return Known(names, self.functions, self.takes)


def uses_of(name: str, trees: list[ast.AST], known: Known) -> tuple[Use, ...]:
    """Every piece of evidence for ``name`` in ``trees``."""
    return tuple(use for tree in trees for use in _walk(name, tree, known))


def type_of(node: ast.expr, known: Known) -> Shape | None:
    """The type of an expression, as far as literals, known names and operators tell."""
    literal = of_literal(node)
    if literal is not None and not (literal.args and None in literal.args):
        return literal
    match node:
        case ast.Name(id=name):
            return known.names.get(name)
        case ast.Attribute(value=ast.Name(id="self"), attr=name):
            return known.names.get(f"self.{name}")
        case ast.Compare() | ast.UnaryOp(op=ast.Not()):
            return BOOL
        case ast.UnaryOp(operand=operand):
            return type_of(operand, known)
        case ast.BoolOp(values=values):
            return union(s for s in (type_of(v, known) for v in values) if s is not None)
        case ast.IfExp(body=body, orelse=other):
            parts = (type_of(body, known), type_of(other, known))
            return None if None in parts else union(s for s in parts if s is not None)
        case ast.BinOp(left=left, op=op, right=right):
            return _operated(type_of(left, known), op, type_of(right, known))
        case ast.Subscript(value=value, slice=index):
            return _indexed(type_of(value, known), index)
        case ast.Call():
            return _called(node, known)
        case ast.List(elts=elements) if elements:
            return list_of(union(s for s in (type_of(e, known) for e in elements) if s is not None))
        case ast.Tuple(elts=elements):
            return Shape("tuple", tuple(type_of(e, known) for e in elements))
        case ast.ListComp(elt=element, generators=generators):
            return list_of(type_of(element, _bound(generators, known)))
        case ast.SetComp(elt=element, generators=generators):
            return Shape("set", (type_of(element, _bound(generators, known)),))
    return literal


def locals_of(node: ast.FunctionDef | ast.AsyncFunctionDef, known: Known) -> Known:
    """``known`` with the names that a function binds itself, where all that is bound to one has a type."""
    names = dict(known.names)
    unsure: set[str] = set()
    statements = _statements(node)
    for statement in statements:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            shape = type_of(statement.value, known.with_names(names))
            if isinstance(target, ast.Name) and target.id not in unsure:
                before = names.get(target.id)
                joined = shape if before is None else union(s for s in (before, shape) if s is not None)
                if shape is None or joined is None:
                    unsure.add(target.id)
                    names.pop(target.id, None)
                else:
                    names[target.id] = joined
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            shape = from_annotation(ast.unparse(statement.annotation))
            if shape is not None:
                names[statement.target.id] = shape
        elif isinstance(statement, ast.For | ast.AsyncFor) and isinstance(statement.target, ast.Name):
            inner = element_of(type_of(statement.iter, known.with_names(names)))
            if inner is not None and statement.target.id not in names:
                names[statement.target.id] = inner
    for statement in statements:
        _append(statement, names, known.functions)
    return known.with_names(names)


def _append(statement: ast.stmt, names: dict[str, Shape], functions: Mapping[str, Shape]) -> None:
    """``xs.append(e)`` says what an empty list is going to hold."""
    match statement:
        case ast.Expr(
            value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[element])
        ):
            before = names.get(name)
            if before is not None and before.name == "list":
                inner = type_of(element, Known(names, functions))
                joined = union(s for s in (before, Shape("list", (inner,))) if s is not None)
                names[name] = joined or before


@functools.lru_cache(maxsize=1024)
def _statements(node: ast.AST) -> tuple[ast.stmt, ...]:
    return tuple(_own_statements(node))


def _own_statements(node: ast.AST) -> Iterator[ast.stmt]:
    """The statements of a function, in order, without those of functions inside it."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt):
            yield child
        # No expression holds a statement.
        inside = isinstance(child, ast.stmt | ast.excepthandler | ast.match_case)
        if inside and not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from _own_statements(child)


def _operated(left: Shape | None, op: ast.operator, right: Shape | None) -> Shape | None:
    if is_number(left) and is_number(right):
        if isinstance(op, ast.Div):
            return FLOAT
        joined = union(s for s in (left, right) if s is not None)
        return INT if joined == BOOL else joined
    if isinstance(op, ast.Add) and left is not None and right is not None and left.name == right.name:
        return union((left, right))
    if isinstance(op, ast.Mult) and left is not None and left.name in ("list", "str", "tuple"):
        return left
    if isinstance(op, ast.Mod) and left == STR:
        return STR
    return None


def _indexed(value: Shape | None, index: ast.expr) -> Shape | None:
    if value is None:
        return None
    if isinstance(index, ast.Slice):
        return value
    if value.name == "dict":
        return value.args[1] if len(value.args) == 2 else None
    return element_of(value)


def _called(call: ast.Call, known: Known) -> Shape | None:
    match call.func:
        case ast.Name(id="len" | "ord" | "hash" | "int" | "id"):
            return INT
        case ast.Name(id="str" | "repr" | "chr" | "input" | "format"):
            return STR
        case ast.Name(id="bool" | "isinstance" | "all" | "any" | "callable" | "hasattr"):
            return BOOL
        case ast.Name(id="float"):
            return FLOAT
        case ast.Name(id="range"):
            return Shape("range")
        case ast.Name(id="sorted" | "list") if call.args:
            return list_of(element_of(type_of(call.args[0], known)))
        case ast.Name(id="set") if call.args:
            return Shape("set", (element_of(type_of(call.args[0], known)),))
        case ast.Name(id="list" | "dict" | "set" as name):
            return Shape(name, (None, None) if name == "dict" else (None,))
        case ast.Name(id="sum" | "min" | "max" | "abs" | "round") if call.args:
            if (isinstance(call.func, ast.Name) and call.func.id in ("abs", "round")) or len(call.args) > 1:
                return type_of(call.args[0], known)
            inner = element_of(_iterated(call.args[0], known))
            return INT if inner == BOOL else inner
        case ast.Name(id=name):
            return known.functions.get(name)
        case ast.Attribute(value=value, attr="join" | "strip" | "lower" | "upper" | "replace" | "format"):
            return STR if type_of(value, known) in (STR, None) else None
        case ast.Attribute(value=value, attr="split" | "splitlines"):
            return list_of(STR)
    return None


def _iterated(node: ast.expr, known: Known) -> Shape | None:
    if isinstance(node, ast.GeneratorExp):
        return list_of(type_of(node.elt, _bound(node.generators, known)))
    return type_of(node, known)


def _bound(generators: list[ast.comprehension], known: Known) -> Known:
    names = dict(known.names)
    for generator in generators:
        inner = element_of(type_of(generator.iter, known.with_names(names)))
        if isinstance(generator.target, ast.Name) and inner is not None:
            names[generator.target.id] = inner
    return known.with_names(names)


def _walk(name: str, tree: ast.AST, known: Known) -> Iterator[Use]:
    for node in ast.walk(tree):
        for shape, weight in _evidence(name, node, known):
            if shape is not None:
                yield Use(shape, weight, _written(node))
        if isinstance(node, ast.Call) and known.takes is not None:
            for taken in known.takes(node):
                if _is(name, taken.value):
                    yield Use(taken.shape, taken.weight, _written(node), passed=True)


def _evidence(name: str, node: ast.AST, known: Known) -> Iterator[tuple[Shape | None, float]]:
    match node:
        case ast.Compare():
            yield from _compared(name, node, known)
        case ast.BinOp(left=left, op=op, right=right):
            for mine, other in ((left, right), (right, left)):
                if _is(name, mine):
                    yield from _combined(op, type_of(other, known), mine is left)
        case ast.Call():
            yield from _passed(name, node, known)
        case ast.Subscript(value=value, slice=index) if _is(name, value):
            yield from _subscripted(node, index, known)
        case ast.For(target=target, iter=iterated, body=body) if _is(name, iterated):
            yield list_of(_element(target, [*body], known)), 0.4
        case ast.comprehension(iter=iterated) if _is(name, iterated):
            yield list_of(None), 0.3
        case ast.GeneratorExp() | ast.ListComp() | ast.SetComp() | ast.DictComp():
            for generator in node.generators:
                if _is(name, generator.iter):
                    yield list_of(_element(generator.target, [node], known)), 0.5
        case ast.UnaryOp(op=ast.Not(), operand=operand) if _is(name, operand):
            yield BOOL, 0.15
        case ast.UnaryOp(op=ast.USub(), operand=operand) if _is(name, operand):
            yield INT, 0.3
        case ast.Attribute(value=value, attr=method) if _is(name, value):
            yield _METHODS.get(method), 0.7
        case ast.AugAssign(target=target, op=op, value=value) if _is(name, target):
            yield from _combined(op, type_of(value, known), True)
        case ast.AugAssign(target=ast.Name() as target, op=op, value=value) if _is(name, value):
            yield from _combined(op, type_of(target, known), False)


def _compared(name: str, node: ast.Compare, known: Known) -> Iterator[tuple[Shape | None, float]]:
    sides = [node.left, *node.comparators]
    for op, left, right in zip(node.ops, sides, sides[1:], strict=False):
        for mine, other in ((left, right), (right, left)):
            if not _is(name, mine):
                continue
            if isinstance(op, ast.Is | ast.IsNot) and _is_none(other):
                yield NONE, 0.5
            elif isinstance(op, _ORDERED):
                yield type_of(other, known), 0.3 if _is_none(other) else 0.6
            elif isinstance(op, ast.In | ast.NotIn) and mine is left:
                yield element_of(type_of(other, known)), 0.6
            elif isinstance(op, ast.In | ast.NotIn):
                yield list_of(type_of(other, known)), 0.3
        # ``len(x)``, ``sum(x)`` and ``x[i]`` carry a comparison into the container.
        for mine, other in ((left, right), (right, left)):
            if isinstance(op, _ORDERED):
                yield _inside(name, mine, type_of(other, known)), 0.7


def _inside(name: str, node: ast.expr, value: Shape | None) -> Shape | None:
    match node:
        case ast.Call(func=ast.Name(id="sum" | "min" | "max"), args=[only]) if _is(name, only):
            return list_of(value) if value is not None else None
        case ast.Subscript(value=inner, slice=index) if _is(name, inner) and value is not None:
            if isinstance(index, ast.Constant) and isinstance(index.value, str):
                return Shape("dict", (STR, value))
            return list_of(value) if not isinstance(index, ast.Slice) else value
    return None


def _combined(op: ast.operator, other: Shape | None, is_left: bool) -> Iterator[tuple[Shape | None, float]]:
    if isinstance(op, _INTEGER_ONLY) and other in (INT, None):
        yield INT, 0.5 if other is None else 0.7
    elif isinstance(op, ast.Mod) and other is not None and is_left:
        yield STR if not is_number(other) else other, 0.4
    elif isinstance(op, ast.Div):
        yield FLOAT, 0.4
    elif isinstance(op, ast.Mult) and other is not None and not is_number(other):
        yield INT, 0.6
    elif other is not None:
        yield other, 0.6


def _passed(name: str, call: ast.Call, known: Known) -> Iterator[tuple[Shape | None, float]]:
    if not isinstance(call.func, ast.Name) or not any(_is(name, a) for a in call.args):
        return
    match call.func.id:
        case "len":
            yield list_of(None), 0.3
            yield STR, 0.2
        case "sum":
            yield list_of(INT), 0.4
        case "sorted" | "min" | "max" | "enumerate" | "reversed" | "all" | "any" if len(call.args) == 1:
            yield list_of(None), 0.3
        case "range" | "chr" | "bin" | "hex":
            yield INT, 0.8
        case "ord":
            yield STR, 0.8
        case "abs" | "round" | "divmod":
            yield INT, 0.3
        case "min" | "max":
            others = (type_of(a, known) for a in call.args if not _is(name, a))
            yield union(s for s in others if s is not None), 0.5
        case "implies" if _is(name, call.args[0]):
            yield BOOL, 0.5
        case "isinstance" if len(call.args) == 2 and _is(name, call.args[0]):
            wanted = call.args[1].elts if isinstance(call.args[1], ast.Tuple) else [call.args[1]]
            yield union(Shape(w.id) for w in wanted if isinstance(w, ast.Name)), 0.9


def _subscripted(node: ast.Subscript, index: ast.expr, known: Known) -> Iterator[tuple[Shape | None, float]]:
    key = type_of(index, known)
    if isinstance(index, ast.Slice):
        yield list_of(None), 0.3
    elif key == INT or key is None:
        yield list_of(None), 0.4 if key == INT else 0.2
    else:
        yield Shape("dict", (key, None)), 0.6


def _element(target: ast.expr, trees: list[ast.AST], known: Known) -> Shape | None:
    """The type of what a loop's target is bound to, from its own uses."""
    if not isinstance(target, ast.Name):
        return None
    found = [use for tree in trees for use in _walk(target.id, tree, known)]
    strong = [use.shape for use in found if use.weight >= 0.4]
    return union(strong)


def _is(name: str, node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _written(node: ast.AST) -> str:
    try:
        text = ast.unparse(node.iter) if isinstance(node, ast.For) else ast.unparse(node)
    except (RecursionError, ValueError, AttributeError):
        return ""
    first = text.partition("\n")[0]
    return first if len(first) <= 60 else first[:57] + "..."
