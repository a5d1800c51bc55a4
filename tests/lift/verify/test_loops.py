"""Loops without annotations: what holds is proved, and the same with a slip is refuted."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest
from lift.extract import Extraction, extract
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import Verdict

DATA = Path(__file__).parent / "data"


@functools.cache
def extraction(name: str) -> Extraction:
    return extract(Snapshot(name, None, (DATA / name).read_text()))


def names(name: str) -> list[str]:
    return [f.qualname for f in extraction(name).module.all_functions()]


def verdict(name: str, qualname: str) -> Verdict:
    found = extraction(name)
    return check_function(found.module, found.snapshot.text, qualname, Options(seconds=20)).verdict


@pytest.mark.slow
@pytest.mark.parametrize("qualname", names("loops_hold.py"))
def test_what_holds_is_proved(qualname: str) -> None:
    assert verdict("loops_hold.py", qualname) == "proved"


@pytest.mark.parametrize("qualname", names("loops_violated.py"))
def test_what_is_broken_is_refuted(qualname: str) -> None:
    assert verdict("loops_violated.py", qualname) == "refuted"
