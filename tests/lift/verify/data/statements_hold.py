"""Functions over every form of statement that hold."""

from contextlib import suppress
from typing import List, Optional, Tuple, Union


def sign(n: int) -> str:
    """S.

    Ensures:
        - ``implies(n > 0, result == "plus")``
        - ``implies(n == 0, result == "zero")``
        - ``result in ("plus", "zero", "minus")``
    """
    match n:
        case 0:
            return "zero"
        case _ if n > 0:
            return "plus"
        case _:
            return "minus"


def head(xs: List[int]) -> Optional[int]:
    """H.

    Ensures:
        - ``implies(len(xs) > 0, result == xs[0])``
        - ``implies(len(xs) == 0, result is None)``
    """
    match xs:
        case [first, *_]:
            return first
        case _:
            return None


def area(shape: Union[Tuple[str, int], Tuple[str, int, int]]) -> int:
    """A.

    Requires:
        - ``shape[0] == "square" or shape[0] == "rect"``
        - ``shape[1] >= 0 and shape[-1] >= 0``

    Ensures:
        - ``result >= 0``
    """
    match shape:
        case ("square", side):
            return side * side
        case (_, width, height):
            return width * height
        case (_, other):
            return other


def safe_div(a: int, b: int) -> int:
    """D.

    Ensures:
        - ``implies(b != 0, result == a // b)``
        - ``implies(b == 0, result == 0)``
    """
    with suppress(ZeroDivisionError):
        return a // b
    return 0


def cleaned(xs: List[int], i: int) -> int:
    """C.

    Modifies:
        - ``xs``

    Ensures:
        - ``len(xs) == old(len(xs)) + 1``
    """
    try:
        return xs[i]
    except IndexError:
        return -1
    finally:
        xs.append(i)


def counter(n: int) -> int:
    """C.

    Ensures:
        - ``result == 3 * n``
    """
    total = 0

    def add() -> None:
        nonlocal total
        total += n

    add()
    add()
    add()
    return total
