"""Whole checks of functions over every form of statement, of which the truth is known."""

from __future__ import annotations

from pathlib import Path

import pytest
from lift.extract import extract
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import FunctionResult

DATA = Path(__file__).parent / "data"


def names(file: str) -> list[tuple[str, str]]:
    module = extract(Snapshot(file, None, (DATA / file).read_text())).module
    return [(file, f.qualname) for f in module.all_functions() if f.specified]


def check(file: str, qualname: str, *, run: bool = True) -> FunctionResult:
    text = (DATA / file).read_text()
    module = extract(Snapshot(file, None, text)).module
    return check_function(module, text, qualname, Options(run_code=run, seconds=20))


@pytest.mark.parametrize(("file", "qualname"), names("statements_hold.py"))
def test_what_holds_is_proved(file: str, qualname: str) -> None:
    result = check(file, qualname)
    assert result.verdict == "proved", [(c.kind, c.text, c.verdict, c.reason) for c in result.clauses]


@pytest.mark.parametrize(("file", "qualname"), names("statements_broken.py"))
def test_what_is_broken_is_refuted_and_never_proved(file: str, qualname: str) -> None:
    assert check(file, qualname).verdict == "refuted"
    assert check(file, qualname, run=False).verdict != "proved"


@pytest.mark.parametrize("qualname", [n for _, n in names("statements_open.py")])
def test_an_assert_whose_failure_is_hidden_is_not_proved(qualname: str) -> None:
    result = check("statements_open.py", qualname, run=False)
    assert next(c for c in result.clauses if c.kind == "assert").verdict == "unknown"
