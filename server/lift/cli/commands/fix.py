"""``lift fix``: what would mend the functions that are refuted, as differences, and on request applied."""

from __future__ import annotations

import argparse
import difflib
import json
import os
import sys
from collections.abc import Iterator
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lift_ir import FunctionResult, Provenance, Repair, Repairs

from lift.cli.files import Misuse, chosen, named_functions, settings
from lift.cli.interruption import Interruption, interruptible
from lift.cli.loading import Loaded, load
from lift.cli.main import FINE, FOUND, INTERRUPTED
from lift.cli.recalling import wrote
from lift.cli.terminal import Line, Screen, make_printable, screen
from lift.cli.writing import write
from lift.edit import Edit, apply
from lift.project import Project
from lift.source.text import Snapshot
from lift.verify.pool import Pool, TaskError

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


@dataclass(frozen=True)
class _Case:
    """A refuted function, what was found for it, and which of that was applied."""

    path: str
    text: str
    result: FunctionResult
    repairs: Repairs | None
    applied: Repair | None = None


def run(arguments: argparse.Namespace) -> int:
    """Looks for repairs of what ``arguments`` name."""
    wanted = named_functions(arguments)
    config = settings(arguments)
    paths = chosen(arguments, config)
    cases: list[_Case] = []
    faults: list[Loaded] = []
    with interruptible() as interruption:
        project = Project(Path.cwd(), config, pool=Pool(config.workers, newest_first=False))
        try:
            for path in paths:
                loaded = load(path, project.analyse)
                if loaded.fault is not None:
                    faults.append(loaded)
                    continue
                cases += _mend(
                    project, loaded, wanted.get(os.path.realpath(path)), arguments.apply, interruption
                )
                if interruption.asked:
                    break
        finally:
            project.close()
    if arguments.format == "json":
        make_printable(sys.stdout)
        print(json.dumps(_data(cases, faults), indent=2, ensure_ascii=False))
    else:
        _print(screen(arguments), cases, faults)
    if interruption.asked:
        return INTERRUPTED
    return FOUND if faults or any(case.applied is None for case in cases) else FINE


def _mend(
    project: Project, loaded: Loaded, wanted: set[str] | None, choice: int | None, interruption: Interruption
) -> Iterator[_Case]:
    """Each refuted function of a file in the order of the text; what is applied counts for those after it."""
    assert loaded.snapshot is not None
    assert loaded.module is not None
    names = {f.qualname for f in loaded.module.all_functions()}
    for name in sorted((wanted or set()) - names):
        raise Misuse(f"{loaded.path} has no function {name}")
    snapshot = loaded.snapshot
    batch = project.begin(snapshot, wanted)
    results = [r for p in batch.pending if (r := _waited(project, batch, p, interruption)) is not None]
    changed = False
    for result in results:
        if result.verdict != "refuted" or interruption.asked:
            continue
        if changed:
            # The function may hold now, or be broken by what was required of its callee.
            again = list(project.collect(project.begin(snapshot, [result.name])))
            if not again or again[0].verdict != "refuted":
                continue
            result = again[0]
        found = _repairs(project, snapshot.uri, result.name, interruption)
        applied: Repair | None = None
        before = snapshot.text
        if choice is not None and found is not None and len(found.repairs) >= choice:
            applied = found.repairs[choice - 1]
            snapshot = Snapshot(snapshot.uri, None, _changed(before, applied))
            project.analyse(snapshot)
            changed = True
        yield _Case(loaded.path, before, result, found, applied)
    if changed:
        write(Path(loaded.path), loaded.snapshot.text, snapshot.text)
        wrote(project, loaded.path, loaded.snapshot.text, snapshot.text, Provenance(kind="solver"))


def _waited(project: Project, batch: Any, pending: Any, interruption: Interruption) -> FunctionResult | None:
    if pending.future is None or pending.future.done():
        return project.finish(batch, pending)
    return interruption.wait_for(lambda: project.finish(batch, pending))


def _repairs(project: Project, uri: str, name: str, interruption: Interruption) -> Repairs | None:
    future = project.seek_repairs(uri, name)
    if future is not None:

        def wait() -> None:
            try:
                future.result()
            except (TaskError, CancelledError):
                return

        interruption.wait_for(wait)
    return project.repairs(uri, name)


def _changed(text: str, repair: Repair) -> str:
    return apply(text, [Edit(e.span, e.text) for e in repair.edits])


def _difference(case: _Case, repair: Repair) -> list[str]:
    before, after = case.text.splitlines(), _changed(case.text, repair).splitlines()
    return list(difflib.unified_diff(before, after, case.path, case.path, lineterm="", n=2))


def _print(out: Screen, cases: list[_Case], faults: list[Loaded]) -> None:
    for loaded in faults:
        out.write(Line(((f"{loaded.path}: {loaded.fault}", "red"),)))
    for case in cases:
        repairs = case.repairs.repairs if case.repairs is not None else ()
        head = (f"{case.path}:{case.result.line} {case.result.name}", "bold")
        out.write(Line((head, (f"  {_count(len(repairs))}", "" if repairs else "yellow"))))
        for number, repair in enumerate(repairs, 1):
            done = "  applied" if case.applied == repair else ""
            out.write(Line(((f"{number}. {repair.title}", "bold"), (done, "green")), 2))
            out.write(Line(((repair.evidence, "dim"),), 5))
            for row in _difference(case, repair)[2:]:
                out.write(Line(((row, _STYLES.get(row[:1], "")),), 5).clean)
        out.write(Line())
    if not cases and not faults:
        out.write(Line((("nothing is refuted", "green"),)))


def _count(number: int) -> str:
    if not number:
        return "no repair was found that could be proved"
    return "1 repair" if number == 1 else f"{number} repairs"


def _data(cases: list[_Case], faults: list[Loaded]) -> dict[str, Any]:
    return {
        "version": 1,
        "functions": [
            {
                "path": case.path,
                "name": case.result.name,
                "line": case.result.line,
                "repairs": [
                    {
                        "way": repair.way,
                        "title": repair.title,
                        "evidence": repair.evidence,
                        "fixes": list(repair.fixes),
                        "breaks": list(repair.breaks),
                        "diff": "\n".join(_difference(case, repair)) + "\n",
                        "applied": case.applied == repair,
                    }
                    for repair in (case.repairs.repairs if case.repairs is not None else ())
                ],
            }
            for case in cases
        ],
        "errors": [{"path": loaded.path, "error": str(loaded.fault)} for loaded in faults],
    }
