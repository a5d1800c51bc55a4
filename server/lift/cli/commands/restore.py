"""``lift restore``: an earlier state of a specification in the place of the present one."""

from __future__ import annotations

import argparse
import difflib
from pathlib import Path

from lift.cli.files import Misuse
from lift.cli.main import FINE, FOUND
from lift.cli.recalling import opened
from lift.cli.terminal import Line, screen
from lift.cli.writing import write
from lift.edit import Failure
from lift.ide.history import owner_named, restored, state_numbered

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def run(arguments: argparse.Namespace) -> int:
    """Shows the change that brings a state back, or makes it; 1 if it does not fit any more."""
    arguments.paths = [arguments.target]
    project, pasts = opened(arguments)
    try:
        if len(pasts) != 1 or not pasts[0].named or len(pasts[0].functions) != 1:
            raise Misuse("name one function: PATH::FUNCTION")
        past, name = pasts[0], pasts[0].functions[0]
        path = past.loaded.path
        state = state_numbered(project, path, name, arguments.state)
        if isinstance(state, Failure):
            raise Misuse(state.reason)
        extraction = project.extraction(path)
        owner = owner_named(extraction.module, name) if extraction is not None else None
        if extraction is None or owner is None:
            why = past.loaded.fault or f"{name} is not in it any more"
            raise Misuse(f"{path}: {why}")
        found = restored(extraction, owner, state)
    finally:
        project.close()
    out = screen(arguments)
    if isinstance(found, Failure):
        out.write(Line(((f"{path} {name}: {found.reason}", "yellow"),)).clean)
        return FOUND
    before = extraction.snapshot.text
    rows = difflib.unified_diff(before.splitlines(), found.text.splitlines(), path, path, lineterm="", n=2)
    for row in list(rows)[2:]:
        out.write(Line(((row, _STYLES.get(row[:1], "")),)).clean)
    if not found.edits:
        out.write(Line(((f"{path} {name} is as in state {state.number}", "green"),)).clean)
    elif arguments.apply:
        write(Path(path), before, found.text)
        done = f"{path} {name} states what it did in state {state.number}; `lift check` says whether it holds"
        out.write(Line(((done, "green"),)).clean)
    else:
        out.write(Line((("nothing is written; --apply does", "dim"),)))
    return FINE
