"""A function without a body: what its specification says, and bodies that are tried in its place."""

from __future__ import annotations

import textwrap

import pytest
from lift.edit import apply
from lift.extract import extract
from lift.resolve.bodies.subject import NotWritable, Subject, subject_of
from lift.source.text import Snapshot
from lift.verify.options import Options

CLAMP = '''
def clamp(low: int, high: int, x: int = 3) -> int:
    """Keep x between two bounds.

    Requires:
        - ``x < 1000``

    Ensures:
        - ``low <= result <= high``
        - ``implies(low <= x <= high, result == x)``

    Raises:
        ValueError: If ``low > high``.

    Examples:
        >>> clamp(1, 5)
        3
        >>> clamp(5, 1)
        Traceback (most recent call last):
        ValueError: nothing between
    """
    ...
'''


def subject(text: str, name: str) -> Subject:
    module = extract(Snapshot("module.py", None, text)).module
    return subject_of(module, text, name, Options())


def test_what_the_specification_says() -> None:
    found = subject(CLAMP, "clamp")
    assert [p.name for p in found.parameters] == ["low", "high", "x"]
    assert [dict(k.arguments) for k in found.known] == [{"low": 1, "high": 5, "x": 3}]
    assert {"LtE", "implies"} <= found.words
    assert found.guards == 'if low > high:\n    raise ValueError("nothing between")\n'


def test_bodies_are_run_and_proved() -> None:
    found = subject(CLAMP, "clamp")
    bodies = ["return max(low, min(x, high))", "return low", "while True:\n    pass", "return (", "return 3"]
    judged = found.judge(bodies)
    assert [j.fine for j in judged] == [True, False, False, False, False]
    assert judged[2].endless
    proof = found.prove(bodies[0])
    assert proof is not None
    assert proof.whole
    assert "    return max(low, min(x, high))" in proof.code
    assert apply(CLAMP, proof.edits) == proof.text
    wrong = found.prove("return min(x, high)")
    assert wrong is not None
    assert wrong.strength == "refuted"
    assert wrong.refuting[0] in found.inputs[:20]


STUB = 'def f(x: int) -> int:\n    """D.\n\n    Ensures:\n        - ``result > x``\n    """\n    ...\n'


@pytest.mark.parametrize(
    "stub",
    [
        "import icontract\n\n@icontract.ensure(lambda result: result > 0)\ndef f(x: int) -> int: ...\n",
        textwrap.indent(STUB, "    ").replace("    def f(", "class A:\n    def f(self, "),
        STUB.replace("    ", "\t").replace("...", "raise NotImplementedError"),
        STUB.replace("\n", "\r\n"),
    ],
)
def test_a_body_takes_the_place_of_the_hole_only(stub: str) -> None:
    name = "A.f" if "class" in stub else "f"
    found = subject(stub, name)
    text = apply(stub, found.written("if x:\n    return 1\nreturn 2"))
    module = extract(Snapshot("module.py", None, text)).module
    assert not any(f.holes and f.holes[-1].hole == "body" for f in module.all_functions())
    assert text.count("return") == 2
    assert ("\r\n" in text) == ("\r\n" in stub)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("def f(x: int) -> int:\n    return x\n", "it has a body"),
        (STUB.replace("x: int", "x: Unknown"), "not modelled"),
        (STUB.replace(" -> int", ""), "nothing says of which type"),
        (STUB + STUB, "bound more than once|defined more than once"),
    ],
)
def test_what_no_body_is_looked_for(text: str, why: str) -> None:
    with pytest.raises(NotWritable, match=why):
        subject(text, "f")
