"""``lift infer``: a proved specification for functions that have none, shown or written down."""

from __future__ import annotations

import argparse
import json
import os
import sys
import textwrap
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from lift_ir import Function, Provenance

from lift.cli.files import Misuse, chosen, named_functions, settings
from lift.cli.interruption import Interruption, interruptible
from lift.cli.loading import Loaded, load
from lift.cli.main import FINE, FOUND, INTERRUPTED
from lift.cli.recalling import wrote
from lift.cli.terminal import Line, Screen, make_printable, screen
from lift.cli.writing import write
from lift.edit import Edit, apply
from lift.project import Project
from lift.resolve.infer import ENTRY, SECONDS
from lift.resolve.infer.search import Inference
from lift.source.text import Snapshot
from lift.verify.pool import Job, Pool, TaskError


@dataclass
class _File:
    """A file with what was inferred for its functions.

    Attributes:
        text: As it is with what was found so far.
    """

    loaded: Loaded
    text: str = ""
    found: list[Inference] = field(default_factory=list)


@dataclass
class _Work:
    project: Project
    pool: Pool
    interruption: Interruption


_READ = Provenance(kind="reverse")


def run(arguments: argparse.Namespace) -> int:
    """Infers specifications for what ``arguments`` name; 1 if a file could not be read or parsed."""
    wanted = named_functions(arguments)
    config = settings(arguments)
    paths = chosen(arguments, config)
    out = screen(arguments) if arguments.format == "text" else None
    files: list[_File] = []
    with interruptible() as interruption:
        pool = Pool(config.workers, newest_first=False)
        project = Project(Path.cwd(), config, pool=pool)
        work = _Work(project, pool, interruption)
        try:
            for path in paths:
                file = _File(load(path))
                files.append(file)
                for one in _inferred(work, file, wanted.get(os.path.realpath(path)), apply_=arguments.apply):
                    if out is not None:
                        out.write(*_lines(path, one))
                if arguments.apply and any(one.edits for one in file.found):
                    assert file.loaded.snapshot is not None
                    write(Path(path), file.loaded.snapshot.text, file.text)
                    wrote(project, path, file.loaded.snapshot.text, file.text, _READ)
                if interruption.asked:
                    break
        finally:
            project.close()
    if out is None:
        make_printable(sys.stdout)
        print(json.dumps(_document(files, applied=arguments.apply), indent=2))
    else:
        _conclude(out, files, applied=arguments.apply)
    if interruption.asked:
        return INTERRUPTED
    return FOUND if any(f.loaded.fault is not None for f in files) else FINE


def _inferred(work: _Work, file: _File, only: set[str] | None, *, apply_: bool) -> Iterator[Inference]:
    """What is found for each function; with ``apply_`` each stands on the text with those before it."""
    if file.loaded.fault is not None or file.loaded.module is None or file.loaded.snapshot is None:
        print(f"lift infer: {file.loaded.path}: {file.loaded.fault}", file=sys.stderr)
        return
    file.text = file.loaded.snapshot.text
    functions = [f for f in file.loaded.module.all_functions() if _is_wanted(f, only)]
    for missing in sorted((only or set()) - {f.qualname for f in functions}):
        raise Misuse(f"{file.loaded.path} has no function {missing}")
    work.project.analyse(file.loaded.snapshot)
    # Without writing they are independent of each other, and go to the workers together.
    futures = {} if apply_ else {f.qualname: _started(work, file, f) for f in functions}
    for function in functions:
        print(f"lift infer: {file.loaded.path}: {function.qualname}", file=sys.stderr)
        if apply_:
            work.project.analyse(Snapshot(file.loaded.path, None, file.text))
        future = futures.get(function.qualname) or _started(work, file, function)
        result = work.interruption.wait_for(
            lambda future=future, function=function: _answer(future, function)
        )
        if result is None:
            return
        if apply_ and result.edits:
            text = apply(file.text, [Edit(e.span, e.text) for e in result.edits])
            worse = _spoilt(work, file, text, function.qualname)
            if worse:
                reason = f"with these clauses, those of {', '.join(worse)} would not be proved"
                result = Inference(name=result.name, line=result.line, reason=reason)
            else:
                file.text = text
        file.found.append(result)
        yield result


def _is_wanted(function: Function, only: set[str] | None) -> bool:
    if only is not None:
        return function.qualname in only
    started = any(c.kind == "ensures" for c in function.clauses)
    return not started and "<locals>" not in function.qualname and function.body_span is not None


def _started(work: _Work, file: _File, function: Function) -> Future[str]:
    task = work.project.task(file.loaded.path, function.qualname, ENTRY, SECONDS)
    if task is None:
        raise Misuse(f"{file.loaded.path} does not parse")
    return work.project.perform(task)


def _answer(future: Future[str], function: Function) -> Inference:
    try:
        return Inference.model_validate_json(future.result())
    except TaskError as why:
        return Inference(name=function.qualname, line=function.name_span.start.line, reason=str(why))


def _spoilt(work: _Work, file: _File, text: str, added: str) -> list[str]:
    """The functions written before that call the new one and are not proved with what it says now."""
    module = work.project.analyse(Snapshot(file.loaded.path, None, text)).module
    before = {one.name for one in file.found if one.clauses}
    callee = added.rpartition(".")[2]
    callers = [
        f.qualname
        for f in module.all_functions()
        if f.qualname in before and any(c.callee.rpartition(".")[2] == callee for c in f.calls)
    ]
    options = replace(work.project.options, backend="lift")
    results = [work.pool.submit(Job(module, text, name, options)).result() for name in callers]
    return [r.name for r in results if any(c.verdict != "proved" for c in r.clauses if c.kind == "ensures")]


def _lines(path: str, one: Inference) -> Iterator[Line]:
    yield Line(((f"{path}:{one.line}", "bold"), (f": {one.name}", "bold")))
    if not one.clauses:
        yield Line((("· ", "dim"), (one.reason or "nothing to add", "dim")), 2)
        return
    first, _, rest = (one.docstring or "").partition("\n")
    for row in (first, *textwrap.dedent(rest).split("\n")):
        yield Line(((row.rstrip("\r"), ""),), 4)
    for clause in one.clauses:
        yield Line((("✓ ", "green"), (clause.text, ""), (f"  {clause.evidence}", "dim")), 2)
    if one.assumptions:
        yield Line((("assuming ", "dim"), ("; ".join(one.assumptions), "dim")), 4)


def _conclude(out: Screen, files: list[_File], *, applied: bool) -> None:
    clauses = sum(len(one.clauses) for f in files for one in f.found)
    functions = sum(bool(one.clauses) for f in files for one in f.found)
    said = f"{clauses} {'clause' if clauses == 1 else 'clauses'} proved for {functions} "
    said += "function" if functions == 1 else "functions"
    if clauses:
        said += ", written" if applied else "; --apply writes them"
    out.write(Line(((said, "bold"),)))


def _document(files: list[_File], *, applied: bool) -> dict[str, Any]:
    return {
        "version": 1,
        "applied": applied,
        "files": [
            {
                "path": f.loaded.path,
                "functions": [one.model_dump(mode="json") for one in f.found],
                "error": None if f.loaded.fault is None else str(f.loaded.fault),
            }
            for f in files
        ],
    }
