"""After any edits, extraction from what was known gives what extraction from nothing gives."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lift.extract import Extraction, extract
from lift.source import LineIndex, Snapshot

MODULE = '''"""Module."""
import math
from typing import Literal
LIMIT = 3
NAMES = {}

class Box:
    """A box.

    Invariants:
        - ``self.size >= 0``
    """
    def __init__(self, size):
        self.size = size
    def grow(self, by: int) -> None:
        """Grow.

        Ensures:
            - ``self.size == old(self.size) + by``
            - ``self.siz > LIMIT``
        """
        self.size += by
        NAMES[by] = self.helper()
    def helper(self):
        return LIMIT

def f(x, ys):
    """F.

    Requires:
        - ``x > LIMIT``
        - ``x in ys``
    """
    if x < 0:
        raise ValueError(x)
    for y in ys:
        assert y > 0
        g(y)
    return x

@staticmethod
def g(z):
    """
    pre: z > 0
    """
    z.append(1)
    def inner(q): return q + z
    return inner

x = 1
if x:
    def h(): return f(1, [])
else:
    y = 2
'''
FRAGMENTS = [
    *(
        "",
        "",
        "",
        "",
        "\n",
        "    ",
        "x",
        " ",
        '"""',
        "'",
        "(",
        ")",
        ":",
        "#",
        ",",
        ".",
        "=",
        "\\",
        "\t",
        "\f",
    ),
    *(
        "def k(a):\n    return a\n",
        "class C:\n    pass\n",
        "LIMIT",
        "\n\n",
        "- ``x > 0``\n",
        "@g\n",
        "import os\n",
    ),
    *(
        "\r\n",
        "\r",
        "é😋",
        "global Z\n",
        "from m import *\n",
        "if x:\n",
        "else:\n",
        "    return 1\n",
        "result",
    ),
    *("self.", "?hole", "from annotated_types import Gt\n", "\ufeff", "\0"),
]
EDITS = st.lists(
    st.tuples(
        st.integers(0, 4000),
        st.sampled_from([0, 0, 0, 1, 1, 2, 5, 20, 60, 400]),
        st.sampled_from(FRAGMENTS),
        st.booleans(),
    ),
    max_size=8,
)


def spans_of(extraction: Extraction) -> list[tuple[int, int]]:
    """The offsets of every function; raises nothing for text of any kind."""
    index = LineIndex(extraction.snapshot.text)
    return [(index.offset(f.span.start), index.offset(f.span.end)) for f in extraction.module.all_functions()]


@settings(max_examples=70, deadline=None)
@given(EDITS)
def test_incremental_extraction_is_fresh_extraction(edits: list[tuple[int, int, str, bool]]) -> None:
    text = MODULE
    known = extract(Snapshot("m.py", 0, text))
    for version, (place, length, fragment, at_line) in enumerate(edits, 1):
        start = min(place % (len(text) + 1), len(text))
        if at_line:
            start = text.rfind("\n", 0, start) + 1
        text = text[:start] + fragment + text[start + length :]
        known = extract(Snapshot("m.py", version, text), known)
        fresh = extract(Snapshot("m.py", version, text))
        assert (known.error, known.snapshot) == (fresh.error, fresh.snapshot)
        if fresh.error is None:
            assert known.module == fresh.module
            assert known.problems == fresh.problems
        for begin, end in spans_of(known):
            assert 0 <= begin <= end <= len(text)


def edited(*texts: str) -> Extraction:
    """Extracts each text knowing the one before."""
    known: Extraction | None = None
    for version, text in enumerate(texts):
        known = extract(Snapshot("m.py", version, text), known)
    assert known is not None
    return known


def summary(extraction: Extraction) -> dict[str, str]:
    """Qualified name → the source that the IR says is its definition's first line."""
    index = LineIndex(extraction.snapshot.text)
    return {f.qualname: index.line(f.name_span.start.line).strip() for f in extraction.module.all_functions()}


def test_an_unchanged_function_is_the_same_object() -> None:
    text = "def f(): pass\n\ndef g(): pass\n"
    before = extract(Snapshot("m.py", 1, text))
    after = extract(Snapshot("m.py", 2, text.replace("g(): pass", "g(): return 1")), before)
    assert after.module.functions[0] is before.module.functions[0]
    assert after.module.functions[1] != before.module.functions[1]


SPECIFIED = 'def f(x: int) -> int:\n    """F.\n\n    Requires:\n        - ``x > 0``\n    """\n    return x\n'
OTHER = "def g(y: int) -> int:\n    return y\n"
BROKEN = {
    "in the function itself": (SPECIFIED + OTHER, SPECIFIED.replace("return x", "return (x") + OTHER),
    "in another one": (SPECIFIED + OTHER, SPECIFIED + OTHER.replace("return y", "return (y")),
    "before it": (OTHER + SPECIFIED, OTHER.replace("return y", "return\n\n\n   )y") + SPECIFIED),
    "an open string": (OTHER + SPECIFIED, OTHER.replace("return y", 'return """y') + SPECIFIED),
    "an open string after": (SPECIFIED + OTHER, SPECIFIED + OTHER.replace("return y", 'return """y')),
    "between them": (SPECIFIED + OTHER, SPECIFIED + "class (\n" + OTHER),
    "the header": (SPECIFIED + OTHER, SPECIFIED.replace("int:", "int") + OTHER),
}


@pytest.mark.parametrize("name", BROKEN)
def test_while_the_text_does_not_parse_the_last_good_ir_stays(name: str) -> None:
    before, after = BROKEN[name]
    found = edited(before, after)
    assert found.error is not None
    assert found.error.line >= 1
    assert summary(found) == {"f": after[after.index("def f") :].split("\n")[0], "g": "def g(y: int) -> int:"}
    function = next(f for f in found.module.functions if f.name == "f")
    (clause,) = function.clauses
    assert LineIndex(after).text_at(clause.span) == "x > 0"


def test_functions_that_still_parse_are_updated() -> None:
    before = SPECIFIED + OTHER
    broken = SPECIFIED + OTHER.replace("return y", "return (y")
    after = broken.replace("x > 0", "x > 10").replace("def f", "\n\ndef f")
    found = edited(before, broken, after)
    assert found.error is not None
    assert found.module.functions[0].clauses[0].expression == "x > 10"
    assert summary(found) == {"f": "def f(x: int) -> int:", "g": "def g(y: int) -> int:"}


def test_methods_that_still_parse_are_updated() -> None:
    before = "class C:\n    def f(self):\n        return 1\n\n    def g(self, a):\n        return 2\n"
    after = before.replace("return 1", "return (1").replace("g(self, a)", "g(self, a, b)")
    found = edited(before, after)
    assert summary(found) == {"C.f": "def f(self):", "C.g": "def g(self, a, b):"}
    (cls,) = found.module.classes
    assert [p.name for p in cls.methods[1].signature.parameters] == ["self", "a", "b"]


def test_a_text_that_never_parsed_gives_what_parses_of_it() -> None:
    broken = "def broken(:\n    pass\nclass C:\n    def f(self): return 1\n    def g(self: return 2\n"
    text = f"import os\n{SPECIFIED}{broken}{OTHER}"
    found = extract(Snapshot("m.py", 1, text))
    assert found.error is not None
    assert list(summary(found)) == ["f", "C.f", "g"]
    assert found.problems == ()


def test_what_is_deleted_is_gone() -> None:
    assert summary(edited(SPECIFIED + OTHER + "x = 1\n", OTHER + "x = (\n")) == {"g": "def g(y: int) -> int:"}


def test_after_the_repair_everything_is_as_fresh() -> None:
    good = SPECIFIED + OTHER
    texts = [good, good.replace("return x", "return (x"), good.replace("return x", "return (x\n\n"), good]
    assert edited(*texts).module == extract(Snapshot("m.py", 0, good)).module


def test_another_name_of_the_module_reaches_the_clauses_that_use_it() -> None:
    text = 'def f(x):\n    """F.\n\n    Requires:\n        - ``x < LIMIT``\n    """\n'
    found = edited("LIMIT = 1\n" + text, "LIMIT2 = 1\n" + text)
    assert [p.suggestion for p in found.problems] == ["LIMIT2"]
    assert edited("LIMIT2 = 1\n" + text, "LIMIT = 1\n" + text).problems == ()


def test_effects_through_an_edited_function() -> None:
    text = "def f(a):\n    g(a)\n\ndef g(b):\n    return b\n"
    before = extract(Snapshot("m.py", 1, text))
    after = extract(Snapshot("m.py", 2, text.replace("return b", "b.sort()")), before)
    assert (before.module.functions[0].effects.mutates, after.module.functions[0].effects.mutates) == (
        (),
        ("a",),
    )


def test_the_same_text_is_not_read_again() -> None:
    before = extract(Snapshot("m.py", 1, SPECIFIED))
    after = extract(Snapshot("m.py", 2, SPECIFIED), before)
    assert after.module is before.module
    assert after.snapshot.version == 2
    assert extract(Snapshot("n.py", 1, SPECIFIED), before).module.path == "n.py"
