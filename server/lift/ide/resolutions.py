"""Asking for what fills holes, and saying what was found. Must not know LSP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lift.callers import Naming, texts_naming
from lift.neighbours import path_of
from lift.project import Project
from lift.resolve.holes import ENTRY, SECONDS

if TYPE_CHECKING:
    from pathlib import Path

    from lift.verify.pool import Task


def resolution(
    project: Project,
    uri: str,
    qualname: str,
    hole: str | None = None,
    naming: Naming | None = None,
    **wanted: object,
) -> Task | None:
    """The search for what fills the holes of a function or class, or one of them; None if it is not there.

    ``project.perform`` does it, and gives the JSON of a ``lift.resolve.holes.Resolution``.

    Args:
        naming: What ``texts_around`` found; it is looked for here if it is None.
        wanted: What else ``lift.resolve.holes.task`` reads from its details.
    """
    if naming is None:
        naming = texts_around(project, uri, qualname)
    return project.task(
        uri, qualname, ENTRY, SECONDS, json.dumps({**wanted, "hole": hole, "neighbours": naming})
    )


def texts_around(project: Project, uri: str, qualname: str) -> Naming:
    """Other texts of the workspace that name a function. Reads many files, so that it is for a thread."""

    def opened(path: Path) -> str | None:
        extraction = project.extraction(path.as_uri())
        return extraction.snapshot.text if extraction is not None else None

    return texts_naming(project.root, path_of(uri), qualname, opened)
