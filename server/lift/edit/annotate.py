"""Writes a type where a parameter or a result has none."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable

from lift_ir import Function, Parameter, Position, Span

from lift.edit.imports import add_imports
from lift.edit.text import Edit, Failure
from lift.source.positions import LineIndex

RETURN = "return"


def annotate(
    text: str, function: Function, name: str, annotation: str, imports: Iterable[str] = ()
) -> tuple[Edit, ...] | Failure:
    """The edits that give ``name`` (a parameter, or ``return``) the type ``annotation``.

    Args:
        text: The module's text, in which the places of ``function`` count.
        imports: Import statements that the annotation needs.
    """
    index = LineIndex(text)
    if name == RETURN:
        place = _after_parameters(index, function)
        if place is None:
            return Failure(f"The end of {function.name}'s parameters was not found.")
        edit = Edit(Span(start=place, end=place), f" -> {annotation}")
        return (*add_imports(text, imports), edit)
    parameter = next((p for p in function.signature.parameters if p.name == name), None)
    if parameter is None or parameter.type.kind != "type-hole":
        return Failure(f"{function.name} has no parameter {name} without a type.")
    return (*add_imports(text, imports), _annotated(index, parameter, annotation))


def _annotated(index: LineIndex, parameter: Parameter, annotation: str) -> Edit:
    """``x`` becomes ``x: int``, and ``x=0`` becomes ``x: int = 0`` as PEP 8 writes it."""
    place = parameter.span.end
    rest = index.line(place.line)[place.column :]
    if parameter.default is not None and (bare := rest.lstrip(" \t")).startswith("="):
        after = bare[1:].lstrip(" \t")
        end = Position(line=place.line, column=place.column + len(rest) - len(after))
        if after:
            return Edit(Span(start=place, end=end), f": {annotation} = ")
    return Edit(Span(start=place, end=place), f": {annotation}")


def _after_parameters(index: LineIndex, function: Function) -> Position | None:
    """The place behind the parenthesis that closes the parameters."""
    start = index.offset(function.name_span.end)
    stop = index.offset(function.body_span.start) if function.body_span else index.offset(function.span.end)
    if function.docstring_span is not None:
        stop = min(stop, index.offset(function.docstring_span.start))
    depth = 0
    opened = False
    try:
        for token in tokenize.generate_tokens(io.StringIO(index.text[start:stop], newline="").readline):
            if token.type != tokenize.OP:
                continue
            if token.string in "([{":
                # A list of type parameters may come first: def f[T](x).
                opened = opened or token.string == "("
                depth += 1
            elif token.string in ")]}":
                depth -= 1
                if depth == 0 and opened and token.string == ")":
                    return _moved(function.name_span.end, token.end)
    except (tokenize.TokenError, SyntaxError):
        # What was cut off in the middle of the body does not end well; the header stands before it.
        return None
    return None


def _moved(start: Position, place: tuple[int, int]) -> Position:
    line, column = place
    return Position(line=start.line + line - 1, column=column + (start.column if line == 1 else 0))
