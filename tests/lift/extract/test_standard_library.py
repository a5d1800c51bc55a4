"""Code that nobody here wrote: the interpreter's whole standard library."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterable
from pathlib import Path

import pytest
from lift.errors import SourceError
from lift.extract import extract
from lift.source import LineIndex, Snapshot, read

# Its docstring lists preconditions in bullets, in prose: the one specification in the library.
SPECIFIED = {"Entry.allowance"}
LIBRARY = Path(sysconfig.get_paths()["stdlib"])


def files(*, tests: bool) -> list[Path]:
    """The library's Python files, without installed packages; test files only if asked for."""
    found = []
    for path in sorted(LIBRARY.rglob("*.py")):
        parts = set(path.relative_to(LIBRARY).parts)
        if not parts & {"site-packages", "__pycache__"} and tests == bool(
            parts & {"test", "tests", "idle_test"}
        ):
            found.append(path)
    return found


def check(paths: Iterable[Path]) -> tuple[int, int]:
    """Extracts files and checks every span in them; gives how many functions and clauses there were."""
    functions = clauses = 0
    for path in paths:
        try:
            snapshot = read(path)
        except SourceError:
            continue
        extraction = extract(snapshot)
        index = LineIndex(snapshot.text)
        lit = {f.qualname for f in extraction.module.all_functions() if f.specified}
        assert lit <= SPECIFIED, (path, lit)
        assert extraction.problems == (), path
        for function in extraction.module.all_functions():
            functions += 1
            where = (path, function.qualname)
            assert index.text_at(function.name_span) == function.name, where
            assert index.text_at(function.span).startswith(("def", "async", "@")), where
            for parameter in function.signature.parameters:
                assert index.text_at(parameter.span) == parameter.name, where
                if parameter.type.kind == "type" and parameter.type.span is not None:
                    assert index.text_at(parameter.type.span) == parameter.type.text, where
            for clause in function.clauses:
                clauses += 1
                assert index.text_at(clause.span) == clause.text, where
            for call in function.calls:
                assert index.text_at(call.span).endswith(")"), where
    return functions, clauses


def test_a_part_of_the_standard_library() -> None:
    functions, clauses = check(files(tests=False)[::12])
    assert functions > 500
    assert clauses > 30


@pytest.mark.slow
def test_the_whole_standard_library() -> None:
    functions, clauses = check(files(tests=False))
    assert functions > 10_000
    assert clauses > 1000


@pytest.mark.slow
def test_its_own_tests_extract_too() -> None:
    for path in files(tests=True)[::8]:
        try:
            snapshot = read(path)
        except SourceError:
            continue
        assert extract(snapshot).module.digest


def test_moving_everything_down_moves_every_place() -> None:
    for name in ("argparse", "textwrap", "doctest", "fractions"):
        snapshot = read(LIBRARY / f"{name}.py")
        before = extract(snapshot)
        below = Snapshot(snapshot.uri, 2, "\n\n# Two comments\n# more.\n" + snapshot.text)
        assert extract(below, before).module == extract(below).module
