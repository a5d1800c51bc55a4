"""``...`` in the code: what is offered as proved is proved once it is written."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from lift.edit import Failure, apply, fill_together
from lift.extract import extract
from lift.resolve.graph import graph_of, label
from lift.resolve.holes import resolve
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import Hole, Module

EXAMPLE = "\n    Examples:\n        >>> f(3)\n        21\n"


def source(head: str, body: str, ensures: Sequence[str], rest: str = "") -> str:
    rows = "".join(f"        - ``{c}``\n" for c in ensures)
    return f'def f({head}:\n    """F.\n\n    Ensures:\n{rows}{rest}    """\n    {body}\n'


def read(text: str) -> Module:
    return extract(Snapshot("a.py", None, text)).module


def found(text: str) -> dict[str, Hole]:
    module = read(text)
    holes = resolve(module, text, kinds=("term",), deadline=time.monotonic() + 30)
    return {h.name: h for h in holes}


def verdicts(text: str) -> list[str]:
    return [c.verdict for c in check_function(read(text), text, "f", Options()).clauses]


COUNT = "n = ...\n    for x in xs:\n        n += 1\n    return n"
SORTED = "all(a <= b for a, b in zip(result, result[1:]))"
PROVED = [
    ("x: int) -> int", "return x + ...", ["result == x + 31415"], "", "31415"),
    ("x: int) -> int", "return 3 * x - ...", ["result == 3 * x - 7 * 13"], "", "91"),
    ("x: int) -> int", "return min(x, ...)", ["result <= 99", "implies(x <= 99, result == x)"], "", "99"),
    ("xs: list[int]) -> int", COUNT, ["result == len(xs)"], "", "0"),
    ("x: int) -> int", "return x * ...", ["implies(x > 0, result > x)"], EXAMPLE, "7"),
    ("s: str) -> str", "return s + ...", ["result == s + '!'"], "", "'!'"),
    ("xs: list[int]) -> list[int]", "return ...", ["len(result) == len(xs)", SORTED], "", "sorted(xs)"),
]  # fmt: skip


@pytest.mark.parametrize(("head", "body", "ensures", "rest", "text"), PROVED, ids=[p[1] for p in PROVED])
def test_what_is_offered_is_proved_as_it_is_written(
    head: str, body: str, ensures: list[str], rest: str, text: str
) -> None:
    whole = source(head, body, ensures, rest)
    (hole,) = found(whole).values()
    best = hole.candidates[0]
    assert (best.text, best.score) == (text, 0.9)
    assert "the function is proved to keep" in best.evidence
    (function,) = read(whole).all_functions()
    edits = fill_together(whole, read(whole), function, hole, best)
    assert not isinstance(edits, Failure)
    assert set(verdicts(apply(whole, edits))) == {"proved"}


def test_of_several_that_keep_the_clauses_a_person_chooses() -> None:
    (hole,) = found(source("x: int) -> int", "return min(max(x, 0), ...)", ["0 <= result <= 99"])).values()
    texts = [c.text for c in hole.candidates]
    assert {"0", "99"} <= set(texts)
    assert "-1" not in texts
    assert "100" not in texts
    assert "with 100 a clause is broken" in hole.candidates[texts.index("99")].evidence


def test_two_are_found_together_and_written_together() -> None:
    text = source(
        "x: int) -> int", "return ... if x < ... else x", ["result >= 3", "implies(x >= 3, result == x)"]
    )
    holes = found(text)
    module = read(text)
    for hole in holes.values():
        best = hole.candidates[0]
        edits = fill_together(text, module, module.functions[0], hole, best)
        assert not isinstance(edits, Failure)
        after = apply(text, edits)
        assert "..." not in after
        assert set(verdicts(after)) == {"proved"}


def test_parentheses_keep_a_filling_together() -> None:
    text = source("a: int, b: int) -> int", "return 2 * ...", ["result == 2 * (a + b)"])
    (hole,) = found(text).values()
    best = hole.candidates[0]
    assert best.text == "a + b"
    edits = fill_together(text, read(text), read(text).functions[0], hole, best)
    assert not isinstance(edits, Failure)
    assert "return 2 * (a + b)\n" in apply(text, edits)


def test_where_no_clause_says_anything_nothing_is_called_proved() -> None:
    text = (
        'def f(x: int) -> int:\n    """F.\n\n    Effects:\n        - ``none``\n    """\n    return x + ...\n'
    )
    (hole,) = found(text).values()
    assert hole.candidates
    assert all(c.score < 0.6 and "proved" not in c.evidence for c in hole.candidates)


def test_a_default_that_no_clause_depends_on_is_not_written_unasked() -> None:
    (hole,) = found(
        source("x: int, step: int = ...) -> int", "return x + step", ["result == x + step"])
    ).values()
    assert hole.candidates
    assert all(c.score < 0.6 for c in hole.candidates)


def test_what_is_open_is_not_checked_and_waits_for_the_clauses() -> None:
    text = source("x: int) -> int", "return x + ...", ["result >= ?least"])
    result = check_function(read(text), text, "f", Options())
    assert {c.verdict for c in result.clauses} == {"unchecked"}
    assert {c.reason for c in result.clauses} == {"a term of the code is open"}
    graph = graph_of(read(text), text)
    names = {label(graph, k): [label(graph, w) for w in h.depends_on] for k, h in graph.holes.items()}
    assert names["`...` at line 7 of f"] == ["?least of f"]
