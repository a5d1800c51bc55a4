"""Functions over every form of statement, each of which breaks its specification."""

from contextlib import suppress
from typing import List


def sign(n: int) -> str:
    """S.

    Ensures:
        - ``implies(n == 12345, result == "odd")``
    """
    match n:
        case 0:
            return "zero"
        case m if m > 0:
            return "plus"
        case _:
            return "minus"


def hidden_failure(x: int) -> int:
    """The assert fails, although its failure never gets out.

    Ensures:
        - ``result == 2``
    """
    try:
        assert x > 0
    finally:
        return 1


def last_error(xs: List[int]) -> int:
    """The loop's variable is deleted by the handler.

    Requires:
        - ``len(xs) > 0``

    Ensures:
        - ``result == xs[-1]``
    """
    for x in xs:
        try:
            10 // x
        except ZeroDivisionError as x:
            pass
    return x


def swallowed(a: int, b: int) -> int:
    """S.

    Ensures:
        - ``result * b <= a``
    """
    with suppress(ZeroDivisionError):
        return a // b
    return 1


def counted(n: int) -> int:
    """C.

    Ensures:
        - ``result == n``
    """
    i = 0

    def skip() -> None:
        nonlocal i
        i = 7

    for i in range(n):
        skip()
    return i
