"""A kept result is shown where its function is now, however far that has moved."""

from __future__ import annotations

from lift.extract import extract
from lift.source.text import Snapshot
from lift.store.places import Entry, anchored, layout_of, placed, stale
from lift_ir import (
    ClauseResult,
    Counterexample,
    Function,
    FunctionResult,
    Module,
    Position,
    Raised,
    Span,
)

BEFORE = '''\
def callee(y: int) -> int:
    """Do.

    Requires:
        - ``y > 0``
    """
    return 1 // y


def caller(x: int) -> int:
    """Do.

    Ensures:
        - ``result > 0``
        - ``result > 1``
    """
    return callee(x)
'''


def module_of(text: str) -> Module:
    return extract(Snapshot("a.py", None, text)).module


def function_of(module: Module, name: str = "caller") -> Function:
    return next(f for f in module.all_functions() if f.qualname == name)


def span(line: int, start: int = 0, end: int = 4) -> Span:
    return Span(start=Position(line=line, column=start), end=Position(line=line, column=end))


def kept() -> Entry:
    """A result on ``caller`` that speaks of lines in both functions."""
    module = module_of(BEFORE)
    first, second = [c.id for c in function_of(module).clauses]
    clauses = (
        ClauseResult(
            kind="ensures", text="result > 0", clause=first, span=span(14, 12, 22), verdict="proved"
        ),
        ClauseResult(
            kind="ensures",
            text="result > 1",
            clause=second,
            span=span(15, 12, 22),
            verdict="refuted",
            message="`f('line 7')` raises at line 7, called at line 17",
            reason="the loop at line 17",
            reason_line=17,
            related=((span(5), "requires this"), (span(17), "called here")),
            counterexample=Counterexample(
                arguments={}, outcome=Raised(exception="ZeroDivisionError", line=7)
            ),
        ),
        ClauseResult(kind="no-raise", text="nothing escapes", span=span(10), verdict="proved"),
    )
    return anchored(FunctionResult(name="caller", line=10, verdict="refuted", clauses=clauses), module)


def lines_of(result: FunctionResult) -> list[object]:
    """Every line that a result names, in a fixed order."""
    second = result.clauses[1]
    assert second.counterexample is not None
    spans = [c.span.start.line for c in result.clauses]
    related = [s.start.line for s, _ in second.related]
    outcome = second.counterexample.outcome.line
    return [result.line, *spans, second.reason_line, *related, outcome, second.message, second.reason]


def test_nothing_moves_where_nothing_changed():
    entry, module = kept(), module_of(BEFORE)
    assert placed(entry, layout_of(module), function_of(module)) is entry.result


def test_lines_above_both_functions_move_everything():
    module = module_of("import math\n\n\n" + BEFORE)
    said = "`f('line 7')` raises at line 10, called at line 20"
    assert lines_of(placed(kept(), layout_of(module), function_of(module))) == [
        13, 17, 18, 13, 20, 8, 20, 10, said, "the loop at line 20",
    ]  # fmt: skip


def test_lines_between_them_move_what_stands_below():
    module = module_of(BEFORE.replace("\n\n\ndef caller", "\n\n\n\n\ndef caller"))
    said = "`f('line 7')` raises at line 7, called at line 19"
    assert lines_of(placed(kept(), layout_of(module), function_of(module))) == [
        12, 16, 17, 12, 19, 5, 19, 7, said, "the loop at line 19",
    ]  # fmt: skip


def test_functions_that_change_places_move_each_its_own_way():
    callee, caller = BEFORE.split("\n\n\n")
    module = module_of(caller + "\n\n" + callee + "\n")
    said = "`f('line 7')` raises at line 17, called at line 8"
    assert lines_of(placed(kept(), layout_of(module), function_of(module))) == [
        1, 5, 6, 1, 8, 15, 8, 17, said, "the loop at line 8",
    ]  # fmt: skip


def test_a_stale_result_finds_its_clauses_by_what_they_say():
    text = BEFORE.replace(
        "        - ``result > 0``\n        - ``result > 1``\n",
        "        - ``result  >  1``\n        - ``result < 9``\n",
    )
    module = module_of(text)
    result = stale(kept(), layout_of(module), function_of(module))
    assert (result.progress, result.verdict) == ("stale", "refuted")
    assert [(c.kind, c.span.start.line) for c in result.clauses] == [("ensures", 14), ("no-raise", 10)]


def test_a_stale_result_without_its_refuted_clause_is_not_refuted():
    module = module_of(BEFORE.replace("        - ``result > 1``\n", ""))
    assert stale(kept(), layout_of(module), function_of(module)).verdict == "proved"
