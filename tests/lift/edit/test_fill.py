"""Filling a hole of each kind, as text before and after."""

from __future__ import annotations

import pytest
from lift.edit import Edit, Failure, apply, fill
from lift.extract import extract
from lift.source.text import Snapshot


def filled(text: str, key: str, filling: str, imports: tuple[str, ...] = ()) -> tuple[Edit, ...] | Failure:
    module = extract(Snapshot("a.py", None, text)).module
    (found,) = [(o, h) for o in (*module.classes, *module.all_functions()) for h in o.holes if h.id == key]
    return fill(text, *found, filling, imports)


def function(section: str, quotes: str = '"""', body: str = "return x") -> str:
    return f"def f(x: int) -> int:\n    {quotes}Do.\n\n{section}    {quotes}\n    {body}\n"


def ensures(*bullets: str, title: str = "Ensures", **options: str) -> str:
    return function(f"    {title}:\n" + "".join(f"        - {b}\n" for b in bullets), **options)


FILLED = {
    "a parameter's type": (
        'def f(x) -> int:\n    """Do.\n\n    Requires:\n        - ``x``\n    """\n',
        "f:type:x",
        "list[int]",
        'def f(x: list[int]) -> int:\n    """Do.\n\n    Requires:\n        - ``x``\n    """\n',
    ),
    "a term": (ensures("``x <= ?limit``"), "f:term:limit", "10", ensures("``x <= 10``")),
    "a term wherever it stands": (
        ensures("``0 <= ?a``", "``x <= ?a and ?a < ?ab``", "``x != '?a'``: as ?a"),
        "f:term:a",
        "len(str(x))",
        ensures("``0 <= len(str(x))``", "``x <= len(str(x)) and len(str(x)) < ?ab``", "``x != '?a'``: as ?a"),
    ),
    "a term in parentheses where it needs them": (
        ensures("``x == ?a * 2``", "``x == ?a``"),
        "f:term:a",
        "x + 1",
        ensures("``x == (x + 1) * 2``", "``x == x + 1``"),
    ),
    "a term that was declared": (
        ensures("``?a: int``: how many?", "``x == ?a``"),
        "f:term:a",
        "1",
        ensures("``x == 1``"),
    ),
    "a declared clause": (
        ensures("``?a: bool``: what is promised"),
        "f:term:a",
        "result > 0",
        ensures("``result > 0``: what is promised"),
    ),
    "a term with a text": (ensures("``x == ?a``"), "f:term:a", r"'\n'", ensures(r"``x == '\\n'``")),
    "a term in a raw docstring": (
        ensures("``x == ?a``").replace('"""Do', 'r"""Do'),
        "f:term:a",
        r"'\n'",
        ensures(r"``x == '\n'``").replace('"""Do', 'r"""Do'),
    ),
    "a prose clause": (
        ensures("It is positive"),
        "f:clause:it-is-positive",
        "result > 0",
        ensures("``result > 0``: It is positive"),
    ),
    "a prose clause on two lines": (
        ensures("It is\n          positive"),
        "f:clause:it-is-positive",
        "result > 0",
        ensures("``result > 0``: It is\n          positive"),
    ),
    "an effect that was asked for": (
        ensures("``?what``: what does it do?", "it is quick", title="Effects"),
        "f:effect:what",
        "filesystem",
        ensures("``filesystem``", "it is quick", title="Effects"),
    ),
    "two effects": (
        ensures("``?what``: as it must", "it is quick", title="Effects"),
        "f:effect:what",
        "filesystem, network",
        ensures("``filesystem``: as it must", "``network``", "it is quick", title="Effects"),
    ),
    "a summary": (
        'def f(x: int) -> int:\n    """\n    Requires:\n        - ``x``\n    """\n',
        "f:intent:intent",
        "Do it.",
        'def f(x: int) -> int:\n    """Do it.\n\n    Requires:\n        - ``x``\n    """\n',
    ),
    "a summary before a section on the first line": (
        'def f(x: int) -> int:\n    """Requires:\n        - ``x``\n    """\n',
        "f:intent:intent",
        "Do it.",
        'def f(x: int) -> int:\n    """Do it.\n\n    Requires:\n        - ``x``\n    """\n',
    ),
    "a summary where there is no docstring": (
        "import icontract\n\n@icontract.require(lambda x: x)\ndef f(x: int) -> int:\n    return x\n",
        "f:intent:intent",
        "Do it.",
        "import icontract\n\n@icontract.require(lambda x: x)\n"
        'def f(x: int) -> int:\n    """Do it."""\n    return x\n',
    ),
    "a class's invariant": (
        'class C:\n    """Do.\n\n    Invariants:\n        - ``self.n > ?low``\n    """\n\n    n: int\n',
        "C:term:low",
        "0",
        'class C:\n    """Do.\n\n    Invariants:\n        - ``self.n > 0``\n    """\n\n    n: int\n',
    ),
    "with line ends of two characters": (
        ensures("``x <= ?a``", "Fine").replace("\n", "\r\n"),
        "f:clause:fine",
        "x",
        ensures("``x <= ?a``", "``x``: Fine").replace("\n", "\r\n"),
    ),
}


@pytest.mark.parametrize(("before", "key", "filling", "after"), FILLED.values(), ids=FILLED)
def test_filled(before: str, key: str, filling: str, after: str) -> None:
    edits = filled(before, key, filling)
    assert not isinstance(edits, Failure), edits.reason
    assert apply(before, edits) == after
    known = extract(Snapshot("a.py", None, after)).module
    assert key not in [h.id for o in (*known.classes, *known.all_functions()) for h in o.holes]


def test_an_import_is_added() -> None:
    before = ensures("``x <= ?a``")
    edits = filled(before, "f:term:a", "pi", ("from math import pi",))
    assert not isinstance(edits, Failure)
    assert apply(before, edits) == "from math import pi\n\n\n" + ensures("``x <= pi``")


REFUSED = {
    "no expression": (ensures("``x <= ?a``"), "f:term:a", "1 +", "no expression"),
    "a term in no clause": (ensures("``?a: int``: how many?"), "f:term:a", "1", "stands in no clause"),
    "quotes": (ensures("``x <= ?a``"), "f:term:a", '"""a"""', "own quotes"),
    "backticks": (ensures("``x <= ?a``"), "f:term:a", "'``'", "double backticks"),
    "nothing": (ensures("``x <= ?a``"), "f:term:a", " ", "nothing to fill"),
    "a body": (ensures("``x``", body="..."), "f:body:body", "return 1", "lift generate"),
    "several strings": (
        'def f(x: int) -> int:\n    ("Do.\\n\\nEnsures:\\n"\n     "    - ``x <= ?a``\\n")\n    return x\n',
        "f:term:a",
        "1",
        "several strings",
    ),
}


@pytest.mark.parametrize(("before", "key", "filling", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused_with_a_reason(before: str, key: str, filling: str, reason: str) -> None:
    edits = filled(before, key, filling)
    assert isinstance(edits, Failure)
    assert reason in edits.reason
