"""The way to a counterexample as rows: short runs line by line, long loops round by round."""

from __future__ import annotations

from lift.ide.walk import places, rows, told
from lift_ir import Counterexample, Returned, Step

TEXT = """\
def f(xs):
    total = 0
    for x in xs:
        total += x
    return total
"""


def trace(numbers: list[int]) -> tuple[Step, ...]:
    steps = [Step(line=2, variables={"total": "0"})]
    total = 0
    for n in numbers:
        total += n
        steps += [Step(line=3, variables={"x": str(n)}), Step(line=4, variables={"total": str(total)})]
    return (*steps, Step(line=3), Step(line=5))


def found(numbers: list[int]) -> Counterexample:
    outcome = Returned(value=str(sum(numbers)), line=5)
    return Counterexample(arguments={"xs": str(numbers)}, outcome=outcome, call="f(…)", trace=trace(numbers))


def test_a_short_run_is_shown_line_by_line():
    assert told(found([7]), TEXT) == (
        "   2  total = 0     total = 0",
        "   3  for x in xs:  x = 7",
        "   4  total += x    total = 7",
        "   3  for x in xs:",
        "   5  return total",
    )


def test_the_rounds_of_a_longer_loop_are_a_row_each():
    shown = told(found([1, 2, 3, 4, 5]), TEXT)
    assert shown[0] == "   2  total = 0     total = 0"
    assert shown[1] == "   3  for x in xs:  round 1: x = 1, total = 1"
    assert shown[5] == "   3  for x in xs:  round 5: x = 5, total = 15"
    assert len(shown) == 8


def test_of_many_rounds_the_first_and_the_last_are_shown():
    made = rows(trace(list(range(40))), TEXT)
    assert len(made) == 12
    assert made[7].round == 7
    assert made[8].skipped == 43 - 12
    assert made[-3].values == "x = 39, total = 780"


def test_related_places_name_each_line_once_with_its_last_values():
    assert list(places(found([1, 2]))) == [(2, "here total = 0"), (3, "here x = 2"), (4, "here total = 3")]


def test_without_the_text_there_are_still_values():
    assert rows(trace([7]), "")[1].values == "x = 7"
