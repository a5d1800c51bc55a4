"""The frozen base of every IR model, and the positions that all of them share.

Nothing here may import more than pydantic: the IR is what every other part agrees on.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

IR_VERSION = 1


class Frozen(BaseModel):
    """An immutable IR value; unknown fields are refused so that a typo cannot travel."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Position(Frozen):
    """A place in a text.

    Attributes:
        line: Line number, from 1.
        column: Column in Unicode code points, from 0.
    """

    line: int
    column: int


class Span(Frozen):
    """A half-open range of text: ``start`` is in it, ``end`` is the first place after it."""

    start: Position
    end: Position
