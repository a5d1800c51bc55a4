"""Runs a function on given inputs in CPython and says which clauses held.

This is the parent's side: it prepares clauses, starts ``sandbox.py`` in a process of its own, bounds it
in time and memory, and starts it again after a case that killed it. Must not import z3, and never runs,
imports or evaluates any of the user's code in this process.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from lift_ir import Raised, Returned, Step

from lift.verify.clause_plans import planned
from lift.verify.linking import Link, as_request

CheckKind = Literal["requires", "ensures", "raises", "invariant"]
Status = Literal["ok", "skipped", "timeout", "crashed", "broken"]

# The child is stopped by its own processor-time limit; this wall-clock allowance only matters for loops
# inside C code, which no Python signal handler can interrupt, and must not hit a slow, busy machine.
_WALL_FACTOR, _WALL_EXTRA = 4.0, 1.0
_LEAST_MEMORY_MB = 96
# Values are cut off in the child; a longer line, in bytes, comes from code that writes to the pipe itself.
_LONGEST = 1 << 24
_SCRIPT = Path(__file__).resolve().with_name("sandbox.py")


@dataclass(frozen=True)
class Case:
    """One input.

    Attributes:
        arguments: Parameter name → Python expression, evaluated after ``setup``, in order. A parameter
            that is missing is left at its default.
        setup: Statements that run first in the same namespace: shared objects, instances.
    """

    arguments: dict[str, str]
    setup: tuple[str, ...] = ()


@dataclass(frozen=True)
class Check:
    """One expression to judge.

    Attributes:
        key: The caller's handle; the verdict is found under it.
        expression: Normalised clause, with ``result`` or ``__return__``, ``old(e)``, ``implies(p, q)``.
            For ``raises`` the condition, over the state at entry.
        exception: The exception's name, for ``raises``.
        exact: Whether the exception must be raised when the condition holds, or only may be.
    """

    key: str
    kind: CheckKind
    expression: str
    exception: str | None = None
    exact: bool = True


@dataclass(frozen=True)
class Program:
    """A function with the definitions that it needs.

    Attributes:
        source: Text of a module with only these definitions, padded so that lines are the user's.
        filename: Shown in tracebacks only.
        function: Qualified name. A method is called as a plain function with ``self`` among the
            arguments; for ``C.__init__`` an empty instance is made, and invariants are judged after.
        parameters: ``(name, style)`` in order, styles as in ``lift_ir.Parameter``. A var-positional
            parameter is given a tuple, a var-keyword one a dict.
        modules: What it needs of other files: dotted name, path and text of each.
        links: The names that stand for something of them.
    """

    source: str
    filename: str
    function: str
    parameters: tuple[tuple[str, str], ...]
    checks: tuple[Check, ...] = ()
    modules: tuple[tuple[str, str, str], ...] = ()
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class CheckVerdict:
    """Whether a check held in one run; None if that cannot be said, with why in ``detail``."""

    holds: bool | None
    detail: str = ""


@dataclass(frozen=True)
class Run:
    """What happened for one case.

    Attributes:
        status: ``skipped``: a Requires or an entry invariant does not hold; ``timeout``; ``crashed``: the
            process died; ``broken``: nothing can be concluded, since the case could not be set up or hit
            a limit of the sandbox. Only ``ok`` says anything about the function.
        reason: Why the status is not ``ok``.
        arguments: Each argument as it was before the call, as a person would type it; with defaults.
        call: The call as a person would type it: ``allocate(1, [1, 1])``.
        setup: Lines that must run before ``call``, where arguments share objects.
        outcome: What came out. The line of a return is known where a check failed or a single case was
            given, and None otherwise.
        verdicts: By the keys of the ensures, raises and invariant checks.
        undeclared: Whether an exception escaped that no raises check declares for this input.
        seconds: Wall time of the call itself.
        trace: The lines that ran, where they were asked for.
    """

    status: Status
    reason: str | None = None
    arguments: dict[str, str] = field(default_factory=dict)
    call: str = ""
    setup: tuple[str, ...] = ()
    outcome: Returned | Raised | None = None
    verdicts: dict[str, CheckVerdict] = field(default_factory=dict)
    undeclared: bool = False
    seconds: float = 0.0
    trace: tuple[Step, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether something was broken: a check, or an exception that nothing declares."""
        return self.undeclared or any(v.holds is False for v in self.verdicts.values())


def run(
    program: Program,
    cases: Sequence[Case],
    *,
    seconds: float,
    per_case: float = 0.5,
    memory_mb: int = 512,
    stop_after_failures: int = 0,
    steps: bool = False,
) -> list[Run]:
    """Run a function on each case, in order.

    Args:
        seconds: Wall time for all cases together.
        per_case: Processor time for one case.
        memory_mb: Address space of the sandbox, in MiB.
        stop_after_failures: Stop after so many runs that broke something; 0 runs all cases.
        steps: Whether to record the lines that run, which is slow.

    Returns:
        One run for each case from the first on; fewer than there are cases if the time ran out or if it
        stopped after failures. Never raises on what the code does.
    """
    request = _request(program, len(cases) == 1)
    request |= {
        "steps": steps,
        "per_case": per_case,
        "memory_mb": max(memory_mb, _LEAST_MEMORY_MB),
        "cpu": int(seconds) + 2,
    }
    deadline = time.monotonic() + seconds
    runs: list[Run] = []
    failures = 0
    while len(runs) < len(cases) and time.monotonic() < deadline:
        with contextlib.closing(_batch(request, cases[len(runs) :], deadline)) as batch:
            for one in batch:
                runs.append(one)
                failures += one.failed
                if stop_after_failures and failures >= stop_after_failures:
                    return runs
    return runs


def _batch(request: dict[str, Any], cases: Sequence[Case], deadline: float) -> Generator[Run, None, None]:
    """The runs of one process, until the cases are done or one of them has killed it."""
    try:
        process = _start()
    except OSError as error:
        yield from (Run("broken", f"the sandbox could not be started: {error}") for _ in cases)
        return
    try:
        token = secrets.token_hex(8)
        inputs = [[list(c.setup), c.arguments] for c in cases]
        payload = request | {"token": token, "cases": inputs, "parent": os.getpid()}
        # A child that died at once is noticed below, when nothing comes back from it.
        with contextlib.suppress(BrokenPipeError):
            _write_all(process, json.dumps(payload).encode())
        yield from _results(process, len(cases), token, request["per_case"], deadline)
    finally:
        _end(process)
        _prepare_spares()


def _results(
    process: subprocess.Popen[bytes], count: int, token: str, per_case: float, deadline: float
) -> Iterator[Run]:
    lines = _lines(process, per_case * _WALL_FACTOR + _WALL_EXTRA, deadline)
    ready = next(lines, None)
    if ready is None:
        yield Run("timeout", "the time for all cases ran out")
        return
    if ready != b"ready":
        reason = ready.decode(errors="replace") or "the sandbox could not be set up"
        yield from (Run("broken", reason) for _ in range(count))
        return
    for number in range(count):
        line = next(lines, None)
        if line is None:
            late = time.monotonic() >= deadline
            yield Run("timeout", "the time for all cases ran out" if late else "it did not end")
            return
        if not line:
            yield Run("crashed", _death(process))
            return
        # The code may have written to the pipe itself: what follows such a line cannot be told apart.
        head, _, answer = line.partition(b" ")
        found = _read_run(answer) if head == b"%s-%d" % (token.encode(), number) else None
        yield found or Run("crashed", "the sandbox's answer could not be read")
        if found is None:
            return


def _lines(process: subprocess.Popen[bytes], wall: float, deadline: float) -> Iterator[bytes | None]:
    """Lines from the child: empty when it is gone, None when the next one does not come in time."""
    stream = process.stdout
    assert stream is not None
    number = stream.fileno()
    poll = select.poll()
    poll.register(number, select.POLLIN)
    pending = b""
    until = min(deadline, time.monotonic() + wall)
    while True:
        line, newline, rest = pending.partition(b"\n")
        if newline:
            pending = rest
            yield line
            until = min(deadline, time.monotonic() + wall)
            continue
        left = until - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            yield None
            return
        more = os.read(number, 1 << 16)
        if not more:
            yield b""
            return
        pending += more
        if len(pending) > _LONGEST:
            yield b"?"
            return


def _read_run(line: bytes) -> Run | None:
    """A run from the child's line, None if it is not one.

    The child ran foreign code, so nothing about the line's shape is trusted.
    """
    try:
        found = json.loads(line)
        outcome = found.get("outcome")
        if outcome is not None:
            model = Returned if outcome["kind"] == "returned" else Raised
            outcome = model.model_validate(outcome)
        return Run(
            status=found["status"],
            reason=found.get("reason"),
            arguments={str(k): str(v) for k, v in found.get("arguments", {}).items()},
            call=str(found.get("call", "")),
            setup=tuple(map(str, found.get("setup", ()))),
            outcome=outcome,
            verdicts={str(k): CheckVerdict(h, str(d)) for k, (h, d) in found.get("verdicts", {}).items()},
            undeclared=bool(found.get("undeclared")),
            seconds=float(found.get("seconds", 0.0)),
            trace=tuple(
                Step(line=int(n), variables={str(k): str(v) for k, v in changed.items()}, skipped=int(left))
                for n, changed, left in found.get("trace", ())
            ),
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def keep_spares() -> None:
    """From now on have the next sandboxes started ahead of time, so that a run need not wait for its start.

    Each run still has an interpreter of its own in which nothing of the user's has run before. A spare one
    that nobody uses ends when its stdin does.
    """
    global _wanted_spares
    if not _wanted_spares:
        atexit.register(_drop_spares)
        _wanted_spares = _SPARES
        _prepare_spares()


# The tests take one and the search for a smaller counterexample the next.
_SPARES = 2
_wanted_spares = 0
_spares: list[subprocess.Popen[bytes]] = []
_spare_lock = threading.Lock()


def _prepare_spares() -> None:
    with _spare_lock, contextlib.suppress(OSError):
        while len(_spares) < _wanted_spares:
            _spares.append(_spawn())


def _drop_spares() -> None:
    global _wanted_spares
    _wanted_spares = 0
    while _spares:
        _end(_spares.pop())


def _start() -> subprocess.Popen[bytes]:
    while True:
        with _spare_lock:
            process = _spares.pop(0) if _spares else None
        if process is None:
            return _spawn()
        if process.poll() is None:
            return process
        _end(process)


def _spawn() -> subprocess.Popen[bytes]:
    # The hash seed is fixed so that a run can be repeated; -E and -I would ignore it, and the environment
    # holds nothing else for them to ignore.
    return subprocess.Popen(
        [sys.executable, "-s", "-S", "-P", str(_SCRIPT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),
        env={"PYTHONHASHSEED": "0"},
        start_new_session=True,
    )


def _write_all(process: subprocess.Popen[bytes], payload: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(payload)
    finally:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    for stream in (process.stdin, process.stdout):
        if stream is not None and not stream.closed:
            with contextlib.suppress(OSError):
                stream.close()
    process.wait()


def _death(process: subprocess.Popen[bytes]) -> str:
    """Why the child is gone, for people."""
    try:
        status = process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        return "the process closed its pipe"
    if status >= 0:
        return f"the process ended with status {status}"
    if -status == signal.SIGXCPU or -status == signal.SIGKILL:
        return "the process was killed at a limit on time or memory"
    return f"the process was killed by {signal.Signals(-status).name}"


def _request(program: Program, lines: bool) -> dict[str, Any]:
    """What the child needs to know, apart from the cases."""
    parameters = frozenset(name for name, _ in program.parameters)
    return {
        "source": program.source,
        "filename": program.filename,
        "function": program.function,
        "parameters": [list(p) for p in program.parameters],
        "checks": [_prepare(check, parameters) for check in program.checks],
        "lines": lines,
        **as_request(program.modules, program.links),
    }


def _prepare(check: Check, parameters: frozenset[str]) -> dict[str, Any]:
    """A check as the child understands it."""
    kind = {"key": check.key, "kind": check.kind, "exception": check.exception, "exact": check.exact}
    return kind | planned(check.expression, parameters)
