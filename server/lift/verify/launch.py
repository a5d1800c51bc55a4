"""Starts worker processes, the first one ahead of time.

A worker loads the solver and the checker, which takes about as long as what its user loads meanwhile. Imports
the standard library only, and little of that, so that it can be the first thing that a command does.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import subprocess
import sys

_ahead: list[subprocess.Popen[bytes]] = []


def launch(entry: str | None = None) -> subprocess.Popen[bytes]:
    """A worker process: the one that was started ahead of time if there is one.

    Args:
        entry: The function that checks, as ``package.module:function``; None for lift's own.

    Raises:
        OSError: It could not be started.
    """
    while _ahead and entry is None:
        process = _ahead.pop()
        if process.poll() is None:
            return process
        _end(process)
    return _start(entry)


def launch_ahead() -> None:
    """Start the worker that the next call of `launch` returns, if it can be started.

    Called by the main thread, since a worker ends with the thread that started it.
    """
    if _ahead:
        return
    atexit.register(_end_unused)
    with contextlib.suppress(OSError):
        _ahead.append(_start(None))


def _start(entry: str | None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-P", "-m", "lift.verify.worker", "--parent", str(os.getpid())]
    return subprocess.Popen(
        [*command, *(["--entry", entry] if entry else [])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )


def _end_unused() -> None:
    while _ahead:
        _end(_ahead.pop())


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with contextlib.suppress(OSError):
                stream.close()
