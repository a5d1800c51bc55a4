"""What a class has: the attributes that it declares, and all those that its objects are known to have.

Must not import other parts of lift than ``source`` and this package.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

from lift_ir import Attribute, TypeExpr

from lift.extract.nodes import DEFINITIONS, inner_statements, source_of, span_of
from lift.extract.notation import unparse
from lift.source import LineIndex

_OPEN_BASES = frozenset({"object", "ABC", "abc.ABC"})
_DATACLASS = re.compile(r"(?:dataclasses\.)?dataclass\b")


def declared_attributes(index: LineIndex, node: ast.ClassDef) -> tuple[Attribute, ...]:
    """The attributes that the class's body and its ``__init__`` declare."""
    found: dict[str, Attribute] = {}
    for statement in node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            _add_attribute(index, found, statement.target.id, statement.target, statement)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    _add_attribute(index, found, target.id, target, statement)
        elif isinstance(statement, ast.FunctionDef) and statement.name == "__init__" and statement.args.args:
            receiver = statement.args.args[0].arg
            for inner in _statements(statement.body):
                if not isinstance(inner, ast.Assign | ast.AnnAssign):
                    continue
                for target in inner.targets if isinstance(inner, ast.Assign) else [inner.target]:
                    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                        if target.value.id == receiver:
                            _add_attribute(index, found, target.attr, target, inner, of_class=False)
    return tuple(found.values())


def _add_attribute(
    index: LineIndex,
    found: dict[str, Attribute],
    name: str,
    target: ast.expr,
    statement: ast.Assign | ast.AnnAssign,
    *,
    of_class: bool = True,
) -> None:
    if name in found and (found[name].type is not None or isinstance(statement, ast.Assign)):
        return
    note = statement.annotation if isinstance(statement, ast.AnnAssign) else None
    default = statement.value if of_class else None
    found[name] = Attribute(
        name=name,
        type=None if note is None else TypeExpr(text=source_of(index, note), span=span_of(index, note)),
        default=None if default is None else source_of(index, default),
        span=span_of(index, target),
    )


def known_attributes(node: ast.ClassDef) -> frozenset[str] | None:
    """The names that instances are known to have; None if a base or decorator may add others."""
    if any((unparse(base) or "") not in _OPEN_BASES for base in node.bases) or node.keywords:
        return None
    if any(not _DATACLASS.match(unparse(decorator) or "") for decorator in node.decorator_list):
        return None
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Attribute):
            # Whatever is stored under any name may be stored in this object by another.
            if not isinstance(inner.ctx, ast.Load):
                found.add(inner.attr)
        elif (
            isinstance(inner, ast.Call)
            and isinstance(inner.func, ast.Name)
            and inner.func.id in {"setattr", "vars"}
        ):
            return None
    for statement in _statements(node.body):
        if isinstance(statement, DEFINITIONS):
            found.add(statement.name)
            if statement.name in {"__getattr__", "__getattribute__"}:
                return None
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            return None
        else:
            found.update(
                n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            )
            if any(isinstance(n, ast.Constant) and isinstance(n.value, str) for n in ast.walk(statement)):
                # __slots__ and the like name attributes in strings.
                found.update(
                    n.value
                    for n in ast.walk(statement)
                    if isinstance(n, ast.Constant) and isinstance(n.value, str)
                )
    return frozenset(found)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a block and of its branches, not those of definitions in it."""
    stack = list(body)[::-1]
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, DEFINITIONS):
            stack.extend(inner_statements(node)[::-1])


def stored_names(node: ast.FunctionDef | ast.AsyncFunctionDef) -> frozenset[str]:
    """The names that a function's own body binds."""
    found: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and not isinstance(inner.ctx, ast.Load):
            found.add(inner.id)
        elif isinstance(inner, DEFINITIONS):
            found.add(inner.name)
        elif isinstance(inner, ast.alias):
            found.add(inner.asname or inner.name.partition(".")[0])
        elif isinstance(inner, ast.ExceptHandler) and inner.name:
            found.add(inner.name)
    return frozenset(found)
