"""The program that searches for disagreements with CPython, and all that were ever found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from random import Random

import pytest
from lift.verify import arithmetic

ROOT = Path(__file__).parents[4]
sys.path.insert(0, str(ROOT))
from tests import differential  # noqa: E402

REGRESSIONS = sorted(differential.REGRESSIONS.glob("*.py"))


@pytest.mark.parametrize("path", REGRESSIONS, ids=lambda p: p.stem)
def test_what_once_disagreed_agrees(path: Path) -> None:
    case = differential.case_of(path.read_text())
    assert case.inputs
    assert differential.verdict(case) == "compared", differential.why(case)


@pytest.mark.parametrize("number", range(10))
def test_a_case_survives_its_file(number: int) -> None:
    case = differential.program_case(Random(number))
    again = differential.case_of(differential.text_of(case))
    assert again.inputs == case.inputs
    assert differential.text_of(again) == differential.text_of(case)


def test_a_disagreement_is_made_smaller_and_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(arithmetic, "floor_divide", lambda a, b: a / b)
    source = "def f(a: int, b: int):\n    c = a + 1\n    d = a // b\n    return d\n"
    case = differential.Case(source, ((4, 2), (7, -2)))
    assert differential.disagrees(case)
    small = differential.smaller(case, until=float("inf"))
    assert "c = a + 1" not in small.source
    assert small.inputs == ((7, -2),)
    path = differential.keep(small, tmp_path / "new")
    monkeypatch.undo()
    assert differential.verdict(differential.case_of(path.read_text())) == "compared"


def test_the_search_says_what_it_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def case(rng: Random) -> differential.Case:
        return differential.Case("def f(a: int):\n    return a // -2\n", ((7,),))

    monkeypatch.setattr(differential, "expression_case", case)
    monkeypatch.setattr(differential, "program_case", case)
    monkeypatch.setattr(arithmetic, "floor_divide", lambda a, b: a / b)
    assert differential.main(["--seconds", "0.01", "--regressions", str(tmp_path)]) == 1
    assert list(tmp_path.glob("*.py"))
    assert "UNSOUND" in capsys.readouterr().out


@pytest.mark.slow
def test_a_minute_of_search_finds_nothing() -> None:
    command = [sys.executable, "-m", "tests.differential", "--seconds", "60"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "programs" in done.stdout
