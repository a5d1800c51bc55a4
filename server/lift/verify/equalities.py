"""Linear equalities that a loop keeps, computed instead of guessed.

Where each path through the body adds constants to the counters, the combinations that no path changes are
the null space of the matrix of these constants (Karr, "Affine relationships among variables of a program",
1976, for bodies without assignments of other kinds). They hold by construction; the loop checks them
nevertheless, like any candidate.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction

import z3

from lift.verify.state import State
from lift.verify.values import Term, Unsupported, as_int

_MOST = 10

Measure = tuple[str, Callable[[State], Term]]
Equality = tuple[tuple[int, ...], Term]
"""Coefficients of the measures, and what the sum has been since before the loop."""


def conserved(
    measures: list[Measure], entry: State, head: State, ends: list[State]
) -> tuple[list[Measure], list[Equality]]:
    """The linear combinations of the measures that no round changes.

    Args:
        measures: Integers that the loop changes, with their names.
        entry: The state before the loop.
        head: Where an arbitrary round begins.
        ends: Where it ends, if another one follows.

    Returns:
        The measures that change by constants, and the combinations of them.
    """
    kept: list[Measure] = []
    columns: list[list[int]] = []
    for name, of in measures[:_MOST]:
        steps = [_step(of, head, end) for end in ends]
        if all(s is not None for s in steps):
            kept.append((name, of))
            columns.append([s for s in steps if s is not None])
    rows = sorted({tuple(c[i] for c in columns) for i in range(len(ends))})
    found: list[Equality] = []
    for coefficients in _null_space([list(r) for r in rows], len(kept)):
        start = [c * of(entry) for c, (_, of) in zip(coefficients, kept, strict=True) if c]
        found.append((coefficients, z3.simplify(z3.Sum(start))))
    return kept, found


def _step(of: Callable[[State], Term], head: State, end: State) -> int | None:
    try:
        return as_int(z3.simplify(of(end) - of(head), som=True))
    except (Unsupported, z3.Z3Exception):
        return None


def _null_space(rows: list[list[int]], width: int) -> list[tuple[int, ...]]:
    """A basis of the integer vectors that are orthogonal to all rows."""
    matrix = [[Fraction(x) for x in row] for row in rows]
    pivots: list[int] = []
    for column in range(width):
        place = len(pivots)
        pivot = next((r for r in range(place, len(matrix)) if matrix[r][column]), None)
        if pivot is None:
            continue
        matrix[place], matrix[pivot] = matrix[pivot], matrix[place]
        lead = matrix[place][column]
        matrix[place] = [x / lead for x in matrix[place]]
        for r, row in enumerate(matrix):
            if r != place and row[column]:
                factor = row[column]
                matrix[r] = [x - factor * y for x, y in zip(row, matrix[place], strict=True)]
        pivots.append(column)
    basis: list[tuple[int, ...]] = []
    for free in (c for c in range(width) if c not in pivots):
        vector = [Fraction(0)] * width
        vector[free] = Fraction(1)
        for place, pivot in enumerate(pivots):
            vector[pivot] = -matrix[place][free]
        scale = math.lcm(*(x.denominator for x in vector))
        whole = [int(x * scale) for x in vector]
        basis.append(tuple(x if whole[free] > 0 else -x for x in whole))
    return basis


def shown(names: list[str], coefficients: tuple[int, ...], total: str) -> str:
    """The equality as source text, each side a sum of what counts positively on it."""
    left = [_times(c, n) for c, n in zip(coefficients, names, strict=True) if c > 0]
    right = [_times(-c, n) for c, n in zip(coefficients, names, strict=True) if c < 0]
    if total.startswith("-") and total[1:].isdigit():
        left, total = [*left, total[1:]], "0"
    if total != "0" or not right:
        right.append(total)
    return f"{' + '.join(left) or '0'} == {' + '.join(right)}"


def _times(count: int, name: str) -> str:
    return name if count == 1 else f"{count} * {name}"
