"""The words for what was generated: labels that state the evidence, previews, and why there is nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from lift.config import Config
from lift.edit import apply
from lift.ide import writable
from lift.ide.proposals import difference, edits_of, evidence, failure, label, preview, said
from lift.project import Project
from lift.source.text import Snapshot
from lift_ir import (
    ClauseResult,
    Counterexample,
    FunctionResult,
    Generation,
    Position,
    Proposal,
    Rejection,
    Returned,
    Span,
    TextEdit,
    Verdict,
    weakest,
)

SPAN = Span(start=Position(line=2, column=4), end=Position(line=2, column=7))
TEXT = "def f(x: int) -> int:\n    ...\n"


def proposal(*verdicts: Verdict, tests: int = 0) -> Proposal:
    clauses = [
        ClauseResult(kind="ensures", text=f"c{n}", span=SPAN, clause=str(n), verdict=v)
        for n, v in enumerate(verdicts)
    ]
    clauses.append(ClauseResult(kind="requires", text="r", span=SPAN, clause="r", verdict="proved"))
    clauses.append(ClauseResult(kind="no-raise", text="none", span=SPAN, verdict="proved"))
    result = FunctionResult(name="f", line=1, verdict=weakest(verdicts), clauses=tuple(clauses))
    edits = (TextEdit(span=SPAN, text="return x"),)
    return Proposal(code="", edits=edits, added=1, removed=1, result=result, tests=tests, origin="solver")


@pytest.mark.parametrize(
    ("verdicts", "tests", "said"),
    [
        (("proved",), 0, "1 proved"),
        (("proved", "proved", "tested"), 2000, "2 proved, 1 tested on 2,000 inputs"),
        (("tested",), 1, "1 tested on 1 input"),
        (("bounded", "proved"), 12, "1 proved, 1 bounded"),
    ],
)
def test_evidence_counts_what_the_body_was_checked_against(
    verdicts: tuple[Verdict, ...], tests: int, said: str
) -> None:
    found = proposal(*verdicts, tests=tests)
    assert evidence(found) == said
    assert label(found, 3) == f"Apply candidate 3 (+1 −1): {said}"


def test_the_difference_is_that_of_the_edits() -> None:
    found = proposal("proved")
    assert apply(TEXT, edits_of(found)) == TEXT.replace("...", "return x")
    assert "-    ...\n+    return x" in difference(TEXT, found)


def test_the_preview_holds_what_is_offered_and_what_is_not() -> None:
    case = Counterexample(arguments={"x": "1"}, outcome=Returned(value="2", line=4), call="f(1)")
    bad = Rejection(
        code="def f(x):\n    return '```'",
        origin="model",
        stage="verify",
        reason="`c0` does not hold",
        counterexample=case,
    )
    assert said(bad) == "`c0` does not hold: f(1) returns 2 (line 4)"
    page = preview(TEXT, Generation(function="f", line=1, proposals=(proposal("proved"),), rejected=(bad,)))
    assert "## Candidate 1: 1 proved" in page.text
    assert "````python" in page.text
    nothing = Generation(function="f", line=1, rejected=(bad,), tried=8, reason="no candidate passed")
    assert (
        failure(nothing)
        == "no candidate passed; the nearest of 8: `c0` does not hold: f(1) returns 2 (line 4)"
    )
    assert "Nothing is offered: no candidate passed." in preview(TEXT, nothing).text


SPECIFIED = '''\
def f(x: int) -> int:
    """F.

    Ensures:
        - ``result > x``
        - ``result < x + 3``
        - More or less
    """
    ...


def g(x):
    return x
'''


@pytest.mark.parametrize(
    ("source", "line", "run_code", "titles"),
    [
        (SPECIFIED, 1, True, ["Write an implementation, checked against 2 clauses…"]),
        (SPECIFIED, 9, True, ["Write an implementation, checked against 2 clauses…"]),
        (
            SPECIFIED.replace("...", "return x"),
            1,
            True,
            ["Write another implementation, checked against 2 clauses…"],
        ),
        (SPECIFIED, 12, True, []),
        (SPECIFIED, 1, False, []),
        (SPECIFIED + "(", 1, True, []),
    ],
)
def test_a_body_is_offered_where_something_is_to_be_checked(
    source: str, line: int, run_code: bool, titles: list[str]
) -> None:
    project = Project(Path(), Config(run_code=run_code, cache=False))
    project.analyse(Snapshot("file:///a.py", 1, source))
    place = Position(line=line, column=4)
    found = writable(project, "file:///a.py", Span(start=place, end=place))
    assert [one.title for one in found] == titles
