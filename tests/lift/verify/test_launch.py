"""The worker that is started ahead of time: used once, replaced when it is dead, and gone at the end."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from lift.verify import launch


def test_the_one_started_ahead_is_used_once() -> None:
    launch.launch_ahead()
    launch.launch_ahead()
    (ahead,) = launch._ahead
    first, second = launch.launch(), launch.launch()
    try:
        assert first is ahead
        assert second is not ahead
        assert not launch._ahead
        assert first.stdout is not None
        assert b'"ready"' in first.stdout.readline()
    finally:
        launch._end(first)
        launch._end(second)


def test_a_dead_one_is_replaced() -> None:
    launch.launch_ahead()
    (ahead,) = launch._ahead
    ahead.kill()
    ahead.wait()
    process = launch.launch()
    try:
        assert process is not ahead
        assert process.poll() is None
    finally:
        launch._end(process)


def test_one_that_nobody_uses_ends_with_its_parent() -> None:
    program = "from lift.verify import launch\nlaunch.launch_ahead()\nprint(launch._ahead[0].pid)\n"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert not done.stderr
    with pytest.raises(ProcessLookupError):
        os.kill(int(done.stdout), 0)
