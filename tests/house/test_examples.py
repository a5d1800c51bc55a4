"""What ``make run`` shows: proofs, a refutation that was run, open holes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIFT = Path(sys.executable).with_name("lift")


def lift_check(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [LIFT, "check", *arguments, "examples/"],
        cwd=ROOT,
        env={**os.environ, "LIFT_CACHE": "false", "NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


@pytest.fixture(scope="module")
def functions() -> dict[str, Any]:
    done = lift_check("--format", "json")
    assert (done.returncode, done.stderr) == (1, "")
    found = [function for file in json.loads(done.stdout)["files"] for function in file["functions"]]
    return {function["verdict"]: function for function in found}


@pytest.mark.slow
def test_the_examples_show_each_verdict_and_holes(functions: dict[str, Any]) -> None:
    assert {"proved", "refuted"} <= functions.keys()
    refuted = next(c for c in functions["refuted"]["clauses"] if c["verdict"] == "refuted")
    assert refuted["counterexample"]["call"].startswith(functions["refuted"]["name"] + "(")
    assert refuted["counterexample"]["line"] > functions["refuted"]["line"]
    assert any(function["holes"] for function in functions.values())


@pytest.mark.slow
def test_the_text_ends_in_one_line_over_everything() -> None:
    done = lift_check()
    last = done.stdout.rstrip().splitlines()[-1]
    assert "2 proved" in last
    assert "1 refuted" in last
    assert "holes" in last
