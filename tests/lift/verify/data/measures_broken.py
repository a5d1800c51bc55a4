"""Recursive functions with a call that does not make the measure smaller."""


def same(n: int) -> int:
    """S.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result == 0``

    Decreases:
        - ``n``
    """
    return 0 if n < 3 else same(n - 1 if n % 2 else n + 1 if n % 4 else n // 2)


def up_and_down(n: int, k: int) -> int:
    """U.

    Requires:
        - ``n >= 0 and 0 <= k <= 3``

    Ensures:
        - ``result == 0``

    Decreases:
        - ``n``
    """
    if n == 0:
        return 0
    if k == 3:
        return up_and_down(n, 2)
    return up_and_down(n - 1, k)


def below_zero(n: int) -> int:
    """The measure gets smaller forever.

    Ensures:
        - ``result == 0``

    Decreases:
        - ``n``
    """
    return 0 if n == 7 or n < -50 else below_zero(n - 1)


def wrong_order(a: int, b: int) -> int:
    """W.

    Requires:
        - ``a >= 0 and b >= 0``

    Ensures:
        - ``result == 0``

    Decreases:
        - ``(b, a)``
    """
    if a == 0:
        return 0
    return wrong_order(a - 1, b + 1)
