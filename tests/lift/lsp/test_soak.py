"""The short form of ``make soak``: half a minute of typing leaves the server as large as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SOAK = Path(__file__).resolve().parents[3] / "tools" / "soak.py"


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="only Linux has /proc")
def test_half_a_minute_of_typing_leaves_memory_and_descriptors_flat() -> None:
    done = subprocess.run(
        [sys.executable, str(SOAK), "--minutes", "0.5", "--rate", "60", "--every", "1"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "wrong" not in done.stdout
    assert done.stdout.count("\n|") > 10
