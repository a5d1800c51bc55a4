"""Weakest and strongest, against every value of a small domain in CPython."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st
from lift.extract import extract
from lift.resolve.context import Context
from lift.resolve.terms.compare import Comparison, comparison_of
from lift.resolve.terms.question import question_of
from lift.source.text import Snapshot

DOMAIN = range(-7, 8)
FILLINGS = (
    "x",
    "x + 1",
    "2 * x",
    "0",
    "1",
    "-2",
    "4",
    "abs(x)",
    "max(x, 0)",
    "min(x, 3)",
    "y",
    "x + y",
    "max(x, y)",
)
CLAUSES = {
    "ensures": ("result <= ?t", "?t < result", "result == ?t", "implies(y > 0, result >= ?t)"),
    "requires": ("y <= ?t", "?t < y", "y != ?t"),
}


@cache
def comparison(kind: str, clause: str) -> Comparison:
    header = 'def f(x: int, y: int) -> int:\n    """F.\n\n'
    text = f'{header}    {kind.capitalize()}:\n        - ``{clause}``\n    """\n    ...\n'
    module = extract(Snapshot("a.py", None, text)).module
    function = module.functions[0]
    (hole,) = [h for h in function.holes if h.hole == "term"]
    question = question_of(Context(module, text, function, hole))
    assert question is not None
    return comparison_of(question, 600)


def meant(clause: str, filling: str) -> list[bool]:
    code = compile(clause.replace("?t", f"({filling})"), "<clause>", "eval")
    scope = {"implies": lambda p, q: not p or q}
    return [
        bool(eval(code, {**scope, "x": x, "y": y, "result": r}))
        for x in DOMAIN
        for y in DOMAIN
        for r in DOMAIN
    ]


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([(k, c) for k, cs in CLAUSES.items() for c in cs]),
    st.lists(st.sampled_from(FILLINGS), min_size=2, max_size=5, unique=True),
)
def test_the_extremes_are_those_of_every_value(stated: tuple[str, str], fillings: Sequence[str]) -> None:
    order = comparison(*stated).order([{"t": one} for one in fillings])
    truth = [meant(stated[1], one) for one in fillings]

    def implies(one: int, other: int) -> bool:
        return all(b or not a for a, b in zip(truth[one], truth[other], strict=True))

    places = range(len(fillings))
    for one in places:
        for other in places:
            if one != other:
                assert order.below(one, other) == (implies(one, other) and not implies(other, one))
                assert order.same(one, other) == (implies(one, other) and implies(other, one))
        weak = not any(implies(one, other) and not implies(other, one) for other in places)
        strong = not any(implies(other, one) and not implies(one, other) for other in places)
        said = order.strength(one, places, None)
        assert said == (None if weak == strong else "weakest" if weak else "strongest")
