"""Signatures, and the holes in them: annotations that a specified function lacks, bodies not written yet.

Must not import other parts of lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
import re

from lift_ir import Constraint, Hole, Parameter, Signature, SignatureType, TypeExpr, TypeHole

from lift.extract.draft import Draft
from lift.extract.nodes import name_span, source_of, span_of
from lift.source import LineIndex

_PARAMETER = Parameter.__pydantic_validator__.validate_python
Def = ast.FunctionDef | ast.AsyncFunctionDef


def read_signature(
    index: LineIndex,
    node: Def,
    qualname: str,
    descriptions: dict[str, str],
    receiver: str | None,
    owner: str | None,
) -> Signature:
    """The parameters with their types, and the type of the result."""
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    first_of_method = owner is not None and bool(positional)
    parameters: list[Parameter] = []

    def add(argument: ast.arg, style: str, default: ast.expr | None) -> None:
        kind: SignatureType | dict[str, str]
        if argument.annotation is not None:
            note = argument.annotation
            kind = TypeExpr(text=source_of(index, note), span=span_of(index, note))
        elif first_of_method and argument is positional[0] and (known := _implied(node, receiver, owner)):
            kind = TypeExpr(text=known)
        else:
            kind = {"kind": "type-hole", "hole": f"{qualname}:type:{argument.arg}"}
        line, column = argument.lineno, index.column_of_byte(argument.lineno, argument.col_offset)
        end = {"line": line, "column": column + len(argument.arg)}
        content = {
            "name": argument.arg,
            "style": style,
            "type": kind,
            "default": None if default is None else source_of(index, default),
            "description": descriptions.get(argument.arg, ""),
            "span": {"start": {"line": line, "column": column}, "end": end},
        }
        parameters.append(_PARAMETER(content))

    for number, argument in enumerate(positional):
        style = "positional-only" if number < len(arguments.posonlyargs) else "positional-or-keyword"
        add(argument, style, defaults[number])
    if arguments.vararg is not None:
        add(arguments.vararg, "var-positional", None)
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        add(argument, "keyword-only", default)
    if arguments.kwarg is not None:
        add(arguments.kwarg, "var-keyword", None)
    returns: SignatureType
    if node.returns is not None:
        returns = TypeExpr(text=source_of(index, node.returns), span=span_of(index, node.returns))
    elif owner is not None and node.name == "__init__":
        returns = TypeExpr(text="None")
    else:
        returns = TypeHole(hole=f"{qualname}:type:return")
    return Signature(parameters=tuple(parameters), returns=returns)


def _implied(node: Def, receiver: str | None, owner: str | None) -> str | None:
    """The type of a method's first parameter, which nobody writes."""
    if receiver is not None:
        return owner
    if node.name == "__new__" or any(
        isinstance(d, ast.Name) and d.id == "classmethod" for d in node.decorator_list
    ):
        return f"type[{owner}]"
    return None


def intent_hole(index: LineIndex, node: Def, qualname: str) -> dict[str, Hole]:
    """The summary that a specified function lacks."""
    key = f"{qualname}:intent:intent"
    question = f"What is `{node.name}` for?"
    return {key: Hole(id=key, hole="intent", name="intent", question=question, span=name_span(index, node))}


def type_holes(draft: Draft, signature: Signature, node: Def, qualname: str) -> dict[str, Hole]:
    """The annotations that a specified function lacks."""
    found: dict[str, Hole] = {}
    for parameter in signature.parameters:
        if isinstance(parameter.type, TypeHole):
            question = f"What type is `{parameter.name}`?"
            found[parameter.type.hole] = Hole(
                id=parameter.type.hole,
                hole="type",
                name=parameter.name,
                question=question,
                span=parameter.span,
                constraints=_bearing_on(draft, parameter.name),
            )
    if isinstance(signature.returns, TypeHole):
        found[signature.returns.hole] = Hole(
            id=signature.returns.hole,
            hole="type",
            name="return",
            question=f"What type does `{node.name}` return?",
            span=name_span(draft.index, node),
            constraints=_bearing_on(draft, draft.scope.result),
        )
    return found


def _bearing_on(draft: Draft, name: str) -> tuple[Constraint, ...]:
    """The clauses that mention a name."""
    mention = re.compile(rf"\b{re.escape(name)}\b")
    return tuple(
        Constraint(text=clause.expression, origin=clause.kind, span=clause.span)
        for clause in draft.clauses
        if clause.expression is not None and clause.kind != "example" and mention.search(clause.expression)
    )


def body_hole(index: LineIndex, node: Def, qualname: str, documented: bool) -> dict[str, Hole]:
    """The hole that a body of ``...`` or ``raise NotImplementedError`` is."""
    body = node.body[1:] if documented else node.body
    if len(body) != 1 or not is_open_body(body[0]):
        return {}
    key = f"{qualname}:body:body"
    question = f"How does `{node.name}` do it?"
    return {key: Hole(id=key, hole="body", name="body", question=question, span=span_of(index, body[0]))}


def is_open_body(statement: ast.stmt) -> bool:
    """Whether a statement that is a body alone says only that the body is not written yet."""
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) and statement.value.value is ...
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    return False
