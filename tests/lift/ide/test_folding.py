"""The sections of specifications that can be folded, as pairs of the first and the last line."""

from __future__ import annotations

from lift.extract import extract
from lift.ide.folding import folds
from lift.source.text import Snapshot

TEXT = '''\
def f(x: int) -> int:
    """F.

    Requires:
        - ``x > 0``
        - ``x < 9``: words that
          go on

    Ensures:
        - ``result``

    Args:
        x: A number.

    Raises:
    """
    return x


def g(x: int) -> int:
    """G.

    Args:
        x: A number.

    Raises:
        ValueError: Sometimes.
    """
    return x


class C:
    """C.

    Invariants:
        - ``self.x > 0``"""

    x: int = 1
'''


def lines(text: str) -> list[tuple[str, ...]]:
    found = folds(extract(Snapshot("file:///m.py", 1, text)))
    rows = text.split("\n")
    ends = ((fold.start, fold.end) for fold in found)
    return [tuple(rows[p.line - 1][: p.column].strip() for p in pair) for pair in ends]


def test_the_sections_of_specifications() -> None:
    assert lines(TEXT) == [
        ("Requires:", "go on"),
        ("Ensures:", "- ``result``"),
        ("Args:", "x: A number."),
        ("Invariants:", "- ``self.x > 0``"),
    ]


def test_what_states_nothing_is_left_to_others() -> None:
    assert lines("x = [\n1,\n]\n\n\ndef f(\n    x,\n):\n    return 1\n") == []


def test_while_the_text_does_not_parse() -> None:
    before = extract(Snapshot("file:///m.py", 1, TEXT))
    broken = TEXT.replace("return x", "return (", 1)
    assert len(list(folds(extract(Snapshot("file:///m.py", 2, broken), before)))) == 4
