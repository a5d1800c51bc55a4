"""Specifications written in lift's notation say what they said before."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.edit import apply
from lift.extract import Extraction, extract
from lift.ide.normalising import normalised
from lift.source.text import Snapshot


def read(text: str) -> Extraction:
    return extract(Snapshot("file:///m.py", 1, text))


def written(text: str) -> str:
    return apply(text, normalised(read(text)))


def said(text: str) -> list[tuple[str, str]]:
    return [(c.kind, c.id) for f in read(text).module.all_functions() for c in f.clauses]


def function(*lines: str) -> str:
    body = "".join(f"    {line}\n" if line else "\n" for line in lines)
    return f'def f(x: int, xs: list[int]) -> int:\n    """Do.\n\n{body}    """\n    return x\n'


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["Preconditions:", "    - ``x > 0``"], ["Requires:", "    - ``x > 0``"]),
        (["Postconditions:", "    - result > x"], ["Ensures:", "    - ``result > x``"]),
        (["Requires:", "    - `x > 0`"], ["Requires:", "    - ``x > 0``"]),
        (["Ensures:", "    - len(xs) > 0: some"], ["Ensures:", "    - ``len(xs) > 0``: some"]),
        (["Requires:", "    - ``x > 0``", "", "Note:", "    - x > 0"], None),
        (["Requires:", "    - Something that people decide"], None),
        (["Preconditions:", "    Somebody called before."], None),
        (["Preconditions", "-------------", "- ``x > 0``"], None),
    ],
)
def test_headers_and_backticks(before: list[str], after: list[str] | None) -> None:
    assert written(function(*before)) == function(*(before if after is None else after))


def test_classes_and_other_text_stay() -> None:
    text = (
        'class A:\n    """A.\n\n    Representation Invariants:\n        - self.n >= 0\n    """\n\n'
        '    n: int = 0\n\n\nPreconditions = "Preconditions:"\n'
    )
    new = written(text)
    assert "    Invariants:\n        - ``self.n >= 0``\n" in new
    assert new.endswith('Preconditions = "Preconditions:"\n')


def test_a_text_that_does_not_parse_is_left_alone() -> None:
    assert normalised(read(function("Preconditions:", "    - x > 0") + "def g(:\n")) == ()


HEADERS = st.sampled_from(
    ["Requires:", "Preconditions:", "Postconditions:", "Ensures:", "Args:", "Notes:", "Raises:"]
)
BULLETS = st.sampled_from(
    [
        *(
            "- x > 0",
            "- `x > 0`",
            "- ``x > 0``",
            "- ``x >`` 0",
            "- x > 0: said",
            "- x > ?least",
            "- ``?n: int``",
        ),
        *(
            "- xs[0] == x and\n      x > 0",
            "- prose `x` here",
            "* x != 3",
            "- x",
            "- 'Preconditions:' in xs",
            "- ``x``: y",
        ),
    ]
)
SECTIONS = st.tuples(HEADERS, st.lists(BULLETS, max_size=3))


@given(st.lists(SECTIONS, max_size=4), st.booleans())
def test_nothing_but_the_writing_changes(sections: list[tuple[str, list[str]]], windows: bool) -> None:
    lines = [line for header, bullets in sections for line in (header, *(f"    {b}" for b in bullets), "")]
    text = function(*lines)
    if windows:
        text = text.replace("\n", "\r\n")
    new = written(text)
    assert said(new) == said(text)
    assert written(new) == new
    assert new.replace("`", "").count("\n") <= text.count("\n")
