"""Functions over classes, each of which breaks its specification."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Color(Enum):
    RED = 1
    GREEN = 2


class Base:
    FACTOR = 2

    def __init__(self, x: int) -> None:
        self.x = x

    def get(self) -> int:
        return self.x * self.FACTOR


class Derived(Base):
    FACTOR = 3

    def get(self) -> int:
        return super().get() + 1


@dataclass
class Point:
    x: int
    y: int = 0

    @property
    def norm(self) -> int:
        """N.

        Ensures:
            - ``result >= 0``
        """
        return self.x + self.y


def always_red(c: Color) -> bool:
    """A.

    Ensures:
        - ``result``
    """
    return c is Color.RED


def even(b: Base) -> int:
    """Overriding makes it odd.

    Ensures:
        - ``result % 2 == 0``
    """
    return b.get()


def aliased(a: Base, b: Derived) -> int:
    """Both may be one object.

    Ensures:
        - ``result == old(b.x)``
    """
    a.x = 7
    return b.x


def named(n: int) -> str:
    """N.

    Requires:
        - ``0 <= n <= 2``

    Ensures:
        - ``result in ("RED", "GREEN")``
    """
    return Color(n).name


def moved(p: Point) -> Point:
    """M.

    Ensures:
        - ``result.x == p.x + 1``
    """
    p.x += 1
    return p


class Positive:
    """A number.

    Invariants:
        - ``self.n >= 0``
    """

    def __init__(self, n: int) -> None:
        self.n: int = n


class Lowered(Positive):
    def lower(self) -> None:
        """It breaks the invariant of the class above.

        Ensures:
            - ``self.n == old(self.n) - 1``
        """
        self.n -= 1

    def frozen(self) -> None:
        """It changes an attribute of the class above.

        Modifies:
            - ``none``
        """
        self.n += 1
