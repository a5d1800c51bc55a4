"""Functions over classes that hold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from enum import Enum
from typing import Optional


class Color(Enum):
    RED = 1
    GREEN = 2
    BLUE = 3

    def next(self) -> Color:
        """N.

        Ensures:
            - ``result is not self``
        """
        return Color(self.value % 3 + 1)


class Account:
    """An account.

    Invariants:
        - ``self.balance >= 0``
    """

    LIMIT = 100

    def __init__(self, balance: int = 0) -> None:
        """I.

        Requires:
            - ``balance >= 0``
        """
        self.balance = balance

    def withdraw(self, n: int) -> bool:
        """W.

        Requires:
            - ``n > 0``

        Ensures:
            - ``implies(result, self.balance == old(self.balance) - n)``
            - ``implies(not result, self.balance == old(self.balance))``
        """
        if n > self.balance or n > self.LIMIT:
            return False
        self.balance -= n
        return True

    def deposit(self, n: int) -> None:
        """D.

        Requires:
            - ``n > 0``

        Ensures:
            - ``self.balance == old(self.balance) + n``
        """
        self.balance += n

    @classmethod
    def empty(cls) -> Account:
        """E.

        Ensures:
            - ``result.balance == 0``
        """
        return cls(0)

    @property
    def is_empty(self) -> bool:
        """E.

        Ensures:
            - ``result == (self.balance == 0)``
        """
        return self.balance == 0


class Shape(ABC):
    @abstractmethod
    def area(self) -> int:
        raise NotImplementedError


class Square(Shape):
    def __init__(self, side: int) -> None:
        self.side = side

    def area(self) -> int:
        """A.

        Ensures:
            - ``result >= 0``
        """
        return self.side * self.side


class Grown(Square):
    def __init__(self, side: int, more: int) -> None:
        super().__init__(side)
        self.more = more

    def area(self) -> int:
        """A.

        Requires:
            - ``self.more >= 0``

        Ensures:
            - ``result >= self.side * self.side``
        """
        return super().area() + self.more


@dataclass(order=True)
class Version:
    major: int
    minor: int = 0


def next_color(c: Color) -> Color:
    """N.

    Ensures:
        - ``implies(c == Color.RED, result == Color.GREEN)``
        - ``result != c``
    """
    match c:
        case Color.RED:
            return Color.GREEN
        case Color.GREEN:
            return Color.BLUE
    return Color.RED


def color_number(c: Color, fallback: Optional[Color] = None) -> int:
    """C.

    Ensures:
        - ``1 <= result <= 3``
    """
    return c.value if fallback is None else fallback.value


def move(a: Account, b: Account, n: int) -> None:
    """M.

    Requires:
        - ``n > 0``
        - ``a is not b``

    Ensures:
        - ``a.balance + b.balance == old(a.balance + b.balance)``
    """
    if a.withdraw(n):
        b.deposit(n)


def total_area(s: Square) -> int:
    """T.

    Requires:
        - ``implies(isinstance(s, Grown), s.more >= 0)``

    Ensures:
        - ``result >= 0``
    """
    return s.area()


def newer(a: Version, b: Version) -> Version:
    """N.

    Ensures:
        - ``result.major >= a.major and result.major >= b.major``
    """
    return a if a > b else b


def bumped(v: Version) -> Version:
    """B.

    Ensures:
        - ``result.major == v.major + 1 and result.minor == 0``
    """
    return replace(v, major=v.major + 1, minor=0)


def first_withdrawal(n: int) -> int:
    """F.

    Requires:
        - ``0 < n <= 50``

    Ensures:
        - ``result == 50 - n``
    """
    account = Account(50)
    account.withdraw(n)
    return account.balance


class Positive:
    """A number.

    Invariants:
        - ``self.n >= 0``
    """

    def __init__(self, n: int) -> None:
        """P.

        Requires:
            - ``n >= 0``
        """
        self.n = n

    def get(self) -> int:
        """G.

        Ensures:
            - ``result >= 0``
        """
        return self.n


class Named(Positive):
    def __init__(self, n: int, name: str) -> None:
        """N.

        Requires:
            - ``n >= 0``
        """
        super().__init__(n)
        self.name = name

    def rename(self, name: str) -> None:
        """R.

        Modifies:
            - ``self.name``
        """
        self.name = name


def shown(p: Positive) -> int:
    """S.

    Ensures:
        - ``result >= 0``
    """
    return p.get()
