"""Which names a body binds: assignments, definitions, imports, handlers, patterns.

A name that a function binds anywhere is its own everywhere in it, so that a binding form that is missing here
would let a variable be mistaken for a global of the same name. Must not import z3.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

_SCOPES = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def names_bound_by(node: ast.AST) -> tuple[str, ...]:
    """The names that one node binds by itself, without those of the nodes inside it."""
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return (name,)
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return (name,)
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return (name,)
        case ast.MatchMapping(rest=str(name)):
            return (name,)
        case ast.alias():
            return ((node.asname or node.name).partition(".")[0],)
    return ()


def bound_by_class(node: ast.ClassDef) -> frozenset[str]:
    """The names that the body of a class binds: what its defaults and annotations see before the module's."""
    own = [n for s in node.body for n in ([s] if isinstance(s, _SCOPES) else ast.walk(s))]
    return bound_in(own)


def bound_in(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """The names that any of the nodes binds by itself."""
    return frozenset(name for node in nodes for name in names_bound_by(node))
