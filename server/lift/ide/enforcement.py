"""*Enforce at run time*: what a function's docstring states, written into its code. Must not know LSP."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lift_ir import Span

from lift.edit import Edit, Failure
from lift.edit.enforce import Style, enforce
from lift.ide.places import overlaps
from lift.project import Project

TITLES: dict[Style, str] = {
    "icontract": "Enforce at run time: icontract decorators",
    "assert": "Enforce at run time: assertions",
}


@dataclass(frozen=True)
class Enforcement:
    """One way of writing a function's clauses into its code, for exactly the newest text."""

    title: str
    style: Style
    edits: tuple[Edit, ...]


def enforcements(project: Project, uri: str, span: Span) -> Iterator[Enforcement]:
    """The ways for the function whose name is at ``span``; none where there is nothing to write."""
    extraction = project.extraction(uri)
    if extraction is None or extraction.error is not None:
        return
    for function in extraction.module.all_functions():
        if function.specified and overlaps(function.name_span, span):
            for style, title in TITLES.items():
                edits = enforce(extraction.snapshot.text, function, style)
                if not isinstance(edits, Failure):
                    yield Enforcement(title, style, edits)
