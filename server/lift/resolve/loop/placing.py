"""Puts a body where the old one stands: one edit for it and one for the imports, and nothing else moves.

Works on spans of the text, so that docstring, comments outside the body, decorators and line ends stay.
"""

from __future__ import annotations

import ast
import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from lift_ir import Function, Position, Span

from lift.edit import Edit, add_imports, apply
from lift.edit.text import line_end
from lift.resolve.loop.draft import Definition, Draft
from lift.source.blocks import indented
from lift.source.positions import LineIndex


@dataclass(frozen=True)
class Placed:
    """A text with a candidate's body in it.

    Attributes:
        edits: What makes it of the text before.
        code: The definition as it would stand there.
        added: Lines that the change adds.
        removed: Lines that it takes away.
        imports: The import statements that are added.
    """

    text: str
    edits: tuple[Edit, ...]
    code: str
    added: int
    removed: int
    imports: tuple[str, ...]


def place(text: str, function: Function, own: Definition, draft: Draft, imports: Sequence[str]) -> Placed:
    """The text with the draft's body in the function's place.

    Raises:
        Refusal: The place cannot be written to.
    """
    index = LineIndex(text)
    edit = _body_edit(index, function, own, draft)
    added = add_imports(text, imports)
    changed = apply(text, (*added, edit))
    before = index.text_at(edit.span)
    new, old = edit.text.splitlines(), before.splitlines()
    same = _common(old, new)
    statements = tuple(s for e in added for s in e.text.splitlines() if s.strip())
    return Placed(
        changed,
        (*added, edit),
        _definition_in(changed, function.qualname),
        len(new) - same + len(statements),
        len(old) - same,
        statements,
    )


def _body_edit(index: LineIndex, function: Function, own: Definition, draft: Draft) -> Edit:
    end, first = line_end(index.text), own.body[0]
    docstring, body = function.docstring_span, function.body_span
    start = index.from_ast(first.lineno, first.col_offset)
    before = index.line(start.line)[: start.column]
    last = body.end if body is not None else docstring.end if docstring is not None else start
    if before.strip():
        # All of it stands on the line of the header, and goes to lines of its own.
        prefix = _leading(before) + _unit(before)
        kept = [prefix + index.text_at(docstring)] if docstring is not None else []
        lines = [*kept, *indented(draft.text, prefix)]
        return Edit(Span(start=_at(start.line, len(before.rstrip())), end=last), end + end.join(lines))
    lines = indented(draft.text, before)
    if body is None:
        # What stands behind the docstring may be a comment.
        place = _at(last.line, len(index.line(last.line)))
        return Edit(Span(start=place, end=place), end + end.join(lines))
    if docstring is not None and docstring.end.line == body.start.line:
        return Edit(Span(start=docstring.end, end=body.end), end + end.join(lines))
    lines[0] = lines[0][len(before) :]
    return Edit(body, end.join(lines))


def _at(line: int, column: int) -> Position:
    return Position(line=line, column=column)


def _leading(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _unit(before: str) -> str:
    outer = _leading(before)
    return "\t" if outer.startswith("\t") else outer if 0 < len(outer) <= 4 else "    "


def _common(old: Sequence[str], new: Sequence[str]) -> int:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return sum(block.size for block in matcher.get_matching_blocks())


def _definition_in(text: str, qualname: str) -> str:
    tree = ast.parse(text)
    node = definition(tree, qualname)
    assert node is not None
    index = LineIndex(text)
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    lines = [index.line(n) for n in range(first, (node.end_lineno or node.lineno) + 1)]
    return "\n".join(line.rstrip("\r\n") for line in lines)


def definition(tree: ast.Module, qualname: str) -> Definition | None:
    """The last definition of that qualified name, which is the one that counts; None for a nested one."""
    body: list[ast.stmt] = tree.body
    *owners, name = qualname.split(".")
    for owner in owners:
        classes = [s for s in body if isinstance(s, ast.ClassDef) and s.name == owner]
        if not classes:
            return None
        body = classes[-1].body
    found = [s for s in body if isinstance(s, Definition) and s.name == name]
    return found[-1] if found else None
