"""Candidates as text edits: plain data over the spans of the IR, so that nothing else is touched."""

from lift.edit.annotate import annotate
from lift.edit.asserts import assert_at_head
from lift.edit.docstring import add_clause, add_example, add_raises
from lift.edit.fill import fill, fill_together
from lift.edit.imports import add_imports
from lift.edit.text import Edit, Failure, apply

__all__ = [
    "Edit",
    "Failure",
    "add_clause",
    "add_example",
    "add_imports",
    "add_raises",
    "annotate",
    "apply",
    "assert_at_head",
    "fill",
    "fill_together",
]
