"""Ends of properties of integers: against looking at every integer."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st
from lift.resolve.terms.edges import End, bisected, ends

PLACES = st.integers(-5000, 5000)


@given(PLACES, PLACES, st.sets(PLACES, min_size=2, max_size=12), st.sampled_from([1, 5, 48]))
def test_the_ends_of_an_interval_are_found_where_the_values_show_it(
    a: int, b: int, looked: set[int], points: int
) -> None:
    low, high = min(a, b), max(a, b)
    asked: list[int] = []

    def has(values: Sequence[int]) -> list[bool]:
        asked.extend(values)
        return [low <= v <= high for v in values]

    found = ends(has, sorted(looked), points=points)
    inside, least, most = {v for v in looked if low <= v <= high}, min(looked), max(looked)
    expected = []
    if inside and least < low:
        expected.append(End(low, low - 1))
    if inside and most > high:
        expected.append(End(high, high + 1))
    assert found == expected
    assert [e.is_upper for e in found] == [e.inside == high and e.outside > high for e in found]
    assert len(asked) == len(set(asked))


@given(PLACES, PLACES)
def test_bisection_gives_the_last_one(a: int, b: int) -> None:
    low, high = min(a, b), max(a, b) + 1
    assert bisected(lambda v: v <= low, low, high) == low
    assert bisected(lambda v: v >= high, high, low) == high
