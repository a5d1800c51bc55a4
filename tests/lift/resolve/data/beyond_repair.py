"""Functions for which nothing may be offered but a weaker clause: no small change is right, or none shown."""


def contradictory(x: int) -> int:
    """No result can do.

    Ensures:
        - ``result > x``
        - ``result < x``
    """
    return x


def stops_short(n: int) -> int:
    """An exit that is missed by two at a time.

    Requires:
        - ``n == 3 or n == 5``

    Ensures:
        - ``result == n * n * n - 7 * n``
    """
    i = 0
    while i < n:
        i += 1
    return i


def unlike_anything(a: int, b: int) -> int:
    """A formula that is far from the code.

    Ensures:
        - ``result == a * a * b - 17 * b + 3``
    """
    return a


def in_words(x: int) -> int:
    """Nothing is checked.

    Ensures:
        - The result is nice
    """
    return x


def fine(x: int) -> int:
    """Nothing is broken.

    Ensures:
        - ``result == x``
    """
    return x


def unmodelled(xs: list[int]) -> int:
    """Broken, but beyond what can be proved.

    Ensures:
        - ``result == 1``
    """
    return hash(tuple(xs)) % 2


def never(x: int) -> int:
    """The only change that a run would let through is one that never ends.

    Requires:
        - ``x > 0``

    Ensures:
        - ``result == x + 41``
    """
    i = x
    while i < x:
        i += 1
    return i
