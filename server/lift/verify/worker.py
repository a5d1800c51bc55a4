"""A worker process: checks one function after the other, and does tasks, for the pool that started it.

Reads JSON lines from stdin and answers with JSON lines on a copy of stdout; stdout itself is closed off,
so that nothing that is printed can break the protocol. Dies with its parent: by the kernel's signal where
there is one, and when stdin ends. Must not import anything of lift.lsp, lift.cli or lift.project.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import importlib
import json
import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

from lift_ir import FunctionResult, Module
from pydantic import BaseModel

from lift.verify.options import Options
from lift.verify.sources import NOTHING, Sources, unpacked

ENTRY = "lift.verify.check:check_function"
# What a check imports only when it gets there; loading it now keeps the first check as fast as the next.
_PRELOADED = ("z3", "lift.verify.trial", "lift.verify.inputs", "lift.verify.prove", "lift.verify.consistency")
_PR_SET_PDEATHSIG = 1
_NICE = 5

Check = Callable[[Module, str, str, Options, Sources], FunctionResult]

_log = logging.getLogger("lift.verify.worker")


def main() -> None:
    """Serve until stdin ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--entry", default=ENTRY, help="the check, as package.module:function")
    parser.add_argument("--parent", type=int, required=True, help="process id of the pool")
    arguments = parser.parse_args()
    inbox, outbox = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="lift worker: %(message)s")
    _die_with(arguments.parent)
    if hasattr(os, "nice"):
        # Whoever types on a busy machine comes before whoever proves.
        os.nice(_NICE)
    messages: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(inbox, messages), daemon=True).start()
    check = _load(arguments.entry)
    _send(outbox, {"ready": True})
    _serve(check, messages, outbox)


def _serve(check: Check, messages: queue.SimpleQueue[bytes], outbox: int) -> None:
    module: Module | None = None
    text = ""
    sources = NOTHING
    while True:
        message = json.loads(messages.get())
        if "module" in message:
            # Sent only when it is another one than before: a big module takes long to read.
            module, text = Module.model_validate_json(message["module"]), message["text"]
            continue
        if "sources" in message:
            sources = unpacked(message["sources"])
            continue
        assert module is not None
        _send(outbox, _answer(check, module, text, sources, message))


def _answer(
    check: Check, module: Module, text: str, sources: Sources, message: dict[str, Any]
) -> dict[str, Any]:
    options = Options(**message["options"])
    answer: dict[str, Any] = {}
    try:
        result: BaseModel
        if "entry" in message:
            task = _task(message["entry"])
            _limit_memory(options.memory_mb)
            result = task(module, text, message["qualname"], options, message["details"], sources)
        else:
            _limit_memory(options.memory_mb)
            result = check(module, text, message["qualname"], options, sources)
        answer["result"] = result.model_dump_json()
    except MemoryError:
        answer["failure"] = f"it needs more than {options.memory_mb} MiB"
    except Exception as error:
        _log.exception("Error in the check of %s", message["qualname"])
        answer["failure"] = f"an error in lift itself: {type(error).__name__}: {error}"
    return answer | {"grown_mb": _size_mb() - _START_MB[0]}


def _listen(inbox: int, messages: queue.SimpleQueue[bytes]) -> None:
    """Take messages in while a check runs, so that the end of the parent is noticed at once."""
    with open(inbox, "rb") as stream:
        for line in stream:
            messages.put(line)
    os._exit(0)


def _load(entry: str) -> Check:
    module, _, name = entry.partition(":")
    check = getattr(importlib.import_module(module), name)
    if entry == ENTRY:
        from lift.verify.replay import keep_spares

        keep_spares()
        for each in _PRELOADED:
            # What is missing here is missing in the check as well, which can say so.
            with contextlib.suppress(ImportError):
                importlib.import_module(each)
    _START_MB[0] = _size_mb()
    return check


@functools.cache
def _task(entry: str) -> Callable[[Module, str, str, Options, str, Sources], BaseModel]:
    module, _, name = entry.partition(":")
    before = _size_mb()
    # Without the limit of the job before, which is a bound on its work and not on what is imported.
    _limit_memory(_UNLIMITED_MB)
    task = getattr(importlib.import_module(module), name)
    _START_MB[0] += _size_mb() - before
    return task


_START_MB = [0]
_UNLIMITED_MB = 1 << 20


def _size_mb() -> int:
    """The process's address space in MiB, 0 where the system does not say."""
    try:
        with open("/proc/self/statm", "rb") as stream:
            return int(stream.read().split()[0]) * os.sysconf("SC_PAGE_SIZE") >> 20
    except (OSError, ValueError, IndexError):
        return 0


def _limit_memory(memory_mb: int) -> None:
    """Let the process grow by so many MiB from its present size."""
    size = _size_mb()
    if not size:
        return
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        wanted = size + memory_mb << 20
        if hard != resource.RLIM_INFINITY:
            wanted = min(wanted, hard)
        # Only the soft limit: it moves with each check, and the sandbox sets its own below it.
        resource.setrlimit(resource.RLIMIT_AS, (wanted, hard))


def _die_with(parent: int) -> None:
    if sys.platform.startswith("linux"):
        with contextlib.suppress(ImportError, OSError, AttributeError):
            import ctypes

            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        # The parent died before the line above: no signal will ever come.
        os._exit(0)


def _send(outbox: int, message: dict[str, Any]) -> None:
    line = json.dumps(message).encode() + b"\n"
    while line:
        line = line[os.write(outbox, line) :]


if __name__ == "__main__":
    main()
