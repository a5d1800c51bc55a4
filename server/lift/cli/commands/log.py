"""``lift log``: the states that specifications went through, the newest first."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

from lift_ir import FunctionHistory

from lift.cli.main import FINE, FOUND
from lift.cli.recalling import Past, clause_data, opened, stamp
from lift.cli.terminal import Line, make_printable, screen
from lift.ide.history import history
from lift.ide.past import ago, authors, phrases, steps, verdict
from lift.project import Project


def run(arguments: argparse.Namespace) -> int:
    """Prints the states of what ``arguments`` name; 1 if nothing is remembered of something named."""
    project, pasts = opened(arguments)
    try:
        found = [(past, _histories(project, past)) for past in pasts]
    finally:
        project.close()
    if arguments.format == "json":
        make_printable(sys.stdout)
        print(json.dumps(_data(found), indent=2, ensure_ascii=False))
    else:
        out = screen(arguments)
        for past, histories in found:
            for one in histories:
                out.write(*_lines(past, one))
        if not any(histories for _, histories in found):
            out.write(Line((("nothing is remembered; a state is kept whenever it is checked", "yellow"),)))
    lacking = any(past.named and len(histories) < len(past.functions) for past, histories in found)
    return FOUND if lacking or not any(histories for _, histories in found) else FINE


def _histories(project: Project, past: Past) -> list[FunctionHistory]:
    known = {h.name: h for h in history(project, past.loaded.path)}
    return [known[name] for name in past.functions if name in known]


def _lines(past: Past, one: FunctionHistory) -> Iterator[Line]:
    yield Line(((f"{past.loaded.path} {one.name}", "bold"),)).clean
    width = len(str(one.states[0].number))
    for state, changes in steps(one):
        head = f"{state.number:>{width}}  "
        yield Line(((head, "cyan"), (f"{ago(state.made)}  ", "dim"), (verdict(state), "")), 2)
        for text in phrases(changes) if changes is not None else ("first state that was checked",):
            yield Line(((text, ""),), width + 4).clean
        yield from (Line(((text, "dim"),), width + 4).clean for text in authors(state))
    yield Line()


def _data(found: list[tuple[Past, list[FunctionHistory]]]) -> dict[str, Any]:
    return {
        "version": 1,
        "files": [
            {
                "path": past.loaded.path,
                "functions": [
                    {
                        "name": one.name,
                        "states": [
                            {
                                "number": state.number,
                                "name": state.name,
                                "made": stamp(state.made),
                                "verdict": state.verdict,
                                "specification": state.specification,
                                "code": state.code,
                                "summary": state.summary,
                                "docstring": state.docstring,
                                "clauses": [clause_data(c) for c in state.clauses],
                                "changes": [c.model_dump(mode="json") for c in changes or ()],
                            }
                            for state, changes in steps(one)
                        ],
                    }
                    for one in histories
                ],
                "error": str(past.loaded.fault) if past.loaded.fault is not None else None,
            }
            for past, histories in found
        ],
    }
