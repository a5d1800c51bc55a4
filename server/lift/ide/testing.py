"""Tests of what a file states, and where they go. Runs nothing of the user's, and must not know LSP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from lift_ir import Counterexample, Module

from lift.neighbours import name_of
from lift.resolve.testgen.module import Subject, Written, is_untouched, written

__all__ = ["is_untouched", "of_file", "place"]

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
    name, package = name_of(path)
    chosen = None if only is None else frozenset(only)
    return written(Subject(module, text, name, package, shown, chosen, past or {}))


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
