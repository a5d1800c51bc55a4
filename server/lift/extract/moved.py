"""IR moved along with an edit: every place in it, nothing else.

Copies models field by field, which is several times faster than validating them again, and safe because
only places change. Must not import other parts of lift than this package.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from lift_ir import (
    Attribute,
    Call,
    Class,
    Constraint,
    Decreases,
    Effect,
    Ensures,
    Example,
    Frozen,
    Function,
    Hole,
    Intent,
    Invariant,
    Modifies,
    Parameter,
    Problem,
    Raises,
    Requires,
    Signature,
    Span,
    TypeExpr,
)

from lift.extract.python import ClassPart, Part, Unit

_Value = TypeVar("_Value")
_Place = Callable[[int, int], tuple[int, int]]
# The fields of each model in which places are, directly or further inside.
_FIELDS: dict[type[Frozen], tuple[str, ...]] = {
    Intent: ("span",),
    TypeExpr: ("span",),
    Parameter: ("type", "span"),
    Signature: ("parameters", "returns"),
    **dict.fromkeys((Requires, Ensures, Raises, Invariant, Modifies, Decreases, Effect, Example), ("span",)),
    Constraint: ("span",),
    Hole: ("span", "constraints"),
    Call: ("span",),
    Attribute: ("type", "span"),
    Function: (
        *("intent", "signature", "clauses", "holes", "calls", "span", "name_span", "docstring_span"),
        "body_span",
    ),
    Class: ("intent", "invariants", "holes", "attributes", "span", "name_span"),
    Problem: ("span",),
}
_SPAN = Span.__pydantic_validator__.validate_python
_set = object.__setattr__


@dataclass(frozen=True)
class Edit:
    """A replacement of text: places are (line from 1, column in code points).

    Attributes:
        start: Where the replaced text started.
        old_end: Where it ended.
        new_end: Where what replaced it ends.
    """

    start: tuple[int, int]
    old_end: tuple[int, int]
    new_end: tuple[int, int]

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Where a place is after the edit; one inside the replaced text stays inside the new one."""
        here = (line, column)
        if here <= self.start:
            return here
        if here < self.old_end:
            return min(here, self.new_end)
        if line == self.old_end[0]:
            return self.new_end[0], column + self.new_end[1] - self.old_end[1]
        return line + self.new_end[0] - self.old_end[0], column


def down(lines: int) -> _Place:
    """Moves places down by some lines."""

    def place(line: int, column: int) -> tuple[int, int]:
        return line + lines, column

    return place


def moved(value: _Value, place: _Place) -> _Value:
    """A model, a tuple of them, or None, with every place in it moved."""
    kind = type(value)
    if kind is Span:
        return _span(value, place)
    if kind is tuple:
        return tuple([moved(one, place) for one in value]) if value else value  # type: ignore[return-value]
    fields = _FIELDS.get(kind)  # type: ignore[arg-type]
    if fields is None:
        return value
    content = dict(value.__dict__)
    for name in fields:
        inside = content[name]
        if inside is not None and inside != ():
            content[name] = moved(inside, place)
    if kind is Invariant and content["loop_line"] is not None:
        content["loop_line"] = place(content["loop_line"], 0)[0]
    return with_content(value, content)


def with_content(value: _Value, content: dict[str, Any]) -> _Value:
    """A copy of a model with other field values, which must be valid."""
    kind = type(value)
    copy = kind.__new__(kind)
    _set(copy, "__dict__", content)
    _set(copy, "__pydantic_fields_set__", value.__pydantic_fields_set__)  # type: ignore[attr-defined]
    _set(copy, "__pydantic_extra__", None)
    _set(copy, "__pydantic_private__", None)
    return copy


def _span(value: Any, place: _Place) -> Any:
    start, end = value.start, value.end
    line, column = place(start.line, start.column)
    end_line, end_column = place(end.line, end.column)
    return _SPAN({"start": {"line": line, "column": column}, "end": {"line": end_line, "column": end_column}})


def shifted_unit(unit: Unit, lines: int) -> Unit:
    """A unit that stands some lines further down."""
    return unit if lines == 0 else moved_unit(unit, down(lines))


def moved_unit(unit: Unit, place: _Place) -> Unit:
    """A unit with every place in it moved."""
    function = moved(unit.function, place)
    return replace(
        unit,
        function=function,
        parts=moved_parts(unit.parts, place),
        problems=moved(unit.problems, place),
        line=function.span.start.line,
    )


def moved_parts(parts: tuple[Part, ...], place: _Place) -> tuple[Part, ...]:
    """Definitions with every place in them moved."""
    return tuple([moved_unit(p, place) if isinstance(p, Unit) else _moved_class(p, place) for p in parts])


def _moved_class(part: ClassPart, place: _Place) -> ClassPart:
    return ClassPart(moved(part.cls, place), moved_parts(part.parts, place), moved(part.problems, place))
