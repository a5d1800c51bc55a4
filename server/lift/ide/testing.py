"""Tests of what a file states, and where they go. Runs nothing of the user's, and must not know LSP."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from lift_ir import Counterexample, Module, Span

from lift.ide.places import overlaps
from lift.neighbours import name_of, path_of
from lift.project import Project
from lift.resolve.testgen.marks import is_untouched

if TYPE_CHECKING:
    from lift.resolve.testgen.module import Written

__all__ = ["Tests", "is_untouched", "of_file", "overlapping", "place", "tests_of_file"]

_ROOTS = ("pyproject.toml", "setup.py", "setup.cfg", ".git")


def of_file(
    path: Path,
    shown: str,
    module: Module,
    text: str,
    only: Iterable[str] | None = None,
    past: Mapping[str, Sequence[Counterexample]] | None = None,
) -> Written:
    """The test module of a file.

    Args:
        path: The file, and ``shown`` how the tests call it.
        only: Qualified names of functions; None for all.
        past: Qualified name → inputs that broke a clause some time.
    """
    # Not every session writes tests.
    from lift.resolve.testgen.module import Subject, written

    name, package = name_of(path)
    chosen = None if only is None else frozenset(only)
    return written(Subject(module, text, name, package, shown, chosen, past or {}))


@dataclass(frozen=True)
class Tests:
    """The tests of a file of a project.

    Attributes:
        place: The file that they go to.
        before: What stands there, None if it is not there.
    """

    written: Written
    place: Path
    before: str | None


def tests_of_file(project: Project, uri: str) -> Tests | str:
    """The tests of the newest text of a file; or why there are none, for people."""
    extraction, path = project.extraction(uri), path_of(uri)
    if path is None:
        return "The text is no file yet; save it first."
    if extraction is None or extraction.error is not None:
        return f"{path.name} does not parse, so that no tests can be written."
    real = Path(os.path.realpath(path))
    text, shown = extraction.snapshot.text, path.name
    found = of_file(real, shown, extraction.module, text, None, project.counterexamples(uri))
    if not found.tests:
        why = f": {found.skipped[0].reason}" if found.skipped else ""
        return f"{shown} states nothing that a test could show{why}."
    goal = place(real)
    try:
        before = goal.read_bytes().decode("utf-8")
    except FileNotFoundError:
        before = None
    except (OSError, UnicodeError) as error:
        return f"{goal.name} cannot be read: {error}."
    if before is not None and not is_untouched(before):
        return f"{goal.name} was changed by hand, and stays as it is; keep tests of your own in another file."
    return Tests(found, goal, before)


def overlapping(project: Project, uri: str, span: Span) -> bool:
    """Whether the name of a specified function is at ``span``."""
    extraction = project.extraction(uri)
    if extraction is None or extraction.error is not None:
        return False
    return any(f.specified and overlaps(f.name_span, span) for f in extraction.module.all_functions())


def place(path: Path, only: Iterable[str] | None = None) -> Path:
    """Where the tests of a file go: the project's folder of tests, else beside the file."""
    name, _ = name_of(path)
    stem = "_".join(["test", *name.split("."), *(n.replace(".", "_") for n in sorted(only or ())), "spec"])
    for folder in path.parents:
        if (folder / "tests").is_dir():
            return folder / "tests" / f"{stem}.py"
        if any((folder / root).exists() for root in _ROOTS):
            break
    return path.with_name(f"{stem}.py")
