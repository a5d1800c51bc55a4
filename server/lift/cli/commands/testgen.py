"""``lift testgen``: tests for pytest and Hypothesis from what a file states."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lift.cli.files import Misuse, chosen, named_functions, settings
from lift.cli.loading import load
from lift.cli.main import FINE, FOUND
from lift.cli.terminal import make_printable
from lift.cli.writing import create, write
from lift.ide.testing import is_untouched, of_file, place
from lift.resolve.testgen.module import Written
from lift.store.counterexamples import FILE_NAME, Counterexamples
from lift.store.shelf import place as kept


@dataclass(frozen=True)
class _Outcome:
    """The tests of one file; ``fault`` is why there are none, and ``output`` where they were written."""

    path: str
    written: Written | None = None
    fault: str | None = None
    output: str | None = None


def run(arguments: argparse.Namespace) -> int:
    """Prints test modules or writes them; 1 if a file or a named function got no tests."""
    named = named_functions(arguments)
    config = settings(arguments)
    paths = chosen(arguments, config)
    if arguments.output is not None and len(paths) > 1:
        raise Misuse(f"--output takes the tests of one file, and {len(paths)} files are named")
    make_printable(sys.stdout)
    past = Counterexamples(kept(config.cache, FILE_NAME))
    outcomes = [_outcome(arguments, path, named.get(os.path.realpath(path)), past) for path in paths]
    if arguments.format == "json":
        print(
            json.dumps({"version": 1, "files": [_record(o) for o in outcomes]}, indent=2, ensure_ascii=False)
        )
    else:
        for outcome in outcomes:
            _show(outcome)
    whole = all(
        o.fault is None and (o.written is None or o.written.tests or os.path.realpath(o.path) not in named)
        for o in outcomes
    )
    return FINE if whole and any(o.written and o.written.tests for o in outcomes) else FOUND


def _outcome(
    arguments: argparse.Namespace, path: str, only: set[str] | None, past: Counterexamples
) -> _Outcome:
    loaded = load(path)
    if loaded.fault is not None or loaded.module is None or loaded.snapshot is None:
        return _Outcome(path, fault=str(loaded.fault))
    for missing in sorted((only or set()) - {f.qualname for f in loaded.module.all_functions()}):
        raise Misuse(f"{path} has no function {missing}")
    real = Path(os.path.realpath(path))
    found = of_file(real, path, loaded.module, loaded.snapshot.text, only, past.of(str(real)))
    if not found.tests or not (arguments.write or arguments.output):
        return _Outcome(path, found)
    output = Path(arguments.output) if arguments.output else place(real, only)
    _put(output, found.text, arguments.force)
    return _Outcome(
        path, found, output=os.path.relpath(output) if output.is_relative_to(Path.cwd()) else str(output)
    )


def _put(output: Path, text: str, force: bool) -> None:
    """Writes the tests, over an earlier version of them only.

    Raises:
        Misuse: Something else stands there, or the file cannot be written.
    """
    try:
        before = output.read_bytes().decode("utf-8")
    except FileNotFoundError:
        create(output, text)
        return
    except (OSError, UnicodeError) as error:
        raise Misuse(f"{output} cannot be read: {error}") from None
    if not force and not is_untouched(before):
        raise Misuse(
            f"{output} is not as `lift testgen` left it; keep your changes in a file of your own, name"
            " another one with --output, or write over it with --force"
        )
    write(output, before, text)


def _show(outcome: _Outcome) -> None:
    path, found = outcome.path, outcome.written
    if found is None:
        print(f"lift testgen: {path}: {outcome.fault}", file=sys.stderr)
        return
    if outcome.output is not None:
        count = len(found.tests)
        print(f"{outcome.output}: {count} {'test' if count == 1 else 'tests'}")
    elif found.tests:
        sys.stdout.write(found.text)
    else:
        print(f"lift testgen: {path}: it states nothing that a test could show", file=sys.stderr)
    for skipped in found.skipped:
        what = f"`{skipped.what}` of {skipped.function}" if skipped.what else skipped.function
        print(f"{path}:{skipped.line}: not tested: {what}: {skipped.reason}", file=sys.stderr)
    for function, assumed in found.assumed.items():
        said = ", ".join(f"`{a}`" for a in assumed)
        print(f"{path}: {function}: inputs are drawn, then kept only if {said}", file=sys.stderr)


def _record(outcome: _Outcome) -> dict[str, Any]:
    found = outcome.written
    return {
        "path": outcome.path,
        "output": outcome.output,
        "tests": list(found.tests) if found else [],
        "text": found.text if found and outcome.output is None else None,
        "skipped": [
            {"function": s.function, "clause": s.what or None, "line": s.line, "reason": s.reason}
            for s in (found.skipped if found else ())
        ],
        "assumed": {name: list(texts) for name, texts in found.assumed.items()} if found else {},
        "error": outcome.fault,
    }
