"""Tokens of a day and requests of a minute: counted across processes, kept to, and never in the way."""

from __future__ import annotations

import datetime
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.generate.budget import Budget
from lift.generate.rate import Bucket, bucket

DAY = datetime.date(2026, 3, 1)


class Clock:
    """A time that stands still until it is moved."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@given(st.integers(1, 200), st.lists(st.floats(0, 30), min_size=1, max_size=120))
def test_no_minute_sees_more_requests_than_allowed(per_minute, pauses):
    clock = Clock()
    allowed = Bucket(per_minute, clock)
    sent = []
    for pause in pauses:
        clock.now += pause
        wait = allowed.take(1e9)
        assert wait is not None
        sent.append(clock.now + wait)
    for at in sent:
        # A hair less than a minute, for what adding up floats makes of it.
        assert sum(at <= other < at + 59.999 for other in sent) <= per_minute


def test_whoever_would_wait_too_long_takes_no_place():
    clock = Clock()
    allowed = Bucket(2, clock)
    assert allowed.take(0) == 0
    assert allowed.take(10) is None
    clock.now += 60
    assert allowed.take(0) == 0


def test_everybody_in_the_process_has_the_same_limit_for_a_server():
    assert bucket("http://a", 5) is bucket("http://a", 5)
    assert bucket("http://a", 5) is not bucket("http://b", 5)
    assert bucket("http://a", 0) is None


def test_what_is_reserved_cannot_be_spent_twice():
    budget = Budget(None, 100, lambda: DAY)
    assert budget.reserve(60)
    assert not budget.reserve(60)
    budget.settle(60, 10)
    assert budget.reserve(90)
    assert not budget.reserve(1)


def test_a_new_day_starts_at_nothing(tmp_path):
    today = [DAY]
    budget = Budget(tmp_path / "usage", 100, lambda: today[0])
    assert budget.reserve(100)
    budget.settle(100, 100)
    assert budget.flush()
    assert not budget.reserve(1)
    today[0] += datetime.timedelta(days=1)
    assert budget.refresh() == 0
    assert budget.reserve(100)


def test_processes_count_together(tmp_path):
    file = tmp_path / "deep" / "usage.sqlite"
    code = (
        "import sys, pathlib\nfrom lift.generate.budget import Budget\n"
        "budget = Budget(pathlib.Path(sys.argv[1]), 0)\n"
        "for _ in range(20):\n    budget.settle(0, 3)\n    while not budget.flush():\n        pass\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(file)]) for _ in range(3)]
    assert [process.wait() for process in running] == [0, 0, 0]
    assert Budget(file, 0).refresh() == 180


def broken(file: Path) -> None:
    file.write_bytes(b"SQLite format 3\0" + b"\xff" * 5000)


def other(file: Path) -> None:
    with sqlite3.connect(file) as store:
        store.execute("CREATE TABLE usage (something TEXT)")
    store.close()


def folder(file: Path) -> None:
    file.mkdir()


def readonly(file: Path) -> None:
    Budget(file, 0, lambda: DAY).flush()
    file.parent.chmod(0o500)


@pytest.mark.parametrize("spoil", [broken, other, folder, readonly])
def test_a_file_that_cannot_be_used_costs_accuracy_only(tmp_path, spoil):
    home = tmp_path / "state"
    home.mkdir()
    spoil(home / "usage.sqlite")
    try:
        budget = Budget(home / "usage.sqlite", 100, lambda: DAY)
        assert budget.refresh() == 0
        assert budget.reserve(50)
        budget.settle(50, 50)
        # The superuser may write wherever a folder says that nobody may.
        assert not budget.flush() or (spoil is readonly and os.geteuid() == 0)
        assert budget.used() == 50
        assert not budget.reserve(51)
    finally:
        home.chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="limits a process by a call that Windows has not")
def test_a_full_disk_costs_accuracy_only(tmp_path):
    code = (
        "import pathlib, resource, sys\nfrom lift.generate.budget import Budget\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "budget = Budget(pathlib.Path(sys.argv[1]), 100)\n"
        "budget.settle(0, 40)\nprint(budget.flush(), budget.refresh(), budget.reserve(61))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "usage")], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "40", "False"]


def test_a_locked_file_is_not_waited_for_long_and_counted_later(tmp_path):
    file = tmp_path / "usage"
    budget = Budget(file, 0, lambda: DAY)
    budget.settle(0, 5)
    assert budget.flush()
    lock = sqlite3.connect(file, isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    budget.settle(0, 7)
    assert not budget.flush()
    assert budget.used() == 12
    lock.execute("COMMIT")
    lock.close()
    assert budget.flush()
    assert Budget(file, 0, lambda: DAY).refresh() == 12
