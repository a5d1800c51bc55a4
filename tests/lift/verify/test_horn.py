"""Invariants from Horn clauses: what they prove, how they are written, and that nobody has to trust them."""

from __future__ import annotations

from pathlib import Path

import pytest
import z3
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify import horn
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import FunctionResult

DATA = Path(__file__).parent / "data"


def checked(file: str, name: str) -> FunctionResult:
    text = (DATA / file).read_text()
    module = extract(Snapshot(file, None, text)).module
    return check_function(module, text, name, Options(seconds=30, run_code=False))


def test_a_loop_that_only_counts_is_proved_and_its_invariants_are_shown() -> None:
    result = checked("loops_hold.py", "wave")
    assert result.verdict == "proved"
    texts = {i.text for loop in result.loops for i in loop.invariants}
    assert "x <= 10" in texts


def test_a_loop_that_breaks_its_clause_is_not_proved() -> None:
    assert checked("loops_violated.py", "wave").verdict != "proved"


@pytest.mark.parametrize("answer", [z3.BoolVal(False), z3.Int("x") == 7, z3.Int("nobody") > 0])
def test_an_answer_that_is_wrong_proves_nothing(answer: z3.BoolRef, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(horn, "_solve", lambda rules, here, timeout_ms: answer)
    assert checked("loops_violated.py", "wave").verdict != "proved"


X, Y = z3.Ints("x y")
WRITTEN = {
    "x <= y": X - Y <= 0,
    "x <= y + 2": X - Y <= 2,
    "x + 2 * y >= 3": z3.Not(X + 2 * Y <= 2),
    "x <= y - 1": X < Y,
    "x >= -4": z3.Not(-1 * X >= 5),
    "x <= 0 or y == 1": z3.Or(z3.Not(X >= 1), Y == 1),
    "x != 3": z3.Not(X == 3),
}


@pytest.mark.parametrize(("text", "term"), WRITTEN.items(), ids=WRITTEN)
def test_a_formula_is_written_as_python(text: str, term: z3.BoolRef) -> None:
    names = {X.get_id(): "x", Y.get_id(): "y"}
    assert horn._written(term, names) == text
    read = eval(text.replace(" or ", " | "), {"x": X, "y": Y}) if " or " not in text else None
    if read is not None:
        solver = z3.Solver()
        solver.add(term != read)
        assert solver.check() == z3.unsat


def test_what_python_has_no_name_for_is_not_written() -> None:
    assert horn._written(X + Y <= 0, {X.get_id(): "x"}) is None
