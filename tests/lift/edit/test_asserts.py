"""Assertions at the head of a loop's body, as the text before and after."""

from __future__ import annotations

import pytest
from lift.edit import Failure, apply, assert_at_head

WRITTEN = {
    "for": ("for x in xs:\n    f(x)\n", "for x in xs:\n    assert p\n    assert q\n    f(x)\n"),
    "nested": (
        "while a:\n\twhile b:\n\t\tc()\n",
        "while a:\n\tassert p\n\tassert q\n\twhile b:\n\t\tc()\n",
    ),
    "one line": ("while a: b(); c()\n", "while a:\n    assert p\n    assert q\n    b(); c()\n"),
    "tail of a line": (
        "while a:  # why\n    b()\n",
        "while a:  # why\n    assert p\n    assert q\n    b()\n",
    ),
    "comment above": (
        "while a:\n    # why\n    b()\n",
        "while a:\n    # why\n    assert p\n    assert q\n    b()\n",
    ),
    "beyond ASCII": (
        "while 'é':\n    ''; b()\n",
        "while 'é':\n    assert p\n    assert q\n    ''; b()\n",
    ),
    "CRLF": ("while a:\r\n    b()\r\n", "while a:\r\n    assert p\r\n    assert q\r\n    b()\r\n"),
}


@pytest.mark.parametrize(("before", "after"), WRITTEN.values(), ids=WRITTEN)
def test_writes_them_first_thing_in_the_body(before: str, after: str) -> None:
    edits = assert_at_head(before, 1, ["p", "q"])
    assert not isinstance(edits, Failure)
    assert apply(before, edits) == after
    compile(after, "after", "exec")


@pytest.mark.parametrize(
    ("text", "line"),
    [("while a:\n    b()\n", 2), ("while a: \\\n    b()\n", 1), ("while (:\n", 1)],
    ids=["no loop there", "a continued line", "no Python"],
)
def test_says_why_it_cannot(text: str, line: int) -> None:
    assert isinstance(assert_at_head(text, line, ["p"]), Failure)
