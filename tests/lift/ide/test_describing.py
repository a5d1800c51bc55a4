"""Comments that describe a function: which do, and where the stub goes."""

from __future__ import annotations

import pytest
from lift.edit import apply
from lift.ide.describing import comment_at, in_place, keeping
from lift.resolve.loop.stub import stub_of

# A text, the line that is looked at, and the words that describe a function; None where it describes none.
COMMENTS = [
    ("# def: the median of a list\n", 1, "the median of a list"),
    ("#def: median\ndef f(): ...\n", 1, "median"),
    ("# the sum of\n# two numbers\n", 2, "the sum of two numbers"),
    ("# the sum of two numbers\n# def: another one\n", 1, None),
    ("# the sum of two numbers\n# def: another one\n", 2, "another one"),
    ("# about what follows\nx = 1\n", 1, None),
    ("    # inside of something\n", 1, None),
    ("x = 1  # behind some code here\n", 1, None),
    ("# x = y + z\n", 1, None),
    ("#!/usr/bin/env python of mine\n", 1, None),
    ("# type: ignore this file please\n", 1, None),
    ("# TODO say what this does\n", 1, None),
    ("# ---- a section of it ----\n", 1, None),
    ("# two words\n", 1, None),
    ("#\n", 1, None),
    ("", 1, None),
    ("# the sum of two numbers", 1, "the sum of two numbers"),
    ("# the sum of two numbers\n", 7, None),
]


@pytest.mark.parametrize(("text", "line", "words"), COMMENTS)
def test_a_comment_describes_a_function_or_it_does_not(text: str, line: int, words: str | None) -> None:
    found = comment_at(text, line)
    assert (found.text if found is not None else None) == words


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("before", "after"), [("", ""), ("x = 1\n", "y = 2\n"), ("x = 1\n\n\n", "\n\n\ny = 2\n"), ("\n", "\n")]
)
def test_the_stub_stands_between_two_empty_lines(before: str, after: str, end: str) -> None:
    text = f"{before}# def: the sum of a list of ints\n{after}".replace("\n", end)
    comment = comment_at(text, before.count("\n") + 1)
    stub = stub_of("the sum of a list of ints")
    assert comment is not None
    assert stub is not None
    changed = apply(text, in_place(text, comment, stub))
    assert changed.count("\n") == changed.count(end)
    lines = changed.split(end)
    first, last = (
        lines.index("def sum_list_ints(values: list[int]):"),
        lines.index("    raise NotImplementedError"),
    )
    if before.strip():
        assert lines[:first] == ["x = 1", "", ""]
    if after.strip():
        assert [line for line in lines[last + 1 :] if line] == ["y = 2"]
        assert lines[last + 1 : last + 3] == ["", ""]


def test_words_that_a_draft_leaves_out_are_kept() -> None:
    stub = stub_of("total(xs: list[int]) -> int: Add up numbers.")
    assert stub is not None
    assert keeping(stub, "Add up numbers") == stub
    kept = keeping(stub, 'add up """all""" of \\ the numbers, ' + "and be quick " * 10)
    compile(kept.text, "stub", "exec")
    assert "add up '''all''' of / the numbers, and be quick" in " ".join(kept.text.split())
    assert max(map(len, kept.text.split("\n"))) <= 95
