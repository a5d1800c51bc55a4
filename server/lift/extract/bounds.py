"""Bounds that annotations state: ``Annotated[int, Gt(0)]`` and pydantic's or msgspec's fields.

Only names that the module imports from those libraries count. Must not import other parts of lift than
this package.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from lift_ir import ClauseSource, Ensures, Requires

from lift.extract import notation
from lift.extract.bindings import ModuleNames
from lift.extract.draft import Draft, clause_id
from lift.extract.nodes import span_of

_COMPARISONS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_LENGTHS = {"min_length": ">=", "max_length": "<="}
_SINGLE = {
    "Gt": "gt", "Ge": "ge", "Lt": "lt", "Le": "le", "MultipleOf": "multiple_of", "MinLen": "min_length",
    "MaxLen": "max_length",
}  # fmt: skip
_KEYWORDED = frozenset({"Interval", "Field", "Meta"})
_LIBRARIES = ("annotated_types", "pydantic", "msgspec")


@dataclass(frozen=True)
class Bound:
    """One bound: its name in pydantic's words, its value, and the node that states it."""

    name: str
    value: ast.expr
    node: ast.expr | ast.keyword
    source: ClauseSource


def read_bounds(draft: Draft, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    """Adds the bounds that a function's annotations and defaults state."""
    arguments = node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    pairs = [
        *zip(positional, defaults, strict=True),
        *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True),
    ]
    names = draft.scope.module
    for argument, default in pairs:
        note = argument.annotation
        found = list(_of_annotation(names, note)) if note is not None else []
        if isinstance(default, ast.Call):
            found.extend(_of_call(names, default, "field"))
        if found:
            nothing = isinstance(default, ast.Constant) and default.value is None
            _add(draft, Requires, argument.arg, found, optional=nothing or _may_be_none(note))
    if node.returns is not None and (found := list(_of_annotation(names, node.returns))):
        _add(draft, Ensures, draft.scope.result, found, optional=_may_be_none(node.returns))


def _add(
    draft: Draft, clause: type[Requires] | type[Ensures], name: str, bounds: list[Bound], *, optional: bool
) -> None:
    kind = "requires" if clause is Requires else "ensures"
    for bound in bounds:
        value = notation.unparse(bound.value)
        expression = (
            None if value is None else notation.parse(_expression(name, bound.name, value)).expression
        )
        if expression is None:
            continue
        if optional:
            expression = f"{name} is None or {expression}"
        span = span_of(draft.index, bound.node)
        draft.written = True
        draft.clauses.append(
            clause(
                id=clause_id(kind, expression),
                text=draft.index.text_at(span),
                expression=expression,
                span=span,
                source=bound.source,
            )
        )


def _expression(name: str, bound: str, value: str) -> str:
    if bound in _COMPARISONS:
        return f"{name} {_COMPARISONS[bound]} ({value})"
    if bound in _LENGTHS:
        return f"len({name}) {_LENGTHS[bound]} ({value})"
    return f"{name} % ({value}) == 0"


def _of_annotation(names: ModuleNames, note: ast.expr) -> Iterator[Bound]:
    """The bounds of an annotation that is ``Annotated[…]``, or that with ``None`` beside it."""
    if isinstance(note, ast.BinOp):
        sides = [side for side in (note.left, note.right) if not _is_none(side)]
        if len(sides) == 1:
            yield from _of_annotation(names, sides[0])
        return
    if not isinstance(note, ast.Subscript):
        return
    head = _last_name(note.value)
    if head == "Optional":
        yield from _of_annotation(names, note.slice)
    elif head == "Annotated" and isinstance(note.slice, ast.Tuple):
        for metadata in note.slice.elts[1:]:
            if isinstance(metadata, ast.Call):
                source: ClauseSource = "field" if _last_name(metadata.func) == "Field" else "annotated"
                yield from _of_call(names, metadata, source)


def _of_call(names: ModuleNames, call: ast.Call, source: ClauseSource) -> Iterator[Bound]:
    """The bounds that a call such as ``Gt(0)`` or ``Field(ge=0, le=9)`` states."""
    name = _last_name(call.func)
    if name not in _SINGLE and name not in _KEYWORDED and name != "Len":
        return
    root: ast.expr = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    binding = names.get(root.id) if isinstance(root, ast.Name) else None
    if binding is None or binding.kind != "import" or not binding.target.startswith(_LIBRARIES):
        return
    if name in _SINGLE:
        values = [*call.args, *(keyword.value for keyword in call.keywords)]
        if len(values) == 1:
            yield Bound(_SINGLE[name], values[0], call, source)
        return
    if name == "Len":
        for value, bound in zip(call.args, ("min_length", "max_length"), strict=False):
            yield Bound(bound, value, value, source)
    known = {*_COMPARISONS, *_LENGTHS, "multiple_of"}
    for keyword in call.keywords:
        nothing = isinstance(keyword.value, ast.Constant) and keyword.value.value is None
        if keyword.arg in known and not nothing:
            yield Bound(keyword.arg, keyword.value, keyword, source)


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _may_be_none(note: ast.expr | None) -> bool:
    """True if ``None`` or ``Optional`` occurs in the type itself; metadata does not count."""
    if note is None:
        return False
    if isinstance(note, ast.Subscript) and _last_name(note.value) == "Annotated":
        return isinstance(note.slice, ast.Tuple) and _may_be_none(note.slice.elts[0])
    if isinstance(note, ast.Subscript):
        members = note.slice.elts if isinstance(note.slice, ast.Tuple) else [note.slice]
        return _last_name(note.value) == "Optional" or (
            _last_name(note.value) == "Union" and any(_may_be_none(member) for member in members)
        )
    if isinstance(note, ast.BinOp):
        return _may_be_none(note.left) or _may_be_none(note.right)
    return _is_none(note) or _last_name(note) in {"Any", "object"}
