"""Every output format over the same reports: what a person reads, JSON, SARIF and GitHub annotations."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft4Validator
from lift.cli.formats import data, github, sarif, text
from lift.cli.loading import Fault, Loaded
from lift.cli.reports import Checked, FileReport, unchecked
from lift.cli.terminal import Line
from lift.config import DEFAULT_SEVERITY
from lift.extract import extract
from lift.ide.findings import Finding
from lift.source.text import Snapshot
from lift_ir import (
    ClauseResult,
    Counterexample,
    FunctionResult,
    Position,
    Problem,
    Raised,
    Returned,
    Span,
    weakest,
)

SOURCE = '''\
def allocate(amount: int, weights) -> list[int]:
    """Split an amount.

    Ensures:
        - ``sum(result) == amount``
        - ``len(result) <= ?limit``
    """
    return [amount * w // sum(weights) for w in weights]
'''
MESSAGE = "``sum(result) == amount`` fails: allocate(1, [1, 1]) returns [0, 0], and sum(result) is 0, not 1"
SCHEMA = json.loads((Path(__file__).parent / "data" / "sarif-2.1.0-rtm.5.json").read_text(encoding="utf-8"))


def span(line: int, start: int, end: int) -> Span:
    return Span(start=Position(line=line, column=start), end=Position(line=line, column=end))


def clause(verdict, **more) -> ClauseResult:
    return ClauseResult(
        **{
            "kind": "ensures",
            "text": "sum(result) == amount",
            "clause": "0123456789abcdef",
            "span": span(5, 12, 33),
            "verdict": verdict,
            **more,
        }
    )


REFUTED = clause(
    "refuted",
    code="refuted",
    message=MESSAGE,
    counterexample=Counterexample(
        arguments={"amount": "1", "weights": "[1, 1]"},
        outcome=Returned(value="[0, 0]", line=8),
        failing="sum(result) is 0, not 1",
        call="allocate(1, [1, 1])",
    ),
    related=((span(8, 4, 56), "returned here"),),
)
RAISES = clause(
    "refuted",
    kind="no-raise",
    text="nothing undeclared escapes",
    clause=None,
    code="may-raise",
    message="allocate(1, [0]) raises ZeroDivisionError, which is not declared",
    counterexample=Counterexample(
        arguments={"amount": "1", "weights": "[0]"},
        outcome=Raised(exception="ZeroDivisionError", message="division by zero", line=8),
        call="allocate(1, [0])",
    ),
)


def report(*clauses: ClauseResult, path: str = "shop/shares.py", source: str = SOURCE) -> FileReport:
    """The report on ``source`` whose one function has ``clauses``."""
    extraction = extract(Snapshot(path, None, source))
    function = extraction.module.all_functions()[0]
    verdict = weakest(tuple(c.verdict for c in clauses))
    result = FunctionResult(name="allocate", line=1, verdict=verdict, seconds=0.21, clauses=clauses)
    found = [
        Finding(c.code, DEFAULT_SEVERITY[c.code], c.message, c.span, c.related, data={"function": "allocate"})
        for c in clauses
        if c.code is not None
    ]
    found += [Finding("open-type", "hint", h.question, h.span) for h in function.holes if h.hole == "type"]
    found += [
        Finding("open-term", "information", h.question, h.span) for h in function.holes if h.hole == "term"
    ]
    loaded = Loaded(path, extraction.module, snapshot=extraction.snapshot)
    return FileReport(loaded, (Checked(function, result),), tuple(found))


def broken(path: str = "shop/torn.py") -> FileReport:
    return FileReport(Loaded(path, fault=Fault("'(' was never closed", 3)), ())


def read_text(*clauses: ClauseResult, verbose: bool = False) -> str:
    one = report(*clauses)
    lines = [*text.function(one.loaded, one.functions[0], text.Detail(verbose)), *text.rest(one)]
    return "\n".join(line.text for line in lines)


def test_a_refutation_is_told_with_the_input_the_place_and_the_return():
    assert (
        read_text(REFUTED)
        == f"""\
  ✗ allocate  refuted  0.21 s
    ✗ {MESSAGE}
      shop/shares.py:5:13
      shop/shares.py:8:5  returned here
    ○ open type  What type is `weights`?  shop/shares.py:1:27
    ○ open term  What is `limit`?  shop/shares.py:6:28"""
    )


def test_lines_that_must_run_before_a_call_are_shown():
    assert REFUTED.counterexample is not None
    shared = REFUTED.counterexample.model_copy(update={"setup": ("xs = [1]",), "call": "allocate(1, xs)"})
    shown = read_text(REFUTED.model_copy(update={"counterexample": shared, "related": ()}))
    assert "      to run it: xs = [1]\n                 allocate(1, xs)\n" in shown
    assert "shop/shares.py:8  returned here" in shown


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (clause("proved", evidence="Z3, 2 paths"), "✓ ensures `sum(result) == amount`  Z3, 2 paths"),
        (
            clause("bounded", bounds="lists up to 3", reason="the loop has no invariant"),
            "◐ ensures `sum(result) == amount` holds for lists up to 3: the loop has no invariant",
        ),
        (clause("tested", tests=200), "◔ ensures `sum(result) == amount`; 200 tests passed"),
        (
            clause("unknown", reason="float is not modelled", reason_line=8),
            "? ensures `sum(result) == amount` could not be decided: float is not modelled",
        ),
        (
            clause(
                "unknown", kind="no-raise", clause=None, text="nothing undeclared escapes", reason="timeout"
            ),
            "? nothing undeclared escapes could not be decided: timeout",
        ),
    ],
)
def test_each_verdict_says_its_evidence_and_only_a_proof_has_a_tick(found, line):
    shown = read_text(found, verbose=True)
    assert line in shown
    assert ("✓" in shown) == (found.verdict == "proved")


def test_the_place_of_an_unknown_is_the_construct():
    assert "\n      shop/shares.py:8\n" in read_text(clause("unknown", reason="float", reason_line=8))


def test_a_reason_that_many_clauses_share_is_told_once():
    both = [
        clause("unknown", reason="float", reason_line=8),
        clause("unknown", text="b", reason="float", reason_line=8),
    ]
    assert """\
    ? could not be decided: float
      shop/shares.py:8
      ensures `sum(result) == amount`  shop/shares.py:5:13
      ensures `b`  shop/shares.py:5:13
""" in read_text(*both)


def test_an_example_needs_no_line_on_how_to_run_it():
    assert REFUTED.counterexample is not None
    run = REFUTED.counterexample.model_copy(update={"call": "__example__()"})
    found = REFUTED.model_copy(update={"kind": "example", "counterexample": run, "related": ()})
    assert "to run it" not in read_text(found)


def test_a_clause_that_is_told_as_a_problem_is_not_told_twice():
    one = report(clause("unchecked", reason="it does not parse"))
    problem = Problem(
        code="bad-clause", message="`sum(` does not parse", span=span(5, 12, 33), function="allocate"
    )
    loaded = replace(one.loaded, problems=(problem,))
    lines = [line.text for line in text.function(loaded, one.functions[0], text.Detail())]
    assert lines[1:3] == ["    ! bad-clause  `sum(` does not parse", "      shop/shares.py:5:13"]


def test_a_source_text_cannot_steer_the_terminal():
    line = Line((("\x1b[2J red \0 é\n", "bold"),), 2).clean
    assert line.text == "  \\x1b[2J red \\x00 é\\n"
    assert Line((("plain é", ""),)).clean.text == "plain é"


def test_what_holds_is_not_repeated_unless_asked_for():
    assert "ensures" not in read_text(clause("proved"))


def test_the_summary_counts_everything_in_one_line():
    line = text.summary([report(REFUTED), report(clause("proved")), broken()], 0.94)
    assert line.text == "2 functions · 1 proved · 1 refuted · 4 holes · 1 file not readable · 0.94 s"


def test_json_is_the_stable_form():
    document = json.loads(json.dumps(data.document([report(REFUTED, RAISES), broken()])))
    assert document["version"] == 1
    first, second = document["files"]
    assert (first["path"], first["error"]) == ("shop/shares.py", None)
    assert (second["functions"], second["error"]) == ([], "line 3: '(' was never closed")
    (function,) = first["functions"]
    assert (function["name"], function["line"], function["verdict"], function["seconds"]) == (
        "allocate",
        1,
        "refuted",
        0.21,
    )
    assert [(h["kind"], h["name"], h["line"]) for h in function["holes"]] == [
        ("type", "weights", 1),
        ("term", "limit", 6),
    ]
    ensures, raises = function["clauses"]
    assert {key: ensures[key] for key in ("kind", "text", "line", "verdict", "reason")} == {
        "kind": "ensures",
        "text": "sum(result) == amount",
        "line": 5,
        "verdict": "refuted",
        "reason": None,
    }
    assert ensures["counterexample"]["arguments"] == {"amount": "1", "weights": "[1, 1]"}
    assert ensures["counterexample"]["outcome"] == {"returned": "[0, 0]"}
    assert raises["counterexample"]["outcome"] == {
        "raised": "ZeroDivisionError",
        "message": "division by zero",
    }


def test_a_function_that_was_not_reached_is_unchecked_in_json():
    whole = report()
    halted = FileReport(whole.loaded, (unchecked(whole.functions[0].function),))
    (function,) = data.document([halted])["files"][0]["functions"]
    assert (function["verdict"], function["clauses"]) == ("unchecked", [])


def sarif_of(*reports: FileReport, finished: bool = True):
    document = json.loads(json.dumps(sarif.document(reports, DEFAULT_SEVERITY, finished=finished)))
    errors = [f"{list(e.absolute_path)}: {e.message}" for e in Draft4Validator(SCHEMA).iter_errors(document)]
    assert errors == []
    return document["runs"][0]


def test_sarif_holds_each_finding_at_its_place():
    run = sarif_of(report(REFUTED, RAISES), broken())
    refuted = run["results"][0]
    assert (refuted["ruleId"], refuted["level"]) == ("refuted", "error")
    assert run["tool"]["driver"]["rules"][refuted["ruleIndex"]]["id"] == "refuted"
    physical = refuted["locations"][0]["physicalLocation"]
    assert physical["artifactLocation"] == {"uri": "shop/shares.py", "uriBaseId": "SRCROOT"}
    assert physical["region"] == {"startLine": 5, "startColumn": 13, "endLine": 5, "endColumn": 34}
    assert refuted["relatedLocations"][0]["message"]["text"] == "returned here"
    assert [r["level"] for r in run["results"]] == ["error", "warning", "note", "note"]


def test_sarif_says_which_file_could_not_be_read():
    (invocation,) = sarif_of(broken())["invocations"]
    assert not invocation["executionSuccessful"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert notification["locations"][0]["physicalLocation"]["region"] == {"startLine": 3}


@pytest.mark.parametrize(
    "path", ["a b.py", "ä/ö.py", "/elsewhere/x.py", "../up.py", "100%.py", "bad\udcff.py", "#1.py"]
)
def test_sarif_is_valid_for_any_path(path):
    run = sarif_of(report(REFUTED, path=path), finished=False)
    uri = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert " " not in uri


def test_github_annotations_leave_hints_out():
    lines = list(github.workflow_commands([report(REFUTED, RAISES), broken()]))
    assert lines == [
        "::error file=shop/shares.py,line=5,endLine=5,col=13,endColumn=33,"
        f"title=lift%3A refuted in allocate::{MESSAGE}",
        "::warning file=shop/shares.py,line=5,endLine=5,col=13,endColumn=33,"
        f"title=lift%3A may-raise in allocate::{RAISES.message}",
        "::notice file=shop/shares.py,line=6,endLine=6,col=28,endColumn=33,"
        "title=lift%3A open-term::What is `limit`?",
        "::error file=shop/torn.py,line=3,title=lift::'(' was never closed",
    ]


@given(st.text(max_size=30), st.text(max_size=30))
def test_github_escapes_whatever_a_message_or_path_holds(message, path):
    shown = clause("refuted", code="refuted", message=message)
    (line, *_) = github.workflow_commands([report(shown, path=path or "x")])
    assert "\n" not in line
    assert "\r" not in line
    properties, _, written = line.removeprefix("::error ").partition("::")
    assert len(properties.split(",")) == 6
    assert unescaped(written) == message
    assert unescaped(properties.split(",")[0].removeprefix("file=")) == (path or "x")


def unescaped(text_: str) -> str:
    pairs = (("%2C", ","), ("%3A", ":"), ("%0A", "\n"), ("%0D", "\r"), ("%25", "%"))
    for code, character in pairs:
        text_ = text_.replace(code, character)
    return text_


def test_a_problem_outside_of_functions_is_shown_with_its_file():
    problem = Problem(code="bad-clause", message="``x >`` does not parse", span=span(2, 0, 3))
    loaded = Loaded("a.py", report().loaded.module, (problem,))
    shown = [line.text for line in text.rest(FileReport(loaded, ()))]
    assert shown == ["    ! bad-clause  ``x >`` does not parse", "      a.py:2:1"]
