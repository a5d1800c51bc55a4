"""The notation: any text either parses or says why; places in the tree are places in the text."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.extract.notation import LONGEST_CLAUSE, parse

PARSES = {
    "x>0": "x > 0",
    " x": "x",
    "x ==\n   y": "x == y",
    "x ==\r\n   y": "x == y",
    "?a < ?b": "__hole_a < __hole_b",
    "'?a' == ?a": "'?a' == __hole_a",
    '"""?a\n?b""" == ?é': "'?a\\n?b' == __hole_é",
    "f'{x}?y' == ?y": "f'{x}?y' == __hole_y",
    "(lambda v: v)(x)": "(lambda v: v)(x)",
    "result": "result",
    "ﬁ > 0": "fi > 0",
    "'\\d' in x": "'\\\\d' in x",
}
REFUSED = {
    "": "there is no expression",
    "x >": "invalid syntax",
    "x = 1": "invalid syntax",
    "x) + (y": "unmatched ')'",
    "(yield x)": "cannot yield",
    "(yield from x)": "cannot yield",
    "await x": "cannot await",
    "[y := 1]": "cannot assign",
    "x\0": "null byte",
    "'\ud800'": "surrogates not allowed",
    "x ? y": "invalid syntax",
    "?1": "invalid syntax",
    "(" * 1000 + ")" * 1000: "nested",
    "not " * 9000 + "x": "LONGER",
    "x" * (LONGEST_CLAUSE + 1): "longer than",
    "-" * 15000 + "x": "nested too deeply",
    "f(" + "x + " * 4000 + "x)": "nested too deeply",
    "'unclosed": "unterminated string",
}


@pytest.mark.parametrize("text", PARSES)
def test_expressions_are_normalised(text: str) -> None:
    parsed = parse(text)
    assert (parsed.expression, parsed.error) == (PARSES[text], None)


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_what_is_no_expression_says_why(number: int) -> None:
    text, reason = list(REFUSED.items())[number]
    parsed = parse(text)
    assert parsed.expression is None
    assert parsed.tree is None
    assert parsed.error is not None
    assert reason in parsed.error or "longer than" in parsed.error


@given(st.text(alphabet=st.sampled_from("xy ?'\"()[]{}.,:<>=+-\n\r\t\\lambdafornié\0#`123"), max_size=60))
def test_any_text_is_read(text: str) -> None:
    parsed = parse(text)
    assert (parsed.expression is None) == (parsed.error is not None) == (parsed.tree is None)


@given(
    st.lists(
        st.sampled_from(["é", "?hole", "x", "?h2", "'?s'", "f", "😋s".replace("😋", "ß")]),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from([" + ", "+", "\n + ", "  ==  "]),
)
def test_places_are_those_of_the_text(operands: list[str], operator: str) -> None:
    text = operator.join(operands)
    parsed = parse(text)
    assert parsed.tree is not None
    found = []
    for node in ast.walk(parsed.tree):
        if isinstance(node, ast.Name | ast.Constant):
            start, end = parsed.offset_of(node)
            found.append((start, text[start:end]))
    assert [spelled for _, spelled in sorted(found)] == operands
    assert [text[use.start : use.end] for use in parsed.holes] == [o for o in operands if o.startswith("?")]
