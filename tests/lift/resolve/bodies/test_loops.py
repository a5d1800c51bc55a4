"""Bodies that are ``while`` loops, and statements that change an argument: found, proved, and their text."""

from __future__ import annotations

import ast

import pytest
from lift.extract import extract
from lift.resolve.bodies.inplace import view
from lift.resolve.bodies.loops.conditions import asked_of
from lift.resolve.bodies.loops.shapes import bodies as loops
from lift.resolve.bodies.search import Bodies, find
from lift.resolve.bodies.subject import Subject, subject_of
from lift.source.text import Snapshot
from lift.verify.options import Options


def stub(header: str, *ensures: str, requires: tuple[str, ...] = (), modifies: str = "") -> str:
    def section(title: str, clauses: tuple[str, ...]) -> str:
        rows = "".join(f"        - ``{c}``\n" for c in clauses)
        return f"\n    {title}:\n{rows}" if clauses else ""

    said = section("Requires", requires) + section("Modifies", (modifies,) * bool(modifies))
    said += section("Ensures", ensures)
    return f'def {header}:\n    """D.\n{said}    """\n    raise NotImplementedError\n'


def subject(text: str) -> Subject:
    module = extract(Snapshot("module.py", None, text)).module
    return subject_of(module, text, module.functions[0].qualname, Options(seconds=20))


def found(text: str) -> Bodies:
    module = extract(Snapshot("module.py", None, text)).module
    return find(module, text, module.functions[0].qualname, Options(seconds=20))


ROOT = stub(
    "root(n: int) -> int",
    "result >= 0",
    "result * result <= n",
    "n < (result + 1) * (result + 1)",
    requires=("n >= 0",),
)
BELOW = stub(
    "below(xs: list[int], key: int) -> int",
    "0 <= result <= len(xs)",
    "all(xs[i] < key for i in range(result))",
    "all(xs[i] >= key for i in range(result, len(xs)))",
    requires=("all(xs[i] <= xs[j] for i in range(len(xs)) for j in range(i, len(xs)))",),
)


def test_a_loop_asks_what_the_clauses_say_of_the_result_and_its_opposite() -> None:
    asked = asked_of(subject(ROOT), "number")
    assert {"number * number <= n", "number * number > n"} <= set(asked)
    # What a clause says of each place, a loop asks of its own.
    assert "xs[number] < key" in asked_of(subject(BELOW), "number")


@pytest.mark.parametrize(
    "text", [ROOT, BELOW, stub("f(xs: list[int], ys: list[int]) -> list[int]", "result == xs")]
)
def test_every_loop_is_python_and_has_a_cost(text: str) -> None:
    made = list(loops(subject(text)))
    assert made
    for cost, body in made:
        assert cost >= 0
        ast.parse(body)


@pytest.mark.slow
@pytest.mark.parametrize(
    "text",
    [
        ROOT,
        BELOW,
        stub(
            "cube_root(n: int) -> int",
            "result >= 0 and result ** 3 <= n",
            "n < (result + 1) ** 3",
            requires=("n >= 0",),
        ),
    ],
)
def test_a_loop_is_found_and_proved(text: str) -> None:
    (body,) = found(text).bodies
    assert "while" in body.body
    assert (body.verdict, body.origin) == ("proved", "template")


def test_a_wrong_loop_that_never_ends_is_dropped_at_once() -> None:
    one = subject(ROOT)
    judged = one.judge(["while True:\n    pass", "number = 0\nwhile n >= 0:\n    number += 1\nreturn number"])
    assert not any(j.fine for j in judged)


IN_PLACE = {
    "swap_ends(xs: list[int]) -> None": (
        (
            "len(xs) == len(old(xs))",
            "xs[0] == old(xs[-1])",
            "xs[-1] == old(xs[0])",
            "all(xs[i] == old(xs)[i] for i in range(1, len(xs) - 1))",
        ),
        ("len(xs) >= 2",),
        "xs[0], xs[-1] = xs[-1], xs[0]",
    ),
    "turn(xs: list[int]) -> None": (
        ("len(xs) == len(old(xs))", "all(xs[i] == old(xs)[len(xs) - 1 - i] for i in range(len(xs)))"),
        (),
        "xs.reverse()",
    ),
    "put(table: dict[str, int], key: str, value: int) -> None": (
        (
            "table[key] == value",
            "all(k == key or table[k] == old(table)[k] for k in old(table))",
            "all(k == key or k in old(table) for k in table)",
        ),
        (),
        "table[key] = value",
    ),
    "push(xs: list[int], x: int) -> None": (
        ("len(xs) == len(old(xs)) + 1", "xs[-1] == x", "xs[:-1] == old(xs)"),
        (),
        "xs.append(x)",
    ),
    "triple(xs: list[int]) -> None": (
        ("len(xs) == len(old(xs))", "all(xs[i] == 3 * old(xs)[i] for i in range(len(xs)))"),
        (),
        "xs[:] = [x * 3 for x in xs]",
    ),
}


@pytest.mark.parametrize("header", list(IN_PLACE))
def test_a_change_of_an_argument_is_written_as_a_statement_and_proved(header: str) -> None:
    ensures, requires, wanted = IN_PLACE[header]
    modified = header.partition("(")[2].partition(":")[0]
    (body,) = found(stub(header, *ensures, requires=requires, modifies=modified)).bodies
    assert (body.body, body.verdict) == (wanted, "proved")


@pytest.mark.parametrize(
    ("expression", "statement"),
    [
        ("sorted(xs)", "xs.sort()"),
        ("xs[1:]", "xs.pop(0)"),
        ("xs + ys", "xs.extend(ys)"),
        ("[x for x in xs if x > 0]", "xs[:] = [x for x in xs if x > 0]"),
        ("__with_item__(xs, 0, len(ys))", "xs[0] = len(ys)"),
        # No expression of Python, and no statement says it.
        ("__swapped__(xs, 0, 1) + ys", None),
    ],
)
def test_an_expression_of_the_new_value_is_written_as_a_change(
    expression: str, statement: str | None
) -> None:
    made = view(subject(stub("f(xs: list[int], ys: list[int]) -> None", "xs == old(ys)", modifies="xs")))
    assert made is not None
    assert made.form is not None
    assert made.form(f"return {expression}") == statement


@pytest.mark.parametrize(
    ("header", "modifies"),
    [("f(xs: list[int]) -> int", "xs"), ("f(n: int) -> None", "n"), ("f(xs: list[int]) -> None", "none")],
)
def test_what_returns_something_or_changes_nothing_has_no_such_form(header: str, modifies: str) -> None:
    assert view(subject(stub(header, "1 == 1", modifies=modifies))) is None
