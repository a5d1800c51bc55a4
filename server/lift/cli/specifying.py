"""``lift fill --draft``: specifications drafted from descriptions, shown as differences, and written."""

from __future__ import annotations

import argparse
import asyncio
import difflib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lift.cli.files import Misuse, chosen, named_functions, settings
from lift.cli.formats import data, text
from lift.cli.interruption import Interruption, interruptible
from lift.cli.loading import Loaded, load
from lift.cli.main import FINE, FOUND, INTERRUPTED
from lift.cli.recalling import wrote
from lift.cli.terminal import Line, make_printable, screen
from lift.cli.writing import write
from lift.edit import Edit, apply
from lift.ide.suggesting import drafted_for
from lift.ide.words import drafted_by
from lift.project import Project
from lift.resolve.suggest.spec import Specification
from lift.resolve.suggest.specify import Drafted, is_described
from lift.source.text import Snapshot
from lift.verify.pool import Pool

_STYLES = {"+": "green", "-": "red", "@": "cyan"}


@dataclass
class _File:
    """A file with what was drafted for its functions.

    Attributes:
        text: As it is with the drafts so far, where they are written.
    """

    loaded: Loaded
    text: str = ""
    drafts: list[tuple[str, str, Drafted]] = field(default_factory=list)


def run(arguments: argparse.Namespace) -> int:
    """Drafts for what ``arguments`` name; 1 if a file could not be read or parsed."""
    names = named_functions(arguments)
    config = settings(arguments)
    files = [_File(load(path)) for path in chosen(arguments, config)]
    with interruptible() as interruption:
        project = Project(Path.cwd(), config, pool=Pool(config.workers, newest_first=False))
        try:
            for file in files:
                only = names.get(os.path.realpath(file.loaded.path))
                _draft(project, interruption, arguments, file, only)
        finally:
            project.close()
    if arguments.format == "json":
        make_printable(sys.stdout)
        print(json.dumps(_document(files, arguments), indent=2, ensure_ascii=False))
    else:
        _print(files, arguments)
    if interruption.asked:
        return INTERRUPTED
    return FOUND if any(f.loaded.fault is not None for f in files) else FINE


def _draft(
    project: Project,
    interruption: Interruption,
    arguments: argparse.Namespace,
    file: _File,
    only: set[str] | None,
) -> None:
    loaded = file.loaded
    if loaded.fault is not None or loaded.module is None or loaded.snapshot is None:
        return
    file.text = loaded.snapshot.text
    functions = {f.qualname: f for f in loaded.module.all_functions()}
    for missing in sorted((only or set()) - set(functions)):
        raise Misuse(f"{loaded.path} has no function {missing}")
    for name in sorted(only or ()):
        if not is_described(functions[name]):
            raise Misuse(
                f"{name} has clauses already, or nothing that describes it; "
                "lift fill alone shows what fills its holes"
            )
    wanted = [n for n, f in functions.items() if (n in only if only is not None else is_described(f))]
    for name in wanted:
        print(f"lift fill: {loaded.path}: {name}", file=sys.stderr)
        before = file.text
        project.analyse(Snapshot(loaded.snapshot.uri, None, before))
        uri, model = loaded.snapshot.uri, arguments.model
        asked = drafted_for(project, uri, name, model=model, report=_told)
        drafted = interruption.wait_for(lambda asked=asked: asyncio.run(asked))
        if drafted is None:
            return
        file.drafts.append((name, before, drafted))
        if arguments.apply and drafted.specification is not None:
            file.text = _after(before, drafted.specification)
            wrote(project, loaded.path, before, file.text, drafted_by(drafted.model))
    if file.text != loaded.snapshot.text:
        write(Path(loaded.path), loaded.snapshot.text, file.text)


def _told(said: str) -> None:
    if sys.stderr.isatty():
        print(f"lift fill: {said}", file=sys.stderr, flush=True)


def _after(before: str, found: Specification) -> str:
    return apply(before, [Edit(e.span, e.text) for e in found.edits])


def _print(files: list[_File], arguments: argparse.Namespace) -> None:
    out = screen(arguments)
    for file in files:
        if file.drafts or file.loaded.fault is not None:
            out.write(*text.heading(file.loaded))
        for name, before, drafted in file.drafts:
            out.write(*(line.clean for line in _lines(file.loaded.path, name, before, drafted, arguments)))
    drafts = [d.specification for f in files for _, _, d in f.drafts if d.specification is not None]
    made = sum(bool(d.edits) for d in drafts)
    said = f"{text.count(made, 'draft')}{', written' if arguments.apply and made else ''}"
    out.write(Line(((said if made or drafts else "nothing here is described and unspecified", "bold"),)))


def _lines(
    path: str, name: str, before: str, drafted: Drafted, arguments: argparse.Namespace
) -> Iterator[Line]:
    found = drafted.specification
    if found is not None:
        said = found.summary if found.edits else f"no draft: {found.reason}"
        yield Line(((f"{name}  ", "bold"), (said, ""), (f"  {path}:{found.line}", "dim")), 2)
        for clause in found.clauses:
            mark = "✓ " if clause.evidence.endswith("; proved on the body") else "· "
            yield Line(((mark, "green"), (clause.text, "")), 4)
            yield Line(((f"from “{clause.sentence}”: {clause.evidence}", "dim"),), 7)
            examples = [f"allows {clause.allows}"] if clause.allows and clause.kind != "raises" else []
            examples += [f"raised by {clause.allows}"] if clause.allows and clause.kind == "raises" else []
            examples += [f"forbids {clause.forbids}"] if clause.forbids else []
            if examples:
                yield Line((("; ".join(examples), "dim"),), 7)
        for one in found.rejected:
            yield Line((("✗ ", "red"), (f"{one.text}: {one.reason}", "dim")), 4)
        for row in _difference(before, found, path) if found.edits else ():
            yield Line(((row, _STYLES.get(row[:1], "")),), 4)
    for note in drafted.notes:
        yield Line((("· ", "dim"), (note, "dim")), 4)


def _difference(before: str, found: Specification, path: str) -> list[str]:
    rows = difflib.unified_diff(
        before.splitlines(), _after(before, found).splitlines(), path, path, n=1, lineterm=""
    )
    return list(rows)[2:]


def _document(files: list[_File], arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "version": data.VERSION,
        "applied": bool(arguments.apply),
        "files": [
            {
                "path": file.loaded.path,
                "drafts": [
                    {
                        "function": name,
                        "specification": drafted.specification.model_dump(mode="json")
                        if drafted.specification is not None
                        else None,
                        "model": drafted.model or None,
                        "notes": list(drafted.notes),
                    }
                    for name, _, drafted in file.drafts
                ],
                "error": None if file.loaded.fault is None else str(file.loaded.fault),
            }
            for file in files
        ],
    }
