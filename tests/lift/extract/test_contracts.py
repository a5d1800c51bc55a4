"""Specifications written in other notations, and those that the code itself states."""

from __future__ import annotations

import pytest
from lift.extract import extract
from lift.source import LineIndex, Snapshot


def clauses(source: str, name: str = "f") -> list[str]:
    """The clauses of a function or class as ``kind source: expression``, after checking their spans."""
    extraction = extract(Snapshot("m.py", 1, source))
    assert extraction.error is None
    index = LineIndex(source)
    found = {f.qualname: f.clauses for f in extraction.module.all_functions()}
    found |= {c.qualname: c.invariants for c in extraction.module.classes}
    for clause in found[name]:
        assert index.text_at(clause.span) == clause.text
    return [
        f"{c.kind} {c.source}: {c.exception + ' ' if c.kind == 'raises' else ''}{c.expression}"
        + (" exactly" if c.kind == "raises" and c.exact else "")
        for c in found[name]
    ]


def is_specified(source: str) -> bool:
    return extract(Snapshot("m.py", 1, source)).module.all_functions()[0].specified


ICONTRACT = "import icontract\nfrom icontract import require as need\n"
DEAL = "import deal\n"
DECORATED = {
    "require": (f"{ICONTRACT}@need(lambda x: x > 0, 'why')\ndef f(x): ...", ["requires icontract: x > 0"]),
    "ensure": (
        f"{ICONTRACT}@icontract.ensure(lambda result, x: result > x)\ndef f(x): ...",
        ["ensures icontract: result > x"],
    ),
    "snapshot": (
        f"{ICONTRACT}@icontract.snapshot(lambda xs: len(xs), name='n')\n"
        "@icontract.ensure(lambda OLD, xs: len(xs) > OLD.n)\ndef f(xs): ...",
        ["ensures icontract: len(xs) > old(len(xs))"],
    ),
    "snapshot without a name": (
        f"{ICONTRACT}@icontract.snapshot(lambda xs: xs[:])\n@icontract.ensure(lambda OLD, xs: xs == OLD.xs)\n"
        "def f(xs): ...",
        ["ensures icontract: xs == old(xs[:])"],
    ),
    "unknown snapshot": (
        f"{ICONTRACT}@icontract.ensure(lambda OLD, xs: xs == OLD.ys)\ndef f(xs): ...",
        ["ensures icontract: None"],
    ),
    "a function by name": (f"{ICONTRACT}@need(is_sorted)\ndef f(xs): ...", ["requires icontract: None"]),
    "other parameters": (f"{ICONTRACT}@need(lambda y: y)\ndef f(x): ...", ["requires icontract: None"]),
    "pre": (f"{DEAL}@deal.pre(lambda x: x > 0)\ndef f(x): ...", ["requires deal: x > 0"]),
    "pre of all": (f"{DEAL}@deal.pre(lambda _: _.x > 0)\ndef f(x): ...", ["requires deal: x > 0"]),
    "post": (f"{DEAL}@deal.post(lambda r: r > 0)\ndef f(x): ...", ["ensures deal: result > 0"]),
    "ensure of all": (
        f"{DEAL}@deal.ensure(lambda _: _.result > _.x)\ndef f(x): ...",
        ["ensures deal: result > x"],
    ),
    "raises": (
        f"{DEAL}@deal.raises(KeyError, os.error)\ndef f(x): ...",
        ["raises deal: KeyError None", "raises deal: os.error None"],
    ),
    "reason": (
        f"{DEAL}@deal.reason(KeyError, lambda x: x < 0)\ndef f(x): ...",
        ["raises deal: KeyError x < 0"],
    ),
    "pure": (f"{DEAL}@deal.pure\ndef f(x): ...", ["effect deal: none"]),
    "has": (
        f"{DEAL}@deal.has('network', 'import')\ndef f(x): ...",
        ["effect deal: network", "effect deal: None"],
    ),
    "chain": (
        f"{DEAL}@deal.chain(deal.pre(lambda x: x), deal.pure)\ndef f(x): ...",
        ["requires deal: x", "effect deal: none"],
    ),
    "of other libraries": ("import other as deal\n@deal.pre(lambda x: x)\ndef f(x): ...", []),
}


@pytest.mark.parametrize("name", DECORATED)
def test_contract_decorators(name: str) -> None:
    source, expected = DECORATED[name]
    assert clauses(source) == expected
    assert is_specified(source) == bool(expected)


def test_invariants_of_classes() -> None:
    decorators = "@icontract.invariant(lambda self: self.n > 0)\n@deal.inv(lambda o: o.n > 1)\n"
    source = f"{ICONTRACT}{DEAL}{decorators}class C:\n    n = 2\n"
    assert clauses(source, "C") == ["invariant icontract: self.n > 0", "invariant deal: self.n > 1"]


PEP316 = {
    "on the line": (
        "pre: x > 0\n    post: __return__ > x",
        ["requires pep316: x > 0", "ensures pep316: result > x"],
    ),
    "below": (
        "pre:\n        x > 0\n        x in (\n          1, 2)",
        ["requires pep316: x > 0", "requires pep316: x in (1, 2)"],
    ),
    "old": ("post: __old__.x.n == x.n", ["ensures pep316: old(x.n) == x.n"]),
    "changes": ("post[x.n]: x.n > 0", ["ensures pep316: x.n > 0", "modifies pep316: x.n"]),
    "changes nothing": ("post[]: x.n > 0", ["ensures pep316: x.n > 0", "modifies pep316: none"]),
    "bad beside good": ("pre: x > 0\n    pre: x >", ["requires pep316: x > 0", "requires pep316: None"]),
    "prose": ("pre: whatever came before\n    post: see x", []),
}


@pytest.mark.parametrize("name", PEP316)
def test_pep_316(name: str) -> None:
    body, expected = PEP316[name]
    source = f'def f(x):\n    """F.\n\n    {body}\n    """\n'
    assert clauses(source) == expected
    assert is_specified(source) == bool(expected)


def test_pep_316_invariants() -> None:
    assert clauses('class C:\n    """\n    inv: self.n > 0\n    """\n    n = 1\n', "C") == [
        "invariant pep316: self.n > 0"
    ]


BOUNDS = {
    "gt": ("x: Annotated[int, Gt(0)]", ["requires annotated: x > 0"]),
    "interval": (
        "x: Annotated[int, at.Interval(ge=0, lt=N)]",
        ["requires annotated: x >= 0", "requires annotated: x < N"],
    ),
    "length": (
        "x: Annotated[str, Len(1, 9)]",
        ["requires annotated: len(x) >= 1", "requires annotated: len(x) <= 9"],
    ),
    "multiple": ("x: Annotated[int, MultipleOf(2)]", ["requires annotated: x % 2 == 0"]),
    "field": ("x: Annotated[int, Field(gt=0, description='x')]", ["requires field: x > 0"]),
    "field as default": ("x: int = Field(min_length=1)", ["requires field: len(x) >= 1"]),
    "optional": ("x: Annotated[int | None, Gt(0)]", ["requires annotated: x is None or x > 0"]),
    "none as default": ("x: Annotated[int, Gt(0)] = None", ["requires annotated: x is None or x > 0"]),
    "beside none": ("x: Annotated[int, Gt(0)] | None", ["requires annotated: x is None or x > 0"]),
    "of others": ("x: Annotated[int, Other(0)], y: int = other.Field(gt=0)", []),
}


@pytest.mark.parametrize("name", BOUNDS)
def test_bounds_of_annotations(name: str) -> None:
    parameters, expected = BOUNDS[name]
    imports = "import annotated_types as at\nfrom annotated_types import Gt, Len, MultipleOf\n"
    source = f"{imports}from pydantic import Field\ndef f({parameters}): ...\n"
    assert clauses(source) == expected
    assert is_specified(source) == bool(expected)


def test_bounds_of_the_result() -> None:
    source = "from annotated_types import Gt\ndef f(result) -> Annotated[int, Gt(0)]: ...\n"
    assert clauses(source) == ["ensures annotated: __return__ > 0"]


GUARDS = {
    "the only one": ("if x < 0: raise ValueError('no')", ["ValueError x < 0 exactly"]),
    "message first": (
        "if x < 0:\n        m = f'{x}'\n        raise ValueError(m)",
        ["ValueError x < 0 exactly"],
    ),
    "two of a kind": (
        "if x < 0: raise ValueError\n    if x > 9: raise ValueError",
        ["ValueError x < 0 exactly", "ValueError x > 9 exactly"],
    ),
    "elif": (
        "if x < 0: raise ValueError\n    elif x > 9: raise ValueError",
        ["ValueError x < 0 exactly", "ValueError x > 9 exactly"],
    ),
    "after another": (
        "if x < 0: raise ValueError\n    if x > 9: raise BlockingIOError",
        ["ValueError x < 0 exactly", "BlockingIOError x > 9"],
    ),
    "raised elsewhere": ("if x < 0: raise ValueError\n    y = 1\n    raise ValueError", ["ValueError None"]),
    "perhaps raised by a call": ("if x < 0: raise ValueError\n    return int(x)", ["ValueError None"]),
    "perhaps raised by the condition": ("if bad(x): raise ValueError", ["ValueError None"]),
    "harmless calls": (
        "if len(x) < 1: raise ValueError\n    return sorted(x)",
        ["ValueError len(x) < 1 exactly"],
    ),
    "raised by Python too": ("if x < 0: raise IndexError", ["IndexError None"]),
    "with else": ("if x < 0: raise ValueError\n    else: y = 1", []),
    "not at the head": ("y = 1\n    if x < 0: raise ValueError", []),
    "a variable": ("if x < 0: raise error", []),
    "walrus": ("if (y := x) < 0: raise ValueError", []),
    "in a generator": ("if x < 0: raise ValueError\n    yield x", []),
}


@pytest.mark.parametrize("name", GUARDS)
def test_guards(name: str) -> None:
    body, expected = GUARDS[name]
    source = f"def f(x):\n    '''F.'''\n    {body}\n"
    assert clauses(source) == [f"raises guard: {clause}" for clause in expected]
    assert not is_specified(source)


def test_a_guard_that_the_docstring_states_is_not_said_twice() -> None:
    docstring = '"""F.\n\n    Raises:\n        ValueError: If ``x<0``.\n    """'
    source = f"def f(x):\n    {docstring}\n    if x < 0:\n        raise ValueError\n"
    assert clauses(source) == ["raises docstring: ValueError x < 0 exactly"]


def test_assertions_at_the_heads_of_loops() -> None:
    source = """def f(x):
    for y in x:
        assert y > 0, "positive"
        assert y < 9
        while y:
            assert y != 3
            y -= 1
        assert y == 0
    def g():
        while x:
            assert x
"""
    extraction = extract(Snapshot("m.py", 1, source))
    found = [
        (c.expression, c.prose, c.loop_line)
        for c in extraction.module.functions[0].clauses
        if c.kind == "invariant"
    ]
    assert found == [("y > 0", "positive", 2), ("y < 9", "", 2), ("y != 3", "", 5)]
