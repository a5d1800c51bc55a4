"""Terms that are open in the code: ``...`` where only a value makes sense.

``...`` is an object of its own, which arrays are indexed with, type stubs have for defaults and libraries
for sentinels. Only places are read in which it could not stay: operands, conditions, what is returned or
assigned, defaults, and arguments of builtins that take numbers or containers. A function that asks whether
something ``is ...`` means the object. Must not import other parts of lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from lift_ir import Hole

from lift.extract.draft import shortened
from lift.extract.nodes import source_of, span_of
from lift.extract.walking import Def
from lift.source import LineIndex

_BUILTINS = frozenset(["abs", "divmod", "len", "max", "min", "pow", "range", "round", "sorted", "sum"])
_LONGEST = 60

Around = ast.expr | ast.stmt | ast.arg
Place = tuple[ast.expr, Around, str, str | None]
"""The ``...``, what it stands in, what it is called there, and its type if that is written."""


def terms_in_code(
    index: LineIndex, node: Def, qualname: str, statements: Sequence[ast.stmt], known: Collection[str]
) -> dict[str, Hole]:
    """The open terms of a function's body and defaults, in the order of their places.

    Args:
        statements: The body without the docstring.
        known: The ids of the holes that the function has already.
    """
    try:
        places = [] if _means_the_object(statements) else [*_defaults(node), *_places(statements, node)]
    except RecursionError:
        return {}
    found: dict[str, Hole] = {}
    for dots, around, name, type_ in places:
        key, count = f"{qualname}:term:{name}", 1
        while key in known or key in found:
            count += 1
            key = f"{qualname}:term:{name}_{count}"
        found[key] = Hole(
            id=key,
            hole="term",
            name=key.rpartition(":")[2],
            type=type_,
            question=_question(index, around),
            span=span_of(index, dots),
        )
    return found


def _means_the_object(statements: Sequence[ast.stmt]) -> bool:
    """Whether the code looks for ``...`` or ``Ellipsis`` itself."""
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and node.id == "Ellipsis":
                return True
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Is | ast.IsNot) for op in node.ops):
                if any(_is_dots(one) for one in (node.left, *node.comparators)):
                    return True
            if isinstance(node, ast.MatchValue) and _is_dots(node.value):
                return True
    return False


def _defaults(node: Def) -> Iterator[Place]:
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    given = arguments.defaults
    pairs = [
        *zip(positional[len(positional) - len(given) :], given, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    for argument, default in pairs:
        if default is not None and _is_dots(default):
            type_ = ast.unparse(argument.annotation) if argument.annotation is not None else None
            yield default, argument, argument.arg, type_


def _places(statements: Sequence[ast.stmt], node: Def) -> Iterator[Place]:
    """The places in the body, outside of definitions inside it."""
    pending: list[ast.AST] = list(reversed(statements))
    while pending:
        one = pending.pop()
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        for value, name, type_ in _values(one, node):
            if _is_dots(value) and isinstance(one, ast.expr | ast.stmt):
                yield value, one, name, type_
        pending += reversed(list(ast.iter_child_nodes(one)))


def _values(one: ast.AST, node: Def) -> Iterator[tuple[ast.expr, str, str | None]]:
    """The expressions right below a node whose values count, with a name and a type where these are told."""
    match one:
        case ast.Return(value=value) if value is not None:
            yield value, "returned", ast.unparse(node.returns) if node.returns is not None else None
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield value, name, None
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=value) if value is not None:
            yield value, name, ast.unparse(annotation)
        case ast.AugAssign(value=value):
            yield value, "term", None
        case ast.If(test=value) | ast.While(test=value) | ast.Assert(test=value):
            yield value, "condition", "bool"
        case ast.IfExp(test=test, body=body, orelse=orelse):
            yield test, "condition", "bool"
            yield body, "term", None
            yield orelse, "term", None
        case ast.BinOp(left=left, right=right):
            yield left, "term", None
            yield right, "term", None
        case ast.UnaryOp(operand=operand):
            yield operand, "term", None
        case ast.BoolOp(values=values):
            for value in values:
                yield value, "condition", None
        case ast.Compare(left=left, comparators=rights):
            for value in (left, *rights):
                yield value, "term", None
        case ast.Call(func=ast.Name(id=name), args=args) if name in _BUILTINS:
            for value in args:
                yield value, "term", "int" if name == "range" else None


def _question(index: LineIndex, around: Around) -> str:
    if isinstance(around, ast.arg):
        return f"What is the default of `{around.arg}`?"
    return f"What is `...` in `{shortened(_shown(index, around), _LONGEST)}`?"


def _shown(index: LineIndex, around: Around) -> str:
    """The header or expression that a ``...`` stands in, on one line."""
    if isinstance(around, ast.If | ast.While):
        word = "if" if isinstance(around, ast.If) else "while"
        return f"{word} {' '.join(source_of(index, around.test).split())}"
    return " ".join(index.text_at(span_of(index, around)).split())


def _is_dots(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...
