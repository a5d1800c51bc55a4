"""Whole checks: the verdict on functions of which the truth is known."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from lift.extract import Extraction, extract
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import FunctionResult

DATA = Path(__file__).parent / "data"
SHARED = Path(__file__).parents[4] / "shared" / "cases"


@functools.cache
def extraction(name: str) -> Extraction:
    text = (DATA / name).read_text()
    return extract(Snapshot(name, None, text))


def names(name: str) -> list[str]:
    return [f.qualname for f in extraction(name).module.all_functions() if f.specified]


@functools.cache
def check(name: str, qualname: str, *, run: bool = True) -> FunctionResult:
    found = extraction(name)
    return check_function(found.module, found.snapshot.text, qualname, Options(run_code=run, seconds=20))


def check_text(text: str, qualname: str = "f", **options: object) -> FunctionResult:
    found = extract(Snapshot("text.py", None, text))
    return check_function(found.module, text, qualname, Options(seconds=20, **options))  # type: ignore[arg-type]


@pytest.mark.parametrize("qualname", names("holds.py"))
def test_what_holds_is_proved(qualname: str) -> None:
    result = check("holds.py", qualname)
    assert result.verdict == "proved", [(c.kind, c.text, c.verdict, c.reason) for c in result.clauses]


@pytest.mark.parametrize("qualname", [n for n in names("violated.py") if n != "half"])
def test_what_is_broken_is_refuted_by_a_run(qualname: str) -> None:
    result = check("violated.py", qualname)
    assert result.verdict == "refuted"
    refuted = [c for c in result.clauses if c.verdict == "refuted"]
    assert all(c.counterexample is not None and c.message and "\n" not in c.message for c in refuted)


@pytest.mark.parametrize("qualname", names("violated.py"))
def test_nothing_is_refuted_where_code_may_not_run(qualname: str) -> None:
    result = check("violated.py", qualname, run=False)
    assert result.verdict != "refuted"
    assert (result.verdict == "proved") == (qualname == "half")


@pytest.mark.parametrize("qualname", names("hard.py"))
def test_what_is_too_hard_says_why(qualname: str) -> None:
    result = check("hard.py", qualname)
    for clause in result.clauses:
        assert clause.verdict == "refuted" or clause.verdict == "proved" or clause.reason


def test_loops_that_never_end_are_not_proved() -> None:
    assert check("hard.py", "forever").verdict == "unknown"
    assert check("hard.py", "hog").verdict == "unknown"


def test_partial_correctness_is_said() -> None:
    assert check("hard.py", "collatz").assumptions == ("the loop at line 78 ends",)


ALLOCATE = "`sum(result) == amount` fails: allocate("


def test_a_message_is_complete_in_its_first_line() -> None:
    result = check("violated.py", "allocate")
    message = next(c.message for c in result.clauses if c.code == "refuted")
    assert message.startswith(ALLOCATE)
    assert "returns [" in message
    assert "and sum(result) is " in message


def test_aliased_arguments_are_shown_as_such() -> None:
    clause = next(c for c in check("violated.py", "transfer").clauses if c.code == "refuted")
    assert clause.counterexample is not None
    assert clause.counterexample.setup


def test_the_unsupported_construct_is_named_with_its_line() -> None:
    result = check_text(
        'def f(x: complex) -> complex:\n    """F.\n\n    Ensures:\n        - ``result == x``\n    """\n'
        "    return x\n"
    )
    assert result.verdict == "unknown"
    assert {(c.reason, c.reason_line) for c in result.clauses} == {("the parameter x of type complex", 1)}


CONTRADICTION = """
def f(n: int) -> int:
    \"\"\"F.

    Requires:
        - ``n > 3``
        - ``n < 2``
        - ``n != 7``
    \"\"\"
    return n
"""


def test_contradicting_requires_are_an_inconsistent_specification() -> None:
    result = check_text(CONTRADICTION)
    assert [c.text for c in result.clauses if c.code == "inconsistent-spec"] == ["n > 3", "n < 2"]
    assert result.verdict == "unknown"


REPETITION = """
def f(n: int) -> int:
    \"\"\"F.

    Ensures:
        - ``result > n``
        - ``result >= n``
    \"\"\"
    return n + 1
"""


def test_a_clause_that_follows_from_another_is_trivial() -> None:
    result = check_text(REPETITION)
    assert [c.code for c in result.clauses] == [None, "trivial-clause", None]
    assert result.verdict == "proved"


def test_an_unfinished_body_is_unchecked() -> None:
    result = check_text(
        'def f(n: int) -> int:\n    """F.\n\n    Ensures:\n        - ``result > n``\n    """\n    ...\n'
    )
    assert result.verdict == "unchecked"


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason="the shared cases do not stand beside this checkout")
def test_the_shared_cases_have_no_wrong_verdict(tmp_path: Path) -> None:
    program = [sys.executable, "-m", "lift.cli.main", "check", "--format", "json"]
    run = subprocess.run(
        [sys.executable, str(SHARED / "score_verify.py"), "--", *program],
        capture_output=True,
        text=True,
        env={"LIFT_CACHE": str(tmp_path), "PATH": ""},
        check=False,
    )
    summary = run.stdout.strip().splitlines()[-1]
    proved = int(summary.split("proved ")[1].split("/")[0])
    refuted = int(summary.split("refuted ")[1].split("/")[0])
    assert run.returncode == 0, run.stdout
    # One or two less than on an idle machine, where some cases are decided just within their time.
    assert (proved >= 25, refuted >= 26) == (True, True), json.dumps(summary)


FRAMES = '''
def both(xs: list[int], ys: list[int]) -> None:
    """B.

    Requires:
        - ``xs is not ys``

    Modifies:
        - ``xs``
        - ``ys``
    """
    xs.append(1)
    ys.append(2)


def one(xs: list[int], ys: list[int]) -> None:
    """O.

    Modifies:
        - ``xs``
    """
    xs.append(1)
    ys.append(2)


def words(xs: list[int]) -> None:
    """W.

    Modifies:
        - the list, when it is long
    """
    xs.append(1)
'''


@pytest.mark.parametrize(
    ("name", "verdict"), [("both", "proved"), ("one", "refuted"), ("words", "unchecked")]
)
def test_modifies_is_a_frame_condition(name: str, verdict: str) -> None:
    assert check_text(FRAMES, name).verdict == verdict


@pytest.mark.parametrize(("limit", "verdict"), [(0x10FFFF, "proved"), (0x2FFFF, "unknown")])
def test_the_numbers_of_characters_that_the_solver_lacks_are_not_known(limit: int, verdict: str) -> None:
    text = (
        'def f(c: str) -> int:\n    """F.\n\n    Requires:\n        - ``len(c) == 1``\n\n    Ensures:\n'
        f'        - ``result <= {limit}``\n    """\n    return ord(c)\n'
    )
    assert check_text(text, run_code=False).verdict == verdict


OPEN = '''class Box:
    """A box."""

    n: int = 0

    def size(self) -> int:
        """How much is in it.

        Ensures:
            - ``result > 0``
        """
        {body}


def size(n: int) -> int:
    """How much it is.

    Requires:
        - ``n > 0``

    Ensures:
        - ``result > n``
    """
    {body}


def f(n: int) -> int:
    """Ask for it.

    Ensures:
        - ``result > n``
    """
    return size(n if n > 0 else {least})


def g() -> int:
    """Ask for it.

    Ensures:
        - ``result > 0``
    """
    return Box().size()
'''


@pytest.mark.parametrize("body", ["...", "raise NotImplementedError"])
@pytest.mark.parametrize("qualname", ["f", "g"])
def test_a_body_that_is_to_be_written_is_nothing_against_its_callers(qualname: str, body: str) -> None:
    result = check_text(OPEN.format(body=body, least=1), qualname)
    assert result.verdict == "unknown", result


def test_a_call_that_a_body_to_be_written_must_not_get_is_refuted_all_the_same() -> None:
    result = check_text(OPEN.format(body="...", least=0), "f")
    assert [c.kind for c in result.clauses if c.verdict == "refuted"] == ["call"]
