"""The specifications of a file in the notation that lift teaches: its headers, its double backticks.

Nothing changes but the writing: an edit that would make the file say something else is left out. Must not
know LSP.
"""

from __future__ import annotations

from collections.abc import Iterator

from lift_ir import Clause

from lift.edit import Edit, apply
from lift.extract import Extraction, extract
from lift.ide.docstrings import docstrings_of, layout_of, width
from lift.source.text import Snapshot

# Titles that are read as well, with the title that is taught.
_TAUGHT = {
    "Preconditions": "Requires",
    "Postconditions": "Ensures",
    "Representation Invariants": "Invariants",
}


def normalised(extraction: Extraction) -> tuple[Edit, ...]:
    """The edits that write every specification as lift teaches it; nothing while the text does not parse.

    Ensures:
        - ``extraction.error is None or len(result) == 0``
    """
    if extraction.error is not None:
        return ()
    edits = (*_headers(extraction), *_backticks(extraction))
    if not edits:
        return ()
    if _says_the_same(extraction, edits):
        return edits
    return tuple(edit for edit in edits if _says_the_same(extraction, (edit,)))


def _headers(extraction: Extraction) -> Iterator[Edit]:
    text, index = extraction.snapshot.text, extraction.index
    clauses = [index.offset(clause.span.start) for clause in _clauses(extraction)]
    for docstring in docstrings_of(extraction):
        layout = layout_of(text[docstring.start : docstring.end], width(docstring.indent))
        for section in layout.sections:
            header = layout.rows[section.header]
            # NumPy's dashes are as long as their header, so that those are left as they are.
            if section.title not in _TAUGHT or not header.text.endswith(":"):
                continue
            start = docstring.start + header.start
            last = layout.rows[section.stop - 1]
            if any(start < place <= docstring.start + last.end for place in clauses):
                yield Edit(index.span(start, start + len(section.title)), _TAUGHT[section.title])


def _backticks(extraction: Extraction) -> Iterator[Edit]:
    for problem in extraction.problems:
        if problem.code == "open-clause" and (problem.suggestion or "").startswith("``"):
            yield Edit(problem.span, problem.suggestion or "")


def _says_the_same(extraction: Extraction, edits: tuple[Edit, ...]) -> bool:
    snapshot = extraction.snapshot
    after = extract(Snapshot(snapshot.uri, None, apply(snapshot.text, edits)))
    return after.error is None and _said(after) == _said(extraction)


def _said(extraction: Extraction) -> list[tuple[str, str, str]]:
    return [(clause.kind, clause.id, clause.text) for clause in _clauses(extraction)]


def _clauses(extraction: Extraction) -> Iterator[Clause]:
    module = extraction.module
    for function in module.all_functions():
        yield from function.clauses
    for owner in module.classes:
        yield from owner.invariants
