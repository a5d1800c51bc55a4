"""``lift diff``: what differs between two states of a specification, clause by clause."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError
from typing import Any

from lift_ir import SpecificationDiff

from lift.cli.files import Misuse
from lift.cli.interruption import Interruption, interruptible
from lift.cli.main import FINE, FOUND, INTERRUPTED
from lift.cli.recalling import Past, opened
from lift.cli.terminal import Line, make_printable, screen
from lift.edit import Failure
from lift.ide.history import judged_task, pair_of, plain_difference
from lift.ide.past import phrases, together
from lift.project import Project
from lift.verify.pool import TaskError

_Found = tuple[Past, str, SpecificationDiff | Failure]


def run(arguments: argparse.Namespace) -> int:
    """Prints what differs; 1 if there is nothing to compare a named function with."""
    project, pasts = opened(arguments)
    with interruptible() as interruption:
        try:
            found = list(_differences(project, pasts, arguments, interruption))
        finally:
            project.close()
    if arguments.format == "json":
        make_printable(sys.stdout)
        print(json.dumps(_data(found), indent=2, ensure_ascii=False))
    else:
        out = screen(arguments)
        shown = [line for one in found for line in _lines(one)]
        out.write(*(shown or [Line((("nothing differs", "green"),))]))
    if interruption.asked:
        return INTERRUPTED
    return FOUND if any(past.named and isinstance(diff, Failure) for past, _, diff in found) else FINE


def _differences(
    project: Project, pasts: list[Past], arguments: argparse.Namespace, interruption: Interruption
) -> Iterator[_Found]:
    numbered = arguments.old is not None or arguments.new is not None
    if numbered and (sum(len(p.functions) for p in pasts) != 1 or not pasts[0].named):
        raise Misuse("--from and --to count the states of one function; name it: PATH::FUNCTION")
    for past in pasts:
        for name in past.functions:
            if interruption.asked:
                return
            yield past, name, _difference(project, past, name, arguments, interruption)


def _difference(
    project: Project, past: Past, name: str, arguments: argparse.Namespace, interruption: Interruption
) -> SpecificationDiff | Failure:
    uri = past.loaded.path
    pair = pair_of(project, uri, name, arguments.old, arguments.new)
    if isinstance(pair, Failure):
        if arguments.old is not None or arguments.new is not None:
            raise Misuse(pair.reason)
        return pair
    plain = plain_difference(pair)
    if not any(c.clause is not None for c in plain.changes):
        return plain
    task = judged_task(project, uri, name, pair)
    if task is None:
        return plain
    future = project.perform(task)

    def wait() -> SpecificationDiff:
        try:
            return SpecificationDiff.model_validate_json(future.result())
        except (TaskError, CancelledError):
            return plain

    return interruption.wait_for(wait) or plain


def _lines(found: _Found) -> Iterator[Line]:
    past, name, diff = found
    head = (f"{past.loaded.path} {name}", "bold")
    if isinstance(diff, Failure):
        if past.named:
            yield Line((head, (f"  {diff.reason}", "yellow"))).clean
        return
    if not diff.changes:
        if past.named:
            yield Line((head, (f"  as in state {diff.old}", "green"))).clean
        return
    until = f"state {diff.new}" if diff.new is not None else "now"
    yield Line((head, (f"  state {diff.old} to {until}", "dim"))).clean
    for text in phrases(diff.changes):
        yield Line(((text, ""),), 2).clean
    whole = together(diff)
    if whole is not None:
        yield Line(((f"together: {whole}", "bold"),), 2)


def _data(found: list[_Found]) -> dict[str, Any]:
    return {
        "version": 1,
        "functions": [
            {
                "path": past.loaded.path,
                "name": name,
                "diff": None if isinstance(diff, Failure) else diff.model_dump(mode="json"),
                "error": diff.reason if isinstance(diff, Failure) else None,
            }
            for past, name, diff in found
        ],
    }
