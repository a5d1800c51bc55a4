"""What names stand for in a module and behind import statements, by their dotted names. Runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterable


def imported(statements: Iterable[str]) -> dict[str, str]:
    """What import statements bind, with the dotted name that each stands for."""
    found: dict[str, str] = {}
    for text in statements:
        for node in ast.parse(text).body:
            found |= bound_by(node)
    return found


def modules_in(code: str, imports: Iterable[str] = ()) -> tuple[str, ...]:
    """The modules that a candidate may import from, as it names them; none if it is no Python."""
    found: dict[str, None] = {}
    for text in (code, *imports):
        try:
            nodes = list(ast.walk(ast.parse(text)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in nodes:
            match node:
                case ast.Import(names=aliases):
                    found |= dict.fromkeys(a.name for a in aliases)
                case ast.ImportFrom(names=aliases, module=module, level=level):
                    inside = "." * level + (module or "")
                    # What is imported from a package may be a module of it.
                    inner = (f"{inside}.{a.name}" if module else f"{inside}{a.name}" for a in aliases)
                    found |= dict.fromkeys([*([inside] if module else []), *inner])
    return tuple(found)


def bound_by(node: ast.AST) -> dict[str, str]:
    match node:
        case ast.Import(names=aliases):
            return {
                a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0]
                for a in aliases
            }
        case ast.ImportFrom(names=aliases, module=module, level=level):
            return {a.asname or a.name: f"{'.' * level}{module or ''}.{a.name}" for a in aliases}
    return {}


def bindings_of(module: ast.Module) -> dict[str, str]:
    """What the names of a module stand for: imports by their dotted names, everything else by ``""``."""
    found: dict[str, str] = {}
    pending: list[ast.AST] = list(module.body)
    while pending:
        node = pending.pop()
        match node:
            case ast.Import() | ast.ImportFrom():
                found = {**bound_by(node), **found}
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found[name] = ""
            case ast.Name(id=name, ctx=ast.Store()):
                found[name] = ""
            case _:
                pending.extend(ast.iter_child_nodes(node))
    return found
