"""Open terms: what is offered is proved or consistent, and the extremes are the extremes."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest
from lift.edit import Failure, apply, fill
from lift.extract import extract
from lift.resolve.holes import choice, resolve
from lift.source.text import Snapshot
from lift.verify.check import check_function
from lift.verify.options import Options
from lift_ir import Candidate, Function, Hole

CLAMP = "return max(lo, min(x, hi))"
SIGN = "return abs(x) if up else -abs(x)"
COUNT = "n = 0\n    for x in xs:\n        n += {}\n    return n"


def source(
    head: str,
    body: str,
    requires: Sequence[str] = (),
    ensures: Sequence[str] = (),
    rest: str = "",
    above: str = "",
) -> str:
    sections = [("Requires", requires), ("Ensures", ensures)]
    rows = [f"\n    {n}:\n" + "".join(f"        - ``{c}``\n" for c in cs) for n, cs in sections if cs]
    return f'{above}def f({head}:\n    """F.\n{"".join(rows)}{rest}    """\n    {body}\n'


def function_of(text: str) -> Function:
    return extract(Snapshot("a.py", None, text)).module.all_functions()[-1]


def terms(text: str, options: Options | None = None, seconds: float = 30.0) -> dict[str, Hole]:
    module = extract(Snapshot("a.py", None, text)).module
    until = time.monotonic() + seconds
    found = resolve(module, text, kinds=("term",), deadline=until, options=options or Options())
    return {h.name: h for h in found}


def chosen(text: str) -> str | None:
    (hole,) = terms(text).values()
    found = choice(hole)
    return found.text if found else None


def only(text: str) -> tuple[Candidate, ...]:
    (hole,) = terms(text).values()
    return hole.candidates


def filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        function = function_of(text)
        hole = next(h for h in function.holes if h.name == name)
        edits = fill(text, function, hole, value)
        assert not isinstance(edits, Failure)
        text = apply(text, edits)
    return text


def verdicts(text: str) -> set[str]:
    module = extract(Snapshot("a.py", None, text)).module
    return {c.verdict for c in check_function(module, text, "f", Options()).clauses}


# head, body, Requires, Ensures, the strongest of Ensures or the weakest of Requires, the other extreme.
PROVED = [
    ("x: int, lo: int, hi: int) -> int", CLAMP, ["lo <= hi"], ["result <= ?t"], {"hi", "max(x, lo)"}),
    ("x: int) -> int", "return 2 * x + 1", ["0 <= x <= 70"], ["result <= ?t"], {"141"}),
    ("x: int) -> int", "return x % 123457", [], ["result <= ?t"], {"123456"}),
    ("x: int) -> int", "return x % 9 - 31", [], ["result < ?t"], {"-22"}),
    ("x: int) -> int", "return 2 * x + 1", ["x <= ?t"], ["result <= 1000"], {"499"}),
    ("x: int) -> int", "return 2 * x", ["x <= ?t"], ["result <= 5000000"], {"2500000"}),
    ("x: int) -> int", "return 100 // (x - 3)", ["x > ?t"], ["result <= 100"], {"3"}),
    ("xs: list[int]) -> int", "return xs[3]", ["len(xs) >= ?t"], ["result == xs[3]"], {"4"}),
    ("xs: list[int], i: int) -> int", "return xs[i]", ["0 <= i", "i < ?t"], ["result == xs[i]"], {"len(xs)"}),
    ("xs: list[int]) -> int", COUNT.format(1), [], ["result <= ?t"], {"len(xs)"}),
    ("xs: list[int]) -> int", COUNT.format(3), ["len(xs) <= ?t"], ["result <= 30"], {"10"}),
    ("x: int, up: bool) -> int", SIGN, [], ["implies(?t, result >= 0)"], {"up", "x == 0"}),
    ("s: str, t: str) -> str", "return s + '!' + t", [], ["result.startswith(?t)"], {"s"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("head", "body", "requires", "ensures", "best"), PROVED, ids=[b for _, b, *_ in PROVED]
)
def test_the_best_is_proved_and_named(
    head: str, body: str, requires: list[str], ensures: list[str], best: set[str]
) -> None:
    text = source(head, body, requires, ensures)
    found = only(text)
    name = "weakest" if any("?" in r for r in requires) else "strongest"
    assert {c.text for c in found if c.strength == name} == best
    for one in found:
        assert verdicts(filled(text, {"t": one.text})) == {"proved"}, one.text
        assert "proved" in one.evidence
    assert {c.text for c in found if c.score >= 0.85} == best
    assert all(c.score == 1.0 for c in found if c.text in best and c.text.isidentifier())


@pytest.mark.parametrize(
    ("body", "requires", "ensures", "last", "next_"),
    [
        (
            "return 2 * x + 1",
            ["0 <= x <= 70"],
            ["result <= ?t"],
            "141",
            "with 140 it is broken: f(70) gives 141",
        ),
        (
            "return 2 * x + 1",
            ["x <= ?t"],
            ["result <= 1000"],
            "499",
            "with 500 it is broken: f(500) gives 1001",
        ),
        ("return max(x, 7)", [], ["result >= ?t"], "7", "with 8 it is broken"),
    ],
)
def test_the_next_integer_is_broken_by_the_input_that_is_named(
    body: str, requires: list[str], ensures: list[str], last: str, next_: str
) -> None:
    text = source("x: int) -> int", body, requires, ensures)
    (found,) = [c for c in only(text) if c.text == last]
    assert next_ in found.evidence
    beyond = next_.split()[1]
    assert "refuted" in verdicts(filled(text, {"t": beyond}))


def test_both_extremes_are_named() -> None:
    text = source("x: int) -> int", "return x % 50", [], ["result <= ?t"])
    found = {c.strength: c.text for c in only(text) if c.strength}
    assert found == {"strongest": "49", "weakest": "50"}
    assert chosen(text) == "49"


def test_of_several_that_say_different_things_a_person_chooses() -> None:
    text = source("n: int) -> int", "return min(n, LIMIT)", [], ["result <= ?t"], above="LIMIT = 40\n\n\n")
    assert {c.text for c in only(text) if c.strength == "strongest"} == {"n", "40"}
    assert chosen(text) is None


@pytest.mark.parametrize(
    ("body", "values"),
    [
        ("return min(max(x, 3), 99)", {"lo": "3", "hi": "99"}),
        ("return x % 10 - 4", {"lo": "-4", "hi": "5"}),
    ],
)
def test_two_terms_in_one_clause_are_filled_together(body: str, values: dict[str, str]) -> None:
    text = source("x: int) -> int", body, [], ["?lo <= result <= ?hi"])
    holes = terms(text)
    for name, other in (("lo", "hi"), ("hi", "lo")):
        best = holes[name].candidates[0]
        assert (best.text, best.strength) == (values[name], "strongest")
        assert best.fills == ((f"f:term:{other}", values[other]),)
        assert f"where ?{other} is {values[other]}" in best.evidence


@pytest.mark.slow
def test_terms_that_only_make_sense_together() -> None:
    text = source("xs: list[int], i: int) -> int", "return xs[i]", ["?a <= i < ?b"], ["result == xs[i]"])
    holes = terms(text)
    (weakest,) = [c for c in holes["a"].candidates if c.strength == "weakest"]
    assert (weakest.text, weakest.fills) == ("-len(xs)", (("f:term:b", "len(xs)"),))
    for hole in holes.values():
        for one in hole.candidates:
            values = {hole.name: one.text, **{k.rpartition(":")[2]: v for k, v in one.fills}}
            assert verdicts(filled(text, values)) == {"proved"}


def test_a_requirement_that_nothing_needs_is_never_written_unasked() -> None:
    found = only(source("x: int) -> int", "return x % 7", ["x <= ?t"], ["0 <= result < 7"]))
    assert found
    assert all(c.score < 0.6 and "without it, too" in c.evidence for c in found)


def test_the_condition_of_an_exception_is_the_one_that_is_proved() -> None:
    rest = "\n    Raises:\n        ValueError: If ``x > ?t``.\n"
    body = "if x > 17:\n        raise ValueError\n    return x"
    (found,) = only(source("x: int) -> int", body, rest=rest))
    assert (found.text, found.score) == ("17", 1.0)


@pytest.mark.parametrize(
    ("requires", "ensures", "rest", "text", "strength"),
    [
        (["0 <= x <= 10"], ["result >= x", "result <= ?t"], "", "10", None),
        ([], ["result <= ?t"], "\n    Examples:\n        >>> f(3)\n        12\n", "12", "strongest"),
        ([], ["result >= 4", "result <= ?t", "result == 5"], "", "5", "strongest"),
        (["x > 2", "x < ?t"], ["result == x"], "", "4", "strongest"),
    ],
)
def test_without_a_body_what_is_consistent_is_offered(
    requires: list[str], ensures: list[str], rest: str, text: str, strength: str | None
) -> None:
    found = only(source("x: int) -> int", "...", requires, ensures, rest))
    one = next(c for c in found if c.text == text)
    assert strength is None or one.strength == strength
    assert all("nothing to prove yet" in c.evidence and c.score < 0.6 for c in found)
    assert "with " in one.evidence
    assert "proved" not in one.evidence


def test_what_leaves_some_input_without_a_result_is_not_consistent() -> None:
    found = only(
        source("x: int, lo: int, hi: int) -> int", "...", ["lo <= hi"], ["lo <= result", "result <= ?t"])
    )
    assert {"lo", "hi"} <= {c.text for c in found}
    assert not {"x", "0", "1", "min(x, hi)"} & {c.text for c in found}


def test_what_the_body_breaks_is_offered_only_where_nothing_else_is_and_says_so() -> None:
    found = only(
        source("s: str, t: str) -> str", "return '!' + s", [], ["result.startswith(?p)", "len(s) > 3"])
    )
    assert found == () or all(c.score < 0.6 for c in found)
    text = source("s: str) -> str", "return '?' + s[::-1]", [], ["result == ?p"])
    for one in only(text):
        assert one.score == 0.1
        assert "the body breaks it: f(" in one.evidence


def test_what_is_allowed_and_forbidden_is_what_the_clause_says() -> None:
    text = source("xs: list[int], n: int) -> int", "return min(len(xs), n)", ["n >= 0"], ["result <= ?t"])
    found = only(text)
    assert {c.text for c in found if c.strength == "strongest"} == {"n", "len(xs)"}
    for one in found:
        for shown, truth in ((one.allows, True), (one.forbids, False)):
            call, _, result = shown.partition(" → ")
            xs, n = eval(call[1:])
            assert eval(f"{result} <= {one.text}", {"xs": xs, "n": n, "len": len}) is truth
    assert found[0].forbids != found[1].forbids


def test_types_that_are_assumed_are_said_and_leave_a_doubt() -> None:
    found = only(
        'def f(x):\n    """F.\n\n    Ensures:\n        - ``result <= ?t``\n    """\n    return min(x, 5)\n'
    )
    assert {c.text for c in found} == {"5", "x"}
    assert all("if x is int" in c.evidence and c.score <= 0.5 for c in found)


def test_a_method_speaks_of_its_attributes() -> None:
    text = (
        'class Box:\n    """B."""\n\n    def __init__(self, size: int) -> None:\n'
        "        self.size: int = size\n\n    def room(self) -> int:\n"
        '        """F.\n\n        Ensures:\n            - ``result <= ?t``\n        """\n'
        "        return max(0, self.size - 1)\n"
    )
    found = {c.text: c for c in only(text)}
    assert "max(self.size, 0)" in found
    assert "proved of the body" in found["max(self.size, 0)"].evidence


def test_code_that_may_not_run_is_not_run() -> None:
    text = source("x: int) -> int", "return 2 * x + 1", ["0 <= x <= 70"], ["result <= ?t"])
    (hole,) = terms(text, Options(run_code=False)).values()
    best = hole.candidates[0]
    assert (best.text, best.strength) == ("141", "strongest")
    assert "f(" not in best.evidence


@pytest.mark.parametrize(
    "text",
    [
        'class C:\n    """C.\n\n    Invariants:\n        - ``self.x >= ?t``\n    """\n    x: int = 0\n',
        'def f(a, b):\n    """F.\n\n    Ensures:\n        - ``nobody(?t)``\n    """\n    return a\n',
        source("*xs: int) -> int", "return 1", [], ["result <= ?t"]),
        source("x: int) -> int", "while True:\n        pass", [], ["result <= ?t"]),
        source("x: int) -> int", "import os\n    os._exit(3)", [], ["result <= ?t"]),
        source("x: int) -> int", "return x", [], ["?a < ?b < ?c < ?d < result"]),
        source("x: 'Nobody') -> int", "return x", [], ["result <= ?t"]),
    ],
)
def test_odd_code_gives_no_proof_and_no_error(text: str) -> None:
    for hole in terms(text, seconds=2.0).values():
        assert all(c.score < 0.6 for c in hole.candidates)
