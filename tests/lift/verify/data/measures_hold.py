"""Recursive functions whose measure each call makes smaller."""

from typing import List


def factorial(n: int) -> int:
    """F.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result >= 1``

    Decreases:
        - ``n``
    """
    return 1 if n == 0 else n * factorial(n - 1)


def gcd(a: int, b: int) -> int:
    """G.

    Requires:
        - ``a >= 0 and b >= 0``

    Ensures:
        - ``result >= 0``

    Decreases:
        - ``b``
    """
    if b == 0:
        return a
    return gcd(b, a % b)


def search(xs: List[int], x: int, low: int, high: int) -> bool:
    """S.

    Requires:
        - ``0 <= low and high <= len(xs)``

    Ensures:
        - ``implies(low >= high, result == False)``

    Decreases:
        - ``high - low``
    """
    if low >= high:
        return False
    middle = (low + high) // 2
    if xs[middle] == x:
        return True
    if xs[middle] < x:
        return search(xs, x, middle + 1, high)
    return search(xs, x, low, middle)


def ackermann(m: int, n: int) -> int:
    """A.

    Requires:
        - ``m >= 0 and n >= 0``

    Ensures:
        - ``result > n``

    Decreases:
        - ``(m, n)``
    """
    if m == 0:
        return n + 1
    if n == 0:
        return ackermann(m - 1, 1)
    return ackermann(m - 1, ackermann(m, n - 1))


def even(n: int) -> bool:
    """E.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result == (n % 2 == 0)``

    Decreases:
        - ``n``
    """
    return True if n == 0 else odd(n - 1)


def odd(n: int) -> bool:
    """O.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result == (n % 2 == 1)``

    Decreases:
        - ``n``
    """
    return False if n == 0 else even(n - 1)


def rebound(n: int) -> int:
    """The measure is the one on entry, although the parameter has another value at the call.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result == 0``

    Decreases:
        - ``n``
    """
    if n == 0:
        return 0
    n = n - 1
    return rebound(n)
