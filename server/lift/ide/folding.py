"""The sections of specifications as what an editor can fold; everything else is folded by others.

Must not know LSP.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lift_ir import Position

from lift.extract import Extraction
from lift.ide.docstrings import layout_of, width, with_owners
from lift.ide.tokens import specified


@dataclass(frozen=True)
class Fold:
    """A section: from the end of its header to the end of its last line that says something."""

    start: Position
    end: Position


def folds(extraction: Extraction) -> Iterator[Fold]:
    """The sections of every docstring that states a specification, in order."""
    text = extraction.snapshot.text
    for docstring, _ in with_owners(extraction, specified(extraction.module)):
        layout = layout_of(text[docstring.start : docstring.end], width(docstring.indent))
        for section in layout.sections:
            said = [row for row in layout.rows[section.first : section.stop] if row.text]
            if said:
                header = layout.rows[section.header]
                start, end = docstring.start + header.end, docstring.start + said[-1].end
                yield Fold(extraction.index.position(start), extraction.index.position(end))
