"""Where a property of integers begins and ends. Knows nothing of clauses."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class End:
    """The last integer that has a property, and the next one, which has it not."""

    inside: int
    outside: int

    @property
    def is_upper(self) -> bool:
        """Whether the property ends above it."""
        return self.outside > self.inside


def ends(
    has: Callable[[Sequence[int]], Sequence[bool]], values: Sequence[int], most: int = 4, points: int = 48
) -> list[End]:
    """The ends of the runs of integers that have a property, as far as the values around them show them.

    Args:
        has: Which of some integers have the property; asked a few times, for many at once.
        values: Where to look first.
        most: How many ends are looked for, the smallest first.
        points: How many integers of a gap are asked about at once; 1 for as few questions as possible.
    """
    first = sorted(set(values))
    truth = dict(zip(first, has(first), strict=True))
    gaps = [(a, b) for a, b in itertools.pairwise(first) if truth[a] != truth[b]][:most]
    found: list[End] = []
    while gaps:
        wide = [(a, b) for a, b in gaps if b - a > 1]
        found += [_end(a, b, truth[a]) for a, b in gaps if b - a == 1]
        inner = sorted({v for a, b in wide for v in _between(a, b, points)})
        truth |= dict(zip(inner, has(inner), strict=True)) if inner else {}
        gaps = []
        for a, b in wide:
            row = [a, *(v for v in inner if a < v < b), b]
            gaps.append(next((x, y) for x, y in itertools.pairwise(row) if truth[x] != truth[y]))
    return sorted(found, key=lambda e: min(e.inside, e.outside))


def _end(low: int, high: int, low_has: bool) -> End:
    return End(low, high) if low_has else End(high, low)


def _between(low: int, high: int, points: int) -> list[int]:
    step = max(1, -(-(high - low) // (points + 1)))
    return list(range(low + step, high, step))


def bisected(has: Callable[[int], bool], inside: int, outside: int) -> int:
    """The last integer with a property on the way from one that has it to one that has it not."""
    while abs(inside - outside) > 1:
        middle = (inside + outside) // 2
        if has(middle):
            inside = middle
        else:
            outside = middle
    return inside
