"""``lift enforce``: what docstrings state, written into the code as decorators or assertions."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from pathlib import Path

from lift_ir import Function

from lift.cli.files import Misuse, chosen, named_functions, settings
from lift.cli.loading import load
from lift.cli.main import FINE, FOUND
from lift.cli.terminal import make_printable
from lift.cli.writing import write
from lift.edit import Failure, apply
from lift.edit.enforce import Style, enforce
from lift.extract import extract
from lift.source.text import Snapshot


def run(arguments: argparse.Namespace) -> int:
    """Shows the difference for each file, or writes it; 1 if a file or function cannot be changed."""
    named = named_functions(arguments)
    make_printable(sys.stdout)
    fine = True
    for path in chosen(arguments, settings(arguments)):
        loaded = load(path)
        if loaded.fault is not None or loaded.module is None or loaded.snapshot is None:
            print(f"lift enforce: {path}: {loaded.fault}", file=sys.stderr)
            fine = False
            continue
        before, only = loaded.snapshot.text, named.get(os.path.realpath(path))
        after, complete = _enforced(path, before, only, arguments.style)
        fine = fine and complete
        if after != before and arguments.apply:
            write(Path(path), before, after)
            print(f"{path}: written")
        elif after != before:
            rows = difflib.unified_diff(
                before.splitlines(True), after.splitlines(True), f"a/{path}", f"b/{path}", n=1
            )
            sys.stdout.writelines(row if row.endswith("\n") else row + "\n" for row in rows)
    return FINE if fine else FOUND


def _enforced(path: str, text: str, only: set[str] | None, style: Style) -> tuple[str, bool]:
    """The text with everything enforced that can be, and whether that is all that was asked for.

    Raises:
        Misuse: There is no function of that name.
    """
    module = extract(Snapshot(path, None, text)).module
    names = [f.qualname for f in module.all_functions() if _is_wanted(f, only)]
    for missing in sorted((only or set()) - set(names)):
        raise Misuse(f"{path} has no function {missing}")
    complete = True
    for name in names:
        # The edits before have moved it.
        module = extract(Snapshot(path, None, text)).module
        function = next(f for f in reversed(module.all_functions()) if f.qualname == name)
        edits = enforce(text, function, style)
        if isinstance(edits, Failure):
            print(f"lift enforce: {path}:{function.name_span.start.line}: {edits.reason}", file=sys.stderr)
            # Of a whole file, what states nothing that can be enforced is passed over.
            complete = complete and only is None
        else:
            text = apply(text, edits)
    return text, complete


def _is_wanted(function: Function, only: set[str] | None) -> bool:
    return function.specified if only is None else function.qualname in only
