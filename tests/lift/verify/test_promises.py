"""What a callee does not promise: the fact that an unknown clause is waiting for."""

from __future__ import annotations

from pathlib import Path

import pytest
from lift.extract import extract
from lift.neighbours import Neighbours
from lift.source.text import read
from lift.verify.check import check_function
from lift.verify.digests import digest_of
from lift.verify.options import Options
from lift_ir import FunctionResult

STUB = '''\
def helper(x: int) -> int:
    """Helps.

    Ensures:
        - ``result >= x``
    """

def pick(xs: list[int]) -> int:
    """Picks.

    Ensures:
        - ``result >= 0``
    """

def find(x: int) -> int | None:
    """Finds.

    Ensures:
        - ``True``
    """

def small(x: int) -> int:
    """Smaller.

    Ensures:
        - ``result < 0``
    """
'''


def checked(folder: Path, parameters: str, ensures: str, body: str) -> FunctionResult:
    stub = folder / ".lift" / "stubs" / "other.pyi"
    stub.parent.mkdir(parents=True, exist_ok=True)
    stub.write_text(STUB)
    path = folder / "main.py"
    doc = f'"""F.\n\n    Ensures:\n        - ``{ensures}``\n    """'
    path.write_text(f"import other\n\ndef f({parameters}) -> int:\n    {doc}\n    {body}\n")
    found = extract(read(path))
    around = Neighbours(folder, path, lambda _: None)
    text = found.snapshot.text
    digest_of(found.module, text, "f", Options(), around.sources)
    return check_function(found.module, text, "f", Options(seconds=20, run_code=False), around.touched())


def reasons(result: FunctionResult) -> dict[str, str | None]:
    return {c.kind: c.reason for c in result.clauses if c.verdict == "unknown"}


MISSING = {
    "a sign": (
        "x: int",
        "result > 0",
        "return other.helper(x)",
        "ensures",
        "`helper` does not promise `result > 0`",
    ),
    "a bound by a parameter": (
        "x: int",
        "result <= x",
        "return other.helper(x)",
        "ensures",
        "`helper` does not promise `result <= x`",
    ),
    "that it is not zero": (
        "x: int",
        "True",
        "return 1 // other.helper(x)",
        "no-raise",
        "`helper` does not promise `result != 0`",
    ),
    "that it is there": (
        "x: int",
        "True",
        "return other.find(x) + 1",
        "no-raise",
        "`find` does not promise `result is not None`",
    ),
    "that it is an index": (
        "xs: list[int]",
        "True",
        "return xs[other.pick(xs)]",
        "no-raise",
        "`pick` does not promise `result < len(xs)`",
    ),
}


@pytest.mark.parametrize(("parameters", "ensures", "body", "kind", "said"), MISSING.values(), ids=MISSING)
def test_the_missing_promise_is_named(tmp_path, parameters, ensures, body, kind, said):
    found = reasons(checked(tmp_path, parameters, ensures, body))
    assert said in (found[kind] or "")


def test_what_contradicts_the_contract_is_not_asked_for(tmp_path):
    found = reasons(checked(tmp_path, "x: int", "result > 0", "return other.small(x)"))
    assert "promise" not in (found["ensures"] or "")


def test_nothing_is_proved_by_what_is_only_assumed(tmp_path):
    result = checked(tmp_path, "x: int", "result > 0", "return other.helper(x)")
    assert {c.verdict for c in result.clauses if c.kind == "ensures"} == {"unknown"}
