"""operator, of integers, strings and lists."""

from typing import overload

@overload
def add(a: int, b: int, /) -> int:
    """``a + b``

    Ensures:
        - ``result == a + b``
    """

@overload
def add(a: str, b: str, /) -> str:
    """``a + b``

    Ensures:
        - ``result == a + b``
    """

def sub(a: int, b: int, /) -> int:
    """``a - b``

    Ensures:
        - ``result == a - b``
    """

def mul(a: int, b: int, /) -> int:
    """``a * b``

    Ensures:
        - ``result == a * b``
    """

def floordiv(a: int, b: int, /) -> int:
    """``a // b``

    Ensures:
        - ``result == a // b``

    Raises:
        ZeroDivisionError: If ``b == 0``.
    """

def mod(a: int, b: int, /) -> int:
    """``a % b``

    Ensures:
        - ``result == a % b``

    Raises:
        ZeroDivisionError: If ``b == 0``.
    """

def neg(a: int, /) -> int:
    """``-a``

    Ensures:
        - ``result == -a``
    """

def pos(a: int, /) -> int:
    """``a``

    Ensures:
        - ``result == a``
    """

def abs(a: int, /) -> int:
    """``abs(a)``

    Ensures:
        - ``result == abs(a)``
    """

def index(a: int, /) -> int:
    """``a``

    Ensures:
        - ``result == a``
    """

@overload
def lt(a: int, b: int, /) -> bool:
    """``a < b``

    Ensures:
        - ``result == (a < b)``
    """

@overload
def lt(a: str, b: str, /) -> bool:
    """``a < b``

    Ensures:
        - ``result == (a < b)``
    """

@overload
def le(a: int, b: int, /) -> bool:
    """``a <= b``

    Ensures:
        - ``result == (a <= b)``
    """

@overload
def le(a: str, b: str, /) -> bool:
    """``a <= b``

    Ensures:
        - ``result == (a <= b)``
    """

@overload
def eq(a: int, b: int, /) -> bool:
    """``a == b``

    Ensures:
        - ``result == (a == b)``
    """

@overload
def eq(a: str, b: str, /) -> bool:
    """``a == b``

    Ensures:
        - ``result == (a == b)``
    """

@overload
def ne(a: int, b: int, /) -> bool:
    """``a != b``

    Ensures:
        - ``result == (a != b)``
    """

@overload
def ne(a: str, b: str, /) -> bool:
    """``a != b``

    Ensures:
        - ``result == (a != b)``
    """

@overload
def ge(a: int, b: int, /) -> bool:
    """``a >= b``

    Ensures:
        - ``result == (a >= b)``
    """

@overload
def ge(a: str, b: str, /) -> bool:
    """``a >= b``

    Ensures:
        - ``result == (a >= b)``
    """

@overload
def gt(a: int, b: int, /) -> bool:
    """``a > b``

    Ensures:
        - ``result == (a > b)``
    """

@overload
def gt(a: str, b: str, /) -> bool:
    """``a > b``

    Ensures:
        - ``result == (a > b)``
    """

@overload
def and_(a: bool, b: bool, /) -> bool:
    """Of two truth values.

    Ensures:
        - ``result == (a and b)``
    """

@overload
def and_(a: int, b: int, /) -> int:
    """Of the bits of two numbers.

    Ensures:
        - ``implies(a >= 0 or b >= 0, result >= 0)``
        - ``implies(a >= 0, result <= a)``
        - ``implies(b >= 0, result <= b)``
    """

@overload
def or_(a: bool, b: bool, /) -> bool:
    """Of two truth values.

    Ensures:
        - ``result == (a or b)``
    """

@overload
def or_(a: int, b: int, /) -> int:
    """Of the bits of two numbers.

    Ensures:
        - ``implies(a >= 0 and b >= 0, result >= a and result >= b)``
        - ``implies(a < 0 or b < 0, result < 0)``
    """

@overload
def xor(a: bool, b: bool, /) -> bool:
    """Of two truth values.

    Ensures:
        - ``result == (a != b)``
    """

@overload
def xor(a: int, b: int, /) -> int:
    """Of the bits of two numbers.

    Ensures:
        - ``(result == 0) == (a == b)``
        - ``(result >= 0) == ((a >= 0) == (b >= 0))``
    """

@overload
def not_(a: int, /) -> bool:
    """``not a``

    Ensures:
        - ``result == (a == 0)``
    """

@overload
def not_(a: str, /) -> bool:
    """``not a``

    Ensures:
        - ``result == (len(a) == 0)``
    """

@overload
def not_(a: bool, /) -> bool:
    """``not a``

    Ensures:
        - ``result == (not a)``
    """

@overload
def truth(a: int, /) -> bool:
    """``bool(a)``

    Ensures:
        - ``result == (a != 0)``
    """

@overload
def truth(a: str, /) -> bool:
    """``bool(a)``

    Ensures:
        - ``result == (len(a) > 0)``
    """

@overload
def truth(a: bool, /) -> bool:
    """``bool(a)``

    Ensures:
        - ``result == (a)``
    """

@overload
def getitem(a: list[int], b: int, /) -> int:
    """``a[b]``

    Ensures:
        - ``result == a[b]``

    Raises:
        IndexError: If ``b >= len(a) or b < -len(a)``.
    """

@overload
def getitem(a: list[str], b: int, /) -> str:
    """``a[b]``

    Ensures:
        - ``result == a[b]``

    Raises:
        IndexError: If ``b >= len(a) or b < -len(a)``.
    """

@overload
def contains(a: list[int], b: int, /) -> bool:
    """``b in a``

    Ensures:
        - ``result == (b in a)``
    """

@overload
def contains(a: list[str], b: str, /) -> bool:
    """``b in a``

    Ensures:
        - ``result == (b in a)``
    """

@overload
def countOf(a: list[int], b: int, /) -> int:
    """How often ``b`` is in ``a``.

    Ensures:
        - ``0 <= result <= len(a)``
        - ``(result > 0) == (b in a)``
    """

@overload
def countOf(a: list[str], b: str, /) -> int:
    """How often ``b`` is in ``a``.

    Ensures:
        - ``0 <= result <= len(a)``
        - ``(result > 0) == (b in a)``
    """

@overload
def indexOf(a: list[int], b: int, /) -> int:
    """Where ``b`` is in ``a`` first.

    Ensures:
        - ``0 <= result < len(a)``
        - ``a[result] == b``
        - ``b not in a[:result]``

    Raises:
        ValueError: If ``b not in a``.
    """

@overload
def indexOf(a: list[str], b: str, /) -> int:
    """Where ``b`` is in ``a`` first.

    Ensures:
        - ``0 <= result < len(a)``
        - ``a[result] == b``
        - ``b not in a[:result]``

    Raises:
        ValueError: If ``b not in a``.
    """

@overload
def setitem(a: list[int], b: int, c: int, /) -> None:
    """``a[b] = c``

    Ensures:
        - ``len(a) == len(old(a))``
        - ``a[b] == c``
        - ``all(a[i] == old(a)[i] for i in range(len(a)) if i != b and i != b + len(a))``

    Modifies:
        - ``a``

    Raises:
        IndexError: If ``b >= len(a) or b < -len(a)``.
    """

@overload
def setitem(a: list[str], b: int, c: str, /) -> None:
    """``a[b] = c``

    Ensures:
        - ``len(a) == len(old(a))``
        - ``a[b] == c``
        - ``all(a[i] == old(a)[i] for i in range(len(a)) if i != b and i != b + len(a))``

    Modifies:
        - ``a``

    Raises:
        IndexError: If ``b >= len(a) or b < -len(a)``.
    """
