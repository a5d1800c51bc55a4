"""The frozen base of every IR model, and the positions that all of them share.

Nothing here may import more than pydantic: the IR is what every other part agrees on.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

IR_VERSION = 1


class Frozen(BaseModel):
    """An immutable IR value; unknown fields are refused so that a typo cannot travel."""

    # JSON has no infinity, and a string in a number's place would break the generated types. What lift
    # writes has every field, also those with a default; the generated types rely on that too.
    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        json_schema_serialization_defaults_required=True,
        # Most programs use few of the models, and building their validators is a third of the import.
        defer_build=True,
    )


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
