"""Linear constraints over integers, and what they leave one of their atoms once the others are drawn.

An atom is an expression's text: a parameter, a length, a sum, an attribute. Eliminating the variables from
the last drawn to the first (Fourier and Motzkin) turns constraints between them into bounds of each by those
that are drawn before it, such that none of these bounds is ever empty.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import gcd


@dataclass(frozen=True)
class Linear:
    """``sum(coefficient * atom) + constant``, which is at least 0 where it stands for a constraint."""

    terms: tuple[tuple[str, int], ...] = ()
    constant: int = 0

    @property
    def atoms(self) -> dict[str, int]:
        """Atom → coefficient, none of them 0."""
        return dict(self.terms)

    def plus(self, other: Linear, factor: int = 1) -> Linear:
        """The sum with ``factor`` times another one."""
        found = self.atoms
        for atom, coefficient in other.terms:
            found[atom] = found.get(atom, 0) + factor * coefficient
        return linear(found, self.constant + factor * other.constant)

    def times(self, factor: int) -> Linear:
        """All of it ``factor`` times."""
        return linear({a: factor * c for a, c in self.terms}, factor * self.constant)

    def without(self, atom: str) -> Linear:
        """The rest of it."""
        return linear({a: c for a, c in self.terms if a != atom}, self.constant)

    def tightened(self) -> Linear:
        """The same constraint over integers with coefficients as small as they can be."""
        common = gcd(*(c for _, c in self.terms)) if self.terms else 0
        if common <= 1:
            return self
        return linear({a: c // common for a, c in self.terms}, self.constant // common)

    def __str__(self) -> str:
        text = ""
        # What is added comes first, so that nothing starts with a minus that need not.
        for atom, coefficient in sorted(self.terms, key=lambda term: term[1] < 0):
            size = atom if abs(coefficient) == 1 else f"{abs(coefficient)} * {atom}"
            text += (
                f" {'-' if coefficient < 0 else '+'} {size}" if text else f"{'-' * (coefficient < 0)}{size}"
            )
        if not text:
            return str(self.constant)
        sign = "-" if self.constant < 0 else "+"
        return text if self.constant == 0 else f"{text} {sign} {abs(self.constant)}"


def linear(terms: Mapping[str, int], constant: int = 0) -> Linear:
    """A form without the terms that are 0."""
    return Linear(tuple(sorted((a, c) for a, c in terms.items() if c)), constant)


_HIGHEST_POWER = 1024

IsAtom = Callable[[ast.expr], bool]


def read(node: ast.expr, is_atom: IsAtom) -> Linear | None:
    """An expression as a linear form; None if it is none.

    Args:
        is_atom: Whether an expression is an integer that may be taken for an unknown.
    """
    match node:
        case ast.Constant(value=int(value)) if not isinstance(value, bool):
            return Linear((), value)
        case ast.BinOp(
            left=ast.Constant(value=int(base)), op=ast.Pow(), right=ast.Constant(value=int(power))
        ):
            return Linear((), base**power) if 0 <= power <= _HIGHEST_POWER else None
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            found = read(inner, is_atom)
            return None if found is None else found.times(-1)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            a, b = read(left, is_atom), read(right, is_atom)
            return None if a is None or b is None else a.plus(b, 1 if isinstance(op, ast.Add) else -1)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            a, b = read(left, is_atom), read(right, is_atom)
            if a is None or b is None:
                return None
            if not a.terms:
                return b.times(a.constant)
            return a.times(b.constant) if not b.terms else None
    return Linear(((ast.unparse(node), 1),)) if is_atom(node) else None


def constraints(left: Linear, operator: ast.cmpop, right: Linear) -> list[Linear] | None:
    """What a comparison says, as forms that are at least 0; None if they cannot."""
    more, less = left.plus(right, -1), right.plus(left, -1)
    one = Linear((), -1)
    match operator:
        case ast.GtE():
            return [more.tightened()]
        case ast.Gt():
            return [more.plus(one).tightened()]
        case ast.LtE():
            return [less.tightened()]
        case ast.Lt():
            return [less.plus(one).tightened()]
        case ast.Eq():
            return [more, less]
    return None


@dataclass(frozen=True)
class Bounds:
    """What an integer is drawn between.

    Attributes:
        lower: Constants and expressions that it is at least, and ``upper`` that it is at most.
        exact: Whether there is always something between them, once what ``eliminated`` hands on holds.
    """

    lower: tuple[str, ...] = ()
    upper: tuple[str, ...] = ()
    exact: bool = True


def eliminated(atom: str, given: Iterable[Linear]) -> tuple[Bounds, list[Linear]]:
    """The bounds of an atom under constraints that all speak of it, and what they ask of the others."""
    lower: list[tuple[int, Linear]] = []
    upper: list[tuple[int, Linear]] = []
    for form in given:
        coefficient, rest = form.atoms[atom], form.without(atom)
        (lower if coefficient > 0 else upper).append((abs(coefficient), rest))
    asked = [high.times(a).plus(low, b).tightened() for a, low in lower for b, high in upper]
    exact = not (lower and upper) or all(c == 1 for c, _ in lower) or all(c == 1 for c, _ in upper)
    return (
        Bounds(
            _merged([_above(c, rest) for c, rest in lower], max),
            _merged([_below(c, rest) for c, rest in upper], min),
            exact,
        ),
        list(dict.fromkeys(asked)),
    )


def _above(coefficient: int, rest: Linear) -> str:
    """``coefficient * atom + rest >= 0``, as what the atom is at least."""
    if coefficient == 1:
        return str(rest.times(-1))
    return str(-(rest.constant // coefficient)) if not rest.terms else f"-(({rest}) // {coefficient})"


def _below(coefficient: int, rest: Linear) -> str:
    """``rest - coefficient * atom >= 0``, as what the atom is at most."""
    if coefficient == 1:
        return str(rest)
    return str(rest.constant // coefficient) if not rest.terms else f"({rest}) // {coefficient}"


def _merged(texts: Iterable[str], choose: Callable[[Iterable[int]], int]) -> tuple[str, ...]:
    """Without repetitions, and of several constants the one that counts."""
    found = list(dict.fromkeys(texts))
    numbers = [int(t) for t in found if is_number(t)]
    others = [t for t in found if not is_number(t)]
    return (*([str(choose(numbers))] if numbers else []), *others)


def is_number(text: str) -> bool:
    """Whether a bound is a constant."""
    return text.removeprefix("-").isdecimal()
