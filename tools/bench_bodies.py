"""Prints what bodies are written for small specifications without a model, and how long it takes.

``python tools/bench_bodies.py [FILE.py] [NAME ...]`` reads the file, else
``tests/lift/resolve/bodies/data/small.py``; times include the check of the changed text, in this process.
"""

from __future__ import annotations

import statistics
import sys
import textwrap
import time
from pathlib import Path

from lift.extract import extract
from lift.resolve.bodies import SECONDS
from lift.resolve.bodies.search import find
from lift.source.text import Snapshot
from lift.verify.options import Options

DATA = Path(__file__).resolve().parent.parent / "tests/lift/resolve/bodies/data/small.py"


def main(names: list[str]) -> None:
    """Print a row and the body for each function, and the sum at the end."""
    data = Path(names.pop(0)) if names and names[0].endswith(".py") else DATA
    text = data.read_text()
    module = extract(Snapshot(data.name, None, text)).module
    times: list[float] = []
    proved = 0
    for function in module.functions:
        if names and function.name not in names:
            continue
        started = time.monotonic()
        found = find(module, text, function.qualname, Options(seconds=SECONDS))
        seconds = time.monotonic() - started
        times.append(seconds)
        best = found.bodies[0] if found.bodies else None
        proved += best is not None and best.verdict == "proved"
        said = f"{best.origin}, {best.evidence}" if best else found.reason
        print(f"{function.name:22} {seconds:6.2f} s  {found.tried:5}  {said}")
        if best:
            print(textwrap.indent(best.body, "    "))
    print(
        f"{proved} of {len(times)} proved; median {statistics.median(times):.2f} s, most {max(times):.2f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
