"""What a function's body does, by reading it: calls, globals, parameters that may change."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from lift_ir import Call

from lift.extract.bindings import ModuleNames
from lift.extract.draft import span_of
from lift.source import LineIndex


@dataclass(frozen=True)
class BodyFacts:
    calls: tuple[Call, ...] = ()
    is_generator: bool = False


def read_body(
    index: LineIndex, node: ast.FunctionDef | ast.AsyncFunctionDef, names: ModuleNames
) -> BodyFacts:
    calls: list[Call] = []
    generator = False
    stack: list[ast.AST] = list(node.body)[::-1]
    while stack:
        inner = stack.pop()
        if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            continue
        if isinstance(inner, ast.Yield | ast.YieldFrom):
            generator = True
        if isinstance(inner, ast.Call):
            callee = _dotted(inner.func)
            if callee:
                calls.append(Call(callee=callee, span=span_of(index, inner)))
        stack.extend(list(ast.iter_child_nodes(inner))[::-1])
    return BodyFacts(tuple(calls), generator)


def _dotted(node: ast.expr) -> str | None:
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
        return ".".join(reversed(parts))
    return None
