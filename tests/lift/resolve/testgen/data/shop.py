"""A shop, stated in every way that tests are made of."""

import math
from dataclasses import dataclass
from enum import Enum


class Short(Exception):
    """There is not enough."""


def allocate(amount: int, weights: list[int]) -> list[int]:
    """Split an amount across weights without losing a unit.

    Requires:
        - ``amount >= 0``
        - ``all(w >= 0 for w in weights)``

    Ensures:
        - ``len(result) == len(weights)``
        - ``sum(result) == amount``: no unit is lost

    Raises:
        ValueError: If ``sum(weights) == 0``.
    """
    total = sum(weights)
    if total == 0:
        raise ValueError("nobody is due anything")
    out = [amount * weight // total for weight in weights]
    out[0] += amount - sum(out)
    return out


def clamp(x: int, low: int, high: int) -> int:
    """Keep a number within its bounds.

    Requires:
        - ``low <= high``

    Ensures:
        - ``implies(low <= x <= high, result == x)``
        - ``implies(x < low, result == low)``
        - ``implies(x > high, result == high)``

    Examples:
        >>> clamp(5, 1, 3)
        3
    """
    return max(low, min(x, high))


def pick(xs: list[int], i: int) -> int:
    """The element at a place.

    Requires:
        - ``0 <= i < len(xs)``

    Ensures:
        - ``result in xs``
        - ``xs == old(xs)``
    """
    return xs[i]


def grow(xs: list[int], n: int) -> None:
    """Repeat the last element.

    Requires:
        - ``n >= 0``
        - ``xs == sorted(xs)``
        - ``len(xs) >= 1 and len(xs) <= 5``

    Ensures:
        - ``len(xs) == old(len(xs)) + n``
        - ``all(xs[i] == old(xs[i]) for i in range(old(len(xs))))``

    Modifies:
        - ``xs``
    """
    for _ in range(n):
        xs.append(xs[-1])


@dataclass
class Account:
    """Money.

    Invariants:
        - ``self.balance >= 0``
    """

    balance: int

    def withdraw(self, amount: int) -> int:
        """Take some out.

        Requires:
            - ``0 <= amount <= self.balance``

        Ensures:
            - ``self.balance == old(self.balance) - amount``
            - ``result == self.balance``

        Modifies:
            - ``self.balance``
        """
        self.balance -= amount
        return self.balance

    def refuse(self, amount: int) -> None:
        """Say no to what is too much.

        Raises:
            Short: If ``amount > self.balance``.
        """
        if amount > self.balance:
            raise Short


def root(x: float) -> float:
    """The square root.

    Requires:
        - ``0.0 <= x <= 1e6``

    Ensures:
        - ``result >= 0``
    """
    return math.sqrt(x)


def code(s: str, n: int, mode: str | None = None) -> str:
    """The first half of a code.

    Requires:
        - ``len(s) == n``
        - ``n % 2 == 0``
        - ``s.isdigit()``
        - ``mode is not None``
        - ``mode in ("a", "b")``

    Ensures:
        - ``len(result) == n // 2``
    """
    return s[: n // 2]


def look(d: dict[str, int], k: str) -> int:
    """What is in a box.

    Requires:
        - ``k in d``
        - ``all(v > 0 for v in d.values())``

    Ensures:
        - ``result > 0``
    """
    return d[k]


def spread(a: list[int], b: list[int], limit: int) -> int:
    """How far apart the sums of two lists of one length are.

    Requires:
        - ``len(a) == len(b)``
        - ``all(x <= limit for x in a)``
        - ``a != b``

    Ensures:
        - ``result == abs(sum(a) - sum(b))``
    """
    return abs(sum(a) - sum(b))


class Level(Enum):
    """How much is asked."""

    LOW = 1
    HIGH = 2


def fee(level: Level, day: int, name: str = "") -> int:
    """What a day costs.

    Requires:
        - ``day in range(1, 32)``
        - ``day != 13``

    Ensures:
        - ``result > 0``
        - ``implies(level is Level.HIGH and day > 20, result == 9)``

    Examples:
        >>> fee(Level.LOW, 3)
        2
        >>> fee(Level.HIGH, 21, "x")
        9
    """
    if level is Level.HIGH:
        return 9 if day > 20 else 5
    return 2


def first_after(xs: list[int], low: int, high: int) -> int | None:
    """The first number within bounds.

    Requires:
        - ``low < high``

    Ensures:
        - ``result is None or low <= result < high``
        - ``implies(result is None, all(not low <= x < high for x in xs))``
    """
    for x in xs:
        if low <= x < high:
            return x
    return None
