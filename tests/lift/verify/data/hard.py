"""Functions that are hard on the verifier: each gets a verdict with its reason, and none costs the others theirs."""

from __future__ import annotations

from typing import Optional, Union, List, Dict


class Node:
    """N.

    Invariants:
        - ``self.value >= 0``
    """

    def __init__(self, value: int, next: Optional[Node] = None) -> None:
        self.value: int = value if value > 0 else 0
        self.next: Optional[Node] = next

    def total(self) -> int:
        """T.

        Ensures:
            - ``result >= 0``
        """
        t = 0
        n: Optional[Node] = self
        while n is not None:
            t += n.value
            n = n.next
        return t


Json = Union[None, int, str, List["Json"], Dict[str, "Json"]]


def depth(j: Json) -> int:
    """D.

    Ensures:
        - ``result >= 0``
    """
    if isinstance(j, list):
        return 1 + max([depth(x) for x in j], default=0)
    return 0


def forever(n: int) -> int:
    """F.

    Ensures:
        - ``result == n``
    """
    while True:
        n += 1


def hog(n: int) -> int:
    """H.

    Ensures:
        - ``result == n``
    """
    xs = [0]
    while True:
        xs = xs + xs
    return n


def collatz(n: int) -> int:
    """C.

    Requires:
        - ``n > 0``

    Ensures:
        - ``result == 1``
    """
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
    return n


def fermat(a: int, b: int, c: int) -> bool:
    """F.

    Requires:
        - ``a > 0 and b > 0 and c > 0``

    Ensures:
        - ``result``
    """
    return a ** 3 + b ** 3 != c ** 3


def hard(xs: list[int], ys: list[int], zs: list[int], ws: list[int]) -> int:
    """H.

    Ensures:
        - ``result == sum(x * y * z * w for x, y, z, w in zip(xs, ys, zs, ws))``
    """
    t = 0
    for a in xs:
        for b in ys:
            for c in zs:
                for d in ws:
                    if a * b == c * d and a > b:
                        t += a * b - c * d
    return t


def ok(n: int) -> int:
    """O.

    Ensures:
        - ``result > n``
    """
    return n + 1


def spec_loop(n: int) -> int:
    """S.

    Ensures:
        - ``all(result != i for i in range(10**12))``
    """
    return -1


def spec_bad(n: int) -> int:
    """S.

    Ensures:
        - ``(lambda x: x)(result) == n``
        - ``[i for i in (1, 2)] and result == n``
        - ``f"{result}" == str(n)``
        - ``result == n if n else True``
        - ``(y := result) == n``
    """
    return n


def exiting(n: int) -> int:
    """E.

    Ensures:
        - ``result == n``
    """
    if n == 3:
        raise SystemExit(1)
    return n


def deep(n: int) -> int:
    """D.

    Ensures:
        - ``result >= 0``
    """
    return 0 if n <= 0 else 1 + deep(n - 1)
