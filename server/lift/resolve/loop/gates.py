"""What a candidate's text alone shows: that its names, imports and results can mean something.

Nothing runs and nothing is imported here.
"""

from __future__ import annotations

import ast
import builtins
import symtable
from collections.abc import Iterable, Iterator

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


# Types.


def types(draft: Draft, own: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """What it returns fits the annotation, as far as the text alone tells.

    Raises:
        Refusal: A result that cannot be of the annotated type, or none where one is promised.
    """
    returns, yields = _own_returns(draft.body)
    annotation = own.returns
    if annotation is None:
        return
    text = ast.unparse(annotation)
    head = text.partition("[")[0].rpartition(".")[2]
    generator = head in (
        "Iterator",
        "Iterable",
        "Generator",
        "AsyncIterator",
        "AsyncIterable",
        "AsyncGenerator",
    )
    if yields and not generator:
        raise Refusal("types", f"it yields, although it returns {text}")
    if yields:
        return
    values = [r for r in returns if r.value is not None and not _is_none(r.value)]
    if text == "None":
        if values:
            raise Refusal("types", f"it returns `{_shown(values[0])}` (line {values[0].lineno}), not None")
        return
    if head in ("NoReturn", "Never"):
        if returns:
            raise Refusal("types", f"it returns (line {returns[0].lineno}), although it says {text}")
        return
    optional = any(w in text for w in ("None", "Optional", "Any", "object"))
    if not optional:
        empty = [r for r in returns if r.value is None or _is_none(r.value)]
        if empty:
            raise Refusal("types", f"it returns None (line {empty[0].lineno}), not {text}")
        if _may_fall_off(draft.body):
            raise Refusal("types", f"it may end without returning a value, although it returns {text}")
    for one in values:
        assert one.value is not None
        made = _plain_type(one.value)
        if made is not None and text in _PLAIN and not _fits(made, text):
            raise Refusal("types", f"`{_shown(one)}` (line {one.lineno}) is of type {made}, not {text}")


_PLAIN = frozenset(["int", "float", "str", "bool", "bytes", "complex"])
_WIDER = {("bool", "int"), ("bool", "float"), ("int", "float"), ("bool", "complex"), ("int", "complex")}


def _fits(made: str, wanted: str) -> bool:
    return made == wanted or (made, wanted) in _WIDER or (made, wanted) == ("float", "complex")


def _shown(node: ast.Return) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _plain_type(node: ast.expr) -> str | None:
    """The type of a display or a constant; None if the text does not tell."""
    match node:
        case ast.Constant(value=value) if value is not None and value is not ...:
            return type(value).__name__
        case ast.JoinedStr():
            return "str"
        case ast.List() | ast.ListComp():
            return "list"
        case ast.Dict() | ast.DictComp():
            return "dict"
        case ast.Set() | ast.SetComp():
            return "set"
        case ast.Tuple():
            return "tuple"
        case ast.Lambda():
            return "function"
    return None


def _own_returns(body: Iterable[ast.stmt]) -> tuple[list[ast.Return], bool]:
    """The function's own return statements, and whether it yields."""
    returns: list[ast.Return] = []
    yields = False
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.Return):
            returns.append(node)
        yields = yields or isinstance(node, ast.Yield | ast.YieldFrom)
        pending.extend(ast.iter_child_nodes(node))
    return sorted(returns, key=lambda r: r.lineno), yields


def _may_fall_off(body: Iterable[ast.stmt]) -> bool:
    """Whether control may plainly reach the end of a body; False where that takes more than reading it."""
    statements = list(body)
    last = statements[-1] if statements else ast.Pass()
    match last:
        case ast.Return() | ast.Raise():
            return False
        case ast.If(body=then, orelse=other):
            return _may_fall_off(then) or _may_fall_off(other)
        case ast.While(test=ast.Constant(value=value)) if value:
            return False
        case ast.With() | ast.AsyncWith() | ast.Try() | ast.TryStar() | ast.Match():
            return False
        case ast.Assert(test=ast.Constant(value=False)):
            return False
    return True
