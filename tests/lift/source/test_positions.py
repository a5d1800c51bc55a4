"""Places convert both ways, whatever the line ends and the widths of the characters."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.source import LineIndex
from lift_ir import Position

TEXTS = st.text(alphabet=st.sampled_from("ab é😋\n\r\t\f\u2028"), max_size=40)


@given(TEXTS)
def test_offsets_and_positions_are_inverse(text: str) -> None:
    index = LineIndex(text)
    for offset in range(len(text) + 1):
        assert index.offset(index.position(offset)) == offset
    assert index.text_at(index.span(0, len(text))) == text


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a\n", ["a", ""]),
        ("a\r\nb\rc\nd", ["a", "b", "c", "d"]),
        ("a\fb\u2028c", ["a\fb\u2028c"]),
    ],
)
def test_lines_end_as_lsp_and_python_end_them(text: str, lines: list[str]) -> None:
    index = LineIndex(text)
    assert [index.line(number) for number in range(1, index.line_count + 1)] == lines


def test_byte_columns_become_code_points() -> None:
    text = "x = 1\ny = '😋é' + z\n"
    node = next(n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name) and n.id == "z")
    place = LineIndex(text).from_ast(node.lineno, node.col_offset)
    assert place == Position(line=2, column=11)


@pytest.mark.parametrize(
    ("line", "column", "offset"), [(0, 3, 0), (1, 99, 3), (9, 0, 5), (2, 1, 4), (2, -5, 3)]
)
def test_places_outside_the_text_are_clamped(line: int, column: int, offset: int) -> None:
    assert LineIndex("ab\ncd").offset_at(line, column) == offset
