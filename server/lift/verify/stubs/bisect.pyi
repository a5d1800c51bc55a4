"""bisect, of lists of integers and of strings."""

from typing import overload

@overload
def bisect_left(a: list[int], x: int) -> int:
    """The first place at which ``x`` keeps the list sorted.

    Ensures:
        - ``0 <= result <= len(a)``
        - ``implies(all(a[i] <= a[i + 1] for i in range(len(a) - 1)), all(a[i] < x for i in range(result)))``
        - ``implies(all(a[i] <= a[i + 1] for i in range(len(a) - 1)), all(a[i] >= x for i in range(result, len(a))))``
    """

@overload
def bisect_left(a: list[str], x: str) -> int:
    """The first place at which ``x`` keeps the list sorted.

    Ensures:
        - ``0 <= result <= len(a)``
        - ``implies(all(a[i] <= a[i + 1] for i in range(len(a) - 1)), all(a[i] < x for i in range(result)))``
        - ``implies(all(a[i] <= a[i + 1] for i in range(len(a) - 1)), all(a[i] >= x for i in range(result, len(a))))``
    """

@overload
def bisect_right(a: list[int], x: int) -> int:
    """The last place at which ``x`` keeps the list sorted.

    Ensures:
        - ``0 <= result <= len(a)``
        - ``implies(all(a[i] <= a[i + 1] for i in range(len(a) - 1)), all(a[i] <= x for i in range(result)))``
        - ``implies(all(a[i] <= a[i + 1] for i in range(len(a) - 1)), all(a[i] > x for i in range(result, len(a))))``
    """

@overload
def bisect_right(a: list[str], x: str) -> int:
    """The last place at which ``x`` keeps the list sorted.

    Ensures:
        - ``0 <= result <= len(a)``
        - ``implies(all(a[i] <= a[i + 1] for i in range(len(a) - 1)), all(a[i] <= x for i in range(result)))``
        - ``implies(all(a[i] <= a[i + 1] for i in range(len(a) - 1)), all(a[i] > x for i in range(result, len(a))))``
    """

@overload
def bisect(a: list[int], x: int) -> int:
    """The last place at which ``x`` keeps the list sorted.

    Ensures:
        - ``0 <= result <= len(a)``
        - ``implies(all(a[i] <= a[i + 1] for i in range(len(a) - 1)), all(a[i] <= x for i in range(result)))``
        - ``implies(all(a[i] <= a[i + 1] for i in range(len(a) - 1)), all(a[i] > x for i in range(result, len(a))))``
    """

@overload
def bisect(a: list[str], x: str) -> int:
    """The last place at which ``x`` keeps the list sorted.

    Ensures:
        - ``0 <= result <= len(a)``
        - ``implies(all(a[i] <= a[i + 1] for i in range(len(a) - 1)), all(a[i] <= x for i in range(result)))``
        - ``implies(all(a[i] <= a[i + 1] for i in range(len(a) - 1)), all(a[i] > x for i in range(result, len(a))))``
    """

@overload
def insort_left(a: list[int], x: int) -> None:
    """Put ``x`` in its place, before its equals.

    Ensures:
        - ``len(a) == len(old(a)) + 1``
        - ``x in a``
        - ``implies(old(all(a[i] <= a[i + 1] for i in range(len(a) - 1))), all(a[i] <= a[i + 1] for i in range(len(a) - 1)))``
        - ``sum(a) == sum(old(a)) + x``

    Modifies:
        - ``a``
    """

@overload
def insort_left(a: list[str], x: str) -> None:
    """Put ``x`` in its place, before its equals.

    Ensures:
        - ``len(a) == len(old(a)) + 1``
        - ``x in a``
        - ``implies(old(all(a[i] <= a[i + 1] for i in range(len(a) - 1))), all(a[i] <= a[i + 1] for i in range(len(a) - 1)))``

    Modifies:
        - ``a``
    """

@overload
def insort_right(a: list[int], x: int) -> None:
    """Put ``x`` in its place, behind its equals.

    Ensures:
        - ``len(a) == len(old(a)) + 1``
        - ``x in a``
        - ``implies(old(all(a[i] <= a[i + 1] for i in range(len(a) - 1))), all(a[i] <= a[i + 1] for i in range(len(a) - 1)))``
        - ``sum(a) == sum(old(a)) + x``

    Modifies:
        - ``a``
    """

@overload
def insort_right(a: list[str], x: str) -> None:
    """Put ``x`` in its place, behind its equals.

    Ensures:
        - ``len(a) == len(old(a)) + 1``
        - ``x in a``
        - ``implies(old(all(a[i] <= a[i + 1] for i in range(len(a) - 1))), all(a[i] <= a[i + 1] for i in range(len(a) - 1)))``

    Modifies:
        - ``a``
    """

@overload
def insort(a: list[int], x: int) -> None:
    """Put ``x`` in its place, behind its equals.

    Ensures:
        - ``len(a) == len(old(a)) + 1``
        - ``x in a``
        - ``implies(old(all(a[i] <= a[i + 1] for i in range(len(a) - 1))), all(a[i] <= a[i + 1] for i in range(len(a) - 1)))``
        - ``sum(a) == sum(old(a)) + x``

    Modifies:
        - ``a``
    """

@overload
def insort(a: list[str], x: str) -> None:
    """Put ``x`` in its place, behind its equals.

    Ensures:
        - ``len(a) == len(old(a)) + 1``
        - ``x in a``
        - ``implies(old(all(a[i] <= a[i + 1] for i in range(len(a) - 1))), all(a[i] <= a[i + 1] for i in range(len(a) - 1)))``

    Modifies:
        - ``a``
    """
