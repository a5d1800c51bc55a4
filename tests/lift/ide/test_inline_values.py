"""A counterexample's values, line by line, as an editor shows them in the text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lift.config import Config
from lift.ide.inline_values import inline_values
from lift.project import Project
from lift.source.text import Snapshot
from lift.verify.pool import Pool
from lift_ir import Position, Span

URI = "file:///module.py"
TEXT = '''def total(count: int, limit: int) -> int:
    """Add up.

    Requires:
        - ``count == 5``
        - ``limit == 3``

    Ensures:
        - ``result <= limit``
    """
    found = 0
    for step in range(count):
        found += step
    return found


def fine(x: int) -> int:
    """The same.

    Ensures:
        - ``result == x``
    """
    same = x
    return same
'''
EVERYTHING = Span(start=Position(line=1, column=0), end=Position(line=99, column=0))


@pytest.fixture
def project() -> Iterator[Project]:
    pool = Pool(workers=1)
    yield Project(Path.cwd(), Config(cache=False), pool=pool)
    pool.close()


def shown(project: Project, span: Span = EVERYTHING) -> dict[int, str]:
    return {value.span.start.line: value.text for value in inline_values(project, URI, span)}


def test_each_line_shows_what_it_set(project: Project) -> None:
    snapshot = Snapshot(URI, 1, TEXT)
    assert inline_values(project, URI, EVERYTHING) == ()
    assert list(project.collect(project.begin(snapshot)))
    found = shown(project)
    assert found[1] == "count = 5, limit = 3"
    assert found[11] == "found = 0"
    assert found[13] == "found = 1 → 3 → … → 10"
    # What holds has no counterexample.
    assert max(found) < 16
    (value,) = inline_values(
        project, URI, Span(start=Position(line=11, column=0), end=Position(line=11, column=4))
    )
    assert (value.span.start.column, value.span.end.column) == (4, 13)


@pytest.mark.parametrize(
    "text", [TEXT.replace("found = 0", "found = 1"), TEXT + "def broken(:\n"], ids=["changed", "broken"]
)
def test_nothing_that_is_stale_is_shown(project: Project, text: str) -> None:
    assert list(project.collect(project.begin(Snapshot(URI, 1, TEXT))))
    assert shown(project)
    project.analyse(Snapshot(URI, 2, text))
    assert shown(project) == {}
