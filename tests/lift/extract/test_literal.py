"""Places in a docstring's value become places in the source that spells it."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lift.extract import extract
from lift.extract.literal import Literal, read_literal
from lift.source import LineIndex, Snapshot

# Each spells ``x > 0`` as the whole text between backticks, in some way that is not its value.
SPELLINGS = {
    "plain": ('"""F.\n\n    Requires:\n        - ``x > 0``\n    """', "x > 0"),
    "one line with escapes": (r'"F.\n\nRequires:\n    - ``x > 0``\n"', "x > 0"),
    "raw": ('r"""F. \\d\n\n    Requires:\n        - ``x > 0``\n    """', "x > 0"),
    "unicode prefix": ('U"""F. \\\\\n\n    Requires:\n        - ``x > 0``\n    """', "x > 0"),
    "escape in the clause": (
        r'''"""F.\N{BULLET}
    Requires:
        - ``x \x3e 0``
    """''',
        r"x \x3e 0",
    ),
    "octal and long escapes": (
        r'''"""F.
    Requires:
        - ``x \76 \U00000030``
    """''',
        r"x \76 \U00000030",
    ),
    "line continuation": ('"""F.\\\n\n\n    Requires:\n        - ``x \\\n> 0``\n    """', "x \\\n> 0"),
    "implicit concatenation": ("'F.\\n\\nRequires:\\n' '    - ``x'\\\n    ' > 0``\\n'", "x'\\\n    ' > 0"),
    "in parentheses": ('("F.\\n" # one\n    "Requires:\\n"\n    r"    - ``x > 0``" "\\n")', "x > 0"),
    "raw with quotes": ("r'''F. \\' \\\\\n    Requires:\n        - ``x > 0``\n    '''", "x > 0"),
    "carriage returns": ('"""F.\\t\r\n\r\n    Requires:\r\n        - ``x > 0``\r\n    """', "x > 0"),
    "wide characters": ('"""é😋 \\u00e9\n    Requires:\n        - ``x > 0``: é\n    """', "x > 0"),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_the_text_at_the_span_is_the_clause(name: str) -> None:
    spelling, text = SPELLINGS[name]
    source = f"def f(x: int, é='é') -> int:\n    {spelling}\n    return x\n"
    extraction = extract(Snapshot("m.py", 1, source))
    assert extraction.error is None
    (clause,) = extraction.module.functions[0].clauses
    assert (clause.expression, clause.text) == ("x > 0", text)
    assert LineIndex(source).text_at(clause.span) == text


def check(source: str) -> None:
    try:
        node = ast.parse(source, mode="eval").body
    except (SyntaxError, ValueError):
        return
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    index = LineIndex(source)
    start = index.offset(index.from_ast(node.lineno, node.col_offset))
    end = index.offset(index.from_ast(node.end_lineno or 1, node.end_col_offset or 0))
    literal = read_literal(source, start, end, node.value)
    assert isinstance(literal, Literal)
    places = [literal.source(number, number + 1) for number in range(len(node.value))]
    for (first, last), char in zip(places, node.value, strict=True):
        assert start < first < last < end
        assert source[first:last] == char or source[first] in "\\\r"
    assert sorted(places) == places


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@given(
    st.sampled_from(["", "r", "R", "u"]),
    st.sampled_from(['"', "'", '"""', "'''"]),
    st.lists(
        st.sampled_from(
            [
                *(
                    "a",
                    "é",
                    "😋",
                    " ",
                    "\\n",
                    "\\\\",
                    "\\'",
                    '\\"',
                    "\\x41",
                    "\\101",
                    "\\7",
                    "\\u00e9",
                    "\\N{DASH}",
                ),
                *(
                    "\\d",
                    "\\N{BULLET}",
                    "\\\n",
                    "\n",
                    "\r\n",
                    "\r",
                    "'",
                    '"',
                    "\\U0001F60B",
                    "\\\r\n",
                    "``",
                    "#",
                ),
            ]
        ),
        max_size=12,
    ),
    st.integers(1, 3),
)
def test_every_code_point_has_its_place(prefix: str, quote: str, parts: list[str], times: int) -> None:
    one = f"{prefix}{quote}{''.join(parts)}{quote}"
    check(f"({'  # c'.join([one + chr(10)] * times)})")
