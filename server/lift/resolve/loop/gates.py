"""What a candidate's text alone shows: that its names and imports can mean something.

Nothing runs and nothing is imported here.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterator

from lift_ir import Function

from lift.resolve.loop.bindings import bindings_of, bound_by, imported
from lift.resolve.loop.draft import Draft
from lift.resolve.loop.installed import Installed
from lift.resolve.loop.refusal import Refusal

_BUILTINS = frozenset(dir(builtins))


def names(draft: Draft, module: ast.Module) -> None:
    """Every name means something where the body will stand.

    Args:
        module: The user's module.

    Raises:
        Refusal: A name that nothing binds.
    """
    bound = {*bindings_of(module), *_BUILTINS, "__name__", "__file__", "__class__"} | set(
        imported(draft.imports)
    )
    text = ast.unparse(ast.Module([draft.node], []))
    table = symtable.symtable(text, "<candidate>", "exec")
    definition = next(c for c in table.get_children() if c.get_name() == draft.node.name)
    for inner in _tables(definition):
        for symbol in inner.get_symbols():
            name = symbol.get_name()
            if symbol.is_global() and symbol.is_referenced() and name not in bound:
                where = next(
                    (n.lineno for n in ast.walk(draft.node) if isinstance(n, ast.Name) and n.id == name), None
                )
                shown = f" (line {where})" if where is not None else ""
                raise Refusal("names", f"nothing is called `{name}` there{shown}")


def _tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield table
    for child in table.get_children():
        yield from _tables(child)


def imports(draft: Draft, function: Function, module: ast.Module, installed: Installed) -> tuple[str, ...]:
    """The import statements that the body needs at the head of the module.

    Raises:
        Refusal: One of something that is neither the project's nor installed, or that would change what
            another name of the module means.
    """
    inner = [n for s in draft.body for n in ast.walk(s) if isinstance(n, ast.Import | ast.ImportFrom)]
    outer = [ast.parse(text).body[0] for text in draft.imports]
    for node in [*outer, *inner]:
        assert isinstance(node, ast.Import | ast.ImportFrom)
        why = installed.missing(node)
        if why is not None:
            raise Refusal("imports", f"`{ast.unparse(node)}`: {why}")
    used = {n.id for s in draft.body for n in ast.walk(s) if isinstance(n, ast.Name)}
    stated = _names_in_clauses(function)
    own = bindings_of(module)
    wanted: list[str] = []
    for node, text in zip(outer, draft.imports, strict=True):
        for name, target in bound_by(node).items():
            if target.startswith("__future__.") or name not in used:
                continue
            if name in own:
                if own[name] != target:
                    raise Refusal("imports", f"`{text}` would change what {name} means in this file")
                continue
            if name in _BUILTINS:
                raise Refusal("imports", f"`{text}` would hide the builtin {name}")
            if name in stated and name != target.partition(".")[0]:
                raise Refusal("imports", f"`{text}` would change what {name} means in the specification")
            wanted.append(text)
    return tuple(wanted)


def _names_in_clauses(function: Function) -> set[str]:
    found: set[str] = set()
    for clause in function.clauses:
        if clause.expression:
            try:
                tree = ast.parse(clause.expression)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            found |= {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    return found
