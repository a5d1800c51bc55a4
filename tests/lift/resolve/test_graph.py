"""The graph of holes: what waits for what, the order to fill them in, and which wait for each other."""

from __future__ import annotations

from textwrap import dedent

import pytest
from lift.extract import extract
from lift.resolve.graph import Graph, graph_of, label
from lift.source.text import Snapshot


def graph(text: str) -> Graph:
    text = dedent(text).lstrip()
    return graph_of(extract(Snapshot("a.py", None, text)).module, text)


def waits(text: str) -> dict[str, list[str]]:
    found = graph(text)
    return {label(found, k): sorted(label(found, w) for w in h.depends_on) for k, h in found.holes.items()}


def function(name: str, parameters: str, clauses: str = "", body: str = "...") -> str:
    lines = "".join(f"        - {c}\n" for c in clauses.split("; ") if c)
    return f'def {name}({parameters}):\n    """Do.\n\n    Ensures:\n{lines}    """\n    {body}\n\n\n'


WAITS = {
    "a term for the types beside it": (
        function("f", "x, y: int", "``x >= ?least``", "return y"),
        {
            "type of f's x": [],
            "type of f's result": [],
            "?least of f": ["type of f's x"],
        },
    ),
    "a clause for the parameter that it names": (
        function("f", "xs, y", "The xs are sorted", "pass"),
        {
            "type of f's xs": [],
            "type of f's y": [],
            "type of f's result": [],
            "clause “the xs are sorted” of f": ["type of f's xs"],
        },
    ),
    "a clause that names nothing for all": (
        function("f", "xs: list[int], y", "Nothing is lost", "pass"),
        {
            "type of f's y": [],
            "type of f's result": [],
            "clause “nothing is lost” of f": ["type of f's result", "type of f's y"],
        },
    ),
    "a body for everything of its function": (
        function("f", "x, y: int", "``x >= ?least``"),
        {
            "type of f's x": [],
            "type of f's result": [],
            "?least of f": ["type of f's x"],
            "body of f": ["?least of f", "type of f's result", "type of f's x"],
        },
    ),
    "a body for the callees of its clauses": (
        function("f", "x: int", "``result == g(x)``").replace("):", ") -> int:")
        + function("g", "x: int", "``result > 0``").replace("):", ") -> int:"),
        {"body of g": [], "body of f": ["body of g"]},
    ),
    "who passes on for who takes": (
        function("f", "x", "``result >= 0``", "return g(x)") + function("g", "y", "``y > 0``", "return 1"),
        {
            "type of g's y": [],
            "type of f's x": ["type of g's y"],
            "type of g's result": [],
            "type of f's result": ["type of g's result"],
        },
    ),
    "a result for the parameter that is returned": (
        function("f", "x", "``result >= 0``", "return x"),
        {"type of f's x": [], "type of f's result": ["type of f's x"]},
    ),
    "not for a parameter that was bound anew": (
        function("f", "x", "``result >= 0``", "x = str(x)\n    return x"),
        {"type of f's x": [], "type of f's result": []},
    ),
    "a method for what it calls on itself": (
        'class C:\n    def f(self, x):\n        """Do.\n\n        Ensures:\n            - ``x > 0``\n        """\n'  # noqa: E501
        "        self.g(x)\n"
        '    def g(self, y):\n        """Do.\n\n        Ensures:\n            - ``y > 0``\n        """\n',
        {
            "type of C.g's y": [],
            "type of C.f's x": ["type of C.g's y"],
            "type of C.f's result": [],
            "type of C.g's result": [],
        },
    ),
}


@pytest.mark.parametrize(("text", "expected"), WAITS.values(), ids=WAITS)
def test_what_waits_for_what(text: str, expected: dict[str, list[str]]) -> None:
    assert waits(text) == expected


@pytest.mark.parametrize("text", [text for text, _ in WAITS.values()], ids=list(WAITS))
def test_what_is_waited_for_comes_first(text: str) -> None:
    seen: set[str] = set()
    for key, hole in graph(text).holes.items():
        assert set(hole.depends_on) <= seen
        seen.add(key)


CYCLES = {
    "types of functions that call each other": (
        function("f", "x", "``result > 0``", "return g(x)")
        + function("g", "y", "``result > 0``", "return f(y)"),
        [["type of f's result", "type of g's result"], ["type of f's x", "type of g's y"]],
    ),
    "bodies whose clauses call each other": (
        function("f", "x: int", "``result == g(x)``").replace("):", ") -> int:")
        + function("g", "x: int", "``result == f(x)``").replace("):", ") -> int:"),
        [["body of f", "body of g"]],
    ),
    "terms that are compared with each other": (
        function("f", "x: int", "``?low < ?high``; ``result <= ?high``", "return x").replace(
            "):", ") -> int:"
        ),
        [["?low of f", "?high of f"]],
    ),
    "none where a chain only names them one by one": (
        function("f", "x: int", "``?low <= result <= ?high``", "return x").replace("):", ") -> int:"),
        [],
    ),
    "none where one only waits for the other": (
        function("f", "x", "``result > 0``", "return g(x)") + function("g", "y", "``y > 0``", "return 1"),
        [],
    ),
}


@pytest.mark.parametrize(("text", "expected"), CYCLES.values(), ids=CYCLES)
def test_a_cycle_is_named(text: str, expected: list[list[str]]) -> None:
    found = graph(text)
    assert sorted([label(found, key) for key in cycle] for cycle in found.cycles) == expected
    for cycle in found.cycles:
        assert all(found.cycle_of(key) == cycle for key in cycle)


def test_blocks_is_the_inverse() -> None:
    found = graph(function("f", "x", "``x >= ?least``"))
    pairs = {(a, b) for a, hole in found.holes.items() for b in hole.depends_on}
    assert pairs == {(a, b) for b, after in found.blocks.items() for a in after}
    assert found.ready == ("f:type:x", "f:type:return")


CONSTRAINTS = {
    "a clause": (function("f", "x", "``x > ?least``"), "f:type:x", "x > ?least"),
    "a default": (function("f", "x=3", "``x > 0``"), "f:type:x", "x = 3"),
    "a call": (
        function("f", "x", "``x > 0``", "g(x)") + function("g", "y", "``y > 0``"),
        "g:type:y",
        "g(x)",
    ),
    "a clause for a term": (function("f", "x", "``x > ?least``"), "f:term:least", "x > ?least"),
    "a clause for a body": (function("f", "x", "``x > 0``"), "f:body:body", "x > 0"),
}


@pytest.mark.parametrize(("text", "key", "expected"), CONSTRAINTS.values(), ids=CONSTRAINTS)
def test_what_bears_on_a_hole(text: str, key: str, expected: str) -> None:
    assert expected in [c.text for c in graph(text).holes[key].constraints]


def test_a_text_that_does_not_parse_has_a_graph() -> None:
    text = function("f", "x", "``x > ?least``") + "def broken(:\n"
    assert "f:term:least" in graph(text).holes
