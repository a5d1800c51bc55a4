"""What a call in a clause takes, told as a text with a cursor (``|``)."""

from __future__ import annotations

import pytest
from lift.ide.signatures import signature_at
from lift.source.positions import LineIndex

from tests.lift.ide.completing import Writing
from tests.lift.ide.test_completion import HEAD, TAIL

TAXED = "taxed(price: int) -> int"
OLD, IMPLIES = "old(e)", "implies(p, q)"


@pytest.mark.parametrize(
    ("clause", "label", "active"),
    [
        ("``old(|", OLD, "e"),
        ("``old(amount, |", OLD, None),
        ("``implies(|)``", IMPLIES, "p"),
        ("``implies((1, 2), [3, 4] == |)``", IMPLIES, "q"),
        ("``taxed(|", TAXED, "price: int"),
        ("``implies(taxed(|", TAXED, "price: int"),
        ("``implies(len(|", IMPLIES, "p"),
        ("``implies(a, taxed(1)|)``", IMPLIES, "q"),
        ('``items["a"].total(|)``', None, None),
        ("``all(i.total(|) for i in items.values())``", "i.total(rate: int) -> int", "rate: int"),
        ("``taxed(1)|``", None, None),
        ("``amount(|``", None, None),
        ("``amount``: taxed(|", None, None),
    ],
)
def test_signatures(clause: str, label: str | None, active: str | None) -> None:
    here = Writing(HEAD + f"    Ensures:\n        - {clause}" + TAIL)
    found = signature_at(here.project, here.uri, LineIndex(here.text).position(here.offset))
    assert (found and found.label) == label
    if found is not None:
        places = [found.label[start:end] for start, end in found.parameters]
        assert (None if found.active is None else places[found.active]) == active


def test_the_value_before_the_call_is_of_ensures() -> None:
    here = Writing(HEAD + "    Requires:\n        - ``old(|" + TAIL)
    assert signature_at(here.project, here.uri, LineIndex(here.text).position(here.offset)) is None
