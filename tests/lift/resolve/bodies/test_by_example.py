"""Bodies for functions of which only examples say what they return: met, never called proved, no tables."""

from __future__ import annotations

import pytest
from lift.extract import extract
from lift.resolve.bodies.search import Bodies, find
from lift.resolve.bodies.shown import Known, hints, is_table
from lift.source.text import Snapshot
from lift.verify.options import Options


def stub(header: str, *examples: str, body: str = "raise NotImplementedError", more: str = "") -> str:
    name = header.partition("(")[0]
    rows = [
        f"        >>> {name}({call})\n        {shown}\n"
        for call, shown in (e.split(" -> ") for e in examples)
    ]
    return f'def {header}:\n    """D.\n{more}\n    Examples:\n{"".join(rows)}    """\n    {body}\n'


def found(text: str) -> Bodies:
    module = extract(Snapshot("module.py", None, text)).module
    return find(module, text, module.functions[0].qualname, Options(seconds=20))


@pytest.mark.parametrize("body", ["...", "raise NotImplementedError", "raise NotImplementedError('later')"])
def test_a_stub_with_examples_has_an_open_body(body: str) -> None:
    text = stub("double(x: int) -> int", "3 -> 6", body=body)
    (function,) = extract(Snapshot("module.py", None, text)).module.functions
    assert [h.hole for h in function.holes] == ["body"]
    assert function.specified


@pytest.mark.parametrize(
    "text",
    [
        stub("double(x: int) -> int", "3 -> 6", body="return 2 * x"),
        'def f(x: int) -> int:\n    """D."""\n    ...\n',
        "from typing import Protocol\nclass P(Protocol):\n"
        '    def f(self) -> int:\n        """D.\n\n        >>> 1\n        1\n        """\n        ...',
    ],
)
def test_nothing_is_wanted_of_what_has_a_body_or_no_example(text: str) -> None:
    module = extract(Snapshot("module.py", None, text)).module
    assert not any(f.holes or f.specified for f in module.all_functions())


def test_a_body_that_meets_the_examples_is_tested_and_a_call_tells_it_from_another() -> None:
    result = found(stub("parity(n: int) -> str", "2 -> 'even'", "3 -> 'odd'", "10 -> 'even'", "7 -> 'odd'"))
    (body,) = result.bodies
    assert body.body == 'return "even" if n % 2 == 0 else "odd"'
    assert (body.verdict, body.evidence) == ("tested", "meets 4 examples")
    assert len(result.notes) == 1


def test_a_template_is_filled_from_examples() -> None:
    result = found(
        stub("evens(xs: list[int]) -> list[int]", "[1, 2, 3, 4] -> [2, 4]", "[5] -> []", "[8] -> [8]")
    )
    assert [b.body for b in result.bodies] == ["return [x for x in xs if x % 2 == 0]"]
    assert result.bodies[0].verdict == "tested"
    assert "do not pin it down" in result.notes[0]


def test_examples_beside_clauses_are_met_by_no_table() -> None:
    more = "\n    Ensures:\n        - ``len(result) > 0``\n"
    result = found(
        stub("greet(name: str) -> str", "'Ann' -> 'Hello, Ann!'", "'Bob' -> 'Hello, Bob!'", more=more)
    )
    assert [b.body for b in result.bodies] == ['return f"Hello, {name}!"']


@pytest.mark.slow
def test_examples_that_only_a_table_meets_get_no_body() -> None:
    result = found(stub("weird(n: int) -> int", "2 -> 917", "3 -> 12", "10 -> -44"))
    assert result.bodies == ()
    assert result.reason is not None
    assert "table" in result.reason


SIGNS = [Known({"n": n}, r) for n, r in [(0, 0), (3, 1), (-5, -1), (9, 1), (-1, -1)]]
NAMES = [Known({"name": n}, f"Hello, {n}!") for n in ("Ann", "Bob")]


@pytest.mark.parametrize(
    ("body", "known", "table"),
    [
        ("return n // max(1, abs(n))", SIGNS, False),
        ("if n > 0:\n    return 1\nreturn 0 if n == 0 else -1", SIGNS, False),
        # A value that one call alone has as its argument.
        ("return 0 if n == 0 else 1 if n == 3 else -1", SIGNS, True),
        ("return {3: 1, 9: 1, 0: 0}.get(n, -1)", SIGNS, True),
        ("return 'Hello, Bob!' if name == 'Bob' else 'Hello, Ann!'", NAMES, True),
        # A text that one call alone has as its result.
        ("return 'Hello, Bob!' if name > 'a' else 'Hello, ' + name + '!'", NAMES, True),
        # More ways than the examples speak for.
        ("return 1 if n > 5 else 0 if n > 4 else n", SIGNS[:3], True),
        ("return n if n <= 0 else 1", SIGNS[:3], False),
    ],
)
def test_a_body_that_answers_for_single_examples_is_a_table(
    body: str, known: list[Known], table: bool
) -> None:
    assert is_table(body, known, ()) == table


def test_a_constant_of_a_clause_may_be_asked_for() -> None:
    assert not is_table("return 1 if n == 3 else n", [Known({"n": 3}, 1), Known({"n": 5}, 5)] * 2, (3,))


@pytest.mark.parametrize(
    ("known", "wanted"),
    [
        (NAMES, {"Hello, ", "!"}),
        ([Known({"c": c}, 9 * c // 5 + 32) for c in (0, 5, 100)], {9, 5, 32}),
        ([Known({"n": n}, n + 7) for n in (1, 4)], {7}),
        (
            [Known({"n": n}, r) for n, r in [(2, "even"), (3, "odd"), (4, "even"), (5, "odd")]],
            {"even", "odd"},
        ),
    ],
)
def test_what_examples_share_is_a_hint(known: list[Known], wanted: set[object]) -> None:
    assert wanted <= set(hints(known))


def test_one_example_hints_at_nothing() -> None:
    assert hints(NAMES[:1]) == ()
