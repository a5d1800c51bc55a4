"""Functions whose specification holds: each of them is proved."""

from dataclasses import dataclass
from typing import Dict, List, Literal, Optional, Tuple, Union


def sign(x: int) -> int:
    """S.

    Ensures:
        - ``result in (-1, 0, 1)``
        - ``result * abs(x) == x``
    """
    return (x > 0) - (x < 0)


def divide_up(a: int, b: int) -> int:
    """Ceil.

    Requires:
        - ``b > 0``

    Ensures:
        - ``(result - 1) * b < a <= result * b``
    """
    return -(-a // b)


def factorial(n: int) -> int:
    """F.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result >= n``
    """
    r = 1
    for i in range(1, n + 1):
        r *= i
    return r


def count_even(xs: List[int]) -> int:
    """C.

    Ensures:
        - ``0 <= result <= len(xs)``
        - ``result == sum(1 for x in xs if x % 2 == 0)``
    """
    n = 0
    for x in xs:
        if x % 2 == 0:
            n += 1
    return n


def argmax(xs: List[int]) -> int:
    """A.

    Requires:
        - ``len(xs) > 0``

    Ensures:
        - ``0 <= result < len(xs)``
        - ``all(xs[result] >= x for x in xs)``
    """
    best = 0
    for i in range(1, len(xs)):
        if xs[i] > xs[best]:
            best = i
    return best


def concat(a: str, b: str) -> str:
    """C.

    Ensures:
        - ``len(result) == len(a) + len(b)``
        - ``result.startswith(a)``
        - ``result.endswith(b)``
    """
    return a + b


def initials(first: str, last: str) -> str:
    """I.

    Requires:
        - ``first and last``

    Ensures:
        - ``len(result) == 2``
    """
    return first[0] + last[0]


def tally(xs: List[str]) -> Dict[str, int]:
    """T.

    Ensures:
        - ``all(x in result for x in xs)``
        - ``len(result) <= len(xs)``
    """
    d: Dict[str, int] = {}
    for x in xs:
        if x in d:
            d[x] += 1
        else:
            d[x] = 1
    return d


def set_default(d: Dict[str, int], k: str) -> int:
    """S.

    Ensures:
        - ``k in d``
        - ``result == d[k]``
        - ``implies(old(k in d), d[k] == old(d[k]))``
    """
    if k not in d:
        d[k] = 0
    return d[k]


def checked_sqrt(n: int) -> int:
    """S.

    Ensures:
        - ``result * result <= n``
        - ``n < (result + 1) * (result + 1)``

    Raises:
        ValueError: If ``n < 0``.
    """
    if n < 0:
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
        - ``result >= 0``
    """
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


class Stack:
    """A stack.

    Invariants:
        - ``len(self.items) <= self.capacity``
        - ``self.capacity >= 0``
    """

    def __init__(self, capacity: int) -> None:
        self.capacity: int = capacity if capacity > 0 else 0
        self.items: List[int] = []

    def push(self, x: int) -> None:
        """P.

        Requires:
            - ``len(self.items) < self.capacity``

        Ensures:
            - ``len(self.items) == old(len(self.items)) + 1``
            - ``self.items[-1] == x``
        """
        self.items.append(x)

    def pop(self) -> int:
        """P.

        Requires:
            - ``len(self.items) > 0``

        Ensures:
            - ``len(self.items) == old(len(self.items)) - 1``
            - ``result == old(self.items[-1])``
        """
        return self.items.pop()

    def peek(self) -> Optional[int]:
        """P.

        Ensures:
            - ``(result is None) == (len(self.items) == 0)``
        """
        return self.items[-1] if self.items else None


class Counter:
    """C.

    Invariants:
        - ``self.n >= 0``
    """

    def __init__(self) -> None:
        self.n: int = 0

    def inc(self, by: int = 1) -> int:
        """I.

        Requires:
            - ``by >= 0``

        Ensures:
            - ``result == old(self.n) + by``
        """
        self.n += by
        return self.n


def reverse_in_place(xs: List[int]) -> None:
    """R.

    Ensures:
        - ``len(xs) == old(len(xs))``
        - ``xs == old(xs[::-1])``
    """
    xs.reverse()


def all_pos(xs: List[int]) -> bool:
    """A.

    Ensures:
        - ``result == all(x > 0 for x in xs)``
    """
    for x in xs:
        if x <= 0:
            return False
    return True


def has(xs: List[int], v: int) -> bool:
    """H.

    Ensures:
        - ``result == (v in xs)``
    """
    for x in xs:
        if x == v:
            return True
    return False


def make_adders(n: int) -> int:
    """M.

    Ensures:
        - ``result == n + 3``
    """
    fs = [lambda x, i=i: x + i for i in range(4)]
    return fs[3](n)


def swap_pair(p: Tuple[int, int]) -> Tuple[int, int]:
    """S.

    Ensures:
        - ``result == (p[1], p[0])``
    """
    a, b = p
    return b, a


def insertion(xs: List[int], v: int) -> List[int]:
    """I.

    Ensures:
        - ``v in result``
        - ``len(result) == len(xs) + 1``
    """
    return sorted(xs + [v])


def merge_bounds(a: Optional[int], b: Optional[int]) -> Optional[int]:
    """M.

    Ensures:
        - ``implies(a is None and b is None, result is None)``
        - ``implies(a is not None, result is not None and result <= a)``
    """
    if a is None:
        return b
    if b is None:
        return a
    return min(a, b)


def describe(x: Union[int, str, None]) -> str:
    """D.

    Ensures:
        - ``len(result) > 0``
    """
    if x is None:
        return "none"
    if isinstance(x, str):
        return "s" + x
    return "neg" if x < 0 else "pos"


def digits(n: int) -> int:
    """D.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``0 <= result <= 9``
    """
    while n > 9:
        n = n // 10
    return n


def evens(n: int) -> List[int]:
    """E.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``len(result) == n``
        - ``all(x % 2 == 0 for x in result)``
    """
    return [2 * i for i in range(n)]


def bubble(xs: List[int]) -> List[int]:
    """B.

    Ensures:
        - ``len(result) == len(xs)``
        - ``all(result[i] <= result[i + 1] for i in range(len(result) - 1))``
    """
    return sorted(xs)


def prefix_sums(xs: List[int]) -> List[int]:
    """P.

    Ensures:
        - ``len(result) == len(xs)``
    """
    out: List[int] = []
    t = 0
    for x in xs:
        t += x
        out.append(t)
    return out


def replace_first(xs: List[int], v: int) -> None:
    """R.

    Requires:
        - ``xs``

    Ensures:
        - ``xs[0] == v``
        - ``all(xs[i] == old(xs)[i] for i in range(1, len(xs)))``
    """
    xs[0] = v


def parity(n: int) -> str:
    """P.

    Ensures:
        - ``result == ("even" if n % 2 == 0 else "odd")``
    """
    return ["even", "odd"][n % 2]


def middle(a: int, b: int, c: int) -> int:
    """M.

    Ensures:
        - ``result in (a, b, c)``
        - ``min(a, b, c) <= result <= max(a, b, c)``
    """
    return sorted([a, b, c])[1]


def transfer(a: List[int], b: List[int]) -> None:
    """T.

    Requires:
        - ``a is not b``
        - ``len(a) > 0``

    Ensures:
        - ``len(a) == old(len(a)) - 1``
        - ``len(b) == old(len(b)) + 1``
    """
    b.append(a.pop())


def clamp(value: int, low: int, high: int) -> int:
    """Limit value.

    pre: low <= high
    post: low <= __return__ <= high
    """
    if value < low:
        return low
    if value > high:
        return high
    return value


def maximum(xs: list[int]) -> int:
    """Largest.

    Requires:
        - ``len(xs) > 0``

    Ensures:
        - ``result in xs``
        - ``all(x <= result for x in xs)``
    """
    best = xs[0]
    for x in xs[1:]:
        if x > best:
            best = x
    return best


def maximum2(xs: list[int]) -> int:
    """Largest.

    Requires:
        - ``len(xs) > 0``

    Ensures:
        - ``result in xs``
        - ``all(x <= result for x in xs)``
    """
    best = xs[0]
    i = 1
    while i < len(xs):
        if xs[i] > best:
            best = xs[i]
        i += 1
    return best


def total(xs: list[int]) -> int:
    """Sum.

    Ensures:
        - ``result == sum(xs)``
    """
    t = 0
    for x in xs:
        t += x
    return t


def positives(xs: list[int]) -> list[int]:
    """Positive ones.

    Ensures:
        - ``all(x > 0 for x in result)``
        - ``len(result) <= len(xs)``
    """
    return [x for x in xs if x > 0]


def positives2(xs: list[int]) -> list[int]:
    """Positive ones.

    Ensures:
        - ``all(x > 0 for x in result)``
        - ``len(result) <= len(xs)``
    """
    out = []
    for x in xs:
        if x > 0:
            out.append(x)
    return out


def find(xs: list[int], v: int) -> int:
    """Index or -1.

    Ensures:
        - ``-1 <= result < len(xs)``
        - ``implies(result >= 0, xs[result] == v)``
        - ``implies(result == -1, v not in xs)``
    """
    for i, x in enumerate(xs):
        if x == v:
            return i
    return -1


@dataclass
class Account:
    """An account.

    Invariants:
        - ``self.balance >= 0``
    """
    owner: str
    balance: int = 0

    def deposit(self, amount: int) -> None:
        """Put.

        Requires:
            - ``amount > 0``

        Ensures:
            - ``self.balance == old(self.balance) + amount``
        """
        self.balance += amount


def first_or(xs: Optional[list[int]], d: int) -> int:
    """First.

    Ensures:
        - ``implies(xs is None or len(xs) == 0, result == d)``
    """
    if not xs:
        return d
    return xs[0]


def binary_search(xs: list[int], v: int) -> int:
    """Search.

    Requires:
        - ``all(xs[i] <= xs[j] for i in range(len(xs)) for j in range(i, len(xs)))``

    Ensures:
        - ``implies(result >= 0, xs[result] == v)``
        - ``result < len(xs)``
    """
    lo, hi = 0, len(xs) - 1
    while lo <= hi:
        mid = (lo + hi) // 2
        if xs[mid] == v:
            return mid
        if xs[mid] < v:
            lo = mid + 1
        else:
            hi = mid - 1
    return -1


def swap(xs: list[int], i: int, j: int) -> None:
    """Swap.

    Requires:
        - ``0 <= i < len(xs)``
        - ``0 <= j < len(xs)``

    Ensures:
        - ``xs[i] == old(xs[j])``
        - ``xs[j] == old(xs[i])``
        - ``len(xs) == old(len(xs))``

    Modifies:
        - ``xs``
    """
    xs[i], xs[j] = xs[j], xs[i]


def half(n: int) -> int:
    """Half.

    Requires:
        - ``n % 2 == 0``

    Ensures:
        - ``result * 2 == n``
    """
    return n // 2


def level(mode: Literal["a", "b"], n: Union[int, str]) -> int:
    """Level.

    Ensures:
        - ``result >= 0``
    """
    if isinstance(n, str):
        return len(n)
    if mode == "a":
        return abs(n)
    assert mode == "b"
    return n * n


def gcd(a: int, b: int) -> int:
    """Gcd.

    Requires:
        - ``a >= 0 and b >= 0``

    Ensures:
        - ``result >= 0``
    """
    while b:
        a, b = b, a % b
    return a


def power(base: int, n: int) -> int:
    """Power.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``result >= 1 or base < 1``
    """
    r = 1
    for _ in range(n):
        r *= base
    return r


def rev(xs: list[int]) -> list[int]:
    """Reverse.

    Ensures:
        - ``len(result) == len(xs)``
        - ``all(result[i] == xs[len(xs) - 1 - i] for i in range(len(xs)))``
    """
    out = []
    for i in range(len(xs) - 1, -1, -1):
        out.append(xs[i])
    return out


def zeros(n: int) -> list[int]:
    """As many zeros as there is room for.

    Requires:
        - ``n >= 0``

    Ensures:
        - ``len(result) == n``
        - ``all(x == 0 for x in result)``
    """
    return [0] * n


def slug(title: str) -> str:
    """A title as a part of an address.

    Ensures:
        - ``" " not in result``
    """
    return title.strip().lower().replace(" ", "-") if title.isascii() else title.replace(" ", "-")


def setting(line: str) -> tuple[str, str]:
    """A line of settings in its two parts.

    Requires:
        - ``"=" in line``

    Ensures:
        - ``result[0] + "=" + result[1] == line``
        - ``"=" not in result[0]``
    """
    name, value = line.split("=", 1)
    return name, value


def masked(number: str) -> str:
    """A number of which the last four digits can be read.

    Ensures:
        - ``len(result) == len(number)``
        - ``result.endswith(number[-4:])``
    """
    return "*" * (len(number) - 4) + number[-4:]


def turned(letter: str, by: int) -> str:
    """A letter moved along the alphabet.

    Requires:
        - ``len(letter) == 1 and "a" <= letter <= "z"``
        - ``0 <= by < 26``

    Ensures:
        - ``len(result) == 1 and "a" <= result <= "z"``
    """
    return chr((ord(letter) - ord("a") + by) % 26 + ord("a"))


def palindrome(text: str) -> bool:
    """Whether a text reads the same from its end.

    Ensures:
        - ``result == (text == text[::-1])``
    """
    return text == "".join(reversed(text))


def filled(text: str, width: int) -> str:
    """A text in a column.

    Ensures:
        - ``len(result) == max(len(text), width)``
        - ``text in result``
    """
    return text.center(width, ".")


def base_name(path: str) -> str:
    """What follows the last slash.

    Ensures:
        - ``"/" not in result``
        - ``path.endswith(result)``
    """
    return path.rpartition("/")[2]
