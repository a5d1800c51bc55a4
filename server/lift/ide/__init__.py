"""What an editor shows, as plain functions over a project: no LSP types, positions in lift's units.

The modules behind these names are imported when a name is first used: the first diagnostics need few of them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lift.ide.actions import Action, actions_at, assertable_loop, owners_of_holes
    from lift.ide.findings import Finding, findings_of, has_specification
    from lift.ide.hover import Hover, Page, hover_at, specification_page, trace_page
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
    "actions_at",
    "assertable_loop",
    "findings_of",
    "has_specification",
    "hints",
    "hover_at",
    "lenses",
    "owners_of_holes",
    "specification_page",
    "symbols",
    "trace_page",
    "writable",
]

# Module → the names that it has.
_HOMES = {
    "actions": "Action actions_at assertable_loop owners_of_holes",
    "findings": "Finding findings_of has_specification",
    "hover": "Hover Page hover_at specification_page trace_page",
    "markup": "MARKDOWN PLAIN Markup",
    "outline": "Hint Lens Symbol hints lenses symbols",
    "proposals": "Request writable",
}
_HOME = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> Any:
    """The name from its module, kept from then on.

    Raises:
        AttributeError: If lift.ide has no such name.
    """
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{_HOME[name]}"), name)
    globals()[name] = value
    return value
