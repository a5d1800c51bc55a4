"""Candidates for type holes: what is offered first, and why."""

from __future__ import annotations

from textwrap import dedent

import pytest
from lift.extract import extract
from lift.resolve.context import Neighbour
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
    assert first.evidence == (
        'fits 2 callers (lines 8 and 9) and the default ""; but the clause x >= 0 speaks for int'
    )


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


def specified(name: str, parameters: str, clause: str, body: str) -> str:
    text = f'def {name}({parameters}):\n    """Do.\n\n    Ensures:\n        - ``{clause}``\n    """\n'
    return f"{text}    {body}\n\n\n"


TIED = {
    "a parameter has the type of what takes it": (
        specified("f", "x", "True", "g(x)") + "def g(y: bytes): ...\n",
        ("f", "x", "bytes"),
    ),
    "also where that is open": (
        specified("f", "x", "True", "g(x)") + specified("g", "y", "y.startswith('a')", "..."),
        ("f", "x", "str"),
    ),
    "over several functions": (
        specified("f", "x", "True", "g(x)") + "def g(y):\n    h(y)\n\n\ndef h(z: bytes): ...\n",
        ("f", "x", "bytes"),
    ),
    "in a clause": (
        specified("f", "x", "g(x) > 0", "...") + "def g(y: str) -> int: ...\n",
        ("f", "x", "str"),
    ),
    "who is called in a clause": (
        "def f(x): ...\n\n\n" + specified("g", "y: bytes", "f(y) > 0", "..."),
        ("f", "x", "bytes"),
    ),
    "an element": (
        specified("f", "xs", "True", "for x in xs:\n        g(x)") + "def g(y: bytes): ...\n",
        ("f", "xs", "list[bytes]"),
    ),
    "who takes has the type of who passes": (
        specified("f", "x", "True", "...") + "def g(y):\n    f(y)\n\n\ng('a')\n",
        ("f", "x", "str"),
    ),
    "a result has the type of the parameter": (
        specified("f", "x", "x.startswith('a')", "return x"),
        ("f", "return", "str"),
    ),
    "a parameter has the type of the result": (
        'def f(x) -> bytes:\n    """Do.\n\n    Ensures:\n        - ``True``\n    """\n    return x\n',
        ("f", "x", "bytes"),
    ),
    "a result has the type of the callee's": (
        specified("f", "x", "True", "return g(x)") + "def g(y):\n    return 'a'\n",
        ("f", "return", "str"),
    ),
    "an attribute": (
        "class C:\n    n: bytes\n\n    def f(self, x):\n        self.n = x\n",
        ("C.f", "x", "bytes"),
    ),
    "what is compared with an attribute": (
        "class C:\n    n: float\n\n    def f(self, x):\n        return x < self.n\n",
        ("C.f", "x", "float"),
    ),
    "what is added up": (
        "def f(xs):\n    n = 0\n    for x in xs:\n        n += x\n",
        ("f", "xs", "list[int]"),
    ),
    "a term whose type is declared": (
        specified("f", "x", "x >= ?low", "...").replace("``\n", "``\n        - ``?low: float``\n"),
        ("f", "x", "float"),
    ),
}


@pytest.mark.parametrize(("text", "expected"), TIED.values(), ids=TIED)
def test_what_is_known_of_one_reaches_those_that_it_is_tied_to(
    text: str, expected: tuple[str, str, str]
) -> None:
    function, name, wanted = expected
    assert candidates(text, function, name)[0].text == wanted


def test_two_that_know_nothing_do_not_convince_each_other() -> None:
    text = specified("f", "x", "True", "return g(x)") + specified("g", "y", "True", "return f(y)")
    assert candidates(text, "f", "x") == candidates(text, "g", "return") == ()


def test_evidence_does_not_grow_by_going_round() -> None:
    clause = "x.startswith('a')"
    alone = candidates(specified("f", "x", clause, "..."), "f", "x")[0].score
    loop = specified("f", "x", clause, "return g(x)") + specified("g", "y", "True", "return f(y)")
    assert candidates(loop, "f", "x")[0].score == alone


def test_evidence_is_counted() -> None:
    text = (
        'def f(x):\n    """Do.\n\n    Requires:\n        - ``x >= 0``\n        - ``x < 9``\n    """\n\n\n'
        "f(1)\nf(2)\nf(3)\n"
    )
    assert candidates(text, "f", "x")[0].evidence == "fits 3 callers and 2 clauses"


def test_what_contradicts_is_said() -> None:
    text = specified("f", "x", "x.startswith('a')", "...") + "f(1)\nf(2)\n"
    found = {c.text: c for c in candidates(text, "f", "x")}
    assert "but the clause x.startswith('a') speaks for str" in found["int"].evidence
    assert "passes int" in found["str"].evidence
    assert max(c.score for c in found.values()) < 0.75


def test_one_use_that_may_mean_two_types_does_not_contradict_itself() -> None:
    found = candidates(with_clause("len(x) > 0") + "f([1])\n", "f", "x")
    assert "but" not in found[0].evidence
    assert found[0].text == "list[int]"


def test_lists_and_tuples_are_sequences() -> None:
    found = {c.text: c for c in candidates("def f(x): ...\n\n\nf([1])\nf((1, 2))\n", "f", "x")}
    assert found["Sequence[int]"].imports == ("from collections.abc import Sequence",)


QUOTED = {
    "defined later": ("def f(x): ...\n\n\nclass C: ...\n\n\nf(C())\n", '"C"'),
    "defined before": ("class C: ...\n\n\ndef f(x): ...\n\n\nf(C())\n", "C"),
    "with annotations that are not evaluated": (
        "from __future__ import annotations\n\n\ndef f(x): ...\n\n\nclass C: ...\n\n\nf(C())\n",
        "C",
    ),
}


@pytest.mark.parametrize(("text", "expected"), QUOTED.values(), ids=QUOTED)
def test_a_class_that_is_not_there_yet_is_quoted(text: str, expected: str) -> None:
    assert candidates(text, "f", "x")[0].text == expected


def test_a_type_whose_name_is_not_there_is_not_offered() -> None:
    assert candidates("def f(x):\n    g(x)\n\n\ndef g(y: 'Nowhere'): ...\n", "f", "x") == ()


ELSEWHERE = {
    "by its name": "from shop.cart import f\nf('a')\n",
    "by another name": "from .cart import f as g\ng('a')\n",
    "in its module": "import shop.cart\nshop.cart.f('a')\n",
    "in its module by another name": "from shop import cart as c\nc.f('a')\n",
    "with a local name": "from shop.cart import f\ndef h():\n    s = 'a'\n    f(s)\n",
    "with an annotated parameter": "from shop.cart import f\ndef h(s: str):\n    f(x=s)\n",
}


def elsewhere(other: str, text: str = "def f(x): ...\n", function: str = "f") -> tuple[Candidate, ...]:
    module = extract(Snapshot("cart.py", None, text)).module
    (found,) = (f for f in module.all_functions() if f.qualname == function)
    neighbours = (Neighbour("b.py", other),)
    return candidates_for(module, text, found, "x", neighbours=neighbours, module_name="shop.cart")


@pytest.mark.parametrize("other", ELSEWHERE.values(), ids=ELSEWHERE)
def test_callers_in_other_files(other: str) -> None:
    (found,) = elsewhere(other)
    assert found.text == "str"
    assert found.evidence.startswith("fits the call in b.py:")


@pytest.mark.parametrize(
    "other",
    ["f('a')\n", "from other import f\nf('a')\n", "import other\nother.f('a')\n", "def (:\n", "x.f('a')\n"],
)
def test_calls_of_something_else_elsewhere_say_nothing(other: str) -> None:
    assert elsewhere(other) == ()


def test_methods_called_in_other_files() -> None:
    text = "class C:\n    def f(self, x): ...\n"
    (found,) = elsewhere("from shop.cart import C\nC().f('a')\n", text, "C.f")
    assert found.text == "str"
    assert elsewhere("D().f('a')\n", text, "C.f") == ()
