"""Measure the index beside ``ast.parse`` of the same files over the same number of processes, in one run.

    python tools/bench_index.py [--workers N] [--files N] [FOLDER]

Without a folder the standard library is taken. ``--files`` measures a folder with so many copies as well,
with the memory of all of lift's processes while it is read.
"""

from __future__ import annotations

import argparse
import ast
import gc
import os
import shutil
import sysconfig
import tempfile
import threading
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from lift.errors import SourceError
from lift.index.index import Index
from lift.source.folders import python_files
from lift.source.text import read

LEFT_OUT = ("test", "tests", "idle_test")
PAGE = os.sysconf("SC_PAGE_SIZE")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", type=Path, default=Path(sysconfig.get_path("stdlib")))
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--files", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        print("| files | MB | ast.parse | cold | ratio | warm | peak memory of all processes |")
        print("|---|---|---|---|---|---|---|")
        row(arguments.folder, Path(scratch) / "a.sqlite3", arguments.workers)
        if arguments.files:
            copies = copied(arguments.folder, Path(scratch) / "copies", arguments.files)
            row(copies, Path(scratch) / "b.sqlite3", arguments.workers)


def row(folder: Path, kept: Path, workers: int) -> None:
    """Measures one folder and prints its row, then how its memory grew."""
    files = [Path(path) for path in python_files(str(folder), folder, LEFT_OUT)]
    parsed, size = parsing(files, workers)
    cold, curve = reading(folder, kept, workers)
    warm, _ = reading(folder, kept, workers)
    peak = max(memory for _, memory in curve)
    print(
        f"| {len(files):,} | {size / 1e6:.1f} | {parsed:.2f} s | {cold:.2f} s | {cold / parsed:.2f} "
        f"| {warm:.2f} s | {peak:,} MB |"
    )
    steps = curve[:: max(1, len(curve) // 10)]
    print("growth: " + ", ".join(f"{done:,} files {memory:,} MB" for done, memory in steps))


def parsing(files: list[Path], workers: int) -> tuple[float, int]:
    """Seconds to read and parse the files, the processes being there, and their size in bytes."""
    with ProcessPoolExecutor(workers) as pool:
        list(pool.map(int, range(workers)))
        began = time.perf_counter()
        size = sum(pool.map(parse, files, chunksize=16))
        return time.perf_counter() - began, size


def parse(path: Path) -> int:
    """Parses one file; gives its length."""
    # As the index does: trees hold no cycles, and looking for some takes a good part of the time.
    gc.disable()
    try:
        text = read(path).text
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except (SourceError, SyntaxError, ValueError, RecursionError):
        return 0
    return len(text)


def reading(folder: Path, kept: Path, workers: int) -> tuple[float, list[tuple[int, int]]]:
    """Seconds until a new index is ready, and the memory of all processes in MB by files read."""
    index = Index(folder, LEFT_OUT, kept, "bench", workers=workers)
    curve: list[tuple[int, int]] = [(0, memory())]
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            curve.append((index.done, memory()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    index.start()
    index.wait()
    seconds = time.perf_counter() - began
    over.set()
    watcher.join()
    index.close()
    assert index.ready
    return seconds, curve


def memory() -> int:
    """Resident memory of this process and those below it, in MB."""
    total, below = 0, {os.getpid()}
    for entry in sorted(int(name) for name in os.listdir("/proc") if name.isdecimal()):
        try:
            status = Path(f"/proc/{entry}/stat").read_text().rpartition(")")[2].split()
            if entry in below or int(status[1]) in below:
                below.add(entry)
                total += int(status[21]) * PAGE
        except (OSError, IndexError, ValueError):
            continue
    return total // 1_000_000


def copied(folder: Path, target: Path, wanted: int) -> Path:
    """A folder with so many copies of the files of another."""
    files = [Path(path) for path in python_files(str(folder), folder, LEFT_OUT)]
    for number in range(wanted):
        source = files[number % len(files)]
        place = target / f"copy{number // len(files)}" / source.relative_to(folder)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, place)
    return target


if __name__ == "__main__":
    main()
