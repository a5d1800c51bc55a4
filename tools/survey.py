"""Prints what share of the functions with a doctest or a guard gets a verdict, and why the others get none.

    python tools/survey.py [PATH | MODULE ...] [--seconds N] [--workers N] [--list]

Without arguments it takes ``examples/`` and ten modules of the standard library of its interpreter.
A verdict is anything but ``unknown`` and ``unchecked``. A function counts once, under its weakest clause; a
reason is counted without the names and numbers in it.
"""

from __future__ import annotations

import argparse
import collections
import re
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

from lift.extract import Extraction, extract
from lift.source import read
from lift.verify.options import Options
from lift.verify.pool import Job, Pool
from lift_ir import ClauseResult, Function, FunctionResult

MODULES = (
    "bisect",
    "calendar",
    "collections",
    "difflib",
    "fractions",
    "heapq",
    "ipaddress",
    "random",
    "statistics",
    "textwrap",
)
NOTHING_TO_CHECK = "a guard whose exception may come from elsewhere too, which leaves nothing to check"
DECIDED = {"proved", "bounded", "tested", "refuted"}


def sources(names: list[str]) -> Iterator[Path]:
    """The files that paths and names of modules stand for."""
    library = Path(sysconfig.get_paths()["stdlib"])
    for name in names:
        path = Path(name)
        if path.is_dir():
            yield from sorted(path.rglob("*.py"))
        elif path.exists():
            yield path
        else:
            module = library.joinpath(*name.split("."))
            yield module / "__init__.py" if module.is_dir() else module.with_suffix(".py")


def surveyed(extraction: Extraction) -> list[Function]:
    """The functions with a doctest or a guard."""
    return [
        f
        for f in extraction.module.all_functions()
        if any(c.kind == "example" or (c.kind == "raises" and c.source == "guard") for c in f.clauses)
    ]


def decisive(result: FunctionResult) -> ClauseResult | None:
    """The first clause that has the function's verdict."""
    return next((c for c in result.clauses if c.verdict == result.verdict), None)


def general(reason: str) -> str:
    """A reason without what only this function has."""
    reason = re.sub(r"^the parameters? .* (has|have) no type$", "a parameter has no type", reason)
    return re.sub(r"`[^`]*`|'[^']*'|\b\d+\b", "…", reason)


def main() -> int:
    """Runs the survey."""
    parser = argparse.ArgumentParser(description="Verdicts on functions with a doctest or a guard.")
    parser.add_argument("names", nargs="*", default=["examples", *MODULES], metavar="PATH | MODULE")
    parser.add_argument("--seconds", type=float, default=Options.seconds, help="budget of a function")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument(
        "--list", action="store_true", help="print each function that gets none or is refuted"
    )
    options = parser.parse_args()
    pool = Pool(options.workers, newest_first=False)
    waiting = []
    for path in sources(options.names):
        snapshot = read(path)
        extraction = extract(snapshot)
        for function in surveyed(extraction):
            job = Job(extraction.module, snapshot.text, function.qualname, Options(seconds=options.seconds))
            waiting.append((path, pool.submit(job)))
    tally: collections.Counter[str] = collections.Counter()
    reasons: collections.Counter[str] = collections.Counter()
    for done, (path, future) in enumerate(waiting, 1):
        print(f"\r{done} of {len(waiting)}", end="", file=sys.stderr)
        result = future.result()
        tally[result.verdict] += 1
        clause = decisive(result)
        if result.verdict == "refuted" and clause is not None and options.list:
            print(f"{path.stem}.{result.name} is refuted: {clause.message}")
        if result.verdict not in DECIDED:
            reason = (clause.reason if clause else None) or NOTHING_TO_CHECK
            reasons[general(reason)] += 1
            if options.list:
                print(f"{path.stem}.{result.name}: {reason}")
    pool.close()
    print(file=sys.stderr)
    decided = sum(tally[v] for v in DECIDED)
    print(f"{decided} of {len(waiting)} functions get a verdict ({100 * decided // max(1, len(waiting))} %)")
    for verdict, count in tally.most_common():
        print(f"{count:5}  {verdict}")
    print("the commonest reasons for none:")
    for reason, count in reasons.most_common(5 if not options.list else None):
        print(f"{count:5}  {reason}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
