"""Checks functions in worker processes: bounded in time and memory, cancellable, replaced when they die.

Other work about a function (repairs, inference) is done there as well, after the checks; it is named by a
string, since what does it stands above this package. Each worker has a thread here that talks to it. Must
not import z3 or anything that checks: the editor's process only ever starts and ends workers.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import logging
import os
import select
import signal
import subprocess
import threading
import time
import weakref
from collections import deque
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass, field
from typing import Any, Literal

from lift_ir import ClauseResult, Function, FunctionResult, Module, ObligationKind

from lift.verify.launch import launch
from lift.verify.options import Options
from lift.verify.picture import PoolPicture, WorkerPicture
from lift.verify.sources import NOTHING, Sources, packed

_log = logging.getLogger(__name__)
_START_SECONDS = 60.0
# A check bounds its own time; past this it is stuck in code that cannot be interrupted.
_WALL_FACTOR, _WALL_EXTRA = 2.0, 2.0
_BACKEND_EXTRA = 20.0
_KINDS: dict[str, ObligationKind] = {
    "requires": "requires",
    "ensures": "ensures",
    "raises": "raises",
    "modifies": "modifies",
    "decreases": "decreases",
    "example": "example",
    "invariant": "invariant",
}


@dataclass(frozen=True)
class Job:
    """One function to check, in a module made from ``text`` that imports from ``sources``."""

    module: Module
    text: str
    qualname: str
    options: Options
    sources: Sources = NOTHING


@dataclass(frozen=True)
class Task:
    """Other work about a function than its check.

    Attributes:
        entry: What does it, as ``package.module:function``; called in a worker with the module, the text,
            the qualified name, the options, the details and the sources, it returns a pydantic model.
        details: Whatever else ``entry`` wants to know, as JSON.
        sources: What the module imports from.
    """

    module: Module
    text: str
    qualname: str
    options: Options
    entry: str
    details: str = "{}"
    sources: Sources = NOTHING


# How many times of checks are remembered, for people to look at.
_TIMES_KEPT = 1000


class TaskError(Exception):
    """A task came to no end; the text says why."""


@dataclass(eq=False)
class _Ticket:
    """A job under way, its future, and the worker that runs it."""

    job: Job | Task
    future: Future[Any] = field(default_factory=Future)
    worker: _Worker | None = None
    cancelled: bool = False
    evicted: bool = False


class Pool:
    """Worker processes that are started when there is work for them.

    Jobs of the document that came in last go first, those of one document in their order; tasks go after
    all of them, and while documents are edited never keep a job waiting.

    Args:
        workers: How many functions are checked at once.
        newest_first: Whether the newest document goes first; else all jobs go in their order.
        entry: The check that workers run, as ``package.module:function``; for tests.
    """

    def __init__(self, workers: int = 2, *, newest_first: bool = True, entry: str | None = None) -> None:
        self._size = max(1, workers)
        self._newest_first = newest_first
        self._entry = entry
        self._change = threading.Condition()
        self._waiting: dict[str, deque[_Ticket]] = {}
        self._tasks: deque[_Ticket] = deque()
        self._running: set[_Ticket] = set()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closed = False
        self._workers: weakref.WeakSet[_Worker] = weakref.WeakSet()
        self._seconds: deque[float] = deque(maxlen=_TIMES_KEPT)

    def submit(self, job: Job) -> Future[FunctionResult]:
        """Check a function.

        Returns:
            A future that never raises anything but ``CancelledError``: a check that comes to no end
            gives ``unknown`` with the reason.

        Raises:
            RuntimeError: The pool is closed.
        """
        ticket = _Ticket(job)
        with self._change:
            if self._closed:
                raise RuntimeError("the pool is closed")
            path = job.module.path if self._newest_first else ""
            # A document that comes in again moves to the end, from where the next job is taken.
            queue = self._waiting.pop(path, None) or deque()
            queue.append(ticket)
            self._waiting[path] = queue
            self._summon()
            if self._newest_first and self._size == 1:
                self._evict()
        return ticket.future

    def perform(self, task: Task) -> Future[str]:
        """Do other work about a function.

        Returns:
            A future of the JSON of what the task's entry returned; it raises ``TaskError`` or
            ``CancelledError``. ``cancel`` ends it.

        Raises:
            RuntimeError: The pool is closed.
        """
        ticket = _Ticket(task)
        with self._change:
            if self._closed:
                raise RuntimeError("the pool is closed")
            self._tasks.append(ticket)
            self._summon()
        return ticket.future

    def picture(self) -> PoolPicture:
        """What it is doing at this moment."""
        with self._change:
            queued = len(self._tasks) + sum(map(len, self._waiting.values()))
            busy = {ticket.worker.pid for ticket in self._running if ticket.worker is not None}
            alive = sorted(pid for worker in self._workers if (pid := worker.pid))
            workers = tuple(WorkerPicture(pid, pid in busy) for pid in alive)
            return PoolPicture(queued, workers, tuple(self._seconds))

    def warm(self) -> None:
        """Have a worker load what it needs, so that the first job need not wait for that."""
        with self._change:
            if not self._threads and not self._closed:
                self._start_thread(ahead=True)

    def _start_thread(self, *, ahead: bool) -> None:
        thread = threading.Thread(target=self._serve, args=(ahead,), name="lift worker", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _summon(self) -> None:
        """Wake or start a thread for what was just put in a queue."""
        wanted = sum(map(len, self._waiting.values())) + len(self._tasks)
        if self._idle < wanted and len(self._threads) < self._size:
            self._start_thread(ahead=False)
        self._change.notify()

    def _evict(self) -> None:
        """End the tasks that run, to be begun again later."""
        for ticket in self._running:
            if isinstance(ticket.job, Task) and not ticket.cancelled:
                ticket.evicted = True
                if ticket.worker is not None:
                    ticket.worker.kill()

    def cancel(self, future: Future[Any]) -> None:
        """End a job, also one that runs: its worker is killed, and its result is ``CancelledError``."""
        if future.cancel():
            return
        with self._change:
            for ticket in self._running:
                if ticket.future is future:
                    self._abandon(ticket)
            # A task that waits to be begun again.
            again = [ticket for ticket in self._tasks if ticket.future is future]
            for ticket in again:
                self._tasks.remove(ticket)
        for ticket in again:
            ticket.future.set_exception(CancelledError())

    def close(self) -> None:
        """End all jobs and workers; may be called again."""
        with self._change:
            self._closed = True
            left = [ticket for queue in (*self._waiting.values(), self._tasks) for ticket in queue]
            self._waiting.clear()
            self._tasks.clear()
            for ticket in self._running:
                self._abandon(ticket)
            self._change.notify_all()
        for ticket in left:
            if not ticket.future.cancel():
                ticket.future.set_exception(CancelledError())
        for thread in self._threads:
            # A future's callback, which runs on a worker's thread, may be what closes the pool.
            if thread is not threading.current_thread():
                thread.join()

    def _abandon(self, ticket: _Ticket) -> None:
        ticket.cancelled = True
        if ticket.worker is not None:
            ticket.worker.kill()

    def _serve(self, ahead: bool) -> None:
        """Run jobs in a worker of this thread's own, started before the first one or for it."""
        worker: _Worker | None = None
        try:
            if ahead:
                # The first job says what is wrong if it cannot be started.
                with contextlib.suppress(_Lost):
                    worker = _Worker(self._entry)
            while (ticket := self._next()) is not None:
                worker = self._perform(ticket, worker)
        finally:
            if worker is not None:
                worker.end()

    def _next(self) -> _Ticket | None:
        with self._change:
            while not self._closed:
                while (ticket := self._take()) is not None:
                    # One that was evicted runs already, as far as its future knows.
                    if ticket.future.running() or ticket.future.set_running_or_notify_cancel():
                        self._running.add(ticket)
                        return ticket
                self._idle += 1
                self._change.wait()
                self._idle -= 1
            return None

    def _take(self) -> _Ticket | None:
        """The next ticket out of the queues."""
        if self._waiting:
            path = next(reversed(self._waiting))
            ticket = self._waiting[path].popleft()
            if not self._waiting[path]:
                del self._waiting[path]
            return ticket
        if not self._tasks:
            return None
        busy = sum(isinstance(ticket.job, Task) for ticket in self._running)
        # In an editor one worker is left free for the next check.
        allowed = self._size - 1 if self._newest_first and self._size > 1 else self._size
        return self._tasks.popleft() if busy < allowed else None

    def _perform(self, ticket: _Ticket, worker: _Worker | None) -> _Worker | None:
        """Run one job; returns the worker for the next one, None if it is gone."""
        began = time.monotonic()
        result: FunctionResult | str | None = None
        reason = ""
        try:
            worker = self._ready(ticket, worker)
            result = worker.do(ticket.job)
        except _Lost as lost:
            reason = str(lost)
            if worker is not None and lost.worker is worker:
                worker.end()
                worker = None
        except Exception as error:
            _log.exception("Error in the check of %s", ticket.job.qualname)
            reason = f"an error in lift itself: {type(error).__name__}: {error}"
            if worker is not None:
                worker.end()
                worker = None
        finally:
            with self._change:
                self._running.discard(ticket)
                # This thread, or another one, may now be free to take a task.
                self._change.notify()
        if self._begins_again(ticket, result):
            return worker
        # Outside the lock, since a callback of the future may submit the next job.
        if ticket.cancelled:
            ticket.future.set_exception(CancelledError())
        else:
            seconds = time.monotonic() - began
            if result is not None:
                if not isinstance(ticket.job, Task):
                    self._seconds.append(seconds)
                ticket.future.set_result(result)
            elif isinstance(ticket.job, Task):
                ticket.future.set_exception(TaskError(reason))
            else:
                ticket.future.set_result(_unknown(ticket.job, reason, seconds))
        return worker

    def _begins_again(self, ticket: _Ticket, result: object) -> bool:
        """Put a task back that was ended only to make room for a check."""
        with self._change:
            again = ticket.evicted and result is None and not ticket.cancelled and not self._closed
            ticket.evicted = False
            ticket.worker = None
            if again:
                self._tasks.appendleft(ticket)
        return again

    def _ready(self, ticket: _Ticket, worker: _Worker | None) -> _Worker:
        """A worker that lives, known to the ticket so that it can be killed."""
        if worker is not None and not worker.lives(ticket.job.options.memory_mb):
            worker.end()
            worker = None
        if worker is None:
            worker = _Worker(self._entry)
        with self._change:
            self._workers.add(worker)
            ticket.worker = worker
            if ticket.cancelled or ticket.evicted:
                worker.kill()
        return worker


class _Lost(Exception):
    """A job came to no end; the text says why."""

    def __init__(self, reason: str, worker: _Worker | None = None) -> None:
        super().__init__(reason)
        self.worker = worker


class _Worker:
    """A worker process. Used by one thread, except for ``kill``."""

    def __init__(self, entry: str | None) -> None:
        try:
            self._process = launch(entry)
        except OSError as error:
            raise _Lost(f"the checker could not be started: {error}") from None
        self._guard = threading.Lock()
        self._pending = b""
        self._module: Module | None = None
        self._text = ""
        self._sources = NOTHING
        self._grown_mb = 0
        self._killed = False
        self._greeted = False

    @property
    def pid(self) -> int | None:
        """Its process, None once that is known to have ended."""
        return None if self._killed or self._process.returncode is not None else self._process.pid

    def lives(self, memory_mb: int) -> bool:
        """Whether it can take a job. One that has kept much memory from the last ones is not used again."""
        dead = self._killed or self._process.poll() is not None
        return not dead and self._grown_mb <= memory_mb // 2

    def do(self, job: Job | Task) -> FunctionResult | str:
        """The result of a job, or of a task as JSON.

        Raises:
            _Lost: There is none; the worker is of no more use if it is named.
        """
        if not self._greeted:
            self._receive(_START_SECONDS, "the checker did not start")
            self._greeted = True
        if job.module is not self._module or job.text != self._text:
            self._send({"module": job.module.model_dump_json(), "text": job.text})
            self._module, self._text = job.module, job.text
        if job.sources != self._sources:
            self._send({"sources": packed(job.sources)})
            self._sources = job.sources
        task = {"entry": job.entry, "details": job.details} if isinstance(job, Task) else {}
        self._send({"qualname": job.qualname, "options": dataclasses.asdict(job.options)} | task)
        seconds = (job.options.seconds + job.options.float_seconds) * _WALL_FACTOR + _WALL_EXTRA
        if job.options.backend_seconds:
            seconds += job.options.backend_seconds * _WALL_FACTOR + _BACKEND_EXTRA
        answer = self._receive(seconds, f"timeout: no end after {seconds:g} s")
        self._grown_mb = answer["grown_mb"]
        if "failure" in answer:
            raise _Lost(answer["failure"])
        if isinstance(job, Task):
            return answer["result"]
        return FunctionResult.model_validate_json(answer["result"])

    def kill(self) -> None:
        """End it now; its sandboxes die with it. May be called from any thread."""
        with self._guard:
            self._killed = True
            # After it has been waited for, its number may belong to another process.
            if self._process.returncode is None:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self._process.pid, signal.SIGKILL)

    def end(self) -> None:
        """Kill it and take its remains away."""
        self.kill()
        with self._guard:
            self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(json.dumps(message).encode() + b"\n")
            self._process.stdin.flush()
        except OSError:
            raise _Lost(self._death(), self) from None

    def _receive(self, seconds: float, late: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        number = self._process.stdout.fileno()
        poll = select.poll()
        poll.register(number, select.POLLIN)
        until = time.monotonic() + seconds
        while b"\n" not in self._pending:
            left = until - time.monotonic()
            if left <= 0 or not poll.poll(left * 1000):
                raise _Lost(late, self)
            more = os.read(number, 1 << 16)
            if not more:
                raise _Lost(self._death(), self)
            self._pending += more
        line, _, self._pending = self._pending.partition(b"\n")
        return json.loads(line)

    def _death(self) -> str:
        try:
            with self._guard:
                status = self._process.wait(timeout=1)
        except subprocess.TimeoutExpired:
            return "the checker stopped answering"
        if status == -signal.SIGKILL:
            return "the checker was killed, perhaps for lack of memory"
        if status < 0:
            return f"the checker was ended by {signal.Signals(-status).name}"
        return f"the checker ended with status {status}"


def _unknown(job: Job, reason: str, seconds: float) -> FunctionResult:
    """The result of a check that came to no end: every obligation is unknown, for this reason."""
    function = next((f for f in job.module.all_functions() if f.qualname == job.qualname), None)
    if function is None:
        return FunctionResult(name=job.qualname, line=1, verdict="unknown", seconds=seconds)
    return FunctionResult(
        name=job.qualname,
        line=function.name_span.start.line,
        verdict="unknown",
        seconds=seconds,
        clauses=_clauses(function, reason),
    )


def _clauses(function: Function, reason: str) -> tuple[ClauseResult, ...]:
    verdict: Literal["unknown"] = "unknown"
    found = [
        ClauseResult(
            kind=_KINDS[clause.kind],
            text=clause.text,
            span=clause.span,
            clause=clause.id,
            verdict=verdict,
            reason=reason,
            code=verdict,
            message=f"Could not decide `{clause.text}`: {reason}",
        )
        for clause in function.clauses
        if clause.kind in _KINDS
    ]
    rest = ClauseResult(
        kind="no-raise",
        text="nothing undeclared escapes",
        span=function.name_span,
        verdict=verdict,
        reason=reason,
    )
    return (*found, rest)
