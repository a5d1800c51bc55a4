"""Thirty small specifications without bodies; none of them is known to what writes bodies."""

from __future__ import annotations


def max_of_three(a: int, b: int, c: int) -> int:
    """The largest of three numbers.

    Ensures:
        - ``result >= a and result >= b and result >= c``
        - ``result in (a, b, c)``
    """
    raise NotImplementedError


def clamp(x: int, low: int, high: int) -> int:
    """The nearest number to x between two bounds.

    Requires:
        - ``low <= high``

    Ensures:
        - ``low <= result <= high``
        - ``implies(low <= x <= high, result == x)``
        - ``implies(x < low, result == low)``
        - ``implies(x > high, result == high)``
    """
    raise NotImplementedError


def sign(x: int) -> int:
    """Whether a number is negative, zero or positive.

    Ensures:
        - ``-1 <= result <= 1``
        - ``implies(x != 0, result * x > 0)``
        - ``implies(x == 0, result == 0)``
    """
    raise NotImplementedError


def median_of_three(a: int, b: int, c: int) -> int:
    """The number in the middle.

    Ensures:
        - ``result in (a, b, c)``
        - ``min(a, b) <= result or min(b, c) <= result or min(a, c) <= result``
        - ``(a <= result) + (b <= result) + (c <= result) >= 2``
        - ``(a >= result) + (b >= result) + (c >= result) >= 2``
    """
    raise NotImplementedError


def days_in_month(month: int, leap: bool) -> int:
    """How many days a month has.

    Requires:
        - ``1 <= month <= 12``

    Ensures:
        - ``implies(month in (1, 3, 5, 7, 8, 10, 12), result == 31)``
        - ``implies(month in (4, 6, 9, 11), result == 30)``
        - ``implies(month == 2, result == (29 if leap else 28))``
    """
    raise NotImplementedError


def is_leap(year: int) -> bool:
    """Whether a year has a 29th of February.

    Ensures:
        - ``implies(year % 4 != 0, not result)``
        - ``implies(year % 100 == 0 and year % 400 != 0, not result)``
        - ``implies(year % 400 == 0, result)``
        - ``implies(year % 4 == 0 and year % 100 != 0, result)``
    """
    raise NotImplementedError


def fizzbuzz(n: int) -> str:
    """What is said for a number.

    Requires:
        - ``n > 0``

    Ensures:
        - ``implies(n % 15 == 0, result == "FizzBuzz")``
        - ``implies(n % 3 == 0 and n % 5 != 0, result == "Fizz")``
        - ``implies(n % 5 == 0 and n % 3 != 0, result == "Buzz")``
        - ``implies(n % 3 != 0 and n % 5 != 0, result == str(n))``
    """
    raise NotImplementedError


def bounded_add(a: int, b: int, limit: int) -> int:
    """A sum that goes no further than a limit.

    Requires:
        - ``a <= limit``

    Ensures:
        - ``result <= limit and result <= a + b``
        - ``result == limit or result == a + b``
    """
    raise NotImplementedError


def distance(a: int, b: int) -> int:
    """How far two numbers are apart.

    Ensures:
        - ``result >= 0``
        - ``a + result == b or b + result == a``
    """
    raise NotImplementedError


def saturating_subtract(a: int, b: int) -> int:
    """What is left, and nothing where too much is taken away.

    Ensures:
        - ``result >= 0 and result >= a - b``
        - ``result == 0 or result == a - b``
    """
    raise NotImplementedError


def is_between(x: int, low: int, high: int) -> bool:
    """Whether a number lies between two bounds.

    Raises:
        ValueError: If ``low > high``.

    Ensures:
        - ``implies(x < low, not result)``
        - ``implies(x > high, not result)``
        - ``implies(not result, x < low or x > high)``
    """
    raise NotImplementedError


def exactly_one(p: bool, q: bool) -> bool:
    """Whether one of two things holds and the other one does not.

    Ensures:
        - ``implies(result, p or q)``
        - ``implies(p and q, not result)``
        - ``implies(not result, p == q)``
    """
    raise NotImplementedError


def grade(points: int) -> str:
    """The letter for a number of points.

    Raises:
        ValueError: If ``points < 0 or points > 100``.

    Ensures:
        - ``implies(points >= 90, result == "A")``
        - ``implies(80 <= points < 90, result == "B")``
        - ``implies(70 <= points < 80, result == "C")``
        - ``implies(points < 70, result == "F")``
    """
    raise NotImplementedError


def triangle(a: int, b: int, c: int) -> str:
    """The kind of a triangle by its sides.

    Requires:
        - ``a > 0 and b > 0 and c > 0``

    Ensures:
        - ``result in ("equilateral", "isosceles", "scalene")``
        - ``(result == "equilateral") == (a == b == c)``
        - ``(result == "scalene") == (a != b and b != c and a != c)``
    """
    raise NotImplementedError


def compare(a: int, b: int) -> int:
    """How two numbers are ordered.

    Ensures:
        - ``result in (-1, 0, 1)``
        - ``(result < 0) == (a < b)``
        - ``(result > 0) == (a > b)``
    """
    raise NotImplementedError


def cheaper(a: tuple[int, str], b: tuple[int, str]) -> tuple[int, str]:
    """Of two offers the one with the lower price.

    Ensures:
        - ``result == a or result == b``
        - ``result[0] <= a[0] and result[0] <= b[0]``
    """
    raise NotImplementedError


def parity(n: int) -> str:
    """Whether a number is even or odd.

    Ensures:
        - ``result == "even" if n % 2 == 0 else result == "odd"``
    """
    raise NotImplementedError


def round_up(n: int, step: int) -> int:
    """The next multiple.

    Requires:
        - ``step > 0``

    Ensures:
        - ``result % step == 0``
        - ``n <= result < n + step``
    """
    raise NotImplementedError


def pages(items: int, size: int) -> int:
    """How many pages are needed.

    Requires:
        - ``items >= 0``
        - ``size > 0``

    Ensures:
        - ``result * size >= items``
        - ``(result - 1) * size < items``
    """
    raise NotImplementedError


def is_vowel(letter: str) -> bool:
    """Whether a letter is a vowel.

    Requires:
        - ``len(letter) == 1``

    Ensures:
        - ``implies(letter in ("a", "e", "i", "o", "u"), result)``
        - ``implies(result, letter in ("a", "e", "i", "o", "u"))``
    """
    raise NotImplementedError


def with_slash(path: str) -> str:
    """A path that ends in a slash.

    Ensures:
        - ``result.endswith("/")``
        - ``implies(path.endswith("/"), result == path)``
        - ``result == path or result == path + "/"``
    """
    raise NotImplementedError


def larger_magnitude(a: int, b: int) -> int:
    """Of two numbers the one that is further from zero.

    Ensures:
        - ``result in (a, b)``
        - ``abs(result) >= abs(a)``
        - ``abs(result) >= abs(b)``
    """
    raise NotImplementedError


def hours(minutes: int) -> tuple[int, int]:
    """Minutes as hours and minutes.

    Requires:
        - ``minutes >= 0``

    Ensures:
        - ``result[0] * 60 + result[1] == minutes``
        - ``0 <= result[1] < 60``
    """
    raise NotImplementedError


def in_order(a: int, b: int) -> tuple[int, int]:
    """Two numbers, the smaller one first.

    Ensures:
        - ``result[0] <= result[1]``
        - ``result == (a, b) or result == (b, a)``
    """
    raise NotImplementedError


def shipping(weight: int, express: bool) -> int:
    """What sending costs.

    Raises:
        ValueError: If ``weight <= 0``.

    Ensures:
        - ``implies(weight <= 10 and not express, result == 5)``
        - ``implies(weight > 10 and not express, result == 5 + 2 * (weight - 10))``
        - ``implies(weight <= 10 and express, result == 15)``
        - ``implies(weight > 10 and express, result == 15 + 2 * (weight - 10))``
    """
    raise NotImplementedError


def overlap(a: int, b: int, c: int, d: int) -> int:
    """How much two ranges have in common.

    Requires:
        - ``a <= b and c <= d``

    Ensures:
        - ``result >= 0``
        - ``result == 0 or (result <= b - a and result <= d - c)``
        - ``implies(b >= c and d >= a, result == min(b, d) - max(a, c))``
        - ``implies(b < c or d < a, result == 0)``
    """
    raise NotImplementedError


def shorten(text: str, limit: int) -> str:
    """A text that is not longer than a limit.

    Requires:
        - ``limit >= 0``

    Ensures:
        - ``len(result) == min(len(text), limit)``
        - ``text.startswith(result)``
    """
    raise NotImplementedError


def wrap(hour: int, later: int) -> int:
    """The hour on a clock some hours later.

    Requires:
        - ``0 <= hour < 24``

    Ensures:
        - ``0 <= result < 24``
        - ``(result - hour - later) % 24 == 0``
    """
    raise NotImplementedError


def safe_divide(a: int, b: int) -> int:
    """A quotient, rounded down.

    Raises:
        ZeroDivisionError: If ``b == 0``.

    Ensures:
        - ``implies(b > 0, result * b <= a < (result + 1) * b)``
        - ``implies(b < 0, result * b >= a > (result + 1) * b)``
    """
    raise NotImplementedError


def next_light(light: str) -> str:
    """The colour that follows.

    Requires:
        - ``light in ("red", "green", "yellow")``

    Ensures:
        - ``result != light``
        - ``result in ("red", "green", "yellow")``

    Examples:
        >>> next_light("red")
        'green'
        >>> next_light("green")
        'yellow'
        >>> next_light("yellow")
        'red'
    """
    raise NotImplementedError
