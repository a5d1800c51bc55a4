"""What the commands about the past share: which functions are meant, and how clauses are data."""

from __future__ import annotations

import argparse
import datetime
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lift_ir import PastClause, Provenance

from lift.cli.files import Misuse, chosen, named_functions, settings
from lift.cli.loading import Loaded, load
from lift.config import Config
from lift.extract import extract
from lift.ide.history import history
from lift.ide.history import wrote as note
from lift.project import Project
from lift.source.text import Snapshot
from lift.verify.pool import Pool

KINDS = {"no-raise": "nothing undeclared escapes"}


@dataclass(frozen=True)
class Past:
    """A file, and the functions in it that are meant; ``named`` says whether the user named them.

    Attributes:
        functions: Qualified names: those that are in the text and state something, and those remembered.
    """

    loaded: Loaded
    functions: tuple[str, ...]
    named: bool


def opened(arguments: argparse.Namespace) -> tuple[Project, list[Past]]:
    """The project of this folder, and the files that ``arguments`` name; the caller closes the project.

    Raises:
        Misuse: Nothing is kept here, or a file has no such function and never had.
    """
    wanted = named_functions(arguments)
    config = settings(arguments)
    if config.cache is False:
        raise Misuse("there is no history, since nothing is kept while the setting `cache` is false")
    paths = chosen(arguments, config)
    project = Project(Path.cwd(), config, pool=_pool(config))
    try:
        found = [_past(project, path, wanted.get(os.path.realpath(path))) for path in paths]
    except BaseException:
        project.close()
        raise
    return project, found


def wrote(project: Project, path: str, before: str, after: str, provenance: Provenance) -> None:
    """A command wrote ``after`` in the place of ``before``: the history is to know whose clauses come."""
    modules = [extract(Snapshot(path, None, text)).module for text in (before, after)]
    note(project, path, modules[0], modules[1], provenance)


def stamp(made: int) -> str:
    """A moment for programs, in UTC."""
    return datetime.datetime.fromtimestamp(made, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def clause_data(clause: PastClause) -> dict[str, Any]:
    """A clause for programs."""
    return {
        "kind": clause.kind,
        "id": clause.id,
        "text": clause.text,
        "prose": clause.prose,
        "verdict": clause.verdict,
        "since": clause.since,
        "made": stamp(clause.made) if clause.made else None,
        "provenance": clause.provenance.model_dump(mode="json"),
    }


def _past(project: Project, path: str, wanted: set[str] | None) -> Past:
    loaded = load(path, project.analyse)
    known = {h.name for h in history(project, path)}
    there: dict[str, bool] = {}
    if loaded.module is not None:
        there = {c.qualname: bool(c.invariants) for c in loaded.module.classes}
        there |= {f.qualname: f.specified for f in loaded.module.all_functions()}
    if wanted is not None:
        for name in sorted(wanted - there.keys() - known):
            raise Misuse(f"{path} has no function or class {name}, and none of that name is remembered")
        return Past(loaded, tuple(_ordered(wanted, there)), True)
    return Past(loaded, tuple(_ordered({*known, *(n for n, s in there.items() if s)}, there)), False)


def _ordered(names: set[str], there: dict[str, bool]) -> Iterator[str]:
    """In the order of the text, and after that what is no longer in it."""
    yield from (name for name in there if name in names)
    yield from sorted(names - there.keys())


def _pool(config: Config) -> Pool:
    return Pool(config.workers, newest_first=False)
