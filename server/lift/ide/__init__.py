"""What an editor shows, as plain functions over a project: no LSP types, positions in lift's units."""

from lift.ide.actions import Action, actions, assertable_loop, owners_of_holes
from lift.ide.findings import Finding, findings_of, has_specification
from lift.ide.hover import Hover, Page, hover, specification_page, trace_page
from lift.ide.markup import MARKDOWN, PLAIN, Markup
from lift.ide.outline import Hint, Lens, Symbol, hints, lenses, symbols
from lift.ide.proposals import Request, writable

__all__ = [
    "MARKDOWN",
    "PLAIN",
    "Action",
    "Finding",
    "Hint",
    "Hover",
    "Lens",
    "Markup",
    "Page",
    "Request",
    "Symbol",
    "actions",
    "assertable_loop",
    "findings_of",
    "has_specification",
    "hints",
    "hover",
    "lenses",
    "owners_of_holes",
    "specification_page",
    "symbols",
    "trace_page",
    "writable",
]
