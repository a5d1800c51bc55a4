"""Types for parameters that have none, so that the function can be run: from its doctests and defaults.

A guess is good for trying a function out and for nothing else: what it leads to is neither a proof nor a
refutation. Must not import z3.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from lift_ir import Example, Function, TypeExpr

ANYTHING = "int | str | list[int] | float | None"
"""Where nothing tells what a parameter takes: the values that code is written for most often."""


def typed_by_use(ir: Function) -> Function:
    """The function with a type for each parameter that has none."""
    seen: dict[str, dict[str, None]] = {}
    for name, value in _arguments(ir):
        text = _type_text(value)
        if text is not None:
            seen.setdefault(name, {})[text] = None
    parameters = []
    for parameter in ir.signature.parameters:
        if parameter.type.kind == "type-hole":
            default = (
                _type_text(ast.parse(parameter.default, mode="eval").body) if parameter.default else None
            )
            known = [*seen.get(parameter.name, ()), *([default] if default and default != "None" else [])]
            text = " | ".join(dict.fromkeys(known)) or ANYTHING
            parameter = parameter.model_copy(update={"type": TypeExpr(text=text)})
        parameters.append(parameter)
    return ir.model_copy(
        update={"signature": ir.signature.model_copy(update={"parameters": tuple(parameters)})}
    )


def _arguments(ir: Function) -> Iterator[tuple[str, ast.expr]]:
    """The arguments that the doctests pass, with the parameters that they are passed for."""
    names = [p.name for p in ir.signature.parameters]
    for clause in ir.clauses:
        if not isinstance(clause, Example):
            continue
        try:
            tree = ast.parse(clause.expression or "")
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            match node:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name == ir.name:
                    yield from zip(names, node.args, strict=False)
                    yield from ((k.arg, k.value) for k in node.keywords if k.arg)


def _type_text(node: ast.expr) -> str | None:
    """The type of a literal, as an annotation."""
    try:
        return _type_of(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _type_of(value: object) -> str | None:
    match value:
        case None:
            return "None"
        case bool() | int() | float() | str() | bytes():
            return type(value).__name__
        case list() | set() | frozenset():
            inner = _joined(value)
            return f"{type(value).__name__}[{inner}]" if inner else None
        case tuple():
            kinds = [_type_of(v) for v in value]
            return f"tuple[{', '.join(k for k in kinds if k)}]" if kinds and all(kinds) else None
        case dict():
            keys, values = _joined(value), _joined(value.values())
            return f"dict[{keys}, {values}]" if keys and values else None
    return None


def _joined(values: object) -> str | None:
    kinds = [_type_of(v) for v in values]  # type: ignore[attr-defined]
    return " | ".join(dict.fromkeys(k for k in kinds if k)) if kinds and all(kinds) else None
