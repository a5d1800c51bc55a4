"""The process in which cvc5 runs: cvc5 cannot be interrupted and holds the GIL, so it has to be killable.

Started as a script. It imports cvc5 once and forks for each question, so that a question can be given up
at once and its memory is bounded by itself. Reads JSON lines from stdin: ``{"id", "text", "ms"}`` asks, and
gives up whatever was asked before; ``{"cancel"}`` gives up. For each question that was not followed by
another one comes ``{"id", "answer"}``. With ``abducts``, a number, the text ends in ``get-abduct``, and the
answer is the list of so many abducts at most as they were found in time. With ``synthesis`` the text is one
of SyGuS's language, and the answer is the list of what it prints, one text or none. Ends with its parent: by
the kernel's signal where there is one, and when stdin ends. Must not import lift.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

_PR_SET_PDEATHSIG = 1
_ANSWERS = ("sat", "unsat")
# cvc5 keeps to its own limit of time most of the time; past this allowance, in seconds, it is killed.
_GRACE = 0.05


class _Question:
    """A question under way, in a process of its own."""

    def __init__(self, message: dict[str, Any], memory_mb: int) -> None:
        self.number = message["id"]
        self.deadline = time.monotonic() + message["ms"] / 1000 + _GRACE
        self.abducts = message.get("abducts", 0)
        synthesis = message.get("synthesis", False)
        self.lines = bool(self.abducts or synthesis)
        self._said = b""
        self.pipe, ours = os.pipe()
        parent = os.getpid()
        self.process = os.fork()
        if self.process == 0:
            try:
                os.close(self.pipe)
                _die_with(parent)
                _limit_memory(memory_mb)
                if self.abducts:
                    _abduce(message["text"], self.abducts, ours)
                elif synthesis:
                    _synthesise(message["text"], ours)
                else:
                    os.write(ours, _solve(message["text"], message["ms"]).encode())
            finally:
                os._exit(0)
        os.close(ours)

    def over(self) -> bool:
        """Take in what it wrote; whether that was all."""
        more = os.read(self.pipe, 1 << 16)
        self._said += more
        return not (more and self.lines)

    def end(self) -> str | list[str]:
        """Kill what is left of it; its answer so far."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        # The killed process was the only one to write: what it wrote is all there.
        while more := os.read(self.pipe, 1 << 16):
            self._said += more
        os.close(self.pipe)
        answer = self._said.decode(errors="replace")
        if self.lines:
            # What follows the last line's end was being written.
            return answer.split("\n")[:-1]
        return answer if answer in _ANSWERS else "unknown"


def main() -> None:
    """Answer until stdin ends."""
    parent, memory_mb = int(sys.argv[1]), int(sys.argv[2])
    inbox, outbox = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)
    os.close(nothing)
    _die_with(parent)
    # Loaded here once, so that the processes that are forked for the questions have it.
    importlib.import_module("cvc5")
    _serve(inbox, outbox, memory_mb)


def _serve(inbox: int, outbox: int, memory_mb: int) -> None:
    question: _Question | None = None
    pending = b""
    while True:
        watched = [inbox] if question is None else [inbox, question.pipe]
        left = None if question is None else max(0.0, question.deadline - time.monotonic())
        ready = select.select(watched, [], [], left)[0]
        if question is not None and (question.over() if question.pipe in ready else not ready):
            _send(outbox, {"id": question.number, "answer": question.end()})
            question = None
        if inbox not in ready:
            continue
        more = os.read(inbox, 1 << 16)
        if not more:
            if question is not None:
                question.end()
            return
        *lines, pending = (pending + more).split(b"\n")
        for line in lines:
            message = json.loads(line)
            if question is not None:
                answer = question.end()
                if "cancel" in message:
                    _send(outbox, {"id": question.number, "answer": answer})
                question = None
            if "text" in message:
                question = _Question(message, memory_mb)


def _solve(text: str, timeout_ms: int) -> str:
    """What cvc5 says of a script in SMT-LIB that ends before its ``check-sat``."""
    # Its native part has no types to be checked against.
    cvc5: Any = importlib.import_module("cvc5")
    try:
        solver = cvc5.Solver(cvc5.TermManager())
        for _ in _run(cvc5, solver, text, {"tlimit-per": str(timeout_ms)}):
            pass
        result = solver.checkSat()
    except RuntimeError:
        # What it does not read, or does not decide at all.
        return "unknown"
    return "sat" if result.isSat() else "unsat" if result.isUnsat() else "unknown"


def _abduce(text: str, most: int, pipe: int) -> None:
    """Write abducts as they are found, one a line; it may never come to an end."""
    cvc5: Any = importlib.import_module("cvc5")
    options = {"produce-abducts": "true", "incremental": "true"}
    script = text + "(get-abduct-next)" * (most - 1)
    with contextlib.suppress(RuntimeError):
        for said in _run(cvc5, cvc5.Solver(cvc5.TermManager()), script, options):
            if not said.strip().startswith("(define-fun"):
                return
            os.write(pipe, " ".join(said.split()).encode() + b"\n")


def _synthesise(text: str, pipe: int) -> None:
    """Write the functions that a synthesis problem asks for, in one line, if they are found."""
    cvc5: Any = importlib.import_module("cvc5")
    with contextlib.suppress(RuntimeError):
        language = cvc5.InputLanguage.SYGUS_2_1
        for said in _run(cvc5, cvc5.Solver(cvc5.TermManager()), text, {"sygus": "true"}, language):
            if "define-fun" in said:
                # Texts in it have no line ends but spaces that count.
                _write(pipe, said.replace("\n", " ").encode() + b"\n")


def _write(pipe: int, line: bytes) -> None:
    while line:
        line = line[os.write(pipe, line) :]


def _run(cvc5: Any, solver: Any, text: str, options: dict[str, str], language: Any = None) -> Iterator[str]:
    """What each command of a script prints, where it prints something."""
    language = cvc5.InputLanguage.SMT_LIB_2_6 if language is None else language
    for name, value in {"strings-exp": "true", "arrays-exp": "true", **options}.items():
        solver.setOption(name, value)
    parser = cvc5.InputParser(solver)
    parser.setStringInput(language, text, "question")
    while not (command := parser.nextCommand()).isNull():
        said = command.invoke(solver, parser.getSymbolManager())
        if said:
            yield said if isinstance(said, str) else said.decode(errors="replace")


def _limit_memory(memory_mb: int) -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        hard = resource.getrlimit(resource.RLIMIT_AS)[1]
        wanted = memory_mb << 20
        resource.setrlimit(resource.RLIMIT_AS, (wanted if hard < 0 else min(wanted, hard), hard))


def _die_with(parent: int) -> None:
    if sys.platform.startswith("linux"):
        with contextlib.suppress(ImportError, OSError, AttributeError):
            import ctypes

            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        # The parent died before the line above: no signal will ever come.
        os._exit(0)


def _send(outbox: int, message: dict[str, Any]) -> None:
    _write(outbox, json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    main()
