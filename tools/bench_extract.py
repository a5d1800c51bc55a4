"""Prints how long extraction takes beside ``ast.parse`` alone, on the same files in the same run.

    python tools/bench_extract.py [FOLDER ...] [--tests] [--slowest N]

Without folders it takes the standard library of the interpreter that runs it. Texts are read beforehand,
so that only parsing and extraction are measured.
"""

from __future__ import annotations

import argparse
import ast
import gc
import sys
import sysconfig
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

from lift.errors import SourceError
from lift.extract import extract
from lift.source import Snapshot, read

SKIPPED = {"site-packages", "__pycache__"}
TESTS = {"test", "tests", "idle_test"}


def python_files(folder: Path, *, tests: bool) -> Iterator[Path]:
    """The Python files below a folder, without installed packages and, unless asked for, tests."""
    skipped = SKIPPED if tests else SKIPPED | TESTS
    for path in sorted(folder.rglob("*.py")):
        if not skipped.intersection(path.relative_to(folder).parts):
            yield path


def main() -> int:
    """Runs the benchmark; exit status 1 if a file could not be extracted."""
    parser = argparse.ArgumentParser(description="Extraction beside ast.parse alone.")
    parser.add_argument("folders", nargs="*", type=Path, default=[Path(sysconfig.get_paths()["stdlib"])])
    parser.add_argument("--tests", action="store_true", help="take test files too")
    parser.add_argument("--slowest", type=int, default=0, metavar="N", help="list the N slowest files")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    snapshots: list[Snapshot] = []
    for folder in options.folders:
        for path in python_files(folder, tests=options.tests):
            try:
                snapshots.append(read(path))
            except SourceError as error:
                print(f"left out: {error}", file=sys.stderr)
    parsing: dict[str, float] = {}
    extracting: dict[str, float] = {}
    unparsed = functions = clauses = 0
    extract(snapshots[0])
    gc.collect()
    for snapshot in snapshots:
        started = time.perf_counter()
        try:
            ast.parse(snapshot.text)
        except (SyntaxError, ValueError):
            unparsed += 1
        between = time.perf_counter()
        extraction = extract(snapshot)
        extracting[snapshot.uri] = time.perf_counter() - between
        parsing[snapshot.uri] = between - started
        everything = extraction.module.all_functions()
        functions += len(everything)
        clauses += sum(len(function.clauses) for function in everything)
    parse, whole = sum(parsing.values()), sum(extracting.values())
    lines = sum(snapshot.text.count("\n") for snapshot in snapshots)
    print(f"{len(snapshots)} files, {lines:,} lines, {functions:,} functions, {clauses:,} clauses")
    if unparsed:
        print(f"{unparsed} of them do not parse")
    print(f"ast.parse alone  {parse:7.2f} s")
    print(f"extract          {whole:7.2f} s  ({whole / parse:.2f} times ast.parse)")
    for uri in sorted(extracting, key=extracting.__getitem__, reverse=True)[: options.slowest]:
        print(f"{extracting[uri] * 1000:8.1f} ms  {parsing[uri] * 1000:6.1f} ms parse  {uri}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
