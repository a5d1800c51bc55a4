"""A process that reads files for the index, below everybody else's priority.

Reads JSON lines from stdin and answers with JSON lines on a copy of stdout; stdout itself is closed off. Dies
with its parent. Loads no solver; whoever sends it a path decides what is read.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import json
import logging
import os
import signal
import stat
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from lift.errors import SourceError
from lift.source.folders import python_files
from lift.source.text import Snapshot, digest, read

_NICE = 10
_PR_SET_PDEATHSIG = 1
_CHUNK = 2000
_MEMORY = 1 << 30


def main() -> None:
    """Serve until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True, help="process id of whoever started it")
    arguments = parser.parse_args()
    inbox, outbox = os.fdopen(os.dup(0), "rb"), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="lift index: %(message)s")
    _die_with(arguments.parent)
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_NICE)
    _limit_memory()
    # What a file leaves behind holds few cycles, and is looked through only where little else is there.
    gc.disable()
    for line in inbox:
        message = json.loads(line)
        answers = _listed(**message["list"]) if "list" in message else _read_all(**message["read"])
        for answer in answers:
            _send(outbox, answer)
        gc.collect()
        _send(outbox, {"done": True, "size": _resident()})


def _listed(root: str, base: str, exclude: Sequence[str], most: int) -> Iterator[dict[str, Any]]:
    """The Python files of a folder, some at a time, each with its size, time and number."""
    found: list[tuple[str, int, int, int]] = []
    count = 0
    real = os.path.realpath(root)
    for path in python_files(root, Path(base), exclude):
        try:
            status = os.lstat(path)
            if stat.S_ISLNK(status.st_mode):
                target = os.path.realpath(path)
                if target == real or target.startswith(real + os.sep):
                    # It is in the folder under its own name, too.
                    continue
                status = os.stat(path)
        except (OSError, ValueError):
            continue
        if not stat.S_ISREG(status.st_mode):
            continue
        found.append((os.path.relpath(path, root), status.st_size, status.st_mtime_ns, status.st_ino))
        count += 1
        if len(found) == _CHUNK or count == most:
            yield {"files": found}
            found = []
        if count == most:
            return
    yield {"files": found}


def _read_all(root: str, paths: Sequence[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """What each file specifies; of one whose text has the digest given only that it is the same."""
    for path, known in paths:
        yield {"path": path, **_read(os.path.join(root, path), known)}


def _read(path: str, known: str) -> dict[str, Any]:
    now = time.time_ns()
    try:
        # Before the text: a file that is written in between has another stamp afterwards.
        status = os.stat(path)
    except (OSError, ValueError):
        return {"gone": True}
    answer: dict[str, Any] = {"stamp": [status.st_size, status.st_mtime_ns, status.st_ino, now]}
    try:
        snapshot = read(Path(path))
    except SourceError:
        return {**answer, "digest": "", "record": None}
    mark = digest(snapshot.text)
    answer["digest"] = mark
    if mark == known:
        return {**answer, "same": True}
    try:
        answer["record"] = _record(snapshot)
    except Exception as error:
        # A mistake of ours in one file is no reason to leave the others out.
        logging.error("%s: %s: %s", path, type(error).__name__, error)
        answer["record"] = None
    return answer


def _record(snapshot: Snapshot) -> dict[str, Any] | None:
    # Whoever only lists files, since all of them are known, need not load this.
    from lift.extract import extract
    from lift.extract.signs import may_specify
    from lift.index.records import as_json, record_of

    if not may_specify(snapshot.text):
        return None
    record = record_of(extract(snapshot))
    return None if record is None else as_json(record)


def _resident() -> int:
    """The process's memory in bytes, 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as stream:
            return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_AS)
        limits = [limit for limit in (soft, hard, _MEMORY) if limit != resource.RLIM_INFINITY]
        resource.setrlimit(resource.RLIMIT_AS, (min(limits), hard))


def _die_with(parent: int) -> None:
    if sys.platform.startswith("linux"):
        with contextlib.suppress(ImportError, OSError, AttributeError):
            import ctypes

            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        # The parent died before the line above: no signal will ever come.
        os._exit(0)


def _send(outbox: int, message: dict[str, Any]) -> None:
    line = json.dumps(message, separators=(",", ":")).encode() + b"\n"
    while line:
        line = line[os.write(outbox, line) :]


if __name__ == "__main__":
    main()
