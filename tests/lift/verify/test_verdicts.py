"""Adversarial modules of which the truth is known: nothing false is ever proved, nothing true ever refuted.

The modules are data: ``verdicts/*.txt`` holds them one after the other, each under a line that starts with
``###`` and says what may be concluded of the function ``f``:

- ``false``: none of its clauses holds, so none may be proved, not even without a run to contradict it.
- ``true``: all of them hold; nothing may be refuted, whatever CPython is asked to run.
- ``proved``: they hold, and the proof is found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import FunctionResult

DATA = Path(__file__).parent / "verdicts"
CLAIMS = ("ensures", "assert", "raises", "modifies", "invariant")


@dataclass(frozen=True)
class Case:
    """A module and the truth about its function ``f``."""

    truth: str
    title: str
    source: str
    theme: str

    def __str__(self) -> str:
        return f"{self.theme}: {self.title}"


def read(path: Path) -> Iterator[Case]:
    """The cases of one file."""
    for part in path.read_text(encoding="utf-8").split("### ")[1:]:
        head, _, source = part.partition("\n")
        truth, _, title = head.partition(": ")
        yield Case(truth, title.strip(), source.strip() + "\n", path.stem)


def check(case: Case, *, run: bool) -> FunctionResult:
    module = extract(Snapshot("verdict.py", None, case.source)).module
    options = Options(run_code=run, seconds=10, tests=60)
    return check_function(module, case.source, "f", options)


CASES = [case for path in sorted(DATA.glob("*.txt")) for case in read(path)]


def having(*truths: str) -> list[Case]:
    return [c for c in CASES if c.truth in truths]


def test_every_case_says_what_is_true() -> None:
    assert {c.truth for c in CASES} <= {"false", "true", "proved"}
    assert len({str(c) for c in CASES}) == len(CASES)


@pytest.mark.parametrize("case", having("false"), ids=str)
def test_what_is_false_is_not_proved(case: Case) -> None:
    result = check(case, run=False)
    proved = [c.text for c in result.clauses if c.kind in CLAIMS and c.verdict == "proved"]
    assert not proved


@pytest.mark.parametrize("case", having("true", "proved"), ids=str)
def test_what_is_true_is_not_refuted(case: Case) -> None:
    result = check(case, run=True)
    refuted = [(c.text, c.message) for c in result.clauses if c.verdict == "refuted"]
    assert not refuted


@pytest.mark.parametrize("case", having("proved"), ids=str)
def test_what_can_be_proved_is(case: Case) -> None:
    result = check(case, run=False)
    left = [(c.text, c.verdict, c.reason) for c in result.clauses if c.verdict != "proved"]
    assert not left
