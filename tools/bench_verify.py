"""Measures checks beside CrossHair's: the same functions on the same machine in the same run.

    python tools/bench_verify.py FOLDER [--peer-seconds N]

FOLDER holds Python files with one specified function or class each, in lift's notation. Each is written a
second time with icontract's decorators, which CrossHair reads (``pip install crosshair-tool icontract``).
Prints a Markdown table: lift cold (a new process, no cache), lift warm (a worker that is up, no cache) and
CrossHair (a new process, as it has no other), with the verdicts.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.options import Options
from lift.verify.peers.contracts import HEADER, with_contracts
from lift.verify.pool import Job, Pool
from lift_ir import FunctionResult, Verdict, weakest

BIN = Path(sys.executable).parent
_SHORT = {"proved": "✓", "refuted": "✗"}


@dataclass(frozen=True)
class Row:
    """One case; times in seconds."""

    name: str
    lift: str
    warm: float
    cold: float
    peer: str
    peer_seconds: float

    @property
    def both_decide(self) -> bool:
        """Whether both say something definite."""
        return {self.lift, self.peer} <= {"proved", "refuted"}


def timed(command: list[str]) -> tuple[float, subprocess.CompletedProcess[str]]:
    """Seconds that a command takes, and what it printed."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        return time.perf_counter() - began, done


def peer_says(path: Path, seconds: float) -> tuple[float, str]:
    """CrossHair's time and verdict."""
    options = ["--analysis_kind", "icontract", "--report_all", "--per_condition_timeout", f"{seconds:g}"]
    spent, done = timed([str(BIN / "crosshair"), "check", *options, str(path)])
    if done.returncode == 1:
        return spent, "refuted"
    found = re.findall(r"(?:info|warning): (.*)", done.stdout)
    confirmed = bool(found) and all(line.startswith("Confirmed") for line in found)
    return spent, "proved" if done.returncode == 0 and confirmed else "unknown"


def lift_warm(pool: Pool, path: Path) -> tuple[float, str]:
    """The time of a worker that is up, and the verdict, over all specified functions of a file."""
    text = path.read_text()
    module = extract(Snapshot(str(path), None, text)).module
    began = time.perf_counter()
    results: list[FunctionResult] = [
        pool.submit(Job(module, text, f.qualname, Options())).result()
        for f in module.all_functions()
        if f.specified or any(c.invariants for c in module.classes)
    ]
    verdicts: tuple[Verdict, ...] = tuple(r.verdict for r in results)
    return time.perf_counter() - began, weakest(verdicts)


def measure(path: Path, folder: Path, pool: Pool, peer_seconds: float) -> Row:
    """Both tools on one file."""
    text = path.read_text()
    module = extract(Snapshot(str(path), None, text)).module
    theirs = folder / path.name
    theirs.write_text(HEADER + with_contracts(module, text))
    cold, _ = timed([str(BIN / "lift"), "check", "--no-cache", str(path)])
    warm, verdict = lift_warm(pool, path)
    spent, peer = peer_says(theirs, peer_seconds)
    return Row(path.stem, verdict, warm, cold, peer, spent)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--peer-seconds", type=float, default=10.0, help="CrossHair's limit for a condition")
    options = parser.parse_args()
    rows: list[Row] = []
    print("| case | lift | warm | cold | CrossHair | takes | CrossHair / warm | CrossHair / cold |")
    print("|---|---|---|---|---|---|---|---|")
    pool = Pool(workers=1)
    paths = sorted(p for p in options.folder.glob("*.py"))
    with tempfile.TemporaryDirectory() as folder:
        lift_warm(pool, paths[0])
        for path in paths:
            row = measure(path, Path(folder), pool, options.peer_seconds)
            rows.append(row)
            print(
                f"| {row.name} | {_mark(row.lift)} | {row.warm:.2f} s | {row.cold:.2f} s | "
                f"{_mark(row.peer)} | {row.peer_seconds:.1f} s | {row.peer_seconds / row.warm:.0f} | "
                f"{row.peer_seconds / row.cold:.1f} |",
                flush=True,
            )
    pool.close()
    _conclude(rows)


def _mark(verdict: str) -> str:
    return f"{_SHORT.get(verdict, '·')} {verdict}"


def _conclude(rows: list[Row]) -> None:
    warm = sorted(r.warm for r in rows)
    both = [r for r in rows if r.both_decide]
    print()
    print(f"{len(rows)} cases; warm: median {statistics.median(warm) * 1000:.0f} ms,", end=" ")
    print(f"95 % within {warm[max(0, round(len(warm) * 0.95) - 1)] * 1000:.0f} ms.", end=" ")
    print(f"Definite: lift {sum(r.lift in _SHORT for r in rows)},", end=" ")
    print(f"CrossHair {sum(r.peer in _SHORT for r in rows)}, both {len(both)}.", end=" ")
    if both:
        ratios = [r.peer_seconds / r.warm for r in both]
        colds = [r.peer_seconds / r.cold for r in both]
        print(f"On those CrossHair takes {statistics.median(ratios):.0f} times as long as lift warm", end=" ")
        print(f"(the least {min(ratios):.0f}), and {statistics.median(colds):.1f} times as long", end=" ")
        print("as lift cold, by the median.")


if __name__ == "__main__":
    main()
