"""Formulas about floats as formulas about reals that follow from them: what a proof usually needs.

Bit-level reasoning about binary64 takes seconds or does not end where a human argues "rounding is monotone".
So each float becomes a real with a NaN flag, an infinity being a real beyond all floats, and of each rounded
operation this is said: its exact value, that rounding keeps order with every other float of the formula, and
how far it goes at most (IEEE 754, section 4.3.1, rounding to nearest, ties to even). The signs of zeros, and
all that is not listed here, is left open. If the result cannot hold, the formulas cannot; the converse fails.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from typing import Any

import z3

from lift.verify import floats
from lift.verify.solvers.z3_solver import mentions_floats
from lift.verify.values import FLOAT, as_float, fresh_name

Term = Any

_MAX: Term = z3.RealVal(2**1024 - 2**971)
_INFINITY: Term = z3.RealVal(2**1024)
_OVERFLOW: Term = z3.RealVal(2**1024 - 2**970)
"""The least real that rounds to infinity: a tie, which goes to the even significand."""
_UNIT: Term = z3.Q(1, 2**53)
_TINY: Term = z3.Q(1, 2**1074)
"""More than the absolute error of any result that is rounded to a subnormal number."""
_EXACT: Term = z3.Q(1, 2**1021)
"""Up to this size each multiple of the least positive float is a float."""
_LANDMARKS = 40
"""How many floats the rounded results are compared with at most."""
_PLANES = 8
"""How many constants each factor of a product is held against."""
_ALWAYS = z3.BoolVal(True)


class _Open(Exception):
    """A formula of which nothing is said here."""


@dataclass(frozen=True)
class _Real:
    """A float as a real.

    Attributes:
        nan: Whether it is a NaN; the value is 0 then.
        value: Its value; an infinity is plus or minus 2**1024.
    """

    nan: Term
    value: Term

    @property
    def finite(self) -> Term:
        """Neither NaN nor infinite."""
        return z3.And(z3.Not(self.nan), self.value <= _MAX, self.value >= -_MAX)

    @property
    def infinite(self) -> Term:
        """Plus or minus infinity."""
        return z3.Or(self.value > _MAX, self.value < -_MAX)


@dataclass(frozen=True)
class _Rounding:
    """``value`` is ``exact`` rounded, where ``when`` holds."""

    exact: Term
    value: Term
    when: Term


def relaxed(formulas: Sequence[Term]) -> tuple[list[Term], list[Term]]:
    """Formulas without floats that follow from the given ones.

    Returns:
        Those that are as linear as the given ones, with what is known of each product and quotient, and the
        definitions of these products and quotients: enough is often known without them, and far sooner.
    """
    relaxation = _Relaxation()
    kept: list[Term] = []
    for formula in _conjuncts(formulas):
        try:
            kept.append(relaxation.plain(formula))
        except _Open:
            continue
    return [*kept, *relaxation.facts, *relaxation.order(), *relaxation.planes()], relaxation.definitions


def _conjuncts(formulas: Sequence[Term]) -> list[Term]:
    """The formulas with conjunctions taken apart, so that one open part does not take the others along."""
    found: list[Term] = []
    pending = list(reversed(formulas))
    while pending:
        one = pending.pop()
        if z3.is_and(one):
            pending += reversed(one.children())
        elif z3.is_not(one) and z3.is_or(one.arg(0)):
            pending += [z3.Not(c) for c in reversed(one.arg(0).children())]
        else:
            found.append(one)
    return found


@dataclass
class _Relaxation:
    facts: list[Term] = field(default_factory=list)
    definitions: list[Term] = field(default_factory=list)
    products: list[tuple[Term, Term, Term, Term]] = field(default_factory=list)
    roundings: list[_Rounding] = field(default_factory=list)
    floats: dict[int, tuple[Term, _Real]] = field(default_factory=dict)
    plains: dict[int, tuple[Term, Term]] = field(default_factory=dict)
    landmarks: dict[int, Term] = field(default_factory=dict)

    def plain(self, term: Term) -> Term:
        """A term of another sort with the floats taken out of it."""
        if term.get_id() not in self.plains:
            pairs = [(b, self.boundary(b)) for b in self._boundaries(term)]
            self.plains[term.get_id()] = term, z3.substitute(term, *pairs) if pairs else term
        return self.plains[term.get_id()][1]

    def _boundaries(self, term: Term) -> list[Term]:
        """The outermost terms of another sort that have a float as an argument."""
        found: list[Term] = []
        seen: set[int] = set()
        pending = [term]
        while pending:
            one = pending.pop()
            if one.get_id() in seen:
                continue
            seen.add(one.get_id())
            if z3.is_quantifier(one):
                if mentions_floats([one.body()]):
                    raise _Open
                continue
            if any(c.sort() == FLOAT for c in one.children()):
                found.append(one)
            else:
                pending += one.children()
        return found

    def boundary(self, term: Term) -> Term:
        """A predicate on floats, or an integer made from one."""
        kind = term.decl().kind()
        if kind in _ORDER or kind in (z3.Z3_OP_FPA_EQ, z3.Z3_OP_EQ):
            a, b = (self.real(c) for c in term.children())
            if kind == z3.Z3_OP_EQ:
                return self._identical(a, b)
            relation = _ORDER.get(kind, lambda x, y: x == y)
            return z3.And(z3.Not(a.nan), z3.Not(b.nan), relation(a.value, b.value))
        if kind in _CLASSES:
            a = self.real(term.arg(0))
            return _CLASSES[kind](a)
        name = term.decl()
        if name.eq(floats.LESS) or name.eq(floats.SAME):
            left, right = z3.ToReal(self.plain(term.arg(0))), self.real(term.arg(1))
            relation = left < right.value if name.eq(floats.LESS) else left == right.value
            # An integer may lie beyond the value that stands for an infinity.
            above = z3.And(right.infinite, right.value > 0)
            if name.eq(floats.LESS):
                inside = z3.Or(above, z3.And(z3.Not(right.infinite), relation))
            else:
                inside = z3.And(z3.Not(right.infinite), relation)
            return z3.And(z3.Not(right.nan), inside)
        for how, function in floats.WHOLE.items():
            if name.eq(function):
                return self._whole(how, self.real(term.arg(0)))
        raise _Open

    def _identical(self, a: _Real, b: _Real) -> Term:
        """Equality of terms: of one NaN with another, and not of the two zeros, whose signs are open here."""
        same = z3.Bool(fresh_name("same float"))
        alike = z3.And(a.nan == b.nan, a.value == b.value)
        self.facts += [
            z3.Implies(same, alike),
            z3.Implies(z3.Not(same), z3.Or(z3.Not(alike), z3.And(z3.Not(a.nan), a.value == 0))),
        ]
        return same

    def _whole(self, how: str, a: _Real) -> Term:
        whole = z3.Int(fresh_name(how))
        real: Term = z3.ToReal(whole)
        low, high = z3.And(real <= a.value, a.value < real + 1), z3.And(real - 1 < a.value, a.value <= real)
        said = {
            "floor": low,
            "ceil": high,
            "int": z3.If(a.value >= 0, low, high),
            "round": z3.And(real - a.value <= z3.Q(1, 2), a.value - real <= z3.Q(1, 2)),
        }[how]
        self.facts.append(z3.Implies(a.finite, said))
        if how == "round":
            even = z3.Or(real - a.value == z3.Q(1, 2), a.value - real == z3.Q(1, 2))
            self.facts.append(z3.Implies(z3.And(a.finite, even), whole % 2 == 0))
        return whole

    def real(self, term: Term) -> _Real:
        """A float as a real."""
        if term.get_id() not in self.floats:
            made = self._make(term)
            self.floats[term.get_id()] = term, made
            if not z3.is_app_of(term, z3.Z3_OP_ITE):
                self.landmarks[made.value.get_id()] = made.value
        return self.floats[term.get_id()][1]

    def _make(self, term: Term) -> _Real:
        known = as_float(term)
        if known is not None:
            if math.isnan(known):
                return _Real(z3.BoolVal(True), z3.RealVal(0))
            exact = (
                Fraction(known) if math.isfinite(known) else Fraction(2**1024 if known > 0 else -(2**1024))
            )
            return _Real(z3.BoolVal(False), z3.Q(exact.numerator, exact.denominator))
        kind, name = term.decl().kind(), term.decl()
        if kind == z3.Z3_OP_ITE:
            condition, a, b = self.plain(term.arg(0)), self.real(term.arg(1)), self.real(term.arg(2))
            return _Real(z3.If(condition, a.nan, b.nan), z3.If(condition, a.value, b.value))
        if kind == z3.Z3_OP_FPA_NEG:
            a = self.real(term.arg(0))
            return _Real(a.nan, -a.value)
        if kind == z3.Z3_OP_FPA_ABS:
            a = self.real(term.arg(0))
            return _Real(a.nan, z3.If(a.value >= 0, a.value, -a.value))
        if kind in _OPERATIONS:
            operands = [self.real(c) for c in term.children() if c.sort() == FLOAT]
            return _OPERATIONS[kind](self, *operands)
        for function, make in _FUNCTIONS:
            if name.eq(function):
                return make(self, *term.children())
        if kind == z3.Z3_OP_UNINTERPRETED and not any(c.sort() == FLOAT for c in term.children()):
            return self._symbol(term)
        return self._fresh()

    def _symbol(self, term: Term) -> _Real:
        """A constant, or a function of something else than floats: a function of it again."""
        arguments = [self.plain(c) for c in term.children()]
        sorts = [a.sort() for a in arguments]
        if arguments:
            nan = z3.Function(f"{term.decl().name()} is nan", *sorts, z3.BoolSort())(*arguments)
            value = z3.Function(f"{term.decl().name()} value", *sorts, z3.RealSort())(*arguments)
        else:
            nan, value = z3.Bool(f"{term} is nan"), z3.Real(f"{term} value")
        return self._bounded(_Real(nan, value))

    def _fresh(self) -> _Real:
        return self._bounded(_Real(z3.Bool(fresh_name("nan")), z3.Real(fresh_name("value"))))

    def _bounded(self, one: _Real) -> _Real:
        inside = z3.And(one.value <= _MAX, one.value >= -_MAX)
        self.facts += [
            z3.Or(inside, one.value == _INFINITY, one.value == -_INFINITY),
            z3.Implies(one.nan, one.value == 0),
        ]
        return one

    def _rounded(self, exact: Term, result: _Real, when: Term, *, lost: Term = _TINY) -> None:
        """Say that a result is an exact value rounded, but for ``lost`` at most in an underflow."""
        value = result.value
        self.roundings.append(_Rounding(exact, value, when))
        inside = z3.And(exact < _OVERFLOW, exact > -_OVERFLOW)
        more, less = exact * (1 + _UNIT) + lost, exact * (1 - _UNIT) - lost
        up, down = exact * (1 - _UNIT) + lost, exact * (1 + _UNIT) - lost
        close = z3.If(exact >= 0, z3.And(value <= more, value >= less), z3.And(value <= up, value >= down))
        self.facts += [
            z3.Implies(z3.And(when, exact >= _OVERFLOW), value == _INFINITY),
            z3.Implies(z3.And(when, exact <= -_OVERFLOW), value == -_INFINITY),
            z3.Implies(z3.And(when, inside), z3.And(value <= _MAX, value >= -_MAX, close)),
        ]

    def order(self) -> list[Term]:
        """Rounding keeps order: with the other floats, with twice them, and between rounded values."""
        found: list[Term] = []
        marks = list(self.landmarks.values())[:_LANDMARKS]
        # The negative of a float is one as well, which matters where a size is compared with a constant.
        known = [m for m in marks if z3.is_rational_value(m)]
        marks += [z3.RealVal(n) for n in (0, 1, -1)] + [z3.simplify(-m) for m in known]
        symbols = [m for m in marks if not z3.is_rational_value(m)]
        rounded = {r.value.get_id() for r in self.roundings}
        for one in self.roundings:
            for mark in marks:
                if mark.get_id() != one.value.get_id():
                    found.append(z3.Implies(one.when, _keeps(one, mark)))
            for mark in symbols:
                if mark.get_id() not in rounded:
                    half = z3.And(mark <= _MAX / 2, mark >= -_MAX / 2)
                    found.append(z3.Implies(z3.And(one.when, half), _keeps(one, 2 * mark)))
                    found.append(z3.Implies(one.when, _keeps(one, -mark)))
        for one, other in combinations(self.roundings, 2):
            both = z3.And(one.when, other.when)
            found += [
                z3.Implies(both, _monotone(one.exact, one.value, other.exact, other.value)),
                z3.Implies(both, _monotone(one.exact, one.value, -other.exact, -other.value)),
            ]
        return found

    def planes(self) -> list[Term]:
        """Each product lies on a known side of what it would be if one factor were a constant."""
        found: list[Term] = []
        constants = [m for m in self.landmarks.values() if z3.is_rational_value(m)][:_PLANES]
        for a, b, product, when in self.products:
            for one, other in ((a, b), (b, a)):
                for c in constants:
                    plane = c * other
                    found += [
                        z3.Implies(z3.And(when, one <= c, other >= 0), product <= plane),
                        z3.Implies(z3.And(when, one >= c, other >= 0), product >= plane),
                        z3.Implies(z3.And(when, one <= c, other <= 0), product >= plane),
                        z3.Implies(z3.And(when, one >= c, other <= 0), product <= plane),
                    ]
        return found

    # Operations: what the standard says of NaNs and infinities, and the rounded exact value else.

    def add(self, a: _Real, b: _Real) -> _Real:
        opposite = z3.And(a.infinite, b.infinite, a.value != b.value)
        result = self._result(z3.Or(a.nan, b.nan, opposite))
        good = z3.Not(result.nan)
        self.facts += [
            z3.Implies(z3.And(good, a.infinite), result.value == a.value),
            z3.Implies(z3.And(good, z3.Not(a.infinite), b.infinite), result.value == b.value),
        ]
        # All floats are multiples of the least one, and so are their sums.
        exact, finite = a.value + b.value, z3.And(a.finite, b.finite)
        small = z3.And(finite, exact <= _EXACT, exact >= -_EXACT)
        self.facts.append(z3.Implies(small, result.value == exact))
        self._rounded(exact, result, finite, lost=z3.RealVal(0))
        return result

    def subtract(self, a: _Real, b: _Real) -> _Real:
        return self.add(a, _Real(b.nan, -b.value))

    def multiply(self, a: _Real, b: _Real) -> _Real:
        undefined = z3.Or(z3.And(a.infinite, b.value == 0), z3.And(a.value == 0, b.infinite))
        result = self._result(z3.Or(a.nan, b.nan, undefined))
        huge = z3.And(z3.Not(result.nan), z3.Or(a.infinite, b.infinite))
        positive = (a.value > 0) == (b.value > 0)
        self.facts.append(z3.Implies(huge, result.value == z3.If(positive, _INFINITY, -_INFINITY)))
        self._rounded(self._product(a.value, b.value), result, z3.And(a.finite, b.finite))
        return result

    def divide(self, a: _Real, b: _Real) -> _Real:
        """The quotient; division by zero, which Python raises for, is left open."""
        result, exact = self._fresh(), z3.Real(fresh_name("quotient"))
        defined = b.value != 0
        positive = (a.value > 0) == (b.value > 0)
        huge = z3.If(z3.And(a.value >= 0, b.value > 0), _INFINITY, z3.If(positive, _INFINITY, -_INFINITY))
        good = z3.And(z3.Or(defined, b.nan), z3.Not(result.nan))
        undefined = z3.Or(a.nan, b.nan, z3.And(a.infinite, b.infinite))
        self.facts += [
            z3.Implies(z3.Or(defined, b.nan), result.nan == undefined),
            z3.Implies(z3.And(good, a.infinite), result.value == huge),
            z3.Implies(z3.And(good, z3.Not(a.infinite), b.infinite), result.value == 0),
        ]
        self._factors(exact, b.value, a.value, defined)
        self._rounded(exact, result, z3.And(a.finite, b.finite, defined))
        return result

    def root(self, a: _Real) -> _Real:
        result, exact = self._result(z3.Or(a.nan, a.value < 0)), z3.Real(fresh_name("root"))
        self.facts += [
            z3.Implies(z3.And(a.finite, a.value >= 0), exact >= 0),
            z3.Implies(z3.And(a.finite, a.value >= 1), z3.And(exact >= 1, exact <= a.value)),
            z3.Implies(z3.And(a.value >= 0, a.value <= 1), z3.And(exact >= a.value, exact <= 1)),
            z3.Implies(z3.And(z3.Not(a.nan), a.value > _MAX), result.value == _INFINITY),
        ]
        self.definitions.append(z3.Implies(z3.And(a.finite, a.value >= 0), exact * exact == a.value))
        self._rounded(exact, result, z3.And(a.finite, a.value >= 0))
        return result

    def _product(self, a: Term, b: Term) -> Term:
        """The exact product."""
        if _is_known(a) or _is_known(b):
            return a * b
        product = z3.Real(fresh_name("product"))
        self._factors(a, b, product, z3.BoolVal(True))
        return product

    def _factors(self, a: Term, b: Term, product: Term, when: Term) -> None:
        """Say that ``a * b`` is ``product``: its sign, its size beside that of each factor, and all of it."""
        if _is_known(a) or _is_known(b):
            self.facts.append(z3.Implies(when, a * b == product))
            return
        alike = z3.Or(z3.And(a >= 0, b >= 0), z3.And(a <= 0, b <= 0))
        unlike = z3.Or(z3.And(a >= 0, b <= 0), z3.And(a <= 0, b >= 0))
        size = _size(product)
        self.facts += [
            z3.Implies(z3.And(when, alike), product >= 0),
            z3.Implies(z3.And(when, unlike), product <= 0),
            z3.Implies(z3.And(when, product == 0), z3.Or(a == 0, b == 0)),
        ]
        for one, other in ((a, b), (b, a)):
            self.facts += [
                z3.Implies(z3.And(when, one <= 1, one >= -1), size <= _size(other)),
                z3.Implies(z3.And(when, z3.Or(one >= 1, one <= -1)), size >= _size(other)),
            ]
        self.products.append((a, b, product, when))
        self.definitions.append(z3.Implies(when, a * b == product))

    def _result(self, nan: Term) -> _Real:
        value = z3.Real(fresh_name("value"))
        return self._bounded(_Real(nan, value))

    def of_int(self, term: Term) -> _Real:
        exact: Term = z3.ToReal(self.plain(term))
        result = self._result(z3.BoolVal(False))
        self.facts.append(z3.Implies(z3.And(exact <= 2**53, exact >= -(2**53)), result.value == exact))
        self._rounded(exact, result, _ALWAYS)
        return result

    def quotient(self, left: Term, right: Term) -> _Real:
        """The quotient of two integers, which CPython rounds once."""
        a, b = z3.ToReal(self.plain(left)), z3.ToReal(self.plain(right))
        exact, result = z3.Real(fresh_name("quotient")), self._result(z3.BoolVal(False))
        self._factors(exact, b, a, b != 0)
        self._rounded(exact, result, b != 0)
        return result

    def remainder(self, left: Term, right: Term) -> _Real:
        """Python's ``%``: the sign is the divisor's, and rounding may reach the divisor itself."""
        a, b = self.real(left), self.real(right)
        result = self._fresh()
        value, good = result.value, z3.And(z3.Not(a.nan), z3.Not(b.nan), z3.Not(a.infinite), b.value != 0)
        up, down = z3.And(good, b.value > 0), z3.And(good, b.value < 0)
        self.facts += [
            z3.Implies(good, z3.Not(result.nan)),
            z3.Implies(up, z3.And(value >= 0, value <= b.value)),
            z3.Implies(down, z3.And(value <= 0, value >= b.value)),
            z3.Implies(z3.And(up, a.value >= 0), z3.And(value < b.value, value <= a.value)),
            z3.Implies(z3.And(down, a.value <= 0), z3.And(value > b.value, value >= a.value)),
            z3.Implies(z3.And(up, a.value >= 0, a.value < b.value), value == a.value),
            z3.Implies(z3.And(down, a.value <= 0, a.value > b.value), value == a.value),
        ]
        return result

    def floored(self, left: Term, right: Term) -> _Real:
        """Python's ``//``, of which only the sign is said, and where it is zero."""
        a, b = self.real(left), self.real(right)
        result = self._fresh()
        good = z3.And(z3.Not(a.nan), z3.Not(b.nan), z3.Not(a.infinite), b.value != 0)
        alike = z3.Or(z3.And(a.value >= 0, b.value > 0), z3.And(a.value <= 0, b.value < 0))
        small = z3.Or(
            z3.And(alike, b.value > 0, a.value < b.value), z3.And(alike, b.value < 0, a.value > b.value)
        )
        self.facts += [
            z3.Implies(good, z3.Not(result.nan)),
            z3.Implies(z3.And(good, alike), result.value >= 0),
            z3.Implies(z3.And(good, z3.Not(alike)), result.value <= 0),
            z3.Implies(z3.And(good, small), result.value == 0),
        ]
        return result

    def digits(self, term: Term, count: Term) -> _Real:
        """``round(x, n)``: the float nearest to the decimal of so many digits that is nearest to ``x``."""
        a, result, whole = self.real(term), self._fresh(), z3.Int(fresh_name("digits"))
        scale = 10 ** count.as_long()
        exact: Term = z3.ToReal(whole) / scale
        half = z3.Q(1, 2 * scale)
        self.facts += [
            result.nan == a.nan,
            z3.Implies(a.infinite, result.value == a.value),
            z3.Implies(a.finite, z3.And(exact - a.value <= half, a.value - exact <= half)),
        ]
        self._rounded(exact, result, a.finite)
        return result

    def square(self, base: Term, _: Term) -> _Real:
        """``x ** 2``, where C's ``pow`` may be off by a few units in the last place."""
        a = self.real(base)
        result = self._result(a.nan)
        exact = self._product(a.value, a.value)
        error = exact * z3.Q(1, 2**50) + 2**10 * _TINY
        self.facts += [
            result.value >= 0,
            z3.Implies(a.infinite, result.value == _INFINITY),
            z3.Implies(
                z3.And(a.finite, exact <= _MAX / 2),
                z3.And(result.value <= exact + error, result.value >= exact - error),
            ),
        ]
        return result


def _is_known(term: Term) -> bool:
    return z3.is_rational_value(z3.simplify(term))


def _size(term: Term) -> Term:
    return z3.If(term >= 0, term, -term)


def _keeps(one: _Rounding, mark: Term) -> Term:
    return z3.And(
        z3.Implies(one.exact <= mark, one.value <= mark), z3.Implies(one.exact >= mark, one.value >= mark)
    )


def _monotone(a: Term, x: Term, b: Term, y: Term) -> Term:
    return z3.And(z3.Implies(a <= b, x <= y), z3.Implies(a >= b, x >= y))


_ORDER = {
    z3.Z3_OP_FPA_LT: lambda a, b: a < b,
    z3.Z3_OP_FPA_LE: lambda a, b: a <= b,
    z3.Z3_OP_FPA_GT: lambda a, b: a > b,
    z3.Z3_OP_FPA_GE: lambda a, b: a >= b,
}
_CLASSES = {
    z3.Z3_OP_FPA_IS_NAN: lambda a: a.nan,
    z3.Z3_OP_FPA_IS_INF: lambda a: a.infinite,
    z3.Z3_OP_FPA_IS_ZERO: lambda a: z3.And(z3.Not(a.nan), a.value == 0),
}
_OPERATIONS = {
    z3.Z3_OP_FPA_ADD: _Relaxation.add,
    z3.Z3_OP_FPA_SUB: _Relaxation.subtract,
    z3.Z3_OP_FPA_MUL: _Relaxation.multiply,
    z3.Z3_OP_FPA_DIV: _Relaxation.divide,
    z3.Z3_OP_FPA_SQRT: _Relaxation.root,
}
_FUNCTIONS = (
    (floats.OF_INT, _Relaxation.of_int),
    (floats.QUOTIENT, _Relaxation.quotient),
    (floats.REMAINDER, _Relaxation.remainder),
    (floats.FLOORED, _Relaxation.floored),
    (floats.ROUNDED, _Relaxation.digits),
    (floats.POWER, _Relaxation.square),
)
