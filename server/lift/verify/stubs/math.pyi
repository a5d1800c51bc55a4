"""math, of integers: what holds for all of them. Of floats lift knows the functions themselves."""

def gcd(a: int, b: int, /) -> int:
    """The greatest common divisor.

    Ensures:
        - ``result >= 0``
        - ``(result == 0) == (a == 0 and b == 0)``
        - ``implies(result != 0, a % result == 0 and b % result == 0)``
        - ``implies(a != 0, result <= abs(a))``
        - ``implies(b != 0, result <= abs(b))``
        - ``implies(a == 0, result == abs(b))``
        - ``implies(b == 0, result == abs(a))``
    """

def lcm(a: int, b: int, /) -> int:
    """The least common multiple.

    Ensures:
        - ``result >= 0``
        - ``(result == 0) == (a == 0 or b == 0)``
        - ``implies(a != 0, result % a == 0)``
        - ``implies(b != 0, result % b == 0)``
        - ``result <= abs(a * b)``
        - ``implies(a != 0 and b != 0, result >= abs(a) and result >= abs(b))``
    """

def isqrt(n: int, /) -> int:
    """The square root, rounded down.

    Ensures:
        - ``result >= 0``
        - ``result * result <= n``
        - ``n < (result + 1) * (result + 1)``

    Raises:
        ValueError: If ``n < 0``.
    """

def factorial(n: int, /) -> int:
    """The product of the numbers from 1 to ``n``.

    Requires:
        - ``n <= 2147483647``: where a C long has 32 bits, that is the most

    Ensures:
        - ``result >= 1``
        - ``result >= n``
        - ``implies(n <= 1, result == 1)``
        - ``implies(n >= 2, result % 2 == 0 and result % n == 0)``

    Raises:
        ValueError: If ``n < 0``.
    """

def comb(n: int, k: int, /) -> int:
    """In how many ways ``k`` of ``n`` can be chosen.

    Requires:
        - ``k <= 2147483647``: where a C long has 32 bits, that is the most

    Ensures:
        - ``result >= 0``
        - ``(result == 0) == (k > n)``
        - ``implies(k == 0 or k == n, result == 1)``
        - ``implies(k == 1, result == n)``

    Raises:
        ValueError: If ``n < 0 or k < 0``.
    """

def perm(n: int, k: int, /) -> int:
    """In how many ways ``k`` of ``n`` can be put in order.

    Requires:
        - ``k <= 2147483647``: where a C long has 32 bits, that is the most

    Ensures:
        - ``result >= 0``
        - ``(result == 0) == (k > n)``
        - ``implies(k == 0, result == 1)``
        - ``implies(k == 1, result == n)``

    Raises:
        ValueError: If ``n < 0 or k < 0``.
    """

def prod(iterable: list[int], /) -> int:
    """The product of the items.

    Ensures:
        - ``implies(len(iterable) == 0, result == 1)``
        - ``implies(len(iterable) == 1, result == iterable[0])``
        - ``(result == 0) == (0 in iterable)``
        - ``implies(all(x > 0 for x in iterable), result > 0)``
        - ``implies(all(x >= 0 for x in iterable), result >= 0)``
    """
