"""CrossHair as a second search for inputs that break a specification: the parent's side.

What it reports is run again in lift's own sandbox by whoever asks, and only that run counts: CrossHair's word
is neither a proof nor a refutation here. Must not import CrossHair, which works in ``crosshair_child.py``, in
a process that is confined like the sandbox and killed when its time is over.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from lift_ir import Module

from lift.verify.linking import as_request
from lift.verify.peers.contracts import COPY, ICONTRACT, with_contracts
from lift.verify.replay import Case, Program

_SCRIPT = Path(__file__).resolve().with_name("crosshair_child.py")
_START_SECONDS = 10.0
"""Wall time that its start may take beside its search; importing it takes one second or two."""
_MOST_CASES = 50
_LONGEST = 1 << 20


def inputs(module: Module, program: Program, seconds: float, memory_mb: int) -> list[Case]:
    """The inputs on which CrossHair believes that a function breaks its specification.

    Args:
        module: The IR of the function's module.
        program: The function with the definitions that it needs, on their lines.
        seconds: Time for the search.
        memory_mb: Address space of the process, in MiB.

    Returns:
        What it found in time, as cases for a replay. Never raises on what the code or CrossHair does.
    """
    request = {
        "source": with_contracts(module, program.source, program.function),
        "filename": program.filename,
        "function": program.function,
        "parameters": [list(p) for p in program.parameters],
        "checks": [],
        "icontract": ICONTRACT,
        "copy": COPY,
        "seconds": seconds,
        "memory_mb": memory_mb,
        "cpu": int(seconds + _START_SECONDS) + 1,
        "parent": os.getpid(),
        "path": sys.path,
        **as_request(program.modules, program.links),
    }
    try:
        process = subprocess.Popen(
            [sys.executable, "-s", "-P", str(_SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=tempfile.gettempdir(),
            env={"PYTHONHASHSEED": "0"},
            start_new_session=True,
        )
    except OSError:
        return []
    try:
        return _found(process, request, time.monotonic() + seconds + _START_SECONDS)
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()


def _found(process: subprocess.Popen[bytes], request: dict[str, Any], deadline: float) -> list[Case]:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(json.dumps(request).encode())
        process.stdin.close()
    except OSError:
        return []
    number = process.stdout.fileno()
    poll = select.poll()
    poll.register(number, select.POLLIN)
    pending = b""
    cases: list[Case] = []
    while len(cases) < _MOST_CASES and len(pending) < _LONGEST:
        line, newline, rest = pending.partition(b"\n")
        if newline:
            pending = rest
            case = _case(line)
            if case is None:
                break
            if case not in cases:
                cases.append(case)
            continue
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            break
        more = os.read(number, 1 << 16)
        if not more:
            break
        pending += more
    return cases


def _case(line: bytes) -> Case | None:
    """The input in a line of the child's, None for its end.

    The child ran foreign code, so nothing about the line's shape is trusted.
    """
    try:
        arguments = json.loads(line)["arguments"]
        # Parentheses, since an argument that shares an object names it: ``v1:=[0]``.
        return Case({str(name): f"({text})" for name, text in arguments.items()})
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
