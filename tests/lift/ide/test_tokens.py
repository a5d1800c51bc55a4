"""What the words of a specification are, told as pairs of a word and its kind in the order of the text."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lift.extract import Extraction, extract
from lift.ide.tokens import tokens
from lift.source.text import Snapshot

from tests.lift.ide.test_completion_anywhere import SPECIFICATIONS


def extraction(text: str) -> Extraction:
    return extract(Snapshot("file:///m.py", 1, text))


def words(text: str) -> list[tuple[str, str]]:
    return [(text[m.start : m.end], m.kind) for m in tokens(extraction(text))]


def function(lines: str) -> str:
    return f'def f(xs: list[int], at: int) -> int:\n    """F.\n\n{lines}\n    """\n    return at\n'


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            "    Ensures:\n        - ``result == old(at) + 1.5``: words at xs",
            "Ensures:section result:keyword ==:operator old:keyword at:parameter +:operator 1.5:number",
        ),
        (
            "    Requires:\n        - ``all(x.big() for x in xs.rows if x != '?a')``",
            "Requires:section all:function x:variable big:method for:keyword x:variable in:keyword "
            "xs:parameter rows:property if:keyword x:variable !=:operator '?a':string",
        ),
        ("    Requires:\n        - ``at < ?most``", "Requires:section at:parameter <:operator ?most:hole"),
        ("    Requires:\n        - ``?most: int``: how many?", "Requires:section ?most:hole int:variable"),
        (
            "    Requires:\n        - ``result > Limit(at)``",
            "Requires:section result:variable >:operator Limit:class at:parameter",
        ),
        (
            "    Requires:\n        - ``at``\n\n    Raises:\n        ValueError: If ``at < 0``.\n"
            "        OSError: Sometimes.",
            "Requires:section at:parameter Raises:section ValueError:class at:parameter <:operator 0:number "
            "OSError:class",
        ),
        (
            "    Modifies:\n        - ``xs``\n\n    Effects:\n        - ``console``: a\n        - ``?more``",
            "Modifies:section xs:parameter Effects:section console:keyword ?more:hole",
        ),
        ("    Modifies:\n        - ``none``", "Modifies:section none:keyword"),
        (
            "    Requires:\n        - ``at > 0``\n\n    Args:\n        xs: ``at > 0``",
            "Requires:section at:parameter >:operator 0:number",
        ),
        ("    Raises:\n        ValueError: If it is late.", ""),
        ("    Words ``at > 0``.", ""),
        ("    Invariants:\n        - ``at > 0``", ""),
    ],
)
def test_words(lines: str, expected: str) -> None:
    assert [f"{word}:{kind}" for word, kind in words(function(lines))] == expected.split()


def test_a_clause_over_lines_has_each_word_on_its_line() -> None:
    text = function("    Ensures:\n        - ``at > 0\n          and '''a\n          b''' < result``")
    assert ("'''a", "string") in words(text)
    assert ("b'''", "string") in words(text)
    assert ("result", "keyword") in words(text)


def test_a_class_states_invariants_only() -> None:
    text = 'class C:\n    """C.\n\n    Invariants:\n        - ``self.x > 0``\n\n'
    text += '    Requires:\n        - ``x``\n    """\n'
    assert [w for w, _ in words(text + "    x: int = 1\n")] == ["Invariants", "self", "x", ">", "0"]


def test_line_ends_of_other_systems() -> None:
    text = function("    Ensures:\n        - ``result ==\n          at``")
    for end in ("\r\n", "\r"):
        assert words(text.replace("\n", end)) == words(text)


def test_a_part_of_the_text() -> None:
    text = function("    Ensures:\n        - ``at``") + "\n\n" + function("    Requires:\n        - ``xs``")
    middle = text.index("def f", 5)
    found = tokens(extraction(text), middle)
    assert [text[m.start : m.end] for m in found] == ["Requires", "xs"]
    assert [text[m.start : m.end] for m in tokens(extraction(text), 0, middle)] == ["Ensures", "at"]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    start=st.integers(0, len(SPECIFICATIONS)),
    cut=st.integers(0, 40),
    put=st.text(alphabet="`?.()[]'\"\\ \n\r\t:-#aself😀é", max_size=8),
)
def test_words_of_a_mutilated_text_are_in_order_and_on_one_line(start: int, cut: int, put: str) -> None:
    before = extraction(SPECIFICATIONS)
    text = SPECIFICATIONS[:start] + put + SPECIFICATIONS[start + cut :]
    place = 0
    for mark in tokens(extract(Snapshot("file:///m.py", 2, text), before)):
        assert place <= mark.start < mark.end <= len(text)
        assert not {"\n", "\r"} & set(text[mark.start : mark.end])
        place = mark.end
