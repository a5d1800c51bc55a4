"""``lift blame``: each clause of a function with who wrote it, when it came in, and how it stands."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from lift_ir import PastClause

from lift.cli.main import FINE, FOUND
from lift.cli.recalling import Past, clause_data, opened
from lift.cli.terminal import Line, make_printable, screen
from lift.ide.history import blame
from lift.ide.past import ago, author, verdict


def run(arguments: argparse.Namespace) -> int:
    """Prints the clauses that the functions state now; 1 if a file cannot be read or nothing is stated."""
    project, pasts = opened(arguments)
    try:
        found = [
            (past, name, blame(project, past.loaded.path, name)) for past in pasts for name in past.functions
        ]
    finally:
        project.close()
    found = [one for one in found if one[2]]
    if arguments.format == "json":
        make_printable(sys.stdout)
        print(json.dumps(_data(found), indent=2, ensure_ascii=False))
    else:
        out = screen(arguments)
        for past in pasts:
            if past.loaded.fault is not None:
                out.write(Line(((f"{past.loaded.path}: {past.loaded.fault}", "red"),)).clean)
        for past, name, clauses in found:
            out.write(*_lines(past, name, clauses))
        if not found:
            out.write(Line((("nothing is stated", "yellow"),)))
    return FOUND if not found or any(past.loaded.fault for past in pasts) else FINE


def _lines(past: Past, name: str, clauses: tuple[PastClause, ...]) -> Iterator[Line]:
    yield Line(((f"{past.loaded.path} {name}", "bold"),)).clean
    for clause in clauses:
        yield Line(((f"{clause.kind} `{clause.text}`", ""), (f"  {verdict(clause)}", "")), 2).clean
        came = f"since state {clause.since}, {ago(clause.made)}" if clause.since else "not checked yet"
        yield Line(((f"{came}, {author(clause.provenance)}", "dim"),), 4).clean
    yield Line()


def _data(found: list[tuple[Past, str, tuple[PastClause, ...]]]) -> dict[str, Any]:
    return {
        "version": 1,
        "functions": [
            {"path": past.loaded.path, "name": name, "clauses": [clause_data(c) for c in clauses]}
            for past, name, clauses in found
        ],
    }
