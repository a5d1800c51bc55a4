"""Functions that break their specification: each of them is refuted, `half` excepted."""

from typing import Dict, List, Optional, Tuple, Union


def transfer(a: List[int], b: List[int]) -> None:
    """T.

    Requires:
        - ``len(a) > 0``

    Ensures:
        - ``len(a) == old(len(a)) - 1``
    """
    b.append(a.pop())


def checked_sqrt(n: int) -> int:
    """S.

    Ensures:
        - ``result * result <= n``

    Raises:
        ValueError: If ``n < 0``.
    """
    if n < -1:
        raise ValueError("negative")
    r = 0
    while (r + 1) * (r + 1) <= n:
        r += 1
    return r


def fib(n: int) -> int:
    """F.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result >= n``
    """
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


class Stack:
    """A stack.

    Invariants:
        - ``len(self.items) <= self.capacity``
    """

    def __init__(self, capacity: int) -> None:
        self.capacity: int = capacity
        self.items: List[int] = []

    def push(self, x: int) -> None:
        """P.

        Ensures:
            - ``len(self.items) == old(len(self.items)) + 1``
        """
        self.items.append(x)


def count_even(xs: List[int]) -> int:
    """C.

    Ensures:
        - ``result == sum(1 for x in xs if x % 2 == 0)``
    """
    n = 0
    for x in xs:
        if x % 2 == 1:
            n += 1
    return n


def argmax(xs: List[int]) -> int:
    """A.

    Ensures:
        - ``all(xs[result] >= x for x in xs)``
    """
    best = 0
    for i in range(1, len(xs) - 1):
        if xs[i] > xs[best]:
            best = i
    return best


def make_adders(n: int) -> int:
    """M.

    Ensures:
        - ``result == n``
    """
    fs = [lambda x: x + i for i in range(4)]
    return fs[0](n)


def first_word(s: str) -> str:
    """F.

    Ensures:
        - ``" " not in result``
        - ``len(result) > 0``
    """
    return s.split(" ")[0]


def remove_all(xs: List[int], v: int) -> None:
    """R.

    Ensures:
        - ``v not in xs``
    """
    for x in xs:
        if x == v:
            xs.remove(x)


def grid(n: int) -> List[List[int]]:
    """G.

    Requires:
        - ``n == 2``

    Ensures:
        - ``sum(result[1]) == 0``
    """
    g = [[0] * n] * n
    g[0][0] = 1
    return g


def upper(s: str) -> str:
    """U.

    Ensures:
        - ``len(result) == len(s)``
    """
    return s.upper()


def pct(a: int, b: int) -> int:
    """P.

    Requires:
        - ``0 <= a <= b``

    Ensures:
        - ``0 <= result <= 100``
    """
    return a * 100 // b


def add01(a: float) -> bool:
    """A.

    Requires:
        - ``0 <= a <= 1``

    Ensures:
        - ``result``
    """
    return (a + 0.1) - 0.1 == a


def dict_order(d: Dict[str, int]) -> List[str]:
    """D.

    Ensures:
        - ``result == sorted(result)``
    """
    return list(d)


def bad_index(s: str, sub: str) -> int:
    """B.

    Ensures:
        - ``result >= 0``
    """
    return s.index(sub)


def cache_get(k: int, cache: Dict[int, int] = {}) -> int:
    """C.

    Ensures:
        - ``result == k * k``
    """
    if k not in cache:
        cache[k] = k * k
    return cache[k]


def noneattr(s: Optional[str]) -> int:
    """N.

    Ensures:
        - ``result >= 0``
    """
    return len(s.strip())


def allocate(amount: int, weights: list[int]) -> list[int]:
    """Split.

    Requires:
        - ``amount >= 0``
        - ``all(w >= 0 for w in weights)``

    Ensures:
        - ``sum(result) == amount``: no unit is lost
        - ``len(result) == len(weights)``

    Raises:
        ValueError: If ``sum(weights) == 0``.
    """
    total = sum(weights)
    if total == 0:
        raise ValueError("nothing")
    return [amount * w // total for w in weights]


def half(n: int) -> int:
    """Half.

    Requires:
        - ``n % 2 == 0``

    Ensures:
        - ``result * 2 == n``
    """
    return n // 2


def quarter(n: int) -> int:
    """Quarter.

    Requires:
        - ``n % 2 == 0``

    Ensures:
        - ``result * 4 == n``
    """
    return half(half(n))


def contradictory2(n: int) -> int:
    """Bad.

    Ensures:
        - ``result > n``
        - ``result < n``
    """
    return n


def dedupe(xs: list[int]) -> list[int]:
    """Dedupe.

    Ensures:
        - ``all(x in xs for x in result)``
        - ``all(x in result for x in xs)``

    Examples:
        >>> dedupe([1, 1, 2])
        [1, 2]
        >>> dedupe([3])
        [4]
    """
    out: list[int] = []
    for x in xs:
        if x not in out:
            out.append(x)
    return out
