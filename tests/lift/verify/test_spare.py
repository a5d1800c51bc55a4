"""The sandboxes that are started ahead of time: used once, replaced when dead, and gone at the end."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest
from lift.verify import replay
from lift.verify.replay import Case, Program, run
from lift_ir import Returned

COUNT = (
    'import string\n\ndef f(x):\n    string.seen = getattr(string, "seen", 0) + 1\n    return string.seen\n'
)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    processes: list[subprocess.Popen[bytes]] = []

    def spawn() -> subprocess.Popen[bytes]:
        processes.append(original())
        return processes[-1]

    original = replay._spawn
    monkeypatch.setattr(replay, "_spawn", spawn)
    yield processes
    replay._drop_spares()
    assert all(p.returncode is not None for p in processes)


def seen() -> str | None:
    program = Program(COUNT, "count.py", "f", (("x", "positional-or-keyword"),))
    outcome = run(program, [Case({"x": "1"})], seconds=30.0, per_case=5.0)[0].outcome
    return outcome.value if isinstance(outcome, Returned) else None


def test_each_run_has_an_interpreter_of_its_own(started: list[subprocess.Popen[bytes]]) -> None:
    replay.keep_spares()
    assert len(started) == 2
    # The line of the return is of interest, for which the one case runs twice.
    first = seen()
    assert seen() == first
    assert [p.poll() is None for p in started] == [False, False, True, True]


def test_a_dead_one_is_replaced(started: list[subprocess.Popen[bytes]]) -> None:
    replay.keep_spares()
    for process in list(started):
        os.killpg(process.pid, signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert seen() is not None


def test_none_is_kept_unless_it_is_asked_for(started: list[subprocess.Popen[bytes]]) -> None:
    assert seen() is not None
    assert len(started) == 1
