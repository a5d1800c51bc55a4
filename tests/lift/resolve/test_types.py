"""Candidates for type holes: what is offered first, and why."""

from __future__ import annotations

from textwrap import dedent

import pytest
from lift.extract import extract
from lift.resolve.types import candidates_for, jedi_types_for
from lift.source.text import Snapshot
from lift_ir import Candidate


def candidates(text: str, function: str, name: str, *, ask_jedi: bool = False) -> tuple[Candidate, ...]:
    text = dedent(text).lstrip()
    module = extract(Snapshot("a.py", None, text)).module
    (found,) = (f for f in module.all_functions() if f.qualname == function)
    asked = jedi_types_for(text, found, name) if ask_jedi else ()
    return candidates_for(module, text, found, name, asked)


def with_clause(clause: str, parameters: str = "x", body: str = "...") -> str:
    return f'def f({parameters}):\n    """Do.\n\n    Requires:\n        - ``{clause}``\n    """\n    {body}\n'


SPECIFIED = [
    ("x >= 0", "x", "int"),
    ("x >= 0.5", "x", "float"),
    ("0 <= x < 10", "x", "int"),
    ("x % 2 == 0", "x", "int"),
    ("x == 'a'", "x", "str"),
    ("x in ('a', 'b')", "x", "str"),
    ("x is None or x > 0", "x", "int | None"),
    ("len(x) > 0", "x", "list"),
    ("len(x) > 0 and x[0] < 0", "x", "list[int]"),
    ("sum(x) == 1", "x", "list[int]"),
    ("all(v >= 0 for v in x)", "x", "list[int]"),
    ("all(v.strip() == v for v in x)", "x", "list[str]"),
    ("x['a'] == 1", "x", "dict[str, int]"),
    ("isinstance(x, str)", "x", "str"),
    ("x.startswith('a')", "x", "str"),
    ("implies(x, True)", "x", "bool"),
]


@pytest.mark.parametrize(("clause", "name", "expected"), SPECIFIED)
def test_from_the_specification(clause: str, name: str, expected: str) -> None:
    first = candidates(with_clause(clause), "f", name)[0]
    assert first.text == expected
    assert "the clause" in first.evidence


OTHERS = {
    "a default": ("def f(x=3): ...\n", "x", "int"),
    "a default of None with a use": ("def f(x=None):\n    return x + 1\n", "x", "int | None"),
    "a caller": ("def f(x): ...\n\nf([1, 2])\n", "x", "list[int]"),
    "two callers": ("def f(x): ...\n\nf(1)\nf('a')\n", "x", "int | str"),
    "two callers with numbers": ("def f(x): ...\n\nf(1)\nf(0.5)\n", "x", "float"),
    "a caller by keyword": ("def f(*, x): ...\n\nf(x={'a': 1})\n", "x", "dict[str, int]"),
    "a caller's annotated parameter": ("def f(x): ...\n\ndef g(y: bytes):\n    f(y)\n", "x", "bytes"),
    "a caller's instance": ("class C: ...\n\ndef f(x): ...\n\nf(C())\n", "x", "C"),
    "another parameter": ("def f(x, y: float):\n    return x < y\n", "x", "float"),
    "the body": ("def f(x):\n    x.append(1)\n", "x", "list"),
    "a loop": ("def f(x):\n    for v in x:\n        print(v + 1)\n", "x", "list[int]"),
    "a list": ("def f(x):\n    x.append(1)\n    return len(x) > 0 and x[0] > 1\n", "x", "list[int]"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_from_callers_defaults_and_the_body(name: str) -> None:
    text, parameter, expected = OTHERS[name]
    assert candidates(text, "f", parameter)[0].text == expected


RETURNS = [
    ("return 1", "int"),
    ("return", "None"),
    ("pass", "None"),
    ("return x > 1", "bool"),
    ("return x", "int"),
    ("return x / 2", "float"),
    ("return [x]", "list[int]"),
    ("return (x, 'a')", "tuple[int, str]"),
    ("return {'a': [1]}", "dict[str, list[int]]"),
    ("return 'a' if x else None", "str | None"),
    ("y = x * 2\n    return y", "int"),
    ("ys = []\n    ys.append(x)\n    return ys", "list[int]"),
    ("return [v.strip() for v in 'a b'.split()]", "list[str]"),
    ("return sorted([3, 1])", "list[int]"),
    ("return sum(v for v in [1, 2])", "int"),
]


@pytest.mark.parametrize(("body", "expected"), RETURNS)
def test_results(body: str, expected: str) -> None:
    assert candidates(f"def f(x: int):\n    {body}\n", "f", "return")[0].text == expected


def test_a_result_that_only_the_specification_knows() -> None:
    text = '''
    def f(x: int):
        """Do.

        Ensures:
            - ``result >= x``
        """
        raise NotImplementedError
    '''
    assert candidates(text, "f", "return")[0].text == "int"


def test_methods_count_their_arguments_without_self() -> None:
    text = "class C:\n    def f(self, x): ...\n\nC().f('a')\n"
    assert candidates(text, "C.f", "x")[0].text == "str"


def test_what_arrives_must_fit_and_more_evidence_ranks_higher() -> None:
    text = 'def f(x=""):\n    """Do.\n\n    Requires:\n        - ``x >= 0``\n    """\n\nf(1)\nf(2)\n'
    first, *_ = found = candidates(text, "f", "x")
    assert [c.text for c in found] == ["str | int", "int", "str"]
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    assert "line 8" in first.evidence


def test_imports_come_along() -> None:
    text = "from decimal import Decimal\n\ndef f(x, y: Decimal):\n    return x < y\n"
    assert candidates(text, "f", "x")[0].imports == ("from decimal import Decimal",)


@pytest.mark.parametrize(
    "text", ["def f(x): ...\n", "def f(x):\n    return g(x)\n", "def f(x, *a, **k):\n    f(*a, x=a, **k)\n"]
)
def test_nothing_is_offered_for_nothing(text: str) -> None:
    assert candidates(text, "f", "x") == ()


def test_jedi_adds_its_voice() -> None:
    pytest.importorskip("jedi")
    text = "import fractions\n\ndef f(x):\n    return x\n\nf(fractions.Fraction(1, 2))\n"
    (first, *_) = candidates(text, "f", "x", ask_jedi=True)
    assert first.text == "Fraction"
    assert first.imports == ("from fractions import Fraction",)
    assert "jedi" in first.evidence


@pytest.mark.parametrize("text", ["def f(x: ...", "", "\0"])
def test_a_text_that_does_not_parse_gives_no_candidates(text: str) -> None:
    whole = "def f(x): ...\n"
    module = extract(Snapshot("a.py", None, whole)).module
    assert candidates_for(module, text, module.functions[0], "x") == ()
